//! Founding: on an empty database a one-time link lets its holder name the first organization and become its
//! Administrator. There is no default account. The command line founds further organizations.

mod forms;

use crate::{
    audit::{self, Event},
    db::{Db, Tx, schema::deployment},
    kit::{
        Actor, Fault, MemberStatus, OperationError, OperationResult, OrganizationId, Permissions, RequestInfo, Scope, Timestamp, UserId,
        email::Email,
        secret::{MasterKey, Secret, hmac_base64},
    },
    links::{self, LinkKind, Subject},
    members::{self, Details, NewMember, PersonNames},
    organizations::{self, Plan},
    passwords::{self, Hasher, MINIMUM},
    roles::{self, Predefined},
    sessions::{self, DeviceCookies, Outcome, begin_on_device},
    users::{self, Taken, User},
    web::{
        self, Notice, OpenForm, Respond, Site, VisitorContext, filters,
        secret_link::{self, OpenLink},
    },
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;
use diesel::prelude::*;
use forms::SetupForm;
use serde_json::json;

/// Somebody about to found an organization.
#[derive(Clone, Debug)]
pub struct Founder {
    pub organization: String,
    pub plan: Plan,
    pub name: PersonNames,
    pub email: Email,
    /// `None` where they will set their password by a link.
    pub hash: Option<String>,
}

/// Why an organization is not founded.
#[derive(Debug, PartialEq, Eq)]
pub enum FoundRefusal {
    /// The link was used, or another process was quicker.
    Closed,
    Taken,
    /// Somebody else chose the address or the password of this identity.
    Unproven,
}

/// Makes an organization with its predefined roles and its first Administrator. An identity that exists already is
/// taken as it is, if its credentials are known to be theirs. Of a new one the operator says whose it is.
///
/// # Errors
/// [`FoundRefusal::Taken`] when the address is somebody's username or looks like somebody's address, [`FoundRefusal::Unproven`], or what the database says.
pub fn found(
    tx: &mut Tx<'_>,
    founder: &Founder,
    request_info: &RequestInfo,
) -> Result<(OrganizationId, UserId), OperationError<FoundRefusal>> {
    let now = request_info.now;
    let organization = organizations::insert(tx, &founder.organization, &founder.plan, now)?;
    roles::insert_predefined(tx, organization, now)?;
    let user = match users::find_by_likeness(tx, founder.email.as_str())? {
        Some(user) if user.has_mailbox(&founder.email) => existing(tx, user.id)?,
        Some(_) => return Err(OperationError::Refused(FoundRefusal::Taken)),
        None => {
            let id = users::insert(tx, founder.email.as_str(), &founder.email, now);
            let id = id.map_err(|error| error.map_refusal(|Taken| FoundRefusal::Taken))?;
            users::prove(tx, id, now)?;
            id
        }
    };
    if let Some(hash) = &founder.hash {
        passwords::set(tx, user, hash, None, now)?;
    }
    let details = Details {
        first_name: founder.name.first.clone(),
        last_name: founder.name.last.clone(),
        ..Details::default()
    };
    // Their own spelling of the address, where they had it before.
    let identity = users::find(tx, user)?;
    let email = identity.email.as_str();
    let new = NewMember {
        organization,
        user,
        name: &founder.name.display,
        email,
        username: &identity.username,
        status: MemberStatus::Active,
        details: Some(&details),
        by: None,
    };
    let member = members::insert(tx, &new, now)?;
    let actor = Actor::Member { id: member, user: Some(user), name: founder.name.display.clone() };
    let scope = Scope {
        organization,
        actor,
        over_person: Permissions::default(),
        permissions: Permissions::everything(),
        request_info: request_info.clone(),
    };
    let administrator = roles::predefined(tx, organization, Predefined::Administrator)?;
    members::grant_roles(tx, &scope, member, &[administrator])?;
    let event = Event::new("organization.founded", "organization", organization.0, &founder.organization);
    audit::record(tx, &scope, event.after(json!({ "plan": founder.plan.name, "administrator": email })))?;
    Ok((organization, user))
}

/// The identity that is there. An administrator of another organization may have made it and know its password.
fn existing(tx: &mut Tx<'_>, id: UserId) -> Result<UserId, OperationError<FoundRefusal>> {
    users::lock(tx, id)?;
    let is_theirs = users::find(tx, id)?.address_proven_at.is_some() || passwords::find(tx, id)?.is_none();
    if is_theirs {
        Ok(id)
    } else {
        Err(OperationError::Refused(FoundRefusal::Unproven))
    }
}

/// The path of a new set-up link, if nothing was founded yet.
///
/// # Errors
/// What the database says.
pub fn issue_link(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<String>, Fault> {
    if organizations::is_any(tx)? {
        return Ok(None);
    }
    links::create(tx, LinkKind::Setup, Subject::default(), now).map(Some)
}

/// Checks that this key is the one the data was sealed with; the first start decides which that is.
///
/// # Errors
/// [`Fault::Broken`] with a sentence, when it is another, or what the database says.
pub fn check_key(tx: &mut Tx<'_>, key: &MasterKey, now: Timestamp) -> Result<(), Fault> {
    let proof = hmac_base64(&key.derive("check"), b"roster");
    crate::db::query::OnBoth(
        diesel::insert_into(deployment::table)
            .values((deployment::id.eq(1), deployment::key_check.eq(&proof), deployment::created_at.eq(now)))
            .on_conflict_do_nothing(),
    )
    .execute(tx.conn())?;
    let known: String = deployment::table.find(1).select(deployment::key_check).first(tx.conn())?;
    if known == proof {
        return Ok(());
    }
    Err(Fault::broken(
        "the secret key is not the one this data was sealed with; start with the old one, which stood in ROSTER_SECRET_KEY or in the file secret.key of the data folder",
    ))
}

/// Spends the set-up link and founds the first organization. Of several at once one wins.
fn set_up(
    tx: &mut Tx<'_>,
    secret: &Secret,
    founder: &Founder,
    request_info: &RequestInfo,
) -> Result<(OrganizationId, User), OperationError<FoundRefusal>> {
    let closed = || OperationError::Refused(FoundRefusal::Closed);
    // Everybody who is here at once waits at this one row, and all but the first find an organization.
    diesel::update(deployment::table.find(1)).set(deployment::id.eq(1)).execute(tx.conn())?;
    if organizations::is_any(tx)? {
        return Err(closed());
    }
    let link = match links::find(tx, LinkKind::Setup, secret) {
        Err(Fault::Missing) => return Err(closed()),
        link => link?,
    };
    match links::spend(tx, link.id, request_info.now) {
        Err(Fault::Missing) => return Err(closed()),
        spent => spent?,
    }
    let (organization, user) = found(tx, founder, request_info)?;
    links::void(tx, LinkKind::Setup, Subject::default(), request_info.now)?;
    sessions::record(tx, user, Outcome::SignedIn, "setup", request_info)?;
    members::touch_sign_in(tx, user, request_info.now)?;
    Ok((organization, users::find(tx, user)?))
}

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/setup").route(web::get().to(new)).route(web::post().to(create)));
    app.service(web::resource("/setup/{secret}").route(web::get().to(follow)));
}

async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/setup")
}

#[derive(Template)]
#[template(path = "setup/new.html")]
struct New {
    visitor: VisitorContext,
    form: SetupForm,
    minimum: usize,
}

#[derive(Template)]
#[template(path = "setup/closed.html")]
struct Closed {
    is_founded: bool,
}

async fn new(req: HttpRequest, db: Data<Db>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    let link = secret_link::shown(&req, &visitor.site, WHAT)?;
    let Some(link) = open(&db, &visitor, link).await? else {
        return closed(&db).await;
    };
    let form = SetupForm { link: link.id, ..SetupForm::default() };
    New { visitor, form, minimum: MINIMUM }.ok()
}

/// What the link is for, as the page says when the browser does not hold it any more.
const WHAT: &str = "to set up Roster";

/// The link, if there is one and it still founds an organization.
async fn open(db: &Db, visitor: &VisitorContext, link: Option<OpenLink>) -> web::Result<Option<OpenLink>> {
    let Some(link) = link else { return Ok(None) };
    let (now, secret) = (visitor.request_info.now, link.secret.clone());
    let is_open = db
        .read(move |conn| match links::find(conn, LinkKind::Setup, &secret) {
            Err(Fault::Missing) => Ok(false),
            link => Ok::<_, Fault>(link?.is_open(now) && !organizations::is_any(conn)?),
        })
        .await?;
    Ok(is_open.then_some(link))
}

async fn closed(db: &Db) -> web::Result<HttpResponse> {
    let is_founded = db.read(organizations::is_any).await?;
    Closed { is_founded }.with_status(StatusCode::GONE)
}

async fn create(
    req: HttpRequest,
    session: Session,
    db: Data<Db>,
    hasher: Data<Hasher>,
    devices: Data<DeviceCookies>,
    visitor: VisitorContext,
    OpenForm(mut form): OpenForm<SetupForm>,
) -> web::Result<HttpResponse> {
    let link = secret_link::named(&req, &visitor.site, &form.link, WHAT, "")?;
    let Some(link) = open(&db, &visitor, link).await? else {
        return closed(&db).await;
    };
    let Some((organization, names, email)) = form.check() else {
        return New { visitor, form, minimum: MINIMUM }.unprocessable();
    };
    let hash = Some(hasher.hash(&form.password).await?);
    let founder = Founder { organization, plan: Plan::default(), name: names, email, hash };
    let request_info = visitor.request_info.clone();
    let Ok((organization, user)) = db.write(move |tx| set_up(tx, &link.secret, &founder, &request_info)).await.refused()? else {
        return closed(&db).await;
    };
    let notice = Notice::success("Your organization is ready. Invite the people who belong to it.");
    let response = visitor.redirect_with_notice(&format!("/o/{organization}/users"), notice);
    let response = begin_on_device(&session, &devices, &visitor, (&user, Some(visitor.request_info.now)), response)?;
    Ok(secret_link::forget(response, &visitor.site, &form.link))
}
