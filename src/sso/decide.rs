//! Who came, and what follows from it: the one place that decides about people whom a provider vouches for. Reads only;
//! `arrive` carries it out in the same transaction.
//!
//! An address alone never connects an account with an identity: either the organization has verified its domain for this
//! connection, or the person proves with their own password that the account is theirs. A connection connects nobody who
//! holds more than the member who decides for whom it vouches.

use super::{answer::ProviderAnswer, refusal::SsoRefusal};
use crate::{
    authorization::{self, HeldRole},
    connections::{self, Connection, ConnectionKind, Provisioning},
    db::Conn,
    domains,
    identities::{self, Identity},
    kit::{Fault, MemberStatus, Scope, Timestamp, email::Email},
    members::{self, Member},
    provisioning,
    users::{self, User},
};

/// What follows.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The identity is known, and its person is an active member.
    Enter {
        identity: Box<Identity>,
        member: Box<Member>,
    },
    /// An invited person accepts by signing in.
    Accept {
        user: Box<User>,
        member: Box<Member>,
    },
    /// The domain proves that the account is theirs.
    LinkByDomain {
        user: Box<User>,
        member: Box<Member>,
    },
    /// The SCIM client of this connection keeps them up to date here.
    LinkProvisioned {
        user: Box<User>,
        member: Box<Member>,
    },
    /// There is an account with this address: its owner has to prove that it is theirs.
    Ask,
    /// A new member.
    Join {
        address: Email,
    },
    Refuse(SsoRefusal),
}

/// Decides about an answer of this connection, which is enabled or under test.
pub(super) fn decide(conn: &mut Conn, connection: &Connection, answer: &ProviderAnswer, now: Timestamp) -> Result<Decision, Fault> {
    let organization = connection.organization_id;
    if let Some(identity) = identities::find_by_subject(conn, organization, connection.id, &answer.subject)? {
        return known(conn, connection, identity);
    }
    if let Some(decision) = provisioned(conn, connection, answer, now)? {
        return Ok(decision);
    }
    let Some(address) = answer.address() else {
        let deleted = identities::deleted_at(conn, organization, connection.id, &answer.subject)?;
        return refuse(deleted.map_or(SsoRefusal::NoAddress, |at| SsoRefusal::Deleted { at }));
    };
    let user = users::find_by_name(conn, address.as_str())?.filter(|user| user.has_mailbox(&address));
    let member = match &user {
        Some(user) => members::find_by_user(conn, organization, user.id)?,
        None => None,
    };
    if let Some(at) = identities::deleted_at(conn, organization, connection.id, &answer.subject)?
        // A member who was invited or created again after that is wanted again.
        && member.as_ref().is_none_or(|member| member.created_at <= at)
    {
        return refuse(SsoRefusal::Deleted { at });
    }
    match (user, member) {
        (Some(user), Some(member)) => of_member(conn, connection, (answer, &address, now), user, member),
        (Some(_), None) => refuse(SsoRefusal::Elsewhere),
        (None, _) => of_nobody(conn, connection, address),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of functions that can fail")]
fn refuse(refusal: SsoRefusal) -> Result<Decision, Fault> {
    Ok(Decision::Refuse(refusal))
}

fn known(conn: &mut Conn, connection: &Connection, identity: Identity) -> Result<Decision, Fault> {
    match members::find_by_user(conn, connection.organization_id, identity.user_id)? {
        Some(member) if member.status == MemberStatus::Active => {
            Ok(Decision::Enter { identity: Box::new(identity), member: Box::new(member) })
        }
        Some(member) if member.status == MemberStatus::Disabled => refuse(SsoRefusal::Disabled),
        _ => refuse(SsoRefusal::NotMember),
    }
}

/// Decides about a person whom the SCIM client of this connection has sent before. An address counts only if it is proven:
/// anybody could write another one into their profile at some providers.
fn provisioned(conn: &mut Conn, connection: &Connection, answer: &ProviderAnswer, now: Timestamp) -> Result<Option<Decision>, Fault> {
    let organization = connection.organization_id;
    let address = match answer.address() {
        Some(address) if answer.is_email_verified || is_of_domain(conn, connection, &address)? => Some(address),
        _ => None,
    };
    let object_id = answer.says("oid").and_then(|values| values.first());
    let object_id = object_id.filter(|_| connection.kind == ConnectionKind::Oidc);
    // What the provider calls them for good: `sub`, the NameID, or the object id of Entra ID.
    let external_ids: Vec<&str> = [Some(&answer.name_id), object_id].into_iter().flatten().map(String::as_str).collect();
    // The NameID of SAML is what the provider's administrators chose to name people by, as the user name is.
    let name_id = Some(answer.name_id.as_str()).filter(|_| connection.kind == ConnectionKind::Saml);
    let user_names: Vec<&str> = name_id.into_iter().chain(address.as_ref().map(Email::as_str)).collect();
    let found = provisioning::provisioned_through(conn, organization, connection.id, (&external_ids, &user_names))?;
    let Some((provisioner, id)) = found else {
        return Ok(None);
    };
    // A client that may not change administrators must not open their accounts either, by a name that it sent earlier.
    let held = authorization::roles_of(conn, organization, &[id], now)?;
    if !provisioner.reaches_administrators && held.values().flatten().any(HeldRole::is_administrator) {
        return Ok(None);
    }
    let member = members::find(conn, &Scope::system(organization, now), id)?;
    let user = users::find(conn, member.user_id.ok_or(Fault::Missing)?)?;
    let decision = match member.status {
        MemberStatus::Disabled => refuse(SsoRefusal::Disabled),
        MemberStatus::Invited => refuse(SsoRefusal::NotInvited),
        MemberStatus::Active if !connections::vouches_for(conn, connection, member.id, now)? => refuse(SsoRefusal::NotVouchedFor),
        MemberStatus::Active => Ok(Decision::LinkProvisioned { user: Box::new(user), member: Box::new(member) }),
    };
    decision.map(Some)
}

/// There is an account with this address in the organization.
fn of_member(
    conn: &mut Conn,
    connection: &Connection,
    (answer, address, now): (&ProviderAnswer, &Email, Timestamp),
    user: User,
    member: Member,
) -> Result<Decision, Fault> {
    let is_of_domain = is_of_domain(conn, connection, address)?;
    match member.status {
        MemberStatus::Disabled => refuse(SsoRefusal::Disabled),
        MemberStatus::Invited if connection.provisioning == Provisioning::Nobody => refuse(SsoRefusal::NotInvited),
        MemberStatus::Invited if !(answer.is_email_verified || is_of_domain) => refuse(SsoRefusal::UnprovenAddress),
        MemberStatus::Invited if !connections::vouches_for(conn, connection, member.id, now)? => refuse(SsoRefusal::NotVouchedFor),
        MemberStatus::Invited => Ok(Decision::Accept { user: Box::new(user), member: Box::new(member) }),
        MemberStatus::Active => {
            let is_only_here = members::memberships(conn, user.id)?
                .iter()
                .all(|membership| membership.organization == connection.organization_id);
            let is_trusted = connection.links_domains && is_of_domain && is_only_here && user.address_proven_at.is_some();
            let is_trusted = is_trusted && connections::vouches_for(conn, connection, member.id, now)?;
            Ok(if is_trusted {
                Decision::LinkByDomain { user: Box::new(user), member: Box::new(member) }
            } else {
                Decision::Ask
            })
        }
    }
}

/// Nobody has this address.
fn of_nobody(conn: &mut Conn, connection: &Connection, address: Email) -> Result<Decision, Fault> {
    let may_join = match connection.provisioning {
        Provisioning::Nobody | Provisioning::Invited => false,
        Provisioning::Domain => is_of_domain(conn, connection, &address)?,
        Provisioning::Anyone => true,
    };
    if !may_join {
        return refuse(SsoRefusal::NotInvited);
    }
    if users::find_by_likeness(conn, address.as_str())?.is_some() {
        return refuse(SsoRefusal::LooksTaken);
    }
    if !members::seats(conn, connection.organization_id)?.has_room() {
        return refuse(SsoRefusal::NoSeat);
    }
    Ok(Decision::Join { address })
}

/// Whether the organization has verified the domain of this address for this connection.
fn is_of_domain(conn: &mut Conn, connection: &Connection, address: &Email) -> Result<bool, Fault> {
    domains::is_proven_for(conn, connection.id, address)
}

/// What would follow, as the test shows it.
impl Decision {
    pub fn tell(&self) -> String {
        match self {
            Self::Enter { member, .. } => format!("{} signs in.", member.name),
            Self::Accept { member, .. } => format!("{} accepts their invitation and signs in.", member.name),
            Self::LinkByDomain { member, .. } => {
                format!("The account of {} is connected, because its domain is verified, and signs in.", member.name)
            }
            Self::LinkProvisioned { member, .. } => {
                format!("{} was provisioned by the client of this connection, is connected, and signs in.", member.name)
            }
            Self::Ask => "There is an account with this address. Its owner is asked for their password, and the two are connected.".into(),
            Self::Join { address } => format!("{} becomes a member and signs in.", address.as_str()),
            Self::Refuse(refusal) => format!("Nobody signs in. {}", refusal.reason()),
        }
    }
}
