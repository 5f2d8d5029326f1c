//! Handlers of `user_creation`: they read the request, call an operation and answer with a page.

use super::{CreatedUser, Sent, Wanted, create_once, forms::CreateForm, load, pages};
use crate::{
    db::Db,
    kit::{MemberId, OperationResult, secret::SecretString},
    passwords::{Hasher, TEMPORARY_DAYS, generate},
    web::{self, MemberContext, Notice, Respond, ReturnTo, WithPickers},
};
use actix_web::{HttpResponse, web::Data};
use chrono::TimeDelta;

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/new").route(web::get().to(new)));
    // The list at the same path belongs to the directory.
    app.service(web::resource("/o/{organization}/users").route(web::post().to(insert)));
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let loaded = context.read(&db, load).await?;
    let kept = context.pending_form();
    let form = kept.unwrap_or_else(|| CreateForm::blank(&loaded.offer));
    pages::New::with(context, form, loaded).ok()
}

async fn insert(
    db: Data<Db>,
    hasher: Data<Hasher>,
    context: MemberContext,
    WithPickers { mut form, search }: WithPickers<CreateForm>,
) -> web::Result<HttpResponse> {
    let loaded = context.read(&db, load).await?;
    if form.grants.narrow(search, &loaded.offer, &context.scope) {
        let is_refused = form.grants.complaint.is_some();
        return pages::New::with(context, form, loaded).ok_unless(is_refused);
    }
    let Some(checked) = form.check(&loaded.offer, &context.organization_name, loaded.minimum) else {
        return pages::New::with(context, form, loaded).unprocessable();
    };
    if loaded.offer.needs_reauthentication(&checked.grants) {
        context.require_reauthentication(ReturnTo::page(context.path("/users/new")))?;
    }
    let generated = (!form.is_typed()).then(generate);
    let hash = hasher.hash(generated.as_ref().unwrap_or(&form.password)).await?;
    let details = checked.details();
    let wanted = checked.wanted(details, Some(hash));
    let (asked, sent) = (wanted.clone(), form.form.clone());
    match context.write(&db, move |tx, scope| create_once(tx, scope, &sent, &asked)).await.refused()? {
        Ok(Sent::Created(done)) => answer(context, done, wanted, generated),
        Ok(Sent::Before(member)) => Ok(sent_before(&context, member, &wanted.name, generated.is_some())),
        Err(refusal) => {
            form.refuse(&refusal);
            pages::New::with(context, form, loaded).unprocessable()
        }
    }
}

/// Redirects to the person whom the same form created before.
fn sent_before(context: &MemberContext, member: MemberId, name: &str, is_generated: bool) -> HttpResponse {
    let lost = if is_generated {
        " The password was shown once, on the page that answered first. If nobody has it, set a temporary one here."
    } else {
        ""
    };
    let notice = Notice::error(format!("{name} is in the directory: this form was sent before, and nothing was done twice.{lost}"));
    context.redirect_with_notice(&context.path(format!("/users/{member}")), notice)
}

/// A generated password is shown on the page that answers and nowhere else. A typed one is already known.
fn answer(context: MemberContext, done: CreatedUser, wanted: Wanted, generated: Option<SecretString>) -> web::Result<HttpResponse> {
    let until = context.scope.now() + TimeDelta::days(TEMPORARY_DAYS);
    let Some(password) = generated else {
        let notice = Notice::success(format!(
            "{} is in the directory. The password you typed works until {}, and is replaced at the first sign-in.",
            wanted.name,
            until.exact()
        ));
        return Ok(context.redirect_with_notice(&context.path(format!("/users/{}", done.member)), notice));
    };
    pages::Created {
        context,
        member: done.member,
        name: wanted.name,
        username: wanted.username,
        is_active: wanted.is_active,
        password,
        until,
    }
    .ok()
}
