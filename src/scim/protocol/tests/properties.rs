//! Properties that hold for any text and any filter.

use super::super::{
    filter::{AttributePath, Filter, Literal, Operator, matches},
    patch::{PATCH_OP, apply, group_changes, read_patch},
    path::PatchPath,
    schema::ResourceKind,
};
use super::user;
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Number, Value, json};

fn name() -> impl Strategy<Value = String> {
    let any = "[a-zA-Z][a-zA-Z0-9_-]{0,6}"
        .prop_filter("a reserved word", |name| !["and", "or", "not"].iter().any(|word| name.eq_ignore_ascii_case(word)));
    prop_oneof![
        any,
        Just("emails".to_owned()),
        Just("$ref".to_owned()),
        Just("pr".to_owned()),
        Just("true".to_owned())
    ]
}

fn path() -> impl Strategy<Value = AttributePath> {
    let schema = option::weighted(0.3, "urn:[a-zA-Z0-9._:-]{1,9}");
    (schema, name(), option::weighted(0.3, name())).prop_map(|(schema, attribute, sub)| AttributePath { schema, attribute, sub })
}

fn plain_path() -> impl Strategy<Value = AttributePath> {
    name().prop_map(|attribute| AttributePath { schema: None, attribute, sub: None })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<String>().prop_map(Literal::String),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        proptest::num::f64::NORMAL.prop_map(|number| Literal::Number(Number::from_f64(number).unwrap())),
        any::<bool>().prop_map(Literal::Bool),
        Just(Literal::Null),
    ]
}

fn comparison(path: impl Strategy<Value = AttributePath> + Clone) -> impl Strategy<Value = Filter> {
    let ordered = prop_oneof![
        any::<String>().prop_map(Literal::String),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
    ];
    let compare = |(path, operator, value)| Filter::Compare { path, operator, value };
    let equal = prop_oneof![Just(Operator::Eq), Just(Operator::Ne)];
    let part = prop_oneof![Just(Operator::Co), Just(Operator::Sw), Just(Operator::Ew)];
    let order = prop_oneof![Just(Operator::Gt), Just(Operator::Ge), Just(Operator::Lt), Just(Operator::Le)];
    prop_oneof![
        path.clone().prop_map(Filter::Present),
        (path.clone(), equal, literal()).prop_map(compare),
        (path.clone(), part, any::<String>().prop_map(Literal::String)).prop_map(compare),
        (path, order, ordered).prop_map(compare),
    ]
}

fn tree(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

fn filter() -> BoxedStrategy<Filter> {
    let inner = tree(comparison(plain_path().boxed()).boxed());
    let attribute = path().prop_map(|path| AttributePath { sub: None, ..path });
    let within = (attribute, inner).prop_map(|(attribute, filter)| Filter::Within { attribute, filter: Box::new(filter) });
    tree(prop_oneof![3 => comparison(path().boxed()), 1 => within].boxed())
}

/// Texts that look like filters, made of the grammar's own pieces.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "emails", "value", "urn:a:b", "[", "]", "(", ")", ".", ":", " ", " ", "eq", "pr", "and", "or", "not", "\"", "\\", "\"x\"", "1",
        "-", "true", "null", "é", "%", "'",
    ]);
    vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["", "True", "x", "work", "41"]).prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "value",
        "type",
        "primary",
        "emails",
        "name",
        "givenName",
        "name.givenName",
        "id",
        "members",
        "active",
        "password",
        "manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "emails[type eq \"work\"].value",
        "userName",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone(), inner), 0..4).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        Value::Null,
        "emails".into(),
        "emails.primary".into(),
        "emails[type eq \"work\"]".into(),
        "emails[type eq \"fax\"].value".into(),
        "emails[value eq \"x\"]".into(),
        "name".into(),
        "name.givenName".into(),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".into(),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager".into(),
        "members".into(),
        "members[value eq \"x\"]".into(),
        "displayName".into(),
        "password".into(),
        "meta".into(),
    ]);
    (prop::sample::select(vec!["add", "replace", "remove"]), path, json_value())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_can_be_tried_as_filter_and_path(text in any::<String>(), likely in pieces()) {
        for text in [text, likely] {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
                matches(&filter, &user());
            }
            if let Ok(path) = PatchPath::parse(&text) {
                prop_assert_eq!(PatchPath::parse(&path.to_string()), Ok(path));
            }
        }
    }

    #[test]
    fn a_filter_is_read_back_from_its_text(filter in filter()) {
        let text = filter.to_string();
        prop_assume!(text.len() <= 4096);
        prop_assert_eq!(Filter::parse(&text), Ok(filter.clone()));
        matches(&filter, &user());
    }

    #[test]
    fn not_and_its_filter_never_agree(filter in filter()) {
        prop_assert_ne!(matches(&filter, &user()), matches(&Filter::Not(Box::new(filter)), &user()));
    }

    #[test]
    fn any_operations_leave_a_sound_user(operations in vec(operation(), 1..6)) {
        let Ok(operations) = read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations })) else { return Ok(()) };
        let mut changed = user();
        let outcome = apply(ResourceKind::User, changed.as_object_mut().unwrap(), &operations);
        if outcome.is_err() {
            prop_assert_eq!(changed, user());
            return Ok(());
        }
        for kept in ["id", "meta", "groups", "schemas"] {
            prop_assert_eq!(&changed[kept], &user()[kept]);
        }
        prop_assert!(changed.get("password").is_none() && changed["userName"].is_string());
        let emails = changed.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
        prop_assert!(emails.iter().filter(|email| super::super::patch::read_bool(&email["primary"]) == Some(true)).count() <= 1);
    }

    #[test]
    fn no_id_both_joins_and_leaves_a_group(operations in vec(operation(), 1..6)) {
        let Ok(operations) = read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations })) else { return Ok(()) };
        if let Ok(changes) = group_changes(&operations) {
            prop_assert!(!changes.add.iter().any(|id| changes.remove.contains(id)));
            prop_assert!(!changes.replaced || changes.remove.is_empty());
        }
    }
}
