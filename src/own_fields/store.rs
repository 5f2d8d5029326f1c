//! Queries of declared fields, one function per statement.

use super::model::{Bearers, Choice, FieldKind, NewField, OwnField, SeenBy};
use crate::{
    db::{
        Conn, Json, Tx,
        schema::{own_field_values, own_fields},
    },
    kit::{Fault, OrganizationId, OwnFieldId, Timestamp, fold},
};
use diesel::{dsl::count_star, prelude::*};
use std::collections::HashMap;

/// Every declared field, in its order.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<OwnField>, Fault> {
    type Rules = (Bearers, SeenBy, bool, bool, bool);
    type Row = (OwnFieldId, String, String, FieldKind, String, Json<Vec<Choice>>, Rules, i64, i64);
    let rows: Vec<Row> = own_fields::table
        .filter(own_fields::organization_id.eq(organization))
        .order((own_fields::position, own_fields::id))
        .select((
            own_fields::id,
            own_fields::key,
            own_fields::name,
            own_fields::kind,
            own_fields::help,
            own_fields::choices,
            (
                own_fields::bearers,
                own_fields::seen_by,
                own_fields::is_self_edited,
                own_fields::is_asked,
                own_fields::is_required,
            ),
            own_fields::position,
            own_fields::version,
        ))
        .load(conn)?;
    let read = |(id, key, name, kind, help, Json(choices), rules, position, version): Row| {
        let (bearers, seen_by, is_self_edited, is_asked, is_required) = rules;
        OwnField {
            id,
            key,
            name,
            kind,
            help,
            choices,
            bearers,
            seen_by,
            is_self_edited,
            is_asked,
            is_required,
            position,
            version,
        }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What never changes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub key: String,
    pub kind: FieldKind,
    pub bearers: Bearers,
}

/// What can be changed of a field, as columns.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = own_fields)]
struct Changeable<'n> {
    name: &'n str,
    name_key: String,
    help: &'n str,
    choices: Json<Vec<Choice>>,
    seen_by: SeenBy,
    is_self_edited: bool,
    is_asked: bool,
    is_required: bool,
}

impl<'n> Changeable<'n> {
    fn of(new: &'n NewField) -> Self {
        Self {
            name: &new.name,
            name_key: fold::canonical(&new.name),
            help: &new.help,
            choices: Json(new.choices.clone()),
            seen_by: new.seen_by,
            is_self_edited: new.is_self_edited,
            is_asked: new.is_asked,
            is_required: new.is_required,
        }
    }
}

/// Declares a field at the end of the list. The caller checks that there is room, and that its key and name are free.
pub fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: &Identity,
    new: &NewField,
    position: i64,
    now: Timestamp,
) -> Result<OwnFieldId, Fault> {
    let id = OwnFieldId::new(now);
    diesel::insert_into(own_fields::table)
        .values((
            own_fields::organization_id.eq(organization),
            own_fields::id.eq(id),
            own_fields::key.eq(&identity.key),
            own_fields::kind.eq(identity.kind),
            own_fields::bearers.eq(identity.bearers),
            Changeable::of(new),
            own_fields::position.eq(position),
            own_fields::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Changes a declaration, if nobody changed it since that version. Returns whether it did.
pub fn update(tx: &mut Tx<'_>, organization: OrganizationId, id: OwnFieldId, version: i64, new: &NewField) -> Result<bool, Fault> {
    let row = own_fields::table.find((organization, id)).filter(own_fields::version.eq(version));
    let set = (Changeable::of(new), own_fields::version.eq(own_fields::version + 1));
    Ok(diesel::update(row).set(set).execute(tx.conn())? == 1)
}

/// Moves a field to a place in the list.
pub fn place(tx: &mut Tx<'_>, organization: OrganizationId, id: OwnFieldId, position: i64) -> Result<(), Fault> {
    let row = own_fields::table.find((organization, id));
    diesel::update(row).set(own_fields::position.eq(position)).execute(tx.conn())?;
    Ok(())
}

/// Removes a field with the values of all members.
pub fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: OwnFieldId) -> Result<(), Fault> {
    diesel::delete(own_fields::table.find((organization, id))).execute(tx.conn())?;
    Ok(())
}

/// How many members have a value of a field.
pub fn count(conn: &mut Conn, organization: OrganizationId, id: OwnFieldId) -> Result<i64, Fault> {
    let rows = own_field_values::table
        .filter(own_field_values::organization_id.eq(organization))
        .filter(own_field_values::field_id.eq(id));
    Ok(rows.count().get_result(conn)?)
}

/// How many members have each value of a field, by what is stored.
pub fn count_values(conn: &mut Conn, organization: OrganizationId, id: OwnFieldId) -> Result<HashMap<String, i64>, Fault> {
    let rows: Vec<(String, i64)> = own_field_values::table
        .filter(own_field_values::organization_id.eq(organization))
        .filter(own_field_values::field_id.eq(id))
        .group_by(own_field_values::value)
        .select((own_field_values::value, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
