use super::{AcceptRefusal, Acceptance, Outcome, Sent, forms::InviteForm};
use crate::{
    kit::{InvitationId, Timestamp},
    members::Seats,
    policies::Policy,
    roles::Role,
    teams::Team,
    web::{Door, Field, Shell, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "invitations/new.html")]
pub(super) struct New {
    pub shell: Shell,
    pub form: InviteForm,
    pub roles: Vec<Role>,
    pub teams: Vec<Team>,
    pub policies: Vec<Policy>,
    pub seats: Seats,
}

impl New {
    /// Roles that a general user can be given.
    pub fn general_roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter().filter(|role| role.is_for_people() && !role.is_administrator())
    }
    pub fn may_grant(&self, role: &&Role) -> bool {
        self.shell.scope.permissions.lacking(&role.permissions).is_none()
    }
    pub fn may_make_administrators(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator() && self.may_grant(&role))
    }
}

#[derive(Template)]
#[template(path = "invitations/sent.html")]
pub(super) struct Index {
    pub shell: Shell,
    pub sent: Vec<Sent>,
}

impl Index {
    pub fn count(&self, is_good: bool) -> usize {
        self.sent
            .iter()
            .filter(|line| matches!(line.outcome, Outcome::Invited | Outcome::SentAgain | Outcome::Added) == is_good)
            .count()
    }
}

#[derive(Template)]
#[template(path = "invitations/link.html")]
pub(super) struct CopyLink {
    pub shell: Shell,
    pub email: String,
    pub link: String,
    pub expires_at: Timestamp,
    pub back: String,
}

#[derive(Template)]
#[template(path = "invitations/cancel.html")]
pub(super) struct Cancel {
    pub shell: Shell,
    pub id: InvitationId,
    pub email: String,
    pub back: String,
}

#[derive(Template)]
#[template(path = "invitations/accept.html")]
pub(super) struct Accept {
    pub door: Door,
    pub invitation: Acceptance,
    pub name: Field,
    pub password_complaint: Option<String>,
    pub minimum: usize,
}

impl Accept {
    pub fn new(door: Door, invitation: Acceptance) -> Self {
        let (name, minimum) = (Field::new(invitation.name.clone()), invitation.minimum);
        Self {
            door,
            invitation,
            name,
            password_complaint: None,
            minimum,
        }
    }
}

#[derive(Template)]
#[template(path = "invitations/dead_link.html")]
pub(super) struct DeadLink {
    pub door: Door,
    pub refusal: AcceptRefusal,
    pub is_asked: bool,
}

impl DeadLink {
    /// Whether a new one can be asked for: not of a link that leads nowhere, and not when somebody is in already.
    pub fn may_ask(&self) -> bool {
        !self.is_asked && matches!(self.refusal, AcceptRefusal::Expired | AcceptRefusal::Void)
    }
    pub fn is_used(&self) -> bool {
        self.refusal == AcceptRefusal::Used
    }
}

#[derive(Template)]
#[template(path = "invitations/wrong_person.html")]
pub(super) struct WrongPerson {
    pub door: Door,
    pub invitation: Acceptance,
    pub signed_in_as: String,
}
