//! The profile tab on which administrators decide about API access.

use super::{
    forms::{PasswordForm, words},
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
    passwords::{Hasher, MINIMUM},
    tokens::{self, Listing},
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/{member}/api").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/users/{member}/api/enablement").route(web::post().to(begin)));
    let place = web::resource("/o/{organization}/users/{member}/api/disablement");
    app.service(place.route(web::get().to(before_end)).route(web::post().to(end)));
    let place = web::resource("/o/{organization}/users/{member}/api/password");
    app.service(place.route(web::get().to(edit)).route(web::post().to(update)));
    let place = web::resource("/o/{organization}/users/{member}/api/password/deletion");
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

impl About {
    /// Why no API password can be set, if so.
    fn password_refusal(&self) -> Option<AccessRefusal> {
        self.refusal.clone().or(self.access.is_none().then_some(AccessRefusal::Off))
    }
}

async fn about(db: &Db, context: &MemberContext, id: MemberId) -> web::Result<About> {
    let (base, organization) = (context.path(format!("/users/{id}/tokens")), context.organization_name.clone());
    let read = context.read(db, move |conn, scope| {
        let scope = &members::towards(conn, scope, id)?;
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
    let About { header, access, listing, tokens, refusal, may_make, .. } = about(&db, &context, place.1).await?;
    Show { context, header, access, listing, tokens, may_make, refusal }.ok()
}

/// Redirects to the tab, with a notice of the result.
fn told(
    context: &MemberContext,
    id: MemberId,
    done: Result<Member, OperationError<AccessRefusal>>,
    what: fn(&str) -> String,
) -> web::Result<HttpResponse> {
    let notice = Notice::of(done.refused()?.map(|member| what(&member.name)));
    Ok(context.redirect_with_notice(&home(context, id), notice))
}

async fn begin(
    (db, outbox): (Data<Db>, Data<Outbox>),
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (scope, id) = (context.scope.clone(), place.1);
    scope.demand_over_teams(rights::USER_MANAGE)?;
    context.require_reauthentication(ReturnTo::button(home(&context, id)))?;
    let done = db.write(move |tx| enable(tx, &scope, &outbox, id)).await;
    told(&context, id, done, |name| {
        format!("{name} may use the API now: with tokens of their own, and with an API password once there is one. An email tells them.")
    })
}

async fn before(db: &Db, context: MemberContext, id: MemberId, is_password: bool) -> web::Result<HttpResponse> {
    let About { header, access, tokens, refusal, .. } = about(db, &context, id).await?;
    let nothing_to_end = match &access {
        None => Some(AccessRefusal::Off),
        Some(access) if is_password && access.changed_at.is_none() => Some(AccessRefusal::NoPassword),
        Some(_) => None,
    };
    let refusal = refusal.or(nothing_to_end);
    End { context, header, access, tokens, is_password, refusal }.ok()
}

async fn before_end(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    before(&db, context, place.1, false).await
}

async fn before_removal(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    before(&db, context, place.1, true).await
}

async fn end(db: Data<Db>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let done = context.write(&db, move |tx, scope| disable(tx, scope, id)).await;
    told(&context, id, done, |name| format!("{name} may not use the API any more."))
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let done = context.write(&db, move |tx, scope| remove_password(tx, scope, id)).await;
    told(&context, id, done, |name| format!("The API password of {name} does not work any more."))
}

fn draw(context: MemberContext, about: About, form: PasswordForm) -> web::Result<HttpResponse> {
    let refusal = about.password_refusal();
    let is_refused = refusal.is_some() || form.complaint.is_some();
    PasswordPage {
        context,
        header: about.header,
        is_reset: about.access.is_some_and(|access| access.changed_at.is_some()),
        refusal,
        minimum: MINIMUM,
        form,
    }
    .ok_unless(is_refused)
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
    if about.password_refusal().is_some() {
        return draw(context, about, form);
    }
    let mut form = form.understood()?;
    let Some(password) = form.check(&words(&about.header, &about.organization)) else {
        return draw(context, about, form);
    };
    let hash = hasher.hash(&password).await?;
    match context.write(&db, move |tx, scope| set_password(tx, scope, &outbox, id, &hash)).await.refused()? {
        Ok(member) if form.is_typed() => {
            let notice = format!("The API password of {} is set. An email tells them of it, but not what it is.", member.name);
            Ok(context.redirect_with_notice(&home(&context, id), Notice::success(notice)))
        }
        Ok(_) => Generated { context, header: about.header, password }.ok(),
        Err(refusal) => {
            about.refusal = Some(refusal);
            draw(context, about, form)
        }
    }
}
