//! Reauthentication at the identity provider, for people who signed in there: they sign in anew (`prompt=login`), and the
//! answer must be of the same identity and say when.

use super::{
    answer::ProviderRefusal,
    attempts::Purpose,
    pages,
    refusal::SsoRefusal,
    start::{SingleSignOn, begun},
    verified::{Means, Verified},
};
use crate::{
    db::Db,
    identities,
    kit::{Fault, UserId},
    members::{self, ChangedBy},
    sessions::{self, SignedIn},
    web::{self, Posted, VisitorContext, safe_path, see_other},
};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use serde_json::json;

/// How long ago the person may have proved at the provider who they are.
const RECENT_SECONDS: i64 = 5 * 60;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sign-in/again/provider").route(web::post().to(create)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofForm {
    #[serde(default)]
    next: String,
}

async fn create(
    req: HttpRequest,
    sso: Data<SingleSignOn>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<ProofForm>,
) -> web::Result<HttpResponse> {
    let identity = signed_in.identity.clone().ok_or(Fault::Missing)?;
    let next = safe_path(&visitor.site, &form.next);
    let asked = (Purpose::Prove(signed_in.user.id), next, identity.email);
    match begun(sso.begin(&req, &visitor, identity.connection_id, asked).await)? {
        Ok(begun) => begun.show(&visitor),
        Err(refusal) => {
            let id = identity.connection_id;
            let connection = sso.db.read(move |conn| crate::connections::find_for_sign_in(conn, id)).await?;
            pages::refused(visitor, &connection, refusal)
        }
    }
}

/// The answer: it counts if it is of the identity that this session was begun with, and new.
pub(super) async fn prove(
    means: &Means,
    (req, session): (&HttpRequest, &Session),
    db: &Db,
    visitor: VisitorContext,
    verified: Verified,
    user: UserId,
) -> web::Result<HttpResponse> {
    let connection = &verified.party.connection;
    let signed_in = SignedIn::of(req, db).await?.filter(|signed_in| signed_in.user.id == user);
    let Some(signed_in) = signed_in else {
        return pages::refused(visitor, connection, SsoRefusal::OtherPerson);
    };
    let (place, subject) = (verified.place(), verified.answer.subject.clone());
    let known = db
        .read(move |conn| identities::find_by_subject(conn, place.organization, place.connection, &subject))
        .await?;
    let is_same = known.zip(signed_in.identity.as_ref()).is_some_and(|(known, own)| known.id == own.id);
    if !is_same {
        return pages::refused(visitor, connection, SsoRefusal::OtherPerson);
    }
    if !is_new(&verified, visitor.request_info.now.utc().timestamp()) {
        let refusal = means.sso.failed(connection.id, ProviderRefusal::NotAnew, visitor.request_info.now).await?;
        return pages::refused(visitor, connection, refusal);
    }
    let request_info = visitor.request_info.clone();
    db.write(move |tx| {
        let by = ChangedBy::Themselves(&request_info);
        members::record_everywhere(tx, user, by, "session.proved", |event| event.after(json!({})))
    })
    .await?;
    sessions::prove_at_provider(session, visitor.request_info.now)?;
    Ok(see_other(&verified.attempt.next))
}

/// Whether the person signed in at the provider just now.
fn is_new(verified: &Verified, now: i64) -> bool {
    verified.party.connection.tells_when() && verified.answer.authenticated_at.is_some_and(|at| (now - at).abs() <= RECENT_SECONDS)
}
