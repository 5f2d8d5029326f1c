//! Lists of users. What clients ask every few seconds (one user name, one external id, one address) is found by an index.
//! Any other filter looks at everybody, a part at a time, and one such filter at a time.

use super::{
    caller::ScimCaller,
    found::{Found, answer, demand_known, projected},
    protocol::{
        filter::{AttributePath, Filter, Literal, Operator},
        listing::{ListQuery, list_response},
        schema::ResourceKind,
    },
    refusals::Refusal,
    user,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, rights},
    members,
    provisioning::{self, UserRecord},
};
use actix_web::HttpResponse;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// People who are loaded at once while everybody is looked at.
const PART: i64 = 500;

/// The users of a list.
///
/// # Errors
/// `invalidFilter`, or a missing permission.
pub(super) async fn users(caller: &ScimCaller, query: ListQuery) -> Result<HttpResponse, Refusal> {
    let base = caller.base.clone();
    let is_quick = query.filter.as_ref().map_or(query.sort_by.is_none(), is_indexed);
    let find = move |conn: &mut Conn, scope: &Scope| find_users(conn, scope, &query, &base);
    let found = if is_quick {
        caller.read(find).await?
    } else {
        caller.scan(find).await?
    };
    Ok(answer(&found))
}

fn find_users(conn: &mut Conn, scope: &Scope, query: &ListQuery, base: &str) -> Result<Value, Refusal> {
    scope.demand(rights::USER_READ)?;
    demand_known(query, &[ResourceKind::User])?;
    let found = match &query.filter {
        Some(filter) => candidates(conn, scope, filter)?,
        None if query.sort_by.is_none() => return everybody(conn, scope, query, base),
        None => None,
    };
    let mut all = Found::of(query);
    match found {
        Some(ids) => {
            let has_groups = scope.may(rights::TEAM_READ);
            let records = provisioning::users_among(conn, scope, &ids)?;
            for record in &records {
                all.consider(user::represent(record, base, has_groups));
            }
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
    let resources = records.iter().map(|record| projected(user::represent(record, base, has_groups), &query.projection));
    Ok(list_response(u64::try_from(total).unwrap_or_default(), query.start_index, resources.collect()))
}

pub(super) fn for_everybody(conn: &mut Conn, scope: &Scope, base: &str, mut consider: impl FnMut(Map<String, Value>)) -> Result<(), Fault> {
    let has_groups = scope.may(rights::TEAM_READ);
    let mut last = None;
    loop {
        let records: Vec<UserRecord> = provisioning::users_after(conn, scope, last, PART)?;
        let Some(end) = records.last() else { return Ok(()) };
        last = Some(end.member.id);
        for record in &records {
            consider(user::represent(record, base, has_groups));
        }
    }
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
