//! Imports: people from a file, invited or created. A file is read and judged first, line by line, and nothing is done
//! before somebody has seen that; then it is a batch like any other, in which every line is judged again.
//!
//! Invariants: a line does nothing that the form for one person would refuse; only whoever brought a file starts it.

mod columns;
mod file;
mod forms;
mod judge;
mod names;
mod pages;
mod routes;
mod store;
mod work;

pub use file::{MOST_BYTES, Sheet, read};
pub use judge::{Foreseen, Judged, judge};
pub use names::Labels;
pub use routes::mount;
pub use work::{Imports, Planned};

use crate::{
    audit::{self, Event},
    bulk::{self, NewBatch, NewItem},
    db::Tx,
    kit::{BatchId, Fault, PolicyId, RoleId, Scope},
    members::Grants,
    organizations,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// How people come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By a letter with a link.
    Invite,
    /// At once, without a password.
    Create,
}

impl Way {
    fn action(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Create => "manage",
        }
    }
    /// # Errors
    /// [`Fault::Denied`] for whoever may not let people in this way.
    pub fn demand(self, scope: &Scope) -> Result<(), Fault> {
        scope.demand("user", self.action())
    }
}

/// What a file is imported as.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub way: Way,
    /// For lines that name none.
    pub grants: Grants,
    /// All that its lines give together.
    #[serde(default)]
    pub given: Grants,
    pub file_name: String,
    /// Names of columns that nobody knows.
    pub ignored: Vec<String>,
}

/// Writes down what was judged, to be looked at and started.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub fn prepare(tx: &mut Tx<'_>, scope: &Scope, import: &Import, judged: &[Judged]) -> Result<BatchId, Fault> {
    import.way.demand(scope)?;
    let items: Vec<NewItem> = judged.iter().map(Judged::item).collect::<Result<_, _>>()?;
    let import = &Import {
        given: given(judged),
        ..import.clone()
    };
    let deed = serde_json::to_value(import).map_err(Fault::broken)?;
    let id = bulk::insert(tx, scope, &NewBatch::of(Imports::KIND, deed), &items)?;
    let organization = organizations::find(tx, scope.organization)?;
    let event = Event::new("import.prepared", "organization", organization.id.0, organization.name);
    let facts = json!({ "batch": id, "file": import.file_name, "way": import.way, "lines": judged.len() });
    audit::record(tx, scope, event.after(facts))?;
    Ok(id)
}

/// What is given to anybody at all.
fn given(judged: &[Judged]) -> Grants {
    let all = || judged.iter().filter_map(Judged::grants);
    let roles: BTreeSet<RoleId> = all().flat_map(|grants| grants.roles.iter().copied()).collect();
    let policies: BTreeSet<PolicyId> = all().flat_map(|grants| grants.policies.iter().copied()).collect();
    Grants {
        roles: roles.into_iter().collect(),
        teams: vec![],
        policies: policies.into_iter().collect(),
    }
}

/// Starts what was prepared.
///
/// # Errors
/// [`Fault::Missing`] when it was started or taken back already, [`Fault::Denied`], or what the database says.
pub fn start(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, import: &Import) -> Result<(), Fault> {
    import.way.demand(scope)?;
    let title = format!(
        "people from {}",
        if import.file_name.is_empty() {
            "pasted text"
        } else {
            &import.file_name
        }
    );
    bulk::start(
        tx,
        scope,
        id,
        "import.started",
        Map::from_iter([("title".to_owned(), title.into())]),
    )
}
