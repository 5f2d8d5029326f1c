//! One attempt: the signed request, what its answer means, and what is written about it.

use super::{
    deliveries::{self, Attempted, Claimed},
    events::PING,
    mail,
    model::{DeliveryState, DisabledReason, Webhook, wait_after},
    secrets::{Secrets, signature},
    store,
};
use crate::{
    audit::{self, Event},
    db::{Db, Tx},
    kit::{Clock, Fault, OrganizationId, Scope, Timestamp, secret},
    mail::Outbox,
    outbound::{Answer, Failure, Outbound, Target, TargetRefusal},
};
use chrono::{DateTime, TimeDelta};
use std::time::Instant;
use ureq::http::Request;

/// After this long without anything that arrives a webhook is disabled.
const PATIENCE: TimeDelta = TimeDelta::days(5);

const LONGEST_ERROR: usize = 200;

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Delivered,
    /// 410: the receiver wants nothing any more.
    Gone,
    /// Tried again, after this time at the earliest if the receiver said so.
    Failed {
        why: String,
        wait: Option<TimeDelta>,
    },
}

/// What became of an attempt, for the person who tests a webhook.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub status: Option<u16>,
    pub milliseconds: i64,
    verdict: Verdict,
}

impl Attempt {
    pub fn is_delivered(&self) -> bool {
        self.verdict == Verdict::Delivered
    }
}

/// Sends deliveries: what handlers and the worker share.
#[derive(Clone)]
pub struct Sender {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub secrets: Secrets,
    outbound: Outbound,
    outbox: Outbox,
}

impl Sender {
    pub fn new(db: Db, clock: Clock, secrets: Secrets, outbound: Outbound, outbox: Outbox) -> Self {
        Self { db, clock, secrets, outbound, outbox }
    }

    /// Judges a URL that a person typed; see [`Outbound::judge`].
    ///
    /// # Errors
    /// A [`TargetRefusal`].
    pub async fn judge(&self, organization: OrganizationId, url: &str) -> Result<Result<Target, TargetRefusal>, Fault> {
        self.outbound.judge(organization, url).await
    }

    /// [`Sender::send`] outside the async threads, for a person who waits for the result.
    pub async fn send_now(&self, claimed: Claimed) -> Result<Attempt, Fault> {
        let sender = self.clone();
        self.outbound.off_thread(claimed.organization_id, move || sender.send(&claimed)).await?
    }

    /// Makes one attempt and writes its result.
    pub fn send(&self, claimed: &Claimed) -> Result<Attempt, Fault> {
        let started = Instant::now();
        let answer = match self.request(claimed) {
            Ok(request) => self.outbound.call(request).map_err(|failure| told(&failure)),
            Err(fault) => {
                tracing::error!(delivery = %claimed.id, error = %fault, "a delivery cannot be signed");
                Err("Roster could not sign it.".into())
            }
        };
        let milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = self.clock.now();
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        let attempt = Attempt { status, milliseconds, verdict: verdict(&answer, now) };
        self.db.write_here(|tx| self.record(tx, claimed, &attempt, now))?;
        Ok(attempt)
    }

    /// The request: the same id and body at every attempt, signed with every live secret at this instant.
    fn request(&self, claimed: &Claimed) -> Result<Request<Vec<u8>>, Fault> {
        let now = self.clock.now();
        let secrets = self
            .db
            .read_here(|conn| self.secrets.live(conn, claimed.organization_id, claimed.webhook_id, now))?;
        let (id, seconds) = (claimed.event_id.to_string(), now.utc().timestamp());
        Request::post(&claimed.url)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature(&secrets, &id, seconds, &claimed.body))
            .body(claimed.body.clone().into_bytes())
            .map_err(Fault::broken)
    }

    fn record(&self, tx: &mut Tx<'_>, claimed: &Claimed, attempt: &Attempt, now: Timestamp) -> Result<(), Fault> {
        let webhook = match store::lock(tx, claimed.organization_id, claimed.webhook_id) {
            // Deleted meanwhile, with its deliveries.
            Err(Fault::Missing) => return Ok(()),
            found => found?,
        };
        let is_test = claimed.event_type == PING;
        let (state, due_at, error) = match &attempt.verdict {
            Verdict::Delivered => (DeliveryState::Delivered, now, None),
            Verdict::Gone => (DeliveryState::GivenUp, now, Some("It answered 410 Gone.".to_owned())),
            Verdict::Failed { why, .. } if is_test => (DeliveryState::Failed, now, Some(why.clone())),
            Verdict::Failed { why, wait } => {
                let wait = wait_after(claimed.attempts, noise(), *wait).filter(|_| !webhook.is_disabled());
                let state = if wait.is_some() {
                    DeliveryState::Waiting
                } else {
                    DeliveryState::GivenUp
                };
                (state, now + wait.unwrap_or_default(), Some(why.clone()))
            }
        };
        let result = Attempted {
            state,
            due_at,
            status: attempt.status.map(i64::from),
            milliseconds: attempt.milliseconds,
            error: error.as_deref(),
        };
        if !deliveries::end_attempt(tx, claimed, &result, now)? {
            // The lease ran out, and another process has taken it over.
            return Ok(());
        }
        self.follow(tx, &webhook, &attempt.verdict, is_test, now)
    }

    /// What an attempt means for the webhook itself. A test that fails means nothing, because a person sees it.
    fn follow(&self, tx: &mut Tx<'_>, webhook: &Webhook, verdict: &Verdict, is_test: bool, now: Timestamp) -> Result<(), Fault> {
        match verdict {
            Verdict::Delivered => store::set_failing(tx, webhook.id, None),
            _ if webhook.is_disabled() || is_test => Ok(()),
            Verdict::Gone => self.disable(tx, webhook, DisabledReason::Gone, now),
            Verdict::Failed { .. } => match webhook.failing_since {
                None => store::set_failing(tx, webhook.id, Some(now)),
                Some(since) if now - since >= PATIENCE => self.disable(tx, webhook, DisabledReason::Failing, now),
                Some(_) => Ok(()),
            },
        }
    }

    /// Disables a webhook by itself, and writes to the people who manage it.
    fn disable(&self, tx: &mut Tx<'_>, webhook: &Webhook, reason: DisabledReason, now: Timestamp) -> Result<(), Fault> {
        store::set_status(tx, webhook.id, Some(reason))?;
        deliveries::give_up(tx, webhook.organization_id, webhook.id, now)?;
        let scope = Scope::system(webhook.organization_id, now);
        let event = Event::new("webhook.disabled", "webhook", webhook.id.0, webhook.name());
        audit::record(tx, &scope, event.after(serde_json::json!({ "because": reason.as_str() })))?;
        mail::tell(tx, &self.outbox, webhook, reason, now)
    }
}

/// The failure, short enough for a row of a list.
fn told(failure: &Failure) -> String {
    failure.to_string().chars().take(LONGEST_ERROR).collect()
}

fn noise() -> u8 {
    let mut noise = [0];
    secret::fill(&mut noise);
    noise[0]
}

fn verdict(answer: &Result<Answer, String>, now: Timestamp) -> Verdict {
    match answer {
        Ok(answer) => judge_status(answer.status().as_u16(), answer.header("retry-after"), now),
        Err(why) => Verdict::Failed { why: why.clone(), wait: None },
    }
}

/// The body of an answer is never read: it could be a page of a machine that the person behind the webhook cannot see.
fn judge_status(status: u16, retry_after: Option<&str>, now: Timestamp) -> Verdict {
    let failed = |why: String| Verdict::Failed { why, wait: None };
    match status {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        300..=399 => failed(format!("It answered {status}: redirects are not followed.")),
        429 | 503 => Verdict::Failed {
            why: format!("It answered {status}."),
            wait: retry_after.and_then(|text| read_wait(text, now)),
        },
        _ => failed(format!("It answered {status}.")),
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn read_wait(text: &str, now: Timestamp) -> Option<TimeDelta> {
    let seconds = text.trim().parse::<u32>().ok().map(|seconds| TimeDelta::seconds(seconds.into()));
    seconds.or_else(|| Some(Timestamp::from(DateTime::parse_from_rfc2822(text.trim()).ok()?.to_utc()) - now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_is_success() {
        let now = Timestamp::EPOCH;
        assert_eq!(judge_status(204, None, now), Verdict::Delivered);
        assert_eq!(judge_status(410, None, now), Verdict::Gone);
        for status in [100, 301, 302, 307, 400, 401, 404, 429, 500, 503, 999] {
            assert!(matches!(judge_status(status, None, now), Verdict::Failed { wait: None, .. }), "{status}");
        }
    }

    #[test]
    fn a_busy_receiver_says_when_to_come_again() {
        let now = Timestamp::EPOCH;
        let wait = |status, text| match judge_status(status, Some(text), now) {
            Verdict::Failed { wait, .. } => wait,
            _ => None,
        };
        assert_eq!(wait(429, "120"), Some(TimeDelta::seconds(120)));
        assert_eq!(wait(503, "Thu, 01 Jan 1970 00:10:00 GMT"), Some(TimeDelta::minutes(10)));
        assert_eq!(wait(503, "soon"), None);
        assert_eq!(wait(500, "120"), None);
    }
}
