//! The table of every route and what it needs. A route that is missing in it fails the first test.

use crate::harness::{assert_none, mounted};
pub use crate::route_walk::{Place, inside, knock, prepared, state};
use std::collections::BTreeSet;

/// What a request needs so that it is not refused.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Needs {
    /// Nothing. A visitor without any credentials gets this status.
    Nothing(u16),
    /// A session.
    SignIn,
    /// A token, or username and API password. A session does not count.
    Credential,
    /// Membership in the organization, and this permission.
    Permission(&'static str),
}
use Needs::{Credential, Nothing, Permission, SignIn};

const READ: Needs = Permission("user:read:*");
const AUDIT: Needs = Permission("audit:read:*");
const TEAMS: Needs = Permission("team:read:*");
const RUN_TEAMS: Needs = Permission("team:manage:*");
const INVITE: Needs = Permission("user:invite:*");
const MANAGE: Needs = Permission("user:manage:*");
const ACCOUNT: Needs = Permission("system_account:read:*");
const ACCOUNTS: Needs = Permission("system_account:manage:*");
/// What the default role of people holds: running the system accounts of one's teams.
const RUN: Needs = Permission("system_account:manage:team");
/// The caller's own data: membership in the organization is enough.
const OWN: Needs = Permission("own");
const ORGANIZATION: Needs = Permission("organization:read:*");
const ROLES: Needs = Permission("role:read:*");
const MANAGE_ROLES: Needs = Permission("role:manage:*");
const POLICIES: Needs = Permission("policy:read:*");
const MANAGE_POLICIES: Needs = Permission("policy:manage:*");
const OWN_TOKENS: Needs = Permission("token:manage:own");
const SETTINGS: Needs = Permission("organization:manage:*");

#[rustfmt::skip]
pub const ROUTES: &[(&str, &str, Needs)] = &[
    ("GET",  "/health", Nothing(200)),
    ("GET",  "/ready", Nothing(200)),
    ("GET",  "/static/{name}", Nothing(404)),
    ("GET",  "/favicon.ico", Nothing(200)),
    ("GET",  "/", Nothing(303)),
    ("GET",  "/sign-in", Nothing(200)),
    ("POST", "/sign-in", Nothing(400)),
    ("POST", "/sign-out", Nothing(303)),
    ("GET",  "/sign-in/second-step", Nothing(303)),
    ("POST", "/sign-in/second-step", Nothing(303)),
    ("GET",  "/sign-in/passkey", Nothing(200)),
    ("POST", "/sign-in/passkey", Nothing(422)),
    ("GET",  "/sign-in/again", SignIn),
    ("GET",  "/sign-in/application", SignIn),
    ("POST", "/sign-in/again", SignIn),
    ("GET",  "/two-step", SignIn),
    ("GET",  "/two-step/authenticator", SignIn),
    ("POST", "/two-step/authenticator", SignIn),
    ("GET",  "/two-step/authenticator/removal", SignIn),
    ("POST", "/two-step/authenticator/removal", SignIn),
    ("GET",  "/two-step/recovery-codes", SignIn),
    ("POST", "/two-step/recovery-codes", SignIn),
    ("GET",  "/two-step/passkeys/new", SignIn),
    ("POST", "/two-step/passkeys/new", SignIn),
    ("GET",  "/two-step/passkeys/{passkey}", SignIn),
    ("POST", "/two-step/passkeys/{passkey}", SignIn),
    ("GET",  "/two-step/passkeys/{passkey}/removal", SignIn),
    ("POST", "/two-step/passkeys/{passkey}/removal", SignIn),
    ("GET",  "/o/{organization}/me/two-step", READ),
    ("GET",  "/o/{organization}/settings/two-step", SETTINGS),
    ("POST", "/o/{organization}/settings/two-step", SETTINGS),
    ("GET",  "/o/{organization}/users/{member}/two-step", MANAGE),
    ("POST", "/o/{organization}/users/{member}/two-step", MANAGE),
    ("GET",  "/setup", Nothing(410)),
    ("POST", "/setup", Nothing(410)),
    ("GET",  "/setup/{secret}", Nothing(303)),
    ("GET",  "/password/forgotten", Nothing(200)),
    ("POST", "/password/forgotten", Nothing(400)),
    ("GET",  "/password/reset", Nothing(410)),
    ("POST", "/password/reset", Nothing(400)),
    ("GET",  "/password/reset/{secret}", Nothing(303)),
    ("GET",  "/password/change", SignIn),
    ("POST", "/password/change", SignIn),
    ("GET",  "/email", Nothing(410)),
    ("POST", "/email", Nothing(410)),
    ("GET",  "/email/{secret}", Nothing(303)),
    ("GET",  "/o/{organization}/me", SignIn),
    ("POST", "/o/{organization}/me", SignIn),
    ("GET",  "/o/{organization}/me/email", SignIn),
    ("POST", "/o/{organization}/me/email", SignIn),
    ("POST", "/o/{organization}/me/email/renewal", SignIn),
    ("POST", "/o/{organization}/me/email/cancellation", SignIn),
    ("GET",  "/alarm", Nothing(410)),
    ("POST", "/alarm", Nothing(410)),
    ("GET",  "/alarm/{secret}", Nothing(303)),
    ("GET",  "/invitation", Nothing(410)),
    ("POST", "/invitation", Nothing(410)),
    ("POST", "/invitation/request", Nothing(200)),
    ("GET",  "/invitation/{secret}", Nothing(303)),
    ("GET",  "/o/{organization}", READ),
    ("GET",  "/o/{organization}/users", READ),
    ("GET",  "/o/{organization}/users/export", READ),
    ("GET",  "/o/{organization}/users/new", MANAGE),
    ("POST", "/o/{organization}/users", MANAGE),
    ("GET",  "/o/{organization}/users/{member}", READ),
    ("POST", "/o/{organization}/users/{member}", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/email", MANAGE),
    ("POST", "/o/{organization}/users/{member}/email", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/activity", READ),
    ("GET",  "/o/{organization}/users/{member}/sessions", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/sessions/deletion", MANAGE),
    ("POST", "/o/{organization}/users/{member}/sessions/deletion", MANAGE),
    ("POST", "/o/{organization}/users/{member}/sessions/{session}/deletion", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/password", MANAGE),
    ("POST", "/o/{organization}/users/{member}/password", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/password/temporary", MANAGE),
    ("POST", "/o/{organization}/users/{member}/password/temporary", MANAGE),
    ("GET",  "/o/{organization}/me/sessions", OWN),
    ("POST", "/o/{organization}/me/sessions/deletion", OWN),
    ("POST", "/o/{organization}/me/sessions/{session}/deletion", OWN),
    ("GET",  "/o/{organization}/me/access", OWN),
    ("GET",  "/o/{organization}/me/activity", OWN),
    ("GET",  "/o/{organization}/me/password", OWN),
    ("POST", "/o/{organization}/me/password", OWN),
    ("GET",  "/o/{organization}/users/{member}/disablement", MANAGE),
    ("POST", "/o/{organization}/users/{member}/disablement", MANAGE),
    ("POST", "/o/{organization}/users/{member}/enablement", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/roles", READ),
    ("POST", "/o/{organization}/users/{member}/roles", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/administration", MANAGE),
    ("POST", "/o/{organization}/users/{member}/administration", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/administration/deletion", MANAGE),
    ("POST", "/o/{organization}/users/{member}/administration/deletion", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/deletion", MANAGE),
    ("POST", "/o/{organization}/users/{member}/deletion", MANAGE),
    ("GET",  "/o/{organization}/system-accounts/{member}", ACCOUNT),
    ("POST", "/o/{organization}/system-accounts/{member}", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts", ACCOUNT),
    ("POST", "/o/{organization}/system-accounts", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/new", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/export", ACCOUNT),
    ("GET",  "/o/{organization}/system-accounts/{member}/roles", ACCOUNT),
    ("POST", "/o/{organization}/system-accounts/{member}/roles", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/history", AUDIT),
    ("GET",  "/o/{organization}/system-accounts/{member}/disablement", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/disablement", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/enablement", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/administration", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/administration", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/administration/deletion", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/administration/deletion", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/deletion", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/deletion", ACCOUNTS),
    ("GET",  "/o/{organization}/settings", ORGANIZATION),
    ("POST", "/o/{organization}/settings", SETTINGS),
    ("GET",  "/o/{organization}/settings/mail", ORGANIZATION),
    ("POST", "/o/{organization}/settings/mail", SETTINGS),
    ("POST", "/o/{organization}/settings/mail/attempts", SETTINGS),
    ("GET",  "/o/{organization}/roles", ROLES),
    ("POST", "/o/{organization}/roles", MANAGE_ROLES),
    ("GET",  "/o/{organization}/roles/new", MANAGE_ROLES),
    ("GET",  "/o/{organization}/roles/predefined", MANAGE_ROLES),
    ("POST", "/o/{organization}/roles/predefined", MANAGE_ROLES),
    ("GET",  "/o/{organization}/roles/{role}", ROLES),
    ("POST", "/o/{organization}/roles/{role}", MANAGE_ROLES),
    ("GET",  "/o/{organization}/roles/{role}/deletion", MANAGE_ROLES),
    ("POST", "/o/{organization}/roles/{role}/deletion", MANAGE_ROLES),
    ("GET",  "/o/{organization}/settings/permissions", ORGANIZATION),
    ("POST", "/o/{organization}/settings/permissions", SETTINGS),
    ("GET",  "/o/{organization}/settings/permissions/{permission}", SETTINGS),
    ("POST", "/o/{organization}/settings/permissions/{permission}", SETTINGS),
    ("GET",  "/o/{organization}/settings/permissions/{permission}/deletion", SETTINGS),
    ("POST", "/o/{organization}/settings/permissions/{permission}/deletion", SETTINGS),
    ("GET",  "/o/{organization}/settings/resource-types", ORGANIZATION),
    ("POST", "/o/{organization}/settings/resource-types", SETTINGS),
    ("GET",  "/o/{organization}/settings/resource-types/{type}", SETTINGS),
    ("POST", "/o/{organization}/settings/resource-types/{type}", SETTINGS),
    ("GET",  "/o/{organization}/settings/resource-types/{type}/deletion", SETTINGS),
    ("POST", "/o/{organization}/settings/resource-types/{type}/deletion", SETTINGS),
    ("GET",  "/o/{organization}/policies", POLICIES),
    ("POST", "/o/{organization}/policies", MANAGE_POLICIES),
    ("GET",  "/o/{organization}/policies/new", MANAGE_POLICIES),
    ("GET",  "/o/{organization}/policies/{policy}", POLICIES),
    ("POST", "/o/{organization}/policies/{policy}", MANAGE_POLICIES),
    ("GET",  "/o/{organization}/policies/{policy}/deletion", MANAGE_POLICIES),
    ("POST", "/o/{organization}/policies/{policy}/deletion", MANAGE_POLICIES),
    ("GET",  "/o/{organization}/bulk", MANAGE),
    ("GET",  "/o/{organization}/batches", RUN),
    ("POST", "/o/{organization}/batches", MANAGE),
    ("GET",  "/o/{organization}/batches/{batch}", RUN),
    ("POST", "/o/{organization}/batches/{batch}/end", RUN),
    ("GET",  "/o/{organization}/batches/{batch}/reversal", RUN),
    ("POST", "/o/{organization}/batches/{batch}/reversal", RUN),
    ("GET",  "/o/{organization}/teams", TEAMS),
    ("POST", "/o/{organization}/teams", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/new", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/{team}", TEAMS),
    ("POST", "/o/{organization}/teams/{team}", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/{team}/edit", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/{team}/deletion", RUN_TEAMS),
    ("POST", "/o/{organization}/teams/{team}/deletion", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/{team}/members/new", RUN_TEAMS),
    ("POST", "/o/{organization}/teams/{team}/members", RUN_TEAMS),
    ("POST", "/o/{organization}/teams/{team}/members/deletion", RUN_TEAMS),
    ("GET",  "/o/{organization}/teams/{team}/members/{member}/administration", RUN_TEAMS),
    ("POST", "/o/{organization}/teams/{team}/members/{member}/administration", RUN_TEAMS),
    ("POST", "/o/{organization}/teams/{team}/members/{member}/administration/deletion", RUN_TEAMS),
    ("GET",  "/o/{organization}/users/{member}/history", AUDIT),
    ("GET",  "/o/{organization}/audit", AUDIT),
    ("GET",  "/o/{organization}/audit/export", AUDIT),
    ("POST", "/o/{organization}/imports", MANAGE),
    ("GET",  "/o/{organization}/imports/new", MANAGE),
    ("GET",  "/o/{organization}/imports/{batch}", MANAGE),
    ("POST", "/o/{organization}/imports/{batch}", MANAGE),
    ("POST", "/o/{organization}/imports/{batch}/columns", MANAGE),
    ("POST", "/o/{organization}/imports/{batch}/deletion", MANAGE),
    ("POST", "/o/{organization}/imports/{batch}/end", MANAGE),
    ("GET",  "/o/{organization}/imports/{batch}/result.csv", MANAGE),
    ("GET",  "/o/{organization}/invitations", INVITE),
    ("POST", "/o/{organization}/invitations", INVITE),
    ("GET",  "/o/{organization}/invitations/new", INVITE),
    ("GET",  "/o/{organization}/invitations/sent", INVITE),
    ("GET",  "/o/{organization}/invitations/{invitation}/cancellation", INVITE),
    ("POST", "/o/{organization}/invitations/{invitation}/cancellation", INVITE),
    ("POST", "/o/{organization}/invitations/{invitation}/renewal", INVITE),
    ("GET",  "/o/{organization}/invitations/{invitation}/link", INVITE),
    ("POST", "/o/{organization}/invitations/{invitation}/link", INVITE),
    ("GET",  "/o/{organization}/batches/{batch}/links", INVITE),
    ("POST", "/o/{organization}/batches/{batch}/links", INVITE),
    ("GET",  "/o/{organization}/me/tokens", OWN),
    ("POST", "/o/{organization}/me/tokens", OWN_TOKENS),
    ("GET",  "/o/{organization}/me/tokens/new", OWN_TOKENS),
    ("GET",  "/o/{organization}/me/tokens/{token}", OWN_TOKENS),
    ("POST", "/o/{organization}/me/tokens/{token}", OWN_TOKENS),
    ("GET",  "/o/{organization}/me/tokens/{token}/regeneration", OWN_TOKENS),
    ("POST", "/o/{organization}/me/tokens/{token}/regeneration", OWN_TOKENS),
    ("GET",  "/o/{organization}/me/tokens/{token}/retirement", OWN),
    ("POST", "/o/{organization}/me/tokens/{token}/retirement", OWN),
    ("GET",  "/o/{organization}/me/tokens/{token}/revocation", OWN),
    ("POST", "/o/{organization}/me/tokens/{token}/revocation", OWN),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/tokens", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens/new", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens/{token}", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/tokens/{token}", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens/{token}/regeneration", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/tokens/{token}/regeneration", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens/{token}/retirement", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/tokens/{token}/retirement", ACCOUNTS),
    ("GET",  "/o/{organization}/system-accounts/{member}/tokens/{token}/revocation", ACCOUNTS),
    ("POST", "/o/{organization}/system-accounts/{member}/tokens/{token}/revocation", ACCOUNTS),
    ("GET",  "/o/{organization}/users/{member}/tokens/{token}/retirement", MANAGE),
    ("POST", "/o/{organization}/users/{member}/tokens/{token}/retirement", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/tokens/{token}/revocation", MANAGE),
    ("POST", "/o/{organization}/users/{member}/tokens/{token}/revocation", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/api", MANAGE),
    ("POST", "/o/{organization}/users/{member}/api/enablement", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/api/disablement", MANAGE),
    ("POST", "/o/{organization}/users/{member}/api/disablement", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/api/password", MANAGE),
    ("POST", "/o/{organization}/users/{member}/api/password", MANAGE),
    ("GET",  "/o/{organization}/users/{member}/api/password/deletion", MANAGE),
    ("POST", "/o/{organization}/users/{member}/api/password/deletion", MANAGE),
    ("GET",  "/api/v1/me", Credential),
    ("POST", "/api/v1/authorize", Credential),
    ("GET",    "/api", Nothing(200)),
    ("GET",    "/api/everything", Nothing(200)),
    ("GET",    "/api/resources/{name}", Nothing(404)),
    ("GET",    "/api/problems", Nothing(200)),
    ("GET",    "/api/problems/{name}", Nothing(404)),
    ("GET",    "/api/v1/openapi.json", Nothing(200)),
    ("GET",    "/api/v1/users", Credential),
    ("POST", "/api/v1/users", Credential),
    ("GET",    "/api/v1/users/{id}", Credential),
    ("PATCH",  "/api/v1/users/{id}", Credential),
    ("DELETE", "/api/v1/users/{id}", Credential),
    ("PUT", "/api/v1/users/{id}/disablement", Credential),
    ("DELETE", "/api/v1/users/{id}/disablement", Credential),
    ("PUT", "/api/v1/users/{id}/administration", Credential),
    ("DELETE", "/api/v1/users/{id}/administration", Credential),
    ("PUT", "/api/v1/users/{id}/roles/{role_id}", Credential),
    ("DELETE", "/api/v1/users/{id}/roles/{role_id}", Credential),
    ("PUT", "/api/v1/users/{id}/policies/{policy_id}", Credential),
    ("DELETE", "/api/v1/users/{id}/policies/{policy_id}", Credential),
    ("PUT", "/api/v1/users/{id}/teams/{team_id}", Credential),
    ("DELETE", "/api/v1/users/{id}/teams/{team_id}", Credential),
    ("GET",    "/api/v1/users/export", Credential),
    ("GET",    "/api/v1/system_accounts/export", Credential),
    ("GET",    "/api/v1/audit_events", Credential),
    ("GET",    "/api/v1/audit_events/export", Credential),
    ("POST",   "/api/v1/bulk", Credential),
    ("GET",    "/api/v1/batches", Credential),
    ("GET",    "/api/v1/batches/{id}", Credential),
    ("GET",    "/api/v1/batches/{id}/items", Credential),
    ("POST",   "/api/v1/batches/{id}/end", Credential),
    ("POST",   "/api/v1/batches/{id}/undo", Credential),
    ("PUT", "/api/v1/users/{id}/email", Credential),
    ("POST", "/api/v1/users/{id}/password_reset", Credential),
    ("GET", "/api/v1/users/{id}/sessions", Credential),
    ("DELETE", "/api/v1/users/{id}/sessions", Credential),
    ("DELETE", "/api/v1/users/{id}/sessions/{session_id}", Credential),
    ("GET", "/api/v1/users/{id}/sign_ins", Credential),
    ("PUT", "/api/v1/users/{id}/api_access", Credential),
    ("DELETE", "/api/v1/users/{id}/api_access", Credential),
    ("PUT", "/api/v1/users/{id}/api_password", Credential),
    ("DELETE", "/api/v1/users/{id}/api_password", Credential),
    ("GET", "/api/v1/users/{id}/tokens", Credential),
    ("GET",    "/api/v1/system_accounts", Credential),
    ("POST", "/api/v1/system_accounts", Credential),
    ("GET",    "/api/v1/system_accounts/{id}", Credential),
    ("PATCH",  "/api/v1/system_accounts/{id}", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}", Credential),
    ("PUT", "/api/v1/system_accounts/{id}/disablement", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}/disablement", Credential),
    ("PUT", "/api/v1/system_accounts/{id}/administration", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}/administration", Credential),
    ("PUT", "/api/v1/system_accounts/{id}/roles/{role_id}", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}/roles/{role_id}", Credential),
    ("PUT", "/api/v1/system_accounts/{id}/policies/{policy_id}", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}/policies/{policy_id}", Credential),
    ("PUT", "/api/v1/system_accounts/{id}/teams/{team_id}", Credential),
    ("DELETE", "/api/v1/system_accounts/{id}/teams/{team_id}", Credential),
    ("POST", "/api/v1/authorize/batch", Credential),
    ("GET",  "/api/v1/members/{member}/permissions", Credential),
    ("POST", "/api/v1/introspect", Credential),
    ("GET",  "/api/v1/forward_auth", Credential),
    ("POST", "/api/v1/tokens/leaked", Nothing(415)),
    ("GET", "/api/v1/system_accounts/{id}/tokens", Credential),
    ("POST", "/api/v1/system_accounts/{id}/tokens", Credential),
    ("GET", "/api/v1/tokens/{id}", Credential),
    ("PATCH", "/api/v1/tokens/{id}", Credential),
    ("DELETE", "/api/v1/tokens/{id}", Credential),
    ("POST", "/api/v1/tokens/{id}/regeneration", Credential),
    ("DELETE", "/api/v1/tokens/{id}/old_value", Credential),
    ("GET", "/api/v1/invitations", Credential),
    ("POST", "/api/v1/invitations", Credential),
    ("GET", "/api/v1/invitations/{id}", Credential),
    ("DELETE", "/api/v1/invitations/{id}", Credential),
    ("POST", "/api/v1/invitations/{id}/resend", Credential),
    ("POST", "/api/v1/invitations/{id}/link", Credential),
];

#[test]
fn every_route_is_in_the_table() {
    let known: BTreeSet<(String, String)> = ROUTES.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    assert_eq!(known.len(), ROUTES.len(), "a route stands twice");
    assert_eq!(mounted(), known);
}

#[actix_web::test]
async fn visitors_are_answered_where_the_door_is_open_and_asked_to_sign_in_elsewhere() {
    let (app, _, place) = prepared().await;
    let before = state(&app);
    let mut wrong = Vec::new();
    for (method, path, needs) in ROUTES {
        let visitor = app.visitor();
        visitor.get("/sign-in").await;
        let page = knock(&visitor, &method.parse().expect("a method"), &place.fill(path)).await;
        let to = page.went.first().cloned().unwrap_or_default();
        let is_right = match needs {
            Nothing(status) => page.status == *status,
            Credential => page.status == 401,
            SignIn | Permission(_) => page.status == 303 && to.starts_with("/sign-in"),
        };
        if !is_right {
            wrong.push(format!("{method} {path} answered {} {to}, needs {needs:?}", page.status));
        }
    }
    assert_none("visitors", wrong);
    assert_eq!(state(&app), before);
}

#[actix_web::test]
async fn visitors_do_not_learn_what_exists() {
    let (app, _, place) = prepared().await;
    let nowhere = Place {
        organization: uuid::Uuid::nil().to_string(),
        member: uuid::Uuid::nil().to_string(),
        team: "019cdc1f-d680-7000-8000-000000000002".into(),
        account: uuid::Uuid::nil().to_string(),
        invitation: uuid::Uuid::nil().to_string(),
    };
    for (method, path, _) in inside() {
        let visitor = app.visitor();
        visitor.get("/sign-in").await;
        let there = knock(&visitor, &method, &place.fill(path)).await;
        let not_there = knock(&visitor, &method, &nowhere.fill(path)).await;
        assert_eq!(there.status, not_there.status, "{method} {path}");
        assert_eq!(there.body.len(), not_there.body.len(), "{method} {path}");
    }
}
