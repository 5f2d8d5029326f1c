//! The bodies of `/Schemas`, `/ResourceTypes` and `/ServiceProviderConfig` (RFC 7644 section 4). They are the same for everybody.

use super::{
    ENTERPRISE_USER, ResourceKind,
    attribute::{Attribute, DataType, Mutability, Returned, Uniqueness},
    enterprise,
};
use serde_json::{Value, json};

/// The most resources in a response (RFC 7643 section 5, `filter.maxResults`).
pub const MAX_RESULTS: u32 = 200;
/// The most operations of a bulk request (RFC 7643 section 5, `bulk.maxOperations`).
pub const MAX_BULK_OPERATIONS: usize = 100;
/// The largest bulk request, in octets (RFC 7643 section 5, `bulk.maxPayloadSize`).
pub const MAX_BULK_PAYLOAD: usize = 1_048_576;

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const CONFIGURATION: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// The schemas of users, groups and the enterprise extension (RFC 7643 section 7). `base` is the URL of the service, without a
/// slash at the end.
pub fn schemas(base: &str) -> Vec<Value> {
    let user = ResourceKind::User;
    let group = ResourceKind::Group;
    vec![
        body(base, user.schema(), "User", "A person in the organization.", user.attributes()),
        body(base, group.schema(), "Group", "A team of the organization.", group.attributes()),
        body(
            base,
            ENTERPRISE_USER,
            "EnterpriseUser",
            "A person's place in the organization.",
            enterprise::ATTRIBUTES,
        ),
    ]
}

/// The schema of this URN, ignoring case (RFC 7644 section 4).
pub fn schema(base: &str, id: &str) -> Option<Value> {
    schemas(base)
        .into_iter()
        .find(|schema| schema["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id)))
}

fn body(base: &str, id: &str, name: &str, description: &str, attributes: &[Attribute]) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": id,
        "name": name,
        "description": description,
        "attributes": attributes.iter().map(characteristics).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
    })
}

/// An attribute as RFC 7643 section 7 writes it. The tables are two levels deep, and so is this.
fn characteristics(attribute: &Attribute) -> Value {
    let mut body = json!({
        "name": attribute.name,
        "type": type_word(attribute.data_type),
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "mutability": mutability_word(attribute.mutability),
        "returned": returned_word(attribute.returned),
        "uniqueness": if attribute.uniqueness == Uniqueness::Server { "server" } else { "none" },
    });
    if matches!(attribute.data_type, DataType::String | DataType::Reference | DataType::Binary) {
        body["caseExact"] = attribute.case_exact.into();
    }
    if !attribute.sub_attributes.is_empty() {
        body["subAttributes"] = attribute.sub_attributes.iter().map(characteristics).collect();
    }
    if !attribute.canonical_values.is_empty() {
        body["canonicalValues"] = json!(attribute.canonical_values);
    }
    if !attribute.reference_types.is_empty() {
        body["referenceTypes"] = json!(attribute.reference_types);
    }
    body
}

fn type_word(data_type: DataType) -> &'static str {
    match data_type {
        DataType::String => "string",
        DataType::Boolean => "boolean",
        DataType::DateTime => "dateTime",
        DataType::Binary => "binary",
        DataType::Reference => "reference",
        DataType::Complex => "complex",
    }
}

fn mutability_word(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ReadOnly => "readOnly",
        Mutability::ReadWrite => "readWrite",
        Mutability::Immutable => "immutable",
        Mutability::WriteOnly => "writeOnly",
    }
}

fn returned_word(returned: Returned) -> &'static str {
    match returned {
        Returned::Always => "always",
        Returned::Never => "never",
        Returned::Default => "default",
    }
}

/// The resource types (RFC 7643 section 6).
pub fn resource_types(base: &str) -> Vec<Value> {
    vec![
        resource_type(base, ResourceKind::User, "People in the organization.", &[ENTERPRISE_USER]),
        resource_type(base, ResourceKind::Group, "Teams of the organization.", &[]),
    ]
}

fn resource_type(base: &str, kind: ResourceKind, description: &str, extensions: &[&str]) -> Value {
    let extensions: Vec<Value> = extensions.iter().map(|urn| json!({ "schema": urn, "required": false })).collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "description": description,
        "endpoint": kind.endpoint(),
        "schema": kind.schema(),
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", kind.name()) },
    })
}

/// What the service can do (RFC 7643 section 5).
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": [CONFIGURATION],
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MAX_BULK_OPERATIONS, "maxPayloadSize": MAX_BULK_PAYLOAD },
        "filter": { "supported": true, "maxResults": MAX_RESULTS },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of a system account, in the header Authorization.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}
