//! Where a browser goes on when the organization of its page is not the person's any more: they left it, or it is deleted.

use crate::{
    db::Db,
    kit::{Fault, MemberStatus},
    members,
    web::{self, MemberContext, Notice},
};
use actix_session::Session;
use actix_web::HttpResponse;

/// Leads on to another organization of the person, and says what was done; without one, to the sign-in page, which says
/// that too.
///
/// # Errors
/// A database error.
pub async fn go_on_elsewhere(db: &Db, session: &Session, context: &MemberContext, done: &str) -> web::Result<HttpResponse> {
    let user = context.scope.actor.user_id().ok_or(Fault::Missing)?;
    let memberships = db.read(move |conn| members::memberships(conn, user)).await?;
    if memberships.iter().any(|membership| membership.status == MemberStatus::Active) {
        return Ok(context.redirect_with_notice("/", Notice::success(done)));
    }
    session.purge();
    let rest = if memberships.is_empty() {
        "You belong to no organization here any more, so your account is deleted too."
    } else {
        "No other organization is open to you at the moment."
    };
    Ok(context.redirect_with_notice("/sign-in", Notice::success(format!("{done} {rest}"))))
}
