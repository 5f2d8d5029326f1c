//! PATCH (RFC 7644 section 3.5.2): the operations of a request, with what Entra and Okta send beyond the RFC.

mod change;
mod elements;
mod group;
mod single;
mod values;

pub use change::apply;
pub use group::{GroupChanges, TextChange, group_changes};

use super::{
    fault::{ScimFault, shown},
    filter::Filter,
    json::{self, elements, get, has_schema},
    path::PatchPath,
    schema::Attribute,
};
use serde_json::Value;

/// The schema of a PATCH request (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The most operations of a request, where each name in the value of an operation counts.
pub const MAX_OPERATIONS: usize = 1000;

/// What an operation does (RFC 7644 section 3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    Add,
    Replace,
    Remove,
}

/// An operation of a PATCH request (RFC 7644 section 3.5.2).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchOperation {
    pub kind: OperationKind,
    pub path: Option<PatchPath>,
    /// What the client sent, also `null`, which unassigns an attribute (RFC 7643 section 2.5).
    pub value: Option<Value>,
}

/// One change of one attribute.
#[derive(Clone, Copy)]
struct Change<'a> {
    kind: OperationKind,
    attribute: &'static Attribute,
    filter: Option<&'a Filter>,
    sub: Option<&'static Attribute>,
    /// `Null` where an operation that removes has no value.
    value: &'a Value,
}

/// Reads the body of a PATCH request (RFC 7644 section 3.5.2). Names and the operations' kinds are compared ignoring case.
///
/// # Errors
///
/// `invalidSyntax` for another body, `invalidPath` for a path, `invalidValue` for a value that is missing, `tooMany` beyond
/// [`MAX_OPERATIONS`].
pub fn read_patch(body: &Value) -> Result<Vec<PatchOperation>, ScimFault> {
    let body = body.as_object().filter(|body| has_schema(body, PATCH_OP));
    let body = body.ok_or_else(|| ScimFault::invalid_syntax(format!("The body is not a PATCH request with the schema {PATCH_OP}.")))?;
    let operations = get(body, "Operations").map(elements).unwrap_or_default();
    if operations.is_empty() {
        return Err(ScimFault::invalid_syntax("The request has no Operations."));
    }
    if operations.iter().map(changes).sum::<usize>() > MAX_OPERATIONS {
        return Err(ScimFault::too_many(format!(
            "The request has more than {MAX_OPERATIONS} operations. Send them in several requests."
        )));
    }
    operations.iter().map(read_operation).collect()
}

/// How many attributes an operation changes: each name in its object can be a path.
fn changes(operation: &Value) -> usize {
    let value = operation.as_object().and_then(|operation| get(operation, "value"));
    value.and_then(Value::as_object).map_or(1, |names| names.len().max(1))
}

fn read_operation(operation: &Value) -> Result<PatchOperation, ScimFault> {
    let operation = operation.as_object().ok_or_else(|| ScimFault::invalid_syntax("An operation is not an object."))?;
    let kind = read_kind(get(operation, "op").and_then(Value::as_str).unwrap_or_default())?;
    let path = match get(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(PatchPath::parse(path)?),
        Some(_) => return Err(ScimFault::invalid_path("A path has to be text.")),
    };
    let value = get(operation, "value").cloned();
    if value.is_none() && kind != OperationKind::Remove {
        return Err(ScimFault::invalid_value("An operation that adds or replaces needs a value."));
    }
    Ok(PatchOperation { kind, path, value })
}

fn read_kind(word: &str) -> Result<OperationKind, ScimFault> {
    match word.to_ascii_lowercase().as_str() {
        "add" => Ok(OperationKind::Add),
        "replace" => Ok(OperationKind::Replace),
        "remove" => Ok(OperationKind::Remove),
        _ => Err(ScimFault::invalid_syntax(format!("An operation is add, replace or remove, not {}.", shown(word)))),
    }
}

/// A boolean, also as the text "True" or "False" in any case, which Entra sends (RFC 7643 section 2.3.2 has booleans only).
pub fn read_bool(value: &Value) -> Option<bool> {
    json::read_bool(value)
}

/// A remove operation without a path says nothing about what is removed (RFC 7644 section 3.5.2.2).
fn without_path() -> ScimFault {
    ScimFault::no_target("An operation that removes needs a path.")
}
