//! What a filter may ask for, and what it has found: counted, sorted, a page of it.

use super::{
    protocol::{
        fault::ScimFault,
        filter::{AttributePath, Filter, Literal, Operator, matches},
        json::get,
        listing::{ListQuery, SortOrder, list_response},
        patch::read_bool,
        projection::Projection,
        schema::{DataType, ResourceKind, find_at, place},
    },
    refusals::Refusal,
};
use crate::{
    kit::{Timestamp, fold},
    web::SCIM_JSON,
};
use actix_web::HttpResponse;
use serde_json::{Map, Value};

/// Refuses to sort or filter by something that is no attribute, or that no answer tells: the order and what is found would
/// tell it. Also a filter that compares what cannot be compared.
///
/// # Errors
/// `invalidValue` of sorting, `invalidFilter`.
pub(super) fn demand_known(query: &ListQuery, kinds: &[ResourceKind]) -> Result<(), Refusal> {
    let is_known = |path: &AttributePath| kinds.iter().any(|kind| is_known(path, *kind));
    if query.sort_by.as_ref().is_some_and(|path| !is_known(path)) {
        return Err(ScimFault::invalid_value("There is no such attribute to sort by.").into());
    }
    let Some(filter) = &query.filter else { return Ok(()) };
    if let Some(why) = miscomparison(filter, kinds) {
        return Err(ScimFault::invalid_filter(why).into());
    }
    if let Some(path) = filter.paths().into_iter().find(|path| !is_known(path)) {
        let detail = format!("There is no attribute {} to filter by.", path.attribute.chars().take(60).collect::<String>());
        return Err(ScimFault::invalid_filter(detail).into());
    }
    Ok(())
}

/// Why a comparison cannot be made (RFC 7644, section 3.4.2.2): booleans have no order and no parts, and a time is compared
/// with a time.
fn miscomparison(filter: &Filter, kinds: &[ResourceKind]) -> Option<&'static str> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().find_map(|part| miscomparison(part, kinds)),
        Filter::Not(inner) => miscomparison(inner, kinds),
        Filter::Compare { path, operator, value } => kinds.iter().find_map(|kind| match (type_of(path, *kind)?, operator, value) {
            (_, Operator::Eq | Operator::Ne, Literal::Null) | (DataType::Boolean, Operator::Eq | Operator::Ne, _) => None,
            (DataType::Boolean, ..) => Some("A boolean is compared by eq and ne only."),
            (DataType::DateTime, _, Literal::String(text)) if Timestamp::read(text).is_some() => None,
            (DataType::DateTime, ..) => Some("A time is compared with a time, such as \"2026-01-31T12:00:00Z\"."),
            _ => None,
        }),
        Filter::Present(_) | Filter::Within { .. } => None,
    }
}

fn type_of(path: &AttributePath, kind: ResourceKind) -> Option<DataType> {
    let attribute = find_at(kind, place(kind, path.schema.as_deref())?, &path.attribute)?;
    let meant = path.sub.as_ref().map_or(Some(attribute), |sub| attribute.sub(sub))?;
    Some(meant.data_type)
}

fn is_known(path: &AttributePath, kind: ResourceKind) -> bool {
    let attribute = place(kind, path.schema.as_deref()).and_then(|place| find_at(kind, place, &path.attribute));
    let is_told = attribute.filter(|attribute| !attribute.name.eq_ignore_ascii_case("password"));
    is_told.is_some_and(|attribute| path.sub.as_ref().is_none_or(|sub| attribute.sub(sub).is_some()))
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

    /// How many there are, and the resources of the page that was asked for.
    pub fn rows(mut self) -> (u64, Vec<Map<String, Value>>) {
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
        (self.total, self.rows.into_iter().map(|(_, resource)| resource).collect())
    }

    /// The page that was asked for.
    pub fn page(self) -> Value {
        let query = self.query;
        let (total, rows) = self.rows();
        page(query, total, rows)
    }
}

/// The page of a list, with what was asked for of each resource.
pub(super) fn page(query: &ListQuery, total: u64, rows: Vec<Map<String, Value>>) -> Value {
    let resources = rows.into_iter().map(|resource| projected(resource, &query.projection));
    list_response(total, query.start_index, resources.collect())
}

pub(super) fn projected(mut resource: Map<String, Value>, projection: &Projection) -> Value {
    projection.apply(&mut resource);
    Value::Object(resource)
}

/// The text by which a resource is sorted: that of the attribute, or of its primary or first element.
fn sort_key(resource: &Map<String, Value>, path: &AttributePath) -> Option<String> {
    let in_extension = path.schema.as_ref().and_then(|urn| get(get(resource, urn)?.as_object()?, &path.attribute));
    let mut value = in_extension.or_else(|| get(resource, &path.attribute))?;
    if let Value::Array(elements) = value {
        let is_primary = |element: &&Value| element.get("primary").and_then(read_bool) == Some(true);
        value = elements.iter().find(is_primary).or_else(|| elements.first())?;
    }
    if let Value::Object(object) = value {
        value = get(object, path.sub.as_deref().unwrap_or("value"))?;
    }
    match value {
        Value::String(text) => Some(fold::searchable(text)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The answer with a list.
pub(super) fn answer(list: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type(SCIM_JSON).body(list.to_string())
}
