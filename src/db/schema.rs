//! The tables, equal on both engines. `tests/app/schema.rs` compares this file with the result of the migrations.

use diesel::{allow_columns_to_appear_in_same_group_by_clause, allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql};

    deployment (id) {
        id -> BigInt,
        key_check -> Text,
        created_at -> UtcSql,
    }
}

table! {
    data_steps (name) {
        name -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    organizations (id) {
        id -> UuidSql,
        name -> Text,
        plan -> Text,
        seat_limit -> Nullable<BigInt>,
        system_account_limit -> Nullable<BigInt>,
        idle_minutes -> BigInt,
        absolute_minutes -> BigInt,
        two_step_required -> Bool,
        two_step_from -> Nullable<UtcSql>,
        created_at -> UtcSql,
        password_minimum -> Nullable<BigInt>,
        token_days_max -> Nullable<BigInt>,
        version -> BigInt,
        sso_from -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    users (id) {
        id -> UuidSql,
        username -> Text,
        email -> Text,
        created_at -> UtcSql,
        devices_from -> Nullable<UtcSql>,
        address_proven_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    passwords (user_id) {
        user_id -> UuidSql,
        hash -> Text,
        changed_at -> UtcSql,
        temporary_until -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    user_names (name_key) {
        name_key -> Text,
        user_id -> UuidSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    members (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        kind -> Text,
        user_id -> Nullable<UuidSql>,
        name -> Text,
        title -> Text,
        phone -> Text,
        location -> Text,
        contact -> Text,
        provider -> Text,
        status -> Text,
        status_at -> UtcSql,
        status_by -> Nullable<UuidSql>,
        status_reason -> Text,
        sessions_from -> UtcSql,
        last_sign_in_at -> Nullable<UtcSql>,
        last_api_use_at -> Nullable<UtcSql>,
        created_at -> UtcSql,
        joined_at -> Nullable<UtcSql>,
        name_key -> Text,
        role_key -> Text,
        team_key -> Text,
        search_key -> Text,
        is_current -> Bool,
        last_sign_in_key -> UtcSql,
        last_api_use_key -> UtcSql,
        version -> BigInt,
        created_by -> Nullable<UuidSql>,
        account_key -> Nullable<Text>,
        first_name -> Text,
        last_name -> Text,
        enters_without_sso -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    sent_forms (organization_id, form) {
        organization_id -> UuidSql,
        form -> Text,
        member_id -> UuidSql,
        sent_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    member_tallies (organization_id, kind, status) {
        organization_id -> UuidSql,
        kind -> Text,
        status -> Text,
        members -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    assignment_tallies (organization_id, assigned, assigned_id, kind, status) {
        organization_id -> UuidSql,
        assigned -> Text,
        assigned_id -> UuidSql,
        kind -> Text,
        status -> Text,
        members -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    roles (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        name_key -> Text,
        description -> Text,
        predefined -> Nullable<Text>,
        created_at -> UtcSql,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    role_permissions (organization_id, role_id, permission) {
        organization_id -> UuidSql,
        role_id -> UuidSql,
        permission -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    member_roles (organization_id, member_id, role_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        role_id -> UuidSql,
        granted_at -> UtcSql,
        granted_by -> Nullable<UuidSql>,
        until_at -> Nullable<UtcSql>,
        connection_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    policies (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        name_key -> Text,
        description -> Text,
        rules -> JsonSql,
        created_at -> UtcSql,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    application_permissions (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        permission -> Text,
        description -> Text,
        created_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    resource_types (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        description -> Text,
        actions -> JsonSql,
        version -> BigInt,
        created_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    member_policies (organization_id, member_id, policy_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        policy_id -> UuidSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    teams (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        name_key -> Text,
        created_at -> UtcSql,
        description -> Text,
        is_default -> Bool,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    team_members (organization_id, member_id, team_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        team_id -> UuidSql,
        is_administrator -> Bool,
        connection_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    team_roles (organization_id, team_id, role_id) {
        organization_id -> UuidSql,
        team_id -> UuidSql,
        role_id -> UuidSql,
        attached_at -> UtcSql,
        attached_by -> Nullable<UuidSql>,
        until_at -> Nullable<UtcSql>,
        is_delegated -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    own_fields (organization_id, id) {
        organization_id -> UuidSql,
        id -> UuidSql,
        key -> Text,
        name -> Text,
        name_key -> Text,
        kind -> Text,
        help -> Text,
        choices -> JsonSql,
        bearers -> Text,
        seen_by -> Text,
        is_self_edited -> Bool,
        is_asked -> Bool,
        is_required -> Bool,
        position -> BigInt,
        version -> BigInt,
        created_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::UuidSql;

    own_field_values (organization_id, member_id, field_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        field_id -> UuidSql,
        value -> Text,
        value_key -> Text,
        person_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    team_policies (organization_id, team_id, policy_id) {
        organization_id -> UuidSql,
        team_id -> UuidSql,
        policy_id -> UuidSql,
        attached_at -> UtcSql,
        attached_by -> Nullable<UuidSql>,
        until_at -> Nullable<UtcSql>,
        is_delegated -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    outbox (id) {
        id -> UuidSql,
        organization_id -> Nullable<UuidSql>,
        kind -> Text,
        recipient -> Text,
        body -> Nullable<Binary>,
        state -> Text,
        attempts -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> UtcSql,
        due_at -> UtcSql,
        ended_at -> Nullable<UtcSql>,
        leased_until -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    token_use_days (organization_id, member_id, token_id, day) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        token_id -> UuidSql,
        day -> BigInt,
        uses -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    jobs (id) {
        id -> UuidSql,
        kind -> Text,
        body -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    invitations (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        member_id -> UuidSql,
        email -> Text,
        invited_by -> Nullable<UuidSql>,
        message -> Text,
        created_at -> UtcSql,
        sent_at -> UtcSql,
        expires_at -> UtcSql,
        accepted_at -> Nullable<UtcSql>,
        void_reason -> Nullable<Text>,
        outbox_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    drafts (digest, page) {
        digest -> Binary,
        page -> Text,
        user_id -> UuidSql,
        body -> Binary,
        expires_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    links (id) {
        id -> UuidSql,
        kind -> Text,
        digest -> Binary,
        user_id -> Nullable<UuidSql>,
        organization_id -> Nullable<UuidSql>,
        invitation_id -> Nullable<UuidSql>,
        address -> Nullable<Text>,
        created_at -> UtcSql,
        expires_at -> UtcSql,
        used_at -> Nullable<UtcSql>,
        voided_at -> Nullable<UtcSql>,
        mailed_to -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    sessions (id) {
        id -> UuidSql,
        digest -> Binary,
        user_id -> UuidSql,
        state -> JsonSql,
        created_at -> UtcSql,
        last_seen_at -> UtcSql,
        password_changed_at -> Nullable<UtcSql>,
        address -> Text,
        agent -> Text,
        proved_at -> UtcSql,
        identity_id -> Nullable<UuidSql>,
        provider_session -> Nullable<Text>,
        ends_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    sign_ins (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        member_id -> UuidSql,
        at -> UtcSql,
        outcome -> Text,
        method -> Text,
        address -> Text,
        agent -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    sign_in_days (organization_id, day) {
        organization_id -> UuidSql,
        day -> BigInt,
        succeeded -> BigInt,
        failed -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    idempotency_keys (organization_id, digest) {
        digest -> Binary,
        organization_id -> UuidSql,
        request -> Binary,
        is_committed -> Bool,
        answer -> Nullable<Binary>,
        began_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;

    throttles (bucket) {
        bucket -> Text,
        empty_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    audit_events (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        at -> UtcSql,
        actor_kind -> Text,
        actor_id -> Nullable<UuidSql>,
        actor_name -> Text,
        action -> Text,
        target_kind -> Text,
        target_id -> Nullable<UuidSql>,
        target_name -> Text,
        address -> Text,
        request_id -> Text,
        batch_id -> Nullable<UuidSql>,
        before -> Nullable<JsonSql>,
        after -> Nullable<JsonSql>,
        credential -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    audit_exceptions (organization_id) {
        organization_id -> UuidSql,
        purpose -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    batches (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        kind -> Text,
        action -> JsonSql,
        started_by -> Nullable<UuidSql>,
        started_by_name -> Text,
        address -> Text,
        state -> Text,
        stopped_because -> Text,
        total -> BigInt,
        done -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        undoes -> Nullable<UuidSql>,
        created_at -> UtcSql,
        ended_at -> Nullable<UtcSql>,
        turn -> BigInt,
        query -> Text,
        subject -> Text,
        credential -> Nullable<Text>,
        token_id -> Nullable<UuidSql>,
        ceiling -> Nullable<JsonSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    latest_changes (organization_id, member_id, subject_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        subject_id -> UuidSql,
        changed_at -> UtcSql,
        changed_by_name -> Text,
        batch_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    import_files (organization_id, batch_id, position) {
        organization_id -> UuidSql,
        batch_id -> UuidSql,
        position -> BigInt,
        piece -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UuidSql};

    batch_items (organization_id, batch_id, position) {
        organization_id -> UuidSql,
        batch_id -> UuidSql,
        position -> BigInt,
        member_id -> Nullable<UuidSql>,
        name -> Text,
        email -> Text,
        payload -> Nullable<JsonSql>,
        state -> Text,
        note -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    totps (user_id) {
        user_id -> UuidSql,
        secret -> Binary,
        created_at -> UtcSql,
        last_step -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    recovery_codes (id) {
        id -> UuidSql,
        user_id -> UuidSql,
        digest -> Text,
        used_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    passkeys (id) {
        id -> UuidSql,
        user_id -> UuidSql,
        name -> Text,
        credential_id -> Binary,
        credential -> JsonSql,
        created_at -> UtcSql,
        last_used_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    tokens (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        member_id -> UuidSql,
        name -> Text,
        digest -> Binary,
        prefix -> Text,
        mode -> Text,
        permissions -> Nullable<JsonSql>,
        addresses -> Nullable<JsonSql>,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        expires_at -> Nullable<UtcSql>,
        revoked_at -> Nullable<UtcSql>,
        revoked_by -> Nullable<UuidSql>,
        last_used_at -> Nullable<UtcSql>,
        last_used_address -> Text,
        last_used_agent -> Text,
        regenerated_at -> Nullable<UtcSql>,
        regenerated_by -> Nullable<UuidSql>,
        old_digest -> Nullable<Binary>,
        old_prefix -> Text,
        old_until -> Nullable<UtcSql>,
        old_last_used_at -> Nullable<UtcSql>,
        old_last_used_address -> Text,
        old_last_used_agent -> Text,
        warned_days -> Nullable<BigInt>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    api_access (organization_id, member_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        enabled_at -> UtcSql,
        enabled_by -> Nullable<UuidSql>,
        hash -> Nullable<Text>,
        changed_at -> Nullable<UtcSql>,
        changed_by -> Nullable<UuidSql>,
        last_used_at -> Nullable<UtcSql>,
        last_used_address -> Text,
        last_used_agent -> Text,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    webhooks (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        url -> Text,
        description -> Text,
        event_types -> Nullable<JsonSql>,
        status -> Text,
        disabled_reason -> Nullable<Text>,
        failing_since -> Nullable<UtcSql>,
        last_sequence -> BigInt,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    webhook_secrets (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        webhook_id -> UuidSql,
        secret -> Binary,
        created_at -> UtcSql,
        valid_until -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    webhook_deliveries (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        webhook_id -> UuidSql,
        event_id -> UuidSql,
        event_type -> Text,
        body -> Text,
        state -> Text,
        attempts -> BigInt,
        due_at -> UtcSql,
        leased_until -> Nullable<UtcSql>,
        last_status -> Nullable<BigInt>,
        last_ms -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> UtcSql,
        ended_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    webhook_outbox (id) {
        id -> BigInt,
        organization_id -> UuidSql,
        event_id -> UuidSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    connections (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        kind -> Text,
        name -> Text,
        name_key -> Text,
        status -> Text,
        settings -> JsonSql,
        secret -> Nullable<Binary>,
        provisioning -> Text,
        links_domains -> Bool,
        grants -> JsonSql,
        granted_by -> Nullable<UuidSql>,
        counts_two_steps -> Bool,
        max_age_minutes -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        last_success_at -> Nullable<UtcSql>,
        last_failure_at -> Nullable<UtcSql>,
        last_failure -> Nullable<Text>,
        mappings -> JsonSql,
        mapped_by -> Nullable<UuidSql>,
        vouched_by -> Nullable<UuidSql>,
        mapping_trouble -> Nullable<Text>,
        mapping_trouble_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    identities (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        subject -> Text,
        user_id -> UuidSql,
        email -> Text,
        name -> Text,
        linked_at -> UtcSql,
        linked_how -> Text,
        last_used_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    deleted_identities (organization_id, connection_id, subject) {
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        subject -> Text,
        name -> Text,
        deleted_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    sso_attempts (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        state -> Binary,
        browser -> Binary,
        details -> Binary,
        created_at -> UtcSql,
        used_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    sso_arrivals (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        digest -> Binary,
        browser -> Binary,
        details -> Binary,
        expires_at -> UtcSql,
        used_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    domains (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        challenge -> Text,
        method -> Nullable<Text>,
        verified_at -> Nullable<UtcSql>,
        lost_at -> Nullable<UtcSql>,
        checked_at -> Nullable<UtcSql>,
        finding -> Nullable<Text>,
        misses -> BigInt,
        next_check_at -> Nullable<UtcSql>,
        connection_id -> Nullable<UuidSql>,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    connection_own_keys (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        state -> Text,
        certificate -> Binary,
        fingerprint -> Text,
        private_key -> Binary,
        not_after -> UtcSql,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    connection_keys (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        certificate -> Binary,
        fingerprint -> Text,
        not_after -> UtcSql,
        added_at -> UtcSql,
        added_by -> Nullable<UuidSql>,
        warned_days -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    saml_seen (organization_id, connection_id, assertion_id) {
        organization_id -> UuidSql,
        connection_id -> UuidSql,
        assertion_id -> Text,
        until -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    provisioners (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        member_id -> UuidSql,
        connection_id -> Nullable<UuidSql>,
        product -> Text,
        deletes -> Bool,
        adopts -> Bool,
        reaches_administrators -> Bool,
        gives -> JsonSql,
        allowed_roles -> JsonSql,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        version -> BigInt,
        last_call_at -> Nullable<UtcSql>,
        last_failure_at -> Nullable<UtcSql>,
        last_failure -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    provisioned_users (organization_id, member_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        provisioner_id -> UuidSql,
        external_id -> Nullable<Text>,
        user_name -> Text,
        user_name_key -> Text,
        attributes -> JsonSql,
        sent -> JsonSql,
        created_at -> UtcSql,
        updated_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    provisioned_addresses (organization_id, address_key, member_id) {
        organization_id -> UuidSql,
        address_key -> Text,
        member_id -> UuidSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    provisioned_groups (organization_id, team_id) {
        organization_id -> UuidSql,
        team_id -> UuidSql,
        provisioner_id -> UuidSql,
        external_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> UtcSql,
        updated_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    provisioning_calls (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        provisioner_id -> UuidSql,
        at -> UtcSql,
        method -> Text,
        path -> Text,
        status -> BigInt,
        detail -> Nullable<Text>,
        sent -> Nullable<Text>,
        ms -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    views (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        kind -> Text,
        member_id -> Nullable<UuidSql>,
        name -> Text,
        name_key -> Text,
        query -> Text,
        is_default -> Bool,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        updated_at -> UtcSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::UuidSql;

    default_views (organization_id, member_id, kind) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        kind -> Text,
        view_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::UuidSql;

    column_choices (organization_id, member_id, list) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        list -> Text,
        shown -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    access_requests (organization_id, id) {
        organization_id -> UuidSql,
        id -> UuidSql,
        member_id -> UuidSql,
        kind -> Text,
        subject_id -> UuidSql,
        subject_name -> Text,
        until_at -> Nullable<UtcSql>,
        granted_until_at -> Nullable<UtcSql>,
        reason -> Text,
        ticket -> Text,
        state -> Text,
        created_at -> UtcSql,
        closed_at -> Nullable<UtcSql>,
        closed_by -> Nullable<UuidSql>,
        answer -> Text,
        leaves_at -> Nullable<UtcSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{JsonSql, UtcSql, UuidSql};

    access_reviews (id) {
        id -> UuidSql,
        organization_id -> UuidSql,
        name -> Text,
        kind -> Text,
        subject_id -> Nullable<UuidSql>,
        subject -> Text,
        reviewed_by -> Text,
        until_at -> UtcSql,
        unanswered -> Text,
        state -> Text,
        lines -> BigInt,
        kept -> BigInt,
        removed -> BigInt,
        to_remove -> BigInt,
        done -> BigInt,
        failed -> BigInt,
        created_at -> UtcSql,
        created_by -> Nullable<UuidSql>,
        created_by_name -> Text,
        credential -> Nullable<Text>,
        token_id -> Nullable<UuidSql>,
        ceiling -> Nullable<JsonSql>,
        reminded_at -> Nullable<UtcSql>,
        closed_at -> Nullable<UtcSql>,
        closed_by -> Nullable<UuidSql>,
        closed_by_name -> Text,
        batch_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UuidSql};

    access_review_reviewers (organization_id, review_id, member_id) {
        organization_id -> UuidSql,
        review_id -> UuidSql,
        member_id -> UuidSql,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    access_review_lines (organization_id, review_id, position) {
        organization_id -> UuidSql,
        review_id -> UuidSql,
        position -> BigInt,
        member_id -> UuidSql,
        kind -> Text,
        name -> Text,
        email -> Text,
        team_id -> Nullable<UuidSql>,
        team -> Text,
        since_at -> Nullable<UtcSql>,
        ends_at -> Nullable<UtcSql>,
        decision -> Nullable<Text>,
        reason -> Text,
        decided_at -> Nullable<UtcSql>,
        decided_by -> Nullable<UuidSql>,
        decided_by_name -> Text,
        version -> BigInt,
        outcome -> Nullable<Text>,
        outcome_at -> Nullable<UtcSql>,
        note -> Text,
    }
}

joinable!(members -> users (user_id));
joinable!(passwords -> users (user_id));
joinable!(user_names -> users (user_id));
joinable!(sessions -> users (user_id));
joinable!(members -> organizations (organization_id));
joinable!(member_roles -> roles (role_id));
joinable!(member_roles -> members (member_id));
joinable!(role_permissions -> roles (role_id));
joinable!(team_members -> teams (team_id));
joinable!(team_members -> members (member_id));
joinable!(team_roles -> teams (team_id));
joinable!(team_roles -> roles (role_id));
joinable!(team_policies -> teams (team_id));
joinable!(own_field_values -> members (member_id));
joinable!(team_policies -> policies (policy_id));
joinable!(member_policies -> policies (policy_id));
joinable!(member_policies -> members (member_id));
joinable!(latest_changes -> members (member_id));
joinable!(invitations -> members (member_id));
joinable!(invitations -> outbox (outbox_id));
joinable!(links -> invitations (invitation_id));
joinable!(tokens -> members (member_id));
joinable!(api_access -> members (member_id));
joinable!(import_files -> batches (batch_id));
joinable!(webhook_secrets -> webhooks (webhook_id));
joinable!(webhook_deliveries -> webhooks (webhook_id));
joinable!(identities -> connections (connection_id));
joinable!(identities -> users (user_id));
joinable!(sessions -> identities (identity_id));
joinable!(domains -> connections (connection_id));
joinable!(member_roles -> connections (connection_id));
joinable!(team_members -> connections (connection_id));
joinable!(connection_keys -> connections (connection_id));
joinable!(domains -> organizations (organization_id));
joinable!(default_views -> views (view_id));
joinable!(access_requests -> members (member_id));
joinable!(provisioners -> members (member_id));
joinable!(provisioned_users -> provisioners (provisioner_id));
joinable!(provisioned_groups -> teams (team_id));
joinable!(provisioned_groups -> provisioners (provisioner_id));
joinable!(access_review_reviewers -> access_reviews (review_id));
joinable!(access_review_reviewers -> members (member_id));
joinable!(access_review_lines -> access_reviews (review_id));

allow_tables_to_appear_in_same_query!(
    deployment,
    sent_forms,
    organizations,
    users,
    passwords,
    user_names,
    members,
    member_tallies,
    assignment_tallies,
    roles,
    role_permissions,
    member_roles,
    policies,
    member_policies,
    latest_changes,
    application_permissions,
    resource_types,
    teams,
    team_members,
    team_roles,
    team_policies,
    own_fields,
    own_field_values,
    outbox,
    jobs,
    token_use_days,
    invitations,
    links,
    drafts,
    sessions,
    totps,
    recovery_codes,
    passkeys,
    sign_ins,
    sign_in_days,
    idempotency_keys,
    throttles,
    audit_events,
    audit_exceptions,
    batches,
    batch_items,
    import_files,
    tokens,
    api_access,
    webhooks,
    webhook_secrets,
    webhook_deliveries,
    webhook_outbox,
    connections,
    identities,
    deleted_identities,
    sso_attempts,
    sso_arrivals,
    domains,
    connection_keys,
    connection_own_keys,
    saml_seen,
    provisioners,
    provisioned_users,
    provisioned_addresses,
    provisioned_groups,
    provisioning_calls,
    views,
    default_views,
    column_choices,
    access_requests,
    access_reviews,
    access_review_reviewers,
    access_review_lines
);

allow_columns_to_appear_in_same_group_by_clause!(member_roles::role_id, members::kind, members::status);
