use super::{
    act::Act,
    deed::{Deed, Deeds},
    forms::BulkForm,
    model::{Batch, Item, ItemState},
};
use crate::{
    kit::MemberKind,
    members::{Answer, Named, Outcome, Team},
    policies::Policy,
    roles::Role,
    web::{Shell, filters, grouped},
};
use askama::Template;

/// Names that one page shows; who else is meant, it counts.
const SHOWN: usize = 24;

/// `12 people`, `1 system account`.
pub(super) fn counted(kind: MemberKind, count: i64) -> String {
    match count {
        1 => format!("1 {}", kind.singular()),
        many => format!("{} {}", grouped(many), kind.plural()),
    }
}

/// Asks before something is done, naming to whom.
#[derive(Template)]
#[template(path = "bulk/confirm.html")]
pub(super) struct Confirm {
    pub shell: Shell,
    pub kind: MemberKind,
    pub act: Act,
    pub form: BulkForm,
    /// Everybody who is meant, some at most.
    pub named: Vec<Named>,
    pub total: usize,
    /// What would become of each, where that is known before.
    pub answers: Option<Vec<Answer>>,
    pub roles: Vec<Role>,
    pub teams: Vec<Team>,
    pub policies: Vec<Policy>,
    pub back: String,
}

impl Confirm {
    /// How many it will be done to, as far as can be told.
    pub fn affected(&self) -> usize {
        match &self.answers {
            Some(answers) => answers.iter().filter(|answer| answer.outcome.is_done()).count(),
            None => self.total,
        }
    }
    /// What follows from it.
    pub fn consequences(&self) -> &'static [&'static str] {
        match self.act {
            Act::Resend if !self.shell.front.mail.is_server() => &[
                "no mail server is set up, so nothing is sent: from the result you make links to hand over",
                "the old links are dead",
            ],
            Act::SendReset if !self.shell.front.mail.is_server() => &[
                "no mail server is set up, so nobody is told: the letters become files on the machine that runs Roster",
                "a link to hand over you make on somebody’s profile, for one at a time",
            ],
            act => act.consequences(self.kind),
        }
    }
    /// What is typed before there is no way back: the name of the one, or how many there are.
    pub fn to_type(&self) -> String {
        match (self.affected(), &self.shown()[..]) {
            (1, [only]) => only.name.clone(),
            (count, _) => grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        }
    }
    pub fn title(&self) -> String {
        self.act
            .title(&counted(self.kind, i64::try_from(self.affected()).unwrap_or(i64::MAX)))
    }
    /// Those it is done to, as many as have room.
    pub fn shown(&self) -> Vec<&Named> {
        let done = |named: &&Named| match &self.answers {
            Some(answers) => answers.iter().any(|answer| answer.id == named.id && answer.outcome.is_done()),
            None => true,
        };
        self.named.iter().filter(done).take(SHOWN).collect()
    }
    pub fn not_shown(&self) -> usize {
        self.affected().saturating_sub(self.shown().len())
    }
    /// Why some are left out, each reason with the names.
    pub fn left_out(&self) -> Vec<(String, usize, String)> {
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for answer in self.answers.iter().flatten() {
            let why = match &answer.outcome {
                Outcome::Done { .. } => continue,
                Outcome::AlreadySo => "It is so already.".to_owned(),
                Outcome::Refused(refusal) => refusal.to_string(),
            };
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, names)) => names.push(&answer.name),
                None => reasons.push((why, vec![&answer.name])),
            }
        }
        let line = |(why, names): (String, Vec<&str>)| {
            let count = names.len();
            let mut shown = names.into_iter().take(SHOWN / 4).collect::<Vec<_>>().join(", ");
            if count > SHOWN / 4 {
                shown.push_str(", …");
            }
            (why, count, shown)
        };
        reasons.into_iter().map(line).collect()
    }
    pub fn asks_for_role(&self) -> bool {
        matches!(self.act, Act::AddRole | Act::RemoveRole)
    }
    pub fn asks_for_team(&self) -> bool {
        matches!(self.act, Act::JoinTeam | Act::LeaveTeam)
    }
    pub fn asks_for_policy(&self) -> bool {
        matches!(self.act, Act::AttachPolicy | Act::DetachPolicy)
    }
    pub fn is(&self, act: &str) -> bool {
        self.act.as_str() == act
    }
    pub fn may_grant(&self, role: &Role) -> bool {
        self.act == Act::RemoveRole || self.shell.scope.permissions.lacking(&role.permissions).is_none()
    }
    pub fn tomorrow(&self) -> String {
        (self.shell.scope.now().utc() + chrono::TimeDelta::days(1))
            .format("%Y-%m-%d")
            .to_string()
    }
}

/// What was done to many lately, and what is under way.
#[derive(Template)]
#[template(path = "bulk/index.html")]
pub(super) struct Index {
    pub shell: Shell,
    pub batches: Vec<Batch>,
}

impl Index {
    pub fn title(&self, batch: &Batch) -> String {
        let count = if batch.is_running() { batch.total } else { batch.done };
        let whom = counted(Deeds::kind_of(&batch.kind).unwrap_or(MemberKind::User), count);
        match serde_json::from_value::<Deed>(batch.deed.0.clone()) {
            Ok(deed) => deed.done(&whom),
            Err(_) => whom,
        }
    }
}

/// How far a batch is, and what became of each.
#[derive(Template)]
#[template(path = "bulk/show.html")]
pub(super) struct Show {
    pub shell: Shell,
    pub batch: Batch,
    pub kind: MemberKind,
    pub deed: Option<Deed>,
    pub state: Option<ItemState>,
    pub items: Vec<Item>,
    pub next: Option<i64>,
}

impl Show {
    pub fn title(&self) -> String {
        let count = if self.batch.is_running() {
            self.batch.total
        } else {
            self.batch.done
        };
        let whom = counted(self.kind, count);
        match &self.deed {
            Some(deed) => deed.done(&whom),
            None => whom,
        }
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
        self.shell.path(format!("/batches/{}", self.batch.id))
    }
    /// Whether letters were written that nobody gets, as no mail server is set up.
    pub fn is_unsent(&self) -> bool {
        let has_letters = self.deed.as_ref().is_some_and(Deed::is_letter) && self.batch.done > 0;
        has_letters && !self.batch.is_running() && !self.shell.front.mail.is_server()
    }
    pub fn may_make_links(&self) -> bool {
        self.deed == Some(Deed::Resend) && self.shell.scope.may("user", "invite")
    }
    pub fn may_undo(&self) -> bool {
        !self.batch.is_running() && self.batch.done > 0 && self.deed.as_ref().is_some_and(|deed| deed.reversed().is_some())
    }
    pub fn address(&self, state: Option<&ItemState>, after: Option<i64>) -> String {
        let mut pairs = Vec::new();
        pairs.extend(state.map(|state| ("state", state.as_str().to_owned())));
        pairs.extend(after.map(|after| ("after", after.to_string())));
        let query = serde_html_form::to_string(&pairs).unwrap_or_default();
        if query.is_empty() {
            self.path()
        } else {
            format!("{}?{query}", self.path())
        }
    }
}
