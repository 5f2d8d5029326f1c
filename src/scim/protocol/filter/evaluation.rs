//! Whether the JSON of a resource satisfies a filter (RFC 7644 section 3.4.2.2). It calls itself once per level of the filter.

use super::super::{
    json::{elements, get, is_present, read_bool},
    schema::{self, Attribute, DataType, ResourceKind},
};
use super::{AttributePath, Filter, Literal, Operator};
use chrono::DateTime;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// Where the names of a filter are looked up.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource,
    /// Inside brackets: the sub-attributes of this attribute; `None` if the schemas lack it.
    Element(Option<&'a Attribute>),
}

/// Whether a resource satisfies the filter (RFC 7644 section 3.4.2.2).
pub fn matches(filter: &Filter, resource: &Value) -> bool {
    holds(filter, Scope::Resource, resource)
}

/// Whether an element of the multi-valued attribute satisfies the filter in brackets (RFC 7644 section 3.5.2).
pub fn matches_element(filter: &Filter, attribute: &Attribute, element: &Value) -> bool {
    holds(filter, Scope::Element(Some(attribute)), element)
}

fn holds(filter: &Filter, scope: Scope, value: &Value) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| holds(part, scope, value)),
        Filter::Or(parts) => parts.iter().any(|part| holds(part, scope, value)),
        Filter::Not(inner) => !holds(inner, scope, value),
        Filter::Present(path) => values(path, scope, value).into_iter().any(is_present),
        Filter::Compare { path, operator, value: literal } => compare(path, *operator, literal, scope, value),
        Filter::Within { attribute, filter } => {
            let scope_inside = Scope::Element(definition(attribute, scope));
            values(attribute, scope, value).into_iter().any(|element| holds(filter, scope_inside, element))
        }
    }
}

/// Compares every value of the attribute. `ne` is true where there is no value, as it is the opposite of `eq`.
fn compare(path: &AttributePath, operator: Operator, literal: &Literal, scope: Scope, value: &Value) -> bool {
    let values: Vec<&Value> = values(path, scope, value).into_iter().filter_map(comparable).collect();
    let is_exact = compared_definition(path, scope).is_some_and(|attribute| attribute.case_exact);
    let any = |operator| match literal {
        Literal::Null => !values.iter().any(|value| is_present(value)),
        _ => values.iter().any(|value| compare_one(operator, literal, value, is_exact)),
    };
    if operator == Operator::Ne {
        !any(Operator::Eq)
    } else {
        any(operator)
    }
}

/// The value itself, or the sub-attribute `value` of an object (RFC 7644 section 3.4.2.2).
fn comparable(value: &Value) -> Option<&Value> {
    value.as_object().map_or(Some(value), |object| get(object, "value"))
}

/// The values of an attribute. Those of a multi-valued one are many.
fn values<'a>(path: &AttributePath, scope: Scope, value: &'a Value) -> Vec<&'a Value> {
    let in_resource = matches!(scope, Scope::Resource);
    let object = match value.as_object() {
        Some(object) => object,
        // An element that is no object is its own `value`.
        None if !in_resource && path.attribute.eq_ignore_ascii_case("value") => return vec![value],
        None => return Vec::new(),
    };
    let container = match &path.schema {
        Some(urn) if in_resource && !is_core(urn) => get(object, urn).and_then(Value::as_object),
        _ => Some(object),
    };
    let found = container.and_then(|container| get(container, &path.attribute)).map(elements).unwrap_or_default();
    match &path.sub {
        None => found.iter().collect(),
        Some(sub) => found.iter().filter_map(|element| get(element.as_object()?, sub)).collect(),
    }
}

fn is_core(urn: &str) -> bool {
    [schema::USER, schema::GROUP].iter().any(|core| urn.eq_ignore_ascii_case(core))
}

/// The definition of the attribute itself, without its sub-attribute.
fn definition<'a>(path: &AttributePath, scope: Scope<'a>) -> Option<&'a Attribute> {
    let name = &path.attribute;
    match (scope, &path.schema) {
        (Scope::Element(attribute), _) => attribute?.sub(name),
        (Scope::Resource, Some(urn)) if !is_core(urn) => schema::find_enterprise(name),
        (Scope::Resource, _) => schema::find(ResourceKind::User, name).or_else(|| schema::find(ResourceKind::Group, name)),
    }
}

/// The definition of what is compared: the sub-attribute that is named, or `value` of a complex attribute.
fn compared_definition<'a>(path: &AttributePath, scope: Scope<'a>) -> Option<&'a Attribute> {
    let attribute = definition(path, scope)?;
    match &path.sub {
        Some(sub) => attribute.sub(sub),
        None if attribute.data_type == DataType::Complex => attribute.sub("value"),
        None => Some(attribute),
    }
}

fn compare_one(operator: Operator, literal: &Literal, value: &Value, is_exact: bool) -> bool {
    match (literal, value) {
        (Literal::String(sought), Value::String(text)) => compare_text(operator, text, sought, is_exact),
        (Literal::Number(sought), Value::Number(number)) => compare_numbers(number, sought).is_some_and(|order| agrees(operator, order)),
        // Entra writes booleans as text, in values and in filters.
        (Literal::Bool(sought), value) => operator == Operator::Eq && read_bool(value) == Some(*sought),
        (Literal::String(sought), Value::Bool(value)) => {
            operator == Operator::Eq && sought.eq_ignore_ascii_case(if *value { "true" } else { "false" })
        }
        _ => false,
    }
}

fn compare_text(operator: Operator, text: &str, sought: &str, is_exact: bool) -> bool {
    let fold = |text: &str| if is_exact { text.to_owned() } else { text.to_lowercase() };
    let (folded, folded_sought) = (fold(text), fold(sought));
    match operator {
        Operator::Co => folded.contains(&folded_sought),
        Operator::Sw => folded.starts_with(&folded_sought),
        Operator::Ew => folded.ends_with(&folded_sought),
        _ => {
            let times = (DateTime::parse_from_rfc3339(text), DateTime::parse_from_rfc3339(sought));
            let order = if let (Ok(time), Ok(sought)) = times {
                time.cmp(&sought)
            } else {
                folded.cmp(&folded_sought)
            };
            agrees(operator, order)
        }
    }
}

/// Compares integers exactly, and others as floating-point numbers.
fn compare_numbers(number: &Number, sought: &Number) -> Option<Ordering> {
    match (number.as_i128(), sought.as_i128()) {
        (Some(number), Some(sought)) => Some(number.cmp(&sought)),
        _ => number.as_f64()?.partial_cmp(&sought.as_f64()?),
    }
}

fn agrees(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}
