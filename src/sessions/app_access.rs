//! Whether the person of a session may enter an organization's application (forward-auth). The session is read at every
//! request, as for the console. Applications do not keep a session alive: its idle time counts in the console only.

use super::{
    authentication::load,
    state::{Owner, Proof},
    store::{Which, live},
};
use crate::{
    db::Conn,
    kit::{Fault, OperationError, OrganizationId, RequestInfo, Scope, SessionId},
    web::Error,
};

/// Why the person may not enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppRefusal {
    /// The session has ended, or the person must change their password or set up a second factor first. Roster's own
    /// pages say which.
    SignInFirst,
    /// They are not an active member of the organization.
    NotMember,
}

/// The scope of the session's person in this organization.
///
/// # Errors
/// [`AppRefusal`].
pub fn enter_application(
    conn: &mut Conn,
    session: SessionId,
    organization: OrganizationId,
    request_info: &RequestInfo,
) -> Result<Scope, OperationError<AppRefusal>> {
    let refuse = |why| Err(OperationError::Refused(why));
    let now = request_info.now;
    let Some(found) = live(conn, Which::Id(session), now)?.pop() else {
        return refuse(AppRefusal::SignInFirst);
    };
    let began = found.began();
    let proof = Proof { at: began, used_at: None, is_from_provider: false };
    let owner = Owner { user: found.user, began, proof, federated: found.federated() };
    let signed_in = match load(conn, &owner) {
        Ok(signed_in) => signed_in,
        Err(Fault::Missing) => return refuse(AppRefusal::SignInFirst),
        Err(fault) => return Err(fault.into()),
    };
    match signed_in.admit(organization, now) {
        Ok(entered) => Ok(signed_in.scope(conn, &entered, request_info)?),
        Err(Error::Fault(Fault::Missing)) => refuse(AppRefusal::NotMember),
        Err(_) => refuse(AppRefusal::SignInFirst),
    }
}
