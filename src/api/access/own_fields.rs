//! The fields that the organization declared for its members.

use super::name_lists::{NameListParameters, whole_list};
use crate::{
    api::{Caller, answers::page, endpoints::Endpoint, parameters::Parameters},
    db::{Conn, Db},
    kit::{Fault, MemberKind, Scope, rights},
    own_fields::{self, Bearers, FieldKind, OwnField, SeenBy, Standing},
    web,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A field that the organization declared.
#[derive(Serialize, ToSchema)]
pub(super) struct DeclaredField {
    pub id: Uuid,
    /// Its name in `fields` of a member, in files and in filters. Never changes.
    #[schema(example = "cost_center")]
    pub key: String,
    pub name: String,
    /// What a value is: `text`, `number`, `date`, `choice`, `link` or `person`.
    #[schema(value_type = String)]
    pub kind: FieldKind,
    pub help: String,
    /// What can be chosen, if it is a choice.
    pub choices: Vec<FieldChoice>,
    /// Which members have it: `people`, `system_accounts` or `both`.
    #[schema(value_type = String)]
    pub bearers: Bearers,
    /// Who sees it: `everybody` who may see the member, or `managers` of members.
    #[schema(value_type = String)]
    pub seen_by: SeenBy,
    /// People change their own value.
    pub is_self_edited: bool,
    /// It is asked of people who accept an invitation.
    pub is_asked_at_acceptance: bool,
    pub is_required: bool,
}

/// One of the values of a field of kind choice.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldChoice {
    /// What `fields` of a member holds.
    pub key: String,
    pub label: String,
}

page! {
    /// A page of fields.
    DeclaredFieldPage of DeclaredField
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_index, index).needs(rights::USER_READ)]
}

/// List fields
///
/// Those that the organization declared for its members, as far as the caller sees their values.
#[utoipa::path(get, path = "/api/v1/fields", operation_id = "listFields", tag = "Fields", params(NameListParameters),
    responses((status = 200, description = "A page of fields, by key.", body = DeclaredFieldPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<NameListParameters>) -> web::Result<HttpResponse> {
    let all = caller.read(&db, seen).await?;
    whole_list(
        &req,
        &parameters.0,
        all,
        |one| one.key.as_str(),
        |data, next_cursor, total| DeclaredFieldPage { data, next_cursor, total },
    )
}

fn seen(conn: &mut Conn, scope: &Scope) -> Result<Vec<DeclaredField>, Fault> {
    scope.demand(rights::USER_READ)?;
    let may_manage = MemberKind::ALL.into_iter().any(|kind| scope.may(rights::manage(kind)));
    let standing = Standing { is_me: true, may_manage };
    let declared = |field: OwnField| DeclaredField {
        id: field.id.0,
        key: field.key,
        name: field.name,
        kind: field.kind,
        help: field.help,
        choices: field
            .choices
            .into_iter()
            .map(|choice| FieldChoice { key: choice.key, label: choice.label })
            .collect(),
        bearers: field.bearers,
        seen_by: field.seen_by,
        is_self_edited: field.is_self_edited,
        is_asked_at_acceptance: field.is_asked,
        is_required: field.is_required,
    };
    let all = own_fields::list(conn, scope.organization)?;
    Ok(all.into_iter().filter(|field| field.is_seen(standing)).map(declared).collect())
}
