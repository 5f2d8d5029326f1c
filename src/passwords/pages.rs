//! Pages of `passwords`: one struct per template, with what it shows.

use super::{CredentialCount, PasswordRefusal, RevokeChoice, TEMPORARY_DAYS, forms::TemporaryForm};
use crate::{
    kit::secret::SecretString,
    members::{Header, Member},
    web::{Field, MemberContext, VisitorContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "passwords/forgotten.html")]
pub(super) struct Forgotten {
    pub visitor: VisitorContext,
    pub email: Field,
    pub is_sent: bool,
}

#[derive(Template)]
#[template(path = "passwords/reset.html")]
pub(super) struct Reset {
    pub visitor: VisitorContext,
    /// The id of the link, for the form.
    pub link: String,
    pub username: String,
    pub complaint: Option<String>,
    pub minimum: usize,
    /// The person's API credentials, and whether they are to end.
    pub keys: CredentialCount,
    pub tick: RevokeChoice,
}

#[derive(Template)]
#[template(path = "passwords/dead_link.html")]
pub(super) struct DeadLink;

#[derive(Template)]
#[template(path = "passwords/choice.html")]
pub(super) struct Choice {
    pub context: MemberContext,
    pub header: Header,
    /// Why a link cannot be sent, and why a temporary password cannot be set; `None` where it can.
    pub reset_refusal: Option<PasswordRefusal>,
    pub temporary_refusal: Option<PasswordRefusal>,
}

#[derive(Template)]
#[template(path = "passwords/temporary.html")]
pub(super) struct TemporaryPage {
    pub context: MemberContext,
    pub header: Header,
    pub refusal: Option<PasswordRefusal>,
    pub minimum: usize,
    pub form: TemporaryForm,
    pub keys: CredentialCount,
}

/// A reset link, shown once where there is no mail server.
#[derive(Template)]
#[template(path = "passwords/reset_link.html")]
pub(super) struct ResetLink {
    pub context: MemberContext,
    pub member: Member,
    pub link: SecretString,
}

#[derive(Template)]
#[template(path = "passwords/generated.html")]
pub(super) struct Generated {
    pub context: MemberContext,
    pub member: Member,
    pub password: SecretString,
}
