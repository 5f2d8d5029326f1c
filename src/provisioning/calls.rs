//! What SCIM clients sent and were answered: collected in memory and written every second, so that no call waits for it.
//! Administrators look here when the identity provider says that something failed.

use super::store;
use crate::{
    db::{Conn, Db, MultiBackend, Tx, schema::provisioning_calls},
    each,
    kit::{Fault, OrganizationId, ProvisionerId, ProvisioningCallId, Scope, Timestamp, rights},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How long calls are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// The most calls of one client that are kept.
const KEPT_OF_CLIENT: i64 = 10_000;
/// How often they are written.
const EVERY: Duration = Duration::from_secs(1);
/// The most that wait to be written. While the database is away, later ones are dropped.
const MOST: usize = 2_000;
/// Rows per INSERT.
const ROWS: usize = 200;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    pub organization: OrganizationId,
    pub provisioner: ProvisionerId,
    pub at: Timestamp,
    pub method: String,
    /// The path below `/scim/v2`, with its query.
    pub path: String,
    pub status: u16,
    /// Why it was refused.
    pub detail: Option<String>,
    /// The body that was sent, without passwords, shortened.
    pub sent: Option<String>,
    pub ms: i64,
}

/// A call as stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = provisioning_calls, check_for_backend(MultiBackend))]
pub struct StoredCall {
    pub id: ProvisioningCallId,
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    pub status: i64,
    pub detail: Option<String>,
    pub sent: Option<String>,
    pub ms: i64,
}

impl StoredCall {
    pub fn is_refused(&self) -> bool {
        self.status >= 400
    }
}

/// The calls that are not yet written.
#[derive(Clone, Default)]
pub struct CallLog(Arc<Mutex<Vec<Call>>>);

impl CallLog {
    pub fn note(&self, call: Call) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push(call);
        }
    }

    /// Writes what is recorded. What cannot be written is kept for the next time.
    pub fn flush(&self, db: &Db) -> Result<(), Fault> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if all.is_empty() {
            return Ok(());
        }
        let written = db.write_here(|tx| write(tx, &all));
        if written.is_err() {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let later = std::mem::replace(&mut *waiting, all);
            let room = MOST.saturating_sub(waiting.len());
            waiting.extend(later.into_iter().take(room));
        }
        written
    }

    /// Writes every second until told to stop, and then once more.
    pub async fn run(self, db: Db, mut stop: watch::Receiver<bool>) {
        loop {
            let is_last = *stop.borrow();
            let (log, of) = (self.clone(), db.clone());
            match tokio::task::spawn_blocking(move || log.flush(&of)).await {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "the calls of provisioning clients are not written down"),
                Err(panic) => tracing::error!(error = %panic, "writing down the calls of provisioning clients failed"),
            }
            if is_last {
                break;
            }
            let _ = tokio::time::timeout(EVERY, stop.changed()).await;
        }
    }
}

fn write(tx: &mut Tx<'_>, all: &[Call]) -> Result<(), Fault> {
    let mut clients: BTreeMap<(OrganizationId, ProvisionerId), Vec<&Call>> = BTreeMap::new();
    for call in all {
        clients.entry((call.organization, call.provisioner)).or_default().push(call);
    }
    let mut rows = Vec::new();
    for ((organization, id), calls) in clients {
        let latest = calls.iter().map(|call| call.at).max().unwrap_or(Timestamp::EPOCH);
        // A client that was deleted meanwhile has no calls any more.
        if !store::touch(tx, organization, id, latest)? {
            continue;
        }
        let refused = calls.iter().filter_map(|call| Some((call.at, call.detail.as_deref()?))).max_by_key(|(at, _)| *at);
        if let Some((at, why)) = refused {
            store::set_failure(tx, organization, id, at, why)?;
        }
        rows.extend(calls.into_iter().map(|call| {
            (
                provisioning_calls::id.eq(ProvisioningCallId::new(call.at)),
                provisioning_calls::organization_id.eq(organization),
                provisioning_calls::provisioner_id.eq(id),
                provisioning_calls::at.eq(call.at),
                provisioning_calls::method.eq(&call.method),
                provisioning_calls::path.eq(&call.path),
                provisioning_calls::status.eq(i64::from(call.status)),
                provisioning_calls::detail.eq(&call.detail),
                provisioning_calls::sent.eq(&call.sent),
                provisioning_calls::ms.eq(call.ms),
            )
        }));
    }
    for some in rows.chunks(ROWS) {
        each!(tx.conn(), c => diesel::insert_into(provisioning_calls::table).values(some).execute(c))?;
    }
    Ok(())
}
/// Calls hold names and addresses of people, so that only those look at them who may read people.
fn demand_insight(scope: &Scope) -> Result<(), Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    scope.demand(rights::USER_READ)
}

/// The latest calls of a SCIM client, the newest first: those before one of them, or only those that were refused.
///
/// # Errors
/// [`Fault::Denied`].
pub fn latest(
    conn: &mut Conn,
    scope: &Scope,
    provisioner: ProvisionerId,
    before: Option<ProvisioningCallId>,
    only_refused: bool,
    most: i64,
) -> Result<Vec<StoredCall>, Fault> {
    demand_insight(scope)?;
    let mut rows = provisioning_calls::table
        .filter(provisioning_calls::organization_id.eq(scope.organization))
        .filter(provisioning_calls::provisioner_id.eq(provisioner))
        .order(provisioning_calls::id.desc())
        .limit(most)
        .into_boxed::<MultiBackend>();
    if let Some(before) = before {
        rows = rows.filter(provisioning_calls::id.lt(before));
    }
    if only_refused {
        rows = rows.filter(provisioning_calls::status.ge(400_i64));
    }
    Ok(rows.select(StoredCall::as_select()).load(conn)?)
}

/// One call of a SCIM client.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find_call(conn: &mut Conn, scope: &Scope, provisioner: ProvisionerId, id: ProvisioningCallId) -> Result<StoredCall, Fault> {
    demand_insight(scope)?;
    let row = provisioning_calls::table
        .filter(provisioning_calls::organization_id.eq(scope.organization))
        .filter(provisioning_calls::provisioner_id.eq(provisioner))
        .filter(provisioning_calls::id.eq(id));
    Ok(row.select(StoredCall::as_select()).first(conn)?)
}

/// Deletes old calls, and those of a client beyond the latest ten thousand.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    let old = provisioning_calls::table.filter(provisioning_calls::at.lt(now - KEPT));
    diesel::delete(old).execute(tx.conn())?;
    for (organization, id) in store::everywhere(tx)? {
        let of_it = provisioning_calls::table
            .filter(provisioning_calls::organization_id.eq(organization))
            .filter(provisioning_calls::provisioner_id.eq(id));
        let rows = of_it.order(provisioning_calls::id.desc()).select(provisioning_calls::id).offset(KEPT_OF_CLIENT);
        let first_beyond: Option<ProvisioningCallId> = rows.limit(1).first(tx.conn()).optional()?;
        if let Some(beyond) = first_beyond {
            diesel::delete(of_it.filter(provisioning_calls::id.le(beyond))).execute(tx.conn())?;
        }
    }
    Ok(())
}
