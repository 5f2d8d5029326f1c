//! Fields of the made-up organization's own, with values for the first of its people.

use crate::{
    db::{Conn, Tx, schema::members},
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationResult, OrganizationId, Scope, Timestamp},
    own_fields::{self, Bearers, Choice, FieldKind, Identity, NewField, SeenBy, Writer},
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// So many people have values: enough to filter by, in a moment.
const PEOPLE: i64 = 300;

/// Key, name, kind, help, choices, who sees it, and whether people change their own.
type Declared = (
    &'static str,
    &'static str,
    FieldKind,
    &'static str,
    &'static [(&'static str, &'static str)],
    SeenBy,
    bool,
);

const FIELDS: &[Declared] = &[
    (
        "cost_center",
        "Cost center",
        FieldKind::Text,
        "Four digits and the initial of the mill.",
        &[],
        SeenBy::Managers,
        false,
    ),
    (
        "office",
        "Office",
        FieldKind::Choice,
        "",
        &[("london", "London"), ("turin", "Turin"), ("tokyo", "Tokyo"), ("home", "At home")],
        SeenBy::Everybody,
        true,
    ),
    ("first_day", "First day", FieldKind::Date, "", &[], SeenBy::Managers, false),
    (
        "manager",
        "Manager",
        FieldKind::Person,
        "Who decides about their leave.",
        &[],
        SeenBy::Everybody,
        false,
    ),
    (
        "handbook",
        "Handbook",
        FieldKind::Link,
        "The page for new colleagues.",
        &[],
        SeenBy::Everybody,
        false,
    ),
];

/// Declares the fields, and sets values.
pub(super) fn make(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
    let mut ids = Vec::new();
    for (position, (key, name, kind, help, choices, seen_by, is_self_edited)) in (0..).zip(FIELDS) {
        let identity = Identity { key: (*key).into(), kind: *kind, bearers: Bearers::People };
        let choice = |(key, label): &(&str, &str)| Choice { key: (*key).into(), label: (*label).into() };
        let new = NewField {
            name: (*name).into(),
            help: (*help).into(),
            choices: choices.iter().map(choice).collect(),
            seen_by: *seen_by,
            is_self_edited: *is_self_edited,
            is_asked: *key == "office",
            is_required: false,
        };
        ids.push(own_fields::insert(tx, organization, &identity, &new, position, now)?);
    }
    let scope = Scope::system(organization, now);
    let people = people(tx, organization)?;
    for (number, person) in people.iter().enumerate() {
        let typed = typed(number, &people, now);
        let wanted = ids.iter().copied().zip(typed).filter(|(_, text)| !text.is_empty()).collect();
        let read = own_fields::changes(tx, &scope, (MemberKind::User, Some(*person)), &wanted, Writer::Caller).refused()?;
        let changes = read.map_err(|complaints| Fault::broken(format!("{complaints:?}")))?;
        own_fields::write(tx, &scope, *person, &changes)?;
    }
    Ok(())
}

fn people(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<MemberId>, Fault> {
    let active = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::kind.eq(MemberKind::User))
        .filter(members::status.eq(MemberStatus::Active))
        .order(members::id)
        .limit(PEOPLE);
    Ok(active.select(members::id).load(conn)?)
}

/// What somebody has in each of [`FIELDS`]. Every seventh has no office, and one in twelve manages those after them.
fn typed(number: usize, people: &[MemberId], now: Timestamp) -> [String; 5] {
    let office = ["london", "turin", "tokyo", "home", "london", "turin", ""][number % 7];
    let since = i64::try_from(number).unwrap_or(0) * 11 + 20;
    let manager = people.get(number / 12 * 12).filter(|_| !number.is_multiple_of(12));
    [
        format!("{}-{}", 4_000 + number / 12 * 10, ["A", "B", "M"][number % 3]),
        office.to_owned(),
        (now - TimeDelta::days(since)).utc().format("%Y-%m-%d").to_string(),
        manager.map(MemberId::to_string).unwrap_or_default(),
        if number.is_multiple_of(5) {
            "https://handbook.example.org/welcome".into()
        } else {
            String::new()
        },
    ]
}
