//! Every kind of problem that the API answers: its code, what it means, and which operations can answer it. The OpenAPI
//! document and the page of each kind (`/api/problems/{code}`) are made from this list; a test compares it with the
//! codes in the source.

use super::endpoints::{Description, Endpoint};
use utoipa::openapi::path::HttpMethod;

/// One kind of problem.
#[derive(Debug)]
pub struct ProblemKind {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    /// What a client can do.
    pub meaning: &'static str,
    pub(super) when: When,
}

/// Which operations can answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// Operations that need a credential.
    WithCredential,
    /// Operations that need a permission.
    WithPermission,
    /// Paths with an id.
    WithId,
    WithBody,
    /// Operations with a body or query parameters.
    WithInput,
    /// Operations that change something.
    OfWrite,
    OfPost,
    WithVersion,
    /// Only operations that say so, and what is no operation at all.
    Named,
}

impl When {
    pub fn applies(self, endpoint: &Endpoint, description: &Description) -> bool {
        match self {
            Self::Always => true,
            Self::WithCredential => !endpoint.is_public,
            Self::WithPermission => !endpoint.needs.is_empty(),
            Self::WithId => endpoint.path.contains('{'),
            Self::WithBody => description.has_body(),
            Self::WithInput => description.has_input(),
            Self::OfWrite => endpoint.method != HttpMethod::Get,
            Self::OfPost => endpoint.takes_idempotency_key(),
            Self::WithVersion => endpoint.is_versioned,
            Self::Named => false,
        }
    }
}

const fn kind(code: &'static str, status: u16, when: When, title: &'static str, meaning: &'static str) -> ProblemKind {
    ProblemKind { code, status, title, meaning, when }
}

/// Every kind of problem, by code.
#[rustfmt::skip]
pub const ALL: &[ProblemKind] = &[
    kind("access-review-closed", 422, When::Named, "The review is closed", "Nothing can be decided any more. Open another one."),
    kind("address-not-allowed", 403, When::WithCredential, "Not from this address", "The token is limited to some networks, and the request comes from another one."),
    kind("address-too-long", 414, When::Always, "The address is too long", "Ask with a shorter one."),
    kind("api-access-off", 401, When::WithCredential, "API access is off", "An administrator turned off the API access of the token's owner, and can turn it on again."),
    kind("batch-not-undoable", 422, When::Named, "It cannot be undone", "Deletions, letters and ended sessions cannot be taken back."),
    kind("batch-running", 422, When::Named, "It is still under way", "Wait until it has ended, or stop it."),
    kind("batch-undone", 422, When::Named, "It was undone already", "A bulk action is undone once."),
    kind("beyond-your-networks", 403, When::Named, "It reaches beyond your networks", "The caller's credential is limited to networks. A token that it creates or regenerates works from the same networks or from fewer, and it sets no API password, which would work from anywhere."),
    kind("beyond-your-permissions", 403, When::Named, "It reaches beyond your permissions", "The member, role or policy may do more than the caller; permission names what is missing. Nobody grants or takes what they do not hold."),
    kind("changed-since", 422, When::Named, "Somebody changed it since", "An action is undone only while it stands as it left the member."),
    kind("conflict", 409, When::OfWrite, "Another change came in between", "Nothing was changed. Send the request again."),
    kind("connection-incomplete", 422, When::Named, "The connection is not complete", "It needs a client ID and a client secret, or the provider and one of its certificates, before people can sign in through it."),
    kind("console-only", 403, When::Named, "Only in the console", "A credential makes no other credential for its own owner, so that an attacker who steals one cannot keep another. Sign in to the console."),
    kind("credential-malformed", 401, When::WithCredential, "The credential could not be read", "Send one header Authorization: Bearer with a token, or Basic with username and API password."),
    kind("credential-missing", 401, When::WithCredential, "A credential is missing", "Send the header Authorization: Bearer with a token, or Basic with username and API password."),
    kind("cross-site", 403, When::OfWrite, "The request comes from another site", "Browsers say where a request comes from; other sites may not change anything."),
    kind("delivery-is-test", 422, When::Named, "A test is not sent again", "Start another one."),
    kind("delivery-waiting", 422, When::Named, "It is being sent already", "Read the delivery for its result."),
    kind("domain-taken", 422, When::Named, "Another organization has verified it", "It has to remove the domain first. If it is not theirs, ask the operator of this Roster."),
    kind("idempotency-answer-lost", 409, When::OfPost, "The answer was lost", "The request with this key was carried out, but Roster stopped before it answered. Look at what it changed; do not send it with another key."),
    kind("idempotency-key-malformed", 400, When::OfPost, "The key could not be read", "An Idempotency-Key has 1 to 255 visible ASCII characters and comes once."),
    kind("idempotency-key-reused", 422, When::OfPost, "The key was used for another request", "Every request has a key of its own; only its retries have the same one."),
    kind("idempotency-key-running", 409, When::OfPost, "The first request is still running", "Ask again in a moment, with the same key."),
    kind("if-match-required", 428, When::WithVersion, "Say which version you have read", "Send the ETag of what you have read as If-Match."),
    kind("in-doubt", 503, When::OfWrite, "Not known whether it was done", "The database went away while the change was being stored. Look whether it was made, or send the request again with the same Idempotency-Key: it is not carried out twice."),
    kind("in-other-organizations", 422, When::Named, "They belong to other organizations too", "The email, the password and a single session belong to the person. Only an administrator of their only organization changes them."),
    kind("in-use", 422, When::Named, "It has members", "affected_members says how many. Send detach=true to take it from them and delete it."),
    kind("internal", 500, When::Always, "Something went wrong", "A fault of Roster. Its operator finds the cause in the log, beside the request id."),
    kind("invalid-fields", 422, When::WithInput, "Some fields are not valid", "errors names each field and what is wrong with it."),
    kind("key-change-under-way", 422, When::Named, "A change of the key is under way", "Use the next key, and remove the former one, before another one is made."),
    kind("last-administrator", 422, When::Named, "The last administrator stays", "An organization keeps at least one Administrator who can sign in. Make somebody else one first."),
    kind("last-break-glass", 422, When::Named, "The last break-glass administrator stays", "An organization that requires single sign-on keeps an Administrator who can enter without it. Name another one in the console first."),
    kind("last-certificate", 422, When::Named, "The last certificate stays", "Without it no answer of the provider could be verified. Add the new one first."),
    kind("last-connection", 422, When::Named, "The last connection stays", "An organization that requires single sign-on keeps an enabled connection. Enable another one, or stop requiring it in the console first."),
    kind("limit-reached", 422, When::Named, "There are too many", "An organization has a limited number of roles, policies, declarations, connections, domains, webhooks and views, and a person of open access requests. Delete or withdraw one first."),
    kind("malformed", 400, When::Always, "The request could not be read", "The body is not JSON, or the request breaks a rule of HTTP."),
    kind("managed", 422, When::OfWrite, "An identity provider manages it", "A provisioning client (SCIM) keeps it up to date and would send the same again. Change it at the identity provider."),
    kind("member-disabled", 401, When::WithCredential, "The owner of the credential is disabled", "An administrator can enable them again."),
    kind("method-not-allowed", 405, When::Named, "Not with this method", "Allow names the methods that the address has."),
    kind("narrowed-credential", 403, When::Named, "The credential is narrowed", "Asking for access and withdrawing a request take a credential that may do all that its owner may do, and not only read."),
    kind("needs-no-policy", 422, When::Named, "Administrators need no policy", "Administrators may do everything."),
    kind("no-seat-left", 422, When::Named, "No seat is left", "The plan of the organization is full. Disable somebody, or change the plan."),
    kind("nobody-selected", 422, When::Named, "Nobody is selected", "No member has these ids, or matches the filter."),
    kind("not-active", 422, When::Named, "They are not active", "Enable them first."),
    kind("not-for-system-accounts", 422, When::Named, "Only people can", "System accounts neither sign in nor administer teams."),
    kind("not-for-teams", 422, When::Named, "No team gives this role", "Administrators and provisioning clients are made one by one, and team administrators by the team."),
    kind("not-found", 404, When::WithId, "There is nothing here", "Nothing has this address, or it belongs to another organization."),
    kind("not-joined", 422, When::Named, "They have not joined yet", "They are invited. Cancel the invitation instead."),
    kind("not-predefined", 422, When::Named, "The role is not predefined", "Only the roles that Roster ships can be reset."),
    kind("not-your-team", 403, When::Named, "Not in one of your teams", "The caller runs the system accounts, or the members, of their own teams only."),
    kind("nothing-to-remove", 422, When::Named, "Nothing waits to be removed", "The review is open, all is removed, or the removal is under way."),
    kind("other-organization", 403, When::Named, "Not a member of this organization", "The application is for members of one organization, and the credential is of another one."),
    kind("own-access", 422, When::Named, "Nobody changes their own access", "Somebody else has to do it: status, roles, policies, teams and deletion."),
    kind("own-account", 422, When::Named, "Their own account people change themselves", "Email, password and sessions are changed on the person's own page in the console."),
    kind("permission-missing", 403, When::WithPermission, "A permission is missing", "permission names it. A role that has it can be given to the credential's owner; a narrowed or read-only token does not get wider."),
    kind("predefined-role", 422, When::Named, "The role is predefined", "Predefined roles are not deleted, and the Administrator is not changed."),
    kind("provisioning-client", 403, When::WithCredential, "Only for SCIM", "The token is of a provisioning client, which keeps people and teams up to date below /scim/v2. Use another system account."),
    kind("rate-limited", 429, When::WithCredential, "Too many requests", "Wait for Retry-After. RateLimit tells what is left before."),
    kind("request-closed", 422, When::Named, "The request is closed", "Only an open request is decided or withdrawn: it was decided or withdrawn before, or it has lapsed."),
    kind("runs-the-team", 422, When::Named, "They administer the team", "Make them an ordinary member of it first."),
    kind("second-step-missing", 403, When::WithCredential, "A second step is missing", "The organization asks everybody for two-step sign-in, and the owner of the credential has not set it up."),
    kind("selection-changed", 422, When::Named, "Others match meanwhile", "Look at the list again, and send the new number as expected."),
    kind("signs-in-elsewhere", 422, When::Named, "They sign in elsewhere", "Their identity provider keeps the password."),
    kind("single-sign-on-required", 403, When::WithCredential, "Only single sign-on opens the organization", "It admits people through its identity provider only, so API passwords do not work. Use a token."),
    kind("still-used", 422, When::Named, "A role or policy names it", "Take it out of the roles that hold the permission, or the policies that name the resource type and its actions, first."),
    kind("switched-off", 422, When::Named, "Somebody else disabled it", "Anyone who manages all system accounts can enable it."),
    kind("system-account-required", 403, When::Named, "This is for system accounts", "Create a system account for the service, with a token of its own."),
    kind("token-ended", 422, When::Named, "The token has ended", "It was revoked or has expired. Create a new one."),
    kind("token-expired", 401, When::WithCredential, "The token has expired", "Create a new one, or regenerate it."),
    kind("token-in-address", 400, When::WithCredential, "A token does not belong in an address", "Logs and histories keep addresses. Revoke the token, and send the new one in the header."),
    kind("token-malformed", 401, When::WithCredential, "This is no token of Roster", "Its length or checksum is wrong: look for a missing or mistyped character."),
    kind("token-replaced", 401, When::WithCredential, "The token has a new value", "It was regenerated, and the old value does not work any more."),
    kind("token-revoked", 401, When::WithCredential, "The token was revoked", "Create a new one."),
    kind("token-unknown", 401, When::WithCredential, "The token is not known", "It is of another Roster, or its owner was deleted."),
    kind("too-large", 413, When::WithBody, "The request is too large", "Send less at once."),
    kind("too-many-attempts", 429, When::WithCredential, "Too many attempts", "Wait for Retry-After."),
    kind("too-many-checks", 429, When::Named, "Too many checks", "Wait for Retry-After. An organization has its domains looked for only so often."),
    kind("too-many-letters", 429, When::Named, "Too many letters", "Wait for Retry-After. Each person gets only so many letters, and each member sends only so many invitations."),
    kind("too-many-tests", 429, When::Named, "Too many tests", "Wait for Retry-After. An organization tests its webhooks only so often."),
    kind("too-many-tokens", 422, When::Named, "There are too many tokens", "A member has at most a hundred. Revoke some that are not used any more."),
    kind("unavailable", 503, When::Always, "Not available at the moment", "Nothing was changed. Ask again in a few seconds."),
    kind("unbounded-token", 422, When::Named, "The token has no bounds", "It may do whatever its member may do later, which can be more than the caller may. Create a new one, which is narrowed to what the member may do today."),
    kind("unsupported-media-type", 415, When::WithBody, "Not in this format", "Send application/json, not compressed."),
    kind("version-changed", 412, When::WithVersion, "Somebody changed it meanwhile", "Read it again, and send the new ETag as If-Match."),
    kind("webhook-disabled", 422, When::Named, "The webhook is disabled", "Enable it first."),
    kind("without-api-access", 422, When::Named, "They have no API access", "Turn it on first."),
    kind("wrong-host", 421, When::Always, "This is not the address of Roster", "Ask at the address that Roster is configured with."),
    kind("wrong-password", 401, When::WithCredential, "Username or API password is wrong", "The password that opens the console does not open the API."),
];

/// A kind by its code.
pub fn find(code: &str) -> Option<&'static ProblemKind> {
    ALL.iter().find(|kind| kind.code == code)
}
