//! Connections as the API shows them: the list, and one.

use super::{claim_mapping::Mapping, settings::KindSettings};
use crate::{
    api::{
        Caller,
        answers::{self, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    connections::{
        self, ConnectionKey, ConnectionKind, ConnectionParts, ConnectionSetup, ConnectionStatus, OwnKey, OwnKeyState, Provisioning,
    },
    db::{Conn, Db},
    kit::{ConnectionId, Fault, Scope, Timestamp, rights},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// A way to an identity provider.
#[derive(Serialize, ToSchema)]
pub(super) struct Connection {
    pub id: Uuid,
    #[schema(schema_with = choice::schema::<ConnectionKind>)]
    pub kind: &'static str,
    /// People choose by it on the sign-in page.
    #[schema(example = "Example Ltd")]
    pub name: String,
    #[schema(schema_with = statuses)]
    pub status: &'static str,
    /// Whether it has what it needs to be enabled: client ID and client secret, or the provider and a certificate.
    pub is_complete: bool,
    #[serde(flatten)]
    pub settings: KindSettings,
    /// Certificates of the provider, for SAML. Answers that are signed with one of them are accepted.
    pub certificates: Vec<SamlCertificate>,
    /// The keys of Roster (SAML).
    pub keys: Vec<SamlOwnKey>,
    /// Where the provider sends people back: the redirect URI, or the assertion consumer service of SAML.
    #[schema(example = "https://roster.example/sso/019cdc1f-d680-7000-8000-000000000001/callback")]
    pub callback_url: String,
    /// Where a sign-in begins.
    #[schema(example = "https://roster.example/sso/019cdc1f-d680-7000-8000-000000000001/start")]
    pub start_url: String,
    #[schema(schema_with = provisionings)]
    pub provisioning: &'static str,
    /// Whether people of a verified domain are connected without being asked.
    pub links_domains: bool,
    /// What those who join are given.
    pub role_ids: Vec<Uuid>,
    pub team_ids: Vec<Uuid>,
    pub policy_ids: Vec<Uuid>,
    /// Whether two steps at the provider count as two steps in Roster.
    pub counts_two_steps: bool,
    /// The longest session. Null for as long as elsewhere in the organization.
    #[schema(required = true, example = 480)]
    pub max_age_minutes: Option<i64>,
    /// The roles and teams that follow from what the provider says.
    pub mappings: Vec<Mapping>,
    /// What kept a mapping from being applied at the latest sign-in, for people.
    #[schema(required = true)]
    pub mapping_trouble: Option<String>,
    /// How many people are connected through it.
    pub connected_people: i64,
    /// When an answer of the provider was last accepted.
    #[schema(required = true)]
    pub last_success_at: Option<DateTime<Utc>>,
    /// When one was last refused.
    #[schema(required = true)]
    pub last_failure_at: Option<DateTime<Utc>>,
    /// Why, for people.
    #[schema(required = true)]
    pub last_failure: Option<String>,
    pub created_at: DateTime<Utc>,
    /// The member who created it, if they still exist.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Counts the changes of everything but certificates. The same as the ETag.
    pub version: i64,
}

/// A key of Roster at a SAML provider. Its private part is never shown.
#[derive(Serialize, ToSchema)]
pub(super) struct SamlOwnKey {
    pub id: Uuid,
    /// SHA-256 of its certificate, which the metadata of the connection holds.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub fingerprint: String,
    #[schema(schema_with = key_states)]
    pub state: &'static str,
    pub not_after: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

fn key_states() -> Object {
    choice::described::<OwnKeyState>(
        "`current`: signs requests and decrypts assertions. `next`: is announced, and decrypts. `former`: only decrypts.",
    )
}

impl SamlOwnKey {
    pub fn of(key: &OwnKey) -> Self {
        Self {
            id: key.id.0,
            fingerprint: key.fingerprint.clone(),
            state: key.state.as_str(),
            not_after: key.not_after.utc(),
            created_at: key.created_at.utc(),
        }
    }
}

/// A certificate of a SAML provider.
#[derive(Serialize, ToSchema)]
pub(super) struct SamlCertificate {
    pub id: Uuid,
    /// SHA-256 of the certificate.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub fingerprint: String,
    #[schema(example = "CN=idp.example.com")]
    pub subject: String,
    /// When it ends. Signatures count after that too.
    pub not_after: DateTime<Utc>,
    pub added_at: DateTime<Utc>,
}

page! {
    /// All connections of the organization, on one page.
    ConnectionPage of Connection
}

fn statuses() -> Object {
    choice::described::<ConnectionStatus>(
        "`draft`: it is being set up. `disabled`: nobody signs in through it, and its sessions have ended.",
    )
}

/// The schema of `provisioning`.
pub(super) fn provisionings() -> Object {
    choice::described::<Provisioning>(
        "Who becomes a member by signing in. `none`: nobody. `invited`: people with an open invitation. `domain`: also people with \
            an address of a domain that is verified and bound to the connection. `anyone`: everybody whom the provider lets in.",
    )
}

impl SamlCertificate {
    pub fn of(key: &ConnectionKey) -> Self {
        Self {
            id: key.id.0,
            subject: key.subject(),
            fingerprint: key.fingerprint.clone(),
            not_after: key.not_after.utc(),
            added_at: key.added_at.utc(),
        }
    }
}

impl Connection {
    /// A connection that was read, with what belongs to it.
    fn new(setup: &ConnectionSetup, of: connections::Connection, parts: &ConnectionParts) -> Self {
        let id = of.id;
        let (link, grants) = (|path: String| setup.outbox.link(&path), &of.grants.0);
        Self {
            id: id.0,
            kind: of.kind.as_str(),
            status: of.status.as_str(),
            is_complete: parts.is_complete(&of),
            settings: KindSettings::of(&of, parts.has_secret(id), link(of.entity_path())),
            certificates: parts.certificates(id).iter().map(SamlCertificate::of).collect(),
            keys: parts.own_keys(id).iter().map(SamlOwnKey::of).collect(),
            callback_url: link(of.callback_path()),
            start_url: link(of.start_path()),
            provisioning: of.provisioning.as_str(),
            links_domains: of.links_domains,
            role_ids: grants.roles.iter().map(|id| id.0).collect(),
            team_ids: grants.teams.iter().map(|id| id.0).collect(),
            policy_ids: grants.policies.iter().map(|id| id.0).collect(),
            counts_two_steps: of.counts_two_steps,
            max_age_minutes: of.max_age_minutes,
            mappings: of.mappings.0.iter().map(Mapping::from).collect(),
            connected_people: parts.people(id),
            last_success_at: of.last_success_at.map(Timestamp::utc),
            last_failure_at: of.last_failure_at.map(Timestamp::utc),
            created_at: of.created_at.utc(),
            created_by: of.created_by.map(|id| id.0),
            version: of.version,
            last_failure: of.last_failure,
            mapping_trouble: of.mapping_trouble,
            name: of.name,
        }
    }
    /// Connections that were read, with what belongs to them.
    fn all(conn: &mut Conn, scope: &Scope, setup: &ConnectionSetup, of: Vec<connections::Connection>) -> Result<Vec<Self>, Fault> {
        let ids: Vec<ConnectionId> = of.iter().map(|connection| connection.id).collect();
        let parts = ConnectionParts::load(conn, scope, &ids)?;
        Ok(of.into_iter().map(|connection| Self::new(setup, connection, &parts)).collect())
    }
    pub fn find(conn: &mut Conn, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId) -> Result<Self, Fault> {
        let connection = connections::find(conn, scope, id)?;
        let parts = ConnectionParts::load(conn, scope, &[id])?;
        Ok(Self::new(setup, connection, &parts))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs(rights::CONNECTION_READ),
        Endpoint::new(__path_show, show).needs(rights::CONNECTION_READ),
    ]
}

/// List connections
///
/// All of them, the oldest first: there are at most twenty.
#[utoipa::path(get, path = "/api/v1/connections", operation_id = "listConnections", tag = "Connections",
    responses((status = 200, description = "The connections.", body = ConnectionPage)))]
async fn index(db: Data<Db>, setup: Data<ConnectionSetup>, caller: Caller, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let data = caller.read(&db, move |conn, scope| {
        let all = connections::list(conn, scope)?;
        Connection::all(conn, scope, &setup, all)
    });
    let data = data.await?;
    Ok(HttpResponse::Ok().json(ConnectionPage { data, next_cursor: None, total: None }))
}

/// Read a connection
#[utoipa::path(get, path = "/api/v1/connections/{id}", operation_id = "getConnection", tag = "Connections", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The connection.", body = Connection, headers(("ETag" = String, description = "Its version.")))))]
async fn show(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let connection = caller.read(&db, move |conn, scope| Connection::find(conn, scope, &setup, id)).await?;
    Ok(answers::record(connection.version, &connection))
}
