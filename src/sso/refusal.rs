//! Why a person whom a provider vouches for is not let in: words for them, and a shorter line for administrators.

use super::answer::ProviderRefusal;
use crate::kit::Timestamp;

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SsoRefusal {
    /// The answer itself was not accepted.
    Provider(ProviderRefusal),
    /// The connection was disabled meanwhile.
    ConnectionOff,
    Disabled,
    /// The identity is known, but its person is no member any more.
    NotMember,
    /// They were deleted; signing in does not bring them back.
    Deleted {
        at: Timestamp,
    },
    NotInvited,
    /// Their invitation cannot be accepted.
    Invitation(String),
    /// The provider tells no address.
    NoAddress,
    /// The provider does not say that the address is theirs.
    UnprovenAddress,
    /// Their address belongs to an account of other organizations.
    Elsewhere,
    /// Their address looks like one of somebody else.
    LooksTaken,
    NoSeat,
    /// They hold more than the member who decides for whom the connection vouches.
    NotVouchedFor,
    /// The member who saved what new people get may not give it any more.
    GrantsLapsed,
    /// The account has another identity of this connection, or the identity belongs to another account.
    LinkedOtherwise,
    /// The account of this browser is not the one that the sign-in was begun for.
    OtherPerson,
}

impl SsoRefusal {
    /// The heading of the page.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Provider(_) => "The sign-in did not work",
            Self::ConnectionOff => "This way to sign in is turned off",
            Self::Disabled => "Your access is disabled",
            Self::NotMember | Self::Deleted { .. } | Self::NotInvited | Self::GrantsLapsed => "You are not a member here",
            Self::Invitation(_) => "Your invitation cannot be accepted",
            Self::NoAddress | Self::UnprovenAddress => "Your address is not known",
            Self::Elsewhere | Self::LooksTaken => "This address is taken",
            Self::NoSeat => "No seat is free",
            Self::NotVouchedFor => "This way to sign in is not for you yet",
            Self::LinkedOtherwise => "This sign-in is connected otherwise",
            Self::OtherPerson => "Somebody else is signed in",
        }
    }
    /// What the person reads. It says what to do, and nothing about other people.
    pub fn text(&self, organization: &str) -> String {
        match self {
            Self::Provider(_) => {
                "Your identity provider’s answer was not accepted. Try again; if it happens again, tell an administrator.".into()
            }
            Self::ConnectionOff => format!("{organization} does not let people in through this provider at the moment."),
            Self::Disabled => format!("An administrator of {organization} can enable it again."),
            Self::NotMember => format!("Your account was removed from {organization}. An administrator can invite you again."),
            Self::Deleted { at } => {
                format!("You were removed from {organization} on {}. An administrator can let you back in.", at.date())
            }
            Self::NotInvited => format!("{organization} lets in invited people only. Ask an administrator for an invitation to the address that your provider knows you by."),
            Self::Invitation(why) => why.clone(),
            Self::NoAddress => "Your identity provider does not tell your email address, and without one no account can be made. Tell an administrator.".into(),
            Self::UnprovenAddress => "Your identity provider does not say that your email address is really yours. Confirm it there, or ask an administrator.".into(),
            Self::Elsewhere => format!("There is an account with your address in another organization. Ask an administrator of {organization} to invite it."),
            Self::LooksTaken => "Your address belongs to another account, or looks like one that does. Ask an administrator.".into(),
            Self::NotVouchedFor => format!("You may do more in {organization} than the person who set this up. Use your password or the link in your invitation, and let an administrator save the connection."),
            Self::NoSeat => format!("Every seat of {organization}’s plan is taken. Ask an administrator; they were told."),
            Self::GrantsLapsed => format!("What {organization} gives to new people has to be looked at by an administrator first. They see it on the page of the connection."),
            Self::LinkedOtherwise => "Your account is connected with another account at this provider, or that one with another account here. An administrator can end the old connection on the profile.".into(),
            Self::OtherPerson => "This browser is signed in with another account than the one this was begun for. Sign out, then try again.".into(),
        }
    }
    /// What the page of the connection shows administrators.
    pub fn reason(&self) -> String {
        match self {
            Self::Provider(refusal) => refusal.to_string(),
            Self::ConnectionOff => "The connection was off.".into(),
            Self::Disabled => "The person is disabled.".into(),
            Self::NotMember => "The person is no member any more.".into(),
            Self::Deleted { .. } => "The person was deleted here. Let them back in below.".into(),
            Self::NotInvited => "Nobody with this address is invited, and others do not join by signing in.".into(),
            Self::Invitation(why) => why.clone(),
            Self::NoAddress => "The provider sends no email address.".into(),
            Self::UnprovenAddress => "The provider does not say that the address is verified (email_verified), and its domain is not verified for this connection.".into(),
            Self::Elsewhere => "The address belongs to an account of another organization only. Invite it.".into(),
            Self::LooksTaken => "The address belongs to another account, or looks like one that does.".into(),
            Self::NotVouchedFor => "The person may do more than the member who set this connection up. An administrator who saves it lets it connect everybody.".into(),
            Self::NoSeat => "Every seat of the plan is taken.".into(),
            Self::GrantsLapsed => "Whoever saved what new people get may not give it any more. Save it again as your own.".into(),
            Self::LinkedOtherwise => "The account has another identity of this connection, or the identity another account.".into(),
            Self::OtherPerson => "The browser was signed in with another account.".into(),
        }
    }
    /// Whether it is about the connection, so that its page shows it as its latest failure.
    pub fn is_of_connection(&self) -> bool {
        matches!(
            self,
            Self::Provider(_) | Self::NoAddress | Self::UnprovenAddress | Self::NoSeat | Self::NotVouchedFor | Self::GrantsLapsed
        )
    }
}
