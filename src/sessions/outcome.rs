//! How an attempt to sign in ended.

use crate::text_enum;

text_enum! {
    /// How an attempt ended.
    pub enum Outcome {
        SignedIn = "signed_in",
        WrongPassword = "wrong_password",
        /// The password was right, but the second step was not.
        WrongCode = "wrong_code",
        /// The password was right, but it was temporary and was not replaced in time.
        PasswordExpired = "password_expired",
        /// The password was right, but the person is disabled or has not joined yet.
        NotActive = "not_active",
        /// Not compared: too many attempts before.
        Throttled = "throttled",
        /// An identity provider named their address, but their account is not connected with it.
        NotLinked = "not_linked",
        /// The password was right, but the organization lets people in through its identity provider only.
        SsoRequired = "sso_required",
    }
}

impl Outcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::WrongPassword => "Wrong password",
            Self::WrongCode => "Wrong code",
            Self::PasswordExpired => "Password expired",
            Self::NotActive => "Not active",
            Self::Throttled => "Too many attempts",
            Self::NotLinked => "Not connected",
            Self::SsoRequired => "Single sign-on required",
        }
    }
}
