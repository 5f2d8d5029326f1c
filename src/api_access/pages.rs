//! Pages of `api_access`: one struct per template, with what it shows.

use super::{forms::PasswordForm, make::AccessRefusal, store::Access};
use crate::{
    kit::secret::SecretString,
    members::Header,
    tokens::Listing,
    web::{MemberContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "api_access/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub header: Header,
    pub access: Option<Access>,
    /// `None` if the person may do more than the caller.
    pub listing: Option<Listing>,
    pub tokens: usize,
    pub may_make: bool,
    /// Why the caller may not decide here, if so.
    pub refusal: Option<AccessRefusal>,
}

#[derive(Template)]
#[template(path = "api_access/password.html")]
pub(super) struct PasswordPage {
    pub context: MemberContext,
    pub header: Header,
    /// Whether there is an API password already, which this one replaces.
    pub is_reset: bool,
    pub refusal: Option<AccessRefusal>,
    pub minimum: usize,
    pub form: PasswordForm,
}

/// The one page that shows a generated password.
#[derive(Template)]
#[template(path = "api_access/generated.html")]
pub(super) struct Generated {
    pub context: MemberContext,
    pub header: Header,
    pub password: SecretString,
}

impl Generated {
    pub fn curl(&self) -> String {
        let me = self.context.site.link("/api/v1/me");
        // Quoted for a shell, whatever characters the username contains.
        format!("curl -u '{}' {me}", self.header.username.replace('\'', r"'\''"))
    }
}

/// The confirmation before API access, or the API password alone, is removed.
#[derive(Template)]
#[template(path = "api_access/end.html")]
pub(super) struct End {
    pub context: MemberContext,
    pub header: Header,
    pub access: Option<Access>,
    pub tokens: usize,
    pub is_password: bool,
    pub refusal: Option<AccessRefusal>,
}
