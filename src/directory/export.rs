//! The directory as a file: the members that its filters, tab and order select, streamed in parts, so that a hundred
//! thousand people need no more memory than a thousand.

use super::{
    column::{self, Column},
    own_filters,
    plan::ScanPlan,
    query::{Cursor, DirectoryQuery, Window},
    selectivity::Selectivity,
    store::{self, Part},
    totals,
    understood::is_understood,
};
use crate::{
    audit::{self, Event},
    db::{Conn, Db, Tx},
    kit::{Fault, MemberKind, Scope, Timestamp, rights},
    members::{self, Details, Member, granted, identities, load_rows, load_rows_with, policies_of, roles_through_teams, teams_of},
    organizations,
    own_fields::{self, OwnField, Values},
    web::{self, MemberContext, Reader, ReturnTo, csv},
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{self, ContentDisposition},
    },
    web::Data,
};
use serde_json::{Map, Value, json};

/// Members read at once.
const PART: i64 = 1_000;

/// A column only for callers who may see policies.
const POLICIES: &str = "policies";

/// Columns before and after the contact details.
const OF_PEOPLE: [&str; 8] = ["name", "email", "username", "status", "roles", "teams", POLICIES, "provider"];
const OF_PEOPLE_LAST: [&str; 7] = [
    "last_sign_in",
    "last_api_use",
    "joined",
    "id",
    "first_name",
    "last_name",
    "roles_through_teams",
];

const OF_MACHINES: [&str; 16] = [
    "name",
    "status",
    "roles",
    "teams",
    POLICIES,
    "what_it_is_for",
    "where_it_runs",
    "whom_to_ask",
    "tokens",
    "first_token_ends",
    "last_use",
    "last_use_from",
    "created",
    "created_by",
    "id",
    "roles_through_teams",
];

/// An export in progress: the caller, the query and the position.
#[derive(Clone)]
pub struct Export {
    scope: Scope,
    list_query: DirectoryQuery,
    way: ScanPlan,
    is_begun: bool,
    /// The organization's own fields that the caller sees of everybody, each a column.
    own: Vec<OwnField>,
}

impl Export {
    /// Starts an export of a directory query from its first row, and records it in the audit trail.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn begin(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, query: &str) -> Result<Self, Fault> {
        members::demand_list(scope, kind)?;
        let list_query = DirectoryQuery {
            page_size: PART,
            ..DirectoryQuery::read(kind, query, None).seen_by(scope).at(Window::First, 1)
        };
        let list_query = list_query.within_reach(tx, scope)?;
        let matches = totals::counts(tx, scope, &list_query)?.of(list_query.tab);
        let way = Selectivity::for_all(tx, scope, &list_query)?.plan(&list_query, matches);
        let mut facts = filters(&list_query);
        let what = if kind.is_machine() { "system_accounts" } else { "people" };
        facts.insert(what.into(), matches.at_least().into());
        let organization = organizations::find(tx, scope.organization)?;
        let event = Event::new("members.exported", "organization", organization.id.0, organization.name);
        audit::record(tx, scope, event.after(facts.into()))?;
        let own = own_filters::offered(tx, scope, kind)?;
        Ok(Self { scope: scope.clone(), list_query, way, is_begun: false, own })
    }

    /// The next lines, and the position after them.
    pub fn part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let mut text = Vec::new();
        let mut lines = csv::Lines::new(&mut text);
        // Which teams the caller administers may have changed since the last part.
        let list_query = self.list_query.within_reach(conn, &self.scope)?;
        if let Some(columns) = &list_query.columns {
            let columns = column::seen(&self.scope, columns, &self.own);
            let next = self.shown_part(conn, &list_query, &columns, &mut lines)?;
            drop(lines);
            return Ok((text, next));
        }
        if !self.is_begun {
            let columns = match self.list_query.kind {
                MemberKind::User => [&OF_PEOPLE[..], &Details::CONTACT, &OF_PEOPLE_LAST].concat(),
                MemberKind::SystemAccount => OF_MACHINES.to_vec(),
            };
            let sees_policies = self.scope.may(rights::POLICY_READ);
            let shown = columns.iter().filter(|column| sees_policies || **column != POLICIES);
            lines.line(shown.copied().chain(self.own.iter().map(|field| field.key.as_str())))?;
        }
        let Part { members, next, .. } = store::part(conn, &self.scope, &list_query, self.way)?;
        match self.list_query.kind {
            MemberKind::User => write(conn, &self.scope, (members, &self.own), &mut lines)?,
            MemberKind::SystemAccount => write_machines(conn, &self.scope, (members, &self.own), &mut lines)?,
        }
        drop(lines);
        Ok((text, next.map(|cursor| self.after(cursor))))
    }

    /// The head of a column: that of an own field is its key, as in the file of everything.
    fn head(&self, column: Column) -> String {
        let own = self.own.iter().find(|field| column == Column::Own(field.id));
        own.map_or_else(|| column.to_string(), |field| field.key.clone())
    }

    /// The next lines with these columns only.
    fn shown_part(
        &self,
        conn: &mut Conn,
        list_query: &DirectoryQuery,
        columns: &[Column],
        lines: &mut csv::Lines<'_>,
    ) -> Result<Option<Self>, Fault> {
        if !self.is_begun {
            let names: Vec<String> = columns.iter().map(|column| self.head(*column)).collect();
            lines.line(std::iter::once(column::NAME).chain(names.iter().map(String::as_str)))?;
        }
        let Part { members, next, .. } = store::part(conn, &self.scope, list_query, self.way)?;
        for row in load_rows_with(conn, &self.scope, members, &column::aspects(list_query.kind, columns))? {
            let cells: Vec<String> = columns.iter().map(|column| column.cell(&row).in_file()).collect();
            lines.line(std::iter::once(row.member.name.as_str()).chain(cells.iter().map(String::as_str)))?;
        }
        Ok(next.map(|cursor| self.after(cursor)))
    }

    /// The same for a file, which begins with the mark that Excel needs.
    fn marked_part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let mark = if self.is_begun { "" } else { csv::MARK };
        let (text, next) = self.part(conn)?;
        Ok(([mark.as_bytes(), &text].concat(), next))
    }

    fn after(&self, cursor: Cursor) -> Self {
        Self {
            list_query: self.list_query.at(Window::After(cursor), 1),
            is_begun: true,
            ..self.clone()
        }
    }
}

/// The query's filters, under their parameter names.
fn filters(list_query: &DirectoryQuery) -> Map<String, Value> {
    let mut all: Map<String, Value> = Map::new();
    for (name, value) in list_query.saved_pairs() {
        match all.get_mut(name) {
            Some(Value::String(known)) => {
                known.push_str(", ");
                known.push_str(&value);
            }
            _ => {
                all.insert(name.into(), json!(value));
            }
        }
    }
    all
}

/// The names of one cell.
fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join("; ")
}

/// The cells of the organization's own fields.
fn own_cells(own: &[OwnField], values: Option<Values>) -> Vec<String> {
    let values = values.unwrap_or_default();
    let cell = |field: &OwnField| values.get(&field.id).map(|value| value.in_file().to_owned());
    own.iter().map(cell).map(Option::unwrap_or_default).collect()
}

type Listed<'o> = (Vec<Member>, &'o [OwnField]);

fn write(conn: &mut Conn, scope: &Scope, (members, own): Listed<'_>, lines: &mut csv::Lines<'_>) -> Result<(), Fault> {
    let ids: Vec<_> = members.iter().map(|member| member.id).collect();
    let mut values = own_fields::of_members(conn, scope.organization, own, &ids)?;
    let mut identities = identities(conn, scope, &ids)?;
    let mut roles = granted(conn, scope, &ids)?;
    let mut teams = teams_of(conn, scope, &ids)?;
    let mut policies = policies_of(conn, scope, &ids)?;
    let mut of_teams = roles_through_teams(conn, scope, &ids)?;
    let at = |at: Option<Timestamp>| at.map(Timestamp::iso).unwrap_or_default();
    for member in members {
        let (email, username) = identities.remove(&member.id).unwrap_or_default();
        let cells = [
            member.name.as_str(),
            &email,
            &username,
            member.status.as_str(),
            &joined(roles.remove(&member.id).into_iter().flatten().map(|role| role.name)),
            &joined(teams.remove(&member.id).into_iter().flatten().map(|team| team.name)),
        ];
        let names = [member.first_name.as_str(), member.last_name.as_str()];
        let last = [
            at(member.last_sign_in_at),
            at(member.last_api_use_at),
            at(member.joined_at),
            member.id.to_string(),
        ];
        let policies = policies
            .as_mut()
            .map(|all| joined(all.remove(&member.id).into_iter().flatten().map(|(_, name)| name)));
        let first = cells.into_iter().chain(policies.as_deref()).chain([member.provider.as_str()]);
        let of_teams = joined(of_teams.remove(&member.id).into_iter().flatten());
        let last = last.iter().map(String::as_str).chain(names).chain([of_teams.as_str()]);
        let own = own_cells(own, values.remove(&member.id));
        let cells = first.chain(member.contact_details()).chain(last);
        lines.line(cells.chain(own.iter().map(String::as_str)))?;
    }
    Ok(())
}

fn write_machines(conn: &mut Conn, scope: &Scope, (members, own): Listed<'_>, lines: &mut csv::Lines<'_>) -> Result<(), Fault> {
    let at = |at: Option<Timestamp>| at.map(Timestamp::iso).unwrap_or_default();
    let ids: Vec<_> = members.iter().map(|member| member.id).collect();
    let mut policies = policies_of(conn, scope, &ids)?;
    let mut of_teams = roles_through_teams(conn, scope, &ids)?;
    let mut values = own_fields::of_members(conn, scope.organization, own, &ids)?;
    for row in load_rows(conn, scope, members)? {
        let assigned = row.roles.iter().filter(|role| role.through.is_none());
        let roles: Vec<&str> = assigned.map(|role| role.name.as_str()).collect();
        let cells = [
            row.member.name,
            row.member.status.as_str().to_owned(),
            roles.join("; "),
            row.teams.join("; "),
        ];
        let more = [
            row.member.title,
            row.member.location,
            row.member.contact,
            row.tokens.live.to_string(),
            at(row.tokens.ends),
            at(row.member.last_api_use_at),
            row.tokens.used_from.map(|(_, from)| from).unwrap_or_default(),
            at(Some(row.member.created_at)),
            row.created_by.unwrap_or_default(),
            row.member.id.to_string(),
            joined(of_teams.remove(&row.member.id).into_iter().flatten()),
        ];
        let policies = policies
            .as_mut()
            .map(|all| joined(all.remove(&row.member.id).into_iter().flatten().map(|(_, name)| name)));
        let own = own_cells(own, values.remove(&row.member.id));
        lines.line(cells.iter().chain(&policies).chain(&more).chain(&own).map(String::as_str))?;
    }
    Ok(())
}

pub(super) async fn index(db: Data<Db>, context: MemberContext, kind: MemberKind, req: HttpRequest) -> web::Result<HttpResponse> {
    demand_export(&context.scope, kind, req.query_string())?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let mut answer = file(&context, kind);
    // HEAD returns no data, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let reader = Reader::of(&req, &context)?;
    let (scope, query) = (context.scope, req.query_string().to_owned());
    let export = db.write(move |tx| Export::begin(tx, &scope, kind, &query)).await?;
    Ok(answer.streaming(reader.parts(&db, export, Export::marked_part)))
}

/// Checks that the caller may export what this query selects.
///
/// # Errors
/// [`Fault::Denied`], or an unreadable query.
pub fn demand_export(scope: &Scope, kind: MemberKind, query: &str) -> web::Result<()> {
    members::demand_list(scope, kind)?;
    // An export must not contain more than the list shows, so an invalid filter is refused.
    if !is_understood(kind, query) {
        return Err(web::Error::unreadable_query());
    }
    Ok(DirectoryQuery::read(kind, query, None).demand(scope)?)
}

/// The head of an answer with a file, named after the organization and the day.
fn file(context: &MemberContext, kind: MemberKind) -> HttpResponseBuilder {
    let day = context.scope.now().utc().format("%Y-%m-%d");
    let what = if kind.is_machine() { "system accounts" } else { "users" };
    let name = format!("{} {what} {day}.csv", context.organization_name.replace(['/', '\\', ':'], "-"));
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(ContentDisposition::attachment(name));
    answer
}
