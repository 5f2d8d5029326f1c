//! What is looked up about people for many lines at once, and the file itself, which is kept in pieces until it is
//! imported or discarded, so that its columns can be read in another way.

use crate::{
    db::{
        Conn, Tx,
        schema::{batches, import_files, members, user_names, users},
    },
    kit::{BatchId, Fault, MemberId, Scope, UserId},
    members::{Member, MemberStatus},
    users::User,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Names looked up at once.
const NAMES: usize = 500;

/// Somebody who keeps a name from others: it is theirs, or looks like one of theirs.
#[derive(Clone, Debug)]
pub struct Known {
    pub user: User,
    /// In this organization, if they are here.
    pub here: Option<(MemberId, MemberStatus)>,
}

/// Who keeps these names from others, by the key that reserves a name. Whether they are meant is for the caller to ask.
///
/// # Errors
/// What the database says.
pub fn known(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<HashMap<String, Known>, Fault> {
    let mut known = HashMap::new();
    for some in names.chunks(NAMES) {
        let people: Vec<(String, User)> = user_names::table
            .inner_join(users::table)
            .filter(user_names::name_key.eq_any(some))
            .select((user_names::name_key, User::as_select()))
            .load(conn)?;
        let ids: Vec<UserId> = people.iter().map(|(_, user)| user.id).collect();
        let here: Vec<(Option<UserId>, MemberId, MemberStatus)> = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::user_id.eq_any(ids))
            .select((members::user_id, members::id, members::status))
            .load(conn)?;
        let here: HashMap<Option<UserId>, _> = here.into_iter().map(|(user, id, status)| (user, (id, status))).collect();
        known.extend(people.into_iter().map(|(name, user)| {
            let known = Known {
                here: here.get(&Some(user.id)).copied(),
                user,
            };
            (name, known)
        }));
    }
    Ok(known)
}

/// Those of them who are members here.
///
/// # Errors
/// What the database says.
pub fn members_of(conn: &mut Conn, scope: &Scope, known: &HashMap<String, Known>) -> Result<HashMap<MemberId, Member>, Fault> {
    let mut ids: Vec<MemberId> = known.values().filter_map(|known| known.here).map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for some in ids.chunks(NAMES) {
        let rows: Vec<Member> = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.eq_any(some))
            .select(Member::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(|member| (member.id, member)));
    }
    Ok(found)
}

/// Bytes of a file in one row.
const PIECE: usize = 256 * 1024;

/// Files that are kept for one member. Those they brought before can be imported, and not read in another way any more.
const MOST_FILES: i64 = 5;

/// Keeps a file, instead of the oldest of several that the same member has not imported.
///
/// # Errors
/// What the database says.
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

/// The file, if it is kept still.
///
/// # Errors
/// What the database says.
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
///
/// # Errors
/// What the database says.
pub fn beginning(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<Option<Vec<u8>>, Fault> {
    let piece = import_files::table
        .filter(import_files::organization_id.eq(scope.organization))
        .filter(import_files::batch_id.eq(id))
        .filter(import_files::position.eq(0))
        .select(import_files::piece);
    Ok(piece.first(conn).optional()?)
}

/// Removes the file: it is imported, or nobody wants it.
///
/// # Errors
/// What the database says.
pub fn forget_file(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let pieces = import_files::table
        .filter(import_files::organization_id.eq(scope.organization))
        .filter(import_files::batch_id.eq(id));
    diesel::delete(pieces).execute(tx.conn())?;
    Ok(())
}
