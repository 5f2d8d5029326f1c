//! Jobs: work that a request leaves for after its answer.
//!
//! A visitor who types names must not learn from the response time whether a name exists (timing attack). So the
//! request writes one row, the same for every name, and a worker looks up the name later. A job is written in the
//! transaction of its request and deleted in the transaction that does it. So a restart loses no job, and of several
//! processes only one does it.

use crate::{
    db::{Among, Conn, Db, Tx, schema::jobs},
    kit::{Clock, Fault, JobId, Timestamp, fault::Retry, secret::MasterKey},
    mail::Sealer,
};
use diesel::prelude::*;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The worker polls at a fixed interval. If each request woke it, the next request would be slower when there was work
/// to do, and that could be measured.
const POLL: Duration = Duration::from_millis(500);
/// Jobs done in one transaction: few, so that writing requests wait only a moment.
const CHUNK: i64 = 20;

/// Writes jobs to the table. Their content is sealed, because visitors can type anything into any field.
#[derive(Clone, Debug)]
pub struct Jobs(Sealer);

impl Jobs {
    pub fn new(key: &MasterKey) -> Self {
        Self(Sealer::of(key, "jobs"))
    }

    /// Leaves a job of this kind, to be done after the transaction commits.
    ///
    /// # Errors
    /// When the job cannot be written.
    pub fn leave(&self, tx: &mut Tx<'_>, kind: &'static str, what: &impl Serialize, now: Timestamp) -> Result<(), Fault> {
        let id = JobId::new(now);
        let body = self.0.seal(&id.to_string(), &serde_json::to_vec(what).map_err(Fault::broken)?);
        diesel::insert_into(jobs::table)
            .values((jobs::id.eq(id), jobs::kind.eq(kind), jobs::body.eq(body)))
            .execute(tx.conn())?;
        Ok(())
    }
}

/// Does one kind of job. It gets the content of the job as JSON.
pub type Work = Box<dyn Fn(&mut Tx<'_>, &[u8], Timestamp) -> Result<(), Fault> + Send + Sync>;

/// Runs the jobs. Every process has one worker.
#[derive(Clone)]
pub struct JobWorker {
    db: Db,
    jobs: Jobs,
    clock: Clock,
    works: Arc<[(&'static str, Work)]>,
}

type Row = (JobId, String, Vec<u8>);

impl JobWorker {
    pub fn new(db: Db, jobs: Jobs, clock: Clock, works: impl Into<Arc<[(&'static str, Work)]>>) -> Self {
        Self { db, jobs, clock, works: works.into() }
    }

    /// Runs jobs until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let worker = self.clone();
            match tokio::task::spawn_blocking(move || worker.run_due()).await {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "jobs cannot be read"),
                Err(panic) => tracing::error!(error = %panic, "doing jobs failed"),
            }
            let _ = tokio::time::timeout(POLL, stop.changed()).await;
        }
    }

    /// Does all waiting jobs.
    ///
    /// # Errors
    /// When the database does not answer. The jobs stay in the table.
    pub fn run_due(&self) -> Result<(), Fault> {
        while self.db.read_here(is_any)? {
            let now = self.clock.now();
            if self.db.write_here(|tx| self.chunk(tx, now))? == 0 {
                // Another process holds the rest.
                break;
            }
        }
        Ok(())
    }

    fn chunk(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
        let rows = claim(tx)?;
        for (id, kind, body) in &rows {
            match tx.part(|tx| self.one(tx, *id, kind, body, now)) {
                Err(fault) if fault.is_conflict() || fault.is_unavailable() => return Err(fault),
                // A job that always fails must not block the others.
                Err(fault) => tracing::error!(job = %id, kind, error = %fault, "a job failed and is given up"),
                Ok(()) => {}
            }
        }
        let done = rows.iter().map(|(id, ..)| *id);
        diesel::delete(jobs::table.filter(jobs::id.among(done.collect::<Vec<_>>()))).execute(tx.conn())?;
        Ok(rows.len())
    }

    fn one(&self, tx: &mut Tx<'_>, id: JobId, kind: &str, body: &[u8], now: Timestamp) -> Result<(), Fault> {
        let (_, work) = self.works.iter().find(|(known, _)| *known == kind).ok_or(Fault::Missing)?;
        work(tx, &self.jobs.0.open(&id.to_string(), body)?, now)
    }
}

fn is_any(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(jobs::table.select(jobs::id).first::<JobId>(conn).optional()?.is_some())
}

/// The oldest jobs that no other process holds.
fn claim(tx: &mut Tx<'_>) -> Result<Vec<Row>, Fault> {
    let oldest = jobs::table.order(jobs::id).limit(CHUNK).select(jobs::id);
    let ids: Vec<JobId> = match tx.conn() {
        Conn::Sqlite(c) => oldest.load(c)?,
        // Only PostgreSQL has concurrent writers, which would wait for each other here.
        Conn::Pg(c) => oldest.for_update().skip_locked().load(c)?,
    };
    let rows = jobs::table.filter(jobs::id.among(ids)).order(jobs::id);
    Ok(rows.select((jobs::id, jobs::kind, jobs::body)).load(tx.conn())?)
}
