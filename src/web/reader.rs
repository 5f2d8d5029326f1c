//! Answers that take long: who reads one is asked again before each part of it.

use super::{Again, Door, Doorman, Error, Shell};
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
    door: Door,
    permissions: Permissions,
    until: Timestamp,
}

impl Reader {
    /// # Errors
    /// When no middleware stands before the handler.
    pub fn of(req: &HttpRequest, shell: &Shell) -> Result<Self, Error> {
        let doorman = req.app_data::<Data<Arc<dyn Doorman>>>();
        let doorman = doorman.ok_or_else(|| Fault::broken("the app has no doorman"))?;
        Ok(Self {
            again: doorman.admit_again(req, shell.scope.organization),
            door: Door::of(req)?,
            permissions: shell.scope.permissions.clone(),
            until: shell.scope.now() + LONGEST,
        })
    }

    /// Reads anew whether the session lives, the member is active and may do all that they could when the answer began.
    ///
    /// # Errors
    /// Any [`Error`] ends the answer where it is.
    pub async fn ask_again(&self) -> Result<(), Error> {
        let mut door = self.door.clone();
        door.occasion.now = door.front.clock.now();
        if door.occasion.now > self.until {
            return Err(Fault::Over.into());
        }
        let shell = (self.again)(door).await?;
        match shell.scope.permissions.lacking(&self.permissions) {
            None => Ok(()),
            Some(_) => Err(Fault::Over.into()),
        }
    }
}
