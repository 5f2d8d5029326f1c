//! The form of a webhook.

use super::{attempt::Sender, manage::NewWebhook, model::Webhook};
use crate::{
    kit::{Fault, OrganizationId},
    outbound::Target,
    web::{Field, complaints},
};
use serde::{Deserialize, Deserializer, Serialize};

const LONGEST_DESCRIPTION: usize = 100;

/// The form that creates or edits a webhook.
#[derive(Deserialize, Serialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookForm {
    /// The version that the person read.
    pub version: i64,
    pub url: Field,
    pub description: Field,
    /// `all` or `chosen`.
    pub events: Field,
    /// The chosen types.
    #[serde(rename = "event", deserialize_with = "one_or_several")]
    pub chosen: Vec<String>,
}

/// A field that was sent once arrives as text, not as a list of one.
fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrSeveral {
        One(String),
        Several(Vec<String>),
    }
    Ok(match OneOrSeveral::deserialize(from)? {
        OneOrSeveral::One(text) => vec![text],
        OneOrSeveral::Several(texts) => texts,
    })
}

impl WebhookForm {
    /// The form of a new webhook.
    pub(super) fn blank() -> Self {
        Self { events: Field::new("all"), ..Self::default() }
    }
    /// The form as a program sends it. Without types it is told of all.
    pub fn sent(url: String, description: String, event_types: Option<Vec<String>>) -> Self {
        Self {
            url: Field::new(url),
            description: Field::new(description),
            events: Field::new(if event_types.is_some() { "chosen" } else { "all" }),
            chosen: event_types.unwrap_or_default(),
            ..Self::default()
        }
    }
    pub(super) fn of(webhook: &Webhook) -> Self {
        Self {
            version: webhook.version,
            url: Field::new(&webhook.url),
            description: Field::new(&webhook.description),
            events: Field::new(if webhook.types().is_some() { "chosen" } else { "all" }),
            chosen: webhook.types().unwrap_or_default().to_vec(),
        }
    }
    pub(super) fn wants_all(&self) -> bool {
        self.events.value != "chosen"
    }
    pub(super) fn has(&self, name: &str) -> bool {
        self.chosen.iter().any(|chosen| chosen == name)
    }
    /// Checks everything but the URL, whose host has to be resolved.
    fn check(&mut self) -> bool {
        self.events.one_of(["all", "chosen"]);
        if !self.wants_all() && self.chosen.is_empty() {
            self.events.refuse("Choose at least one type of event, or all.");
        }
        let is_described = self.description.optional_line(LONGEST_DESCRIPTION).is_some();
        is_described && !self.events.is_refused()
    }
    /// What the form asks for, with its URL judged. `None` if the form has complaints.
    ///
    /// # Errors
    /// Only faults.
    pub async fn judged(&mut self, sender: &Sender, organization: OrganizationId) -> Result<Option<NewWebhook>, Fault> {
        let is_complete = self.check();
        match sender.judge(organization, &self.url.value).await? {
            Ok(url) => Ok(is_complete.then(|| self.wanted(url))),
            Err(refusal) => {
                self.url.refuse(refusal.to_string());
                Ok(None)
            }
        }
    }
    /// What is wanted, with the URL that was judged.
    fn wanted(&self, url: Target) -> NewWebhook {
        NewWebhook {
            url,
            description: self.description.trimmed().to_owned(),
            event_types: (!self.wants_all()).then(|| self.chosen.clone()),
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("url", &self.url.complaint),
            ("description", &self.description.complaint),
            ("events", &self.events.complaint),
        ])
    }
}

/// The form that deletes a webhook.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeletionForm {
    pub name: Field,
}
