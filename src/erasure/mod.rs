//! The erasure of a deleted person's names, on their request: a pseudonym takes their place in the organization's audit trail
//! and in what else remembers them. The trail stays whole: events, ids, times and order are as they were.
//!
//! What lapses by itself is left alone: drafts of forms (an hour), answers kept for a retry (a day), calls of provisioning (30
//! days). Events on their way to webhooks hold no names. A name that others here have too is kept in events that are not by or
//! about the person, and an address that a member has now is kept in what else remembers it.

mod pages;
mod routes;

pub use routes::mount;

use crate::{
    access_reviews,
    audit::{self, Departure, Event},
    bulk,
    db::{Conn, Tx},
    identities,
    kit::{Fault, MemberId, OperationError, Pseudonym, Scope, pseudonym::is_distinct, rights},
    mail,
    members::{self, Details},
};
use serde_json::json;

/// Why nothing is erased.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureRefusal {
    #[error("They are still a member here. Delete them first: only the names of people who are gone are erased.")]
    StillHere,
    #[error("This was a system account, not a person.")]
    NotAPerson,
    #[error("Their names are erased already.")]
    Erased,
}

/// What an erasure would do.
#[derive(Clone, Debug)]
pub struct Preview {
    pub id: MemberId,
    /// The name in the latest event about them.
    pub name: String,
    pub pseudonym: String,
    /// What it replaces in events of others.
    pub in_events_of_others: Vec<String>,
    /// How many events would change.
    pub events: usize,
    pub refusal: Option<ErasureRefusal>,
}

/// The names to replace.
struct Names {
    departure: Departure,
    /// In what is by or about the person.
    own: Pseudonym,
    /// In what others did: those that mean nobody and nothing else in any text.
    in_events_of_others: Pseudonym,
    /// Where names of people stand by themselves: those that mean nobody else.
    elsewhere: Pseudonym,
}

impl Names {
    fn erasure(&self, id: MemberId) -> audit::Erasure<'_> {
        audit::Erasure {
            id,
            own: &self.own,
            elsewhere: &self.in_events_of_others,
            details: &Details::CONTACT,
        }
    }
}

/// Loads what the trail knows of a person who is gone.
fn names(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Names, OperationError<ErasureRefusal>> {
    match members::find(conn, scope, id) {
        Ok(_) => return Err(OperationError::Refused(ErasureRefusal::StillHere)),
        Err(Fault::Missing) => {}
        Err(fault) => return Err(fault.into()),
    }
    let departure = audit::departure(conn, scope.organization, id)?.ok_or(Fault::Missing)?;
    if departure.was_machine {
        return Err(OperationError::Refused(ErasureRefusal::NotAPerson));
    }
    let known = audit::names_of(conn, scope.organization, id)?;
    let own = Pseudonym::new(id, known.whole.clone(), known.parts);
    if own.phrases().is_empty() {
        return Err(OperationError::Refused(ErasureRefusal::Erased));
    }
    let mut unmistakable = Vec::new();
    let taken = members::names_in_use(conn, scope, own.phrases())?;
    // People choose what they are called, also like somebody else's address.
    let is_theirs = |name: &&String| known.addresses.contains(*name) || !name.contains('@');
    for name in own.phrases().iter().filter(is_theirs).filter(|name| !taken.contains(*name)) {
        if !audit::is_name_of_others(conn, scope.organization, id, name)? {
            unmistakable.push(name.clone());
        }
    }
    let (phrases, words): (Vec<String>, Vec<String>) = unmistakable.into_iter().partition(|name| is_distinct(name));
    // A single word would take a role or a status out of the trail of others.
    let in_events_of_others = Pseudonym::new(id, phrases.clone(), []);
    let elsewhere = Pseudonym::new(id, phrases, words);
    Ok(Names { departure, own, in_events_of_others, elsewhere })
}

/// What [`erase`] would do.
///
/// # Errors
/// [`Fault::Denied`] for anybody but Administrators; [`Fault::Missing`] for somebody who never was a member here.
pub fn preview(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Preview, Fault> {
    scope.demand(rights::EVERYTHING)?;
    let pseudonym = Pseudonym::text_for(id);
    match names(conn, scope, id) {
        Ok(names) => Ok(Preview {
            id,
            pseudonym,
            events: audit::count_to_erase(conn, scope.organization, names.erasure(id))?,
            in_events_of_others: names.in_events_of_others.phrases().to_vec(),
            name: names.departure.name,
            refusal: None,
        }),
        Err(OperationError::Refused(refusal)) => Ok(Preview {
            id,
            name: audit::name_of(conn, scope, id)?.unwrap_or_else(|| pseudonym.clone()),
            pseudonym,
            in_events_of_others: vec![],
            events: 0,
            refusal: Some(refusal),
        }),
        Err(OperationError::Fault(fault)) => Err(fault),
    }
}

/// Erases the names of a deleted person. Returns how many events changed.
///
/// # Errors
/// An [`ErasureRefusal`], or as [`preview`].
pub fn erase(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<usize, OperationError<ErasureRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::EVERYTHING)?;
    let names = names(tx, scope, id)?;
    tx.lift_time_limit()?;
    let events = audit::erase(tx, scope.organization, names.erasure(id))?;
    bulk::erase_names(tx, scope.organization, id, &names.own, &names.elsewhere)?;
    access_reviews::erase_names(tx, scope.organization, id, &names.own)?;
    members::erase_from_latest_changes(tx, scope.organization, &names.elsewhere)?;
    identities::erase_name(tx, scope.organization, names.departure.at, names.own.phrases(), names.own.text())?;
    mail::erase_recipient(tx, scope.organization, &names.elsewhere, scope.now())?;
    let event = Event::new("member.erased", "member", id.0, names.own.text()).after(json!({ "events": events }));
    audit::record(tx, scope, event)?;
    Ok(events)
}
