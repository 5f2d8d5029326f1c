//! `GET /api/v1/access/who`: everybody who may do something, and what allows it.

use super::{
    Caller,
    answers::{self, page},
    authorization::{Because, because},
    choice,
    endpoints::Endpoint,
    parameters::Parameters,
};
use crate::{
    access::who::{self, AllowedMember},
    authorization::Question,
    db::Db,
    kit::{MemberId, MemberKind, rights},
    web::{self, Problem},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// The question, and which page of the answer.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WhoParameters {
    /// `resource:action:scope`. Or ask for an action on a resource type.
    #[param(example = "user:manage:*")]
    permission: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    /// One resource. Without it, everybody who may act on at least one of them.
    resource_id: Option<String>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl WhoParameters {
    fn question(&self) -> web::Result<Question> {
        let wrong = |field: &str, text: &str| web::Error::from(Problem::field(field, "invalid", text));
        match (self.permission.clone(), self.action.clone(), self.resource_type.clone(), self.resource_id.clone()) {
            (Some(permission), None, None, None) => {
                let read = permission.parse().map(Question::Permission);
                read.map_err(|why: String| wrong("?permission", &why))
            }
            (None, Some(action), Some(resource_type), Some(resource_id)) => Ok(Question::Action { action, resource_type, resource_id }),
            (None, Some(action), Some(resource_type), None) => Ok(Question::AnyResource { action, resource_type }),
            _ => Err(wrong("?permission", "Ask for a permission, or for an action and a resource_type.")),
        }
    }
}

fn kind() -> Object {
    choice::described::<MemberKind>("A person or a system account.")
}

/// Somebody who may do it.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberWhoMay {
    member: Uuid,
    #[schema(schema_with = kind)]
    kind: &'static str,
    name: String,
    /// Null for system accounts.
    #[schema(required = true)]
    email: Option<String>,
    /// Every role, team and policy that allows it: each reason has a `kind`, what it names, and a sentence as `text`.
    #[schema(value_type = Vec<Object>)]
    because: Vec<Because>,
}

page! {
    /// A page of the members who may do it.
    MemberWhoMayPage of MemberWhoMay
}

impl From<AllowedMember> for MemberWhoMay {
    fn from(member: AllowedMember) -> Self {
        Self {
            member: member.id.0,
            kind: member.kind.as_str(),
            name: member.name,
            email: member.email,
            because: because(member.because),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_index, index).needs(rights::ROLE_READ)]
}

/// List who may do something
///
/// Everybody who is active and has a permission, or may act on a resource. In the order in which they came to the organization. It
/// also needs `policy:read:*`, `team:read:*`, `user:read:*` and `system_account:read:*`: a list with some of them left out would be wrong.
#[utoipa::path(get, path = "/api/v1/access/who", operation_id = "listWhoMay", tag = "Authorization", params(WhoParameters),
    responses((status = 200, description = "A page of members.", body = MemberWhoMayPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<WhoParameters>) -> web::Result<HttpResponse> {
    let wanted = parameters.0;
    let (question, limit) = (wanted.question()?, answers::limit(wanted.limit)?);
    let after = answers::cursor::<MemberId>(wanted.cursor.as_deref())?;
    let found = caller.read(&db, move |conn, scope| who::page(conn, scope, &question, after, limit)).await?;
    let page = MemberWhoMayPage {
        next_cursor: found.next.map(|id| id.to_string()),
        data: found.members.into_iter().map(MemberWhoMay::from).collect(),
        total: None,
    };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}
