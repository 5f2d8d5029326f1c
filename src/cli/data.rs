//! Commands about data: migrate, backup, restore.

use super::open;
use crate::{
    audit::{self, Event},
    config::Flags,
    db::{self, Tx},
    kit::{Clock, Fault, Scope},
    organizations, setup,
};
use serde_json::json;
use std::path::Path;

pub(super) fn migrate(settings: &Flags) -> Result<(), String> {
    let target = settings.database()?;
    let db = settings.open_database(1)?;
    let steps = db::migrate(&db).map_err(|fault| fault.to_string())?;
    println!("{target} is up to date ({steps} new steps)");
    Ok(())
}

pub(super) fn setup_link(settings: &Flags) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let now = Clock::system().now();
    let path = db.write_here(|tx| setup::issue_link(tx, now)).map_err(|fault| fault.to_string())?;
    let path = path.ok_or("an organization was founded here already. Anyone who is locked out gets in again with `roster user reset-link EMAIL`; another organization is made by `roster organization create`")?;
    println!("{}{path}", config.public_url.as_str().trim_end_matches('/'));
    Ok(())
}

pub(super) fn backup(settings: &Flags, file: &Path) -> Result<(), String> {
    let db = settings.open_database(1)?;
    db::backup(&db, file)?;
    println!(
        "{} holds everything but the secret key, which is kept elsewhere on purpose; keep that too",
        file.display()
    );
    Ok(())
}

/// Records in every organization's audit log that its data was restored from an earlier copy.
fn record_restore(settings: &Flags, file: &Path) -> Result<usize, String> {
    let db = settings.open_database(1)?;
    let now = Clock::system().now();
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let record = |tx: &mut Tx<'_>| {
        let all = organizations::list(tx)?;
        for organization in &all {
            let scope = Scope::system(organization.id, now);
            let event = Event::new("organization.restored", "organization", organization.id.0, &organization.name);
            audit::record(tx, &scope, event.after(json!({ "file": name })))?;
        }
        Ok::<_, Fault>(all.len())
    };
    db::migrate(&db).and_then(|_| db.write_here(record)).map_err(|fault| fault.to_string())
}

pub(super) fn restore(settings: &Flags, file: &Path) -> Result<(), String> {
    let before = db::restore(&settings.database()?, file)?;
    let organizations = record_restore(settings, file)
        .map_err(|why| format!("{} is in place, but the Audit Log does not say so: {why}", file.display()))?;
    println!("{} is in place. Sessions and links of that time are ended.", file.display());
    println!("Tokens are as they were then, and so are people: look through what was revoked or disabled since.");
    println!("The Audit Logs of {organizations} organizations say that it was put back.");
    if let Some(before) = before {
        println!("What was there before is kept in {}", before.display());
    }
    Ok(())
}
