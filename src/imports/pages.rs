//! Pages of an import.

use super::{Column, Edit, Import, ImportMode, Labels, Planned, encoding, forms::ImportForm, mapping::Mapping};
use crate::{
    bulk::{self, Batch, Item, ItemState, State},
    kit::{count, grouped},
    members::{GrantOptions, Seats},
    web::{MemberContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "imports/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub form: ImportForm,
    pub offer: GrantOptions,
    pub seats: Seats,
    /// A file was sent with a search among the choices. A browser does not choose it again.
    pub is_file_lost: bool,
}

/// What a file would do, does, or did.
#[derive(Template)]
#[template(path = "imports/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub batch: Batch,
    pub import: Import,
    pub state: Option<ItemState>,
    pub items: Vec<Item>,
    pub next: Option<i64>,
    pub labels: Labels,
    /// How its columns are read; only for the member who uploaded it, and only before it is started.
    pub mapping: Option<Mapping>,
}

/// `1 person`, `4,812 people`
fn people(number: i64) -> String {
    count(number, "person", "people")
}

impl Show {
    pub fn is_draft(&self) -> bool {
        self.batch.state == State::Draft
    }
    pub fn is_creating(&self) -> bool {
        self.import.way == ImportMode::Create
    }
    pub fn is_inviting(&self) -> bool {
        self.import.way == ImportMode::Invite
    }
    pub fn is_updating(&self) -> bool {
        self.import.way == ImportMode::Update
    }
    pub fn is_discarded(&self) -> bool {
        self.batch.state == State::Stopped && self.batch.total == 0
    }
    /// Only the member who uploaded it can start it, because it runs with their identity and permissions.
    pub fn may_start(&self) -> bool {
        self.context.scope.actor.member_id() == self.batch.started_by
    }
    pub fn waiting(&self) -> i64 {
        self.batch.count(ItemState::Waiting)
    }
    pub fn title(&self) -> String {
        let (waiting, done) = (people(self.waiting()), people(self.batch.done));
        let of_lines = match self.batch.total {
            1 => "its line".into(),
            many => format!("any of {} lines", grouped(many)),
        };
        match (self.batch.state, self.import.way) {
            (State::Draft, _) if self.import.lacks().is_some() => "Which column is which?".into(),
            (State::Draft, ImportMode::Update) if self.waiting() == 0 => format!("Nothing would change by {of_lines}"),
            (State::Draft, _) if self.waiting() == 0 => "Nobody in this file can be imported".into(),
            (State::Draft, ImportMode::Create) => format!("Create {waiting}?"),
            (State::Draft, ImportMode::Invite) => format!("Invite {waiting}?"),
            (State::Draft, ImportMode::Update) => format!("Change {waiting}?"),
            _ if self.is_discarded() => "The file was discarded".into(),
            (State::Running, ImportMode::Update) => format!("Changing {}", people(self.batch.done + self.waiting())),
            (State::Running, _) => format!("Importing {}", people(self.batch.done + self.waiting())),
            (_, ImportMode::Create) => format!("{done} created"),
            (_, ImportMode::Invite) => format!("{done} invited"),
            (_, ImportMode::Update) => format!("{done} changed"),
        }
    }
    /// The label of the start button.
    pub fn button(&self) -> String {
        let verb = if self.is_updating() { "Change" } else { "Import" };
        format!("{verb} {}", people(self.waiting()))
    }
    /// Columns with content that are not read.
    pub fn ignored(&self) -> Vec<String> {
        self.import.layout.ignored().collect()
    }
    /// The line of the heads, or the line where they would be.
    pub fn head_line(&self) -> u64 {
        let layout = &self.import.layout;
        layout.head_line.unwrap_or(layout.above + 1)
    }
    /// How many columns are read.
    pub fn read_columns(&self) -> usize {
        self.import.layout.columns.iter().filter(|head| head.column.is_some() || head.own.is_some()).count()
    }
    pub fn encoding(&self) -> &str {
        encoding::label(&self.import.layout.encoding)
    }
    /// Columns whose cells were wiped.
    pub fn secrets(&self) -> Vec<&str> {
        let secret = self.import.layout.columns.iter().filter(|head| head.is_secret);
        secret.map(|head| head.name.as_str()).collect()
    }
    /// Whether the page shows the columns first.
    pub fn asks_for_columns(&self) -> bool {
        let is_refused = self.mapping.as_ref().is_some_and(|mapping| mapping.form.complaint.is_some());
        let is_useless = self.waiting() == 0 && self.batch.unchanged == 0 && !self.ignored().is_empty();
        is_refused || is_useless || self.import.lacks().is_some() || self.import.layout.head_line.is_none()
    }
    /// The outcome of a line. Uses other words if it is unchanged for another reason.
    pub fn outcome<'i>(&self, item: &'i Item) -> &'i str {
        if item.state == ItemState::Unchanged && !item.note.is_empty() {
            &item.note
        } else {
            self.label(item.state)
        }
    }
    pub fn note<'i>(&self, item: &'i Item) -> &'i str {
        if item.state == ItemState::Unchanged { "" } else { &item.note }
    }
    /// The fields that are or were changed.
    pub fn edits(&self, item: &Item) -> Vec<Edit> {
        let update = Planned::of(item).and_then(|planned| planned.update);
        update.map(|update| update.edits).unwrap_or_default()
    }
    /// The label of an item state; it depends on the progress of the batch.
    pub fn label(&self, state: ItemState) -> &'static str {
        label(self.import.way, self.batch.state, state)
    }
    pub fn line(&self, item: &Item) -> u64 {
        Planned::of(item).map_or(0, |planned| planned.line)
    }
    /// What the person will be given, until the line is done.
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
        self.context.path(format!("/imports/{}", self.batch.id))
    }
    pub fn address(&self, state: Option<&ItemState>, after: Option<i64>) -> String {
        bulk::items_address(self.path(), state, after)
    }
}

/// The label of a line's outcome.
pub(super) fn label(way: ImportMode, batch: State, item: ItemState) -> &'static str {
    match (item, batch, way) {
        (ItemState::Waiting, State::Draft, ImportMode::Create) => "Create",
        (ItemState::Waiting, State::Draft, ImportMode::Invite) => "Invite",
        (ItemState::Waiting, State::Draft, ImportMode::Update) => "Change",
        (ItemState::Waiting, State::Running, _) => "Waiting",
        (ItemState::Waiting, ..) => "Not done",
        (ItemState::Done, _, ImportMode::Create) => "Created",
        (ItemState::Done, _, ImportMode::Invite) => "Invited",
        (ItemState::Done, _, ImportMode::Update) => "Changed",
        (ItemState::Unchanged, _, ImportMode::Update) => "No change",
        (ItemState::Unchanged, ..) => "Already a member",
        (ItemState::Refused, ..) => "Refused",
    }
}
