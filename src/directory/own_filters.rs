//! Filters by the organization's own fields as SQL conditions, and in words.

use super::own_filter::{Operator, OwnFilter};
use crate::{
    db::{
        Among, Conn, MultiBackend,
        query::{beside_indexes, per_row},
        schema::{members as members_table, own_field_values, own_fields as declared},
    },
    kit::{Fault, MemberKind, Scope, rights},
    members,
    own_fields::{self, Bearers, FieldKind, OwnField, Person, SeenBy, Standing},
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::Bool,
};
use std::collections::BTreeMap;

/// What a member is tested by.
type Test = Box<dyn BoxableExpression<members_table::table, MultiBackend, SqlType = Bool>>;

/// The values of a field that the caller sees.
macro_rules! values {
    ($scope:expr, $kind:expr, $key:expr, $kinds:expr) => {
        own_field_values::table
            .filter(own_field_values::organization_id.eq($scope.organization))
            .filter(own_field_values::field_id.eq_any(seen!($scope, $kind, $key, $kinds)))
    };
}
/// The field, if the caller sees it. One that they do not see matches nobody, so that the filter reveals nothing.
macro_rules! seen {
    ($scope:expr, $kind:expr, $key:expr, $kinds:expr) => {
        declared::table
            .filter(declared::organization_id.eq($scope.organization))
            .filter(declared::key.eq($key.clone()))
            .filter(declared::seen_by.among(seen_by($scope, $kind)))
            .filter(declared::bearers.among(bearers($kind)))
            .filter(declared::kind.among($kinds))
            .select(declared::id)
    };
}

/// Hands the values that are compared to a macro: each comparison is a query of another type.
macro_rules! with_values {
    ($done:ident, $scope:expr, $kind:expr, $key:expr, $compared:expr) => {
        match $compared.keys {
            Keys::Among(keys) => $done!(values!($scope, $kind, $key, $compared.kinds).filter(own_field_values::value_key.among(keys))),
            Keys::Like(like) => {
                $done!(values!($scope, $kind, $key, $compared.kinds).filter(own_field_values::value_key.like(like).escape('!')))
            }
            Keys::From(from) => $done!(values!($scope, $kind, $key, $compared.kinds).filter(own_field_values::value_key.ge(from))),
            Keys::To(to) => $done!(values!($scope, $kind, $key, $compared.kinds).filter(own_field_values::value_key.le(to))),
            Keys::Any => $done!(values!($scope, $kind, $key, $compared.kinds)),
        }
    };
}

/// The fields of members of a kind that the caller sees in lists.
pub(super) fn offered(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Vec<OwnField>, Fault> {
    let standing = Standing { is_me: false, may_manage: scope.may(rights::manage(kind)) };
    let fields = own_fields::list(conn, scope.organization)?;
    Ok(fields.into_iter().filter(|field| field.bearers.has(kind) && field.is_seen(standing)).collect())
}

fn seen_by(scope: &Scope, kind: MemberKind) -> Vec<&'static str> {
    let managers = scope.may(rights::manage(kind)).then_some(SeenBy::Managers.as_str());
    [SeenBy::Everybody.as_str()].into_iter().chain(managers).collect()
}

fn bearers(kind: MemberKind) -> Vec<&'static str> {
    let all = [Bearers::People, Bearers::SystemAccounts, Bearers::Both];
    all.into_iter().filter(|bearers| bearers.has(kind)).map(Bearers::as_str).collect()
}

/// The filters by field and operator: of several values with `is`, one is enough.
fn grouped(filters: &[OwnFilter]) -> BTreeMap<(&str, Operator), Vec<&str>> {
    let mut all: BTreeMap<(&str, Operator), Vec<&str>> = BTreeMap::new();
    for filter in filters {
        all.entry((&filter.key, filter.operator)).or_default().push(&filter.value);
    }
    all
}

/// What may come to lie between two operators: the kinds of field, and the bounds of the compared key.
struct Compared {
    kinds: Vec<&'static str>,
    keys: Keys,
}

enum Keys {
    Among(Vec<String>),
    Like(String),
    From(String),
    To(String),
    Any,
}

impl Compared {
    fn of(operator: Operator, values: &[&str]) -> Self {
        let all = || FieldKind::ALL.map(FieldKind::as_str).to_vec();
        let first = values.first().copied().unwrap_or_default();
        let ranged = |keys: fn(String) -> Keys| match own_fields::range_key(first) {
            Some((kind, key)) => Self { kinds: vec![kind.as_str()], keys: keys(key) },
            None => Self { kinds: vec![], keys: Keys::Any },
        };
        match operator {
            Operator::Is => Self {
                kinds: all(),
                keys: Keys::Among(values.iter().flat_map(|value| own_fields::keys_of(value)).collect()),
            },
            Operator::Has => Self {
                kinds: vec![FieldKind::Text.as_str(), FieldKind::Link.as_str()],
                keys: Keys::Like(pattern(first)),
            },
            Operator::From => ranged(Keys::From),
            Operator::To => ranged(Keys::To),
            Operator::None => Self { kinds: all(), keys: Keys::Any },
        }
    }
}

/// What a text that holds this looks like, folded as what is stored.
fn pattern(typed: &str) -> String {
    let folded = own_fields::text_key(typed);
    let escaped: String = folded
        .chars()
        .flat_map(|c| matches!(c, '!' | '%' | '_').then_some('!').into_iter().chain([c]))
        .collect();
    format!("%{escaped}%")
}

/// The conditions of these filters. Either candidates come from them, or each member is tested.
pub(super) fn conditions(scope: &Scope, kind: MemberKind, filters: &[OwnFilter], (is_asked, is_counted): (bool, bool)) -> Vec<Test> {
    let mut all: Vec<Test> = Vec::new();
    for ((key, operator), values) in grouped(filters) {
        let key = key.to_owned();
        let compared = Compared::of(operator, &values);
        let kinds = compared.kinds.clone();
        macro_rules! having {
            ($rows:expr) => {
                if operator == Operator::None {
                    let with = $rows.filter(own_field_values::member_id.eq(members_table::id));
                    let is_declared = exists(seen!(scope, kind, key, kinds));
                    all.push(Box::new(per_row(not(exists(with))).and(is_declared)));
                } else if is_asked {
                    all.push(Box::new(per_row(exists($rows.filter(own_field_values::member_id.eq(members_table::id))))));
                } else {
                    all.push(Box::new(
                        beside_indexes(members_table::id, is_counted).eq_any($rows.select(own_field_values::member_id)),
                    ));
                }
            };
        }
        with_values!(having, scope, kind, key, compared);
    }
    all
}

/// How many members pass the narrowest of these filters, if at most so many do. Those who have no value are not counted.
pub(super) fn few(conn: &mut Conn, scope: &Scope, kind: MemberKind, filters: &[OwnFilter], most: i64) -> Result<Option<i64>, Fault> {
    let mut fewest = None;
    for ((key, operator), values) in grouped(filters) {
        if operator == Operator::None {
            continue;
        }
        let key = key.to_owned();
        let compared = Compared::of(operator, &values);
        macro_rules! number {
            ($rows:expr) => {{
                let rows: Vec<crate::kit::MemberId> = $rows.select(own_field_values::member_id).limit(most + 1).load(conn)?;
                i64::try_from(rows.len()).unwrap_or(i64::MAX)
            }};
        }
        let number = with_values!(number, scope, kind, key, compared);
        if number <= most {
            fewest = Some(fewest.map_or(number, |known: i64| known.min(number)));
        }
    }
    Ok(fewest)
}

/// The person whom the text means, among those whom the caller sees.
pub(super) fn find_person(conn: &mut Conn, scope: &Scope, typed: &str) -> Result<Option<Person>, Fault> {
    let Some(found) = own_fields::find_person(conn, scope.organization, typed)? else {
        return Ok(None);
    };
    let is_seen = members::seen(conn, scope, MemberKind::User, &[found.id])?.contains(&found.id);
    Ok(is_seen.then_some(found))
}

/// A filter in words, with the address of the list without it.
#[derive(Clone, Debug)]
pub struct Chip {
    pub label: String,
    pub told: String,
    pub clear: String,
}

/// The filters in words. A field that the caller does not see keeps its key.
pub(super) fn told(conn: &mut Conn, scope: &Scope, filters: &[OwnFilter]) -> Result<Vec<(String, String)>, Fault> {
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let fields = own_fields::list(conn, scope.organization)?;
    let mut all = Vec::new();
    for filter in filters {
        let field = fields.iter().find(|field| field.key == filter.key);
        let mut value = filter.value.clone();
        match field.map(|field| (field, field.kind)) {
            Some((field, FieldKind::Choice)) => field.label_of(&filter.value).clone_into(&mut value),
            Some((_, FieldKind::Person)) => {
                if let Some(person) = find_person(conn, scope, &filter.value)? {
                    value = person.name;
                }
            }
            _ => {}
        }
        let told = match filter.operator {
            Operator::Is => value,
            Operator::Has => format!("holds “{value}”"),
            Operator::From => format!("from {value}"),
            Operator::To => format!("to {value}"),
            Operator::None => "nothing".to_owned(),
        };
        all.push((field.map_or(&filter.key, |field| &field.name).clone(), told));
    }
    Ok(all)
}
