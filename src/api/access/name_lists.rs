//! Lists by name, and how many members each row has.

use crate::{
    access::Count,
    api::answers,
    db::keyset::{KeyCursor, Window},
    web,
};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

/// Which page of a list.
#[derive(Deserialize, IntoParams, Default, Debug)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct NameListParameters {
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Whether to count all.
    #[param(default = false)]
    pub total: bool,
}

/// Which page of a list whose rows have members.
#[derive(Deserialize, IntoParams, Default, Debug)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct CountedListParameters {
    /// What to tell about each besides its own fields.
    #[param(inline)]
    pub expand: Vec<ExpandCount>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Whether to count all.
    #[param(default = false)]
    pub total: bool,
}

/// What to tell about each row besides its own fields.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExpandCount {
    MembersCount,
}

/// The window that a cursor names.
///
/// # Errors
/// The problem, unless an earlier page could have given the cursor.
pub(super) fn window<Id: DeserializeOwned>(cursor: Option<&str>) -> web::Result<Window<KeyCursor<Id>>> {
    Ok(answers::cursor(cursor)?.map_or(Window::First, Window::After))
}

/// One page of a list that is short enough to be loaded whole.
struct WholeListPage<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
    pub total: i64,
}

impl<T> WholeListPage<T> {
    /// Sorts by name, and begins after the name that the cursor is.
    pub fn of(mut all: Vec<T>, name: impl Fn(&T) -> &str, after: Option<&str>, size: i64) -> Self {
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        all.retain(|row| after.is_none_or(|after| name(row) > after));
        all.sort_by(|one, other| name(one).cmp(name(other)));
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let is_more = all.len() > size;
        all.truncate(size);
        let next = all.last().filter(|_| is_more).map(|row| name(row).to_owned());
        Self { rows: all, next, total }
    }
}

/// Answers with one page of a list that is loaded whole, by name.
///
/// # Errors
/// The problem, if so many rows are no page.
pub(super) fn whole_list<T, P: Serialize>(
    req: &HttpRequest,
    wanted: &NameListParameters,
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    page: impl FnOnce(Vec<T>, Option<String>, Option<i64>) -> P,
) -> web::Result<HttpResponse> {
    let found = WholeListPage::of(all, name, wanted.cursor.as_deref(), answers::limit(wanted.limit)?);
    let page = page(found.rows, found.next.clone(), wanted.total.then_some(found.total));
    Ok(answers::listed(req, &page, found.next.as_ref()))
}

/// How many members have it.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct MembersCount {
    /// Active or invited people.
    pub people: i64,
    pub disabled_people: i64,
    /// All system accounts, disabled ones too.
    pub system_accounts: i64,
    pub disabled_system_accounts: i64,
    /// The teams that give it to their members, who are not counted here.
    pub teams: Vec<uuid::Uuid>,
}

impl From<Count> for MembersCount {
    fn from(count: Count) -> Self {
        Self {
            people: count.people,
            disabled_people: count.disabled_people,
            system_accounts: count.system_accounts,
            disabled_system_accounts: count.disabled_system_accounts,
            teams: count.teams.iter().map(|team| team.id.0).collect(),
        }
    }
}
