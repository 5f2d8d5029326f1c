//! Connections to identity providers in tests: a provider's discovery document, the forms, and identities without a
//! sign-in.

use super::{Person, TestApp, app::email_of, sink::Sink};
use roster::{
    identities::{self, LinkedHow, NewIdentity},
    kit::{ConnectionId, Fault},
    users,
};
use serde_json::json;

/// A client secret that must be found nowhere.
pub const CLIENT_SECRET: &str = "Vq8~plum.basket-Orinoco_31";

/// A server with a discovery document that names itself as the issuer.
pub fn provider() -> Sink {
    let sink = Sink::start();
    sink.answer_with("200 OK", &document(&sink.origin()));
    sink
}

/// The discovery document of an issuer.
pub fn document(issuer: &str) -> String {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    })
    .to_string()
}

impl Person {
    /// Creates a draft of a connection with OpenID Connect. Returns the path of its page.
    pub async fn create_connection(&self, name: &str, provider: &Sink) -> String {
        self.get("/settings/connections/new/oidc").await.assert_status(200);
        let issuer = provider.origin();
        let typed = [
            ("name", name),
            ("issuer", issuer.as_str()),
            ("client_id", "roster"),
            ("client_secret", CLIENT_SECRET),
        ];
        let page = self.submit("Save draft", &typed).await.assert_status(200).assert_sees("is created");
        page.path[page.path.find("/settings").expect("a path of settings")..].to_owned()
    }

    /// Creates and enables a connection.
    pub async fn enable_connection(&self, name: &str, provider: &Sink) -> String {
        let path = self.create_connection(name, provider).await;
        self.submit("Enable", &[]).await.assert_sees("The connection is enabled");
        path
    }
}

impl TestApp {
    /// Connects a person with the connection at this path, as if they had signed in through it.
    pub fn link_identity(&self, path: &str, name: &str) {
        let connection: ConnectionId = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let now = self.clock.now();
        self.db
            .write_here(|tx| {
                let user = users::find_by_name(tx, &email_of(name))?.expect("somebody");
                let organization = roster::connections::find_for_sign_in(tx, connection)?.organization_id;
                let (subject, email) = (format!("subject of {name}"), email_of(name));
                let new = NewIdentity {
                    organization,
                    connection,
                    subject: &subject,
                    user: user.id,
                    email: &email,
                    name,
                    how: LinkedHow::Themselves,
                };
                identities::link(tx, &new, now).map_err(|_| Fault::broken("it is connected already"))
            })
            .expect("an identity");
    }

    /// Takes away everybody's password but that of the person with this name.
    pub fn keep_only_password_of(&self, name: &str) {
        self.execute(&format!(
            "DELETE FROM passwords WHERE user_id NOT IN (SELECT user_id FROM members WHERE name = '{name}' AND user_id IS NOT NULL)"
        ));
    }

    /// Everybody's sessions are as if they had been begun through the connection with this name.
    pub fn carry_sessions_over(&self, name: &str) {
        self.execute(&format!(
            "UPDATE sessions SET identity_id = (SELECT i.id FROM identities i JOIN connections c ON c.id = i.connection_id \
             WHERE c.name = '{name}' AND i.user_id = sessions.user_id), \
             password_changed_at = (SELECT p.changed_at FROM passwords p WHERE p.user_id = sessions.user_id)"
        ));
    }
}
