//! Creating, editing, disabling and deleting webhooks, and giving them new secrets.

use super::{
    deliveries, events,
    model::{DisabledReason, Webhook},
    secrets::{self, Secrets, SigningSecret},
    store::{self, Fields},
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, OperationError, Scope, Timestamp, WebhookId, rights},
    members,
    outbound::Target,
    throttle::Wait,
};
use serde_json::{Map, Value, json};

/// The most webhooks of an organization: each costs a request for every event.
pub const MOST: usize = 20;

/// What a caller wants a webhook to be. The URL was judged.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    pub url: Target,
    pub description: String,
    /// Names of types; `None` is all.
    pub event_types: Option<Vec<String>>,
}

impl NewWebhook {
    fn fields(&self) -> Fields<'_> {
        Fields {
            url: self.url.as_str(),
            description: &self.description,
            event_types: self.event_types.as_deref(),
        }
    }
    fn check(&self) -> Outcome<()> {
        let unknown = |name: &&String| !events::all().any(|kind| kind.name == **name);
        match &self.event_types {
            Some(types) if types.is_empty() => refuse(WebhookRefusal::NoType),
            Some(types) => types.iter().find(unknown).map_or(Ok(()), |name| refuse(WebhookRefusal::UnknownType(name.clone()))),
            None => Ok(()),
        }
    }
}

/// Why an operation on a webhook is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    #[error("There are {MOST} webhooks already. Delete one that nobody needs any more.")]
    TooMany,
    #[error("Choose at least one type of event, or all.")]
    NoType,
    #[error("{0} is no type of event.")]
    UnknownType(String),
    #[error("Somebody else changed this webhook meanwhile. Look at it again before you save.")]
    Meanwhile,
    #[error("This webhook is disabled. Enable it first.")]
    Disabled,
    #[error("This is being sent already.")]
    Waiting,
    #[error("A test is not sent again. Start another one.")]
    IsTest,
    #[error("That were many tests. The next can follow in a minute.")]
    TooManyTests(Wait),
}

pub(super) type Outcome<T> = Result<T, OperationError<WebhookRefusal>>;

pub(super) fn refuse<T>(refusal: WebhookRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

/// Every webhook of the organization.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<Webhook>, Fault> {
    scope.demand(rights::WEBHOOK_READ)?;
    store::list(conn, scope.organization)
}

/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: WebhookId) -> Result<Webhook, Fault> {
    scope.demand(rights::WEBHOOK_READ)?;
    store::find(conn, scope.organization, id)
}

/// When replaced secrets that still sign end, the latest first.
///
/// # Errors
/// [`Fault::Denied`].
pub fn overlap(conn: &mut Conn, scope: &Scope, id: WebhookId) -> Result<Vec<Timestamp>, Fault> {
    scope.demand(rights::WEBHOOK_READ)?;
    secrets::ends(conn, scope.organization, id, scope.now())
}

/// Creates a webhook. Its secret is shown once.
///
/// # Errors
/// A [`WebhookRefusal`] or [`Fault::Denied`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, secrets: &Secrets, new: &NewWebhook) -> Outcome<(Webhook, SigningSecret)> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::WEBHOOK_MANAGE)?;
    new.check()?;
    if store::list(tx, scope.organization)?.len() >= MOST {
        return refuse(WebhookRefusal::TooMany);
    }
    let id = store::insert(tx, scope.organization, &new.fields(), scope.actor.member_id(), scope.now())?;
    let secret = secrets.replace(tx, scope.organization, id, scope.now())?;
    let webhook = store::find(tx, scope.organization, id)?;
    record(tx, scope, "webhook.created", &webhook, |event| event.after(facts(&webhook).into()))?;
    Ok((webhook, secret))
}

/// Changes the URL, the description and the events, over the version that the caller saw. Returns whether anything
/// changed.
///
/// # Errors
/// A [`WebhookRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn update(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId, version: i64, wanted: &NewWebhook) -> Outcome<bool> {
    let (scope, present) = begin(tx, scope, id)?;
    if present.version != version {
        return refuse(WebhookRefusal::Meanwhile);
    }
    wanted.check()?;
    let fields = Fields {
        url: &present.url,
        description: &present.description,
        event_types: present.types(),
    };
    if fields == wanted.fields() {
        return Ok(false);
    }
    store::update(tx, id, &wanted.fields())?;
    let now = store::find(tx, scope.organization, id)?;
    let mut after = facts(&now);
    if present.url != now.url {
        after.insert("url_changed".into(), true.into());
    }
    record(tx, &scope, "webhook.edited", &now, |event| event.before(facts(&present).into()).after(after.into()))?;
    Ok(true)
}

/// Gives the webhook a new secret, which is shown once. The old one signs for a day beside it.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn rotate(tx: &mut Tx<'_>, scope: &Scope, secrets: &Secrets, id: WebhookId) -> Result<(Webhook, SigningSecret), Fault> {
    let (scope, webhook) = begin(tx, scope, id)?;
    let secret = secrets.replace(tx, scope.organization, id, scope.now())?;
    record(tx, &scope, "webhook.secret_rotated", &webhook, |event| event)?;
    Ok((webhook, secret))
}

/// Sends no more events to the webhook; what waits is given up. Returns whether it was enabled.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn disable(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId) -> Result<bool, Fault> {
    let (scope, webhook) = begin(tx, scope, id)?;
    if webhook.is_disabled() {
        return Ok(false);
    }
    store::set_status(tx, id, Some(DisabledReason::ByMember))?;
    deliveries::give_up(tx, scope.organization, id, scope.now())?;
    record(tx, &scope, "webhook.disabled", &webhook, |event| {
        event.after(json!({ "because": DisabledReason::ByMember.as_str() }))
    })?;
    Ok(true)
}

/// Sends events again, from now on. Returns whether it was disabled.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn enable(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId) -> Result<bool, Fault> {
    let (scope, webhook) = begin(tx, scope, id)?;
    if !webhook.is_disabled() {
        return Ok(false);
    }
    store::set_status(tx, id, None)?;
    record(tx, &scope, "webhook.enabled", &webhook, |event| event)?;
    Ok(true)
}

/// Deletes the webhook with its secrets and deliveries.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId) -> Result<Webhook, Fault> {
    let (scope, webhook) = begin(tx, scope, id)?;
    store::delete(tx, scope.organization, id)?;
    record(tx, &scope, "webhook.deleted", &webhook, |event| event.before(facts(&webhook).into()))?;
    Ok(webhook)
}

/// The beginning of every change: permissions are read again under the lock, and the webhook is locked.
pub(super) fn begin(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId) -> Result<(Scope, Webhook), Fault> {
    let scope = members::reauthorize(tx, scope)?;
    scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = store::lock(tx, scope.organization, id)?;
    Ok((scope, webhook))
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    action: &'static str,
    webhook: &Webhook,
    with: impl FnOnce(Event) -> Event,
) -> Result<(), Fault> {
    audit::record(tx, scope, with(Event::new(action, "webhook", webhook.id.0, webhook.name())))
}

/// The values for the audit trail. Of the URL only the host: a path may be a secret of the receiver.
fn facts(webhook: &Webhook) -> Map<String, Value> {
    let types = webhook.types().map_or_else(|| json!("all"), |types| json!(types));
    let facts = [
        ("host", json!(webhook.host())),
        ("description", json!(webhook.description)),
        ("events", types),
    ];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
