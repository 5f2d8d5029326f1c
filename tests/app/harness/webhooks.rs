//! Webhooks in tests: an app that may call this machine, a receiver, and the worker.

use super::{Person, TestApp, sink::Sink};
use roster::webhooks::WebhookWorker;

impl TestApp {
    /// A fresh installation that may call receivers on this machine.
    pub async fn start_with_webhooks() -> Self {
        Self::start_with(&["--outbound-allow", "127.0.0.0/8"]).await
    }

    /// The worker that sends webhooks, configured as in this process.
    pub fn webhook_worker(&self) -> WebhookWorker {
        WebhookWorker::new(self.roster.webhooks.clone())
    }

    /// Prepares and sends everything that is due to webhooks. Returns the number of attempts.
    pub fn send_webhooks(&self) -> usize {
        self.webhook_worker().send_due().expect("deliveries can be read")
    }

    /// The state and the number of attempts of every delivery, sorted.
    pub fn deliveries(&self) -> Vec<String> {
        self.texts("SELECT state || ' ' || attempts FROM webhook_deliveries ORDER BY state, attempts")
    }
}

/// A webhook as its creator knows it.
#[derive(Clone, Debug)]
pub struct Hook {
    pub id: String,
    pub secret: String,
}

impl Hook {
    pub fn path(&self) -> String {
        format!("/settings/webhooks/{}", self.id)
    }
}

impl Person {
    /// Creates a webhook for this receiver through the form, for all events.
    pub async fn create_webhook(&self, sink: &Sink) -> Hook {
        self.create_webhook_for(sink, &[]).await
    }

    /// Creates a webhook for these types of events; for all if there are none.
    pub async fn create_webhook_for(&self, sink: &Sink, types: &[&str]) -> Hook {
        self.get("/settings/webhooks/new").await.assert_status(200);
        let (action, mut fields) = self.page().form("Create Webhook");
        fields.retain(|(name, _)| !matches!(name.as_str(), "url" | "events"));
        let mut add = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
        add("url", &sink.url());
        add("events", if types.is_empty() { "all" } else { "chosen" });
        for name in types {
            add("event", name);
        }
        let page = self.post_raw(&action, &fields).await.assert_sees("Shown only this once");
        let id = page.link("Done").rsplit('/').next().expect("an id").to_owned();
        Hook { id, secret: page.all("#value").pop().expect("a secret") }
    }
}
