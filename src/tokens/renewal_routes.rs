//! Handlers of the renewal of a token: a new value, and how long the old one still works.

use super::{
    forms::{Expiry, RenewalForm, SAME},
    limits::TokenRefusal,
    make::{Renewal, regenerate},
    model::Token,
    pages::{Regeneration, TokenOwner, Value},
    place::Place,
    routes::one,
};
use crate::{
    db::Db,
    kit::{MemberStatus, OperationResult},
    web::{self, MemberContext, Posted, ReturnTo, page},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub(super) fn mount(app: &mut ServiceConfig) {
    let place = resource("/o/{organization}/me/tokens/{token}/regeneration");
    app.service(place.route(web::get().to(before_renewal)).route(web::post().to(renew)));
    let place = resource("/o/{organization}/system-accounts/{member}/tokens/{token}/regeneration");
    app.service(place.route(web::get().to(before_renewal)).route(web::post().to(renew)));
}

async fn before_renewal(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let (desk, token, longest) = one(&db, &context, Place::of(&req, &context)?).await?;
    let is_over = !token.is_live(context.scope.now());
    // An expiry that the organization no longer allows cannot be kept.
    let keeps = longest.is_none_or(|days| token.expires_at.is_some_and(|at| at <= context.scope.now() + chrono::TimeDelta::days(days)));
    let mut ends = Expiry::usual(longest);
    if keeps {
        ends.choice = web::Field::new(SAME);
    }
    let kept: Option<RenewalForm> = context.pending_form();
    let mut form = kept.unwrap_or_else(|| RenewalForm::new(token.version, ends));
    let is_disabled = desk.member.status == MemberStatus::Disabled;
    let why_not = is_disabled.then(|| TokenRefusal::Disabled(desk.member.name.clone()));
    form.complaint = is_over.then_some(TokenRefusal::Ended).or(why_not).map(|why| why.to_string());
    draw_renewal(context, (desk, token, longest), form)
}

fn draw_renewal(
    context: MemberContext,
    (desk, token, longest): (TokenOwner, Token, Option<i64>),
    form: RenewalForm,
) -> web::Result<HttpResponse> {
    let is_fine = form.complaint.is_none() && ![&form.overlap, &form.ends.choice, &form.ends.date].into_iter().any(web::Field::is_refused);
    let status = if is_fine {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let view = Regeneration { context, desk, token, form, longest };
    page(status, &view)
}

async fn renew(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(mut form): Posted<RenewalForm>) -> web::Result<HttpResponse> {
    let (desk, token, longest) = one(&db, &context, Place::of(&req, &context)?).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let Some((expires_at, overlap)) = form.check(context.scope.now(), longest, token.expires_at) else {
        return draw_renewal(context, (desk, token, longest), form);
    };
    let renewal = Renewal { version: form.version, expires_at, overlap };
    let (member, id) = (desk.member.id, token.id);
    match context.write(&db, move |tx, scope| regenerate(tx, scope, member, id, renewal)).await.refused()? {
        Ok((token, text)) => page(StatusCode::OK, &Value { context, desk, token, text }),
        Err(refusal) => {
            match &refusal {
                TokenRefusal::TooLong(_) => form.ends.choice.refuse(refusal.to_string()),
                // The caller has now seen this warning, so the next submission goes through.
                TokenRefusal::RegeneratedBefore(_) => {
                    form.version = token.version;
                    form.complaint = Some(refusal.to_string());
                }
                _ => form.complaint = Some(refusal.to_string()),
            }
            draw_renewal(context, (desk, token, longest), form)
        }
    }
}
