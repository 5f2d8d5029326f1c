//! Records which forms created a person. A form submitted again, by a second press or by reloading, leads to that
//! person.

use crate::{
    db::{
        Conn, Tx,
        schema::{members, sent_forms, users},
    },
    kit::{Fault, MemberId, Scope, email::Email, secret::Secret},
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// The member with this address whom this form created. With another address, it counts as another form.
pub(super) fn created_by(conn: &mut Conn, scope: &Scope, form: &Secret, email: &Email) -> Result<Option<MemberId>, Fault> {
    let member: Option<MemberId> = sent_forms::table
        .filter(sent_forms::organization_id.eq(scope.organization))
        .filter(sent_forms::form.eq(form.expose()))
        .select(sent_forms::member_id)
        .first(conn)
        .optional()?;
    let Some(member) = member else { return Ok(None) };
    let has_address = members::table
        .inner_join(users::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(member))
        .filter(users::email.eq(email.as_str()))
        .select(members::id);
    Ok(has_address.first(conn).optional()?)
}

/// Records whom a form created, and deletes records of earlier days.
pub(super) fn remember(tx: &mut Tx<'_>, scope: &Scope, form: &Secret, member: MemberId) -> Result<(), Fault> {
    let old = sent_forms::table
        .filter(sent_forms::organization_id.eq(scope.organization))
        .filter(sent_forms::sent_at.lt(scope.now() - TimeDelta::days(1)).or(sent_forms::form.eq(form.expose())));
    diesel::delete(old).execute(tx.conn())?;
    diesel::insert_into(sent_forms::table)
        .values((
            sent_forms::organization_id.eq(scope.organization),
            sent_forms::form.eq(form.expose()),
            sent_forms::member_id.eq(member),
            sent_forms::sent_at.eq(scope.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}
