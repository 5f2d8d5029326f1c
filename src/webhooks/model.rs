//! Webhooks and deliveries as stored, and the pure rules: what is subscribed to, and when the next attempt is due.

use crate::{
    db::{
        Json, MultiBackend,
        schema::{webhook_deliveries, webhooks},
    },
    kit::{AuditEventId, DeliveryId, MemberId, OrganizationId, Timestamp, WebhookId},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;

text_enum! {
    /// Whether a webhook gets events.
    pub enum Status {
        Enabled = "enabled",
        /// The latest attempt failed. It gets events, one at a time.
        Failing = "failing",
        /// It gets none.
        Disabled = "disabled",
    }
}

text_enum! {
    /// Why a webhook is disabled.
    pub enum DisabledReason {
        ByMember = "by_member",
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// Nothing arrived for five days.
        Failing = "failing",
    }
}

text_enum! {
    /// What became of a delivery.
    pub enum DeliveryState {
        /// To be sent, for the first time or again.
        Waiting = "waiting",
        Delivered = "delivered",
        /// A test that did not arrive. It is not sent again.
        Failed = "failed",
        /// Not sent again by itself.
        GivenUp = "given_up",
    }
}

/// A webhook.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = webhooks, check_for_backend(MultiBackend))]
pub struct Webhook {
    pub id: WebhookId,
    pub organization_id: OrganizationId,
    pub url: String,
    pub description: String,
    /// The chosen types of events; `None` is all, also those of later versions.
    pub event_types: Option<Json<Vec<String>>>,
    pub status: Status,
    pub disabled_reason: Option<DisabledReason>,
    pub failing_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub version: i64,
}

impl Webhook {
    /// What lists, letters and the audit trail call it. Never the whole URL: a path may be a secret of the receiver.
    pub fn name(&self) -> String {
        if self.description.is_empty() {
            self.host()
        } else {
            self.description.clone()
        }
    }
    /// The host, with the port if it is not the usual one.
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.url).ok();
        let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
        match host {
            Some((host, Some(port))) => format!("{host}:{port}"),
            Some((host, None)) => host.to_owned(),
            None => self.url.clone(),
        }
    }
    /// The chosen types of events; `None` is all.
    pub fn types(&self) -> Option<&[String]> {
        self.event_types.as_ref().map(|Json(types)| types.as_slice())
    }
    /// Whether it is told of events of this type.
    pub fn wants(&self, event_type: &str) -> bool {
        self.status != Status::Disabled && self.types().is_none_or(|types| types.iter().any(|known| known == event_type))
    }
    pub fn is_disabled(&self) -> bool {
        self.status == Status::Disabled
    }
}

/// One event on its way to one webhook, as lists show it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = webhook_deliveries, check_for_backend(MultiBackend))]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    /// The value of the header `webhook-id`, the same at every attempt.
    pub event_id: AuditEventId,
    pub event_type: String,
    pub state: DeliveryState,
    pub attempts: i64,
    /// When the next attempt is due, while it waits.
    pub due_at: Timestamp,
    /// The status of the latest answer; `None` if there was no answer.
    pub last_status: Option<i64>,
    pub last_ms: Option<i64>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Delivery {
    /// Whether it can be sent again. What waits is sent anyway.
    pub fn can_be_replayed(&self) -> bool {
        self.state != DeliveryState::Waiting && self.event_type != super::events::PING
    }
}

/// How long after a failed attempt the next one is due: the schedule of Standard Webhooks. After the tenth attempt, about
/// three days after the first, a delivery is given up.
const RETRIES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// The longest wait that a receiver can ask for.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

/// How long to wait after this many attempts; `None` when the delivery is given up. `noise` from 0 to 255 delays by up to
/// a fifth, so that what failed together is not tried together again. A receiver may ask for more time, up to a day.
pub(super) fn wait_after(attempts: i64, noise: u8, asked: Option<TimeDelta>) -> Option<TimeDelta> {
    let step = usize::try_from(attempts - 1).ok().and_then(|at| RETRIES.get(at))?;
    let jitter = TimeDelta::milliseconds(step.num_milliseconds() / 5 * i64::from(noise) / 255);
    Some((*step + jitter).max(asked.unwrap_or_default().min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_are_spread_over_three_days() {
        assert_eq!(wait_after(1, 0, None), Some(TimeDelta::seconds(5)));
        assert_eq!(wait_after(1, 255, None), Some(TimeDelta::seconds(6)));
        assert_eq!(wait_after(9, 0, None), Some(TimeDelta::hours(24)));
        assert_eq!(wait_after(10, 0, None), None);
        assert_eq!(wait_after(0, 0, None), None);
        let all = RETRIES.into_iter().fold(TimeDelta::zero(), |sum, step| sum + step);
        assert!(all > TimeDelta::days(3) && all < TimeDelta::days(4), "{all}");
    }

    #[test]
    fn a_receiver_can_ask_for_more_time_but_not_for_less_and_not_for_ever() {
        assert_eq!(wait_after(1, 0, Some(TimeDelta::minutes(2))), Some(TimeDelta::minutes(2)));
        assert_eq!(wait_after(3, 0, Some(TimeDelta::minutes(2))), Some(TimeDelta::minutes(30)));
        assert_eq!(wait_after(1, 0, Some(TimeDelta::days(300))), Some(TimeDelta::hours(24)));
        assert_eq!(wait_after(1, 0, Some(TimeDelta::seconds(-5))), Some(TimeDelta::seconds(5)));
    }
}
