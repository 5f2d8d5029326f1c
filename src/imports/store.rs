//! Looks up the people of many lines at once. Stores the file in pieces until it is imported or discarded, so that its
//! columns can be read in another way.

use crate::{
    db::{
        Among, Conn, Tx,
        schema::{batches, import_files, members, user_names, users},
    },
    kit::{BatchId, Fault, MemberId, MemberStatus, Scope, UserId},
    members::Member,
    users::User,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Names looked up in one query.
const NAMES: usize = 500;

/// A person whose email or username reserves a name: it is the same, or looks confusingly alike.
#[derive(Clone, Debug)]
pub struct Known {
    pub user: User,
    /// Their membership in this organization, if they have one.
    pub here: Option<(MemberId, MemberStatus)>,
}

/// The people who reserve these names, by the key of the reserved name. The caller decides whether that person is
/// meant.
pub fn known(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<HashMap<String, Known>, Fault> {
    let mut known = HashMap::new();
    for some in names.chunks(NAMES) {
        let people: Vec<(String, User)> = user_names::table
            .inner_join(users::table)
            .filter(user_names::name_key.among(some))
            .select((user_names::name_key, User::as_select()))
            .load(conn)?;
        let ids: Vec<UserId> = people.iter().map(|(_, user)| user.id).collect();
        let here: Vec<(Option<UserId>, MemberId, MemberStatus)> = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::user_id.among(ids))
            .select((members::user_id, members::id, members::status))
            .load(conn)?;
        let here: HashMap<Option<UserId>, _> = here.into_iter().map(|(user, id, status)| (user, (id, status))).collect();
        known.extend(people.into_iter().map(|(name, user)| {
            let known = Known { here: here.get(&Some(user.id)).copied(), user };
            (name, known)
        }));
    }
    Ok(known)
}

/// The members of this organization among them.
pub fn members_of(conn: &mut Conn, scope: &Scope, known: &HashMap<String, Known>) -> Result<HashMap<MemberId, Member>, Fault> {
    let mut ids: Vec<MemberId> = known.values().filter_map(|known| known.here).map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for some in ids.chunks(NAMES) {
        let rows: Vec<Member> = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.among(some))
            .select(Member::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(|member| (member.id, member)));
    }
    Ok(found)
}

/// Bytes of a file in one row.
const PIECE: usize = 256 * 1024;

/// The most files stored for one member. When an older file is removed, its import can still be started, but its
/// columns can no longer be changed.
const MOST_FILES: i64 = 5;

/// Stores a file. Removes the member's oldest stored files above the limit.
pub fn keep_file(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, bytes: &[u8]) -> Result<(), Fault> {
    for (position, piece) in (0_i64..).zip(bytes.chunks(PIECE)) {
        diesel::insert_into(import_files::table)
            .values((
                import_files::organization_id.eq(scope.organization),
                import_files::batch_id.eq(id),
                import_files::position.eq(position),
                import_files::piece.eq(piece),
            ))
            .execute(tx.conn())?;
    }
    let older: Vec<BatchId> = batches::table
        .inner_join(import_files::table)
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::started_by.eq(scope.actor.member_id()))
        .filter(import_files::position.eq(0))
        .order((batches::created_at.desc(), batches::id.desc()))
        .offset(MOST_FILES)
        .limit(MOST_FILES)
        .select(batches::id)
        .load(tx.conn())?;
    for id in older {
        forget_file(tx, scope, id)?;
    }
    Ok(())
}

/// The file, if it is still stored.
pub fn file(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<Option<Vec<u8>>, Fault> {
    let pieces: Vec<Vec<u8>> = import_files::table
        .filter(import_files::organization_id.eq(scope.organization))
        .filter(import_files::batch_id.eq(id))
        .order(import_files::position)
        .select(import_files::piece)
        .load(conn)?;
    Ok(Some(pieces.concat()).filter(|bytes| !bytes.is_empty()))
}

/// The beginning of the file, enough to show its first lines.
pub fn beginning(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<Option<Vec<u8>>, Fault> {
    let piece = import_files::table
        .filter(import_files::organization_id.eq(scope.organization))
        .filter(import_files::batch_id.eq(id))
        .filter(import_files::position.eq(0))
        .select(import_files::piece);
    Ok(piece.first(conn).optional()?)
}

/// Deletes the file after it was imported or discarded.
pub fn forget_file(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let pieces = import_files::table
        .filter(import_files::organization_id.eq(scope.organization))
        .filter(import_files::batch_id.eq(id));
    diesel::delete(pieces).execute(tx.conn())?;
    Ok(())
}
