//! Generates the dataset and writes it into an empty database, in one transaction.

use super::{dataset::Dataset, events, model::Size, own_fields, requests, second_factors as factors, tokens, writer::Writer};
use crate::{
    db::{Db, Engine, Tx},
    kit::{Fault, OperationResult, OrganizationId, RequestInfo, Timestamp, email::Email},
    members::PersonNames,
    organizations,
    second_factors::SecondFactors,
    setup::{self, Founder},
};

/// What was created, and whom to sign in as afterwards.
#[derive(Clone, Debug)]
pub(super) struct Report {
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
pub(super) fn fill(db: &Db, size: Size, hash: &str, with: &SecondFactors, now: Timestamp) -> Result<Report, Fault> {
    db.read_here(|conn| if organizations::is_any(conn)? { Err(not_empty()) } else { Ok(()) })?;
    let dataset = Dataset::generate(size, now);
    let events = events::events(size.seed, &dataset);
    let organization = db.write_here(|tx| {
        let writer = found(tx, &dataset, hash, now)?;
        writer.people(tx, hash)?;
        writer.apps(tx, with, &factors::apps(size.seed, &dataset))?;
        let machines = writer.system_accounts(tx)?;
        writer.tokens(tx, &machines, &tokens::tokens(size.seed, &dataset, now))?;
        writer.provisioning(tx, &machines, size.seed)?;
        writer.invitations(tx)?;
        writer.sign_ins(tx)?;
        own_fields::make(tx, writer.organization, now)?;
        requests::make(tx, &writer)?;
        writer.events(tx, &events)?;
        writer.access_reviews(tx)?;
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
        email: dataset.people[0].email.clone(),
        members: dataset.people.len(),
        system_accounts: dataset.system_accounts.len(),
        sign_ins: dataset.sign_ins.len(),
    })
}

fn not_empty() -> Fault {
    Fault::broken("the demo needs an empty database, and this one has an organization already; give it a database of its own")
}

fn found<'a>(tx: &mut Tx<'_>, dataset: &'a Dataset, hash: &str, now: Timestamp) -> Result<Writer<'a>, Fault> {
    if organizations::is_any(tx)? {
        return Err(not_empty());
    }
    let (ada, since) = (&dataset.people[0].details, dataset.memberships[0].created_at);
    let email = Email::parse(&dataset.people[0].email).map_err(Fault::broken)?;
    let founder = Founder {
        organization: "Analytical Engines".into(),
        plan: dataset.plan(),
        name: PersonNames {
            first: ada.first_name.clone(),
            last: ada.last_name.clone(),
            display: ada.name.clone(),
        },
        email,
        hash: Some(hash.to_owned()),
    };
    match setup::found(tx, &founder, &RequestInfo::system(since)).refused()? {
        Ok((organization, user)) => Writer::begin(tx, dataset, organization, user, now),
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
        let size = Size { members: 60, seed: 4 };
        let report = fill(&db, size, "a hash", &with, now).unwrap();
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
        assert!(matches!(fill(&db, size, "a hash", &with, now), Err(Fault::Broken(_))));
    }
}
