//! What a search may mean besides names and addresses: a value of one of the organization's own fields, such as a personnel number.
//! The page offers the filter; the search itself stays fast at any size.

use super::{
    own_filter::{Operator, OwnFilter},
    query::DirectoryQuery,
};
use crate::{
    db::{
        Among, Conn,
        schema::{own_field_values, own_fields as declared},
    },
    kit::{Fault, OwnFieldId, Scope, fold},
    members::Reach,
    own_fields::{self, FieldKind, OwnField},
};
use diesel::{dsl::exists, prelude::*};

/// A field of which somebody has the value that is searched for.
#[derive(Clone, Debug)]
pub struct OwnMatch {
    pub field: String,
    pub told: String,
    /// The list with this filter in place of the search.
    pub list_query: DirectoryQuery,
}

/// The fields, of those that the caller sees, whose value somebody searches for. Those who see the people of their teams only are
/// not told what others have.
pub(super) fn own_matches(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, own: &[OwnField]) -> Result<Vec<OwnMatch>, Fault> {
    if list_query.search.is_empty() || list_query.reach != Reach::Everybody {
        return Ok(vec![]);
    }
    let meant: Vec<(&OwnField, String)> = own.iter().filter_map(|field| Some((field, meant(field, &list_query.search)?))).collect();
    if meant.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<OwnFieldId> = meant.iter().map(|(field, _)| field.id).collect();
    let keys: Vec<String> = meant.iter().flat_map(|(_, value)| own_fields::keys_of(value)).collect();
    let values = own_field_values::table
        .filter(own_field_values::organization_id.eq(scope.organization))
        .filter(own_field_values::field_id.eq(declared::id))
        .filter(own_field_values::value_key.among(keys));
    let found: Vec<OwnFieldId> = declared::table
        .filter(declared::organization_id.eq(scope.organization))
        .filter(declared::id.among(ids))
        .filter(exists(values))
        .select(declared::id)
        .load(conn)?;
    let found = meant.into_iter().filter(|(field, _)| found.contains(&field.id));
    Ok(found.map(|(field, value)| matched(list_query, field, value)).collect())
}

/// The value of the field that the text would be.
fn meant(field: &OwnField, search: &str) -> Option<String> {
    match field.kind {
        FieldKind::Choice => {
            let label = fold::canonical(search);
            let choice = field.choices.iter().find(|choice| fold::canonical(&choice.label) == label);
            choice.map(|choice| choice.key.clone())
        }
        FieldKind::Person => None,
        _ => own_fields::read(field, search).ok().flatten().map(|value| value.text),
    }
}

fn matched(list_query: &DirectoryQuery, field: &OwnField, value: String) -> OwnMatch {
    let told = field.label_of(&value).to_owned();
    let filter = OwnFilter { key: field.key.clone(), operator: Operator::Is, value };
    OwnMatch {
        field: field.name.clone(),
        told,
        list_query: list_query.with_field_for_search(filter),
    }
}
