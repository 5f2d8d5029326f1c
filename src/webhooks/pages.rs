//! Pages of `webhooks`: one struct per template, with what it shows.

use super::{
    events::{EventType, GROUPS},
    forms::WebhookForm,
    manage::MOST,
    model::{Delivery, DeliveryState, DisabledReason, Status, Webhook},
    secrets::SigningSecret,
};
use crate::{
    kit::{Timestamp, rights},
    web::{Field, MemberContext, filters},
};
use askama::Template;

/// The path of the list within the organization.
pub(super) const LIST: &str = "/settings/webhooks";

/// The list.
#[derive(Template)]
#[template(path = "webhooks/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub all: Vec<Webhook>,
}

impl Index {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::WEBHOOK_MANAGE)
    }
    pub fn is_full(&self) -> bool {
        self.all.len() >= MOST
    }
}

/// The form of a new webhook or of one that is there.
#[derive(Template)]
#[template(path = "webhooks/form.html")]
pub(super) struct FormPage {
    pub context: MemberContext,
    pub form: WebhookForm,
    /// The webhook that is edited.
    pub edited: Option<Webhook>,
}

impl FormPage {
    pub fn groups(&self) -> &'static [(&'static str, &'static [EventType])] {
        &GROUPS
    }
    pub fn back(&self) -> String {
        self.edited.as_ref().map_or_else(|| self.context.path(LIST), |webhook| path(&self.context, webhook))
    }
}

/// A new secret, shown once.
#[derive(Template)]
#[template(path = "webhooks/secret.html")]
pub(super) struct NewSecret {
    pub context: MemberContext,
    pub webhook: Webhook,
    pub secret: SigningSecret,
    pub is_new: bool,
}

/// The question before a new secret.
#[derive(Template)]
#[template(path = "webhooks/rotation.html")]
pub(super) struct Rotation {
    pub context: MemberContext,
    pub webhook: Webhook,
}

/// The question before a deletion.
#[derive(Template)]
#[template(path = "webhooks/deletion.html")]
pub(super) struct Deletion {
    pub context: MemberContext,
    pub webhook: Webhook,
    pub typed: Field,
}

/// One webhook with its latest deliveries.
#[derive(Template)]
#[template(path = "webhooks/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub webhook: Webhook,
    pub created_by: Option<String>,
    /// When replaced secrets that still sign end.
    pub overlap: Vec<Timestamp>,
    pub latest: Vec<Delivery>,
    /// The test whose result is shown.
    pub test: Option<Delivery>,
}

impl Show {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::WEBHOOK_MANAGE)
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn base(&self) -> String {
        path(&self.context, &self.webhook)
    }
    /// Why a test that was answered with a redirect did not arrive. Other statuses speak for themselves.
    pub fn redirected(&self) -> Option<&str> {
        let test = self.test.as_ref()?;
        let is_redirect = (300..400).contains(&test.last_status?);
        test.last_error.as_deref().filter(|_| is_redirect)
    }
}

/// One delivery.
#[derive(Template)]
#[template(path = "webhooks/delivery.html")]
pub(super) struct DeliveryPage {
    pub context: MemberContext,
    pub webhook: Webhook,
    pub delivery: Delivery,
    /// `None` if the caller may not see it.
    pub body: Option<String>,
}

impl DeliveryPage {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::WEBHOOK_MANAGE)
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn base(&self) -> String {
        path(&self.context, &self.webhook)
    }
    /// The body with line breaks, for reading. It is signed without them.
    pub fn pretty(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(self.body.as_ref()?).ok()?;
        serde_json::to_string_pretty(&value).ok()
    }
}

/// The path of a webhook's page.
pub(super) fn path(context: &MemberContext, webhook: &Webhook) -> String {
    context.path(format!("{LIST}/{}", webhook.id))
}
