//! Queries of members' values, one function per statement.

use super::{
    model::{FieldKind, OwnField, Value},
    value::Canonical,
};
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{members, own_field_values, users},
    },
    kit::{Fault, MemberId, MemberKind, OrganizationId, OwnFieldId, fold},
    users as identities,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The values of one member, by field.
pub type Values = HashMap<OwnFieldId, Value>;

/// The values of these members, all in one query. Members without any are left out.
pub fn of_members(
    conn: &mut Conn,
    organization: OrganizationId,
    fields: &[OwnField],
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Values>, Fault> {
    type Row = (MemberId, OwnFieldId, String, Option<String>, Option<String>);
    if fields.is_empty() || ids.is_empty() {
        return Ok(HashMap::new());
    }
    let person = members::table.on(members::organization_id
        .eq(own_field_values::organization_id)
        .and(members::id.nullable().eq(own_field_values::person_id)));
    let rows: Vec<Row> = own_field_values::table
        .left_join(person)
        .left_join(users::table.on(users::id.nullable().eq(members::user_id)))
        .filter(own_field_values::organization_id.eq(organization))
        .filter(own_field_values::member_id.among(ids))
        .select((
            own_field_values::member_id,
            own_field_values::field_id,
            own_field_values::value,
            members::name.nullable(),
            users::email.nullable(),
        ))
        .load(conn)?;
    let mut all: HashMap<MemberId, Values> = HashMap::new();
    for (member, id, text, name, email) in rows {
        let Some(field) = fields.iter().find(|field| field.id == id) else {
            continue;
        };
        let (told, typed) = match field.kind {
            FieldKind::Choice => (field.label_of(&text).to_owned(), text.clone()),
            FieldKind::Person => (name.unwrap_or_default(), email.unwrap_or_default()),
            _ => (text.clone(), text.clone()),
        };
        let value = Value { kind: field.kind, text, told, typed };
        all.entry(member).or_default().insert(id, value);
    }
    Ok(all)
}

/// The values of one member.
pub fn of_member(conn: &mut Conn, organization: OrganizationId, fields: &[OwnField], id: MemberId) -> Result<Values, Fault> {
    Ok(of_members(conn, organization, fields, &[id])?.remove(&id).unwrap_or_default())
}

/// A person of the organization, with the name.
pub struct Person {
    pub id: MemberId,
    pub name: String,
}

/// The person whom the text means: by the id here, the address, the username, or a name that only they have here.
pub fn find_person(conn: &mut Conn, organization: OrganizationId, typed: &str) -> Result<Option<Person>, Fault> {
    let people = || {
        members::table
            .filter(members::organization_id.eq(organization))
            .filter(members::kind.eq(MemberKind::User))
    };
    if let Ok(id) = typed.parse::<MemberId>() {
        let row = people().filter(members::id.eq(id)).select((members::id, members::name));
        return Ok(row.first(conn).optional()?.map(|(id, name)| Person { id, name }));
    }
    if let Some(user) = identities::find_by_name(conn, typed)? {
        let row = people().filter(members::user_id.eq(Some(user.id))).select((members::id, members::name));
        if let Some((id, name)) = row.first(conn).optional()? {
            return Ok(Some(Person { id, name }));
        }
    }
    // The key of the list is shared by spellings of one name.
    let named = people()
        .filter(members::is_current.among([true, false]))
        .filter(members::name_key.eq(fold::searchable(typed)));
    let mut rows: Vec<(MemberId, String)> = named.select((members::id, members::name)).limit(2).load(conn)?;
    let only = rows.pop().filter(|_| rows.is_empty());
    Ok(only.map(|(id, name)| Person { id, name }))
}

/// Sets the value of a member's field.
pub fn set(
    tx: &mut Tx<'_>,
    (organization, member, field): (OrganizationId, MemberId, OwnFieldId),
    value: &Canonical,
    person: Option<MemberId>,
) -> Result<(), Fault> {
    clear(tx, (organization, member, field))?;
    diesel::insert_into(own_field_values::table)
        .values((
            own_field_values::organization_id.eq(organization),
            own_field_values::member_id.eq(member),
            own_field_values::field_id.eq(field),
            own_field_values::value.eq(&value.text),
            own_field_values::value_key.eq(&value.key),
            own_field_values::person_id.eq(person),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes the value of a member's field.
pub fn clear(tx: &mut Tx<'_>, (organization, member, field): (OrganizationId, MemberId, OwnFieldId)) -> Result<(), Fault> {
    diesel::delete(own_field_values::table.find((organization, member, field))).execute(tx.conn())?;
    Ok(())
}
