//! Filters: the examples of RFC 7644 section 3.4.2.2, what clients send, refusals and limits.

use super::super::filter::{Filter, FilterError, Literal};

/// The examples of RFC 7644 section 3.4.2.2.
pub(super) const EXAMPLES: [&str; 17] = [
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley""#,
    r#"userName sw "J""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    "title pr",
    r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
    r#"title pr and userType eq "Employee""#,
    r#"title pr or userType eq "Intern""#,
    r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType eq "Employee" and (emails.type eq "work")"#,
    r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
];

fn canonical(text: &str) -> String {
    Filter::parse(text).unwrap().to_string()
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for text in EXAMPLES {
        // Only parentheses around a single comparison are not canonical.
        assert_eq!(canonical(text), text.replace(r#"(emails.type eq "work")"#, r#"emails.type eq "work""#));
    }
}

#[test]
fn not_precedes_and_which_precedes_or() {
    assert_eq!(canonical("a pr or b pr and c pr"), "a pr or b pr and c pr");
    assert_eq!(canonical("(a pr or b pr) and c pr"), "(a pr or b pr) and c pr");
    assert_eq!(canonical("a pr or (b pr and (c pr))"), "a pr or b pr and c pr");
    let Filter::And(parts) = Filter::parse("not (a pr) and b pr").unwrap() else {
        panic!("not reaches too far")
    };
    assert!(matches!(parts[0], Filter::Not(_)));
}

#[test]
fn words_are_read_in_any_case_and_spaces_are_many() {
    assert_eq!(
        canonical(r#"  USERNAME  EQ  "x"  AND  NOT(Title PR)Or(a pr)  "#),
        r#"USERNAME eq "x" and not (Title pr) or a pr"#
    );
}

#[test]
fn values_are_read_in_the_syntax_of_json() {
    let value = |text: &str| match Filter::parse(&format!("a eq {text}")) {
        Ok(Filter::Compare { value, .. }) => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(value(r#""\u00e9\ud83d\ude00\"\\\/\n""#), Literal::String("é😀\"\\/\n".into()));
    assert_eq!(value(r#"") or a pr or (""#), Literal::String(") or a pr or (".into()));
    assert_eq!(value("-1.5e3"), Literal::Number(serde_json::Number::from_f64(-1500.0).unwrap()));
    assert_eq!(value("18446744073709551615"), Literal::Number(u64::MAX.into()));
    assert_eq!(
        (value("true"), value("false"), value("null")),
        (Literal::Bool(true), Literal::Bool(false), Literal::Null)
    );
}

#[test]
fn a_number_may_stand_before_a_parenthesis_or_bracket() {
    assert_eq!(canonical("(a eq 5)"), "a eq 5");
    assert_eq!(canonical("a[b eq 5] and (c eq true)"), "a[b eq 5] and c eq true");
}

#[test]
fn a_comparison_behind_brackets_belongs_to_the_same_element() {
    assert_eq!(
        canonical(r#"emails[type eq "work"].value eq "a@b""#),
        r#"emails[type eq "work" and value eq "a@b"]"#
    );
    assert_eq!(canonical(r#"emails[type eq "work" or primary eq true].value pr and a pr"#), {
        r#"emails[(type eq "work" or primary eq true) and value pr] and a pr"#
    });
    let urn = "urn:ietf:params:scim:schemas:core:2.0:User:emails";
    assert_eq!(
        canonical(&format!(r#"{urn}[type eq "work"].value sw "a""#)),
        format!(r#"{urn}[type eq "work" and value sw "a"]"#)
    );
}

#[test]
fn all_attributes_of_a_filter_can_be_listed() {
    let filter = Filter::parse(r#"not (userName eq "x") and emails[type eq "work"].value pr or name.givenName pr"#).unwrap();
    let paths: Vec<String> = filter.paths().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["userName", "emails.type", "emails.value", "name.givenName"]);
}

#[test]
fn what_the_grammar_lacks_is_refused() {
    for text in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName eq ",
        "userName eq x",
        "userName eq 'x'",
        r#"userName eq "x"#,
        r#"userName eq "x\""#,
        r#"userName eq "\ud83d""#,
        "userName eq \"a\u{1}b\"",
        r#"userName = "x""#,
        r#"userName eq"x""#,
        "userName eq\"",
        r#"userName eq "x" or "1"="1""#,
        r#"userName eq "x"; drop table members"#,
        r#"userName eq "x" and"#,
        r#"userName eq "x" and and title pr"#,
        r#"userName eq "x"and title pr"#,
        r#"userName eq "x" xor title pr"#,
        r#"or userName eq "x""#,
        "not title pr",
        "not pr",
        "(title pr",
        "title pr)",
        "()",
        "title pr pr",
        "1title pr",
        "user'Name pr",
        "user--Name;-- pr",
        "a.b.c pr",
        "a. pr",
        ".a pr",
        "urn: pr",
        "urn:x: pr",
        "http://x:a pr",
        "emails[]",
        "emails[type pr",
        "emails[type pr]]",
        "emails[type pr].",
        "emails[type pr].value",
        "emails[type pr].a.b pr",
        "emails[a[b pr]]",
        "emails[a.b pr]",
        "emails.type[value pr]",
        "emails [type pr]",
        "a eq 01",
        "a eq +1",
        "a eq 1e999",
        "a eq --1",
        "a eq True",
        "a eq [1]",
        "a eq {}",
        "a gt true",
        "a le null",
        "a co 5",
        "a sw null",
        "a\tpr",
        "a\u{a0}pr",
        "é pr",
    ] {
        assert!(matches!(Filter::parse(text), Err(FilterError::Syntax(..))), "{text:?}: {:?}", Filter::parse(text));
    }
}

#[test]
fn a_refusal_says_where_the_parser_stopped() {
    let error = Filter::parse(r#"userName eq "x" or "1"="1""#).unwrap_err();
    assert_eq!(error.to_string(), "The filter cannot be read at position 20: expected the name of an attribute.");
}

#[test]
fn limits_keep_filters_small() {
    let nested = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Filter::parse(&nested(20)).is_ok());
    assert_eq!(Filter::parse(&nested(21)), Err(FilterError::TooComplex));
    assert_eq!(Filter::parse(&"(".repeat(100_000)), Err(FilterError::TooComplex));
    assert_eq!(Filter::parse(&"not(".repeat(1_000)), Err(FilterError::TooComplex));
    assert!(Filter::parse(&vec!["a pr"; 50].join(" or ")).is_ok());
    assert_eq!(Filter::parse(&vec!["a pr"; 51].join(" or ")), Err(FilterError::TooComplex));
    assert_eq!(Filter::parse(&format!("a eq \"{}\"", "x".repeat(4096))), Err(FilterError::TooComplex));
    assert!(Filter::parse(&vec!["a pr"; 26].join(") and (").replace("a pr) and (a pr", "a pr")).is_err());
}
