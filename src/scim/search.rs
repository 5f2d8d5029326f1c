//! Lists of users and groups: filters, sorting and paging. What clients ask every few seconds (one user name, one external
//! id, one address) is found by an index. Any other filter looks at everybody, a part at a time.

use super::{
    caller::ScimCaller,
    group, groups,
    protocol::{
        fault::ScimFault,
        filter::{AttributePath, Filter, Literal, Operator, matches},
        listing::{ListQuery, SortOrder, list_response},
        projection::Projection,
        schema::{ResourceKind, find_at, place},
    },
    reading,
    refusals::Refusal,
    user,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, TeamId, fold, rights},
    members,
    provisioning::{self, UserRecord},
    web::{self, Routes, SCIM_JSON},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, post},
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// People who are loaded at once while everybody is looked at.
const PART: i64 = 500;

pub(super) fn mount(app: &mut Routes) {
    app.service(web::resource("/scim/v2/.search").route(post().to(search_all)));
    app.service(web::resource("/scim/v2/Users/.search").route(post().to(search_users)));
    app.service(web::resource("/scim/v2/Groups/.search").route(post().to(search_groups)));
}

async fn search_users(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    users(&caller, ListQuery::from_body(&reading::body(&req, &bytes)?)?).await
}

async fn search_groups(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    groups::list(&caller, ListQuery::from_body(&reading::body(&req, &bytes)?)?).await
}

/// Users, then groups, as one list (RFC 7644, section 3.4.3). Attributes of one kind are absent from the other.
async fn search_all(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let query = ListQuery::from_body(&reading::body(&req, &bytes)?)?;
    let base = caller.base.clone();
    let _turn = caller.turn_to_scan().await?;
    let found = caller.read(move |conn, scope| {
        scope.demand(rights::USER_READ)?;
        scope.demand(rights::TEAM_READ)?;
        let both = [ResourceKind::User, ResourceKind::Group];
        if let Some(filter) = &query.filter {
            demand_known(filter, &both)?;
        }
        let mut all = Found::of(&query);
        for_everybody(conn, scope, &base, |resource| all.consider(resource))?;
        let groups = provisioning::all_groups(conn, scope)?;
        let ids: Vec<TeamId> = groups.iter().map(|record| record.team.id).collect();
        let people = provisioning::people_of_groups(conn, scope, &ids)?;
        for record in &groups {
            let members = people.get(&record.team.id).map(Vec::as_slice).unwrap_or_default();
            all.consider(group::resource(record, Some(members), &base));
        }
        Ok::<_, Refusal>(all.page())
    });
    Ok(answer(&found.await?))
}

/// The users of a list.
///
/// # Errors
/// `invalidFilter`, or a missing permission.
pub(super) async fn users(caller: &ScimCaller, query: ListQuery) -> Result<HttpResponse, Refusal> {
    let base = caller.base.clone();
    let is_quick = query.filter.as_ref().map_or(query.sort_by.is_none(), is_indexed);
    let _turn = if is_quick { None } else { Some(caller.turn_to_scan().await?) };
    Ok(answer(&caller.read(move |conn, scope| find_users(conn, scope, &query, &base)).await?))
}

fn find_users(conn: &mut Conn, scope: &Scope, query: &ListQuery, base: &str) -> Result<Value, Refusal> {
    scope.demand(rights::USER_READ)?;
    let Some(filter) = &query.filter else {
        if query.sort_by.is_none() {
            return everybody(conn, scope, query, base);
        }
        let mut all = Found::of(query);
        for_everybody(conn, scope, base, |resource| all.consider(resource))?;
        return Ok(all.page());
    };
    demand_known(filter, &[ResourceKind::User])?;
    let mut all = Found::of(query);
    match candidates(conn, scope, filter)? {
        Some(ids) => {
            let has_groups = scope.may(rights::TEAM_READ);
            let records = provisioning::users_among(conn, scope, &ids)?;
            records.iter().for_each(|record| all.consider(user::resource(record, base, has_groups)));
        }
        None => for_everybody(conn, scope, base, |resource| all.consider(resource))?,
    }
    Ok(all.page())
}

/// A page of all people, in the order of their creation.
fn everybody(conn: &mut Conn, scope: &Scope, query: &ListQuery, base: &str) -> Result<Value, Refusal> {
    let tallies = members::tallies(conn, scope.organization)?;
    let of_people = tallies.into_iter().filter(|(kind, ..)| *kind == MemberKind::User);
    let total: i64 = of_people.map(|(.., members)| members).sum();
    let records = match query.count {
        0 => vec![],
        count => provisioning::users_part(conn, scope, query.start_index - 1, i64::from(count))?,
    };
    let has_groups = scope.may(rights::TEAM_READ);
    let resources = records.iter().map(|record| projected(user::resource(record, base, has_groups), &query.projection));
    Ok(list_response(u64::try_from(total).unwrap_or_default(), query.start_index, resources.collect()))
}

fn for_everybody(conn: &mut Conn, scope: &Scope, base: &str, mut consider: impl FnMut(Map<String, Value>)) -> Result<(), Fault> {
    let has_groups = scope.may(rights::TEAM_READ);
    let mut last = None;
    loop {
        let records: Vec<UserRecord> = provisioning::users_after(conn, scope, last, PART)?;
        let Some(end) = records.last() else { return Ok(()) };
        last = Some(end.member.id);
        records.iter().for_each(|record| consider(user::resource(record, base, has_groups)));
    }
}

/// Refuses a filter about something that is no attribute, or that no answer tells: what a filter finds would tell it.
///
/// # Errors
/// `invalidFilter`.
pub(super) fn demand_known(filter: &Filter, kinds: &[ResourceKind]) -> Result<(), Refusal> {
    for path in filter.paths() {
        if !kinds.iter().any(|kind| is_known(&path, *kind)) {
            let detail = format!("There is no attribute {} to filter by.", path.attribute.chars().take(60).collect::<String>());
            return Err(ScimFault::invalid_filter(detail).into());
        }
    }
    Ok(())
}

fn is_known(path: &AttributePath, kind: ResourceKind) -> bool {
    let attribute = place(kind, path.schema.as_deref()).and_then(|place| find_at(kind, place, &path.attribute));
    let is_told = attribute.filter(|attribute| !attribute.name.eq_ignore_ascii_case("password"));
    is_told.is_some_and(|attribute| path.sub.as_ref().is_none_or(|sub| attribute.sub(sub).is_some()))
}

/// Whether an index tells whom the filter finds.
fn is_indexed(filter: &Filter) -> bool {
    match filter {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::String(_) } => {
            let name = path.attribute.to_ascii_lowercase();
            let is_of_emails = name == "emails" && path.sub.as_ref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
            is_of_emails || (["username", "externalid", "id"].contains(&name.as_str()) && path.sub.is_none())
        }
        Filter::Within { attribute, filter } => attribute.attribute.eq_ignore_ascii_case("emails") && address_in(filter).is_some(),
        Filter::And(parts) => parts.iter().any(is_indexed),
        _ => false,
    }
}

/// The people among whom everybody is whom the filter finds, if an index tells them.
fn candidates(conn: &mut Conn, scope: &Scope, filter: &Filter) -> Result<Option<BTreeSet<MemberId>>, Fault> {
    if !is_indexed(filter) {
        return Ok(None);
    }
    match filter {
        Filter::Compare { path, value: Literal::String(text), .. } => Ok(Some(by_index(conn, scope, path, text)?)),
        Filter::Within { filter, .. } => match address_in(filter) {
            Some(address) => Ok(Some(provisioning::by_address(conn, scope, address)?)),
            None => Ok(None),
        },
        Filter::And(parts) => {
            let mut found: Option<BTreeSet<MemberId>> = None;
            for part in parts {
                let Some(ids) = candidates(conn, scope, part)? else { continue };
                found = Some(found.map_or(ids.clone(), |found| found.intersection(&ids).copied().collect()));
            }
            Ok(found)
        }
        _ => Ok(None),
    }
}

fn by_index(conn: &mut Conn, scope: &Scope, path: &AttributePath, text: &str) -> Result<BTreeSet<MemberId>, Fault> {
    // PostgreSQL refuses to compare with it.
    if text.contains('\0') {
        return Ok(BTreeSet::new());
    }
    match path.attribute.to_ascii_lowercase().as_str() {
        "username" => provisioning::by_user_name(conn, scope, text),
        "externalid" => provisioning::by_external_id(conn, scope, text),
        "id" => Ok(text.parse().into_iter().collect()),
        _ => provisioning::by_address(conn, scope, text),
    }
}

/// The address that an element has to have.
fn address_in(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::String(text) } => {
            path.attribute.eq_ignore_ascii_case("value").then_some(text)
        }
        Filter::And(parts) => parts.iter().find_map(address_in),
        _ => None,
    }
}

/// What a filter has found so far. Without sorting, only the rows of the page are kept.
pub(super) struct Found<'a> {
    query: &'a ListQuery,
    total: u64,
    /// Each with its sort key.
    rows: Vec<(Option<String>, Map<String, Value>)>,
}

impl<'a> Found<'a> {
    pub fn of(query: &'a ListQuery) -> Self {
        Self { query, total: 0, rows: vec![] }
    }

    /// Counts a resource if the filter finds it.
    pub fn consider(&mut self, resource: Map<String, Value>) {
        let resource = Value::Object(resource);
        if self.query.filter.as_ref().is_some_and(|filter| !matches(filter, &resource)) {
            return;
        }
        self.total += 1;
        let place = i64::try_from(self.total).unwrap_or(i64::MAX) - self.query.start_index;
        let is_on_page = (0..i64::from(self.query.count)).contains(&place);
        let Value::Object(resource) = resource else { return };
        match &self.query.sort_by {
            Some(path) => self.rows.push((sort_key(&resource, path), resource)),
            None if is_on_page => self.rows.push((None, resource)),
            None => {}
        }
    }

    /// The page that was asked for.
    pub fn page(mut self) -> Value {
        let query = self.query;
        if query.sort_by.is_some() {
            // What has no value comes last (RFC 7644, section 3.4.2.3).
            let key = |row: &(Option<String>, _)| (row.0.is_none(), row.0.clone());
            self.rows.sort_by_cached_key(key);
            if query.sort_order == SortOrder::Descending {
                self.rows.reverse();
            }
            let before = usize::try_from(query.start_index - 1).unwrap_or(usize::MAX);
            self.rows = self.rows.into_iter().skip(before).take(query.count as usize).collect();
        }
        let resources = self.rows.into_iter().map(|(_, resource)| projected(resource, &query.projection));
        list_response(self.total, query.start_index, resources.collect())
    }
}

fn projected(mut resource: Map<String, Value>, projection: &Projection) -> Value {
    projection.apply(&mut resource);
    Value::Object(resource)
}

/// The text by which a resource is sorted: that of the attribute, or of its primary or first element.
fn sort_key(resource: &Map<String, Value>, path: &AttributePath) -> Option<String> {
    let find = |object: &Map<String, Value>, name: &str| {
        let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let outer = match &path.schema {
        Some(urn) => find(resource, urn).and_then(|extension| find(extension.as_object()?, &path.attribute)),
        None => None,
    };
    let mut value = outer.or_else(|| find(resource, &path.attribute))?;
    if let Value::Array(elements) = &value {
        let is_primary = |element: &&Value| element.get("primary").is_some_and(|primary| *primary == Value::Bool(true));
        value = elements.iter().find(is_primary).or_else(|| elements.first())?.clone();
    }
    if let Value::Object(object) = &value {
        value = find(object, path.sub.as_deref().unwrap_or("value"))?;
    }
    match value {
        Value::String(text) => Some(fold::searchable(&text)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The answer with a list.
pub(super) fn answer(list: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type(SCIM_JSON).body(list.to_string())
}
