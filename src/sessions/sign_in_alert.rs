//! A sign-in from a new device is reported to the person by letter (the alarm), and they can say that it was not them.
//! Then all sessions and tokens end, the password stops working, and a link to choose a new one goes to the mailbox
//! that got the alarm. So a person who only reads that letter gains nothing that the owner of the mailbox could not do
//! anyway.
//!
//! The attacker may have changed the email to their own mailbox meanwhile. Then the address that got the alarm is put
//! back at once; otherwise the attacker could request a reset link to their mailbox before the new password is chosen.
//! When two mailboxes are involved, the one that belonged to the person before the reported sign-in wins, for the three
//! days that the alarm is open. An alarm sent to the later mailbox does not end it. Memberships gained through the
//! later address are not kept: those organizations must decide again. An address that an administrator set is not
//! undone.

use super::{
    describe,
    mail::{self, NewDevice},
    pages::{Alarm, DeadAlarm},
    store,
};
use crate::{
    db::{Conn, Db, Tx},
    kit::{
        Fault, MemberKind, MemberStatus, OperationError, OperationResult, RequestInfo, Scope, Timestamp,
        email::Email,
        secret::{Secret, SecretString},
    },
    links::{self, Link, LinkKind, Subject},
    mail::{Outbox, queue},
    members::{self, Change, ChangedBy},
    passwords::{self, Hasher, ProgramCredentials, Reason},
    throttle::{self, Bucket, Limit},
    users::{self, Taken, User},
    web::{
        self, Notice, OpenForm, Respond, Site, VisitorContext,
        secret_link::{self, OpenLink},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

/// Limit of new-device letters to one person: a browser without cookies must not fill a mailbox.
const NOTICES: Limit = Limit { burst: 3, every: TimeDelta::hours(8) };

/// Tells a person about a sign-in on a device that is new for them, except for their first sign-in ever. Call it before
/// the sign-in is recorded.
pub fn tell_of_device(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request_info: &RequestInfo) -> Result<(), Fault> {
    let now = request_info.now;
    if !members::has_signed_in(tx, user.id)? || throttle::count(tx, Bucket::LettersDevice, &user.id.to_string(), NOTICES, now)?.is_some() {
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

/// The link does nothing: it is unknown, used or expired, or its person is in no organization any more.
struct Dead;

/// The open link and its person.
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

/// How disowning the sign-in ended.
enum Disowned {
    LinkSent,
    /// A password would open nothing: their organizations require single sign-on.
    SsoOnly,
    /// Another person has the address now, and the link must not go to the current one.
    AddressTaken,
}

impl Disowned {
    fn notice(&self, site: &Site) -> Notice {
        match self {
            Self::LinkSent => Notice::success(format!(
                "Every session and token has ended, and the old password does not work any more. {}",
                site.mail.written("A link to choose a new one", "you")
            )),
            Self::SsoOnly => Notice::success(
                "Every session and token has ended, and the old password does not work any more. Sign in through the identity provider of your organization, and change your password there.",
            ),
            Self::AddressTaken => Notice::error(
                "Every session and token has ended, and the old password does not work any more. But your address belongs to somebody else by now: ask an administrator of your organization to set it right.",
            ),
        }
    }
}

/// Spends the link: sessions, links and program credentials end. The password is replaced by an unknown one until the
/// person sets a new one.
fn disown(
    tx: &mut Tx<'_>,
    (outbox, credentials): (&Outbox, &dyn ProgramCredentials),
    secret: &Secret,
    unknown: &str,
    request_info: &RequestInfo,
) -> Result<Disowned, OperationError<Dead>> {
    let now = request_info.now;
    let (_, told) = open(tx, secret, now)?;
    users::lock(tx, told.id)?;
    // Reads again, now that this transaction holds the lock on the identity.
    let (link, user) = open(tx, secret, now)?;
    match links::spend(tx, link.id, now) {
        Err(Fault::Missing) => return Err(OperationError::Refused(Dead)),
        spent => spent?,
    }
    links::void_since(tx, LinkKind::Alarm, &link, now)?;
    let user = take_back(tx, outbox, user, &link, request_info)?;
    let ended = store::end_all(tx, user.id)?;
    // The attacker may have created some, or copied a secret that was shown.
    let keys = credentials.end(tx, user.id, ChangedBy::Themselves(request_info))?;
    // The attacker's browser must not be recognized when it comes back.
    users::forget_devices(tx, user.id, now)?;
    // An attacker knows the password. It is replaced, not removed: a person with a password counts as one who accepted
    // their invitation, and as an administrator who can get in again.
    if passwords::find(tx, user.id)?.is_some() {
        passwords::set(tx, user.id, unknown, None, now)?;
    }
    members::record_everywhere(tx, user.id, ChangedBy::Themselves(request_info), "session.disowned", |event| {
        event.after(json!({ "sessions": ended, "tokens": keys.tokens, "api_passwords": keys.api_passwords }))
    })?;
    if former(&link, &user).is_some() {
        return Ok(Disowned::AddressTaken);
    }
    let is_sent = passwords::send_link(tx, outbox, &user, &Reason::Disowned, now)?;
    Ok(if is_sent { Disowned::LinkSent } else { Disowned::SsoOnly })
}

/// The address that got the alarm, if the person has a different one now.
fn former(link: &Link, user: &User) -> Option<String> {
    link.mailed_to.clone().filter(|_| !link.went_to(&user.email))
}

/// Puts back the address that got the alarm. If another person has it now, that person keeps it.
fn take_back(tx: &mut Tx<'_>, outbox: &Outbox, user: User, link: &Link, request_info: &RequestInfo) -> Result<User, Fault> {
    let Some(former) = former(link, &user) else { return Ok(user) };
    let address = Email::parse(&former).map_err(Fault::broken)?;
    let later = match tx.part(|tx| members::change_email(tx, user.id, &address, request_info.now)).refused()? {
        Ok(later) => later,
        Err(Taken) => return Ok(user),
    };
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user.id, by, "email.taken_back", |event| event.after(json!({ "email": former })))?;
    members::tell_of_change(tx, outbox, &later, &address, None, request_info)?;
    for membership in members::memberships(tx, user.id)? {
        let scope = Scope {
            request_info: request_info.clone(),
            ..Scope::system(membership.organization, request_info.now)
        };
        let member = members::find(tx, &scope, membership.id)?;
        if member.status == MemberStatus::Active && member.joined_at.is_some_and(|at| at > link.created_at) {
            let change = Change::Disable {
                reason: format!("They joined as {later}. The person who had {former} before took the sign-in back."),
            };
            match members::change(tx, &scope, MemberKind::User, &change, &[member.id]).refused()? {
                Ok(_) | Err(_) => {}
            }
        }
    }
    users::find(tx, user.id)
}

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/alarm").route(web::get().to(new)).route(web::post().to(create)));
    app.service(web::resource("/alarm/{secret}").route(web::get().to(follow)));
}

/// Removes the secret from the address, because histories and logs would keep it.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/alarm")
}

/// Says what the button will do. Opening the page changes nothing, because mail scanners follow links.
async fn new(db: Data<Db>, visitor: VisitorContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let Some(held) = secret_link::shown(&req, &visitor.site, WHAT)? else {
        return dead(&db, &visitor).await;
    };
    let now = visitor.request_info.now;
    match db.read(move |conn| open(conn, &held.secret, now)).await.refused()? {
        Ok((link, user)) => alarm(visitor, held.id, &link, user).ok(),
        Err(Dead) => dead(&db, &visitor).await,
    }
}

/// The page of an open link; `id` names it in the form.
fn alarm(visitor: VisitorContext, id: String, link: &Link, user: User) -> Alarm {
    Alarm {
        visitor,
        link: id,
        former: former(link, &user),
        username: user.username,
        at: link.created_at,
    }
}

/// The purpose of the link, as its page says it.
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
    credentials: Data<dyn ProgramCredentials>,
    visitor: VisitorContext,
    req: HttpRequest,
    OpenForm(form): OpenForm<AlarmForm>,
) -> web::Result<HttpResponse> {
    let Some(OpenLink { secret, .. }) = secret_link::named(&req, &visitor.site, &form.link, WHAT, "")? else {
        return dead(&db, &visitor).await;
    };
    let (asked, now) = (secret.clone(), visitor.request_info.now);
    // A link that does nothing must not make this machine compute a hash.
    if let Err(Dead) = db.read(move |conn| open(conn, &asked, now)).await.refused()? {
        return dead(&db, &visitor).await;
    }
    let unknown = hasher.hash(&SecretString::new(Secret::generate().expose())).await?;
    let request_info = visitor.request_info.clone();
    let done = db.write(move |tx| disown(tx, (&outbox, &**credentials), &secret, &unknown, &request_info)).await;
    match done.refused()? {
        Ok(disowned) => {
            let response = visitor.redirect_with_notice("/sign-in", disowned.notice(&visitor.site));
            Ok(secret_link::forget(response, &visitor.site, &form.link))
        }
        Err(Dead) => dead(&db, &visitor).await,
    }
}

/// The page of a link that does nothing. Visitors who try many links are slowed down.
async fn dead(db: &Db, visitor: &VisitorContext) -> web::Result<HttpResponse> {
    throttle::count_dead_link(db, &visitor.request_info).await?;
    DeadAlarm.with_status(StatusCode::GONE)
}
