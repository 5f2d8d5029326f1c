//! People: the User Directory.

use super::{
    details::{ContactDetails, ContactDetailsPatch, checked},
    edit::Edit,
    listing::UserListParameters,
    loading::{AttachedPolicy, HeldRole, Loaded, MembershipOfTeam, Status, WHOLE},
    own_fields::{self, SentFields, ToldFields},
};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch, page},
        body::Body,
        endpoints::Endpoint,
        object,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    directory,
    kit::{Fault, MemberId, MemberKind, Scope, Timestamp, rights},
    members::{self, Details, Member},
    web::{self, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person in the organization.
#[derive(Serialize, ToSchema)]
pub(super) struct User {
    pub id: Uuid,
    /// Sign-in name. Never changes.
    #[schema(example = "ada")]
    pub username: String,
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// The display name.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub details: ContactDetails,
    pub status: Status,
    pub status_changed_at: DateTime<Utc>,
    /// Why they were disabled. Empty if nobody said.
    pub status_reason: String,
    /// How they sign in: `local`, or the kind of their identity provider.
    #[schema(example = "local")]
    pub provider: String,
    #[schema(required = true)]
    pub last_sign_in_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub last_api_use_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    #[schema(required = true)]
    pub joined_at: Option<DateTime<Utc>>,
    /// Counts the changes of names and details. The same as the ETag.
    pub version: i64,
    /// The organization's own fields by their keys, as far as the caller sees them: text as it is, numbers and days as text, a
    /// choice by its key, a person by their id. Null where nothing is known. See `GET /api/v1/fields`.
    pub fields: ToldFields,
    /// Lists have it with `expand=roles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<HeldRole>>,
    /// Lists have it with `expand=teams`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<MembershipOfTeam>>,
    /// Lists have it with `expand=policies`. Left out for callers without `policy:read:*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<AttachedPolicy>>,
}

page! {
    /// A page of people.
    UserPage of User
}

impl User {
    fn of(member: &Member, loaded: &mut Loaded) -> Self {
        let (email, username) = loaded.identity(member.id);
        Self {
            id: member.id.0,
            username,
            email,
            name: member.name.clone(),
            first_name: member.first_name.clone(),
            last_name: member.last_name.clone(),
            details: ContactDetails::of(member),
            status: member.status.into(),
            status_changed_at: member.status_at.utc(),
            status_reason: member.status_reason.clone(),
            provider: member.provider.clone(),
            last_sign_in_at: member.last_sign_in_at.map(Timestamp::utc),
            last_api_use_at: member.last_api_use_at.map(Timestamp::utc),
            created_at: member.created_at.utc(),
            joined_at: member.joined_at.map(Timestamp::utc),
            version: member.version,
            fields: loaded.fields(member.id),
            roles: loaded.roles(member.id),
            teams: loaded.teams(member.id),
            policies: loaded.policies(member.id),
        }
    }
    /// A person with all that is told about them.
    pub fn whole(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Self, Fault> {
        let scope = &members::towards(conn, scope, id)?;
        scope.demand(rights::USER_READ)?;
        let member = members::find_of(conn, scope, MemberKind::User, id)?;
        let mut loaded = Loaded::of(conn, scope, std::slice::from_ref(&member), &WHOLE)?;
        Ok(Self::of(&member, &mut loaded))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs_over_teams(rights::USER_READ),
        Endpoint::new(__path_show, show).needs_over_teams(rights::USER_READ),
        Endpoint::new(__path_update, update)
            .needs_over_teams(rights::USER_MANAGE)
            .versioned()
            .records(&["member.edited"]),
    ]
}

/// List people
///
/// The User Directory, with its filters and orders.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "listUsers", tag = "Users", params(UserListParameters),
    responses((status = 200, description = "A page of people.", body = UserPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<UserListParameters>) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let list_query = wanted.query()?;
    let (page, next) = caller
        .read(&db, move |conn, scope| {
            let found = directory::list(conn, scope, &list_query, wanted.total)?;
            let mut loaded = Loaded::of(conn, scope, &found.members, &wanted.expand)?;
            let data = found.members.iter().map(|member| User::of(member, &mut loaded)).collect();
            let next_cursor = found.next.as_ref().map(ToString::to_string);
            Ok::<_, Fault>((UserPage { data, next_cursor, total: found.total }, found.next))
        })
        .await?;
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// Read a person
#[utoipa::path(get, path = "/api/v1/users/{id}", operation_id = "getUser", tag = "Users", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The person.", body = User, headers(("ETag" = String, description = "Their version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let user = caller.read(&db, move |conn, scope| User::whole(conn, scope, id)).await?;
    Ok(answers::record(user.version, &user))
}

/// Names and contact details to change. Those that are left out stay as they are.
#[derive(Deserialize, ToSchema, Default, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct UserPatch {
    #[schema(max_length = 100)]
    pub first_name: Option<String>,
    #[schema(max_length = 100)]
    pub last_name: Option<String>,
    /// The display name. It follows first and last name if it did before.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "object::optional")]
    pub details: Option<ContactDetailsPatch>,
    /// The organization's own fields by their keys. Those that are left out stay as they are; null empties one. A person is named
    /// by id, address or username.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    pub fields: Option<SentFields>,
}

impl UserPatch {
    /// These values over present ones.
    fn over(self, present: &Member) -> Details {
        let mut details = Details::of(present);
        for (value, field) in [
            (self.first_name, &mut details.first_name),
            (self.last_name, &mut details.last_name),
            (self.name, &mut details.name),
        ] {
            if let Some(value) = value {
                *field = value;
            }
        }
        self.details.unwrap_or_default().over(&mut details);
        details
    }
}

/// Change names and contact details
#[utoipa::path(patch, path = "/api/v1/users/{id}", operation_id = "updateUser", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), request_body = UserPatch,
    responses((status = 200, description = "The person after the change.", body = User, headers(("ETag" = String, description = "Their new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<UserPatch>,
) -> web::Result<HttpResponse> {
    let (id, Body(mut patch)) = (id.into_inner(), body);
    let edit = Edit::begin(&db, &caller, MemberKind::User, id, &expected).await?;
    let own = own_fields::read(&db, &caller, edit.kind, patch.fields.take()).await?;
    let wanted = checked(edit.kind, &Details { own, ..patch.over(&edit.present) }).map_err(Problem::fields)?;
    let user = edit.save(&db, &caller, how.0, wanted, User::whole).await?;
    Ok(answers::record(user.version, &user))
}
