//! People whom an administrator creates in the directory directly, without an invitation.
//!
//! Invariants: nobody grants what they do not hold; an address or a username belongs to one person in the whole
//! deployment; a password that another person chose is temporary, is shown to its creator once, and is in no letter,
//! URL or cookie.

mod forms;
mod pages;
mod routes;
mod sent;

pub use forms::{Checked, CreateForm, username};
pub use routes::mount;

use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{
        Fault, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, Scope, UserId, email::Email, rights, secret::Secret,
    },
    members::{self, Details, GrantOptions, GrantRefusal, Grants, NewMember, SeatUsage, Seats},
    organizations,
    own_fields::{self, Complaints},
    passwords::{self, TEMPORARY_DAYS},
    users::{self, Taken},
};
use chrono::TimeDelta;
use serde_json::json;

/// A checked request to create a person. Checks that need the database are still to come.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The display name.
    pub name: String,
    pub email: Email,
    /// Never changes.
    pub username: String,
    pub is_active: bool,
    pub grants: Grants,
    /// The hash of a temporary password. Without one, the person sets a password by "Forgot your password?".
    pub hash: Option<String>,
    /// First and last name, and other known details.
    pub details: Option<Details>,
}

/// A person who was created.
#[derive(Clone, Copy, Debug)]
pub struct CreatedUser {
    pub member: MemberId,
    pub user: UserId,
}

/// Why nobody was created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    #[error("{} They are in this directory already.", Taken)]
    Here,
    #[error("{} Invite Users adds people who work for another organization.", Taken)]
    Elsewhere,
    #[error("{}", Taken)]
    EmailTaken,
    #[error("{}", users::LOOKS_TAKEN)]
    LooksTaken,
    #[error("{}", Taken)]
    UsernameTaken,
    #[error("{0}")]
    NoSeatLeft(SeatUsage),
    #[error(transparent)]
    Grant(GrantRefusal),
    #[error("This organization lets people in through its identity provider only, so a password would open nothing. Invite them instead.")]
    SingleSignOn,
    /// Of the organization's own fields.
    #[error(transparent)]
    Own(Complaints),
}

type Refused = OperationError<CreateRefusal>;

/// What can be given to a new person, the seats of the plan, and the least length of a password.
///
/// # Errors
/// [`Fault::Denied`].
pub fn offer(conn: &mut Conn, scope: &Scope) -> Result<((GrantOptions, Seats), usize), Fault> {
    let offer = members::offer_people(conn, scope, rights::USER_MANAGE)?;
    let least = passwords::minimum_in(conn, scope.organization, scope.now())?;
    Ok((offer, least))
}

/// What the form shows: [`offer`], and the organization's own fields.
struct Loaded {
    offer: GrantOptions,
    seats: Seats,
    minimum: usize,
    own: Vec<own_fields::Line>,
}

fn load(conn: &mut Conn, scope: &Scope) -> Result<Loaded, Fault> {
    let ((offer, seats), minimum) = offer(conn, scope)?;
    let own = own_fields::of_new(conn, scope.organization, MemberKind::User)?;
    Ok(Loaded { offer, seats, minimum, own })
}

/// Creates an identity and its membership in this organization. The password is already hashed.
///
/// # Errors
/// A [`CreateRefusal`] or [`Fault::Denied`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<CreatedUser, Refused> {
    Creation::open(tx, scope)?.pass(tx, wanted)
}

/// The result of a form that creates a person.
enum Sent {
    Created(CreatedUser),
    /// The form was submitted before, and created this member.
    Before(MemberId),
}

/// [`create`] for a form, which creates one person however often it is submitted.
fn create_once(tx: &mut Tx<'_>, scope: &Scope, form: &str, wanted: &Wanted) -> Result<Sent, Refused> {
    // Locks: of two simultaneous submissions, the second waits here.
    let mut creation = Creation::open(tx, scope)?;
    let Some(form) = Secret::parse(form) else {
        return Ok(Sent::Created(creation.pass(tx, wanted)?));
    };
    if let Some(member) = sent::created_by(tx, scope, &form, &wanted.email)? {
        return Ok(Sent::Before(member));
    }
    let created = creation.pass(tx, wanted)?;
    sent::remember(tx, scope, &form, created.member)?;
    Ok(Sent::Created(created))
}

/// [`create`] for many people in order, each in its own savepoint. The common checks run once.
///
/// # Errors
/// [`Fault::Denied`].
pub fn create_all(tx: &mut Tx<'_>, scope: &Scope, all: &[Wanted]) -> Result<Vec<Result<CreatedUser, CreateRefusal>>, Fault> {
    let mut creation = Creation::open(tx, scope)?;
    let one = |wanted: &Wanted| match tx.part(|tx| creation.pass(tx, wanted)).refused()? {
        Ok(created) => Ok(Ok(created)),
        Err(refusal) => Ok(Err(refusal)),
    };
    all.iter().map(one).collect()
}

/// The state shared by all people who are created in one transaction.
struct Creation {
    scope: Scope,
    seats: Seats,
    /// A password opens nothing: the organization requires single sign-on.
    is_sso_only: bool,
    /// Grants already checked, each with its refusal if there was one.
    judged: Vec<(Grants, Option<GrantRefusal>)>,
}

impl Creation {
    fn open(tx: &mut Tx<'_>, scope: &Scope) -> Result<Self, Fault> {
        // Locks, so that two simultaneous requests count seats one after the other.
        let scope = members::reauthorize(tx, scope)?;
        scope.demand_over_teams(rights::USER_MANAGE)?;
        let (seats, judged) = (members::seats(tx, scope.organization)?, vec![]);
        let sso_from = organizations::find(tx, scope.organization)?.sso_from;
        let is_sso_only = sso_from.is_some_and(|from| from <= scope.now());
        Ok(Self { scope, seats, is_sso_only, judged })
    }

    fn pass(&mut self, tx: &mut Tx<'_>, wanted: &Wanted) -> Result<CreatedUser, Refused> {
        if let Some(refusal) = self.may_grant(tx, &wanted.grants)? {
            return Err(OperationError::Refused(CreateRefusal::Grant(refusal)));
        }
        if self.is_sso_only && wanted.hash.is_some() {
            return Err(OperationError::Refused(CreateRefusal::SingleSignOn));
        }
        let full = self.seats.usage(MemberKind::User).filter(SeatUsage::is_full);
        if let Some(seat_usage) = full.filter(|_| wanted.is_active) {
            return Err(OperationError::Refused(CreateRefusal::NoSeatLeft(seat_usage)));
        }
        let scope = &self.scope;
        is_free(tx, scope, wanted)?;
        // Another organization may take the same address first.
        let user = users::insert(tx, &wanted.username, &wanted.email, scope.now());
        let user = user.map_err(|error| error.map_refusal(|Taken| CreateRefusal::EmailTaken))?;
        let member = admit(tx, scope, wanted, user)?;
        self.seats.people += i64::from(wanted.is_active);
        Ok(CreatedUser { member, user })
    }

    fn may_grant(&mut self, tx: &mut Tx<'_>, grants: &Grants) -> Result<Option<GrantRefusal>, Fault> {
        if let Some((_, refusal)) = self.judged.iter().find(|(known, _)| known == grants) {
            return Ok(refusal.clone());
        }
        let beyond = members::refuse_teams(tx, &self.scope, rights::USER_MANAGE, &grants.teams)?;
        let refusal = match beyond {
            Some(refusal) => Some(refusal),
            None => members::may_grant(tx, &self.scope, grants).refused()?.err(),
        };
        self.judged.push((grants.clone(), refusal.clone()));
        Ok(refusal)
    }
}

/// Checks that no account has this address or username yet. The refusal says what the caller can do.
fn is_free(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<(), Refused> {
    if let Some(user) = users::find_by_likeness(tx, wanted.email.as_str())? {
        let is_here = members::find_by_user(tx, scope.organization, user.id)?.is_some();
        return Err(OperationError::Refused(match user.has_mailbox(&wanted.email) {
            _ if !user.goes_by(wanted.email.as_str()) => CreateRefusal::LooksTaken,
            _ if is_here => CreateRefusal::Here,
            true => CreateRefusal::Elsewhere,
            // It is the username of a person who has another address.
            false => CreateRefusal::EmailTaken,
        }));
    }
    match users::find_by_likeness(tx, &wanted.username)? {
        Some(_) => Err(OperationError::Refused(CreateRefusal::UsernameTaken)),
        None => Ok(()),
    }
}

fn admit(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted, user: UserId) -> Result<MemberId, Refused> {
    let status = if wanted.is_active {
        MemberStatus::Active
    } else {
        MemberStatus::Disabled
    };
    let new = NewMember {
        organization: scope.organization,
        user,
        name: &wanted.name,
        email: wanted.email.as_str(),
        username: &wanted.username,
        status,
        by: scope.actor.member_id(),
        details: wanted.details.as_ref(),
    };
    let member = members::insert(tx, &new, scope.now())?;
    members::assign(tx, scope, member, &wanted.grants)?;
    if let Some(hash) = &wanted.hash {
        let until = scope.now() + TimeDelta::days(TEMPORARY_DAYS);
        passwords::set(tx, user, hash, Some(until), scope.now())?;
    }
    let mut facts = json!({
        "email": wanted.email.as_str(),
        "username": wanted.username,
        "status": status.as_str(),
        "roles": wanted.grants.roles,
    });
    if let Some(details) = &wanted.details {
        details.tell(&mut facts);
        let own = own_fields::write_new(tx, scope, (MemberKind::User, member), &details.own, &mut facts);
        own.map_err(|error| error.map_refusal(CreateRefusal::Own))?;
    }
    let event = Event::new("member.created", "member", member.0, &wanted.name);
    audit::record(tx, scope, event.after(facts))?;
    Ok(member)
}
