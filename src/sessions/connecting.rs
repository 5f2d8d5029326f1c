//! A browser that came through an identity provider with the address of an account, and goes on to prove by that
//! account's password that it is the owner's. A sealed cookie names the account. So the password is taken for this even
//! where it opens no organization any more.

use crate::{
    kit::{Fault, UserId},
    second_factors::SecondFactors,
    web::{VisitorContext, cookie},
};
use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration};
use chrono::TimeDelta;

const COOKIE: &str = "connect";
/// How long the password is taken for it.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);

/// Lets the browser that gets this response sign in as this person to connect an identity.
///
/// # Errors
/// When the cookie cannot be sealed or set.
pub fn expect_owner(factors: &SecondFactors, visitor: &VisitorContext, user: UserId, response: &mut HttpResponse) -> Result<(), Fault> {
    let sealed = factors.seal(COOKIE, &user, visitor.request_info.now + OPEN_FOR)?;
    let kept = cookie(&visitor.site, COOKIE, sealed).max_age(Duration::seconds(OPEN_FOR.num_seconds())).finish();
    response.add_cookie(&kept).map_err(Fault::broken)
}

/// The person whom this browser may sign in as to connect an identity.
pub(super) fn expected(req: &HttpRequest, factors: &SecondFactors, visitor: &VisitorContext) -> Option<UserId> {
    let cookie = req.cookie(&visitor.site.cookie_name(COOKIE))?;
    factors.open(COOKIE, cookie.value(), visitor.request_info.now)
}
