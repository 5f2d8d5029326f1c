//! Single-use links: their purpose, their subject and their lifetime. Only a digest of the secret is stored. One
//! conditional UPDATE spends a link, so of two concurrent uses one wins.

use crate::{
    db::{Conn, Tx, schema::links},
    kit::{Fault, InvitationId, LinkId, OrganizationId, Timestamp, UserId, email::is_one_mailbox, secret::Secret},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;

text_enum! {
    /// What a link is for. It works for no other purpose.
    pub enum LinkKind {
        /// Founds the first organization.
        Setup = "setup",
        Invitation = "invitation",
        /// Sets a new password.
        Reset = "reset",
        /// Confirms that the person reads the mail of an address.
        Email = "email",
        /// Says that a sign-in was not the person's own.
        Alarm = "alarm",
    }
}

impl LinkKind {
    /// How long a link works (OWASP Forgot Password Cheat Sheet; `product.md` for invitations).
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Setup => TimeDelta::hours(24),
            Self::Invitation => TimeDelta::days(7),
            Self::Reset | Self::Email => TimeDelta::hours(1),
            Self::Alarm => TimeDelta::days(3),
        }
    }
    fn path(self) -> &'static str {
        match self {
            Self::Setup => "/setup",
            Self::Invitation => "/invitation",
            Self::Reset => "/password/reset",
            Self::Email => "/email",
            Self::Alarm => "/alarm",
        }
    }
}

/// Who a link is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    pub user: Option<UserId>,
    pub invitation: Option<(OrganizationId, InvitationId)>,
    /// The address that a link of kind email confirms.
    pub address: Option<&'a str>,
    /// The mailbox it is sent to; `None` when it is handed over in another way.
    pub mailed_to: Option<&'a str>,
}

impl Subject<'_> {
    /// A link for a person's identity.
    pub fn user(user: UserId) -> Self {
        Self { user: Some(user), ..Self::default() }
    }
    /// A link for a person's identity that is mailed to this address.
    pub fn mailed(user: UserId, address: &str) -> Subject<'_> {
        Subject { user: Some(user), mailed_to: Some(address), ..Subject::default() }
    }
}

/// A link as the database knows it.
#[derive(Queryable, Clone, Debug)]
pub struct Link {
    pub id: LinkId,
    pub user: Option<UserId>,
    pub organization: Option<OrganizationId>,
    pub invitation: Option<InvitationId>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub voided_at: Option<Timestamp>,
    /// Set for invitations, resets and alarms.
    pub mailed_to: Option<String>,
}

type Columns = (
    links::id,
    links::user_id,
    links::organization_id,
    links::invitation_id,
    links::address,
    links::created_at,
    links::expires_at,
    links::used_at,
    links::voided_at,
    links::mailed_to,
);

/// In the order of the fields of [`Link`].
const COLUMNS: Columns = (
    links::id,
    links::user_id,
    links::organization_id,
    links::invitation_id,
    links::address,
    links::created_at,
    links::expires_at,
    links::used_at,
    links::voided_at,
    links::mailed_to,
);

impl Link {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.voided_at.is_none() && now < self.expires_at
    }
    /// Whether following the link proves that the person reads the mail of this address. A letter to a similar address
    /// proves nothing.
    pub fn went_to(&self, address: &str) -> bool {
        self.mailed_to.as_deref().is_some_and(|went| is_one_mailbox(went, address))
    }
}

/// Creates a link and returns the path with its secret, which is not available again. Voids older links of the same
/// kind for the same subject. Alarms stay, because each is about a different sign-in.
pub fn create(tx: &mut Tx<'_>, kind: LinkKind, subject: Subject<'_>, now: Timestamp) -> Result<String, Fault> {
    // A set-up link has no subject: every process prints one when it starts, and the first one used ends them all.
    if subject.user.is_some() && kind != LinkKind::Alarm {
        void(tx, kind, subject, now)?;
    }
    let secret = Secret::generate();
    diesel::insert_into(links::table)
        .values((
            links::id.eq(LinkId::new(now)),
            links::kind.eq(kind),
            links::digest.eq(secret.digest()),
            links::user_id.eq(subject.user),
            links::organization_id.eq(subject.invitation.map(|(organization, _)| organization)),
            links::invitation_id.eq(subject.invitation.map(|(_, invitation)| invitation)),
            links::address.eq(subject.address),
            links::mailed_to.eq(subject.mailed_to),
            links::created_at.eq(now),
            links::expires_at.eq(now + kind.lifetime()),
        ))
        .execute(tx.conn())?;
    Ok(format!("{}/{}", kind.path(), secret.expose()))
}

/// Finds the link of this secret, in whatever state it is.
///
/// # Errors
/// [`Fault::Missing`] when there is none of this kind.
pub fn find(conn: &mut Conn, kind: LinkKind, secret: &Secret) -> Result<Link, Fault> {
    Ok(links::table
        .filter(links::digest.eq(secret.digest()))
        .filter(links::kind.eq(kind))
        .select(COLUMNS)
        .first(conn)?)
}

/// The open link of this kind that the person has, if any.
pub fn find_open(conn: &mut Conn, kind: LinkKind, user: UserId, now: Timestamp) -> Result<Option<Link>, Fault> {
    Ok(links::table
        .filter(links::user_id.eq(Some(user)))
        .filter(links::kind.eq(kind))
        .filter(links::used_at.is_null())
        .filter(links::voided_at.is_null())
        .filter(links::expires_at.gt(now))
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// Spends the link. The statement itself checks that the link is open.
///
/// # Errors
/// [`Fault::Missing`] when it is not open.
pub fn spend(tx: &mut Tx<'_>, id: LinkId, now: Timestamp) -> Result<(), Fault> {
    let open = links::table
        .filter(links::id.eq(id))
        .filter(links::used_at.is_null())
        .filter(links::voided_at.is_null())
        .filter(links::expires_at.gt(now));
    match diesel::update(open).set(links::used_at.eq(Some(now))).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Voids the open links of this kind for this subject; without a subject, all open links of this kind.
pub fn void(tx: &mut Tx<'_>, kind: LinkKind, subject: Subject<'_>, now: Timestamp) -> Result<usize, Fault> {
    let open = links::table
        .filter(links::kind.eq(kind))
        .filter(links::used_at.is_null())
        .filter(links::voided_at.is_null());
    let set = links::voided_at.eq(Some(now));
    let voided = match subject {
        Subject { invitation: Some((organization, invitation)), .. } => {
            diesel::update(open.filter(links::organization_id.eq(organization)).filter(links::invitation_id.eq(invitation)))
                .set(set)
                .execute(tx.conn())
        }
        Subject { user: Some(user), .. } => diesel::update(open.filter(links::user_id.eq(user))).set(set).execute(tx.conn()),
        Subject { .. } => diesel::update(open).set(set).execute(tx.conn()),
    };
    Ok(voided?)
}

/// Voids this person's open links that went to the same mailbox as this link, or that are not older than it. When mail
/// went to two mailboxes of a person, a link to the later one does not end links to the earlier one.
pub fn void_since(tx: &mut Tx<'_>, kind: LinkKind, link: &Link, now: Timestamp) -> Result<(), Fault> {
    let same = links::mailed_to.eq(link.mailed_to.clone()).or(links::created_at.ge(link.created_at).nullable());
    let open = links::table
        .filter(links::kind.eq(kind))
        .filter(links::user_id.eq(link.user))
        .filter(links::used_at.is_null())
        .filter(links::voided_at.is_null())
        .filter(same.assume_not_null());
    diesel::update(open).set(links::voided_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Sets a new address on the person's open links of this kind.
pub fn readdress(tx: &mut Tx<'_>, kind: LinkKind, user: UserId, address: &str) -> Result<(), Fault> {
    let open = links::table
        .filter(links::kind.eq(kind))
        .filter(links::user_id.eq(user))
        .filter(links::used_at.is_null())
        .filter(links::voided_at.is_null());
    diesel::update(open).set(links::mailed_to.eq(address)).execute(tx.conn())?;
    Ok(())
}

/// Removes links that expired long ago.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    // Long enough that the page of a dead link can say what it was.
    Ok(diesel::delete(links::table.filter(links::expires_at.lt(now - TimeDelta::days(90)))).execute(tx.conn())?)
}
