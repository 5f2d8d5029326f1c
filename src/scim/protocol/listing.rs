//! Lists of resources: the parameters of a query (RFC 7644 section 3.4.2), of a search request (3.4.3), and the response.

use super::{
    fault::{ScimFault, shown},
    filter::{AttributePath, Filter},
    json::{elements, get, has_schema},
    pairs::parameter,
    projection::Projection,
    schema::MAX_RESULTS,
};
use serde_json::{Map, Value, json};

/// The schema of a search request (RFC 7644 section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The schema of a list response (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The resources of a response if the client does not say how many.
const DEFAULT_COUNT: u32 = 100;

/// The order of a list (RFC 7644 section 3.4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    #[default]
    Ascending,
    Descending,
}

/// What a client asks of a list (RFC 7644 section 3.4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    pub filter: Option<Filter>,
    /// The first resource of the response, counted from 1.
    pub start_index: i64,
    /// The most resources of the response; 0 asks for the total only.
    pub count: u32,
    pub sort_by: Option<AttributePath>,
    pub sort_order: SortOrder,
    pub projection: Projection,
}

impl ListQuery {
    /// Reads the decoded pairs of a query string (RFC 7644 section 3.4.2). What is no parameter of SCIM is ignored.
    ///
    /// # Errors
    ///
    /// `invalidFilter` for the filter, `invalidValue` for anything else that cannot be read or is sent twice.
    pub fn from_pairs(pairs: &[(String, String)]) -> Result<Self, ScimFault> {
        let number = |name| parameter(pairs, name)?.map(|text| integer(name, text)).transpose();
        Ok(Self {
            filter: parameter(pairs, "filter")?.map(Filter::parse).transpose()?,
            start_index: start_index(number("startIndex")?),
            count: count(number("count")?),
            sort_by: parameter(pairs, "sortBy")?.map(sort_by).transpose()?,
            sort_order: parameter(pairs, "sortOrder")?.map(sort_order).transpose()?.unwrap_or_default(),
            projection: Projection::from_pairs(pairs)?,
        })
    }

    /// Reads the body of a request to `/.search` (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    ///
    /// `invalidSyntax` if it is no search request, otherwise as [`ListQuery::from_pairs`].
    pub fn from_body(body: &Value) -> Result<Self, ScimFault> {
        let body = body.as_object().filter(|body| has_schema(body, SEARCH_REQUEST));
        let body =
            body.ok_or_else(|| ScimFault::invalid_syntax(format!("The body is not a search request with the schema {SEARCH_REQUEST}.")))?;
        Ok(Self {
            filter: text_of(body, "filter")?.map(Filter::parse).transpose()?,
            start_index: start_index(integer_of(body, "startIndex")?),
            count: count(integer_of(body, "count")?),
            sort_by: text_of(body, "sortBy")?.map(sort_by).transpose()?,
            sort_order: text_of(body, "sortOrder")?.map(sort_order).transpose()?.unwrap_or_default(),
            projection: Projection::read(&names_of(body, "attributes")?, &names_of(body, "excludedAttributes")?)?,
        })
    }
}

fn integer(name: &str, text: &str) -> Result<i128, ScimFault> {
    text.trim()
        .parse()
        .map_err(|_| ScimFault::invalid_value(format!("{name} has to be a whole number, not {}.", shown(text))))
}

fn integer_of(body: &Map<String, Value>, name: &str) -> Result<Option<i128>, ScimFault> {
    match get(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => integer(name, &value.as_number().map(ToString::to_string).unwrap_or_default()).map(Some),
    }
}

fn text_of<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ScimFault> {
    match get(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ScimFault::invalid_value(format!("{name} has to be text."))),
    }
}

fn names_of<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Vec<&'a str>, ScimFault> {
    let names = get(body, name).map(elements).unwrap_or_default();
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    names.ok_or_else(|| ScimFault::invalid_value(format!("{name} has to be a list of names.")))
}

/// Anything before the first resource means the first (RFC 7644 section 3.4.2.4).
fn start_index(sent: Option<i128>) -> i64 {
    i64::try_from(sent.unwrap_or(1).max(1)).unwrap_or(i64::MAX)
}

/// A negative count means none (RFC 7644 section 3.4.2.4).
fn count(sent: Option<i128>) -> u32 {
    let sent = sent.unwrap_or(DEFAULT_COUNT.into()).clamp(0, MAX_RESULTS.into());
    u32::try_from(sent).unwrap_or(MAX_RESULTS)
}

fn sort_by(text: &str) -> Result<AttributePath, ScimFault> {
    AttributePath::parse(text)
        .ok_or_else(|| ScimFault::invalid_value(format!("sortBy has to be the name of an attribute, not {}.", shown(text))))
}

fn sort_order(text: &str) -> Result<SortOrder, ScimFault> {
    if text.eq_ignore_ascii_case("ascending") {
        Ok(SortOrder::Ascending)
    } else if text.eq_ignore_ascii_case("descending") {
        Ok(SortOrder::Descending)
    } else {
        Err(ScimFault::invalid_value(format!(
            "sortOrder has to be ascending or descending, not {}.",
            shown(text)
        )))
    }
}

/// A page of resources (RFC 7644 section 3.4.2). `total` counts all that the filter finds, also those of other pages.
pub fn list_response(total: u64, start_index: i64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
