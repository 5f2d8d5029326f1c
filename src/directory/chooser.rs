//! Choosing the columns of a list and their order: a page, which a script shows as a dialog. What a person chooses is kept for
//! them and the list; in a saved view it changes what the address shows, until the view is updated.

use super::{
    column::{self, Column, ColumnList, OfferedColumn},
    columns::standard,
    own_filters,
    query::DirectoryQuery,
    store::{self, Spread},
};
use crate::{
    db::{Conn, Db, Tx, schema::column_choices},
    kit::{Fault, MemberKind, Scope},
    members,
    own_fields::OwnField,
    web::{self, MemberContext, Notice, Posted, Respond, filters, see_other},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use diesel::prelude::*;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    let columns = web::resource(["/o/{organization}/users/columns", "/o/{organization}/system-accounts/columns"]);
    app.service(columns.route(web::get().to(show)).route(web::post().to(save)));
}

/// The columns that the caller chose for a list.
pub(super) fn choice(conn: &mut Conn, scope: &Scope, kind: MemberKind, list: ColumnList) -> Result<Option<Vec<Column>>, Fault> {
    let Some(me) = scope.actor.member_id() else { return Ok(None) };
    let row = column_choices::table.find((scope.organization, me, list.as_str()));
    let text: Option<String> = row.select(column_choices::shown).first(conn).optional()?;
    Ok(text.map(|text| column::read(kind, &text)))
}

/// Replaces the caller's choice; `None` takes it back.
fn set_choice(tx: &mut Tx<'_>, scope: &Scope, list: ColumnList, columns: Option<&[Column]>) -> Result<(), Fault> {
    let me = scope.actor.member_id().ok_or(Fault::Missing)?;
    diesel::delete(column_choices::table.find((scope.organization, me, list.as_str()))).execute(tx.conn())?;
    if let Some(columns) = columns {
        diesel::insert_into(column_choices::table)
            .values((
                column_choices::organization_id.eq(scope.organization),
                column_choices::member_id.eq(me),
                column_choices::list.eq(list.as_str()),
                column_choices::shown.eq(column::write(columns)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The columns that a list shows: those of its address, those that the caller chose, or the standard ones. And whether somebody
/// chose them. `own` are the organization's own fields that the caller sees.
pub(super) fn shown(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, own: &[OwnField]) -> Result<(Vec<Column>, bool), Fault> {
    let kind = list_query.kind;
    let chosen = match &list_query.columns {
        Some(columns) => Some(columns.clone()),
        None => choice(conn, scope, kind, ColumnList::of(kind, list_query.tab))?,
    };
    if let Some(columns) = chosen {
        return Ok((column::seen(scope, &columns, own), true));
    }
    let spread = if kind.is_machine() {
        Spread::NONE
    } else {
        store::spread(conn, scope, list_query)?
    };
    Ok((standard(scope, list_query, spread), false))
}

/// What is ticked, and in which order all columns stand.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
struct ColumnsForm {
    /// The query of the list that it is about.
    list: String,
    order: Vec<String>,
    column: Vec<String>,
    /// The column to be moved, without a script.
    up: Option<String>,
    down: Option<String>,
    /// Takes the choice back.
    standard: Option<String>,
}

impl ColumnsForm {
    /// The chosen columns, in order.
    fn chosen(&self, kind: MemberKind) -> Vec<Column> {
        let ticked: Vec<&str> = self.order.iter().filter(|text| self.column.contains(text)).map(String::as_str).collect();
        column::read(kind, &ticked.join("."))
    }
    /// Moves a column one place. Returns whether that was asked for.
    fn moves(&mut self) -> bool {
        let place = |text: &Option<String>| text.as_ref().and_then(|text| self.order.iter().position(|one| one == text));
        if let Some(at) = place(&self.up) {
            self.order.swap(at, at.saturating_sub(1));
        } else if let Some(at) = place(&self.down) {
            let last = self.order.len() - 1;
            self.order.swap(at, (at + 1).min(last));
        }
        self.up.is_some() || self.down.is_some()
    }
}

#[derive(Template)]
#[template(path = "directory/columns.html")]
struct ColumnsPage {
    context: MemberContext,
    list_query: DirectoryQuery,
    /// Each column, and whether it is shown.
    rows: Vec<(OfferedColumn, bool)>,
}

/// The columns of a list in an order, and those that are shown.
type Order<'a> = (&'a [Column], &'a [Column]);

impl ColumnsPage {
    /// The columns in this order, then the others.
    fn of(context: MemberContext, list_query: DirectoryQuery, own: &[OwnField], (order, chosen): Order<'_>) -> Self {
        let mut offered = column::offered(&context.scope, list_query.kind, own);
        offered.sort_by_key(|one| order.iter().position(|column| *column == one.column).unwrap_or(usize::MAX));
        let rows = offered.into_iter().map(|one| (one.clone(), chosen.contains(&one.column))).collect();
        Self { context, list_query, rows }
    }
    fn list(&self) -> String {
        self.context.path(self.list_query.kind.path())
    }
    fn is_of_view(&self) -> bool {
        self.list_query.view.id().is_some()
    }
}

async fn show(db: Data<Db>, context: MemberContext, kind: MemberKind, req: HttpRequest) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let list_query = DirectoryQuery::read(kind, req.query_string(), None).without_page().seen_by(&context.scope);
    let asked = list_query.clone();
    let load = move |conn: &mut Conn, scope: &Scope| {
        let own = own_filters::offered(conn, scope, kind)?;
        let (columns, _) = shown(conn, scope, &asked, &own)?;
        Ok::<_, Fault>((own, columns))
    };
    let (own, columns) = context.read(&db, load).await?;
    ColumnsPage::of(context, list_query, &own, (&columns, &columns)).ok()
}

async fn save(db: Data<Db>, context: MemberContext, kind: MemberKind, Posted(mut form): Posted<ColumnsForm>) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let list = form.list.trim_start_matches('?');
    let list_query = DirectoryQuery::read(kind, list, None).without_page().seen_by(&context.scope);
    if form.moves() {
        let own = context.read(&db, move |conn, scope| own_filters::offered(conn, scope, kind)).await?;
        let order = column::read(kind, &form.order.join("."));
        return ColumnsPage::of(context, list_query, &own, (&order, &form.chosen(kind))).ok();
    }
    let mut columns = form.standard.is_none().then(|| form.chosen(kind));
    let is_of_view = list_query.view.id().is_some();
    if !is_of_view {
        let (kept, list) = (columns.take(), ColumnList::of(kind, list_query.tab));
        context.write(&db, move |tx, scope| set_choice(tx, scope, list, kept.as_deref())).await?;
    }
    let address = context.path(kind.path()) + &DirectoryQuery { columns, ..list_query }.query();
    if is_of_view {
        return Ok(see_other(&address));
    }
    Ok(context.redirect_with_notice(&address, Notice::success("The list shows these columns to you from now on.")))
}
