//! System accounts: members that are programs.

use super::{
    creation::no_seat_left,
    details::{ContactDetails, ContactDetailsPatch, checked},
    edit::Edit,
    listing::SystemAccountListParameters,
    loading::{AttachedPolicy, HeldRole, Loaded, MembershipOfTeam, Status, WHOLE},
    own_fields::{self, SentFields, ToldFields},
};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch, page},
        body::Body,
        endpoints::Endpoint,
        grants::{OF_NEW_MEMBERS, SentGrants, of_new_member},
        object,
        parameters::{NoParameters, Parameters, WriteParameters},
        refusals::of_own,
    },
    db::{Conn, Db},
    directory,
    kit::{Fault, MemberId, MemberKind, OperationError, OperationResult, Scope, Timestamp, rights},
    members::{self, Details, GrantOptions, Member},
    system_accounts::{self, CreateRefusal, Wanted},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A member that is a program.
#[derive(Serialize, ToSchema)]
pub(super) struct SystemAccount {
    pub id: Uuid,
    #[schema(example = "deploy")]
    pub name: String,
    pub details: ContactDetails,
    pub status: Status,
    pub status_changed_at: DateTime<Utc>,
    /// Why it was disabled. Empty if nobody said.
    pub status_reason: String,
    #[schema(required = true)]
    pub last_api_use_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Counts the changes of name and details. The same as the ETag.
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
    /// A page of system accounts.
    SystemAccountPage of SystemAccount
}

impl SystemAccount {
    fn of(member: &Member, loaded: &mut Loaded) -> Self {
        Self {
            id: member.id.0,
            name: member.name.clone(),
            details: ContactDetails::of(member),
            status: member.status.into(),
            status_changed_at: member.status_at.utc(),
            status_reason: member.status_reason.clone(),
            last_api_use_at: member.last_api_use_at.map(Timestamp::utc),
            created_at: member.created_at.utc(),
            version: member.version,
            fields: loaded.fields(member.id),
            roles: loaded.roles(member.id),
            teams: loaded.teams(member.id),
            policies: loaded.policies(member.id),
        }
    }
    /// A system account with all that is told about it.
    pub fn whole(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Self, Fault> {
        scope.demand(rights::SYSTEM_ACCOUNT_READ)?;
        let member = members::find_of(conn, scope, MemberKind::SystemAccount, id)?;
        let mut loaded = Loaded::of(conn, scope, std::slice::from_ref(&member), &WHOLE)?;
        Ok(Self::of(&member, &mut loaded))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs(rights::SYSTEM_ACCOUNT_READ),
        Endpoint::new(__path_create, create)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .refuses(OF_NEW_MEMBERS)
            .records(&["system_account.created"]),
        Endpoint::new(__path_show, show).needs(rights::SYSTEM_ACCOUNT_READ),
        Endpoint::new(__path_update, update)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .versioned()
            .records(&["member.edited"]),
    ]
}

/// List system accounts
#[utoipa::path(get, path = "/api/v1/system_accounts", operation_id = "listSystemAccounts", tag = "System accounts",
    params(SystemAccountListParameters), responses((status = 200, description = "A page of system accounts.", body = SystemAccountPage)))]
async fn index(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    parameters: Parameters<SystemAccountListParameters>,
) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let list_query = wanted.query()?;
    let (page, next) = caller
        .read(&db, move |conn, scope| {
            let found = directory::list(conn, scope, &list_query, wanted.total)?;
            let mut loaded = Loaded::of(conn, scope, &found.members, &wanted.expand)?;
            let data = found.members.iter().map(|member| SystemAccount::of(member, &mut loaded)).collect();
            let next_cursor = found.next.as_ref().map(ToString::to_string);
            Ok::<_, Fault>((SystemAccountPage { data, next_cursor, total: found.total }, found.next))
        })
        .await?;
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// A system account to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSystemAccount {
    /// No other system account has it.
    #[schema(min_length = 1, max_length = 100, example = "deploy")]
    name: String,
    #[serde(default, deserialize_with = "object::optional")]
    details: Option<ContactDetailsPatch>,
    /// The organization's own fields by their keys.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    fields: Option<SentFields>,
    /// Makes an Administrator, which needs no other role and takes no policies.
    administrator: Option<bool>,
    /// The default role, if they are left out.
    #[schema(min_items = 1, max_items = 50)]
    role_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    team_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    policy_ids: Option<Vec<Uuid>>,
}

impl NewSystemAccount {
    fn checked(self, offer: &GrantOptions) -> Result<Wanted, Vec<FieldError>> {
        let mut typed = Details { name: self.name, ..Details::default() };
        self.details.unwrap_or_default().over(&mut typed);
        let sent = SentGrants {
            administrator: self.administrator.unwrap_or_default(),
            role_ids: self.role_ids,
            team_ids: self.team_ids,
            policy_ids: self.policy_ids,
        };
        match (checked(MemberKind::SystemAccount, &typed), sent.checked(offer)) {
            (Ok(details), Ok(grants)) => Ok(Wanted { details, grants }),
            (details, grants) => Err(details.err().into_iter().chain(grants.err()).flatten().collect()),
        }
    }
}

/// Create a system account
///
/// It opens nothing until it has a token.
#[utoipa::path(post, path = "/api/v1/system_accounts", operation_id = "createSystemAccount", tag = "System accounts",
    params(WriteParameters), request_body = NewSystemAccount,
    responses((status = 201, description = "The system account is there.", body = SystemAccount,
        headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<NewSystemAccount>) -> web::Result<HttpResponse> {
    let (offer, _) = caller.read(&db, system_accounts::offer).await?;
    let Body(mut sent) = body;
    let own = own_fields::read(&db, &caller, MemberKind::SystemAccount, sent.fields.take()).await?;
    let mut wanted = sent.checked(&offer).map_err(Problem::fields)?;
    wanted.details.own = own;
    let done = caller.write(&db, how.0, move |tx, scope| {
        let id = system_accounts::create(tx, scope, &wanted)?;
        Ok::<_, OperationError<CreateRefusal>>(SystemAccount::whole(tx, scope, id)?)
    });
    let account = done.await.refused()?.map_err(|refusal| of_creation(&refusal))?;
    let path = format!("/api/v1/system_accounts/{}", account.id);
    Ok(answers::created(&path, account.version, &account))
}

/// Why no system account was created.
fn of_creation(refusal: &CreateRefusal) -> web::Error {
    match refusal {
        CreateRefusal::NameTaken => Problem::field("/name", "taken", refusal).into(),
        CreateRefusal::NoneLeft(usage) => no_seat_left(usage),
        CreateRefusal::Grant(refusal) => of_new_member(refusal),
        CreateRefusal::Own(complaints) => of_own(complaints),
    }
}

/// Read a system account
#[utoipa::path(get, path = "/api/v1/system_accounts/{id}", operation_id = "getSystemAccount", tag = "System accounts",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The system account.", body = SystemAccount, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let account = caller.read(&db, move |conn, scope| SystemAccount::whole(conn, scope, id)).await?;
    Ok(answers::record(account.version, &account))
}

/// Name and details to change. Those that are left out stay as they are.
#[derive(Deserialize, ToSchema, Default, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct SystemAccountPatch {
    /// No other system account has it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "object::optional")]
    pub details: Option<ContactDetailsPatch>,
    /// The organization's own fields by their keys. Those that are left out stay as they are; null empties one. A person is named
    /// by id, address or username.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    pub fields: Option<SentFields>,
}

impl SystemAccountPatch {
    /// These values over present ones.
    fn over(self, present: &Member) -> Details {
        let mut details = Details::of(present);
        if let Some(name) = self.name {
            details.name = name;
        }
        self.details.unwrap_or_default().over(&mut details);
        details
    }
}

/// Change name and details
#[utoipa::path(patch, path = "/api/v1/system_accounts/{id}", operation_id = "updateSystemAccount", tag = "System accounts",
    params(("id" = Uuid, Path), WriteParameters), request_body = SystemAccountPatch,
    responses((status = 200, description = "The system account after the change.", body = SystemAccount, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<SystemAccountPatch>,
) -> web::Result<HttpResponse> {
    let (id, Body(mut patch)) = (id.into_inner(), body);
    let edit = Edit::begin(&db, &caller, MemberKind::SystemAccount, id, &expected).await?;
    let own = own_fields::read(&db, &caller, edit.kind, patch.fields.take()).await?;
    let wanted = checked(edit.kind, &Details { own, ..patch.over(&edit.present) }).map_err(Problem::fields)?;
    let account = edit.save(&db, &caller, how.0, wanted, SystemAccount::whole).await?;
    Ok(answers::record(account.version, &account))
}
