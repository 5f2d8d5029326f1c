//! Long-running responses: the reader is authenticated again before each part.

use super::{Again, Authenticator, Error, MemberContext, VisitorContext};
use crate::{
    db::{Conn, Db},
    kit::{Fault, Permissions, Timestamp},
};
use actix_web::{
    HttpRequest,
    web::{Bytes, Data},
};
use chrono::TimeDelta;
use futures_util::{Stream, stream};
use std::sync::Arc;

/// Time limit of one response: enough for a million rows over a slow line.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

/// A part of an export, and the export from there on, if there is more.
pub type ExportPart<E> = (Vec<u8>, Option<E>);

/// A member who reads an export while it is being produced.
#[derive(Clone)]
pub struct Reader {
    again: Again,
    visitor: VisitorContext,
    permissions: Permissions,
    until: Timestamp,
}

impl Reader {
    /// # Errors
    /// When the authenticator or the middleware is missing.
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

    /// Checks again that the session is alive, the member is active and still has all permissions they had at the
    /// start.
    ///
    /// # Errors
    /// Any [`Error`] ends the response at this point.
    pub async fn ask_again(&self) -> Result<(), Error> {
        let mut visitor = self.visitor.clone();
        visitor.request_info.now = visitor.site.clock.now();
        if visitor.request_info.now > self.until {
            return Err(Fault::SignedOut.into());
        }
        let context = (self.again)(visitor).await?;
        match context.scope.permissions.first_missing(&self.permissions) {
            None => Ok(()),
            Some(_) => Err(Fault::SignedOut.into()),
        }
    }

    /// The parts of an export as the body of an answer.
    pub fn parts<E: Clone + Send + 'static>(
        self,
        db: &Db,
        export: E,
        part: fn(&E, &mut Conn) -> Result<ExportPart<E>, Fault>,
    ) -> impl Stream<Item = Result<Bytes, actix_web::Error>> + use<E> {
        let db = db.clone();
        stream::try_unfold(Some(export), move |export| {
            let (db, reader) = (db.clone(), self.clone());
            async move {
                let Some(export) = export else { return Ok(None) };
                reader.ask_again().await?;
                let (text, next) = db.read_behind(move |conn| part(&export, conn)).await.map_err(Error::from)?;
                Ok::<_, actix_web::Error>(Some((Bytes::from(text), next)))
            }
        })
    }
}
