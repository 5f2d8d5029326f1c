//! Domains as the API shows them: the list, and one.

use crate::{
    api::{
        Caller,
        answers::{self, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    db::Db,
    domains::{self, DomainState, Method},
    kit::{DomainId, Timestamp, rights},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, Schema},
};
use uuid::Uuid;

/// An email domain of the organization. It means nothing before it is verified.
#[derive(Serialize, ToSchema)]
pub(super) struct Domain {
    pub id: Uuid,
    /// As the DNS has it, in A-labels.
    #[schema(example = "xn--exmple-cua.org")]
    pub name: String,
    /// As people read it.
    #[schema(example = "exämple.org")]
    pub display_name: String,
    #[schema(schema_with = states)]
    pub state: &'static str,
    #[schema(required = true, schema_with = methods)]
    pub method: Option<&'static str>,
    pub record: DomainRecord,
    #[schema(required = true)]
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was verified no longer.
    #[schema(required = true)]
    pub lost_at: Option<DateTime<Utc>>,
    /// When the record was last looked for.
    #[schema(required = true)]
    pub checked_at: Option<DateTime<Utc>>,
    /// What was found instead of the record, for people. Null if it was found.
    #[schema(required = true)]
    pub finding: Option<String>,
    /// The connection that people of this domain sign in through. Null for none.
    #[schema(required = true)]
    pub connection_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    /// The member who added it, if they still exist.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Counts the changes. The same as the ETag.
    pub version: i64,
}

/// The DNS record that proves a domain. Create it, and leave it there: it is looked for every week.
#[derive(Serialize, ToSchema)]
pub(super) struct DomainRecord {
    #[schema(example = "TXT")]
    r#type: &'static str,
    #[schema(example = "_roster-challenge.example.org")]
    name: String,
    #[schema(example = "roster-domain-verification=0123456789abcdef0123456789abcdef01234567")]
    value: String,
}

page! {
    /// All domains of the organization, on one page.
    DomainPage of Domain
}

/// The texts of a state.
const STATES: [&str; 3] = ["waiting", "verified", "lost"];

fn states() -> Object {
    let mut schema = choice::of(STATES.into_iter());
    schema.description =
        Some("`waiting`: not verified yet. `lost`: verified no longer, because the record was missing for too long.".into());
    schema
}

fn methods() -> Schema {
    let description = "Who proves it. `dns`: the record. `operator`: the operator of this Roster. Null if it was never verified.";
    choice::null_or::<Method>().description(Some(description)).into()
}

impl From<domains::Domain> for Domain {
    fn from(domain: domains::Domain) -> Self {
        Self {
            id: domain.id.0,
            display_name: domain.readable(),
            state: match domain.state() {
                DomainState::Waiting => STATES[0],
                DomainState::Verified(_) => STATES[1],
                DomainState::Lost(_) => STATES[2],
            },
            method: domain.method.map(Method::as_str),
            record: DomainRecord { r#type: "TXT", name: domain.record_name(), value: domain.record_value() },
            verified_at: domain.verified_at.map(Timestamp::utc),
            lost_at: domain.lost_at.map(Timestamp::utc),
            checked_at: domain.checked_at.map(Timestamp::utc),
            connection_id: domain.connection_id.map(|id| id.0),
            created_at: domain.created_at.utc(),
            created_by: domain.created_by.map(|id| id.0),
            version: domain.version,
            finding: domain.finding,
            name: domain.name,
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs(rights::CONNECTION_READ),
        Endpoint::new(__path_show, show).needs(rights::CONNECTION_READ),
    ]
}

/// List domains
///
/// All of them, by name: there are at most fifty.
#[utoipa::path(get, path = "/api/v1/domains", operation_id = "listDomains", tag = "Domains",
    responses((status = 200, description = "The domains.", body = DomainPage)))]
async fn index(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let all = caller.read(&db, domains::list).await?;
    let data = all.into_iter().map(Domain::from).collect();
    Ok(HttpResponse::Ok().json(DomainPage { data, next_cursor: None, total: None }))
}

/// Read a domain
#[utoipa::path(get, path = "/api/v1/domains/{id}", operation_id = "getDomain", tag = "Domains", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The domain.", body = Domain, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<DomainId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let domain = Domain::from(caller.read(&db, move |conn, scope| domains::find(conn, scope, id)).await?);
    Ok(answers::record(domain.version, &domain))
}
