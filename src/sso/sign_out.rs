//! After a sign-out here: the session at the provider goes on, so the page offers to end it too (OpenID Connect
//! RP-Initiated Logout 1.0). No ID token is kept for it; the client id says who asks.

use super::{attempts::Place, oidc, pages::SignedOut, start::SingleSignOn};
use crate::{
    connections,
    kit::ConnectionId,
    web::{self, Notice, Respond, VisitorContext},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use url::Url;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/{connection}/signed-out").route(web::get().to(show)));
}

async fn show(sso: Data<SingleSignOn>, visitor: VisitorContext, place: Path<ConnectionId>) -> web::Result<HttpResponse> {
    let id = place.into_inner();
    let connection = sso.db.read(move |conn| connections::find_for_sign_in(conn, id)).await?;
    let plain = || Ok(visitor.redirect_with_notice("/sign-in", Notice::success("You are signed out.")));
    if !connection.kind.is_openid() {
        return plain();
    }
    let place = Place { organization: connection.organization_id, connection: id };
    let (providers, issuer, now) = (sso.providers.clone(), connection.settings.0.issuer.clone(), visitor.request_info.now);
    let metadata = sso.off_thread(place, move || providers.kept_metadata(&issuer, now)).await?;
    let address = metadata.ok().as_deref().and_then(oidc::end_session).and_then(|address| Url::parse(address).ok());
    let Some(mut address) = address.filter(|address| matches!(address.scheme(), "https" | "http")) else {
        return plain();
    };
    address.query_pairs_mut().append_pair("client_id", &connection.settings.0.client_id);
    SignedOut { name: connection.name, url: address.into() }.ok()
}
