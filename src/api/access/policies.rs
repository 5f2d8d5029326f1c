//! Policies: allow rules on an organization's own resources.

use super::{
    deletion::{Deletion, DeletionParameters, deleted},
    member_lists::{MemberOfPolicy, MemberOfPolicyPage},
    name_lists::{CountedListParameters, MembersCount, window},
    policy_rules::PolicyRule,
    refusals,
};
use crate::{
    access,
    api::{
        Caller,
        answers::{self, IfMatch, PageParameters, page},
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    kit::{Fault, OperationResult, PolicyId, Scope, rights},
    policies::{self, Content, Rule},
    web::{self, Field, complaints},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rules that allow actions on the organization's own resources.
#[derive(Serialize, ToSchema)]
pub(super) struct Policy {
    pub id: Uuid,
    #[schema(example = "Contract signers")]
    pub name: String,
    pub description: String,
    pub rules: Vec<PolicyRule>,
    /// Counts the changes. The same as the ETag.
    pub version: i64,
    /// How many members it is attached to. Lists have it with `expand=members_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_count: Option<MembersCount>,
}

page! {
    /// A page of policies.
    PolicyPage of Policy
}

impl Policy {
    fn of(policy: &policies::Policy, members_count: Option<MembersCount>) -> Self {
        Self {
            id: policy.id.0,
            name: policy.name.clone(),
            description: policy.description.clone(),
            rules: policy.rules.iter().map(PolicyRule::from).collect(),
            version: policy.version,
            members_count,
        }
    }
    /// A policy with the number of members to whom it is attached.
    fn whole(conn: &mut Conn, scope: &Scope, id: PolicyId) -> Result<Self, Fault> {
        scope.demand(rights::POLICY_READ)?;
        let policy = policies::find(conn, scope.organization, id)?;
        let count = access::policies::count(conn, scope, id)?;
        Ok(Self::of(&policy, Some(count.into())))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::POLICY_MANAGE).refuses(&["beyond-your-permissions"]);
    vec![
        Endpoint::new(__path_index, index).needs(rights::POLICY_READ),
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["policy.created"]),
        Endpoint::new(__path_show, show).needs(rights::POLICY_READ),
        changing(Endpoint::new(__path_update, update))
            .versioned()
            .refuses(&["own-access"])
            .records(&["policy.edited"]),
        changing(Endpoint::new(__path_delete, delete))
            .refuses(&["own-access", "in-use"])
            .records(&["policy.deleted"]),
        Endpoint::new(__path_members, members).needs(rights::POLICY_READ),
    ]
}

/// List policies
///
/// By name.
#[utoipa::path(get, path = "/api/v1/policies", operation_id = "listPolicies", tag = "Policies", params(CountedListParameters),
    responses((status = 200, description = "A page of policies.", body = PolicyPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<CountedListParameters>) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let (window, limit) = (window::<PolicyId>(wanted.cursor.as_deref())?, answers::limit(wanted.limit)?);
    let page = caller.read(&db, move |conn, scope| {
        scope.demand(rights::POLICY_READ)?;
        let found = policies::page(conn, scope.organization, &window, limit)?;
        let ids: Vec<PolicyId> = found.rows.iter().map(|policy| policy.id).collect();
        let counts = (!wanted.expand.is_empty()).then(|| access::policies::counts_of(conn, scope, &ids)).transpose()?;
        let count = |policy: &policies::Policy| counts.as_ref().map(|counts| counts.get(&policy.id).cloned().unwrap_or_default().into());
        Ok::<_, Fault>(PolicyPage {
            next_cursor: found.next().map(|policy| policy.cursor().to_string()),
            data: found.rows.iter().map(|policy| Policy::of(policy, count(policy))).collect(),
            total: wanted.total.then(|| policies::count(conn, scope.organization)).transpose()?,
        })
    });
    let page = page.await?;
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

/// Read a policy
#[utoipa::path(get, path = "/api/v1/policies/{id}", operation_id = "getPolicy", tag = "Policies", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The policy.", body = Policy, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<PolicyId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let policy = caller.read(&db, move |conn, scope| Policy::whole(conn, scope, id)).await?;
    Ok(answers::record(policy.version, &policy))
}

/// A new policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPolicy {
    /// No other policy has it.
    #[schema(min_length = 1, max_length = 60, example = "Contract signers")]
    pub name: String,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// What it allows, never more than the caller may do.
    #[serde(deserialize_with = "crate::api::object::each")]
    #[schema(min_items = 1, max_items = 50)]
    pub rules: Vec<PolicyRule>,
}

/// What to change of a policy. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyPatch {
    #[schema(min_length = 1, max_length = 60)]
    pub name: Option<String>,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// All rules that the policy has afterwards.
    #[serde(default, deserialize_with = "crate::api::object::optional_each")]
    #[schema(min_items = 1, max_items = 50)]
    pub rules: Option<Vec<PolicyRule>>,
}

impl NewPolicy {
    fn content(self) -> web::Result<Content> {
        checked(self.name, self.description.unwrap_or_default(), self.rules.into_iter().map(Rule::from).collect())
    }
}

impl PolicyPatch {
    /// These values over present ones.
    fn over(self, present: policies::Policy) -> web::Result<Content> {
        let rules = self.rules.map(|rules| rules.into_iter().map(Rule::from).collect());
        checked(
            self.name.unwrap_or(present.name),
            self.description.unwrap_or(present.description),
            rules.unwrap_or(present.rules),
        )
    }
}

/// Checks name and description as in the console. The operation checks the rules.
fn checked(name: String, description: String, rules: Vec<Rule>) -> web::Result<Content> {
    let (mut name, mut description) = (Field::new(name), Field::new(description));
    match access::policies::check_names(&mut name, &mut description) {
        Some((name, description)) => Ok(Content { name, description, rules }),
        None => Err(refusals::of_form(complaints([("name", &name.complaint), ("description", &description.complaint)]))),
    }
}

/// Create a policy
///
/// It is attached to nobody yet.
#[utoipa::path(post, path = "/api/v1/policies", operation_id = "createPolicy", tag = "Policies", params(WriteParameters), request_body = NewPolicy,
    responses((status = 201, description = "The policy.", body = Policy, headers(
        ("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<NewPolicy>) -> web::Result<HttpResponse> {
    let wanted = body.0.content()?;
    let created = caller.write(&db, how.0, move |tx, scope| {
        let id = access::policies::create(tx, scope, &wanted)?;
        Ok(Policy::whole(tx, scope, id)?)
    });
    let policy = created.await.refused()?.map_err(|refusal| refusals::of_policy(&refusal))?;
    Ok(answers::created(&format!("/api/v1/policies/{}", policy.id), policy.version, &policy))
}

/// Change a policy
///
/// It holds from the next request of everybody who has the policy. A dry run answers with `members_count`: how many that are.
#[utoipa::path(patch, path = "/api/v1/policies/{id}", operation_id = "updatePolicy", tag = "Policies",
    params(("id" = Uuid, Path), WriteParameters), request_body = PolicyPatch,
    responses((status = 200, description = "The policy after the change.", body = Policy, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<PolicyId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<PolicyPatch>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let find = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::POLICY_MANAGE)?;
        policies::find(conn, scope.organization, id)
    };
    let present = caller.read(&db, find).await?;
    let (version, wanted) = (expected.version(present.version)?, body.0.over(present)?);
    let changed = caller.write(&db, how.0, move |tx, scope| {
        access::policies::edit(tx, scope, id, version, &wanted)?;
        Ok(Policy::whole(tx, scope, id)?)
    });
    let policy = changed.await.refused()?.map_err(|refusal| refusals::of_policy(&refusal))?;
    Ok(answers::record(policy.version, &policy))
}

/// Delete a policy
///
/// For good. With `detach=true` it is detached from everybody to whom it is attached.
#[utoipa::path(delete, path = "/api/v1/policies/{id}", operation_id = "deletePolicy", tag = "Policies",
    params(("id" = Uuid, Path), DeletionParameters), responses((status = 200, description = "It is deleted.", body = Deletion)))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<PolicyId>, how: Parameters<DeletionParameters>) -> web::Result<HttpResponse> {
    let (id, how) = (id.into_inner(), how.0);
    let done = caller.write(&db, how.write(), move |tx, scope| access::policies::delete(tx, scope, id, how.detach));
    let (_, members) = done.await.refused()?.map_err(|refusal| refusals::of_policy(&refusal))?;
    Ok(deleted(members))
}

/// List to whom a policy is attached
///
/// People and system accounts, disabled ones too. In the order in which they came to the organization.
/// `GET /users?policy=` finds and sorts people.
#[utoipa::path(get, path = "/api/v1/policies/{id}/members", operation_id = "listMembersOfPolicy", tag = "Policies",
    params(("id" = Uuid, Path), PageParameters),
    responses((status = 200, description = "A page of members.", body = MemberOfPolicyPage)))]
async fn members(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<PolicyId>,
    parameters: Parameters<PageParameters>,
) -> web::Result<HttpResponse> {
    let (id, (after, limit)) = (id.into_inner(), parameters.0.read()?);
    let list = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::POLICY_READ)?;
        policies::find(conn, scope.organization, id)?;
        access::policies::members(conn, scope, id, after, limit)
    };
    let found = caller.read(&db, list).await?;
    let next_cursor = found.next().map(|member| member.id.to_string());
    let data = found.rows.into_iter().map(MemberOfPolicy::from).collect();
    let page = MemberOfPolicyPage { data, next_cursor, total: None };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}
