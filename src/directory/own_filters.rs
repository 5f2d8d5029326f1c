//! Filters by the organization's own fields. In an address each stands as `field=key:operator:value`.

use super::conditions::Condition;
use crate::{
    db::{
        Among, Conn,
        query::{beside_indexes, per_row},
        schema::{members, own_field_values, own_fields as declared},
    },
    kit::{Fault, MemberKind, Scope, permission::is_word, rights},
    own_fields::{self, Bearers, FieldKind, SeenBy},
    text_enum,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// The most characters of a value.
const LONGEST: usize = 200;

text_enum! {
    /// How a value is compared.
    #[derive(PartialOrd, Ord)]
    pub enum Operator {
        /// It is this one, or another one that is given too.
        Is = "is",
        /// The text holds this.
        Has = "has",
        /// This number or day, or a later one.
        From = "from",
        /// This number or day, or an earlier one.
        To = "to",
        /// There is no value.
        None = "none",
    }
}

/// One filter by a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFilter {
    pub key: String,
    pub operator: Operator,
    pub value: String,
}

impl fmt::Display for OwnFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.key, self.operator.as_str())?;
        match self.operator {
            Operator::None => Ok(()),
            _ => write!(f, ":{}", self.value),
        }
    }
}

impl FromStr for OwnFilter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (key, rest) = text.split_once(':').ok_or("a field and how it is compared are parted by a colon")?;
        let (operator, value) = rest.split_once(':').unwrap_or((rest, ""));
        let operator: Operator = operator.parse()?;
        let fits = (operator == Operator::None) == value.is_empty() && value.chars().count() <= LONGEST && !value.contains('\0');
        if !is_word(key) || !fits || value != value.trim() {
            return Err(format!("{text:?} is no filter by a field"));
        }
        Ok(Self { key: key.to_owned(), operator, value: value.to_owned() })
    }
}

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
pub(super) fn conditions(scope: &Scope, kind: MemberKind, filters: &[OwnFilter], (is_asked, is_counted): (bool, bool)) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    for ((key, operator), values) in grouped(filters) {
        let key = key.to_owned();
        let compared = Compared::of(operator, &values);
        macro_rules! having {
            ($rows:expr) => {
                if operator == Operator::None {
                    let with = $rows.filter(own_field_values::member_id.eq(members::id));
                    let is_declared = exists(seen!(scope, kind, key, compared.kinds.clone()));
                    all.push(Box::new(per_row(not(exists(with))).and(is_declared)));
                } else if is_asked {
                    all.push(Box::new(per_row(exists($rows.filter(own_field_values::member_id.eq(members::id))))));
                } else {
                    all.push(Box::new(beside_indexes(members::id, is_counted).eq_any($rows.select(own_field_values::member_id))));
                }
            };
        }
        let kinds = compared.kinds.clone();
        match compared.keys {
            Keys::Among(keys) => having!(values!(scope, kind, key, kinds.clone()).filter(own_field_values::value_key.among(keys.clone()))),
            Keys::Like(like) => {
                having!(values!(scope, kind, key, kinds.clone()).filter(own_field_values::value_key.like(like.clone()).escape('!')));
            }
            Keys::From(from) => having!(values!(scope, kind, key, kinds.clone()).filter(own_field_values::value_key.ge(from.clone()))),
            Keys::To(to) => having!(values!(scope, kind, key, kinds.clone()).filter(own_field_values::value_key.le(to.clone()))),
            Keys::Any => having!(values!(scope, kind, key, kinds.clone())),
        }
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
        let Compared { kinds, keys } = Compared::of(operator, &values);
        macro_rules! number {
            ($rows:expr) => {{
                let rows: Vec<crate::kit::MemberId> = $rows.select(own_field_values::member_id).limit(most + 1).load(conn)?;
                i64::try_from(rows.len()).unwrap_or(i64::MAX)
            }};
        }
        let number = match keys {
            Keys::Among(keys) => number!(values!(scope, kind, key, kinds).filter(own_field_values::value_key.among(keys))),
            Keys::Like(like) => number!(values!(scope, kind, key, kinds).filter(own_field_values::value_key.like(like).escape('!'))),
            Keys::From(from) => number!(values!(scope, kind, key, kinds).filter(own_field_values::value_key.ge(from))),
            Keys::To(to) => number!(values!(scope, kind, key, kinds).filter(own_field_values::value_key.le(to))),
            Keys::Any => number!(values!(scope, kind, key, kinds)),
        };
        if number <= most {
            fewest = Some(fewest.map_or(number, |known: i64| known.min(number)));
        }
    }
    Ok(fewest)
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
                if let Some(person) = own_fields::find_person(conn, scope.organization, &filter.value)? {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_as_it_is_written() {
        for text in [
            "office:is:zurich",
            "cost_center:has:47:11",
            "start_date:from:2026-01-01",
            "manager:none",
        ] {
            assert_eq!(text.parse::<OwnFilter>().map(|filter| filter.to_string()).as_deref(), Ok(text));
        }
        for wrong in [
            "",
            "office",
            "office:",
            "office:like:x",
            "office:is:",
            "office:none:x",
            "Office:is:x",
            "a b:is:x",
            "office:is: x",
            "office:is:\0",
        ] {
            assert!(wrong.parse::<OwnFilter>().is_err(), "{wrong}");
        }
    }
}
