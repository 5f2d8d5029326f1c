//! The worker that sends the outbox. Several processes may each run one.

use super::{
    Letter, Sealer, Transport,
    store::{self, Claimed, LetterState},
    transport::Attempt,
};
use crate::{
    db::Db,
    kit::{Clock, Fault, fault::Retry},
};
use chrono::TimeDelta;
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a claimed letter is reserved for its worker; longer than all SMTP time-outs together.
const LEASE: TimeDelta = TimeDelta::minutes(5);
const BATCH: usize = 20;
const POLL: Duration = Duration::from_millis(500);
/// With the back-off below, the last attempt is after two days.
const ATTEMPTS: i64 = 16;
/// How long the result of an attempt is kept while the database is away. The lease ends later.
const KEPT: Duration = Duration::from_mins(3);
const BETWEEN_WRITES: Duration = Duration::from_secs(1);

pub struct Worker {
    db: Db,
    sealer: Sealer,
    transport: Transport,
    clock: Clock,
    /// Whether the process is to stop.
    stop: watch::Receiver<bool>,
}

impl Worker {
    pub fn new(db: Db, sealer: Sealer, transport: Transport, clock: Clock) -> Self {
        let (_, stop) = watch::channel(false);
        Self { db, sealer, transport, clock, stop }
    }

    /// Sends until told to stop, and finishes the current batch first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = std::sync::Arc::new(Self { stop: stop.clone(), ..self });
        while !*stop.borrow() {
            let sent = {
                let worker = worker.clone();
                tokio::task::spawn_blocking(move || worker.send_due()).await
            };
            match sent {
                Ok(Ok(0)) => {}
                Ok(Ok(_)) => continue,
                Ok(Err(fault)) => tracing::warn!(error = %fault, "the outbox cannot be read"),
                Err(panic) => tracing::error!(error = %panic, "sending mail failed"),
            }
            let _ = tokio::time::timeout(POLL, stop.changed()).await;
        }
    }

    /// Tries letters that are due, and returns their number. The number is limited, so that the worker can stop in
    /// time.
    pub fn send_due(&self) -> Result<usize, Fault> {
        let mut tried = 0;
        while tried < BATCH {
            // One at a time: letters claimed together would wait behind a slow one until their lease has ended.
            let now = self.clock.now();
            if !self.db.read_here(|conn| store::is_any_due(conn, now))? {
                break;
            }
            let Some(letter) = self.db.write_here(|tx| store::claim(tx, now, LEASE))? else {
                break;
            };
            self.send(&letter)?;
            tried += 1;
        }
        Ok(tried)
    }

    fn send(&self, letter: &Claimed) -> Result<(), Fault> {
        let attempt = match self.open(letter) {
            Ok(content) => self.transport.deliver(letter.id, &letter.recipient, &content),
            Err(fault) => Attempt::Refused(fault.to_string()),
        };
        self.note(letter, &attempt)?;
        match &attempt {
            Attempt::Failed(why) | Attempt::Refused(why) => {
                tracing::warn!(letter = %letter.id, attempt = letter.attempts, why, "a letter did not go out");
            }
            Attempt::Sent | Attempt::Filed => tracing::info!(letter = %letter.id, "a letter went out"),
        }
        Ok(())
    }

    /// Writes the result of an attempt. While the database is away or others are in the way, it is tried again, so that no letter
    /// is sent twice because of that.
    fn note(&self, letter: &Claimed, attempt: &Attempt) -> Result<(), Fault> {
        let now = self.clock.now();
        let write = || {
            self.db.write_here(|tx| match attempt {
                Attempt::Sent => store::end(tx, letter.id, LetterState::Sent, None, now),
                Attempt::Filed => store::end(tx, letter.id, LetterState::Filed, None, now),
                Attempt::Refused(why) => store::end(tx, letter.id, LetterState::Failed, Some(why), now),
                Attempt::Failed(why) if letter.attempts >= ATTEMPTS => store::end(tx, letter.id, LetterState::Failed, Some(why), now),
                Attempt::Failed(why) => store::postpone(tx, letter.id, now + back_off(letter.attempts), why),
            })
        };
        let began = Instant::now();
        loop {
            match write() {
                Err(fault) if may_pass(&fault) && began.elapsed() < KEPT && !*self.stop.borrow() => thread::sleep(BETWEEN_WRITES),
                written => return written,
            }
        }
    }

    fn open(&self, letter: &Claimed) -> Result<Letter, Fault> {
        let sealed = letter.body.as_deref().ok_or_else(|| Fault::broken("the letter has no body"))?;
        serde_json::from_slice(&self.sealer.open(&letter.id.to_string(), sealed)?).map_err(Fault::broken)
    }
}

fn may_pass(fault: &Fault) -> bool {
    fault.is_unavailable() || fault.is_conflict()
}

/// 15 seconds after the first attempt, then twice as long each time, at most six hours.
fn back_off(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    TimeDelta::seconds((15 << doublings).min(6 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_spread_over_two_days() {
        assert_eq!(back_off(1), TimeDelta::seconds(15));
        assert_eq!(back_off(2), TimeDelta::seconds(30));
        assert_eq!(back_off(99), TimeDelta::hours(6));
        let all = (1..ATTEMPTS).map(back_off).fold(TimeDelta::zero(), |sum, step| sum + step);
        assert!(all > TimeDelta::hours(28) && all < TimeDelta::hours(72), "{all}");
    }
}
