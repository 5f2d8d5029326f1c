//! Where the proxy of an application sends a browser that has no cookie for it: the person signs in, gets the cookie, and
//! goes back.

use super::{AppCookies, authentication::SignedIn, pages::Application, state::current};
use crate::{
    kit::{Fault, OrganizationId},
    web::{self, Error, Respond, VisitorContext},
};
use actix_session::SessionExt;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web::{Data, Query},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sign-in/application").route(web::get().to(show)));
}

/// Which application of which organization's members.
#[derive(Deserialize)]
struct ApplicationQuery {
    organization: OrganizationId,
    next: String,
}

/// A page and not a redirect: browsers refuse to leave the site in the redirects after a form (CSP `form-action`), and
/// this page may be one of those after the sign-in form.
async fn show(
    req: HttpRequest,
    signed_in: SignedIn,
    cookies: Data<AppCookies>,
    visitor: VisitorContext,
    asked: Query<ApplicationQuery>,
) -> web::Result<HttpResponse> {
    let next = cookies.applications.find(&asked.next);
    let next = next.ok_or_else(|| Error::Malformed("Roster sends nobody to this address.".into()))?;
    signed_in.admit(asked.organization, visitor.request_info.now)?;
    let session = current(&req.get_session()).ok_or(Error::SignIn)?;
    let cookie = cookies.cookie(&visitor.site, session).ok_or(Fault::Missing)?;
    let host = next.host_str().unwrap_or_default().to_owned();
    let refresh = HeaderValue::try_from(format!("0; url={next}")).map_err(Fault::broken)?;
    let mut response = Application { visitor, host, next: next.into() }.ok()?;
    response.headers_mut().insert(HeaderName::from_static("refresh"), refresh);
    response.add_cookie(&cookie).map_err(Fault::broken)?;
    Ok(response)
}
