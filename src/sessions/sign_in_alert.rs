//! A sign-in from a device not seen before is told to the person, who can say that it was not them: then every session
//! and token ends, the passwords are worth nothing any more, and a link to choose another goes to the mailbox that the alarm went to.
//! So anyone who merely reads the letter gains nothing by it that its reader could not have anyway.
//!
//! That person may have moved the email to a mailbox of theirs meanwhile. The address that the alarm went to is put
//! back then, at once: else they would ask for a link to theirs before the new password is chosen. Of two mailboxes the
//! one that was the person's before the sign-in in question wins, for the three days that the alarm is open; an alarm of
//! the later one does not end it. What the later one brought does not come along: where somebody was let in meanwhile,
//! that organization decides anew. An address that an administrator set is not undone.

use super::{
    describe,
    mail::{self, NewDevice},
    pages::{Alarm, DeadAlarm},
    store,
};
use crate::{
    db::{Conn, Db, Tx},
    kit::{
        Fault, OperationError, RequestInfo, Scope, Timestamp,
        email::Email,
        secret::{Secret, SecretString},
    },
    links::{self, Link, LinkKind, Subject},
    mail::{Outbox, queue},
    members::{self, Change, MemberKind, MemberStatus},
    passwords::{self, By, Hasher, ProgramCredentials, Reason},
    throttle::{self, Limit},
    users::{self, Taken, User},
    web::{
        self, Notice, OpenForm, Site, VisitorContext, created, page,
        secret_link::{self, Named},
        subscriber_prefix,
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

/// Letters about new devices to one person: a browser that keeps no cookies must not fill a mailbox.
const NOTICES: Limit = Limit {
    burst: 3,
    every: TimeDelta::hours(8),
};

/// Tells somebody of a sign-in on a device they never signed in on before. Their first sign-in of all is no news. Asked
/// before the sign-in is written down.
///
/// # Errors
/// What the database says.
pub fn tell_of_device(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request_info: &RequestInfo) -> Result<(), Fault> {
    let now = request_info.now;
    if !members::has_signed_in(tx, user.id)? || throttle::take(tx, "letters.device", &user.id.to_string(), NOTICES, now)?.is_err() {
        return Ok(());
    }
    let path = links::create(tx, LinkKind::Alarm, Subject::mailed(user.id, &user.email), now)?;
    let letter = mail::new_device(&NewDevice {
        username: &user.username,
        when: &now.exact(),
        device: &describe(&request_info.agent),
        address: &request_info.address,
        link: &outbox.link(&path),
    })?;
    let address = Email::parse(&user.email).map_err(Fault::broken)?;
    queue(tx, outbox, None, "session.new_device", &address, &letter, now)?;
    Ok(())
}

/// The link does nothing: unknown, used, too old, or of somebody who is in no organization any more.
struct Dead;

/// The open link and whose it is.
fn open(conn: &mut Conn, secret: &Secret, now: Timestamp) -> Result<(Link, User), OperationError<Dead>> {
    let dead = || OperationError::Refused(Dead);
    let link = match links::find(conn, LinkKind::Alarm, secret) {
        Ok(link) if link.is_open(now) => link,
        Ok(_) | Err(Fault::Missing) => return Err(dead()),
        Err(fault) => return Err(fault.into()),
    };
    let user = users::find(conn, link.user.ok_or_else(dead)?)?;
    let memberships = members::memberships(conn, user.id)?;
    if memberships.iter().any(|membership| membership.status == MemberStatus::Active) {
        Ok((link, user))
    } else {
        Err(dead())
    }
}

/// What became of it.
enum Disowned {
    LinkSent,
    /// Somebody else has the address by now, and the link must not go to the present one.
    AddressTaken,
}

/// Spends the link: sessions, links and what programs use end, and the password becomes one that nobody knows, until a new one is set.
fn disown(
    tx: &mut Tx<'_>,
    (outbox, keyring): (&Outbox, &dyn ProgramCredentials),
    secret: &Secret,
    unknown: &str,
    request_info: &RequestInfo,
) -> Result<Disowned, OperationError<Dead>> {
    let now = request_info.now;
    let (_, told) = open(tx, secret, now)?;
    users::lock(tx, told.id)?;
    // Once more, now that nobody else changes this identity.
    let (link, user) = open(tx, secret, now)?;
    match links::spend(tx, link.id, now) {
        Err(Fault::Missing) => return Err(OperationError::Refused(Dead)),
        spent => spent?,
    }
    links::void_since(tx, LinkKind::Alarm, &link, now)?;
    let user = take_back(tx, outbox, user, &link, request_info)?;
    let ended = store::end_all(tx, user.id)?;
    // That person may have made some, or copied what was shown.
    let keys = keyring.end(tx, user.id, By::Themselves(request_info))?;
    // The browser of that person must not pass for a known one when it comes again.
    users::forget_devices(tx, user.id, now)?;
    // Somebody knows the password. It is replaced rather than removed: who has one counts as somebody who accepted their
    // invitation, and as an administrator who can get in again.
    if passwords::find(tx, user.id)?.is_some() {
        passwords::set(tx, user.id, unknown, None, now)?;
    }
    members::record_own(
        tx,
        user.id,
        request_info,
        "session.disowned",
        Some(&json!({ "sessions": ended, "tokens": keys.tokens, "api_passwords": keys.api_passwords })),
    )?;
    if former(&link, &user).is_some() {
        return Ok(Disowned::AddressTaken);
    }
    passwords::send_link(tx, outbox, &user, &Reason::Disowned, now)?;
    Ok(Disowned::LinkSent)
}

/// The address that the alarm went to, where it is another one by now.
fn former(link: &Link, user: &User) -> Option<String> {
    link.mailed_to.clone().filter(|_| !link.went_to(&user.email))
}

/// Puts back the address that the alarm went to. Where somebody else has it by now, it stays with them.
fn take_back(tx: &mut Tx<'_>, outbox: &Outbox, user: User, link: &Link, request_info: &RequestInfo) -> Result<User, Fault> {
    let Some(former) = former(link, &user) else { return Ok(user) };
    let address = Email::parse(&former).map_err(Fault::broken)?;
    let later = match tx.part(|tx| members::change_email(tx, user.id, &address, request_info.now)) {
        Ok(later) => later,
        Err(OperationError::Refused(Taken)) => return Ok(user),
        Err(OperationError::Fault(fault)) => return Err(fault),
    };
    let told = Some(json!({ "email": former }));
    members::record_own(tx, user.id, request_info, "email.taken_back", told.as_ref())?;
    members::tell_of_change(tx, outbox, &later, &address, None, request_info)?;
    for membership in members::memberships(tx, user.id)? {
        let scope = Scope {
            request_info: request_info.clone(),
            ..Scope::system(membership.organization, request_info.now)
        };
        let member = members::find(tx, &scope, membership.id)?;
        if member.status == MemberStatus::Active && member.joined_at.is_some_and(|at| at > link.created_at) {
            let change = Change::Disable {
                reason: format!("They joined as {later}. Whoever had {former} before took the sign-in back."),
            };
            match members::change(tx, &scope, MemberKind::User, &change, &[member.id]) {
                Ok(_) | Err(OperationError::Refused(_)) => {}
                Err(OperationError::Fault(fault)) => return Err(fault),
            }
        }
    }
    users::find(tx, user.id)
}

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/alarm").route(web::get().to(new)).route(web::post().to(create)));
    app.service(resource("/alarm/{secret}").route(web::get().to(follow)));
}

/// Takes the secret out of the address, where histories and logs would keep it.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/alarm")
}

/// Says what the button will do. Looking at it changes nothing: programs that check mail follow links.
async fn new(db: Data<Db>, visitor: VisitorContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let held = match secret_link::shown(&req, &visitor.site) {
        Named::Open(held) => held,
        Named::None => return dead(&db, &visitor).await,
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    };
    let now = visitor.request_info.now;
    match db.read(move |conn| open(conn, &held.secret, now)).await {
        Ok((link, user)) => page(
            StatusCode::OK,
            &Alarm {
                visitor,
                link: held.id,
                former: former(&link, &user),
                username: user.username,
                at: link.created_at,
            },
        ),
        Err(OperationError::Refused(Dead)) => dead(&db, &visitor).await,
        Err(OperationError::Fault(fault)) => Err(fault.into()),
    }
}

/// What the page of such a link was for.
const WHAT: &str = "to say that a sign-in was not yours";

/// Names the link that the page showed.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AlarmForm {
    link: String,
}

async fn create(
    db: Data<Db>,
    (outbox, hasher): (Data<Outbox>, Data<Hasher>),
    keyring: Data<dyn ProgramCredentials>,
    visitor: VisitorContext,
    req: HttpRequest,
    OpenForm(form): OpenForm<AlarmForm>,
) -> web::Result<HttpResponse> {
    let secret = match secret_link::named(&req, &visitor.site, &form.link) {
        Named::Open(held) => held.secret,
        Named::None => return dead(&db, &visitor).await,
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    };
    let (asked, now) = (secret.clone(), visitor.request_info.now);
    match db.read(move |conn| open(conn, &asked, now)).await {
        Ok(_) => {}
        // Nobody makes this machine hash for a link that does nothing.
        Err(OperationError::Refused(Dead)) => return dead(&db, &visitor).await,
        Err(OperationError::Fault(fault)) => return Err(fault.into()),
    }
    let unknown = hasher.hash(&SecretString::new(Secret::generate().expose())).await?;
    let request_info = visitor.request_info.clone();
    match db
        .write(move |tx| disown(tx, (&outbox, &**keyring), &secret, &unknown, &request_info))
        .await
    {
        Ok(disowned) => {
            let notice = match disowned {
                Disowned::LinkSent => Notice::success(format!(
                    "Every session and token has ended, and the old password does not work any more. {}",
                    visitor.site.mail.written("A link to choose a new one", "you")
                )),
                Disowned::AddressTaken => Notice::error(
                    "Every session and token has ended, and the old password does not work any more. But your address belongs to somebody else by now: ask an administrator of your organization to set it right.",
                ),
            };
            Ok(secret_link::forget(
                created(&visitor.site, "/sign-in", notice),
                &visitor.site,
                &form.link,
            ))
        }
        Err(OperationError::Refused(Dead)) => dead(&db, &visitor).await,
        Err(OperationError::Fault(fault)) => Err(fault.into()),
    }
}

/// The page of a link that does nothing. Anyone who tries many is slowed down.
async fn dead(db: &Db, visitor: &VisitorContext) -> web::Result<HttpResponse> {
    let request_info = visitor.request_info.clone();
    let counted = db
        .write(move |tx| {
            throttle::take(
                tx,
                "links",
                &subscriber_prefix(&request_info.address),
                throttle::LINKS,
                request_info.now,
            )
        })
        .await?;
    match counted {
        Ok(()) => page(StatusCode::GONE, &DeadAlarm),
        Err(wait) => Err(web::Error::TooMany(wait)),
    }
}
