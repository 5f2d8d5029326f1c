//! Changes of a multi-valued attribute and of its elements (RFC 7644 section 3.5.2). All of ours but `schemas` are complex.

use super::super::{
    fault::ScimFault,
    filter::{Filter, Literal, Operator, matches_element},
    json::{self, get, read_bool, set},
    schema::{Attribute, DataType},
};
use super::{
    Change, OperationKind,
    values::{check_simple, sub_values, wrong_type},
};
use serde_json::{Map, Value};

type Element = Map<String, Value>;

/// The most elements of an attribute. Operations compare with every one of them.
const MOST_ELEMENTS: usize = 200;
/// The most comparisons of a path's filter, for the same reason. Clients send one or two.
const MOST_COMPARISONS: usize = 10;

pub(super) fn apply(container: &mut Map<String, Value>, change: &Change) -> Result<(), ScimFault> {
    let present = json::remove(container, change.attribute.name).unwrap_or_default();
    let mut elements: Vec<Element> = json::elements(&present).iter().filter_map(|element| element.as_object().cloned()).collect();
    let only_value = change.filter.is_none() && change.sub.is_none();
    match change.kind {
        OperationKind::Remove => remove(&mut elements, change)?,
        _ if change.value.is_null() => remove(&mut elements, change)?,
        OperationKind::Replace if only_value => replace_all(&mut elements, change)?,
        OperationKind::Add if only_value => append(&mut elements, change)?,
        _ => edit(&mut elements, change)?,
    }
    if elements.len() > MOST_ELEMENTS {
        return Err(ScimFault::invalid_value(format!(
            "{} may have at most {MOST_ELEMENTS} values.",
            change.attribute.name
        )));
    }
    elements.retain(|element| !element.is_empty());
    if !elements.is_empty() {
        set(container, change.attribute.name, elements.into());
    }
    Ok(())
}

/// The elements that the client sends: a list, or one alone.
fn sent(change: &Change) -> Result<Vec<Element>, ScimFault> {
    let sent = json::elements(change.value);
    if sent.len() > MOST_ELEMENTS {
        return Err(ScimFault::invalid_value(format!(
            "{} may have at most {MOST_ELEMENTS} values.",
            change.attribute.name
        )));
    }
    let elements: Vec<Element> = sent.iter().map(|element| sub_values(change.attribute, element)).collect::<Result<_, _>>()?;
    Ok(elements.into_iter().filter(|element| !element.is_empty()).collect())
}

/// The one element that the client sends for what a filter finds.
fn only_one(change: &Change) -> Result<Element, ScimFault> {
    match json::elements(change.value) {
        [element] => sub_values(change.attribute, element),
        _ => Err(wrong_type(change.attribute)),
    }
}

fn replace_all(elements: &mut Vec<Element>, change: &Change) -> Result<(), ScimFault> {
    elements.clear();
    append(elements, change)
}

/// Appends what is not there yet. What is there with the same value and type receives the other sub-attributes.
fn append(elements: &mut Vec<Element>, change: &Change) -> Result<(), ScimFault> {
    let mut changed = Vec::new();
    for element in sent(change)? {
        let at = elements.iter().position(|present| is_same(present, &element)).unwrap_or(elements.len());
        if at == elements.len() {
            elements.push(element);
        } else {
            merge(&mut elements[at], element);
        }
        changed.push(at);
    }
    keep_one_primary(elements, &changed, change.attribute)
}

/// Changes the elements that the filter finds, or all of them if there is no filter.
fn edit(elements: &mut Vec<Element>, change: &Change) -> Result<(), ScimFault> {
    let mut found = found(elements, change)?;
    let is_new = found.is_empty();
    if is_new {
        found.push(elements.len());
        elements.push(change.filter.map_or(Ok(Map::new()), |filter| new_element(filter, change.attribute))?);
    }
    for at in &found {
        let element = &mut elements[*at];
        if let Some(sub) = change.sub {
            check_simple(sub, change.value)?;
            set(element, sub.name, change.value.clone());
        } else {
            let sent = only_one(change)?;
            if change.kind == OperationKind::Replace && !is_new {
                *element = sent;
            } else {
                merge(element, sent);
            }
        }
    }
    keep_one_primary(elements, &found, change.attribute)
}

/// Removes elements, or a sub-attribute of them. Of what says no more than its type nothing is kept.
fn remove(elements: &mut Vec<Element>, change: &Change) -> Result<(), ScimFault> {
    let mut removed = vec![false; elements.len()];
    if change.kind == OperationKind::Remove && change.filter.is_none() && change.sub.is_none() && !change.value.is_null() {
        for element in sent(change)? {
            elements
                .iter()
                .zip(&mut removed)
                .filter(|(present, _)| is_named(present, &element))
                .for_each(|(_, removed)| *removed = true);
        }
    } else {
        for at in found(elements, change)? {
            removed[at] = true;
        }
    }
    if let Some(sub) = change.sub {
        for (element, removed) in elements.iter_mut().zip(&mut removed).filter(|(_, removed)| **removed) {
            json::remove(element, sub.name);
            *removed = element.keys().all(|key| ["type", "primary"].iter().any(|name| key.eq_ignore_ascii_case(name)));
        }
    }
    let mut removed = removed.into_iter();
    elements.retain(|_| !removed.next().unwrap_or_default());
    Ok(())
}

/// The indices of the elements that the filter finds.
fn found(elements: &[Element], change: &Change) -> Result<Vec<usize>, ScimFault> {
    let Some(filter) = change.filter else {
        return Ok((0..elements.len()).collect());
    };
    if filter.paths().len() > MOST_COMPARISONS {
        return Err(ScimFault::invalid_filter(format!(
            "The filter of a path may have at most {MOST_COMPARISONS} comparisons."
        )));
    }
    let is_found = |element: &Element| matches_element(filter, change.attribute, &Value::Object(element.clone()));
    Ok((0..elements.len()).filter(|at| is_found(&elements[*at])).collect())
}

/// The element that a filter such as `type eq "work"` describes. The RFC refuses a filter that finds nothing, but Entra expects
/// the element to be created. A filter for a `value` means one particular element, and is refused.
fn new_element(filter: &Filter, attribute: &Attribute) -> Result<Element, ScimFault> {
    let parts = if let Filter::And(parts) = filter {
        parts.as_slice()
    } else {
        std::slice::from_ref(filter)
    };
    let described: Option<Element> = parts.iter().map(|part| described(part, attribute)).collect();
    described.ok_or_else(|| ScimFault::no_target(format!("{} has no element that the filter finds.", attribute.name)))
}

fn described(part: &Filter, attribute: &Attribute) -> Option<(String, Value)> {
    let Filter::Compare { path, operator: Operator::Eq, value } = part else {
        return None;
    };
    let sub = attribute.sub(&path.attribute).filter(|sub| sub.name != "value")?;
    let value = match value {
        Literal::String(text) => Value::from(text.as_str()),
        Literal::Bool(value) => Value::from(*value),
        Literal::Number(_) | Literal::Null => return None,
    };
    let value = if sub.data_type == DataType::Boolean {
        read_bool(&value)?.into()
    } else {
        value
    };
    check_simple(sub, &value).ok()?;
    Some((sub.name.into(), value))
}

/// Whether two elements are the same value: both have the same `value` and `type`, or no `value` and are equal.
fn is_same(present: &Element, sent: &Element) -> bool {
    let agrees = |name| get(present, name) == get(sent, name);
    if get(sent, "value").is_some() {
        agrees("value") && agrees("type")
    } else {
        present == sent
    }
}

/// Whether a client that removes this value means the element: what it names of `value` and `type` agrees.
fn is_named(present: &Element, sent: &Element) -> bool {
    let agrees = |name| get(sent, name).is_none_or(|sent| get(present, name) == Some(sent));
    if get(sent, "value").is_some() {
        agrees("value") && agrees("type")
    } else {
        sent.keys().all(|name| agrees(name))
    }
}

fn merge(element: &mut Element, sent: Element) {
    for (name, value) in sent {
        set(element, &name, value);
    }
}

/// At most one element is primary (RFC 7643 section 2.4): the one that the client made primary last.
fn keep_one_primary(elements: &mut [Element], changed: &[usize], attribute: &Attribute) -> Result<(), ScimFault> {
    let is_primary = |element: &Element| get(element, "primary").and_then(read_bool) == Some(true);
    let newest: Vec<usize> = changed.iter().copied().filter(|at| is_primary(&elements[*at])).collect();
    let Some(&first) = newest.first() else { return Ok(()) };
    if newest.iter().any(|at| *at != first) {
        return Err(ScimFault::invalid_value(format!("Only one of {} can be primary.", attribute.name)));
    }
    for (at, element) in elements.iter_mut().enumerate() {
        if at != first && is_primary(element) {
            set(element, "primary", false.into());
        }
    }
    Ok(())
}
