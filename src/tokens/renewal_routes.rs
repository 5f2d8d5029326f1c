//! Handlers of the renewal of a token: a new value, and how long the old one still works.

use super::{
    create::{Renewal, regenerate},
    forms::RenewalForm,
    limits::TokenRefusal,
    pages::{Regeneration, Value},
    routes::one,
};
use crate::{
    db::Db,
    kit::{MemberStatus, OperationResult},
    web::{self, MemberContext, Posted, Respond, ReturnTo},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    let place = web::resource("/o/{organization}/me/tokens/{token}/regeneration");
    app.service(place.route(web::get().to(before_renewal)).route(web::post().to(renew)));
    let place = web::resource("/o/{organization}/system-accounts/{member}/tokens/{token}/regeneration");
    app.service(place.route(web::get().to(before_renewal)).route(web::post().to(renew)));
}

async fn before_renewal(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let (owner, token, longest) = one(&db, &context, &req).await?;
    let now = context.scope.now();
    let mut form = context.pending_form().unwrap_or_else(|| RenewalForm::of(&token, longest, now));
    let is_disabled = owner.member.status == MemberStatus::Disabled;
    let why_not = is_disabled.then(|| TokenRefusal::Disabled(owner.member.name.clone()));
    let is_over = !token.is_live(now);
    form.complaint = is_over.then_some(TokenRefusal::Ended).or(why_not).map(|why| why.to_string());
    let is_refused = form.is_refused();
    Regeneration { context, owner, token, form, longest }.ok_unless(is_refused)
}

async fn renew(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(mut form): Posted<RenewalForm>) -> web::Result<HttpResponse> {
    let (owner, token, longest) = one(&db, &context, &req).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let Some((expires_at, overlap)) = form.check(context.scope.now(), longest, token.expires_at) else {
        return Regeneration { context, owner, token, form, longest }.unprocessable();
    };
    let renewal = Renewal { version: form.version, expires_at, overlap };
    let (member, id) = (owner.member.id, token.id);
    match context.write(&db, move |tx, scope| regenerate(tx, scope, member, id, renewal)).await.refused()? {
        Ok((token, text)) => Value { context, owner, token, text }.ok(),
        Err(refusal) => {
            form.refuse(&refusal, token.version);
            Regeneration { context, owner, token, form, longest }.unprocessable()
        }
    }
}
