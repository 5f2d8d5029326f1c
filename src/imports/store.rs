use crate::{
    db::{
        Conn,
        schema::{members, user_names, users},
    },
    kit::{Fault, Scope, UserId},
    members::MemberStatus,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Names looked up at once.
const NAMES: usize = 500;

/// Somebody who signs in with a name already.
#[derive(Clone, Debug)]
pub struct Known {
    /// As it is stored. What they signed up with may be a username.
    pub email: String,
    /// In this organization, if they are here.
    pub standing: Option<MemberStatus>,
}

/// Who keeps these names from others, by what reserves a name: whether somebody is meant is decided by their email.
///
/// # Errors
/// What the database says.
pub fn known(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<HashMap<String, Known>, Fault> {
    let mut known = HashMap::new();
    for some in names.chunks(NAMES) {
        let people: Vec<(String, UserId, String)> = user_names::table
            .inner_join(users::table)
            .filter(user_names::name_key.eq_any(some))
            .select((user_names::name_key, users::id, users::email))
            .load(conn)?;
        let ids: Vec<UserId> = people.iter().map(|(_, id, _)| *id).collect();
        let here: Vec<(Option<UserId>, MemberStatus)> = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::user_id.eq_any(ids))
            .select((members::user_id, members::status))
            .load(conn)?;
        let here: HashMap<Option<UserId>, MemberStatus> = here.into_iter().collect();
        known.extend(people.into_iter().map(|(name, id, email)| {
            let known = Known {
                email,
                standing: here.get(&Some(id)).copied(),
            };
            (name, known)
        }));
    }
    Ok(known)
}
