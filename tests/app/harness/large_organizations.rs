//! Large organizations, filled by SQL inside the engine.

use super::{TestApp, is_postgres};

/// Fills every organization with this many people and all their rows. Only the engine itself does that in seconds.
/// Every twentieth is invited, every seventh disabled, every fifth never signed in.
pub fn gather(app: &TestApp, people: u32) {
    let (uuid, fresh, numbers, sum) = if is_postgres() {
        (
            "(lpad(to_hex(i), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(k), 12, '0'))::uuid",
            "gen_random_uuid()",
            format!("generate_series(1, {people}) AS n (i)"),
            "bigint",
        )
    } else {
        (
            "unhex(printf('%08x000070008000%012x', i, k))",
            "randomblob(16)",
            format!("(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {people}) SELECT i FROM n) AS n"),
            "integer",
        )
    };
    // Seconds since the first of March 2026.
    let at = |seconds: &str| {
        if is_postgres() {
            format!("to_timestamp(1772323200 + {seconds})")
        } else {
            format!("((1772323200 + {seconds}) * 1000000)")
        }
    };
    let status = "CASE WHEN i % 20 = 0 THEN 'invited' WHEN i % 7 = 0 THEN 'disabled' ELSE 'active' END";
    let (json, digest) = if is_postgres() {
        ("'{}'::jsonb", "decode(md5(i || '.' || k), 'hex')")
    } else {
        ("'{}'", "randomblob(32)")
    };
    let (zero, one, five) = (at("0"), at("i"), at("(i * 61 + t * 86400)"));
    let statements = [
        "CREATE TABLE crowd_organizations AS SELECT id AS organization_id, row_number() OVER (ORDER BY id) AS k FROM organizations".into(),
        format!("CREATE TABLE crowd AS SELECT {uuid} AS id, organization_id, CAST(i AS {sum}) AS i, CAST(k AS {sum}) AS k FROM crowd_organizations, {numbers}"),
        "CREATE TABLE crowd_times AS SELECT i AS t FROM crowd WHERE k = 1 AND i <= 2".into(),
        format!("INSERT INTO users (id, username, email, created_at) SELECT id, 'p' || i || '.' || k || '@example.org', 'p' || i || '.' || k || '@example.org', {zero} FROM crowd"),
        "INSERT INTO user_names (name_key, user_id) SELECT email, id FROM users WHERE email LIKE 'p%.%@example.org'".into(),
        format!("INSERT INTO passwords (user_id, hash, changed_at) SELECT id, 'none', {zero} FROM crowd WHERE i % 20 <> 0"),
        format!("INSERT INTO members (id, organization_id, kind, user_id, name, provider, status, status_at, sessions_from, last_sign_in_at, created_at, name_key, role_key, team_key, search_key) \
            SELECT id, organization_id, 'user', id, 'Person ' || i, CASE i % 5 WHEN 0 THEN 'saml' WHEN 1 THEN 'google' ELSE 'local' END, {status}, {zero}, {zero}, \
            CASE WHEN i % 5 = 0 THEN NULL ELSE {one} END, {zero}, 'person ' || ((i * 7919) % {people}), CASE WHEN i % 3 = 0 THEN 'user' ELSE 'viewer' END, 'team ' || (i % 20), \
            '  person  ' || i || '  p' || i || '.' || k || '@example.org' FROM crowd"),
        format!("INSERT INTO member_roles (organization_id, member_id, role_id, granted_at) SELECT c.organization_id, c.id, r.id, {zero} FROM crowd c \
            JOIN roles r ON r.organization_id = c.organization_id AND r.predefined = CASE WHEN i % 3 = 0 THEN 'user' ELSE 'viewer' END"),
        format!("INSERT INTO teams (id, organization_id, name, name_key, created_at) SELECT id, organization_id, 'Team ' || i, 'team ' || i, {zero} FROM crowd WHERE i <= 20"),
        "INSERT INTO team_members (organization_id, member_id, team_id) SELECT c.organization_id, c.id, t.id FROM crowd c JOIN crowd t ON t.organization_id = c.organization_id AND t.i = c.i % 20 + 1".into(),
        format!("INSERT INTO policies (id, organization_id, name, name_key, rules, created_at) SELECT id, organization_id, 'Policy ' || i, 'policy ' || i, {json}, {zero} FROM crowd WHERE i <= 5"),
        "INSERT INTO member_policies (organization_id, member_id, policy_id) SELECT c.organization_id, c.id, p.id FROM crowd c JOIN crowd p ON p.organization_id = c.organization_id AND p.i = (c.i / 50) % 5 + 1 WHERE c.i % 50 = 0".into(),
        format!("INSERT INTO sign_ins (id, organization_id, member_id, at, outcome, method, address, agent) SELECT {fresh}, organization_id, id, {five}, \
            CASE WHEN t = 1 THEN 'wrong_password' ELSE 'signed_in' END, 'password', '203.0.113.7', '' FROM crowd, crowd_times"),
        "INSERT INTO sign_in_days (organization_id, day, succeeded, failed) SELECT organization_id, 20400 + i, 5, 1 FROM crowd WHERE i <= 120".into(),
        format!("INSERT INTO audit_events (id, organization_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, address, request_id, batch_id) \
            SELECT {fresh}, organization_id, {five}, 'member', CASE WHEN i % 2 = 0 THEN first ELSE id END, 'Person', CASE WHEN i % 50 = 0 THEN 'member.disabled' ELSE 'invitation.sent' END, \
            'member', id, 'Person ' || i, '203.0.113.' || (i % 250), '', CASE WHEN i % 25 = 0 THEN first END \
            FROM (SELECT *, first_value(id) OVER (PARTITION BY k ORDER BY i) AS first FROM crowd) AS crowd, crowd_times"),
        format!("INSERT INTO outbox (id, organization_id, kind, recipient, state, created_at, due_at) SELECT id, organization_id, 'invitation', 'x@example.org', \
            CASE WHEN i = 20 THEN 'waiting' ELSE 'sent' END, {one}, {one} FROM crowd WHERE i % 4 = 0"),
        format!("INSERT INTO invitations (id, organization_id, member_id, email, created_at, sent_at, expires_at, outbox_id) SELECT id, organization_id, id, 'x@example.org', {one}, {one}, {}, id FROM crowd WHERE i % 20 = 0", at("86400 * 60")),
        format!("INSERT INTO links (id, kind, digest, user_id, created_at, expires_at) SELECT id, 'reset', {digest}, id, {one}, {one} FROM crowd WHERE i % 3 = 0"),
        format!("INSERT INTO sessions (id, digest, user_id, state, created_at, last_seen_at, address, agent) SELECT id, {digest}, id, {json}, {one}, {one}, '', '' FROM crowd WHERE i % 2 = 0"),
        "INSERT INTO throttles (bucket, empty_at) SELECT 'sign_in:' || i || '.' || k, i FROM crowd".into(),
        "DROP TABLE crowd".into(),
        "DROP TABLE crowd_times".into(),
        "DROP TABLE crowd_organizations".into(),
    ];
    for statement in &statements {
        app.execute(statement);
    }
    if is_postgres() {
        // Autovacuum does this by itself in time.
        app.tidy();
    }
}
