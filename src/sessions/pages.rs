//! Pages of `sessions`: one struct per template, with what it shows.

use super::{
    forms::{Complaints, ResetForm},
    list::{EndRefusal, Listed},
    model::{Activity, ResetRefusal},
};
use crate::{
    connections::Connection,
    kit::Timestamp,
    members::Header,
    second_factors::{Challenge, Held},
    web::{Field, MemberContext, VisitorContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
pub(super) struct SignIn {
    pub visitor: VisitorContext,
    /// For a passkey, where passkeys are possible.
    pub challenge: Option<Challenge>,
    /// Identity providers through which people can sign in instead.
    pub ways: Vec<Connection>,
    pub name: Field,
    pub next: String,
    /// A message about the whole attempt; it does not say which part was wrong.
    pub complaint: Option<String>,
}

/// Leads on to an application.
#[derive(Template)]
#[template(path = "sessions/application.html")]
pub(super) struct Application {
    pub visitor: VisitorContext,
    pub host: String,
    pub next: String,
}

#[derive(Template)]
#[template(path = "sessions/activity.html")]
pub(super) struct Attempts {
    pub context: MemberContext,
    pub header: Header,
    pub activity: Activity,
}

#[derive(Template)]
#[template(path = "sessions/profile.html")]
pub(super) struct Profile {
    pub context: MemberContext,
    pub header: Header,
    pub sessions: Vec<Listed>,
    pub is_shared: bool,
    /// Why the caller cannot end them, if so.
    pub refusal: Option<EndRefusal>,
}

#[derive(Template)]
#[template(path = "sessions/end.html")]
pub(super) struct Confirm {
    pub context: MemberContext,
    pub header: Header,
    pub count: usize,
    pub is_shared: bool,
    pub refusal: Option<EndRefusal>,
    pub back: String,
}

#[derive(Template)]
#[template(path = "sessions/alarm.html")]
pub(super) struct Alarm {
    pub visitor: VisitorContext,
    /// The id of the link, for the form.
    pub link: String,
    pub username: String,
    /// The address that is put back.
    pub former: Option<String>,
    /// When the reported sign-in happened.
    pub at: Timestamp,
}

#[derive(Template)]
#[template(path = "sessions/dead_alarm.html")]
pub(super) struct DeadAlarm;

#[derive(Template)]
#[template(path = "sessions/second_step.html")]
pub(super) struct SecondStep {
    pub visitor: VisitorContext,
    pub has_app: bool,
    /// For people who have passkeys.
    pub challenge: Option<Challenge>,
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/with_passkey.html")]
pub(super) struct WithPasskey {
    pub visitor: VisitorContext,
    pub challenge: Option<Challenge>,
    pub next: String,
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/again.html")]
pub(super) struct Again {
    pub visitor: VisitorContext,
    pub username: String,
    pub has_password: bool,
    /// The identity provider at which they can sign in anew, by its name.
    pub provider: Option<String>,
    pub held: Held,
    pub challenge: Option<Challenge>,
    pub next: String,
    pub complaints: Complaints,
}

#[derive(Template)]
#[template(path = "sessions/reset.html")]
pub(super) struct Reset {
    pub context: MemberContext,
    pub header: Header,
    pub form: ResetForm,
    pub refusal: Option<ResetRefusal>,
}
