//! What the forms for new members offer.

use super::{
    grants::{GrantOptions, grant_options_for},
    seats::{Seats, seats},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Scope},
};

/// What can be granted to a new member of this kind, and the seats of the plan. The caller checks the permission to add
/// members first.
pub fn offer(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<(GrantOptions, Seats), Fault> {
    Ok((grant_options_for(conn, scope, kind)?, seats(conn, scope.organization)?))
}
