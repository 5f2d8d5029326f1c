//! The organization's own fields of a member as JSON: by the key of each field.

use crate::{
    api::Caller,
    db::{Conn, Db},
    kit::{Fault, MemberId, MemberKind, OwnFieldId, Scope, rights},
    own_fields::{self, OwnField, Standing, Values},
    web::{self, FieldError, Problem},
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Values to set, by key: text, or a number for a field of that kind. Null empties a field.
pub(super) type SentFields = BTreeMap<String, Value>;
/// What answers tell, by key. Null where nothing is known.
pub(super) type ToldFields = BTreeMap<String, Option<String>>;

/// The fields of several members.
pub(super) struct OwnFields {
    kind: MemberKind,
    fields: Vec<OwnField>,
    values: HashMap<MemberId, Values>,
    may_manage: bool,
    me: Option<MemberId>,
}

impl OwnFields {
    pub fn of(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<Self, Fault> {
        let fields = own_fields::list(conn, scope.organization)?;
        Ok(Self {
            kind,
            values: own_fields::of_members(conn, scope.organization, &fields, ids)?,
            fields,
            may_manage: scope.may(rights::manage(kind)),
            me: scope.actor.member_id(),
        })
    }
    /// Those that the caller sees.
    pub fn told(&mut self, id: MemberId) -> ToldFields {
        let standing = Standing { is_me: self.me == Some(id), may_manage: self.may_manage };
        let mut values = self.values.remove(&id).unwrap_or_default();
        let seen = self.fields.iter().filter(|field| field.bearers.has(self.kind) && field.is_seen(standing));
        seen.map(|field| (field.key.clone(), values.remove(&field.id).map(|value| value.text))).collect()
    }
}

/// The values that were sent, by field.
///
/// # Errors
/// The keys that are not declared, and the values that are neither text nor number.
pub(super) async fn read(
    db: &Db,
    caller: &Caller,
    kind: MemberKind,
    sent: Option<SentFields>,
) -> web::Result<BTreeMap<OwnFieldId, String>> {
    let Some(sent) = sent.filter(|sent| !sent.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let fields = caller.read(db, |conn, scope| own_fields::list(conn, scope.organization)).await?;
    let (mut all, mut errors) = (BTreeMap::new(), Vec::new());
    for (key, value) in sent {
        let place = format!("/fields/{key}");
        let Some(field) = fields.iter().find(|field| field.key == key && field.bearers.has(kind)) else {
            errors.push(FieldError::new(place, "unknown", "No such field is declared."));
            continue;
        };
        match value {
            Value::Null => drop(all.insert(field.id, String::new())),
            Value::String(text) => drop(all.insert(field.id, text)),
            Value::Number(number) => drop(all.insert(field.id, number.to_string())),
            _ => errors.push(FieldError::new(place, "invalid", "Send text, a number or null.")),
        }
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(Problem::fields(errors).into())
    }
}
