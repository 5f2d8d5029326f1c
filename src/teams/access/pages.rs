//! Pages of what a team gives: one struct per template, with what it shows.

use super::{Attachment, AttachmentRefusal, Reach, form::AttachmentForm, is_for_teams};
use crate::{
    authorization::Ceiling,
    kit::{MemberId, TeamId},
    members::{Given, TeamGrant, refuse_given},
    policies::Policy,
    roles::Role,
    teams::{Headcount, Team},
    web::{MemberContext, filters},
};
use askama::Template;
use std::collections::HashMap;

/// A role or policy in the list of choices.
pub(super) struct Choice {
    pub value: String,
    pub name: String,
    pub is_attached: bool,
    /// Why the caller cannot choose it.
    pub refusal: Option<String>,
}

/// What a team gives, and the form that adds to it for callers who may.
#[derive(Template)]
#[template(path = "teams/access.html")]
pub(super) struct Access {
    pub context: MemberContext,
    pub team: Team,
    pub count: Headcount,
    pub grants: Vec<TeamGrant>,
    /// The names of those who attached something.
    pub names: HashMap<MemberId, String>,
    /// What decides who is in the team.
    pub managed_by: Option<String>,
    pub form: AttachmentForm,
    pub choices: Choices,
    pub preview: Option<Preview>,
    /// Whether the caller decides what the team gives.
    pub may_decide: bool,
}

/// Everything that can be attached.
#[derive(Default)]
pub(super) struct Choices {
    pub roles: Vec<Choice>,
    pub policies: Vec<Choice>,
}

/// What attaching would do, before it is done.
pub(super) struct Preview {
    pub given: Given,
    pub reach: Reach,
    /// It is not attached yet.
    pub is_new: bool,
}

impl Choices {
    pub fn of(context: &MemberContext, ceiling: &Ceiling, roles: Vec<Role>, policies: Vec<Policy>, present: &[TeamGrant]) -> Self {
        let attached: Vec<Attachment> = present.iter().map(|grant| Attachment::of(&grant.given)).collect();
        let choice = |given: Given| Choice {
            value: Attachment::of(&given).text(),
            name: given.name().to_owned(),
            is_attached: attached.contains(&Attachment::of(&given)),
            refusal: refuse_given(&context.scope, ceiling, &given).map(|permission| format!("allows {permission}, which you may not do")),
        };
        let roles = roles.into_iter().filter(is_for_teams).map(Given::Role);
        Self {
            roles: roles.map(choice).collect(),
            policies: policies.into_iter().map(Given::Policy).map(choice).collect(),
        }
    }
}

/// What it allows, in a few words each.
fn allowed(given: &Given) -> Vec<String> {
    match given {
        Given::Role(role) => role.permissions.iter().map(ToString::to_string).collect(),
        Given::Policy(policy) => policy.rules.iter().map(ToString::to_string).collect(),
    }
}

impl Access {
    fn path(&self) -> String {
        self.context.path(format!("/teams/{}", self.team.id))
    }
    fn allowed_by(&self, given: &Given) -> Vec<String> {
        allowed(given)
    }
    /// As the form has it.
    fn value(&self, grant: &TeamGrant) -> String {
        Attachment::of(&grant.given).text()
    }
    /// The id of the menu of its row.
    fn menu(&self, grant: &TeamGrant) -> String {
        format!("menu-{}", self.value(grant).replace(':', "-"))
    }
    fn detachment(&self, grant: &TeamGrant) -> String {
        detachment(&self.context, self.team.id, Attachment::of(&grant.given))
    }
    fn page_of(&self, grant: &TeamGrant) -> String {
        self.context.path(Attachment::of(&grant.given).path())
    }
    fn attached_by(&self, grant: &TeamGrant) -> Option<&String> {
        self.names.get(&grant.attached_by?)
    }
    fn all(&self) -> i64 {
        self.count.all()
    }
}

/// The page that detaches it.
pub(super) fn detachment(context: &MemberContext, team: TeamId, what: Attachment) -> String {
    context.path(format!("/teams/{team}{}/deletion", what.path()))
}

/// The confirmation before something is detached: how many lose it.
#[derive(Template)]
#[template(path = "teams/detachment.html")]
pub(super) struct Detachment {
    pub context: MemberContext,
    pub team: Team,
    pub grant: TeamGrant,
    pub reach: Reach,
    pub action: String,
    pub refusal: Option<AttachmentRefusal>,
}

impl Detachment {
    pub fn new(context: MemberContext, team: Team, grant: TeamGrant, reach: Reach, refusal: Option<AttachmentRefusal>) -> Self {
        let action = detachment(&context, team.id, Attachment::of(&grant.given));
        Self { context, team, grant, reach, action, refusal }
    }
    fn allowed(&self) -> Vec<String> {
        allowed(&self.grant.given)
    }
}
