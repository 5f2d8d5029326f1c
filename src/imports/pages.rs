use super::{Import, Labels, Planned, Way, forms::ImportForm};
use crate::{
    bulk::{Batch, Item, ItemState, State},
    members::{Offer, Seats},
    web::{Shell, filters, grouped},
};
use askama::Template;

#[derive(Template)]
#[template(path = "imports/new.html")]
pub(super) struct New {
    pub shell: Shell,
    pub form: ImportForm,
    pub offer: Offer,
    pub seats: Seats,
}

/// What a file would do, does, or did.
#[derive(Template)]
#[template(path = "imports/show.html")]
pub(super) struct Show {
    pub shell: Shell,
    pub batch: Batch,
    pub import: Import,
    pub state: Option<ItemState>,
    pub items: Vec<Item>,
    pub next: Option<i64>,
    pub labels: Labels,
}

/// `1 person`, `4,812 people`
fn people(count: i64) -> String {
    match count {
        1 => "1 person".into(),
        many => format!("{} people", grouped(many)),
    }
}

impl Show {
    pub fn is_draft(&self) -> bool {
        self.batch.state == State::Draft
    }
    pub fn is_creating(&self) -> bool {
        self.import.way == Way::Create
    }
    /// Only whoever brought it starts it: it is done in their name, with what they may do.
    pub fn may_start(&self) -> bool {
        self.shell.scope.actor.member_id() == self.batch.started_by
    }
    pub fn waiting(&self) -> i64 {
        self.batch.count(ItemState::Waiting)
    }
    pub fn title(&self) -> String {
        let (waiting, done) = (people(self.waiting()), people(self.batch.done));
        match (self.batch.state, self.import.way) {
            (State::Draft, _) if self.waiting() == 0 => "Nobody in this file can be imported".into(),
            (State::Draft, Way::Create) => format!("Create {waiting}?"),
            (State::Draft, Way::Invite) => format!("Invite {waiting}?"),
            (State::Running, _) => format!("Importing {}", people(self.batch.done + self.waiting())),
            (_, Way::Create) => format!("{done} created"),
            (_, Way::Invite) => format!("{done} invited"),
        }
    }
    /// What stands in a state, by the word that fits how far it is.
    pub fn label(&self, state: ItemState) -> &'static str {
        label(self.import.way, self.batch.state, state)
    }
    pub fn line(&self, item: &Item) -> u64 {
        Planned::of(item).map_or(0, |planned| planned.line)
    }
    /// What they are given, as long as that has not happened.
    pub fn given(&self, item: &Item) -> Vec<(&'static str, String)> {
        let person = Planned::of(item).and_then(|planned| planned.person);
        person.map(|person| self.labels.say(&person.grants)).unwrap_or_default()
    }
    pub fn tabs(&self) -> Vec<(Option<ItemState>, &'static str, i64)> {
        let states = [ItemState::Waiting, ItemState::Done, ItemState::Unchanged, ItemState::Refused];
        let shown = states.into_iter().filter(|state| self.batch.count(*state) > 0);
        let tabs = shown.map(|state| (Some(state), self.label(state), self.batch.count(state)));
        [(None, "All", self.batch.total)].into_iter().chain(tabs).collect()
    }
    pub fn path(&self) -> String {
        self.shell.path(format!("/imports/{}", self.batch.id))
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

/// What becomes or became of a line.
pub(super) fn label(way: Way, batch: State, item: ItemState) -> &'static str {
    match (item, batch, way) {
        (ItemState::Waiting, State::Draft, Way::Create) => "Create",
        (ItemState::Waiting, State::Draft, Way::Invite) => "Invite",
        (ItemState::Waiting, State::Running, _) => "Waiting",
        (ItemState::Waiting, ..) => "Not done",
        (ItemState::Done, _, Way::Create) => "Created",
        (ItemState::Done, _, Way::Invite) => "Invited",
        (ItemState::Unchanged, ..) => "Already a member",
        (ItemState::Refused, ..) => "Refused",
    }
}
