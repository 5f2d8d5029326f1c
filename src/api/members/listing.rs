//! The query parameters of the two lists: the filters of the directory, in its own words.

use super::loading::Expand;
use crate::{
    api::{
        answers,
        choice::{self, Choice},
    },
    directory::{Cursor, DirectoryQuery, OwnFilter, Seen, Sort, Tab, TwoStep, Window},
    kit::{MemberKind, PolicyId, RoleId, TeamId},
    web::{self, FieldError, Problem},
};
use serde::Deserialize;
use utoipa::{IntoParams, openapi::schema::Object};
use uuid::Uuid;

/// The most choices of one filter.
const MOST_CHOICES: usize = 50;

/// The longest search.
const LONGEST_SEARCH: usize = 200;

/// What is the same for both lists.
macro_rules! list_parameters {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Deserialize, IntoParams, Default, Debug)]
        #[serde(deny_unknown_fields, default)]
        #[into_params(parameter_in = Query)]
        pub(super) struct $name {
            /// Part of a name, an address or another detail.
            #[param(max_length = 200)]
            pub q: Option<String>,
            /// Holds one of these roles. May be repeated.
            #[param(max_items = 50)]
            pub role: Vec<Uuid>,
            /// Is in one of these teams. May be repeated.
            #[param(max_items = 50)]
            pub team: Vec<Uuid>,
            /// Has one of these policies. May be repeated. Needs `policy:read:*`.
            #[param(max_items = 50)]
            pub policy: Vec<Uuid>,
            /// A filter by one of the organization's own fields: `key:is:value` (repeated: one of them), `key:has:text`, `key:from:bound`,
            /// `key:to:bound` for numbers and days, or `key:none`. May be repeated.
            #[param(max_items = 50, example = json!(["office:is:zurich"]))]
            pub field: Vec<String>,
            #[param(schema_with = seen)]
            pub seen: Option<Choice<Seen>>,
            $($(#[$field_meta])* pub $field: $type,)*
            #[param(schema_with = sort)]
            pub sort: Option<Choice<Sort>>,
            #[param(schema_with = dir)]
            pub dir: Option<Choice<Dir>>,
            /// What to tell about each besides their own fields. May be repeated.
            #[param(inline)]
            pub expand: Vec<Expand>,
            /// Rows on a page.
            #[param(minimum = 1, maximum = 200, default = 50)]
            pub limit: Option<i64>,
            /// `next_cursor` of the page before.
            pub cursor: Option<String>,
            /// Whether to count all that match.
            #[param(default = false)]
            pub total: bool,
        }

        impl $name {
            /// The query of the directory.
            ///
            /// # Errors
            /// The problem with a parameter.
            pub fn query(&self) -> web::Result<DirectoryQuery> {
                let choices = [("?role", self.role.len()), ("?team", self.team.len()), ("?policy", self.policy.len()), ("?field", self.field.len())];
                check(Self::KIND, self.q.as_deref(), self.sort, &choices)?;
                let mut list_query = DirectoryQuery::read(Self::KIND, "", None);
                list_query.search = self.q.as_deref().unwrap_or_default().trim().to_owned();
                list_query.roles = self.role.iter().copied().map(RoleId).collect();
                list_query.teams = self.team.iter().copied().map(TeamId).collect();
                list_query.policies = self.policy.iter().copied().map(PolicyId).collect();
                list_query.fields = own_filters(&self.field)?;
                list_query.seen = self.seen.map(|Choice(seen)| seen);
                list_query.order(self.sort.map(|Choice(sort)| sort), self.dir.map(|Choice(dir)| dir == Dir::Descending));
                list_query.page_size = answers::limit(self.limit)?;
                list_query.window = answers::cursor::<Cursor>(self.cursor.as_deref())?.map_or(Window::First, Window::After);
                Ok(self.own_filters(list_query))
            }
        }
    };
}

/// The filters by the organization's own fields.
fn own_filters(typed: &[String]) -> web::Result<Vec<OwnFilter>> {
    let read = typed.iter().map(|text| text.parse()).collect::<Result<Vec<OwnFilter>, _>>();
    read.map_err(|_| {
        let why = "Write key:is:value, key:has:text, key:from:bound, key:to:bound or key:none.";
        Problem::field("?field", "invalid", why).into()
    })
}

crate::text_enum! {
    /// A direction of a list.
    pub(super) enum Dir {
        Ascending = "asc",
        Descending = "desc",
    }
}

fn seen() -> Object {
    choice::described::<Seen>("Not seen for so many days, or never: the last sign-in of a person, the last use of a system account.")
}
fn sort() -> Object {
    choice::described::<Sort>("What to order by. Names by default.")
}
fn dir() -> Object {
    choice::described::<Dir>("Descending for times by default, otherwise ascending.")
}
fn tab() -> Object {
    choice::described::<Tab>("Current (active and invited) by default.")
}
fn two_step() -> Object {
    choice::described::<TwoStep>("Whether they have a second factor. Needs `user:manage:*`.")
}

list_parameters! {
    UserListParameters {
        #[param(schema_with = tab)]
        tab: Option<Choice<Tab>>,
        /// How they sign in. May be repeated.
        #[param(max_items = 50)]
        provider: Vec<String>,
        #[param(schema_with = two_step)]
        two_step: Option<Choice<TwoStep>>,
    }
}

list_parameters! {
    SystemAccountListParameters {
        /// Whether to list the disabled ones too.
        #[param(default = false)]
        disabled: bool,
    }
}

impl UserListParameters {
    const KIND: MemberKind = MemberKind::User;

    fn own_filters(&self, list_query: DirectoryQuery) -> DirectoryQuery {
        DirectoryQuery {
            tab: self.tab.map_or_else(Tab::default, |Choice(tab)| tab),
            providers: self.provider.clone(),
            two_step: self.two_step.map(|Choice(two_step)| two_step),
            ..list_query
        }
    }
}

impl SystemAccountListParameters {
    const KIND: MemberKind = MemberKind::SystemAccount;

    fn own_filters(&self, list_query: DirectoryQuery) -> DirectoryQuery {
        let tab = if self.disabled { Tab::Everything } else { Tab::Current };
        DirectoryQuery { tab, ..list_query }
    }
}

/// Checks what the types do not say.
fn check(kind: MemberKind, q: Option<&str>, sort: Option<Choice<Sort>>, choices: &[(&str, usize)]) -> web::Result<()> {
    let mut errors = Vec::new();
    if q.is_some_and(|q| q.chars().count() > LONGEST_SEARCH) {
        errors.push(FieldError::new("?q", "too-long", format!("At most {LONGEST_SEARCH} characters.")));
    }
    if let Some(Choice(sort)) = sort.filter(|Choice(sort)| !Sort::of(kind).contains(sort)) {
        errors.push(FieldError::new("?sort", "invalid", format!("This list is not ordered by {}.", sort.as_str())));
    }
    let too_many = choices.iter().filter(|(_, count)| *count > MOST_CHOICES);
    errors.extend(too_many.map(|(field, _)| FieldError::new(*field, "too-many", format!("At most {MOST_CHOICES}."))));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(errors).into())
    }
}
