//! The email of a person, which belongs to their identity. An administrator can change it at once, but only for a
//! person who belongs to no other organization and holds no more permissions than the administrator. All other people
//! change their own.

use super::header::{Header, header};
use crate::{
    audit::{self, Event},
    authorization::above,
    db::{Conn, Db, Tx},
    kit::{
        Fault, MemberId, MemberStatus, OperationError, OperationResult, OrganizationId, Permission, RequestInfo, Scope, Timestamp, UserId,
        email::Email, rights,
    },
    links::{self, LinkKind, Subject},
    mail::{Letter, Outbox, queue},
    members::{
        Member,
        managed::{decides_address, may_change_managed},
        reach::towards,
        reauthorize::reauthorize,
        store::{find, memberships, refresh_search_keys},
    },
    organizations,
    throttle::{self, Bucket},
    users::{self, Taken},
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

/// Why an administrator cannot change it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailRefusal {
    #[error("You change your own email on your own profile, where your password is asked for.")]
    Yourself,
    #[error("The address is that of the invitation. Cancel it and invite the right one.")]
    Invited,
    #[error("They belong to another organization too, so only they can change it: ask them to, on their own profile.")]
    Elsewhere,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("An identity provider manages this person, and sends their address. Change it there.")]
    Managed,
    #[error("This is their email already.")]
    Unchanged,
    #[error(transparent)]
    Taken(#[from] Taken),
    #[error("Too many letters to this address. Try again in {0} minutes.")]
    TooMany(u64),
}

/// Why the caller cannot change this person's email, whatever the new address is.
pub fn may_set_email(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<EmailRefusal>, Fault> {
    if scope.is_me(member.id) {
        return Ok(Some(EmailRefusal::Yourself));
    }
    if member.status == MemberStatus::Invited {
        return Ok(Some(EmailRefusal::Invited));
    }
    let present = users::find(conn, member.user_id.ok_or(Fault::Missing)?)?.address()?;
    if !may_change_managed(scope) && decides_address(conn, scope.organization, member.id, &present)? {
        return Ok(Some(EmailRefusal::Managed));
    }
    if let Some(permission) = above(conn, scope, member.id)? {
        return Ok(Some(EmailRefusal::AboveYou(permission)));
    }
    let is_ours = memberships(conn, member.user_id.ok_or(Fault::Missing)?)?.len() == 1;
    Ok((!is_ours).then_some(EmailRefusal::Elsewhere))
}

/// Changes a person's email at once and notifies both addresses. Sessions stay valid; links to set a password are
/// revoked.
///
/// # Errors
/// An [`EmailRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_email(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, id: MemberId, new: &Email) -> Result<(), OperationError<EmailRefusal>> {
    let scope = &reauthorize(tx, scope)?;
    let scope = &towards(tx, scope, id)?;
    scope.demand(rights::USER_MANAGE)?;
    let organization = organizations::find(tx, scope.organization)?;
    let member = find(tx, scope, id)?;
    let user = member.user_id.ok_or(Fault::Missing)?;
    // Another organization may be adding the same person at this moment.
    users::lock(tx, user)?;
    if let Some(refusal) = may_set_email(tx, scope, &member)? {
        return Err(OperationError::Refused(refusal));
    }
    if users::find(tx, user)?.email == new.as_str() {
        return Err(OperationError::Refused(EmailRefusal::Unchanged));
    }
    if let Some(wait) = throttle::count(tx, Bucket::Letters, &new.mailbox(), throttle::RECIPIENT, scope.now())? {
        return Err(OperationError::Refused(EmailRefusal::TooMany(wait.minutes())));
    }
    let old = change_email(tx, user, new, scope.now()).map_err(|error| error.map_refusal(EmailRefusal::from))?;
    // The administrator made this change: links in earlier alarm letters must not bring the old address back.
    links::readdress(tx, LinkKind::Alarm, user, new.as_str())?;
    let event = Event::new("email.changed", "member", id.0, &member.name);
    audit::record(tx, scope, event.before(json!({ "email": old })).after(json!({ "email": new.as_str() })))?;
    let by = format!("{}, who administers {}", scope.actor.name(), organization.name);
    Ok(tell_of_change(tx, outbox, &old, new, Some(&by), &scope.request_info)?)
}

/// Changes the identity: sign-in, the search keys in every organization, and the links sent to the old address, which
/// are revoked. Returns the old address.
///
/// # Errors
/// [`Taken`].
pub fn change_email(tx: &mut Tx<'_>, user: UserId, new: &Email, now: Timestamp) -> Result<String, OperationError<Taken>> {
    let old = users::change_email(tx, user, new)?;
    refresh_search_keys(tx, user)?;
    for kind in [LinkKind::Reset, LinkKind::Email] {
        links::void(tx, kind, Subject::user(user), now)?;
    }
    Ok(old)
}

#[derive(Template)]
#[template(path = "members/email_letter.txt")]
struct ChangedText<'a> {
    old: &'a str,
    new: &'a str,
    by: Option<&'a str>,
    when: &'a str,
    is_new: bool,
}

#[derive(Template)]
#[template(path = "members/email_letter.html")]
struct ChangedHtml<'a> {
    old: &'a str,
    new: &'a str,
    by: Option<&'a str>,
    when: &'a str,
    is_new: bool,
}

/// Notifies the old address of a change, without a link that acts; also the new address, if another member made the
/// change.
pub fn tell_of_change(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    old: &str,
    new: &Email,
    by: Option<&str>,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let when = &request_info.now.exact();
    let letter = |is_new: bool| {
        let (old, new) = (old, new.as_str());
        Letter::render(&ChangedText { old, new, by, when, is_new }, &ChangedHtml { old, new, by, when, is_new })
    };
    let before = Email::parse(old).map_err(Fault::broken)?;
    queue(tx, outbox, None, "email.changed", &before, &letter(false)?, request_info.now)?;
    if by.is_some() {
        queue(tx, outbox, None, "email.changed", new, &letter(true)?, request_info.now)?;
    }
    Ok(())
}

pub(super) fn mount(app: &mut web::Routes) {
    let email = web::resource("/o/{organization}/users/{member}/email");
    app.service(email.route(web::get().to(edit)).route(web::post().to(update)));
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct EmailForm {
    email: Field,
}

#[derive(Template)]
#[template(path = "members/email.html")]
struct Edit {
    context: MemberContext,
    header: Header,
    email: Field,
    refusal: Option<EmailRefusal>,
}

type Place = Path<(OrganizationId, MemberId)>;

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let EmailForm { email } = context.pending_form().unwrap_or_default();
    let view = load(&db, context, place.1, email).await?;
    view.ok_unless(view.refusal.is_some())
}

/// The page, for callers who may change the email.
async fn load(db: &Db, context: MemberContext, id: MemberId, email: Field) -> web::Result<Edit> {
    let (header, refusal) = context
        .read(db, move |conn, scope| {
            let scope = &towards(conn, scope, id)?;
            scope.demand(rights::USER_MANAGE)?;
            let header = header(conn, scope, id)?;
            let refusal = may_set_email(conn, scope, &header.member)?;
            Ok::<_, Fault>((header, refusal))
        })
        .await?;
    Ok(Edit { context, header, email, refusal })
}

async fn update(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<EmailForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let mut view = load(&db, context, id, form.email).await?;
    view.context.require_reauthentication(ReturnTo::form_page())?;
    let new = match Email::parse(view.email.trimmed()) {
        Ok(new) => new,
        Err(complaint) => {
            view.email.refuse(complaint);
            return view.unprocessable();
        }
    };
    let (scope, asked) = (view.context.scope.clone(), new.clone());
    match db.write(move |tx| set_email(tx, &scope, &outbox, id, &asked)).await.refused()? {
        Ok(()) => {
            let text = format!("The email is {} now. Both addresses are told.", new.as_str());
            let back = view.context.path(format!("/users/{id}"));
            Ok(view.context.redirect_with_notice(&back, Notice::success(text)))
        }
        Err(refusal) => {
            view.email.refuse(refusal.to_string());
            view.unprocessable()
        }
    }
}
