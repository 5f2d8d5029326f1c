//! The command that imports people from a file.

use super::{
    import_answer::{print_preview, said, tell},
    open,
    organization::meant,
};
use crate::{
    app::App,
    bulk::{self, Batch, ItemState},
    config::Flags,
    db::Db,
    imports::{self, Column, ENCODINGS, Import as NewImport, ImportFile, ImportMode, Labels, Layout, MOST_BYTES},
    kit::{Clock, Fault, PolicyId, RoleId, Scope, fold},
    members::{self, GrantOptions, Grants},
};
use clap::Args;
use std::{
    fs::File,
    io::{IsTerminal, Read},
    str::FromStr,
};

#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("way").required(true)))]
pub(super) struct Import {
    /// A CSV file whose first line names the columns, or - for standard input
    file: String,
    /// Name or id of the organization
    #[arg(long, value_name = "NAME|ID")]
    organization: String,
    /// Invite each person: a link by email, if a mail server is set up
    #[arg(long, group = "way")]
    invite: bool,
    /// Create each person at once, without a password
    #[arg(long, group = "way")]
    create: bool,
    /// Change the details of existing people, found by email or username
    #[arg(long, group = "way")]
    update: bool,
    /// With --update: an empty cell removes the value, instead of leaving it unchanged
    #[arg(long)]
    empty: bool,
    /// Which field a column holds, such as "Kürzel=username"; "Fax=" ignores the column. Can be repeated
    #[arg(long = "column", value_name = "HEAD=FIELD")]
    columns: Vec<String>,
    /// Character encoding of the file, such as windows-1252, if it is not detected correctly
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Print what would happen to each line, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Role for lines that name none. Can be repeated. Without it: User
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
    /// Policy for lines that name none. Can be repeated
    #[arg(long = "policy", value_name = "NAME")]
    policies: Vec<String>,
}

pub(super) fn run(settings: &Flags, asked: &Import) -> Result<(), String> {
    if asked.empty && !asked.update {
        return Err("--empty goes with --update".into());
    }
    let (config, db) = open(settings)?;
    let organization = meant(&db, &asked.organization)?;
    let clock = Clock::system();
    let scope = Scope::system(organization.id, clock.now());
    let offer = db.read_here(|conn| members::grant_options(conn, &scope)).map_err(said)?;
    let mut file = ImportFile::read(bytes(&asked.file)?, encoding(asked)?)?;
    let way = match (asked.create, asked.update) {
        (true, _) => ImportMode::Create,
        (_, true) => ImportMode::Update,
        _ => ImportMode::Invite,
    };
    let mut new_import = NewImport {
        way,
        grants: Grants {
            roles: roles(&offer, &asked.roles)?,
            teams: ids(&offer.default_team()),
            policies: policies(&offer, &asked.policies)?,
        },
        file_name: if asked.file == "-" { "standard input" } else { &asked.file }.to_owned(),
        given: Grants::default(),
        layout: Layout::default(),
        empties: asked.empty,
        own: vec![],
    };
    choose(&mut file, way, &asked.columns)?;
    adopt(&db, &scope, &mut new_import, &mut file)?;
    if asked.dry_run {
        return print_preview(&db, &scope, (&new_import, &file), &Labels::of(&offer));
    }
    let begun = db.write_here(|tx| {
        let id = imports::prepare(tx, &scope, &new_import, &file)?;
        let batch = bulk::find(tx, &scope, id)?;
        if batch.count(ItemState::Waiting) > 0 {
            imports::start(tx, &scope, id, &new_import)?;
        }
        Ok::<_, Fault>(id)
    });
    let id = begun.map_err(said)?;
    let runner = App::new(&config, db.clone(), clock)?.runner;
    let batch = runner.finish(&scope, id, progress).map_err(said)?;
    tell(&db, &scope, &new_import, id, &batch)?;
    if new_import.way == ImportMode::Invite && !config.mail.is_server() {
        eprintln!("No mail server is set up, so nothing was sent: make the links in the console, on the result of the import.");
    }
    Ok(())
}

/// Reads the file. Of a file that is too large it reads just enough to show that.
fn bytes(name: &str) -> Result<Vec<u8>, String> {
    let (mut bytes, most) = (Vec::new(), MOST_BYTES as u64 + 1);
    let read = if name == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(name).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|why| format!("{name} cannot be read: {why}"))?;
    Ok(bytes)
}

fn encoding(asked: &Import) -> Result<Option<&'static str>, String> {
    let Some(name) = &asked.encoding else { return Ok(None) };
    let known = ENCODINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let all = || ENCODINGS.map(|(known, _)| known).join(", ");
    known
        .map(|(known, _)| Some(*known))
        .ok_or_else(|| format!("no encoding is called {name:?}; there are {}", all()))
}

/// Assigns columns to fields as the operator says.
fn choose(file: &mut ImportFile, way: ImportMode, columns: &[String]) -> Result<(), String> {
    for asked in columns {
        let (name, field) = asked.rsplit_once('=').ok_or_else(|| format!("write --column HEAD=FIELD, not {asked:?}"))?;
        let all = || Column::ALL.map(Column::as_str).join(", ");
        let column = match field {
            "" => None,
            field => Some(Column::parse(field).ok_or_else(|| format!("no field is called {field:?}; there are {}", all()))?),
        };
        if column.is_some_and(|column| !column.is_for(way)) {
            return Err(format!("an update does not change {field}"));
        }
        let place = file.layout.columns.iter().position(|head| head.name == name);
        let place = place.or_else(|| name.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < file.layout.columns.len()));
        let place = place.ok_or_else(|| format!("no column is called {name:?}"))?;
        if column.is_some() && file.layout.columns[place].is_secret {
            return Err(format!("the column {name:?} is not read: it holds secrets"));
        }
        // Only one column can be this field: take it away from the column that was guessed to be it.
        for head in &mut file.layout.columns {
            head.column = head.column.filter(|known| Some(*known) != column);
        }
        file.layout.columns[place].column = column;
    }
    Ok(())
}

/// Resolves the file against this organization; says which columns are ignored, and fails if a required one is missing.
fn adopt(db: &Db, scope: &Scope, new_import: &mut NewImport, file: &mut ImportFile) -> Result<(), String> {
    let adopted = db.read_here(|conn| {
        let (mut new_import, mut file) = (new_import.clone(), file.clone());
        new_import.adopt(conn, scope, &mut file)?;
        Ok((new_import, file))
    });
    (*new_import, *file) = adopted.map_err(said)?;
    if let Some(lacking) = new_import.lacks() {
        let heads: Vec<&str> = new_import.layout.columns.iter().map(|head| head.name.as_str()).collect();
        let heads = heads.join(", ");
        return Err(format!(
            "No column is the {lacking}. The columns are: {heads}. Say which one it is by --column HEAD=email"
        ));
    }
    for head in new_import.layout.ignored() {
        eprintln!("the column {head:?} says nothing here and is ignored");
    }
    Ok(())
}

fn ids<T: FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|id| id.parse().ok()).collect()
}

fn roles(offer: &GrantOptions, names: &[String]) -> Result<Vec<RoleId>, String> {
    if names.is_empty() {
        return Ok(ids(&offer.default_role()));
    }
    let find = |name: &String| {
        let is_meant = |role: &&crate::roles::Role| role.is_for_people() && fold::canonical(&role.name) == fold::canonical(name);
        let role = offer.roles.iter().find(is_meant);
        role.map(|role| role.id).ok_or_else(|| format!("no role for people is called {name:?}"))
    };
    names.iter().map(find).collect()
}

fn policies(offer: &GrantOptions, names: &[String]) -> Result<Vec<PolicyId>, String> {
    let find = |name: &String| {
        let policy = offer.policies.iter().find(|policy| fold::canonical(&policy.name) == fold::canonical(name));
        policy.map(|policy| policy.id).ok_or_else(|| format!("no policy is called {name:?}"))
    };
    names.iter().map(find).collect()
}

fn progress(batch: &Batch) {
    // Only for a terminal: the line is overwritten, which makes no sense in a log.
    if batch.is_running() && std::io::stderr().is_terminal() {
        eprint!("{} of {} lines\r", batch.passed(), batch.total);
    }
}
