//! The worker: turns events into deliveries and sends what is due, many at once. Several processes may each run one.
//!
//! A slow receiver must not hold up the others: each webhook has few requests under way at once, one that fails only
//! one, and free places go to the webhooks in turn.

use super::{
    attempt::Sender,
    deliveries::{self, Claimed, Due},
    dispatch,
};
use crate::kit::{Fault, WebhookId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

const POLL: Duration = Duration::from_millis(500);
/// Requests at once in this process.
const PLACES: usize = 32;
/// Of these, for webhooks that fail: the others never wait for them.
const FAILING_PLACES: usize = 8;
/// Requests at once to one webhook.
const PER_WEBHOOK: usize = 4;
/// Transactions that prepare deliveries before the next are sent.
const CHUNKS: usize = 5;

pub struct WebhookWorker {
    sender: Sender,
    /// The webhook that was served last; the next ones come first.
    last: Mutex<WebhookId>,
}

impl WebhookWorker {
    pub fn new(sender: Sender) -> Self {
        Self { sender, last: Mutex::new(WebhookId::nobody()) }
    }

    /// Sends until told to stop, and finishes the requests that are under way.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = std::sync::Arc::new(self);
        let mut under_way: JoinSet<()> = JoinSet::new();
        while !*stop.borrow() {
            while under_way.try_join_next().is_some() {}
            let claimed = {
                let (worker, free) = (worker.clone(), PLACES - under_way.len());
                tokio::task::spawn_blocking(move || worker.claim(free)).await
            };
            match claimed {
                Ok(Ok(claimed)) if !claimed.is_empty() => {
                    for one in claimed {
                        let worker = worker.clone();
                        under_way.spawn_blocking(move || worker.send(&one));
                    }
                    continue;
                }
                Ok(Ok(_)) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "deliveries of webhooks cannot be read"),
                Err(panic) => tracing::error!(error = %panic, "claiming deliveries of webhooks failed"),
            }
            tokio::select! {
                _ = stop.changed() => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Prepares and sends everything that is due, one after the other. Returns the number of attempts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn send_due(&self) -> Result<usize, Fault> {
        let mut sent = 0;
        loop {
            let claimed = self.claim(PLACES)?;
            if claimed.is_empty() {
                return Ok(sent);
            }
            for one in &claimed {
                self.sender.send(one)?;
                sent += 1;
            }
        }
    }

    fn send(&self, claimed: &Claimed) {
        match self.sender.send(claimed) {
            Ok(attempt) if attempt.is_delivered() => {}
            Ok(attempt) => {
                tracing::info!(delivery = %claimed.id, attempt = claimed.attempts, status = attempt.status, "a delivery did not arrive");
            }
            // The lease ends, and it is sent again.
            Err(fault) => tracing::warn!(delivery = %claimed.id, error = %fault, "the result of a delivery cannot be written"),
        }
    }

    /// Prepares deliveries, and claims as many as there are free places.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn claim(&self, free: usize) -> Result<Vec<Claimed>, Fault> {
        let db = &self.sender.db;
        let now = self.sender.clock.now();
        for _ in 0..CHUNKS {
            if !db.read_here(dispatch::is_any)? || dispatch::prepare(db, now)? == 0 {
                break;
            }
        }
        if free == 0 || !db.read_here(|conn| deliveries::is_any_due(conn, now))? {
            return Ok(vec![]);
        }
        let (due, under_way) = db.read_here(|conn| Ok::<_, Fault>((deliveries::due(conn, now)?, deliveries::under_way(conn, now)?)))?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let shares = shares(&in_turn(due, *last), &under_way, free);
        let Some((served, _)) = shares.last() else { return Ok(vec![]) };
        *last = served.webhook;
        drop(last);
        db.write_here(|tx| {
            let mut all = Vec::new();
            for (due, share) in &shares {
                all.extend(deliveries::claim(tx, due, i64::try_from(*share).unwrap_or(1), now)?);
            }
            Ok(all)
        })
    }
}

/// The webhooks after the one that was served last, then the others. They come sorted by id.
fn in_turn(mut due: Vec<Due>, last: WebhookId) -> Vec<Due> {
    let first = due.iter().position(|one| one.webhook > last).unwrap_or(0);
    due.rotate_left(first);
    due
}

/// How many deliveries of each webhook are sent now: an equal part of the free places, and no more than one webhook may
/// have under way.
fn shares(due: &[Due], under_way: &[Due], free: usize) -> Vec<(Due, usize)> {
    let mut busy: HashMap<WebhookId, usize> = HashMap::new();
    for one in under_way {
        *busy.entry(one.webhook).or_default() += 1;
    }
    let failing = under_way.iter().filter(|one| one.is_failing()).count();
    let (mut free, mut for_failing) = (free, FAILING_PLACES.saturating_sub(failing).min(free));
    let mut shares = Vec::new();
    for (at, one) in due.iter().enumerate() {
        let most = if one.is_failing() { 1 } else { PER_WEBHOOK };
        let equal = free.div_ceil(due.len() - at);
        let mut share = most.saturating_sub(busy.get(&one.webhook).copied().unwrap_or(0)).min(equal);
        if one.is_failing() {
            share = share.min(for_failing);
            for_failing -= share;
        }
        free -= share;
        if share > 0 {
            shares.push((*one, share));
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::super::model::Status;
    use super::*;
    use crate::kit::OrganizationId;
    use uuid::Uuid;

    fn due(number: u128, is_failing: bool) -> Due {
        Due {
            organization: OrganizationId::nobody(),
            webhook: WebhookId(Uuid::from_u128(number)),
            status: if is_failing { Status::Failing } else { Status::Enabled },
        }
    }
    fn counts(due: &[Due], under_way: &[Due], free: usize) -> Vec<(u128, usize)> {
        let all = shares(due, under_way, free);
        all.into_iter().map(|(due, share)| (due.webhook.0.as_u128(), share)).collect()
    }

    #[test]
    fn places_are_shared_and_one_that_fails_gets_one() {
        let all = [due(1, false), due(2, true), due(3, false)];
        assert_eq!(counts(&all, &[], 32), [(1, 4), (2, 1), (3, 4)]);
        assert_eq!(counts(&all, &[all[0], all[1]], 32), [(1, 3), (3, 4)]);
        assert_eq!(counts(&all, &[], 3), [(1, 1), (2, 1), (3, 1)]);
        assert_eq!(counts(&all, &[], 1), [(1, 1)]);
    }

    #[test]
    fn many_that_fail_leave_places_to_the_others() {
        let mut all: Vec<Due> = (1..=40).map(|number| due(number, true)).collect();
        all.push(due(50, false));
        let shares = counts(&all, &[], PLACES);
        assert_eq!(shares.len(), FAILING_PLACES + 1);
        assert_eq!(shares.last(), Some(&(50, PER_WEBHOOK)));
        // Those that are under way count too.
        assert_eq!(counts(&all, &all[..FAILING_PLACES], PLACES), [(50, PER_WEBHOOK)]);
    }

    #[test]
    fn everybody_comes_in_turn() {
        let all = vec![due(1, false), due(2, false), due(3, false)];
        let order = |last: u128| -> Vec<u128> {
            let turn = in_turn(all.clone(), WebhookId(Uuid::from_u128(last)));
            turn.iter().map(|due| due.webhook.0.as_u128()).collect()
        };
        assert_eq!(order(0), [1, 2, 3]);
        assert_eq!(order(1), [2, 3, 1]);
        assert_eq!(order(3), [1, 2, 3]);
    }
}
