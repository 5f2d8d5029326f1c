//! Types that operations and pages share.

use super::sign_in::Outcome;
use crate::{
    kit::{Permission, SignInId, Timestamp},
    members,
    web::chart::Chart,
};

/// One attempt.
#[derive(Clone, Debug)]
pub struct SignInRow {
    pub at: Timestamp,
    pub outcome: Outcome,
    pub method: String,
    pub address: String,
    pub device: String,
    pub id: SignInId,
}

impl SignInRow {
    /// The colour of its badge.
    pub fn tone(&self) -> &'static str {
        match self.outcome {
            Outcome::SignedIn => "good",
            Outcome::Throttled | Outcome::PasswordExpired | Outcome::NotLinked | Outcome::SsoRequired => "warn",
            Outcome::WrongPassword | Outcome::WrongCode | Outcome::NotActive => "bad",
        }
    }
    pub fn method_name(&self) -> &str {
        match self.method.as_str() {
            "password" => "Password",
            "password+totp" => "Password and app",
            "password+passkey" => "Password and passkey",
            "password+recovery_code" => "Password and recovery code",
            "password+code" => "Password and code",
            "passkey" => "Passkey",
            "invitation" => "Invitation",
            "setup" => "Set-up",
            other => match other.split_once('+') {
                Some((provider, _)) => members::provider_name(provider),
                None => members::provider_name(other),
            },
        }
    }
}

/// One page of a person's attempts, with a chart of the last days.
#[derive(Debug)]
pub struct Activity {
    pub name: String,
    pub chart: Chart,
    pub lines: Vec<SignInRow>,
    /// The address of the page with older attempts, if there are any.
    pub older: Option<String>,
    pub is_first: bool,
}

/// Why the factors are not reset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetRefusal {
    #[error("Your own second factors you change on your own page.")]
    Yourself,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error(
        "They belong to other organizations as well, so how they sign in is not this one's to change. The operator of Roster can reset it."
    )]
    NotYours,
    #[error("They have not accepted their invitation yet.")]
    Invited,
    #[error("They have no second factor.")]
    Nothing,
    #[error("They are the last break-glass administrator who can enter. Name another one first, in Settings, Single sign-on.")]
    LastBreakGlass,
}
