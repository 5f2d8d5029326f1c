//! Pages of `invitations`: one struct per template, with what it shows.

use super::{AcceptRefusal, Acceptance, Outcome, Sent, Way, forms::InviteForm};
use crate::{
    kit::{InvitationId, Timestamp, secret::SecretString},
    members::{GrantOptions, Seats},
    own_fields::Line,
    web::{Field, MemberContext, VisitorContext, filters, secret_link},
};
use askama::Template;

#[derive(Template)]
#[template(path = "invitations/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub form: InviteForm,
    pub offer: GrantOptions,
    pub seats: Seats,
    /// The organization's own fields that can be filled in for everybody who is invited.
    pub own: Vec<Line>,
}

#[derive(Template)]
#[template(path = "invitations/sent.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub sent: Vec<Sent>,
}

impl Index {
    /// The people who get their link by hand.
    pub fn links(&self) -> Vec<(&str, &SecretString)> {
        self.sent.iter().filter_map(|line| Some((line.address.as_str(), line.link.as_ref()?))).collect()
    }
    /// How many addresses there were, each counted once.
    pub fn addresses(&self) -> usize {
        self.sent.iter().filter(|line| line.outcome != Outcome::Twice).count()
    }
    pub fn invited(&self) -> usize {
        let is_good = |line: &&Sent| matches!(line.outcome, Outcome::Invited(_) | Outcome::SentAgain(_) | Outcome::Added);
        self.sent.iter().filter(is_good).count()
    }
}

#[derive(Template)]
#[template(path = "invitations/link.html")]
pub(super) struct CopyLink {
    pub context: MemberContext,
    pub email: String,
    pub link: String,
    pub expires_at: Timestamp,
    pub back: String,
}

/// The confirmation before a new link ends the old one.
#[derive(Template)]
#[template(path = "invitations/new_link.html")]
pub(super) struct NewLink {
    pub context: MemberContext,
    pub id: InvitationId,
    pub email: String,
    pub back: String,
}

#[derive(Template)]
#[template(path = "invitations/cancel.html")]
pub(super) struct Cancel {
    pub context: MemberContext,
    pub id: InvitationId,
    pub email: String,
    pub back: String,
}

#[derive(Template)]
#[template(path = "invitations/accept.html")]
pub(super) struct Accept {
    pub visitor: VisitorContext,
    /// The id of the link, for the form.
    pub link: String,
    pub invitation: Acceptance,
    pub first_name: Field,
    pub last_name: Field,
    /// The display name; empty where first and last name make it.
    pub name: Field,
    /// Why nobody can join at the moment.
    pub complaint: Option<String>,
    pub password_complaint: Option<String>,
    pub minimum: usize,
    /// The organization's own fields that the person is asked for.
    pub own: Vec<Line>,
}

impl Accept {
    /// The person already has an identity here and keeps their sign-in.
    pub fn is_known(&self) -> bool {
        matches!(self.invitation.way, Way::AsBefore | Way::ResetFirst)
    }
    /// The person joins by signing in at an identity provider.
    pub fn is_sso_only(&self) -> bool {
        self.invitation.way == Way::SingleSignOn
    }
    /// The person must first choose a password.
    pub fn resets_first(&self) -> bool {
        self.invitation.way == Way::ResetFirst
    }

    pub fn new(visitor: VisitorContext, link: String, invitation: Acceptance) -> Self {
        let names = invitation.names.clone();
        let minimum = invitation.minimum;
        let own = invitation.own.clone();
        Self {
            visitor,
            link,
            invitation,
            first_name: names.first.into(),
            last_name: names.last.into(),
            name: names.display.into(),
            own,
            complaint: None,
            password_complaint: None,
            minimum,
        }
    }
}

#[derive(Template)]
#[template(path = "invitations/dead_link.html")]
pub(super) struct DeadLink {
    pub visitor: VisitorContext,
    /// The id of the link, for the form.
    pub link: String,
    pub refusal: AcceptRefusal,
    pub is_asked: bool,
}

impl DeadLink {
    /// Whether a new link can be requested: not for an unknown link, and not if the person has already joined.
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
    pub visitor: VisitorContext,
    /// The id of the link, to return to it.
    pub link: String,
    pub invitation: Acceptance,
    pub signed_in_as: String,
}

impl WrongPerson {
    /// The URL of the invitation, for after signing out.
    pub fn address(&self) -> String {
        secret_link::address("/invitation", &self.link)
    }
}
