//! Queries of saved views.

use crate::{
    db::{
        Conn, MultiBackend, Tx,
        schema::{default_views, views},
    },
    directory::ViewChoice,
    kit::{Fault, MemberId, MemberKind, OrganizationId, Scope, Timestamp, ViewId, fold},
};
use diesel::prelude::*;

/// A saved view as stored.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = views, check_for_backend(MultiBackend))]
pub struct SavedView {
    pub id: ViewId,
    pub kind: MemberKind,
    /// Whose it is, unless it is shared.
    pub member_id: Option<MemberId>,
    pub name: String,
    /// The query of the list's address, without a question mark.
    pub query: String,
    /// A shared view that the list shows to those who have not chosen another one.
    pub is_default: bool,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub updated_at: Timestamp,
}

impl SavedView {
    pub fn is_shared(&self) -> bool {
        self.member_id.is_none()
    }
}

/// The caller's own views of the list, and those that are shared, by name.
pub(super) fn list(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Vec<SavedView>, Fault> {
    let me = scope.actor.member_id().unwrap_or_else(MemberId::nobody);
    let is_visible = views::member_id.is_null().or(views::member_id.eq(Some(me)));
    Ok(views::table
        .filter(views::organization_id.eq(scope.organization))
        .filter(views::kind.eq(kind))
        .filter(is_visible.assume_not_null())
        .order((views::name_key, views::id))
        .select(SavedView::as_select())
        .load(conn)?)
}

/// A view of the caller, or a shared one.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, scope: &Scope, id: ViewId) -> Result<SavedView, Fault> {
    let view: SavedView = views::table
        .filter(views::organization_id.eq(scope.organization))
        .filter(views::id.eq(id))
        .select(SavedView::as_select())
        .first(conn)?;
    let is_visible = view.member_id.is_none_or(|owner| scope.is_me(owner));
    if is_visible { Ok(view) } else { Err(Fault::Missing) }
}

/// Whether another view of this owner has the name.
pub(super) fn is_taken(
    conn: &mut Conn,
    organization: OrganizationId,
    kind: MemberKind,
    owner: Option<MemberId>,
    name: &str,
    own: Option<ViewId>,
) -> Result<bool, Fault> {
    let mut rows = views::table
        .filter(views::organization_id.eq(organization))
        .filter(views::kind.eq(kind))
        .filter(views::name_key.eq(fold::list_key(name)))
        .select(views::id)
        .into_boxed::<MultiBackend>();
    rows = match owner {
        Some(owner) => rows.filter(views::member_id.eq(Some(owner)).assume_not_null()),
        None => rows.filter(views::member_id.is_null()),
    };
    let found: Option<ViewId> = rows.first(conn).optional()?;
    Ok(found.is_some_and(|id| Some(id) != own))
}

/// How many views somebody has, or how many are shared.
pub(super) fn count(conn: &mut Conn, organization: OrganizationId, owner: Option<MemberId>) -> Result<i64, Fault> {
    let rows = views::table.filter(views::organization_id.eq(organization));
    Ok(match owner {
        Some(owner) => rows.filter(views::member_id.eq(Some(owner))).count().get_result(conn)?,
        None => rows.filter(views::member_id.is_null()).count().get_result(conn)?,
    })
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    owner: Option<MemberId>,
    name: &str,
    query: &str,
) -> Result<ViewId, Fault> {
    let id = ViewId::new(scope.now());
    diesel::insert_into(views::table)
        .values((
            views::id.eq(id),
            views::organization_id.eq(scope.organization),
            views::kind.eq(kind),
            views::member_id.eq(owner),
            views::name.eq(name),
            views::name_key.eq(fold::list_key(name)),
            views::query.eq(query),
            views::is_default.eq(false),
            views::created_at.eq(scope.now()),
            views::created_by.eq(scope.actor.member_id()),
            views::updated_at.eq(scope.now()),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

pub(super) fn update(tx: &mut Tx<'_>, scope: &Scope, id: ViewId, name: &str, query: &str) -> Result<(), Fault> {
    let row = views::table.filter(views::organization_id.eq(scope.organization)).filter(views::id.eq(id));
    let set = (
        views::name.eq(name),
        views::name_key.eq(fold::list_key(name)),
        views::query.eq(query),
        views::updated_at.eq(scope.now()),
    );
    diesel::update(row).set(set).execute(tx.conn())?;
    Ok(())
}

/// Makes a shared view the one that the list shows, or none.
pub(super) fn set_default_for_all(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, id: Option<ViewId>) -> Result<(), Fault> {
    let of_list = views::table.filter(views::organization_id.eq(scope.organization)).filter(views::kind.eq(kind));
    diesel::update(of_list.filter(views::is_default.eq(true)))
        .set(views::is_default.eq(false))
        .execute(tx.conn())?;
    if let Some(id) = id {
        let row = views::table.filter(views::organization_id.eq(scope.organization)).filter(views::id.eq(id));
        diesel::update(row).set(views::is_default.eq(true)).execute(tx.conn())?;
    }
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, scope: &Scope, id: ViewId) -> Result<(), Fault> {
    let row = views::table.filter(views::organization_id.eq(scope.organization)).filter(views::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// What a member chose to be shown.
pub(super) fn default_of(conn: &mut Conn, scope: &Scope, kind: MemberKind, member: MemberId) -> Result<ViewChoice, Fault> {
    let row = default_views::table.find((scope.organization, member, kind.as_str()));
    let found = row.select(default_views::view_id).first::<Option<ViewId>>(conn).optional()?;
    Ok(match found {
        None => ViewChoice::Unsaid,
        Some(view) => view.map_or(ViewChoice::Plain, ViewChoice::Saved),
    })
}

/// Replaces that choice, or takes it back.
pub(super) fn set_default_of(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, member: MemberId, chosen: ViewChoice) -> Result<(), Fault> {
    diesel::delete(default_views::table.find((scope.organization, member, kind.as_str()))).execute(tx.conn())?;
    if chosen != ViewChoice::Unsaid {
        diesel::insert_into(default_views::table)
            .values((
                default_views::organization_id.eq(scope.organization),
                default_views::member_id.eq(member),
                default_views::kind.eq(kind),
                default_views::view_id.eq(chosen.id()),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}
