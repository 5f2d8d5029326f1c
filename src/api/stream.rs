//! Long answers: the caller is authenticated again before each part, so that a revoked credential reads no further.

use super::Caller;
use crate::{
    db::{Conn, Db},
    kit::{Fault, Permissions, RequestInfo, Timestamp},
    web::{self, ExportPart, Site},
};
use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    web::{Bytes, Data},
};
use chrono::TimeDelta;
use futures_util::{Stream, stream};

/// Time limit of one answer: enough for a million rows over a slow line.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

/// A program that reads an export while it is being produced.
#[derive(Clone)]
struct ProgramReader {
    req: HttpRequest,
    permissions: Permissions,
    until: Timestamp,
}

impl ProgramReader {
    /// Checks again that the credential works and still has all permissions that it had at the start.
    async fn ask_again(&self) -> web::Result<()> {
        let site = self.req.app_data::<Data<Site>>().ok_or_else(|| Fault::broken("the app has no site"))?;
        let now = site.clock.now();
        if let Some(request_info) = self.req.extensions_mut().get_mut::<RequestInfo>() {
            request_info.now = now;
        }
        if now > self.until {
            return Err(Fault::SignedOut.into());
        }
        let caller = Caller::from_request(&self.req, &mut Payload::None).await?;
        match caller.scope.permissions.first_missing(&self.permissions) {
            None => Ok(()),
            Some(_) => Err(Fault::SignedOut.into()),
        }
    }
}

/// The parts of an export as the body of an answer.
pub(super) fn parts<E: Clone + Send + 'static>(
    req: &HttpRequest,
    db: &Db,
    caller: &Caller,
    export: E,
    part: fn(&E, &mut Conn) -> Result<ExportPart<E>, Fault>,
) -> impl Stream<Item = Result<Bytes, Error>> + use<E> {
    let reader = ProgramReader {
        req: req.clone(),
        permissions: caller.scope.permissions.clone(),
        until: caller.scope.now() + LONGEST,
    };
    let db = db.clone();
    stream::try_unfold(Some(export), move |export| {
        let (db, reader) = (db.clone(), reader.clone());
        async move {
            let Some(export) = export else { return Ok(None) };
            reader.ask_again().await?;
            let (text, next) = db.read_behind(move |conn| part(&export, conn)).await.map_err(web::Error::from)?;
            Ok::<_, Error>(Some((Bytes::from(text), next)))
        }
    })
}
