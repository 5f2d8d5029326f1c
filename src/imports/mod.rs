//! Imports people from a file: invites, creates or updates them. The file is read and validated first, line by line, and
//! the member sees the result before anything is changed. Then it runs as a batch, which validates every line again.
//!
//! Invariants: a line can do nothing that the form for one person would refuse; only the member who uploaded a file can
//! start it; people who are disabled in the source are never imported as active; passwords in a file are never stored.

mod columns;
mod draft_page;
mod encoding;
mod forms;
mod heads;
mod validate;
mod layout;
mod mapping;
mod model;
mod lookup;
mod pages;
mod people;
mod records;
mod result;
mod routes;
mod import_file;
mod steps;
mod store;
mod update;
mod values;
mod job;

pub use columns::Column;
pub use encoding::ENCODINGS;
pub use import_file::{ImportFile, MOST_BYTES};
pub use job::Imports;
pub use layout::Layout;
pub use lookup::Labels;
pub use model::{Edit, Planned};
pub use routes::mount;
pub use validate::{LineOutcome, ValidatedLine, Validator};

use crate::{
    audit::{self, Event},
    bulk::{self, Draft, NewBatch},
    db::{Conn, Tx},
    kit::{self, BatchId, Fault, MemberKind, OwnFieldId, PolicyId, Right, RoleId, Scope, rights},
    members::{self, Grants},
    organizations, own_fields,
};
use lookup::Names;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// What an import does with the people of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// They get a letter with an invitation link.
    Invite,
    /// They become members at once, without a password.
    Create,
    /// They are members already, and their details are changed.
    Update,
}

impl ImportMode {
    fn right(self) -> Right {
        match self {
            Self::Invite => rights::USER_INVITE,
            Self::Create | Self::Update => rights::USER_MANAGE,
        }
    }
    /// Checks that the caller may do this to people.
    ///
    /// # Errors
    /// [`Fault::Denied`] if the caller may not.
    pub fn demand(self, scope: &Scope) -> Result<(), Fault> {
        scope.demand(self.right())
    }
}

/// The settings of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub way: ImportMode,
    /// For lines that name none.
    pub grants: Grants,
    /// Everything that the lines give, combined.
    #[serde(default)]
    pub given: Grants,
    pub file_name: String,
    /// How the file is read.
    #[serde(default)]
    pub layout: Layout,
    /// For an update: whether an empty cell clears its field.
    #[serde(default)]
    pub empties: bool,
    /// The organization's own fields that columns can be.
    #[serde(default)]
    pub own: Vec<OwnColumn>,
}

/// An own field of the organization, as a column can be it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnColumn {
    pub id: OwnFieldId,
    pub key: String,
    pub name: String,
}

impl OwnColumn {
    /// Whether a head is its key or its name.
    fn is_called(&self, head: &str) -> bool {
        own_fields::word_of(head, usize::MAX) == self.key || kit::fold::canonical(head) == kit::fold::canonical(&self.name)
    }
}

impl Import {
    /// The settings of a file that was not read yet.
    pub fn new(way: ImportMode, grants: Grants, file_name: &str, empties: bool) -> Self {
        Self {
            way,
            grants,
            file_name: kit::fold::visible(file_name).chars().take(200).collect(),
            given: Grants::default(),
            layout: Layout::default(),
            empties,
            own: vec![],
        }
    }

    /// The column that is missing, without which no line identifies a person.
    pub fn lacks(&self) -> Option<&'static str> {
        let has_username = self.way == ImportMode::Update && self.layout.has(Column::Username);
        let is_enough = self.layout.has(Column::Email) || has_username;
        (!is_enough).then_some(if self.way == ImportMode::Update {
            "email or the username"
        } else {
            "email"
        })
    }

    /// Finds the columns that are the organization's own fields. What is called like one is no other column.
    fn find_own(&mut self, conn: &mut Conn, scope: &Scope, layout: &mut Layout) -> Result<(), Fault> {
        // Callers who only invite set nothing of people.
        let fields = if scope.may(rights::USER_MANAGE) {
            own_fields::list(conn, scope.organization)?
        } else {
            vec![]
        };
        let of_people = fields.into_iter().filter(|field| field.bearers.has(MemberKind::User));
        self.own = of_people.map(|field| OwnColumn { id: field.id, key: field.key, name: field.name }).collect();
        for own in &self.own {
            if let Some(head) = layout.columns.iter_mut().find(|head| !head.is_secret && own.is_called(&head.name)) {
                (head.column, head.own) = (None, Some(own.id));
            }
        }
        Ok(())
    }

    /// Takes over the detected layout, as far as its columns have a meaning here.
    pub fn adopt(&mut self, conn: &mut Conn, scope: &Scope, import_file: &mut ImportFile) -> Result<(), Fault> {
        for head in &mut import_file.layout.columns {
            head.column = head.column.filter(|column| column.is_for(self.way));
        }
        self.find_own(conn, scope, &mut import_file.layout)?;
        // If every role in the file is a word of another product, such as member or owner, the column does not contain
        // Roster roles.
        if import_file.layout.has(Column::Roles) {
            let names = Names::of(&members::grant_options(conn, scope)?, scope);
            if import_file.lines().all(|line| names.is_foreign(line.cell(Column::Roles))) {
                for head in &mut import_file.layout.columns {
                    head.column = head.column.filter(|column| *column != Column::Roles || head.is_empty);
                }
            }
        }
        self.layout = import_file.layout.clone();
        Ok(())
    }
}

/// Validates a file and stores the result per line as a draft, to be reviewed and started. The file is kept until then.
///
/// # Errors
/// [`Fault::Denied`].
pub fn prepare(tx: &mut Tx<'_>, scope: &Scope, import: &Import, import_file: &ImportFile) -> Result<BatchId, Fault> {
    import.way.demand(scope)?;
    let action = serde_json::to_value(import).map_err(Fault::broken)?;
    let draft = Draft::open(tx, scope, &NewBatch::of(Imports::KIND, action))?;
    let id = draft.id;
    store::keep_file(tx, scope, id, &import_file.bytes)?;
    fill(tx, scope, draft, import, import_file)?;
    Ok(id)
}

/// Validates a file again, with other columns or another encoding.
///
/// # Errors
/// [`Fault::Missing`] if it was already started or discarded; [`Fault::Denied`].
pub fn prepare_again(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, import: &Import, import_file: &ImportFile) -> Result<(), Fault> {
    import.way.demand(scope)?;
    let draft = Draft::reopen(tx, scope, id)?;
    // With the new layout, other columns may turn out to be secrets.
    if import_file.has_secrets() {
        store::forget_file(tx, scope, id)?;
        store::keep_file(tx, scope, id, &import_file.bytes)?;
    }
    fill(tx, scope, draft, import, import_file)
}

/// Validates the file in parts, so that a large file needs no more memory than a small one.
fn fill(tx: &mut Tx<'_>, scope: &Scope, mut draft: Draft, import: &Import, import_file: &ImportFile) -> Result<(), Fault> {
    let (mut roles, mut policies) = (BTreeSet::<RoleId>::new(), BTreeSet::<PolicyId>::new());
    let mut validator = Validator::open(tx, scope, import, import_file)?;
    loop {
        let validated = validator.part(tx)?;
        if validated.is_empty() {
            break;
        }
        for grants in validated.iter().filter_map(ValidatedLine::grants) {
            roles.extend(&grants.roles);
            policies.extend(&grants.policies);
        }
        let items = validated.iter().map(ValidatedLine::item).collect::<Result<Vec<_>, _>>()?;
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

/// Starts a prepared import. The file is no longer needed and deleted.
///
/// # Errors
/// [`Fault::Missing`] if it was already started or discarded; [`Fault::Denied`].
pub fn start(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, import: &Import) -> Result<(), Fault> {
    import.way.demand(scope)?;
    let title = Map::from_iter([("title".to_owned(), format!("people from {}", import.file_name).into())]);
    bulk::start(tx, scope, id, "import.started", title)?;
    store::forget_file(tx, scope, id)
}

/// Discards a prepared import.
///
/// # Errors
/// [`Fault::Missing`] if it was already started or discarded.
pub fn discard(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    bulk::discard(tx, scope, id)?;
    store::forget_file(tx, scope, id)
}
