//! Computes the keys of the names of teams, roles, policies and system accounts again, by the current folds, and with
//! them the keys by which lists of members are sorted by role and team.

use crate::{
    db::{
        Among, Tx,
        schema::{member_roles, members, policies, roles, team_members, teams},
    },
    kit::{Fault, MemberId, PolicyId, RoleId, TeamId, fold},
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use std::collections::{BTreeMap, HashMap};

/// Members whose keys are written in one batch.
const AT_ONCE: usize = 1_000;

/// A named row: its id, its name, and the stored key of the name.
type Named<I> = (I, String, String);

pub(super) fn run(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let mut sentences = Vec::new();
    let rows: Vec<Named<TeamId>> = teams::table.select((teams::id, teams::name, teams::name_key)).load(tx.conn())?;
    let changed = refold(tx, "teams", rows, fold::list_key, &mut sentences, |tx, id, key| {
        let row = diesel::update(teams::table.filter(teams::id.eq(id)));
        row.set(teams::name_key.eq(key)).execute(tx.conn())
    })?;
    renew_team_keys(tx, &changed)?;
    let rows: Vec<Named<RoleId>> = roles::table.select((roles::id, roles::name, roles::name_key)).load(tx.conn())?;
    let changed = refold(tx, "roles", rows, fold::list_key, &mut sentences, |tx, id, key| {
        let row = diesel::update(roles::table.filter(roles::id.eq(id)));
        row.set(roles::name_key.eq(key)).execute(tx.conn())
    })?;
    renew_role_keys(tx, &changed)?;
    let rows: Vec<Named<PolicyId>> = policies::table.select((policies::id, policies::name, policies::name_key)).load(tx.conn())?;
    refold(tx, "policies", rows, fold::list_key, &mut sentences, |tx, id, key| {
        let row = diesel::update(policies::table.filter(policies::id.eq(id)));
        row.set(policies::name_key.eq(key)).execute(tx.conn())
    })?;
    let rows: Vec<Named<MemberId>> = members::table
        .filter(members::account_key.is_not_null())
        .select((members::id, members::name, members::account_key.assume_not_null()))
        .load(tx.conn())?;
    refold(tx, "system accounts", rows, fold::canonical, &mut sentences, |tx, id, key| {
        let row = diesel::update(members::table.filter(members::id.eq(id)));
        row.set(members::account_key.eq(Some(key))).execute(tx.conn())
    })?;
    Ok(sentences)
}

/// Folds names again, and returns the rows whose key changed. If another row of the organization already has the new
/// key, the old key stays and the operator is told.
fn refold<I: Copy + std::fmt::Display>(
    tx: &mut Tx<'_>,
    what: &str,
    rows: Vec<Named<I>>,
    fold: fn(&str) -> String,
    sentences: &mut Vec<String>,
    write: impl Fn(&mut Tx<'_>, I, &str) -> QueryResult<usize>,
) -> Result<Vec<I>, Fault> {
    let mut changed = Vec::new();
    for (id, name, key) in rows {
        let folded = fold(&name);
        if key == folded {
            continue;
        }
        match tx.part(|tx| write(tx, id, &folded)) {
            Ok(_) => changed.push(id),
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => sentences.push(format!(
                "Two {what} of one organization have names that differ by nothing but the case of a letter: “{name}” ({id}) is one of \
                 them. Rename it."
            )),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(changed)
}

/// The keys of members made from the keys of what they have, with the members who share each.
fn by_key(rows: Vec<(MemberId, String)>) -> BTreeMap<String, Vec<MemberId>> {
    let mut names: HashMap<MemberId, Vec<String>> = HashMap::new();
    for (member, name) in rows {
        names.entry(member).or_default().push(name);
    }
    let mut all: BTreeMap<String, Vec<MemberId>> = BTreeMap::new();
    for (member, names) in names {
        all.entry(names.join(", ")).or_default().push(member);
    }
    all
}

fn renew_team_keys(tx: &mut Tx<'_>, changed: &[TeamId]) -> Result<(), Fault> {
    let inside = team_members::table.filter(team_members::team_id.among(changed));
    let ids: Vec<MemberId> = inside.select(team_members::member_id).distinct().load(tx.conn())?;
    for some in ids.chunks(AT_ONCE) {
        let rows = team_members::table
            .inner_join(teams::table)
            .filter(team_members::member_id.among(some))
            .order(teams::name_key)
            .select((team_members::member_id, teams::name_key))
            .load(tx.conn())?;
        for (key, ids) in by_key(rows) {
            let row = diesel::update(members::table.filter(members::id.among(ids)));
            row.set(members::team_key.eq(key)).execute(tx.conn())?;
        }
    }
    Ok(())
}

fn renew_role_keys(tx: &mut Tx<'_>, changed: &[RoleId]) -> Result<(), Fault> {
    let holding = member_roles::table.filter(member_roles::role_id.among(changed));
    let ids: Vec<MemberId> = holding.select(member_roles::member_id).distinct().load(tx.conn())?;
    for some in ids.chunks(AT_ONCE) {
        let rows = member_roles::table
            .inner_join(roles::table)
            .filter(member_roles::member_id.among(some))
            .order(roles::name_key)
            .select((member_roles::member_id, roles::name_key))
            .load(tx.conn())?;
        for (key, ids) in by_key(rows) {
            let row = diesel::update(members::table.filter(members::id.among(ids)));
            row.set(members::role_key.eq(key)).execute(tx.conn())?;
        }
    }
    Ok(())
}
