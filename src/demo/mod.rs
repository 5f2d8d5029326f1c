//! A demo: an organization with a history of three years, for demonstrations, measurements and tests. Everybody in it
//! is invented, and the same for the same seed.
//!
//! Invariants: no real person can be written to or called; every account with a password has the demo administrator's
//! password, so a demo is never created beside a real organization.

mod calendar;
mod credentials;
mod dataset;
mod declared;
mod events;
mod factors;
mod fixtures;
mod grants;
mod history;
mod invitations;
mod latin;
mod memberships;
mod model;
mod naming;
mod people;
mod rng;
mod rows;
mod scripts;
mod sign_ins;
mod system_accounts;
mod tokens;
mod tradition;
mod writer;

use crate::{
    db::{Db, Engine, Tx},
    kit::{Fault, OperationResult, OrganizationId, RequestInfo, Timestamp, email::Email},
    organizations,
    second_factors::SecondFactors,
    setup::{self, Founder},
};
use dataset::Crowd;
use writer::Writer;

/// The size and seed of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// The number of people of any status, including the administrator.
    pub members: usize,
    pub seed: u64,
}

/// What was created, and whom to sign in as afterwards.
#[derive(Clone, Debug)]
pub struct Report {
    pub organization: OrganizationId,
    pub email: String,
    pub members: usize,
    pub system_accounts: usize,
    pub sign_ins: usize,
}

/// Fills an empty database with the demo, in one transaction.
///
/// `hash` is the argon2 hash of the demo administrator's password, made by the caller. Everybody who signs in with a
/// password gets the same hash: one hundred thousand separate hashes would take most of an hour.
///
/// # Errors
/// [`Fault::Broken`] with a sentence, when an organization exists already.
pub fn fill(db: &Db, demo: &Demo, hash: &str, with: &SecondFactors, now: Timestamp) -> Result<Report, Fault> {
    db.read_here(|conn| if organizations::is_any(conn)? { Err(not_empty()) } else { Ok(()) })?;
    let crowd = Crowd::gather(demo, now);
    let events = events::events(demo.seed, &crowd);
    let organization = db.write_here(|tx| {
        let writer = found(tx, &crowd, hash, now)?;
        writer.people(tx, hash)?;
        writer.apps(tx, with, &factors::apps(demo.seed, &crowd))?;
        let machines = writer.system_accounts(tx)?;
        writer.tokens(tx, &machines, &tokens::tokens(demo.seed, &crowd, now))?;
        writer.invitations(tx)?;
        writer.sign_ins(tx)?;
        writer.trail(tx, &events)?;
        Ok::<_, Fault>(writer.organization)
    })?;
    // Query planners have poor statistics for tables that grew so fast. PostgreSQL also needs a VACUUM, which cannot
    // run in a transaction, before it counts with an index-only scan.
    let tidy = if db.engine() == Engine::Sqlite {
        "ANALYZE"
    } else {
        "VACUUM ANALYZE"
    };
    db.read_here(|conn| Ok::<_, Fault>(conn.run(tidy).map(drop)?))?;
    Ok(Report {
        organization,
        email: crowd.people[0].email.clone(),
        members: crowd.people.len(),
        system_accounts: crowd.system_accounts.len(),
        sign_ins: crowd.sign_ins.len(),
    })
}

fn not_empty() -> Fault {
    Fault::broken("the demo needs an empty database, and this one has an organization already; give it a database of its own")
}

fn found<'a>(tx: &mut Tx<'_>, crowd: &'a Crowd, hash: &str, now: Timestamp) -> Result<Writer<'a>, Fault> {
    if organizations::is_any(tx)? {
        return Err(not_empty());
    }
    let (ada, since) = (&crowd.people[0], crowd.places[0].created_at);
    let email = Email::parse(&ada.email).map_err(Fault::broken)?;
    let founder = Founder {
        organization: "Analytical Engines".into(),
        plan: crowd.plan(),
        name: ada.names(),
        email,
        hash: Some(hash.to_owned()),
    };
    match setup::found(tx, &founder, &RequestInfo::system(since)).refused()? {
        Ok((organization, user)) => Writer::begin(tx, crowd, organization, user, now),
        // Another process is filling the same database at this moment.
        Err(_) => Err(not_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{Target, migrate},
        kit::Scope,
        members,
    };

    #[test]
    fn a_demo_fills_an_empty_database_once() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Target::Sqlite(folder.path().join("demo.db")), 1).unwrap();
        migrate(&db).unwrap();
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let key = crate::kit::secret::MasterKey::from_text(&"k".repeat(32)).unwrap();
        let with = SecondFactors::new(&key, &"https://roster.example".parse().unwrap());
        let demo = Demo { members: 60, seed: 4 };
        let report = fill(&db, &demo, "a hash", &with, now).unwrap();
        let (seats, ada) = db
            .read_here(|conn| {
                let user = crate::users::find_by_name(conn, &report.email)?.ok_or(Fault::Missing)?;
                let ada = members::find_by_user(conn, report.organization, user.id)?.ok_or(Fault::Missing)?;
                let scope = Scope::system(report.organization, now);
                Ok::<_, Fault>((members::seats(conn, report.organization)?, members::header(conn, &scope, ada.id)?))
            })
            .unwrap();
        assert!((50..=60).contains(&seats.people) && seats.has_room(), "{seats:?}");
        assert!(ada.roles.iter().any(|role| role.is_administrator));
        assert_eq!((report.members, report.system_accounts), (60, 3));
        let later = now + chrono::TimeDelta::days(400);
        let endless = db.read_here(|conn| crate::tokens::count_later(conn, report.organization, later)).unwrap();
        assert!(endless > 0, "there are tokens");
        assert!(matches!(fill(&db, &demo, "a hash", &with, now), Err(Fault::Broken(_))));
    }
}
