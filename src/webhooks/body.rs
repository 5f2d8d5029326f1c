//! The body of a delivery: thin. It says what happened to which record, and the receiver reads the rest through the API
//! with its own credential, which sees what it is allowed to see.
//!
//! Decided: names, email addresses and what people typed (reasons, descriptions) are never in it, although the audit
//! event holds them. Creating a webhook needs no permission to read the audit log, and must not replace it. Only the
//! values of [`SHOWN`] fields are sent; of the others only that they changed.

use crate::kit::{AuditEventId, MemberId, MemberKind, OrganizationId, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The longest body in bytes.
const LONGEST: usize = 20 * 1024;

/// Fields whose values are sent: states, ends, what access consists of, and the id of a request.
const SHOWN: [&str; 11] = [
    "access_request",
    "actions",
    "mode",
    "permissions",
    "plan",
    "prefix",
    "required",
    "seats",
    "status",
    "system_accounts",
    "until",
];

/// An audit event, as far as a body is made of it.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub id: AuditEventId,
    pub organization: OrganizationId,
    pub event_type: &'static str,
    pub at: Timestamp,
    pub actor: Option<MemberId>,
    pub target: Option<MemberId>,
    pub target_kind: String,
    /// The kind of the member whom it is about.
    pub member_kind: Option<MemberKind>,
    pub batch: Option<crate::kit::BatchId>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Published {
    /// The body as JSON. `sequence` counts the events of one webhook.
    pub fn body(&self, sequence: i64) -> String {
        let mut data = json!({
            "id": self.target,
            "kind": self.member_kind.map_or(self.target_kind.as_str(), |kind| kind.as_str()),
            "changed": self.changed(),
            "before": shown(self.before.as_ref()),
            "after": shown(self.after.as_ref()),
        });
        if let Some(batch) = self.batch {
            data["batch_id"] = json!(batch);
        }
        let whole = self.envelope(sequence, &data);
        if whole.len() <= LONGEST {
            return whole;
        }
        data["before"] = Value::Null;
        data["after"] = Value::Null;
        data["shortened"] = true.into();
        self.envelope(sequence, &data)
    }

    fn envelope(&self, sequence: i64, data: &Value) -> String {
        let mut body = envelope(self.event_type, self.at, self.organization, self.actor, data);
        body["sequence"] = sequence.into();
        body.to_string()
    }

    /// The names of the fields that differ.
    fn changed(&self) -> Vec<&str> {
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        let names: BTreeSet<&str> = [before, after]
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flat_map(|fields| fields.keys().map(String::as_str))
            .collect();
        let value = |side: Option<&Value>, name: &str| side.and_then(|side| side.get(name).cloned());
        names.into_iter().filter(|name| value(before, name) != value(after, name)).collect()
    }
}

/// The values of the fields that are sent.
fn shown(side: Option<&Value>) -> Value {
    let Some(fields) = side.and_then(Value::as_object) else {
        return Value::Null;
    };
    let shown = fields.iter().filter(|(name, _)| SHOWN.contains(&name.as_str()));
    Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The body of a test.
pub(super) fn ping(at: Timestamp, organization: OrganizationId, actor: Option<MemberId>) -> String {
    envelope(super::events::PING, at, organization, actor, &Value::Object(Map::new())).to_string()
}

fn envelope(event_type: &str, at: Timestamp, organization: OrganizationId, actor: Option<MemberId>, data: &Value) -> Value {
    json!({
        "type": event_type,
        "timestamp": at.iso(),
        "organization_id": organization,
        "actor": { "kind": if actor.is_some() { "member" } else { "system" }, "id": actor },
        "data": data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(before: Value, after: Value) -> Published {
        Published {
            id: AuditEventId::nobody(),
            organization: OrganizationId::nobody(),
            event_type: "member.updated",
            at: Timestamp::EPOCH,
            actor: None,
            target: Some(MemberId::nobody()),
            target_kind: "member".into(),
            member_kind: Some(MemberKind::SystemAccount),
            batch: None,
            before: Some(before),
            after: Some(after),
        }
    }

    #[test]
    fn a_body_tells_what_changed_and_no_personal_value() {
        let event = event(
            json!({ "title": "Dr", "email": "ada@example.org", "status": "active", "phone": "1" }),
            json!({ "title": "Dr", "email": "ada@example.com", "status": "disabled", "reason": "left" }),
        );
        let body: Value = serde_json::from_str(&event.body(7)).unwrap();
        assert_eq!(
            body,
            json!({
                "type": "member.updated",
                "timestamp": "1970-01-01T00:00:00Z",
                "organization_id": OrganizationId::nobody(),
                "actor": { "kind": "system", "id": null },
                "sequence": 7,
                "data": {
                    "id": MemberId::nobody(),
                    "kind": "system_account",
                    "changed": ["email", "phone", "reason", "status"],
                    "before": { "status": "active" },
                    "after": { "status": "disabled" },
                },
            })
        );
    }

    #[test]
    fn a_body_says_that_roles_and_teams_changed_and_not_what_people_call_them() {
        let event = event(
            json!({ "roles": ["User"], "team": null }),
            json!({ "roles": ["Takeover of Globex"], "team": "Takeover" }),
        );
        let text = event.body(1);
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["data"]["changed"], json!(["roles", "team"]));
        assert!(!text.contains("Takeover"), "{text}");
    }

    #[test]
    fn a_body_is_never_longer_than_20_kib() {
        let many: Vec<String> = (0..2_000).map(|number| format!("resource_{number}:read:*")).collect();
        let body = event(json!({ "permissions": [] }), json!({ "permissions": many })).body(1);
        assert!(body.len() <= LONGEST);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["data"]["shortened"], true);
        assert_eq!(body["data"]["changed"], json!(["permissions"]));
    }
}
