//! Paths of PATCH (RFC 7644 section 3.5.2) and where they lead.

use super::super::{
    fault::ScimType,
    path::PatchPath,
    schema::{Place, ResourceKind},
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn refused(text: &str, resource: ResourceKind) -> Option<ScimType> {
    PatchPath::parse(text).and_then(|path| path.resolve(resource)).unwrap_err().scim_type
}

#[test]
fn the_paths_of_the_rfc_are_read() {
    for text in [
        "members",
        "name.familyName",
        r#"addresses[type eq "work"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName"#,
        r#"addresses[type eq "work"].streetAddress"#,
        r#"emails[type eq "work" and value ew "example.com"]"#,
        "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ] {
        assert_eq!(PatchPath::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn a_path_leads_to_its_attribute_ignoring_case() {
    for (text, place, attribute, sub) in [
        ("USERNAME", Place::Core, Some("userName"), None),
        ("name.GIVENname", Place::Core, Some("name"), Some("givenName")),
        (r#"emails[type eq "work"].value"#, Place::Core, Some("emails"), Some("value")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:title", Place::Core, Some("title"), None),
        ("URN:ietf:params:scim:schemas:core:2.0:user", Place::Core, None, None),
        (ENTERPRISE, Place::Enterprise, None, None),
        (&format!("{ENTERPRISE}:manager"), Place::Enterprise, Some("manager"), None),
        (&format!("{ENTERPRISE}:manager.$ref"), Place::Enterprise, Some("manager"), Some("$ref")),
    ] {
        let target = PatchPath::parse(text).unwrap().resolve(ResourceKind::User).unwrap();
        let names = (target.attribute.map(|attribute| attribute.name), target.sub.map(|sub| sub.name));
        assert_eq!((target.place, names), (place, (attribute, sub)), "{text}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for text in [
        "",
        " ",
        "/name",
        "name.",
        "name.a.b",
        "emails[",
        "emails[]",
        r#"emails[type eq "work""#,
        r#"emails[type eq "work"] value"#,
        r#"emails[type eq "work"].value eq "x""#,
        r#"emails[type eq "work"][primary eq true]"#,
        r#"emails.value[type eq "work"]"#,
        "members[value eq 1].a.b",
        "a, b",
        "'; --",
    ] {
        assert_eq!(refused(text, ResourceKind::User), Some(ScimType::InvalidPath), "{text}");
    }
    assert!(PatchPath::parse(&"a".repeat(5_000)).is_err());
    assert!(PatchPath::parse(&format!("a[{}", "(".repeat(4_000))).is_err());
}

#[test]
fn a_path_to_nothing_is_refused() {
    let user = ResourceKind::User;
    for text in [
        "shoeSize",
        "name.shoeSize",
        "userName.value",
        "department",
        "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
        "urn:ietf:params:scim:schemas:extension:other:2.0:User:a",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName",
        r#"userName[value eq "x"]"#,
        r#"name[familyName eq "x"]"#,
    ] {
        assert_eq!(refused(text, user), Some(ScimType::InvalidPath), "{text}");
    }
    assert_eq!(refused(r#"emails[shoeSize eq "x"]"#, user), Some(ScimType::InvalidFilter));
    assert_eq!(refused(ENTERPRISE, ResourceKind::Group), Some(ScimType::InvalidPath));
    assert_eq!(refused("emails", ResourceKind::Group), Some(ScimType::InvalidPath));
}

#[test]
fn a_refusal_repeats_only_the_beginning_of_a_path() {
    let error = PatchPath::parse(&format!("{}\n!", "a".repeat(300))).unwrap_err();
    assert!(error.detail.len() < 120 && !error.detail.contains('\n'), "{}", error.detail);
}
