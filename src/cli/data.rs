use super::open;
use crate::{config::Settings, db, kit::Clock, setup};
use std::path::Path;

pub(super) fn migrate(settings: &Settings) -> Result<(), String> {
    let target = settings.database()?;
    let db = settings.open_database(1)?;
    let steps = db::migrate(&db).map_err(|fault| fault.to_string())?;
    println!("{target} is up to date ({steps} new steps)");
    Ok(())
}

pub(super) fn setup_link(settings: &Settings) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let now = Clock::system().now();
    let path = db.write_here(|tx| setup::issue_link(tx, now)).map_err(|fault| fault.to_string())?;
    let path = path.ok_or("an organization was founded here already. Whoever is locked out gets in again with `roster user reset-link EMAIL`; another organization is made by `roster organization create`")?;
    println!("{}{path}", config.public_url.as_str().trim_end_matches('/'));
    Ok(())
}

pub(super) fn backup(settings: &Settings, file: &Path) -> Result<(), String> {
    let db = settings.open_database(1)?;
    db::backup(&db, file)?;
    println!(
        "{} holds everything but the secret key, which is kept elsewhere on purpose; keep that too",
        file.display()
    );
    Ok(())
}

pub(super) fn restore(settings: &Settings, file: &Path) -> Result<(), String> {
    let before = db::restore(&settings.database()?, file)?;
    println!("{} is in place. Sessions and links of that time are ended.", file.display());
    if let Some(before) = before {
        println!("What was there before is kept in {}", before.display());
    }
    Ok(())
}
