//! The schemas that Roster publishes (RFC 7643 section 7), and error responses.

use super::super::{
    fault::{ScimFault, ScimType},
    schema::{
        ENTERPRISE_USER, GROUP, Mutability, ResourceKind, Returned, USER, Uniqueness, find, find_enterprise, resource_types, schema,
        schemas, service_provider_config,
    },
};
use serde_json::{Value, json};

const BASE: &str = "https://roster.example/scim/v2";

#[test]
fn attributes_are_found_ignoring_case() {
    let user_name = find(ResourceKind::User, "USERname").unwrap();
    assert!(user_name.required && !user_name.case_exact && user_name.uniqueness == Uniqueness::Server);
    let password = find(ResourceKind::User, "password").unwrap();
    assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
    assert_eq!(find(ResourceKind::User, "groups").unwrap().mutability, Mutability::ReadOnly);
    assert!(find(ResourceKind::Group, "displayName").unwrap().required);
    assert!(find(ResourceKind::Group, "externalid").unwrap().case_exact);
    assert_eq!(find_enterprise("manager").unwrap().sub("VALUE").unwrap().name, "value");
    assert!(find(ResourceKind::Group, "userName").is_none() && find(ResourceKind::User, "department").is_none());
}

#[test]
fn no_two_attributes_have_the_same_name() {
    for schema in schemas(BASE) {
        let mut names: Vec<String> = schema["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attribute| attribute["name"].to_string())
            .collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

#[test]
fn every_schema_has_the_form_of_the_rfc() {
    let all = schemas(BASE);
    assert_eq!(
        all.iter().map(|schema| schema["id"].as_str().unwrap()).collect::<Vec<_>>(),
        [USER, GROUP, ENTERPRISE_USER]
    );
    for schema in &all {
        assert_eq!(schema["meta"]["location"], format!("{BASE}/Schemas/{}", schema["id"].as_str().unwrap()));
        for attribute in schema["attributes"].as_array().unwrap() {
            check_attribute(attribute);
        }
    }
    assert_eq!(all[0]["attributes"].as_array().unwrap().len(), 21);
}

fn check_attribute(attribute: &Value) {
    for (name, is_right) in [
        ("name", attribute["name"].is_string()),
        ("description", attribute["description"].as_str().is_some_and(|text| text.ends_with('.'))),
        ("multiValued", attribute["multiValued"].is_boolean()),
        ("required", attribute["required"].is_boolean()),
        (
            "caseExact",
            attribute["caseExact"].is_boolean() || ["boolean", "complex", "dateTime"].contains(&attribute["type"].as_str().unwrap()),
        ),
        ("subAttributes", (attribute["type"] == "complex") == attribute["subAttributes"].is_array()),
        ("referenceTypes", (attribute["type"] == "reference") == attribute["referenceTypes"].is_array()),
    ] {
        assert!(is_right, "{name} of {attribute}");
    }
    for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
        check_attribute(sub);
    }
}

#[test]
fn an_attribute_is_published_with_its_characteristics() {
    let user = schema(BASE, &USER.to_lowercase()).unwrap();
    let found = |name: &str| {
        user["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|attribute| attribute["name"] == name)
            .cloned()
            .unwrap()
    };
    let expected = json!({
        "name": "password", "type": "string", "multiValued": false, "required": false, "caseExact": false, "mutability": "writeOnly",
        "returned": "never", "uniqueness": "none", "description": "Accepted and ignored: Roster does not store it.",
    });
    assert_eq!(found("password"), expected);
    assert_eq!(found("emails")["subAttributes"][2]["canonicalValues"], json!(["work", "home", "other"]));
    assert!(schema(BASE, "urn:x").is_none());
}

#[test]
fn resource_types_name_their_schemas() {
    let types = resource_types(BASE);
    assert_eq!(types[0]["schemaExtensions"], json!([{ "schema": ENTERPRISE_USER, "required": false }]));
    assert_eq!((&types[1]["endpoint"], &types[1]["schema"]), (&json!("/Groups"), &json!(GROUP)));
    assert_eq!(types[1]["meta"]["location"], "https://roster.example/scim/v2/ResourceTypes/Group");
}

#[test]
fn the_configuration_tells_the_limits() {
    let configuration = service_provider_config(BASE);
    assert_eq!(
        configuration["bulk"],
        json!({ "supported": true, "maxOperations": 100, "maxPayloadSize": 1_048_576 })
    );
    assert_eq!(configuration["filter"], json!({ "supported": true, "maxResults": 200 }));
    assert_eq!(configuration["changePassword"]["supported"], false);
    for name in ["patch", "sort", "etag"] {
        assert_eq!(configuration[name]["supported"], true);
    }
    assert_eq!(configuration["authenticationSchemes"][0]["type"], "oauthbearertoken");
}

#[test]
fn an_error_is_written_as_the_rfc_has_it() {
    let fault = ScimFault::uniqueness("The userName is taken.");
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409", "scimType": "uniqueness", "detail": "The userName is taken.",
    });
    assert_eq!((fault.body(), fault.to_string()), (expected, "The userName is taken.".into()));
    assert!(ScimFault::new(404, None, "Not here.").body().get("scimType").is_none());
    let all = [
        ScimType::InvalidFilter,
        ScimType::TooMany,
        ScimType::Uniqueness,
        ScimType::Mutability,
        ScimType::InvalidSyntax,
        ScimType::InvalidPath,
        ScimType::NoTarget,
        ScimType::InvalidValue,
    ];
    let words = "invalidFilter tooMany uniqueness mutability invalidSyntax invalidPath noTarget invalidValue";
    assert_eq!(all.map(ScimType::as_str).join(" "), words);
}
