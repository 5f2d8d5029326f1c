//! Pages of `teams`: one struct per template, with what it shows.

use super::{
    access::{AttachmentRefusal, Loss, demand},
    forms::{Chosen, TeamForm},
    model::{Team, TeamMember},
};
use crate::{
    kit::{MemberId, MemberKind, TeamId, rights},
    members::{Action, Refusal},
    web::{MemberContext, filters},
};
use askama::Template;
use std::collections::HashMap;

/// A team in the list.
pub struct Listed {
    pub team: Team,
    pub people: i64,
    pub system_accounts: i64,
    pub administrators: Vec<String>,
    /// Whether the caller is a member.
    pub is_mine: bool,
}

#[derive(Template)]
#[template(path = "teams/index.html")]
pub struct Index {
    pub context: MemberContext,
    pub search: String,
    pub listed: Vec<Listed>,
    pub previous: Option<TeamId>,
    pub next: Option<TeamId>,
}

/// A URL with the search text and the edge of the page.
fn address(path: &str, search: &str, edge: Option<(&str, String)>) -> String {
    let search = (!search.trim().is_empty()).then(|| ("q", search.trim().to_owned()));
    let pairs: Vec<(&str, String)> = search.into_iter().chain(edge).collect();
    match serde_html_form::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

impl Index {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::TEAM_MANAGE)
    }
    pub fn previous_page(&self) -> Option<String> {
        let edge = self.previous.map(|id| ("before", id.to_string()))?;
        Some(address(&self.context.path("/teams"), &self.search, Some(edge)))
    }
    pub fn next_page(&self) -> Option<String> {
        let edge = self.next.map(|id| ("after", id.to_string()))?;
        Some(address(&self.context.path("/teams"), &self.search, Some(edge)))
    }
}

/// The form of a new or existing team.
#[derive(Template)]
#[template(path = "teams/form.html")]
pub struct Edit {
    pub context: MemberContext,
    pub form: TeamForm,
    pub id: Option<TeamId>,
    /// What manages the team for an identity provider: its name is not changed here.
    pub managed_by: Option<String>,
    /// The version that somebody else saved in the meantime.
    pub saved: Option<Team>,
}

impl Edit {
    pub fn action(&self) -> String {
        match self.id {
            Some(id) => self.context.path(format!("/teams/{id}")),
            None => self.context.path("/teams"),
        }
    }
    /// The fields in which the version saved meanwhile differs from what is typed here.
    pub fn differences(&self, saved: &Team) -> Vec<(&'static str, String, String)> {
        let yes = |yes: bool| String::from(if yes { "yes" } else { "no" });
        let all = [
            ("Name", saved.name.clone(), self.form.name.trimmed().to_owned()),
            ("Description", saved.description.clone(), self.form.description.trimmed().to_owned()),
            ("For new people", yes(saved.is_default), yes(self.form.is_default())),
        ];
        all.into_iter().filter(|(_, now, yours)| now != yours).collect()
    }
}

#[derive(Template)]
#[template(path = "teams/deletion.html")]
pub struct Deletion {
    pub context: MemberContext,
    pub team: Team,
    pub people: i64,
    pub system_accounts: i64,
    pub administrators: Vec<String>,
    /// What manages the team for an identity provider: it is not deleted here.
    pub managed_by: Option<String>,
    pub name: crate::web::Field,
    /// What the team gives, and how many have it only through the team.
    pub gives: Vec<Loss>,
    /// Why what it gives cannot be taken away.
    pub refusal: Option<AttachmentRefusal>,
}

/// The confirmation before a member becomes team administrator.
#[derive(Template)]
#[template(path = "teams/appointment.html")]
pub struct Appointment {
    pub context: MemberContext,
    pub team: Team,
    pub member: MemberId,
    pub name: String,
}

/// A team with its members.
#[derive(Template)]
#[template(path = "teams/show.html")]
pub struct Show {
    pub context: MemberContext,
    pub team: Team,
    /// What manages the team for an identity provider, and decides which people are in it.
    pub managed_by: Option<String>,
    pub people: i64,
    pub system_accounts: i64,
    /// How many of the people are disabled.
    pub disabled: i64,
    /// What the team gives to its members, in words, if the caller may see that.
    pub gives: Option<String>,
    pub administrators: Vec<(MemberId, String)>,
    pub search: String,
    pub team_members: Vec<TeamMember>,
    pub previous: Option<MemberId>,
    pub next: Option<MemberId>,
    /// Whether the caller decides which people are members.
    pub may_manage_team_members: bool,
    /// Why people on this page cannot be made team administrators, made ordinary members, or removed.
    pub refusals: HashMap<MemberId, [Option<Refusal>; 3]>,
}

impl Show {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::TEAM_MANAGE)
    }
    pub fn may_decide_access(&self) -> bool {
        demand(&self.context.scope).is_ok()
    }
    pub fn path(&self) -> String {
        self.context.path(format!("/teams/{}", self.team.id))
    }
    /// The URL of this page, to return to it.
    pub fn here(&self) -> String {
        address(&self.path(), &self.search, None)
    }
    pub fn profile(&self, team_member: &TeamMember) -> String {
        self.context.path(format!("{}/{}", team_member.kind.path(), team_member.id))
    }
    /// What the search reads.
    pub fn searched(&self) -> &'static str {
        if self.context.scope.may(rights::USER_READ) {
            "Search name, email, title, phone"
        } else {
            "Search names"
        }
    }
    pub fn is_me(&self, team_member: &TeamMember) -> bool {
        self.context.scope.is_me(team_member.id)
    }
    /// Whether the caller may change anything here.
    pub fn may_act(&self) -> bool {
        self.may_manage_team_members || self.runs_machines()
    }
    fn runs_machines(&self) -> bool {
        self.context.scope.may(rights::SYSTEM_ACCOUNT_MANAGE)
    }
    /// Whether removing this member is offered, possibly disabled with the reason.
    pub fn offers_departure(&self, team_member: &TeamMember) -> bool {
        self.may_manage_team_members || !team_member.is_person()
    }
    /// Why the caller cannot remove this member.
    pub fn why_not_take_out(&self, team_member: &TeamMember) -> Option<String> {
        match team_member.kind {
            MemberKind::SystemAccount if !self.runs_machines() => Some("Anyone who manages all system accounts takes it out.".into()),
            MemberKind::SystemAccount => None,
            MemberKind::User => self.refusals.get(&team_member.id).and_then(|[.., leave]| leave.as_ref()).map(Refusal::to_string),
        }
    }
    /// Why they cannot be made a team administrator or an ordinary member of the team.
    pub fn why_not_appoint(&self, team_member: &TeamMember) -> Option<&Refusal> {
        let [appoint, dismiss, _] = self.refusals.get(&team_member.id)?;
        if team_member.runs_it { dismiss.as_ref() } else { appoint.as_ref() }
    }
    pub fn departure(&self, team_member: &TeamMember) -> String {
        format!("{}/members/deletion{}", self.path(), Chosen::query(&[team_member.id], Some(team_member.kind)))
    }
    pub fn previous_page(&self) -> Option<String> {
        let edge = self.previous.map(|id| ("before", id.to_string()))?;
        Some(address(&self.path(), &self.search, Some(edge)))
    }
    pub fn next_page(&self) -> Option<String> {
        let edge = self.next.map(|id| ("after", id.to_string()))?;
        Some(address(&self.path(), &self.search, Some(edge)))
    }
    pub fn is_empty(&self) -> bool {
        self.people + self.system_accounts == 0
    }
}

/// The members who could join a team.
#[derive(Template)]
#[template(path = "teams/candidates.html")]
pub struct AddMembers {
    pub context: MemberContext,
    pub team: Team,
    pub kind: MemberKind,
    pub search: String,
    /// Members ticked before who are not among those shown now.
    pub chosen: Vec<TeamMember>,
    pub ticked: Vec<MemberId>,
    pub candidates: Vec<TeamMember>,
    pub has_more: bool,
    pub complaint: Option<String>,
    /// What they get with the team, in words.
    pub gives: Option<String>,
}

impl AddMembers {
    pub fn path(&self) -> String {
        self.context.path(format!("/teams/{}", self.team.id))
    }
    pub fn is_ticked(&self, one: &TeamMember) -> bool {
        self.ticked.contains(&one.id)
    }
    /// How many checkboxes are ticked when the page is rendered.
    pub fn shown_ticked(&self) -> usize {
        self.chosen.len() + self.candidates.iter().filter(|one| self.is_ticked(one)).count()
    }
    pub fn is_people(&self) -> bool {
        self.kind == MemberKind::User
    }
}
