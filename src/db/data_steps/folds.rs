//! Folds the names of teams, roles, policies and system accounts again: the old fold kept a capital ẞ apart from ß and
//! ss.

use crate::{
    db::{
        Tx,
        schema::{members, policies, roles, teams},
    },
    kit::{Fault, MemberId, PolicyId, RoleId, TeamId, fold},
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};

/// A named row: its id, its name, and the stored key of the name.
type Named<I> = (I, String, String);

pub(super) fn run(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let rows: Vec<Named<TeamId>> = teams::table.select((teams::id, teams::name, teams::name_key)).load(tx.conn())?;
    let mut sentences = refold(tx, "teams", rows, |tx, id, key| {
        let row = diesel::update(teams::table.filter(teams::id.eq(id)));
        row.set(teams::name_key.eq(key)).execute(tx.conn())
    })?;
    let rows: Vec<Named<RoleId>> = roles::table.select((roles::id, roles::name, roles::name_key)).load(tx.conn())?;
    sentences.extend(refold(tx, "roles", rows, |tx, id, key| {
        let row = diesel::update(roles::table.filter(roles::id.eq(id)));
        row.set(roles::name_key.eq(key)).execute(tx.conn())
    })?);
    let rows: Vec<Named<PolicyId>> = policies::table.select((policies::id, policies::name, policies::name_key)).load(tx.conn())?;
    sentences.extend(refold(tx, "policies", rows, |tx, id, key| {
        let row = diesel::update(policies::table.filter(policies::id.eq(id)));
        row.set(policies::name_key.eq(key)).execute(tx.conn())
    })?);
    let rows: Vec<Named<MemberId>> = members::table
        .filter(members::account_key.is_not_null())
        .select((members::id, members::name, members::account_key.assume_not_null()))
        .load(tx.conn())?;
    sentences.extend(refold(tx, "system accounts", rows, |tx, id, key| {
        let row = diesel::update(members::table.filter(members::id.eq(id)));
        row.set(members::account_key.eq(Some(key))).execute(tx.conn())
    })?);
    Ok(sentences)
}

/// Folds names again. If another row of the organization already has the new key, the old key stays and the operator is
/// told.
fn refold<I: Copy + std::fmt::Display>(
    tx: &mut Tx<'_>,
    what: &str,
    rows: Vec<Named<I>>,
    write: impl Fn(&mut Tx<'_>, I, &str) -> QueryResult<usize>,
) -> Result<Vec<String>, Fault> {
    let mut sentences = Vec::new();
    for (id, name, key) in rows {
        let folded = fold::canonical(&name);
        if key == folded {
            continue;
        }
        match tx.part(|tx| write(tx, id, &folded)) {
            Ok(_) => {}
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => sentences.push(format!(
                "Two {what} of one organization have names that differ by nothing but the case of a letter: “{name}” ({id}) is one of \
                 them. Rename it."
            )),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sentences)
}
