//! Tests of the protocol: the examples of the RFCs, what Entra and Okta send, refusals and limits.

mod clients;
mod elements;
mod evaluation;
mod filters;
mod groups;
mod listings;
mod patches;
mod paths;
mod projections;
mod properties;
mod schemas;

use super::{
    fault::{ScimFault, ScimType},
    patch::{PATCH_OP, apply, read_patch},
    schema::{ENTERPRISE_USER, ResourceKind, USER},
};
use serde_json::{Value, json};

/// A user as Roster answers with one.
fn user() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE_USER],
        "id": "41",
        "externalId": "Ext-7",
        "userName": "Maria.Silva@example.com",
        "name": { "familyName": "Silva", "givenName": "Maria" },
        "displayName": "Maria Silva",
        "userType": "Employee",
        "active": true,
        "emails": [
            { "type": "work", "value": "maria@example.com", "primary": true },
            { "type": "home", "value": "maria@example.org" },
        ],
        "groups": [{ "value": "9", "display": "Sales" }],
        "meta": {
            "resourceType": "User",
            "created": "2026-01-02T03:04:05Z",
            "lastModified": "2026-02-03T04:05:06.7Z",
            "version": "W/\"3\"",
        },
        ENTERPRISE_USER: { "department": "Sales", "manager": { "value": "12" } },
    })
}

/// The user after a PATCH request with these operations.
fn patched(mut user: Value, operations: Value) -> Result<Value, ScimFault> {
    let operations = read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations }))?;
    apply(ResourceKind::User, user.as_object_mut().unwrap(), &operations)?;
    Ok(user)
}

/// The keyword with which the operations are refused.
fn refusal(operations: Value) -> Option<ScimType> {
    patched(user(), operations).unwrap_err().scim_type
}
