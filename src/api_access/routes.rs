//! The profile tab on which administrators decide about API access.

use super::{
    forms::PasswordForm,
    make::{AccessRefusal, disable, enable, may_decide, remove_password, set_password},
    pages::{End, Generated, PasswordPage, Show},
    store::{self, Access},
};
use crate::{
    authorization,
    db::Db,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, OrganizationId, rights},
    mail::Outbox,
    members::{self, Header, Member},
    passwords::{Hasher, MINIMUM, generate, judge},
    tokens::{self, Listing},
    web::{self, MemberContext, Notice, Posted, ReturnTo, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use serde::Deserialize;

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/users/{member}/api").route(web::get().to(show)));
    app.service(resource("/o/{organization}/users/{member}/api/enablement").route(web::post().to(begin)));
    let place = resource("/o/{organization}/users/{member}/api/disablement");
    app.service(place.route(web::get().to(before_end)).route(web::post().to(end)));
    let place = resource("/o/{organization}/users/{member}/api/password");
    app.service(place.route(web::get().to(edit)).route(web::post().to(update)));
    let place = resource("/o/{organization}/users/{member}/api/password/deletion");
    app.service(place.route(web::get().to(before_removal)).route(web::post().to(remove)));
}

type Place = Path<(OrganizationId, MemberId)>;

/// The person, the state of their API access, and why it cannot be changed, if so.
struct About {
    header: Header,
    access: Option<Access>,
    /// The person's tokens. `None` if they may do more than the caller, who then sees only the count.
    listing: Option<Listing>,
    tokens: usize,
    refusal: Option<AccessRefusal>,
    /// Whether they hold the permission to make tokens.
    may_make: bool,
    organization: String,
}

async fn about(db: &Db, context: &MemberContext, id: MemberId) -> web::Result<About> {
    let (base, organization) = (context.path(format!("/users/{id}/tokens")), context.organization_name.clone());
    let read = context.read(db, move |conn, scope| {
        scope.demand(rights::USER_MANAGE)?;
        if members::find(conn, scope, id)?.kind != MemberKind::User {
            return Err(Fault::Missing);
        }
        let header = members::header(conn, scope, id)?;
        let is_above = !scope.is_me(id) && authorization::above(conn, scope, id)?.is_some();
        let access = store::find(conn, scope, id)?;
        let works = access.is_some() && header.member.status == MemberStatus::Active;
        let listing = tokens::listing(conn, scope, id, base.clone(), (false, works))?;
        let held = authorization::permissions(conn, scope.organization, id, scope.now())?;
        Ok::<_, Fault>(About {
            refusal: may_decide(conn, scope, &header.member)?,
            access,
            tokens: listing.live.len(),
            listing: (!is_above).then_some(listing),
            may_make: held.allow(&rights::TOKEN_MANAGE.over_own()),
            organization: organization.clone(),
            header,
        })
    });
    Ok(read.await?)
}

fn home(context: &MemberContext, id: MemberId) -> String {
    context.path(format!("/users/{id}/api"))
}

async fn show(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let about = about(&db, &context, place.1).await?;
    let view = Show {
        context,
        header: about.header,
        access: about.access,
        listing: about.listing,
        tokens: about.tokens,
        may_make: about.may_make,
        refusal: about.refusal,
    };
    page(StatusCode::OK, &view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Redirects to the tab, with a notice of the result.
fn told(
    context: &MemberContext,
    id: MemberId,
    done: Result<Member, OperationError<AccessRefusal>>,
    what: fn(&str) -> String,
) -> web::Result<HttpResponse> {
    let notice = match done.refused()? {
        Ok(member) => Notice::success(what(&member.name)),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home(context, id), notice))
}

async fn begin(
    (db, outbox): (Data<Db>, Data<Outbox>),
    context: MemberContext,
    place: Place,
    Posted(Nothing {}): Posted<Nothing>,
) -> web::Result<HttpResponse> {
    let (scope, id) = (context.scope.clone(), place.1);
    scope.demand(rights::USER_MANAGE)?;
    context.require_reauthentication(ReturnTo::button(home(&context, id)))?;
    let done = db.write(move |tx| enable(tx, &scope, &outbox, id)).await;
    told(&context, id, done, |name| {
        format!("{name} may use the API now: with tokens of their own, and with an API password once there is one. An email tells them.")
    })
}

async fn before(db: &Db, context: MemberContext, id: MemberId, is_password: bool) -> web::Result<HttpResponse> {
    let about = about(db, &context, id).await?;
    let nothing_to_end = match &about.access {
        None => Some(AccessRefusal::Off),
        Some(access) if is_password && access.changed_at.is_none() => Some(AccessRefusal::NoPassword),
        Some(_) => None,
    };
    let view = End {
        context,
        header: about.header,
        access: about.access,
        tokens: about.tokens,
        is_password,
        refusal: about.refusal.or(nothing_to_end),
    };
    page(StatusCode::OK, &view)
}

async fn before_end(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    before(&db, context, place.1, false).await
}

async fn before_removal(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    before(&db, context, place.1, true).await
}

async fn end(db: Data<Db>, context: MemberContext, place: Place, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let id = place.1;
    let done = context.write(&db, move |tx, scope| disable(tx, scope, id)).await;
    told(&context, id, done, |name| format!("{name} may not use the API any more."))
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let id = place.1;
    let done = context.write(&db, move |tx, scope| remove_password(tx, scope, id)).await;
    told(&context, id, done, |name| format!("The API password of {name} does not work any more."))
}

fn draw(context: MemberContext, about: About, form: PasswordForm) -> web::Result<HttpResponse> {
    let refusal = about.refusal.or(about.access.is_none().then_some(AccessRefusal::Off));
    let is_fine = refusal.is_none() && form.complaint.is_none();
    let view = PasswordPage {
        context,
        header: about.header,
        is_reset: about.access.is_some_and(|access| access.changed_at.is_some()),
        refusal,
        minimum: MINIMUM,
        form,
    };
    page(
        if is_fine {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        },
        &view,
    )
}

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let about = about(&db, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_default();
    draw(context, about, form)
}

/// Sets the API password. A generated one is shown once, on the page that answers.
async fn update(
    (db, outbox): (Data<Db>, Data<Outbox>),
    hasher: Data<Hasher>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<PasswordForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let mut about = about(&db, &context, id).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let is_refused = about.refusal.is_some() || about.access.is_none();
    let mut form = if is_refused { form } else { form.understood()? };
    let password = if form.is_typed() {
        let member = &about.header.member;
        let words = [&member.name, &about.header.username, &about.header.email, &about.organization];
        // The API password has no second factor beside it, whatever the organization demands of sign-ins.
        form.complaint = judge(&form.password, &words.map(String::as_str), MINIMUM).err();
        form.password.clone()
    } else {
        generate()
    };
    if about.refusal.is_some() || about.access.is_none() || form.complaint.is_some() {
        return draw(context, about, form);
    }
    let hash = hasher.hash(&password).await?;
    match context.write(&db, move |tx, scope| set_password(tx, scope, &outbox, id, &hash)).await.refused()? {
        Ok(member) if form.is_typed() => {
            let notice = Notice::success(format!(
                "The API password of {} is set. An email tells them of it, but not what it is.",
                member.name
            ));
            Ok(context.redirect_with_notice(&home(&context, id), notice))
        }
        Ok(_) => {
            let header = about.header;
            page(StatusCode::OK, &Generated { context, header, password })
        }
        Err(refusal) => {
            about.refusal = Some(refusal);
            draw(context, about, form)
        }
    }
}
