//! The pages on which people change their own password: inside the console, or on a bare page where a temporary one must
//! be replaced first.

use super::password_change::{Attempt, ChangeForm, Services, Wrong, is_just_typed};
use crate::{
    kit::{Fault, Timestamp},
    passwords::{self, CredentialCount, RevokeChoice},
    sessions::SignedIn,
    web::{self, MemberContext, Posted, Respond, VisitorContext, filters},
};
use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/password/change").route(web::get().to(edit)).route(web::post().to(update)));
    app.service(
        web::resource("/o/{organization}/me/password")
            .route(web::get().to(show))
            .route(web::post().to(save)),
    );
}

/// What the form shows besides its labels.
struct View {
    username: String,
    /// Whether the form asks for the present password.
    asks_present: bool,
    minimum: usize,
    wrong: Wrong,
    /// The person's API credentials, and whether they are to end.
    keys: CredentialCount,
    tick: RevokeChoice,
}

impl View {
    async fn of(services: &Services, signed_in: &SignedIn, (wrong, tick): (Wrong, RevokeChoice), now: Timestamp) -> web::Result<Self> {
        let (user, credentials) = (signed_in.user.id, services.credentials.clone());
        let read = services
            .db
            .read(move |conn| Ok::<_, Fault>((passwords::minimum(conn, user, now)?, credentials.count(conn, user, now)?)));
        let (minimum, keys) = read.await?;
        Ok(Self {
            username: signed_in.user.username.clone(),
            asks_present: !is_just_typed(signed_in, now),
            minimum,
            wrong,
            keys,
            tick,
        })
    }
}

#[derive(Template)]
#[template(path = "me/forced.html")]
struct VisitorPassword {
    visitor: VisitorContext,
    view: View,
    is_forced: bool,
}

#[derive(Template)]
#[template(path = "me/password.html")]
struct Framed {
    context: MemberContext,
    view: View,
}

async fn edit(services: Services, visitor: VisitorContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    alone(&services, visitor, &signed_in, Default::default()).await
}

async fn alone(
    services: &Services,
    visitor: VisitorContext,
    signed_in: &SignedIn,
    said: (Wrong, RevokeChoice),
) -> web::Result<HttpResponse> {
    let view = View::of(services, signed_in, said, visitor.request_info.now).await?;
    let (is_forced, status) = (signed_in.must_change_password, view.wrong.status());
    VisitorPassword { visitor, view, is_forced }.with_status(status)
}

async fn update(
    session: Session,
    services: Services,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    match services.change(&session, &signed_in, &form, &visitor.request_info).await? {
        Attempt::Changed(notice) => Ok(visitor.redirect_with_notice("/", notice)),
        Attempt::Wrong(wrong) => alone(&services, visitor, &signed_in, (wrong, form.tick())).await,
    }
}

async fn show(services: Services, context: MemberContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    framed(&services, context, &signed_in, Default::default()).await
}

async fn framed(
    services: &Services,
    context: MemberContext,
    signed_in: &SignedIn,
    said: (Wrong, RevokeChoice),
) -> web::Result<HttpResponse> {
    let view = View::of(services, signed_in, said, context.scope.now()).await?;
    let status = view.wrong.status();
    Framed { context, view }.with_status(status)
}

async fn save(
    session: Session,
    services: Services,
    context: MemberContext,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    match services.change(&session, &signed_in, &form, &context.scope.request_info).await? {
        Attempt::Changed(notice) => Ok(context.redirect_with_notice(&context.path("/me/password"), notice)),
        Attempt::Wrong(wrong) => framed(&services, context, &signed_in, (wrong, form.tick())).await,
    }
}
