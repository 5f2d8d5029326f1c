//! One person's profile: the header above all tabs, and the first tab.

use super::{
    Granted, Pending,
    batch_queries::policies_of,
    details::{EditForm, EditRefusal, SentDetails, edit},
    edit_conflict::edit_conflict,
    email::{EmailRefusal, may_set_email},
    foresight::WhyNot,
    load_rows,
    model::Member,
    place::Place,
    store,
};
use crate::{
    db::{
        Conn, Db,
        schema::{passkeys, totps, users},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, Scope, UserId, rights},
    web::{self, MemberContext, Notice, Posted, created, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use diesel::prelude::*;

/// The header above every tab of a profile.
#[derive(Clone, Debug)]
pub struct Header {
    pub member: Member,
    pub username: String,
    pub email: String,
    pub roles: Vec<Granted>,
    pub teams: Vec<String>,
    pub status_by: Option<String>,
    pub invitation: Option<Pending>,
    pub is_me: bool,
    /// They have a second factor.
    pub has_two_step: bool,
    /// Whether that is shown: only to the person, and to callers who manage people.
    pub shows_two_step: bool,
    /// Why the caller cannot make a change to this person, if so.
    pub why_not: WhyNot,
    pub may_manage: bool,
    /// The caller may disable and enable it, and use its tokens.
    pub may_run: bool,
    pub may_invite: bool,
    pub created_by: Option<String>,
}

impl Header {
    pub fn is_machine(&self) -> bool {
        self.member.kind.is_machine()
    }
    /// The path of the member's own page.
    pub fn path(&self, context: &MemberContext) -> String {
        let (kind, id) = (self.member.kind, self.member.id);
        Place { kind, id }.path(context)
    }
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator)
    }
    pub fn is_invited(&self) -> bool {
        self.member.status == MemberStatus::Invited
    }
    pub fn is_disabled(&self) -> bool {
        self.member.status == MemberStatus::Disabled
    }
}

/// Same as [`header_of`] for a person.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn header(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Header, Fault> {
    header_of(conn, scope, MemberKind::User, id)
}

/// Loads the header. Needs `user:read:*` or `system_account:read:*`, except for one's own profile.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn header_of(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Header, Fault> {
    if !scope.is_me(id) {
        scope.demand(rights::read(kind))?;
    }
    let member = store::find_of(conn, scope, kind, id)?;
    let username: Option<String> = users::table
        .filter(users::id.nullable().eq(member.user_id))
        .select(users::username)
        .first(conn)
        .optional()?;
    let has_two_step = has_two_step(conn, &member)?;
    // Uses the directory's loader, so that the profile and the list show the same.
    let row = load_rows(conn, scope, vec![member])?.pop().ok_or(Fault::Missing)?;
    Ok(Header {
        may_manage: scope.may(rights::manage(kind)),
        shows_two_step: row.is_me || scope.may(rights::manage(kind)),
        may_run: row.may_run,
        may_invite: scope.may(rights::USER_INVITE),
        is_me: row.is_me,
        roles: row.roles,
        teams: row.teams,
        invitation: row.invitation,
        status_by: row.status_by,
        created_by: row.created_by,
        email: row.email,
        member: row.member,
        username: username.unwrap_or_default(),
        has_two_step,
        why_not: row.why_not,
    })
}

fn has_two_step(conn: &mut Conn, member: &Member) -> Result<bool, Fault> {
    let app = totps::table.filter(totps::user_id.nullable().eq(member.user_id));
    if app.select(totps::user_id).first::<UserId>(conn).optional()?.is_some() {
        return Ok(true);
    }
    let key = passkeys::table.filter(passkeys::user_id.nullable().eq(member.user_id));
    Ok(key.select(passkeys::user_id).first::<UserId>(conn).optional()?.is_some())
}

pub(super) fn mount(app: &mut ServiceConfig) {
    let profile = actix_web::web::resource(["/o/{organization}/users/{member}", "/o/{organization}/system-accounts/{member}"]);
    app.service(profile.route(web::get().to(show)).route(web::post().to(update)));
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
}

/// What the page shows besides the form.
struct Found {
    header: Header,
    email_refusal: Option<EmailRefusal>,
    policies: Option<Vec<String>>,
}

impl Profile {
    fn new(context: MemberContext, found: Found, form: Option<EditForm>) -> Self {
        Self {
            context,
            header: found.header,
            form,
            email_refusal: found.email_refusal,
            policies: found.policies,
        }
    }
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let scope = context.scope.clone();
    let found = db.read(move |conn| load(conn, &scope, place)).await?;
    let may_manage = found.header.may_manage;
    let kept = context.pending_form::<SentDetails>().filter(|_| may_manage);
    let kept = kept.map(|sent| EditForm::read(place.kind, sent)).transpose()?;
    let form = kept.or_else(|| may_manage.then(|| EditForm::of(&found.header.member)));
    page(StatusCode::OK, &Profile::new(context, found, form))
}

fn load(conn: &mut Conn, scope: &Scope, place: Place) -> Result<Found, Fault> {
    let header = header_of(conn, scope, place.kind, place.id)?;
    let email_refusal = if header.may_manage && !header.is_machine() {
        may_set_email(conn, scope, &header.member)?
    } else {
        None
    };
    let policies = policies_of(conn, scope, &[place.id])?.map(|mut all| all.remove(&place.id).unwrap_or_default());
    Ok(Found {
        header,
        email_refusal,
        policies,
    })
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(sent): Posted<SentDetails>) -> web::Result<HttpResponse> {
    let scope = context.scope.clone();
    // Checks the permission to edit before the form's complaints are shown.
    let found = db.read(move |conn| {
        scope.demand(rights::manage(place.kind))?;
        load(conn, &scope, place)
    });
    let found = found.await?;
    let mut form = EditForm::read(place.kind, sent)?;
    let again = |status, context, form| page(status, &Profile::new(context, found, Some(form)));
    let Some(wanted) = form.check() else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, context, form);
    };
    let (scope, version, asked) = (context.scope.clone(), form.version, wanted.clone());
    let back = place.path(&context);
    match db.write(move |tx| edit(tx, &scope, place.kind, place.id, version, &asked)).await {
        Ok(true) => Ok(created(&context.site, &back, Notice::success("The details are saved."))),
        Ok(false) => again(StatusCode::OK, context.saying(Notice::success("Nothing was changed.")), form),
        Err(OperationError::Refused(refusal @ (EditRefusal::NameTaken | EditRefusal::NameTooLong))) => {
            form.name.refuse(refusal.to_string());
            again(StatusCode::UNPROCESSABLE_ENTITY, context, form)
        }
        Err(OperationError::Refused(EditRefusal::Meanwhile)) => {
            edit_conflict(&db, context, place.id, (version, wanted), (back.clone(), back)).await
        }
        Err(OperationError::Fault(fault)) => Err(fault.into()),
    }
}
