//! How a person who follows an invitation link gets in.

use crate::{
    db::Conn,
    kit::{Fault, MemberStatus, Timestamp},
    links::Link,
    members,
    organizations::Organization,
    passwords,
    users::User,
};

/// How the person who follows the link gets in. Two people must not be confused here. One is the owner of the mailbox.
/// The other is an administrator of another organization who typed this address there. That administrator may know the
/// password, because they chose it or told it to the owner, and may have had a link to hand over. So:
///
/// * A password is chosen here only for an identity that has none, and only by a link that came by mail, or while no
///   organization has let that identity in yet. Otherwise a handed-over link would open the other organizations of a
///   person who has not chosen a password so far.
/// * Credentials known to belong to the owner of the mailbox join by the link alone, as they would without one.
/// * All other credentials are first made the mailbox owner's, by a reset link that comes by mail. The reset ends what
///   was there before and leaves second factors alone. Being signed in is not enough, because two people may know the
///   password. Nor does a link that may have been handed over overwrite the password here. So the owner of the mailbox
///   wins, and another person who knows the password stays out. The other organization loses only what it gave away
///   when it named this mailbox as the person's, and it can take that back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The person chooses a name and a password.
    NewPerson,
    /// The person keeps their present sign-in.
    AsBefore,
    /// The person first chooses a password by a reset link.
    ResetFirst,
    /// The organization lets people in through its identity providers only: the person signs in there, and no password is
    /// chosen.
    SingleSignOn,
}

impl Way {
    pub(super) fn of(conn: &mut Conn, user: &User, organization: &Organization, link: &Link, now: Timestamp) -> Result<Self, Fault> {
        if organization.sso_from.is_some_and(|from| from <= now) {
            return Ok(Self::SingleSignOn);
        }
        if passwords::find(conn, user.id)?.is_some() {
            return Ok(match user.address_proven_at {
                Some(_) => Self::AsBefore,
                None => Self::ResetFirst,
            });
        }
        let memberships = members::memberships(conn, user.id)?;
        let is_in = memberships.iter().any(|membership| membership.status != MemberStatus::Invited);
        Ok(if link.went_to(&user.email) || !is_in {
            Self::NewPerson
        } else {
            Self::ResetFirst
        })
    }
}
