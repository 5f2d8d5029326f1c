//! Answers that take long: who reads one is asked again before each part of it.

use super::{Again, Authenticator, Error, MemberContext, VisitorContext};
use crate::kit::{Fault, Permissions, Timestamp};
use actix_web::{HttpRequest, web::Data};
use chrono::TimeDelta;
use std::sync::Arc;

/// How long one answer may take: a million rows over a slow line.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

/// A member who reads an export while it is made.
#[derive(Clone)]
pub struct Reader {
    again: Again,
    visitor: VisitorContext,
    permissions: Permissions,
    until: Timestamp,
}

impl Reader {
    /// # Errors
    /// When no middleware stands before the handler.
    pub fn of(req: &HttpRequest, context: &MemberContext) -> Result<Self, Error> {
        let authenticator = req.app_data::<Data<Arc<dyn Authenticator>>>();
        let authenticator = authenticator.ok_or_else(|| Fault::broken("the app has no authenticator"))?;
        Ok(Self {
            again: authenticator.authenticate_again(req, context.scope.organization),
            visitor: VisitorContext::of(req)?,
            permissions: context.scope.permissions.clone(),
            until: context.scope.now() + LONGEST,
        })
    }

    /// Reads anew whether the session lives, the member is active and may do all that they could when the answer began.
    ///
    /// # Errors
    /// Any [`Error`] ends the answer where it is.
    pub async fn ask_again(&self) -> Result<(), Error> {
        let mut visitor = self.visitor.clone();
        visitor.request_info.now = visitor.site.clock.now();
        if visitor.request_info.now > self.until {
            return Err(Fault::SignedOut.into());
        }
        let context = (self.again)(visitor).await?;
        match context.scope.permissions.lacking(&self.permissions) {
            None => Ok(()),
            Some(_) => Err(Fault::SignedOut.into()),
        }
    }
}
