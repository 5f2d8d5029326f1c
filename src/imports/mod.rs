//! Imports: people from a file, invited or created, or changed where they are here already. A file is read and judged
//! first, line by line, and nothing is done before somebody has seen that; then it is a batch like any other, in which
//! every line is judged again.
//!
//! Invariants: a line does nothing that the form for one person would refuse; a file is started by the member who brought
//! it only; people who are disabled where the file comes from never come in active; no password in a file is kept.

mod columns;
mod encoding;
mod forms;
mod heads;
mod judge;
mod layout;
mod mapping;
mod model;
mod names;
mod pages;
mod people;
mod records;
mod result;
mod routes;
mod sheet;
mod steps;
mod store;
mod update;
mod values;
mod work;

pub use columns::Column;
pub use encoding::ENCODINGS;
pub use judge::{Foreseen, Judge, Judged};
pub use layout::Layout;
pub use model::{Edit, Planned};
pub use names::Labels;
pub use routes::mount;
pub use sheet::{MOST_BYTES, Sheet};
pub use work::Imports;

use crate::{
    audit::{self, Event},
    bulk::{self, Draft, NewBatch},
    db::{Conn, Tx},
    kit::{BatchId, Fault, PolicyId, Right, RoleId, Scope, rights},
    members::{self, Grants},
    organizations,
};
use names::Names;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// What becomes of the people of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// They come in by a letter with a link.
    Invite,
    /// They are in at once, without a password.
    Create,
    /// They are here, and their details are changed.
    Update,
}

impl Way {
    fn right(self) -> Right {
        match self {
            Self::Invite => rights::USER_INVITE,
            Self::Create | Self::Update => rights::USER_MANAGE,
        }
    }
    /// # Errors
    /// [`Fault::Denied`] for those who may not do this to people.
    pub fn demand(self, scope: &Scope) -> Result<(), Fault> {
        scope.demand(self.right())
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
    /// How it is read.
    #[serde(default)]
    pub layout: Layout,
    /// An update: whether an empty cell empties what it is about.
    #[serde(default)]
    pub empties: bool,
}

impl Import {
    /// What no column says, and without which no line says who is meant.
    pub fn lacks(&self) -> Option<&'static str> {
        let has_username = self.way == Way::Update && self.layout.has(Column::Username);
        let is_enough = self.layout.has(Column::Email) || has_username;
        (!is_enough).then_some(if self.way == Way::Update {
            "email or the username"
        } else {
            "email"
        })
    }

    /// Takes a file as it was found to be laid out, as far as its columns mean something here.
    ///
    /// # Errors
    /// What the database says.
    pub fn adopt(&mut self, conn: &mut Conn, scope: &Scope, sheet: &mut Sheet) -> Result<(), Fault> {
        for head in &mut sheet.layout.columns {
            head.column = head.column.filter(|column| column.is_for(self.way));
        }
        // A product that calls people members and owners does not speak of roles of Roster.
        if sheet.layout.has(Column::Roles) {
            let names = Names::of(&members::offer(conn, scope)?, scope);
            if sheet.lines().all(|line| names.is_foreign(line.cell(Column::Roles))) {
                for head in &mut sheet.layout.columns {
                    head.column = head.column.filter(|column| *column != Column::Roles || head.is_empty);
                }
            }
        }
        self.layout = sheet.layout.clone();
        Ok(())
    }
}

/// Judges a file and writes down what would become of each line, to be looked at and started. The file is kept until then.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub fn prepare(tx: &mut Tx<'_>, scope: &Scope, import: &Import, sheet: &Sheet) -> Result<BatchId, Fault> {
    import.way.demand(scope)?;
    let action = serde_json::to_value(import).map_err(Fault::broken)?;
    let draft = Draft::open(tx, scope, &NewBatch::of(Imports::KIND, action))?;
    let id = draft.id;
    store::keep_file(tx, scope, id, &sheet.bytes)?;
    fill(tx, scope, draft, import, sheet)?;
    Ok(id)
}

/// Judges a file anew, whose columns or letters are read in another way now.
///
/// # Errors
/// [`Fault::Missing`] when it was started or taken back already, [`Fault::Denied`], or what the database says.
pub fn prepare_again(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, import: &Import, sheet: &Sheet) -> Result<(), Fault> {
    import.way.demand(scope)?;
    let draft = Draft::reopen(tx, scope, id)?;
    // What is a secret may be seen only now.
    if sheet.has_secrets() {
        store::forget_file(tx, scope, id)?;
        store::keep_file(tx, scope, id, &sheet.bytes)?;
    }
    fill(tx, scope, draft, import, sheet)
}

/// Judges part by part, so that a large file takes no more memory than a small one.
fn fill(tx: &mut Tx<'_>, scope: &Scope, mut draft: Draft, import: &Import, sheet: &Sheet) -> Result<(), Fault> {
    let (mut roles, mut policies) = (BTreeSet::<RoleId>::new(), BTreeSet::<PolicyId>::new());
    let mut judge = Judge::open(tx, scope, import, sheet)?;
    loop {
        let judged = judge.part(tx)?;
        if judged.is_empty() {
            break;
        }
        for grants in judged.iter().filter_map(Judged::grants) {
            roles.extend(&grants.roles);
            policies.extend(&grants.policies);
        }
        let items = judged.iter().map(Judged::item).collect::<Result<Vec<_>, _>>()?;
        draft.add(tx, scope, &items)?;
    }
    let import = Import {
        given: Grants {
            roles: roles.into_iter().collect(),
            teams: vec![],
            policies: policies.into_iter().collect(),
        },
        ..import.clone()
    };
    let id = draft.id;
    let lines = draft.close(tx, scope, &serde_json::to_value(&import).map_err(Fault::broken)?)?;
    let organization = organizations::find(tx, scope.organization)?;
    let event = Event::new("import.prepared", "organization", organization.id.0, organization.name);
    let facts = json!({ "batch": id, "file": import.file_name, "way": import.way, "lines": lines });
    audit::record(tx, scope, event.after(facts))
}

/// Starts what was prepared. The file is not needed any more.
///
/// # Errors
/// [`Fault::Missing`] when it was started or taken back already, [`Fault::Denied`], or what the database says.
pub fn start(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, import: &Import) -> Result<(), Fault> {
    import.way.demand(scope)?;
    let title = Map::from_iter([("title".to_owned(), format!("people from {}", import.file_name).into())]);
    bulk::start(tx, scope, id, "import.started", title)?;
    store::forget_file(tx, scope, id)
}

/// Takes it back.
///
/// # Errors
/// [`Fault::Missing`] when it was started or taken back already, or what the database says.
pub fn discard(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    bulk::discard(tx, scope, id)?;
    store::forget_file(tx, scope, id)
}
