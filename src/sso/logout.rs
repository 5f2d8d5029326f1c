//! OpenID Connect Back-Channel Logout 1.0: the provider tells that a person signed out there, and their sessions that
//! began through this connection end. The request comes from the provider's server, without a browser; its signed token
//! is all that counts.

use super::{
    answer::ProviderRefusal,
    attempts::Place,
    logout_token::{LogoutToken, read_logout_token},
    start::SingleSignOn,
};
use crate::{
    audit::{self, Event},
    connections::{self, Connection},
    db::Tx,
    kit::{ConnectionId, Fault, RequestInfo, Scope},
    sessions,
    throttle::{self, Bucket},
    web::{self, VisitorContext, subscriber_prefix},
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, Data, Path},
};
use serde_json::json;
use url::form_urlencoded;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/{connection}/logout").route(web::post().to(create)));
}

async fn create(sso: Data<SingleSignOn>, visitor: VisitorContext, place: Path<ConnectionId>, body: Bytes) -> web::Result<HttpResponse> {
    let info = visitor.request_info.clone();
    throttle::count_or_refuse(&sso.db, Bucket::LogoutTokens, subscriber_prefix(&info.address), throttle::LEAKED_TOKENS, info.now).await?;
    let id = place.into_inner();
    let connection = sso.db.read(move |conn| connections::find_for_sign_in(conn, id)).await?;
    let token = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "logout_token")
        .map(|(_, token)| token.into_owned());
    let ended = match token {
        Some(token) if connection.kind.is_openid() => end(&sso, connection, token, info).await?,
        _ => Err(ProviderRefusal::Token),
    };
    // Section 2.8: 200, or 400 for a request that cannot be processed; neither is stored.
    let status = if ended.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok(HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

async fn end(sso: &SingleSignOn, connection: Connection, token: String, info: RequestInfo) -> Result<Result<(), ProviderRefusal>, Fault> {
    let place = Place { organization: connection.organization_id, connection: connection.id };
    let (providers, settings, now) = (sso.providers.clone(), connection.settings.0.clone(), info.now);
    let read = move || {
        let metadata = providers.kept_metadata(&settings.issuer, now)?;
        read_logout_token(&metadata, &settings.client_id, &token, now).or_else(|_| {
            // The key may be newer than the kept document.
            let metadata = providers.renewed_metadata(&settings.issuer, now)?;
            read_logout_token(&metadata, &settings.client_id, &token, now)
        })
    };
    let token = match sso.off_thread(place, read).await? {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let is_new = sso.db.write(move |tx| spend(tx, &connection, &token, &info)).await?;
    Ok(if is_new { Ok(()) } else { Err(ProviderRefusal::Token) })
}

/// Ends the sessions that the token is about. Returns false for one that was used before.
fn spend(tx: &mut Tx<'_>, connection: &Connection, token: &LogoutToken, info: &RequestInfo) -> Result<bool, Fault> {
    let once = format!("{} {}", connection.id, token.id);
    if throttle::count(tx, Bucket::LogoutTokens, &once, throttle::ONCE, info.now)?.is_some() {
        return Ok(false);
    }
    let ended = sessions::end_at_provider(tx, connection.id, token.subject.as_deref(), token.session.as_deref())?;
    for person in ended {
        let mut scope = Scope::system(connection.organization_id, info.now);
        scope.request_info = info.clone();
        let event = Event::new("session.ended_by_provider", "member", person.0.0, &person.1);
        audit::record(tx, &scope, event.after(json!({ "connection": connection.name })))?;
    }
    Ok(true)
}
