use super::{open, organization::meant};
use crate::{
    app::App,
    bulk::{self, Batch, ItemState},
    config::Settings,
    db::Db,
    imports::{self, Foreseen, Import as Wish, Judged, Labels, MOST_BYTES, Planned, Way},
    kit::{BatchId, Clock, Fault, PolicyId, RoleId, Scope, fold},
    members::{self, Grants, Offer},
};
use clap::Args;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, IsTerminal, Read, Write},
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
    /// Invite each: a letter with a link, where a mail server is set up
    #[arg(long, group = "way")]
    invite: bool,
    /// Create each at once, without a password
    #[arg(long, group = "way")]
    create: bool,
    /// Only say what would become of each line
    #[arg(long)]
    dry_run: bool,
    /// A role for lines that name none; several may be given. Without any it is User
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
    /// A policy for lines that name none; several may be given
    #[arg(long = "policy", value_name = "NAME")]
    policies: Vec<String>,
}

pub(super) fn run(settings: &Settings, asked: &Import) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let organization = meant(&db, &asked.organization)?;
    let clock = Clock::system();
    let scope = Scope::system(organization.id, clock.now());
    let offer = db.read_here(|conn| members::offer(conn, &scope)).map_err(said)?;
    let sheet = imports::read(&bytes(&asked.file)?)?;
    let wish = Wish {
        way: if asked.create { Way::Create } else { Way::Invite },
        grants: Grants {
            roles: roles(&offer, &asked.roles)?,
            teams: ids(&offer.default_team()),
            policies: policies(&offer, &asked.policies)?,
        },
        file_name: asked.file.clone(),
        ignored: sheet.ignored.clone(),
        given: Grants::default(),
    };
    for name in &sheet.ignored {
        eprintln!("the column {name:?} says nothing here and is ignored");
    }
    let judged = db.read_here(|conn| imports::judge(conn, &scope, &wish, &sheet)).map_err(said)?;
    if asked.dry_run {
        return foretell(&judged, &Labels::of(&offer));
    }
    let begun = db.write_here(|tx| {
        let id = imports::prepare(tx, &scope, &wish, &judged)?;
        if judged.iter().any(Judged::is_to_be_done) {
            imports::start(tx, &scope, id, &wish)?;
        }
        Ok::<_, Fault>(id)
    });
    let id = begun.map_err(said)?;
    let runner = App::new(&config, db.clone(), clock)?.runner;
    let batch = runner.finish(&scope, id, progress).map_err(said)?;
    tell(&db, &scope, &wish, id, &batch)?;
    if wish.way == Way::Invite && !config.mail.is_server() {
        eprintln!("No mail server is set up, so nothing was sent: make the links in the console, on the result of the import.");
    }
    Ok(())
}

fn said(fault: Fault) -> String {
    fault.to_string()
}

/// The file, or as much of it as shows that it is too large.
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

fn ids<T: FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|id| id.parse().ok()).collect()
}

fn roles(offer: &Offer, names: &[String]) -> Result<Vec<RoleId>, String> {
    if names.is_empty() {
        return Ok(ids(&offer.default_role()));
    }
    let find = |name: &String| {
        let is_meant = |role: &&crate::roles::Role| role.is_for_people() && fold::unique(&role.name) == fold::unique(name);
        let role = offer.roles.iter().find(is_meant);
        role.map(|role| role.id)
            .ok_or_else(|| format!("no role for people is called {name:?}"))
    };
    names.iter().map(find).collect()
}

fn policies(offer: &Offer, names: &[String]) -> Result<Vec<PolicyId>, String> {
    let find = |name: &String| {
        let policy = offer
            .policies
            .iter()
            .find(|policy| fold::unique(&policy.name) == fold::unique(name));
        policy
            .map(|policy| policy.id)
            .ok_or_else(|| format!("no policy is called {name:?}"))
    };
    names.iter().map(find).collect()
}

fn progress(batch: &Batch) {
    // Logs want no line that is written over.
    if batch.is_running() && std::io::stderr().is_terminal() {
        eprint!("{} of {} lines\r", batch.passed(), batch.total);
    }
}

/// One line of the answer: number, email, outcome and why, separated by tabs. Says whether anybody reads it.
fn line(out: &mut impl Write, number: u64, email: &str, outcome: &str, why: &str) -> bool {
    writeln!(out, "{number}\t{email}\t{outcome}\t{why}").is_ok()
}

/// What would become of each line, with what they would be given in place of a reason.
fn foretell(judged: &[Judged], labels: &Labels) -> Result<(), String> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    for one in judged {
        let (outcome, why) = match &one.foreseen {
            Foreseen::Create => ("create", ""),
            Foreseen::Invite => ("invite", ""),
            Foreseen::InviteAgain => ("invite", "invited already"),
            Foreseen::AlreadyMember => ("skip", "already a member"),
            Foreseen::Refused(why) => ("refused", why.as_str()),
        };
        *totals.entry(outcome).or_default() += 1;
        let given = one.grants().map(|grants| labels.say(grants)).unwrap_or_default();
        let given: Vec<String> = given.into_iter().map(|(what, names)| format!("{what}: {names}")).collect();
        let said: Vec<&str> = [why]
            .into_iter()
            .chain(given.iter().map(String::as_str))
            .filter(|text| !text.is_empty())
            .collect();
        // Whoever reads this with `head` closes the pipe early.
        if !line(&mut out, one.line, &one.email, outcome, &said.join(", ")) {
            return Ok(());
        }
    }
    let totals: Vec<String> = totals.into_iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    eprintln!("Nothing was done. {} lines: {}", judged.len(), totals.join(", "));
    out.flush().map_err(|why| why.to_string())
}

/// Lines read at once.
const PART: i64 = 1_000;

fn tell(db: &Db, scope: &Scope, wish: &Wish, id: BatchId, batch: &Batch) -> Result<(), String> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut after, done) = (0, if wish.way == Way::Create { "created" } else { "invited" });
    loop {
        let items = db.read_here(|conn| bulk::items(conn, batch, None, after, PART)).map_err(said)?;
        let Some(last) = items.last() else { break };
        after = last.position;
        for item in &items {
            let number = Planned::of(item).map_or(0, |planned| planned.line);
            let outcome = match item.state {
                ItemState::Done => done,
                ItemState::Unchanged => "skip",
                ItemState::Refused => "refused",
                ItemState::Waiting => "not done",
            };
            let is_known = item.state == ItemState::Unchanged;
            let why = if is_known { "already a member" } else { &item.note };
            if !line(&mut out, number, &item.email, outcome, why) {
                return Ok(());
            }
        }
    }
    out.flush().map_err(|why| why.to_string())?;
    eprintln!(
        "{} lines: {} {done}, {} members already, {} refused",
        batch.total, batch.done, batch.unchanged, batch.refused
    );
    let batch = db.read_here(|conn| bulk::find(conn, scope, id)).map_err(said)?;
    match batch.stopped_because.as_str() {
        "" => Ok(()),
        why => Err(format!("stopped: {why}")),
    }
}
