//! Stored events, and how rows show them.

use super::words::{self, Piece, Sentence};
use crate::{
    db::{Json, MultiBackend, schema::audit_events},
    kit::{AuditEventId, BatchId, MemberId, Pseudonym, Timestamp},
};
use diesel::prelude::*;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// Of the same facts before and after a change, those that differ.
pub fn difference(mut before: Value, mut after: Value) -> (Value, Value) {
    if let (Value::Object(before), Value::Object(after)) = (&mut before, &mut after) {
        before.retain(|name, value| after.get(name) != Some(value));
        after.retain(|name, _| before.contains_key(name));
    }
    (before, after)
}

/// Before the key of an organization's own field among the values of an event.
pub const OWN_FIELD: &str = "fields.";

/// Actions that start a bulk action.
pub(super) const STARTED: [&str; 2] = ["batch.started", "import.started"];

/// Actions by which a person is no member any more.
pub(super) const DEPARTURES: [&str; 3] = ["invitation.cancelled", "member.deleted", "member.left"];

/// One event as stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = audit_events, check_for_backend(MultiBackend))]
pub struct EventRow {
    pub id: AuditEventId,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<MemberId>,
    pub actor_name: String,
    pub action: String,
    pub target_kind: String,
    pub target_id: Option<MemberId>,
    pub target_name: String,
    pub address: String,
    pub request_id: String,
    pub batch_id: Option<BatchId>,
    pub before: Option<Json<Value>>,
    pub after: Option<Json<Value>>,
    /// The API credential that the actor used.
    pub credential: Option<String>,
}

/// One changed field with its values before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Change {
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

impl EventRow {
    /// Whether the actor is also the target.
    pub fn is_own(&self) -> bool {
        self.actor_id.is_some() && self.actor_id == self.target_id
    }
    /// Whether this event starts a bulk action and stands for all of its events.
    pub fn is_of_many(&self) -> bool {
        STARTED.contains(&self.action.as_str())
    }
    /// Whether a person is no member any more since this event, although it still names them.
    pub fn is_departure(&self) -> bool {
        let was_machine = self.before.as_ref().is_some_and(|Json(before)| before["kind"] == "system_account");
        let is_erased = self.target_id.is_some_and(|id| Pseudonym::text_for(id) == self.target_name);
        DEPARTURES.contains(&self.action.as_str()) && !was_machine && !is_erased
    }
    pub fn sentence(&self) -> Sentence {
        words::sentence(&self.action, self.is_own(), |key| self.told(key))
    }
    /// The value of this field after the event, or before it if there is none after.
    fn fact(&self, key: &str) -> Option<&str> {
        let mut sides = [&self.after, &self.before].into_iter().flatten();
        sides.find_map(|Json(side)| side.get(key)?.as_str())
    }
    /// The text for `{key}` in the sentence.
    fn told(&self, key: &str) -> Option<Piece> {
        let last_day = || self.fact("until").and_then(Timestamp::read).map(Timestamp::last_day_told);
        match key {
            "until" => last_day().map(|day| Piece::text(format!(" until {day}"))),
            // A permanent role has no end after the event, even if it had one before.
            "end" => {
                let until = self.after.as_ref().and_then(|Json(after)| after.get("until")?.as_str());
                let day = until.and_then(Timestamp::read).map(Timestamp::last_day_told);
                Some(Piece::text(day.map_or_else(|| "last for good".to_owned(), |day| format!("end on {day}"))))
            }
            "factor" => Some(match self.fact("name") {
                Some(name) => Piece::text(format!("the passkey “{name}”")),
                None => Piece::text("an authenticator app"),
            }),
            "title" => self.fact("title").map(|title| Piece::text(format!(": {title}"))),
            name => self.fact(name).map(Piece::name),
        }
    }
    pub fn label(&self) -> &str {
        words::label(&self.action)
    }
    /// The values before and after, field by field. Known ids are replaced by names.
    pub fn changes(&self, names: &HashMap<Uuid, String>) -> Vec<Change> {
        let empty = Map::new();
        let fields = |side: &Option<Json<Value>>| -> Map<String, Value> {
            match side {
                Some(Json(Value::Object(fields))) => fields.clone(),
                Some(Json(other)) => Map::from_iter([("value".to_owned(), other.clone())]),
                None => empty.clone(),
            }
        };
        let (before, after) = (fields(&self.before), fields(&self.after));
        let known = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
        known
            .map(|key| Change {
                field: title(key),
                before: before.get(key).map(|value| told(key, value, names)),
                after: after.get(key).map(|value| told(key, value, names)),
            })
            .collect()
    }
    /// All ids in the changed values.
    pub fn mentioned(&self) -> Vec<Uuid> {
        let mut found = Vec::new();
        for Json(side) in [&self.before, &self.after].into_iter().flatten() {
            mentioned(side, &mut found);
        }
        found
    }
}

fn mentioned(value: &Value, found: &mut Vec<Uuid>) {
    match value {
        Value::String(text) => found.extend(text.parse::<Uuid>().ok()),
        Value::Array(all) => all.iter().for_each(|value| mentioned(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| mentioned(value, found)),
        _ => {}
    }
}

/// Formats `idle_minutes` as `Idle minutes`.
fn title(key: &str) -> String {
    let text = key.strip_prefix(OWN_FIELD).unwrap_or(key).replace('_', " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn told(key: &str, value: &Value, names: &HashMap<Uuid, String>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => match text.parse::<Uuid>().ok().and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None => instant(key, text).unwrap_or_else(|| text.clone()),
        },
        Value::Array(all) => all.iter().map(|value| told(key, value, names)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Formats an instant for people. `until` is shown as the last valid day.
fn instant(key: &str, text: &str) -> Option<String> {
    let at = Timestamp::read(text)?;
    Some(if key == "until" { at.last_day_told() } else { at.exact() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn before_and_after_stand_side_by_side_with_names_for_ids() {
        let role = Uuid::from_u128(5);
        let line = EventRow {
            id: AuditEventId(role),
            at: Timestamp::EPOCH,
            actor_kind: "system".into(),
            actor_id: None,
            actor_name: "Roster".into(),
            action: "member.disabled".into(),
            target_kind: "member".into(),
            target_id: None,
            target_name: "Grace".into(),
            address: String::new(),
            request_id: String::new(),
            batch_id: None,
            before: Some(Json(json!({ "status": "active", "title": "Dr" }))),
            after: Some(Json(
                json!({ "status": "disabled", "title": "Dr", "new_roles": [role, "x"], "until": "2026-12-06T00:00:00Z" }),
            )),
            credential: None,
        };
        assert!(!line.is_own());
        assert_eq!(line.mentioned(), [role]);
        let told: Vec<(String, Option<String>, Option<String>, bool)> = line
            .changes(&HashMap::from([(role, "Viewer".to_owned())]))
            .into_iter()
            .map(|c| (c.field.clone(), c.before.clone(), c.after.clone(), c.is_changed()))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("Status".into(), some("active"), some("disabled"), true),
                ("Title".into(), some("Dr"), some("Dr"), false),
                ("New roles".into(), None, some("Viewer, x"), true),
                ("Until".into(), None, some("5 Dec 2026"), true),
            ]
        );
    }
}
