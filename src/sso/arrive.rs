//! Carries out what `decide` says, in one transaction with the organization locked. The connection is read again there,
//! so that one that was disabled while the person was at the provider lets nobody in.

use super::{
    answer::ProviderAnswer,
    decide::{Decision, decide},
    mail::{Change, tell},
    mappings::{self, giver},
    refusal::SsoRefusal,
};
use crate::{
    audit::{self, Event},
    connections::{self, Connection},
    db::Tx,
    identities::{self, AlreadyLinked, Identity, LinkedHow, NewIdentity},
    invitations,
    kit::{
        Actor, Fault, IdentityId, MemberId, MemberStatus, OperationError, OperationResult, RequestInfo, Scope, UserId, email::Email, fold,
    },
    mail::Outbox,
    members::{self, Details, Member, NewMember, PersonNames},
    organizations,
    sessions::{self, Browser, Federated, FederatedConclusion, FederatedSignIn, Outcome},
    users::{self, User},
};
use chrono::TimeDelta;
use serde_json::json;

/// The longest name that is taken from a provider.
const LONGEST_NAME: usize = 100;

/// The longest address that is kept of a provider.
const LONGEST_EMAIL: usize = 1_024;

/// A name as the provider tells it, or nothing where it is too long or holds invisible characters.
fn shown(name: &str) -> String {
    let name = name.trim();
    let fits = name.chars().count() <= LONGEST_NAME && !fold::has_hidden_characters(name);
    if fits { name.to_owned() } else { String::new() }
}

/// What became of the answer.
#[derive(Clone, Debug)]
pub(super) enum Arrived {
    Entered(Box<FederatedConclusion>),
    /// The owner of the account with this address has to prove that it is theirs.
    Asked,
    Refused(SsoRefusal),
}

/// What an arrival needs.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub outbox: &'a Outbox,
    pub connection: &'a Connection,
    pub answer: &'a ProviderAnswer,
    pub browser: &'a Browser,
    pub request_info: &'a RequestInfo,
}

type Refused = OperationError<SsoRefusal>;

fn refuse<T>(refusal: SsoRefusal) -> Result<T, Refused> {
    Err(OperationError::Refused(refusal))
}

impl Arrival<'_> {
    /// Lets the person in, or says why not. A refusal leaves its line in the login activity and on the connection's page.
    pub fn arrive(&self, tx: &mut Tx<'_>) -> Result<Arrived, Fault> {
        organizations::lock(tx, self.connection.organization_id)?;
        let connection = connections::find_for_sign_in(tx, self.connection.id)?;
        if !connection.is_enabled() {
            return Ok(Arrived::Refused(SsoRefusal::ConnectionOff));
        }
        let decision = decide(tx, &connection, self.answer, self.request_info.now)?;
        let fresh = Arrival { connection: &connection, ..*self };
        let arrived = match tx.part(|tx| fresh.carry_out(tx, decision)).refused()? {
            Ok(arrived) => arrived,
            Err(refusal) => Arrived::Refused(refusal),
        };
        self.remember(tx, &arrived)?;
        Ok(arrived)
    }

    fn remember(&self, tx: &mut Tx<'_>, arrived: &Arrived) -> Result<(), Fault> {
        let (id, now) = (self.connection.id, self.request_info.now);
        match arrived {
            Arrived::Refused(refusal) => {
                if refusal.is_of_connection() {
                    connections::failed(tx, id, &refusal.reason(), now)?;
                }
                if *refusal == SsoRefusal::Disabled {
                    self.record_of_known(tx, Outcome::NotActive)?;
                }
                Ok(())
            }
            Arrived::Asked => {
                connections::succeeded(tx, id, now)?;
                self.record_of_known(tx, Outcome::NotLinked)
            }
            Arrived::Entered(_) => connections::succeeded(tx, id, now),
        }
    }

    /// Writes a failed attempt to the login activity of the account that it is about.
    fn record_of_known(&self, tx: &mut Tx<'_>, outcome: Outcome) -> Result<(), Fault> {
        let organization = self.connection.organization_id;
        let known = identities::find_by_subject(tx, organization, self.connection.id, &self.answer.subject)?;
        let user = match (known, self.answer.address()) {
            (Some(identity), _) => Some(identity.user_id),
            (None, Some(address)) => users::find_by_name(tx, address.as_str())?.map(|user| user.id),
            (None, None) => None,
        };
        user.map_or(Ok(()), |user| {
            sessions::record_in(tx, organization, user, outcome, self.connection.kind.as_str(), self.request_info)
        })
    }

    fn carry_out(&self, tx: &mut Tx<'_>, decision: Decision) -> Result<Arrived, Refused> {
        match decision {
            Decision::Enter { identity, member } => {
                self.refresh_name(tx, &identity, &member)?;
                self.enter(tx, identity.user_id, identity.id)
            }
            Decision::Accept { user, member } => {
                let is_unnamed = Email::parse(&member.name).is_ok_and(|name| user.has_mailbox(&name));
                let names = if is_unnamed { self.names() } else { PersonNames::default() };
                let accepted = invitations::accept_through_provider(tx, &member, user.id, &names, self.request_info);
                accepted.map_err(|error| error.map_refusal(|why| SsoRefusal::Invitation(why.to_string())))?;
                members::set_provider(tx, member.organization_id, member.id, self.connection.kind.as_str())?;
                let identity = self.link(tx, user.id, LinkedHow::Invitation)?;
                self.enter(tx, user.id, identity)
            }
            Decision::LinkByDomain { user, member } => {
                let identity = self.link(tx, user.id, LinkedHow::Domain)?;
                self.record_link(tx, &user, &member)?;
                self.enter(tx, user.id, identity)
            }
            Decision::LinkProvisioned { user, member } => {
                let identity = self.link(tx, user.id, LinkedHow::Provisioner)?;
                self.record_link(tx, &user, &member)?;
                self.enter(tx, user.id, identity)
            }
            Decision::Join { address } => {
                let user = self.join(tx, &address)?;
                let identity = self.link(tx, user, LinkedHow::Joined)?;
                self.enter(tx, user, identity)
            }
            Decision::Ask => Ok(Arrived::Asked),
            Decision::Refuse(refusal) => refuse(refusal),
        }
    }

    /// Ends the first step, with the identity that the session will be bound to.
    fn enter(&self, tx: &mut Tx<'_>, user: UserId, identity: IdentityId) -> Result<Arrived, Refused> {
        let (answer, now) = (self.answer, self.request_info.now);
        identities::touch(tx, identity, self.email(), &shown(&answer.name), now)?;
        mappings::apply(tx, self.connection, answer, user, self.request_info)?;
        let user = users::find(tx, user)?;
        let longest = self.connection.max_age_minutes.map(|longest| (now + TimeDelta::minutes(longest)).micros());
        let sign_in = FederatedSignIn {
            organization: self.connection.organization_id,
            method: self.connection.kind.as_str().to_owned(),
            federated: Federated {
                identity,
                provider_session: answer.provider_session.clone(),
                ends_at: longest.into_iter().chain(answer.session_until).min(),
                has_two_steps: self.connection.counts_two_steps && answer.has_two_steps,
            },
        };
        let conclusion = sessions::conclude_federated(tx, self.outbox, user, sign_in, self.browser, self.request_info)?;
        Ok(Arrived::Entered(Box::new(conclusion)))
    }

    fn link(&self, tx: &mut Tx<'_>, user: UserId, how: LinkedHow) -> Result<IdentityId, Refused> {
        let name = shown(&self.answer.name);
        let new = NewIdentity {
            organization: self.connection.organization_id,
            connection: self.connection.id,
            subject: &self.answer.subject,
            user,
            email: self.email(),
            name: &name,
            how,
        };
        identities::readmit(tx, new.organization, new.connection, new.subject)?;
        let linked = identities::link(tx, &new, self.request_info.now);
        linked.map_err(|error| error.map_refusal(|AlreadyLinked| SsoRefusal::LinkedOtherwise))
    }

    /// Connects the identity with a person who proved that the account is theirs.
    ///
    /// # Errors
    /// An [`SsoRefusal`].
    pub fn link_own(&self, tx: &mut Tx<'_>, user: UserId) -> Result<IdentityId, Refused> {
        let organization = self.connection.organization_id;
        organizations::lock(tx, organization)?;
        let connection = connections::find_for_sign_in(tx, self.connection.id)?;
        if !connection.is_enabled() {
            return refuse(SsoRefusal::ConnectionOff);
        }
        let user = users::find(tx, user)?;
        let member = members::find_by_user(tx, organization, user.id)?.filter(|member| member.status == MemberStatus::Active);
        let Some(member) = member else {
            return refuse(SsoRefusal::NotMember);
        };
        if !connections::vouches_for(tx, &connection, member.id, self.request_info.now)? {
            return refuse(SsoRefusal::NotVouchedFor);
        }
        let identity = self.link(tx, user.id, LinkedHow::Themselves)?;
        self.record_link(tx, &user, &member)?;
        Ok(identity)
    }

    /// The audit event and the letter of a new identity of an existing account.
    fn record_link(&self, tx: &mut Tx<'_>, user: &User, member: &Member) -> Result<(), Fault> {
        let scope = self.own_scope(member.id, user.id, &member.name);
        let facts = json!({ "connection": self.connection.name, "email": self.answer.email.as_ref().map(|_| self.email()) });
        let event = Event::new("identity.linked", "member", member.id.0, &member.name).after(facts);
        audit::record(tx, &scope, event)?;
        let called = shown(self.answer.called());
        let email = if self.email().is_empty() { &called } else { self.email() };
        tell(tx, self.outbox, user, self.connection, Change::Linked { email }, self.request_info)
    }

    /// What the person does themselves, as the organization records it. It permits nothing.
    fn own_scope(&self, member: MemberId, user: UserId, name: &str) -> Scope {
        Scope {
            organization: self.connection.organization_id,
            actor: Actor::Member { id: member, user: Some(user), name: name.to_owned() },
            over_person: Default::default(),
            permissions: Default::default(),
            request_info: self.request_info.clone(),
        }
    }

    /// Makes a new member, with what the connection gives, as far as the member who saved it may still give it.
    fn join(&self, tx: &mut Tx<'_>, address: &Email) -> Result<UserId, Refused> {
        let giver = giver(tx, self.connection, self.connection.granted_by, self.request_info)?;
        let Some(giver) = giver else {
            return refuse(SsoRefusal::GrantsLapsed);
        };
        let grants = &self.connection.grants.0;
        let judged = members::may_grant(tx, &giver, grants);
        judged.map_err(|error| error.map_refusal(|_| SsoRefusal::GrantsLapsed))?;
        let names = self.names();
        let display = if names.display.is_empty() {
            address.as_str()
        } else {
            &names.display
        };
        let (organization, now) = (self.connection.organization_id, self.request_info.now);
        let user = users::insert(tx, address.as_str(), address, now);
        let user = user.map_err(|error| error.map_refusal(|users::Taken| SsoRefusal::LooksTaken))?;
        let details = Details {
            first_name: names.first.clone(),
            last_name: names.last.clone(),
            ..Details::default()
        };
        let new = NewMember {
            organization,
            user,
            name: display,
            email: address.as_str(),
            username: address.as_str(),
            status: MemberStatus::Active,
            by: None,
            details: Some(&details),
        };
        let member = members::insert(tx, &new, now)?;
        members::set_provider(tx, organization, member, self.connection.kind.as_str())?;
        members::assign(tx, &giver, member, grants)?;
        let facts = json!({ "email": address.as_str(), "connection": self.connection.name, "roles": grants.roles });
        let event = Event::new("member.joined", "member", member.0, display).after(facts);
        audit::record(tx, &self.own_scope(member, user, display), event)?;
        Ok(user)
    }

    /// The address that the provider tells, as far as it can be kept and shown.
    fn email(&self) -> &str {
        let told = self.answer.email.as_deref().unwrap_or_default();
        if told.len() <= LONGEST_EMAIL && !fold::has_hidden_characters(told) {
            told
        } else {
            ""
        }
    }

    /// The names that the provider tells, as far as they can be shown.
    fn names(&self) -> PersonNames {
        let (first, last) = (shown(&self.answer.first_name), shown(&self.answer.last_name));
        let joined = format!("{first} {last}");
        let display = [shown(&self.answer.name), shown(&joined)].into_iter().find(|name| !name.is_empty());
        PersonNames { first, last, display: display.unwrap_or_default() }
    }

    /// A person whose name is as the provider told it last gets the name that it tells now. One that was edited here stays.
    fn refresh_name(&self, tx: &mut Tx<'_>, identity: &Identity, member: &Member) -> Result<(), Fault> {
        let names = self.names();
        if member.name != identity.name || names.display.is_empty() || names.display == member.name {
            return Ok(());
        }
        members::rename(tx, member, &names)?;
        let scope = self.own_scope(member.id, identity.user_id, &names.display);
        let event = Event::new("member.edited", "member", member.id.0, &names.display);
        let event = event.before(json!({ "name": member.name })).after(json!({ "name": names.display }));
        audit::record(tx, &scope, event)
    }
}
