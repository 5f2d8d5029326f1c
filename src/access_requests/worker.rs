//! What happens to requests by themselves: the end of a team membership that was granted until a day, and open requests that lapse.

use super::{
    listed,
    model::{AccessRequest, Lapse, RequestState},
    record,
    store::{self, Closing},
};
use crate::{
    db::{Db, Tx},
    kit::{Clock, Fault, MemberKind, OperationResult, Scope, Timestamp},
    members::{self, Change, LeftBy},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

const POLL: Duration = Duration::from_mins(1);

/// Takes members out of teams when the day is over until which they were granted. Several processes may each run one.
pub struct AccessRequestWorker {
    db: Db,
    clock: Clock,
}

impl AccessRequestWorker {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Works until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        while !*stop.borrow() {
            let one = worker.clone();
            match tokio::task::spawn_blocking(move || one.run_due()).await {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "memberships of teams do not end"),
                Err(panic) => tracing::error!(error = %panic, "ending memberships of teams failed"),
            }
            let _ = tokio::time::timeout(POLL, stop.changed()).await;
        }
    }

    /// Carries out every end that is due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn run_due(&self) -> Result<(), Fault> {
        let now = self.clock.now();
        while let Some(request) = self.db.read_here(|conn| store::next_leaving(conn, now))? {
            self.db.write_here(|tx| end(tx, &request, now))?;
        }
        Ok(())
    }
}

/// Takes the member out of the team, unless somebody decided about their membership since.
fn end(tx: &mut Tx<'_>, request: &AccessRequest, now: Timestamp) -> Result<(), Fault> {
    let scope = Scope::system(request.organization_id, now);
    let scope = &members::reauthorize(tx, &scope)?;
    if !store::note_end(tx, request)? {
        return Ok(());
    }
    let (Some(granted_at), Change::JoinTeam { team }) = (request.closed_at, request.asked().change(None)) else {
        return Ok(());
    };
    let left_by = LeftBy::At(granted_at);
    let undone = members::undo(tx, scope, MemberKind::User, &Change::LeaveTeam { team }, &[request.member_id], left_by);
    let is_done = undone.refused()?.is_ok_and(|answers| answers.iter().any(|answer| answer.outcome.is_done()));
    if is_done {
        let member = listed::told(tx, scope, request.clone())?.member;
        record(tx, scope, "access_request.ended", request, &member, json!({ "until": request.granted_until_at }))?;
    }
    Ok(())
}

/// Closes open requests that nobody decides any more.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    for request in store::lapsing(tx, now)? {
        let scope = &Scope::system(request.organization_id, now);
        let listed = listed::told(tx, scope, request)?;
        let why = listed.lapse.unwrap_or(Lapse::Old).to_string();
        let closing = Closing { state: RequestState::Lapsed, answer: &why, granted_until: None, leaves_at: None };
        if store::close(tx, scope, listed.request.id, &closing)? {
            record(tx, scope, "access_request.lapsed", &listed.request, &listed.member, json!({ "why": why }))?;
        }
    }
    Ok(())
}
