//! Which of several people have a second factor, for lists.

use super::model::Member;
use crate::{
    db::{
        Among, Conn,
        schema::{passkeys, totps},
    },
    kit::{Fault, MemberId, Scope, UserId, rights},
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Whether each of these people has an authenticator app or a passkey. Nothing for callers who do not manage people: it would
/// tell them who is easier to attack.
pub(super) fn second_factors_of(conn: &mut Conn, scope: &Scope, members: &[Member]) -> Result<HashMap<MemberId, bool>, Fault> {
    if !scope.may(rights::USER_MANAGE) {
        return Ok(HashMap::new());
    }
    let users: Vec<UserId> = members.iter().filter_map(|member| member.user_id).collect();
    let apps: Vec<UserId> = totps::table.filter(totps::user_id.among(&users)).select(totps::user_id).load(conn)?;
    let keys: Vec<UserId> = passkeys::table.filter(passkeys::user_id.among(&users)).select(passkeys::user_id).load(conn)?;
    let having: HashSet<UserId> = apps.into_iter().chain(keys).collect();
    let one = |member: &Member| Some((member.id, having.contains(&member.user_id?)));
    Ok(members.iter().filter_map(one).collect())
}
