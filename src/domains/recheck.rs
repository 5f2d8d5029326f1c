//! The worker: looks every week whether verified domains are still proven. Several processes may each run one.
//!
//! A domain loses its proof only after three answers of the DNS, on different days, that the record is not there. No
//! answer counts as nothing.

use super::{
    mail,
    manage::record,
    model::{Domain, MISSES, next_check},
    proof::{Checker, Finding},
    store,
};
use crate::{
    db::{Db, Tx},
    kit::{Clock, Fault, Scope, Timestamp},
    mail::Outbox,
};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

const POLL: Duration = Duration::from_mins(15);
/// How long one process has a domain to itself.
const LEASE: TimeDelta = TimeDelta::hours(1);
/// How long after a check without an answer the next one follows.
const AGAIN: TimeDelta = TimeDelta::hours(6);

/// Checks domains again, in the background.
pub struct DomainWorker {
    db: Db,
    clock: Clock,
    checker: Checker,
    outbox: Outbox,
}

impl DomainWorker {
    pub fn new(db: Db, clock: Clock, checker: Checker, outbox: Outbox) -> Self {
        Self { db, clock, checker, outbox }
    }

    /// Checks until told to stop, and finishes the check that is under way.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        while !*stop.borrow() {
            let one = worker.clone();
            match tokio::task::spawn_blocking(move || one.check_one()).await {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "domains cannot be checked again"),
                Err(panic) => tracing::error!(error = %panic, "checking domains again failed"),
            }
            let _ = tokio::time::timeout(POLL, stop.changed()).await;
        }
    }

    /// Checks every domain that is due, one after the other. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn check_due(&self) -> Result<usize, Fault> {
        let mut checked = 0;
        while self.check_one()? {
            checked += 1;
        }
        Ok(checked)
    }

    /// Checks one domain. Returns whether one was due.
    fn check_one(&self) -> Result<bool, Fault> {
        let now = self.clock.now();
        let Some(domain) = self.claim(now)? else {
            return Ok(false);
        };
        // No transaction is open meanwhile.
        let finding = self.checker.check_here(&domain);
        let now = self.clock.now();
        self.db.write_here(|tx| self.end(tx, &domain, &finding, now))?;
        Ok(true)
    }

    fn claim(&self, now: Timestamp) -> Result<Option<Domain>, Fault> {
        while let Some(domain) = self.db.read_here(|conn| store::due(conn, now))? {
            let until = now + LEASE;
            if self.db.write_here(|tx| store::lease(tx, &domain, until))? {
                return Ok(Some(Domain { next_check_at: Some(until), ..domain }));
            }
        }
        Ok(None)
    }

    /// Writes the result, unless somebody removed or verified the domain meanwhile.
    fn end(&self, tx: &mut Tx<'_>, domain: &Domain, finding: &Finding, now: Timestamp) -> Result<(), Fault> {
        let words = finding.words();
        let misses = match finding {
            Finding::Proven => 0,
            Finding::Missing(_) => domain.misses + 1,
            Finding::Unclear(_) => domain.misses,
        };
        if misses >= MISSES {
            return self.lose(tx, domain, words.as_deref().unwrap_or_default(), now);
        }
        let next = if matches!(finding, Finding::Unclear(_)) {
            now + AGAIN
        } else {
            next_check(misses, now)
        };
        store::end_check(tx, domain, misses, words.as_deref(), next, now)?;
        Ok(())
    }

    fn lose(&self, tx: &mut Tx<'_>, domain: &Domain, finding: &str, now: Timestamp) -> Result<(), Fault> {
        if !store::lose(tx, domain, finding, now)? {
            return Ok(());
        }
        let scope = Scope::system(domain.organization_id, now);
        record(tx, &scope, "domain.lost", domain, |event| event)?;
        mail::tell(tx, &self.outbox, domain, now)
    }
}
