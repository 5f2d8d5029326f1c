//! One person's profile: the header above all tabs, and the first tab.

mod actions;
mod edit_conflict;
mod email;
mod header;
mod history;

pub use edit_conflict::edit_conflict;
pub use email::{EmailRefusal, change_email, set_email, tell_of_change};
pub use header::{Header, header, header_of};

use super::{
    batch_queries::policies_of,
    details::{EditForm, EditRefusal, SentDetails, edit},
    place::Place,
    reach::towards,
    store::find_of,
};
use crate::{
    db::{Conn, Db},
    identities::{self, NamedIdentity},
    kit::{Fault, OperationResult, Scope, rights},
    own_fields::{self, Line},
    web::{self, MemberContext, Notice, Posted, Respond, filters},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use email::may_set_email;

pub(super) fn mount(app: &mut web::Routes) {
    let profile = web::resource(["/o/{organization}/users/{member}", "/o/{organization}/system-accounts/{member}"]);
    app.service(profile.route(web::get().to(show)).route(web::post().to(update)));
    actions::mount(app);
    email::mount(app);
    history::mount(app);
}

#[derive(Template)]
#[template(path = "members/profile.html")]
struct Profile {
    context: MemberContext,
    header: Header,
    /// Only for callers who may edit; others see plain values.
    form: Option<EditForm>,
    /// Why the caller cannot change the email, if so.
    email_refusal: Option<EmailRefusal>,
    /// The attached policies, for callers who may see policies.
    policies: Option<Vec<String>>,
    /// What identity providers call them, for callers who may edit.
    identities: Vec<NamedIdentity>,
    /// The organization's own fields that the caller sees.
    own: Vec<Line>,
}

/// What the page shows besides the form.
struct Found {
    header: Header,
    email_refusal: Option<EmailRefusal>,
    policies: Option<Vec<String>>,
    identities: Vec<NamedIdentity>,
    own: Vec<Line>,
}

impl Profile {
    fn new(context: MemberContext, mut found: Found, form: Option<EditForm>) -> Self {
        if let Some(form) = &form {
            own_fields::fill(&mut found.own, &form.own, &form.own_complaints);
        }
        Self {
            context,
            header: found.header,
            form,
            email_refusal: found.email_refusal,
            policies: found.policies,
            identities: found.identities,
            own: found.own,
        }
    }
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let found = context.read(&db, move |conn, scope| load(conn, scope, place)).await?;
    let may_manage = found.header.may_manage;
    let kept = context.pending_form::<SentDetails>().filter(|_| may_manage);
    let kept = kept.map(|sent| EditForm::read(place.kind, sent)).transpose()?;
    let form = kept.or_else(|| may_manage.then(|| EditForm::of(&found.header.member)));
    Profile::new(context, found, form).ok()
}

fn load(conn: &mut Conn, scope: &Scope, place: Place) -> Result<Found, Fault> {
    let header = header_of(conn, scope, place.kind, place.id)?;
    let email_refusal = if header.may_manage && !header.is_machine() {
        may_set_email(conn, scope, &header.member)?
    } else {
        None
    };
    let policies = policies_of(conn, scope, &[place.id])?;
    let policies = policies.map(|mut all| all.remove(&place.id).into_iter().flatten().map(|(_, name)| name).collect());
    let identities = match header.member.user_id.filter(|_| header.may_manage) {
        Some(user) => identities::named_of(conn, scope.organization, user)?,
        None => vec![],
    };
    let own = own_fields::of_member(conn, scope, place.kind, place.id)?;
    Ok(Found { header, email_refusal, policies, identities, own })
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(sent): Posted<SentDetails>) -> web::Result<HttpResponse> {
    context.read(&db, move |conn, scope| may_edit(conn, scope, place)).await?;
    let mut form = EditForm::read(place.kind, sent)?;
    let Some(wanted) = form.check() else {
        return again(&db, StatusCode::UNPROCESSABLE_ENTITY, context, place, form).await;
    };
    let (version, asked) = (form.version, wanted.clone());
    let back = place.path(&context);
    match context
        .write(&db, move |tx, scope| edit(tx, scope, place.kind, place.id, version, &asked))
        .await
        .refused()?
    {
        Ok(true) => Ok(context.redirect_with_notice(&back, Notice::success("The details are saved."))),
        Ok(false) => again(&db, StatusCode::OK, context.saying(Notice::success("Nothing was changed.")), place, form).await,
        Err(EditRefusal::Meanwhile) => edit_conflict(&db, context, place.id, (version, wanted), (back.clone(), back)).await,
        Err(refusal) => {
            form.refuse(refusal);
            again(&db, StatusCode::UNPROCESSABLE_ENTITY, context, place, form).await
        }
    }
}

fn may_edit(conn: &mut Conn, scope: &Scope, place: Place) -> Result<(), Fault> {
    let scope = &towards(conn, scope, place.id)?;
    scope.demand(rights::manage(place.kind))?;
    find_of(conn, scope, place.kind, place.id).map(drop)
}

/// The page with the form as it was sent.
async fn again(db: &Db, status: StatusCode, context: MemberContext, place: Place, form: EditForm) -> web::Result<HttpResponse> {
    let found = context.read(db, move |conn, scope| load(conn, scope, place)).await?;
    Profile::new(context, found, Some(form)).with_status(status)
}
