//! What the audit trail keeps of a connection, and what letters call it. It has no secret.

use super::model::{Connection, ConnectionKind};
use serde_json::{Value, json};

/// The names of the facts in letters.
const NAMES: [(&str, &str); 29] = [
    ("name", "the name"),
    ("issuer", "the issuer"),
    ("client_id", "the client ID"),
    ("secret_changed", "the client secret"),
    ("scopes", "the scopes"),
    ("two_step_acrs", "what stands for two steps"),
    ("hosted_domains", "the accepted domains"),
    ("server", "the server"),
    ("organizations", "the accepted organizations"),
    ("entity_id", "the entity ID of the provider"),
    ("sso_url", "the sign-in address of the provider"),
    ("certificates_added", "the certificates of the provider"),
    ("response_must_be_signed", "whether the response itself has to be signed"),
    ("allows_unsolicited", "whether the provider may begin a sign-in"),
    ("has_fixed_name_ids", "whether every NameID is taken as permanent"),
    ("subject_attribute", "the attribute that identifies people"),
    ("email_attribute", "the attribute with the email address"),
    ("first_name_attribute", "the attribute with the first name"),
    ("last_name_attribute", "the attribute with the last name"),
    ("name_attribute", "the attribute with the display name"),
    ("two_step_contexts", "what stands for two steps"),
    ("provisioning", "who may join"),
    ("links_domains", "whether people of verified domains are asked before they are connected"),
    ("roles", "the roles of those who join"),
    ("teams", "the teams of those who join"),
    ("policies", "the policies of those who join"),
    ("counts_two_steps", "whether two steps at the provider count"),
    ("max_age_minutes", "the longest session"),
    ("mappings", "the roles and teams that follow from what the provider says"),
];

pub(super) fn facts(connection: &Connection) -> Value {
    let (settings, grants) = (&connection.settings.0, &connection.grants.0);
    let mut facts = json!({
        "kind": connection.kind.as_str(),
        "name": connection.name,
        "issuer": settings.issuer,
        "client_id": settings.client_id,
        "scopes": settings.scopes,
        "two_step_acrs": settings.two_step_acrs,
        "hosted_domains": settings.hosted_domains,
        "server": settings.server,
        "organizations": settings.organizations,
        "provisioning": connection.provisioning.as_str(),
        "links_domains": connection.links_domains,
        "roles": grants.roles,
        "teams": grants.teams,
        "policies": grants.policies,
        "counts_two_steps": connection.counts_two_steps,
        "max_age_minutes": connection.max_age_minutes,
        "mappings": connection.mappings.0,
    });
    if let (ConnectionKind::Saml, Value::Object(facts), Ok(Value::Object(saml))) =
        (connection.kind, &mut facts, serde_json::to_value(&settings.saml))
    {
        facts.extend(saml);
    }
    facts
}

/// What differs, in words.
pub(super) fn changed(before: &Value, after: &Value) -> Vec<&'static str> {
    let differs = |(key, name): (&str, &'static str)| (before.get(key) != after.get(key)).then_some(name);
    NAMES.into_iter().filter_map(differs).collect()
}
