//! Works through batches, chunk by chunk. Several processes may each run one.

use super::{
    job::BatchJob,
    model::{Batch, ItemResult, ItemState},
    queue, starter, store,
};
use crate::{
    db::{Db, Tx},
    kit::{BatchId, Clock, Fault, OperationResult, Scope, Timestamp},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};

/// Items in one transaction: large enough to be fast, small enough that other writers wait only a moment.
const CHUNK: i64 = 200;
const POLL: Duration = Duration::from_millis(300);

/// Works through batches.
#[derive(Clone)]
pub struct Runner {
    db: Db,
    clock: Clock,
    works: Arc<HashMap<&'static str, Box<dyn BatchJob>>>,
    /// Wakes the runner of this process when a batch has begun.
    begun: Arc<Notify>,
}

/// Whether a batch has more items.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Step {
    Nothing,
    More,
}

impl Runner {
    pub fn new(db: Db, clock: Clock, works: impl IntoIterator<Item = (&'static str, Box<dyn BatchJob>)>) -> Self {
        Self { db, clock, works: Arc::new(works.into_iter().collect()), begun: Arc::default() }
    }

    /// Works until told to stop; finishes the current chunk first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let runner = self.clone();
            match tokio::task::spawn_blocking(move || runner.step(None)).await {
                Ok(Ok(Step::Nothing)) => {}
                Ok(Ok(Step::More)) => continue,
                Ok(Err(fault)) => tracing::warn!(error = %fault, "a batch cannot go on"),
                Err(panic) => tracing::error!(error = %panic, "a batch failed"),
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                _ = stop.changed() => {}
                () = self.begun.notified() => {}
            }
        }
    }

    /// Works through everything that is due.
    pub fn run_due(&self) -> Result<(), Fault> {
        while self.run_next()? {}
        Ok(())
    }

    /// Processes one chunk of the next batch. Returns whether there was one.
    pub fn run_next(&self) -> Result<bool, Fault> {
        Ok(self.step(None)? == Step::More)
    }

    /// Processes the first chunk of one batch, off the async threads, so that a small batch is finished at once.
    /// Background runners do the rest.
    pub async fn begin(&self, id: BatchId) -> Result<(), Fault> {
        let runner = self.clone();
        let begun = tokio::task::spawn_blocking(move || runner.step(Some(id)).map(drop)).await.map_err(Fault::broken)?;
        self.begun.notify_one();
        begun
    }

    /// Works through one batch to its end, even if other processes work on it too.
    pub fn finish(&self, scope: &Scope, id: BatchId, mut tell: impl FnMut(&Batch)) -> Result<Batch, Fault> {
        loop {
            let batch = self.db.read_here(|conn| store::find(conn, scope, id))?;
            tell(&batch);
            if !batch.is_running() {
                return Ok(batch);
            }
            if self.step(Some(id))? == Step::Nothing {
                std::thread::sleep(POLL);
            }
        }
    }

    fn step(&self, id: Option<BatchId>) -> Result<Step, Fault> {
        if !self.db.read_here(queue::is_any_running)? {
            return Ok(Step::Nothing);
        }
        let now = self.clock.now();
        match self.db.write_here(|tx| self.chunk(tx, id, CHUNK, now)) {
            // One item of the chunk failed. Processes them one at a time, so that the others succeed.
            Err(Fault::Broken(why)) => {
                tracing::error!(error = %why, "a chunk of a batch failed");
                for _ in 0..CHUNK {
                    self.single(id, now)?;
                }
                Ok(Step::More)
            }
            done => done,
        }
    }

    fn single(&self, id: Option<BatchId>, now: Timestamp) -> Result<(), Fault> {
        match self.db.write_here(|tx| self.chunk(tx, id, 1, now)) {
            Err(Fault::Broken(_)) => self.db.write_here(|tx| {
                let Some(batch) = queue::claim(tx, id)? else { return Ok(()) };
                let items = store::items(tx, &batch, Some(ItemState::Waiting), 0, 1)?;
                let failed = items
                    .iter()
                    .map(|item| (item.position, ItemResult::refused("Something went wrong; nothing was changed.")));
                queue::settle(tx, &batch, &failed.collect::<Vec<_>>())
            }),
            done => done.map(drop),
        }
    }

    fn chunk(&self, tx: &mut Tx<'_>, id: Option<BatchId>, size: i64, now: Timestamp) -> Result<Step, Fault> {
        let Some(batch) = queue::claim(tx, id)? else {
            return Ok(Step::Nothing);
        };
        let items = store::items(tx, &batch, Some(ItemState::Waiting), 0, size)?;
        let scope = match starter::scope(tx, &batch, now).refused()? {
            Ok(scope) => scope,
            Err(because) => {
                let scope = Scope::system(batch.organization_id, now);
                store::stop(tx, &scope, batch.id, &because.to_string())?;
                return Ok(Step::More);
            }
        };
        let work = self
            .works
            .get(batch.kind.as_str())
            .ok_or_else(|| Fault::broken(format!("nobody works on {}", batch.kind)))?;
        let verdicts = match work.run(tx, &scope, &batch, &items) {
            Ok(verdicts) => verdicts,
            Err(Fault::Denied(permission)) => {
                store::stop(tx, &scope, batch.id, &format!("The person who began it may not go on: {permission} is missing."))?;
                return Ok(Step::More);
            }
            Err(fault) => return Err(fault),
        };
        let settled: Vec<(i64, ItemResult)> = items.iter().map(|item| item.position).zip(verdicts).collect();
        queue::settle(tx, &batch, &settled)?;
        if batch.passed() + i64::try_from(settled.len()).unwrap_or(0) >= batch.total {
            queue::end(tx, &batch, now)?;
        }
        Ok(Step::More)
    }
}
