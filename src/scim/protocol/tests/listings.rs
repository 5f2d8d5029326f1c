//! The parameters of lists (RFC 7644 section 3.4.2), search requests and responses.

use super::super::{
    fault::{ScimFault, ScimType},
    listing::{ListQuery, SEARCH_REQUEST, SortOrder, list_response},
};
use serde_json::{Value, json};

fn query(pairs: &[(&str, &str)]) -> Result<ListQuery, ScimFault> {
    let pairs: Vec<(String, String)> = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    ListQuery::from_pairs(&pairs)
}

fn search(mut body: Value) -> Result<ListQuery, ScimFault> {
    body["schemas"] = json!([SEARCH_REQUEST]);
    ListQuery::from_body(&body)
}

#[test]
fn what_is_not_sent_has_its_default() {
    for query in [
        query(&[("aadOptscim062020", ""), ("x", "1"), ("FILTER", "(")]).unwrap(),
        search(json!({ "x": 1 })).unwrap(),
    ] {
        assert_eq!((query.start_index, query.count, query.sort_order), (1, 100, SortOrder::Ascending));
        assert!(query.filter.is_none() && query.sort_by.is_none());
    }
}

#[test]
fn numbers_are_brought_into_their_range() {
    for (start, count, expected) in [
        ("0", "-1", (1, 0)),
        ("-9", "0", (1, 0)),
        ("3", "2", (3, 2)),
        ("9223372036854775808", "1000000000", (i64::MAX, 200)),
        ("1", "200", (1, 200)),
        ("1", "201", (1, 200)),
    ] {
        let query = query(&[("startIndex", start), ("count", count)]).unwrap();
        assert_eq!((query.start_index, query.count), expected);
    }
    let query = search(json!({ "startIndex": -3, "count": 5000 })).unwrap();
    assert_eq!((query.start_index, query.count), (1, 200));
}

#[test]
fn all_parameters_are_read_from_both() {
    let filter = r#"userName eq "x""#;
    let sent = query(&[
        ("filter", filter),
        ("startindex", "11"),
        ("count", "10"),
        ("sortby", "name.familyName"),
        ("sortOrder", "Descending"),
        ("attributes", "userName,emails"),
        ("excludedattributes", "emails.type"),
    ]);
    let searched = search(json!({
        "filter": filter, "startIndex": 11, "count": 10, "sortBy": "name.familyName", "sortOrder": "descending",
        "attributes": ["userName", "emails"], "excludedAttributes": ["emails.type"],
    }));
    let sent = sent.unwrap();
    assert_eq!(sent, searched.unwrap());
    assert_eq!(sent.filter.unwrap().to_string(), filter);
    assert_eq!((sent.start_index, sent.count, sent.sort_order), (11, 10, SortOrder::Descending));
    assert_eq!(sent.sort_by.unwrap().to_string(), "name.familyName");
}

#[test]
fn what_cannot_be_read_is_refused() {
    for pairs in [
        &[("startIndex", "one")][..],
        &[("startIndex", "")],
        &[("count", "1.5")],
        &[("count", "99999999999999999999999999999999999999999999")],
        &[("sortBy", "a b")],
        &[("sortBy", "userName; drop table members")],
        &[("sortBy", "")],
        &[("sortOrder", "up")],
        &[("filter", "a pr"), ("filter", "b pr")],
        &[("startIndex", "1"), ("startindex", "2")],
    ] {
        assert_eq!(query(pairs).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{pairs:?}");
    }
    for filter in ["", "userName eq", r#"userName eq "x" or "1"="1""#] {
        assert_eq!(query(&[("filter", filter)]).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{filter}");
    }
    for body in [
        json!({ "count": "5" }),
        json!({ "filter": 5 }),
        json!({ "attributes": [5] }),
        json!({ "startIndex": 1.5 }),
    ] {
        assert_eq!(search(body.clone()).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{body}");
    }
    for body in [json!({}), json!([]), json!({ "schemas": ["urn:x"] })] {
        assert_eq!(ListQuery::from_body(&body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
}

#[test]
fn a_list_says_how_many_there_are_in_all() {
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 41, "startIndex": 11, "itemsPerPage": 1, "Resources": [{ "id": "1" }],
    });
    assert_eq!(list_response(41, 11, vec![json!({ "id": "1" })]), expected);
    assert_eq!(list_response(0, 1, Vec::new())["Resources"], json!([]));
}
