//! Runs an import, line by line, with the operations behind the forms for one person.

use super::{
    Import, ImportMode,
    model::{Person, Planned},
    update,
};
use crate::{
    bulk::{Batch, BatchJob, Item, ItemResult, ItemState},
    db::Tx,
    invitations::{self, Outcome},
    kit::{Fault, MemberId, OperationResult, Scope, email::Entry},
    mail::Outbox,
    user_creation::{self, CreateRefusal, CreatedUser},
};

/// Runs imports of files.
pub struct Imports {
    outbox: Outbox,
}

impl Imports {
    /// The kind of its batches.
    pub const KIND: &'static str = "import";

    pub fn new(outbox: Outbox) -> Self {
        Self { outbox }
    }

    /// The member of an item, stored only if links are made for the batch later. Otherwise it would cost one update per
    /// item.
    fn for_links(&self, member: MemberId) -> Option<MemberId> {
        (!self.outbox.route().is_server()).then_some(member)
    }

    fn invite(&self, tx: &mut Tx<'_>, scope: &Scope, person: Person) -> Result<ItemResult, Fault> {
        let wanted = invitations::Wanted {
            entries: vec![Entry { name: person.details.name.clone(), address: person.email.as_str().to_owned() }],
            grants: person.grants,
            message: String::new(),
            details: Some(person.details),
            is_import: true,
        };
        let sent = match tx.part(|tx| invitations::send(tx, scope, &self.outbox, &wanted)).refused()? {
            Ok(sent) => sent,
            Err(refusal) => return Ok(ItemResult::refused(refusal)),
        };
        let noted = |state, note: &str| ItemResult { state, note: note.to_owned(), ..ItemResult::done() };
        Ok(match sent.into_iter().next().map(|sent| sent.outcome) {
            Some(Outcome::Invited(member)) => ItemResult { member: self.for_links(member), ..ItemResult::done() },
            Some(Outcome::SentAgain(member)) => ItemResult {
                member: self.for_links(member),
                ..noted(ItemState::Done, "Invited again: the old link is dead.")
            },
            Some(Outcome::Added) => noted(ItemState::Done, "Works with Roster already, and is a member at once."),
            Some(Outcome::AlreadyMember) => ItemResult::unchanged(),
            Some(Outcome::Disabled(_)) => ItemResult::refused("They are a member who is disabled. Enable them in the directory."),
            Some(Outcome::Refused(why)) => ItemResult::refused(why),
            Some(Outcome::Twice) | None => ItemResult::refused("Nothing was sent."),
        })
    }
}

fn create(tx: &mut Tx<'_>, scope: &Scope, people: Vec<Person>) -> Result<Vec<ItemResult>, Fault> {
    let wanted = |person: Person| user_creation::Wanted {
        name: person.details.name.clone(),
        email: person.email,
        username: person.username,
        is_active: person.is_active,
        grants: person.grants,
        hash: None,
        details: Some(person.details),
    };
    let all: Vec<_> = people.into_iter().map(wanted).collect();
    let verdict = |created| match created {
        Ok(CreatedUser { member, .. }) => ItemResult { member: Some(member), ..ItemResult::done() },
        Err(CreateRefusal::Here) => ItemResult::unchanged(),
        Err(refusal) => ItemResult::refused(refusal),
    };
    let created = user_creation::create_all(tx, scope, &all)?;
    Ok(created.into_iter().map(verdict).collect())
}

/// Adds the remarks of the preview to the result.
fn with_remarks(verdict: ItemResult, remarks: &[String]) -> ItemResult {
    if verdict.state != ItemState::Done {
        return verdict;
    }
    let all = [verdict.note.as_str()].into_iter().chain(remarks.iter().map(String::as_str));
    let all: Vec<&str> = all.filter(|text| !text.is_empty()).collect();
    ItemResult { note: all.join(" "), ..verdict }
}

fn people(items: &[Item]) -> Result<Vec<Person>, Fault> {
    let person = |item: &Item| Planned::of(item).and_then(|planned| planned.person).ok_or_else(nothing_planned);
    items.iter().map(person).collect()
}

fn nothing_planned() -> Fault {
    Fault::broken("a line to be done says nothing")
}

impl BatchJob for Imports {
    fn run(&self, tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, items: &[Item]) -> Result<Vec<ItemResult>, Fault> {
        let import: Import = serde_json::from_value(batch.action.0.clone()).map_err(Fault::broken)?;
        import.way.demand(scope)?;
        match import.way {
            ImportMode::Invite => {
                let invite = |person: Person| {
                    let remarks = person.remarks.clone();
                    Ok(with_remarks(self.invite(tx, scope, person)?, &remarks))
                };
                people(items)?.into_iter().map(invite).collect()
            }
            ImportMode::Create => {
                let people = people(items)?;
                let remarks: Vec<Vec<String>> = people.iter().map(|person| person.remarks.clone()).collect();
                let created = create(tx, scope, people)?.into_iter().zip(remarks);
                Ok(created.map(|(verdict, remarks)| with_remarks(verdict, &remarks)).collect())
            }
            ImportMode::Update => {
                let update = |item: &Item| {
                    let update = Planned::of(item).and_then(|planned| planned.update).ok_or_else(nothing_planned)?;
                    Ok(with_remarks(update::run(tx, scope, &update)?, &update.remarks))
                };
                items.iter().map(update).collect()
            }
        }
    }
}
