//! What the forms for new members offer.

use super::{
    grants::{GrantOptions, grant_options_for},
    reach::reach,
    seats::{Seats, seats},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Right, Scope},
};

/// [`offer`] for new people whom the caller brings in by this right: into the teams that it reaches.
///
/// # Errors
/// [`Fault::Denied`].
pub fn offer_people(conn: &mut Conn, scope: &Scope, right: Right) -> Result<(GrantOptions, Seats), Fault> {
    let reach = reach(conn, scope, right)?;
    let (options, seats) = offer(conn, scope, MemberKind::User)?;
    Ok((options.within(&reach), seats))
}

/// What can be granted to a new member of this kind, and the seats of the plan. The caller checks the permission to add
/// members first.
pub fn offer(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<(GrantOptions, Seats), Fault> {
    Ok((grant_options_for(conn, scope, kind)?, seats(conn, scope.organization)?))
}
