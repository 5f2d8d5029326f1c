//! Pages of bulk actions.

use super::{
    action::{BulkAction, MemberActions},
    forms::BulkForm,
    model::{Batch, Item, ItemState, items_address},
    preview::Preview,
    words::{counted, filled},
};
use crate::{
    kit::{MemberKind, grouped, rights},
    members::{Action, AsksFor, Refusal, Team, guarded_choice, refuse_role},
    policies::Policy,
    roles::Role,
    web::{Field, MemberContext, Picker, PickerChoice, PickerSearch, filters},
};
use askama::Template;

/// The confirmation page, with the names of the members.
#[derive(Template)]
#[template(path = "bulk/confirm.html")]
pub(super) struct Confirm {
    pub context: MemberContext,
    pub kind: MemberKind,
    pub act: Action,
    pub form: BulkForm,
    pub preview: Preview,
    pub roles: Vec<Role>,
    pub teams: Vec<Team>,
    pub policies: Vec<Policy>,
    pub back: String,
    /// What was searched for among the choices.
    pub search: PickerSearch,
}

impl Confirm {
    /// The consequences of the action.
    pub fn consequences(&self) -> &'static [&'static str] {
        match self.act {
            Action::Resend if !self.context.site.mail.is_server() => &[
                "no mail server is set up, so nothing is sent: from the result you make links to hand over",
                "the old links are dead",
            ],
            Action::SendReset if !self.context.site.mail.is_server() => &[
                "no mail server is set up, so nobody is told: the letters become files on the machine that runs Roster",
                "a link to hand over you make on somebody’s profile, for one at a time",
            ],
            act => act.consequences(self.kind),
        }
    }
    /// The text to type for an action that cannot be undone: the name of the only member, or the number of members.
    pub fn to_type(&self) -> String {
        match self.preview.only() {
            Some(only) => only.name.clone(),
            None => grouped(number(self.preview.affected)),
        }
    }
    pub fn title(&self) -> String {
        filled(self.act.question(), "", &counted(self.kind, number(self.preview.affected)))
    }
    /// The address that cancels their invitations, if nothing can be done because they are only invited.
    pub fn cancellation(&self) -> Option<String> {
        let is_theirs = self.preview.affected == 0 && self.act.is_refused_to_the_invited() && !self.kind.is_machine();
        let are_invited = self.preview.left_out.iter().any(|reason| reason.why == Refusal::Invited.to_string());
        if !is_theirs || !are_invited || self.form.members.len() > NAMED || !self.context.scope.may_over_teams(rights::USER_INVITE) {
            return None;
        }
        let form = BulkForm { act: Action::Cancel, expected: String::new(), ..self.form.clone() };
        Some(format!("{}?{}", self.context.path("/bulk"), serde_html_form::to_string(&form).ok()?))
    }
    pub fn asks_for_role(&self) -> bool {
        matches!(self.act.asks_for(), AsksFor::Role | AsksFor::RoleAndEnd)
    }
    pub fn asks_for(&self, what: AsksFor) -> bool {
        self.act.asks_for() == what
    }
    pub fn role_picker(&self) -> Picker {
        let choices = self.roles.iter().map(|role| {
            let may_choose = self.act == Action::RemoveRole || refuse_role(&self.context.scope, role).is_none();
            let (value, is_chosen) = choice(role.id, &self.form.role);
            guarded_choice(value, &role.name, &role.description, is_chosen, may_choose)
        });
        Picker::new("role", "roles", choices.collect(), &self.search)
    }
    pub fn team_picker(&self) -> Picker {
        let choices = self.teams.iter().map(|team| {
            let (value, is_chosen) = choice(team.id, &self.form.team);
            PickerChoice {
                value,
                name: team.name.clone(),
                note: team.note(),
                is_chosen,
                is_disabled: team.is_too_wide && self.act == Action::JoinTeam,
                is_fixed: false,
            }
        });
        Picker::new("team", "teams", choices.collect(), &self.search)
    }
    pub fn policy_picker(&self) -> Picker {
        let choices = self.policies.iter().map(|policy| {
            let (value, is_chosen) = choice(policy.id, &self.form.policy);
            guarded_choice(value, &policy.name, &policy.description, is_chosen, true)
        });
        Picker::new("policy", "policies", choices.collect(), &self.search)
    }
}

/// The value of a choice, and whether the field has it.
fn choice(id: impl ToString, field: &Field) -> (String, bool) {
    let value = id.to_string();
    let is_chosen = field.value == value;
    (value, is_chosen)
}

/// The most member ids in an address.
const NAMED: usize = 100;

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `Disabling 3,713 people` while it runs, `3,460 people disabled` afterwards.
fn title_of(batch: &Batch, kind: MemberKind, action: Option<&BulkAction>) -> String {
    let count = if batch.is_running() { batch.total } else { batch.done };
    let whom = counted(kind, count);
    match action {
        Some(action) if batch.is_running() => action.doing(&batch.subject, &whom),
        Some(action) => action.done(&batch.subject, &whom),
        None => whom,
    }
}

/// The confirmation page of an undo, with the names of the members it would change.
#[derive(Template)]
#[template(path = "bulk/undo.html")]
pub(super) struct Undo {
    pub context: MemberContext,
    pub batch: Batch,
    pub kind: MemberKind,
    pub opposite: BulkAction,
    pub preview: Preview,
    pub back: String,
}

impl Undo {
    pub fn path(&self) -> String {
        self.context.path(format!("/batches/{}", self.batch.id))
    }
    pub fn title(&self) -> String {
        self.opposite.to_do(&self.batch.subject, &counted(self.kind, number(self.preview.affected)))
    }
    /// The action that is undone.
    pub fn undone(&self) -> String {
        title_of(&self.batch, self.kind, BulkAction::read(&self.batch).ok().as_ref())
    }
}

/// Recent and running bulk actions.
#[derive(Template)]
#[template(path = "bulk/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub batches: Vec<Batch>,
}

impl Index {
    pub fn title(&self, batch: &Batch) -> String {
        // Imports are never in this list.
        let kind = MemberActions::kind_of(&batch.kind).unwrap_or(MemberKind::User);
        title_of(batch, kind, BulkAction::read(batch).ok().as_ref())
    }
}

/// The page of a batch: progress, and the result per member.
#[derive(Template)]
#[template(path = "bulk/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub batch: Batch,
    pub kind: MemberKind,
    pub action: Option<BulkAction>,
    /// The batch that undid this one.
    pub undone_by: Option<Batch>,
    /// The filters of the list that the members were selected from.
    pub filters: Vec<String>,
    pub state: Option<ItemState>,
    pub items: Vec<Item>,
    pub next: Option<i64>,
    /// The page that the members were ticked on; empty if it is their list.
    pub back: String,
}

impl Show {
    pub fn title(&self) -> String {
        title_of(&self.batch, self.kind, self.action.as_ref())
    }
    pub fn reason(&self) -> Option<&str> {
        self.action.as_ref().and_then(BulkAction::reason)
    }
    /// The address of the list that the members were selected from.
    pub fn list(&self) -> String {
        let path = self.context.path(self.kind.path());
        match self.batch.query.as_str() {
            "" => path,
            query => format!("{path}?{query}"),
        }
    }
    /// Whether it can be undone without a confirmation page.
    pub fn is_fresh(&self) -> bool {
        self.batch.is_fresh(self.context.scope.now())
    }
    pub fn tabs(&self) -> Vec<(Option<ItemState>, &'static str, i64)> {
        let mut tabs = vec![(None, "All", self.batch.total)];
        for state in [ItemState::Done, ItemState::Unchanged, ItemState::Refused, ItemState::Waiting] {
            if self.batch.count(state) > 0 {
                tabs.push((Some(state), state.label(), self.batch.count(state)));
            }
        }
        tabs
    }
    pub fn path(&self) -> String {
        self.context.path(format!("/batches/{}", self.batch.id))
    }
    /// Whether letters were written that reach nobody, because no mail server is set up.
    pub fn is_unsent(&self) -> bool {
        let has_letters = self.action.as_ref().is_some_and(|action| action.action().is_letter()) && self.batch.done > 0;
        has_letters && !self.batch.is_running() && !self.context.site.mail.is_server()
    }
    pub fn may_make_links(&self) -> bool {
        self.action == Some(BulkAction::Resend) && self.context.scope.may_over_teams(rights::USER_INVITE)
    }
    pub fn may_undo(&self) -> bool {
        !self.batch.is_running()
            && self.batch.done > 0
            && self.undone_by.is_none()
            && self.action.as_ref().is_some_and(|action| action.reversed().is_some())
    }
    pub fn address(&self, state: Option<&ItemState>, after: Option<i64>) -> String {
        with_back(items_address(self.path(), state, after), &self.back)
    }
}

/// The address of a batch, from which a link leads back to that page.
pub(super) fn with_back(address: String, back: &str) -> String {
    if back.is_empty() {
        return address;
    }
    let glue = if address.contains('?') { '&' } else { '?' };
    let pair = serde_html_form::to_string([("back", back)]).unwrap_or_default();
    format!("{address}{glue}{pair}")
}
