//! Single sign-on in tests: an app that may call this machine, connections to a provider there, and people who sign in.

use super::{
    Page, Person, TestApp,
    identity_provider::{CLIENT, CLIENT_SECRET, IdentityProvider},
};
use actix_web::http::Method;
use roster::{
    connections::{self, ConnectionKind, NewConnection, Provisioning, Settings},
    kit::{ConnectionId, OrganizationId, Scope, secret::SecretString},
    members::Grants,
    roles::{self, Predefined},
};

impl TestApp {
    /// A fresh installation that may call providers on this machine.
    pub async fn start_with_providers() -> Self {
        Self::start_with(&["--outbound-allow", "127.0.0.0/8"]).await
    }

    /// A provider whose clock is this app's.
    pub fn provider(&self) -> IdentityProvider {
        IdentityProvider::start(self.clock.now().utc().timestamp())
    }

    /// An enabled connection to this provider; people get the role User.
    pub fn connect(&self, organization: OrganizationId, provider: &IdentityProvider, provisioning: Provisioning) -> ConnectionId {
        self.connect_with(organization, provider, |new| new.provisioning = provisioning)
    }

    /// An enabled connection to this provider, changed before it is saved.
    pub fn connect_with(
        &self,
        organization: OrganizationId,
        provider: &IdentityProvider,
        change: impl Fn(&mut NewConnection),
    ) -> ConnectionId {
        self.make_connection(organization, ConnectionKind::Oidc, |new| {
            new.settings.issuer = provider.issuer();
            change(new);
        })
    }

    /// An enabled connection of this kind, made by the operator.
    pub fn make_connection(&self, organization: OrganizationId, kind: ConnectionKind, change: impl Fn(&mut NewConnection)) -> ConnectionId {
        let (setup, scope) = (&self.roster.connection_setup, Scope::system(organization, self.clock.now()));
        self.db
            .write_here(|tx| {
                let role = roles::predefined(tx, organization, Predefined::User)?;
                let mut new = NewConnection {
                    name: format!("Acme {}", kind.label()),
                    settings: Settings {
                        client_id: CLIENT.into(),
                        scopes: vec!["email".into(), "profile".into()],
                        ..Settings::default()
                    },
                    secret: Some(SecretString::new(CLIENT_SECRET)),
                    certificates: Vec::new(),
                    provisioning: Provisioning::Invited,
                    links_domains: false,
                    grants: Grants { roles: vec![role], ..Grants::default() },
                    counts_two_steps: true,
                    max_age_minutes: None,
                };
                change(&mut new);
                let connection = connections::create(tx, &scope, setup, kind, &new)?;
                connections::enable(tx, &scope, setup, connection.id)?;
                Ok::<_, roster::kit::OperationError<connections::ConnectionRefusal>>(connection.id)
            })
            .unwrap_or_else(|why| panic!("a connection: {why:?}"))
    }
}

impl Person {
    /// Opens the start of a connection; returns the address at the provider.
    pub async fn start_sign_in(&self, connection: ConnectionId) -> String {
        let page = self.request(Method::GET, &format!("/sso/{connection}/start"), None).await;
        assert_eq!(page.status, 303, "{}", page.text());
        page.went.last().cloned().expect("an address")
    }

    /// Signs in through a connection as whom the provider has planned.
    pub async fn sign_in_through(&self, connection: ConnectionId, provider: &IdentityProvider) -> Page {
        let address = self.start_sign_in(connection).await;
        self.get(&provider.sign_in(&address)).await
    }

    /// Follows the page that leads on to the provider, and comes back.
    pub async fn follow_to(&self, provider: &IdentityProvider) -> Page {
        let address = self.page().link("Continue");
        self.get(&provider.sign_in(&address)).await
    }
}
