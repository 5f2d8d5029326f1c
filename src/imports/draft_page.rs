//! The page of an import, which its steps answer with as well.

use super::{
    Import, Imports, Labels,
    mapping::{Mapping, MappingForm},
    pages, store,
};
use crate::{
    bulk::{self, Batch, Item, Part, State},
    db::{Conn, Db},
    kit::{BatchId, Fault, OrganizationId, Scope, rights},
    members::{self},
    throttle::{self, Bucket},
    web::{self, MemberContext, Respond},
};
use actix_web::{HttpResponse, web::Path};

pub(super) type Place = Path<(OrganizationId, BatchId)>;

/// An import of this organization, if the caller may do that kind of import.
pub(super) fn visible(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, Import), Fault> {
    demand_any(scope)?;
    let batch = bulk::find(conn, scope, id)?;
    if batch.kind != Imports::KIND {
        return Err(Fault::Missing);
    }
    let import: Import = serde_json::from_value(batch.action.0.clone()).map_err(Fault::broken)?;
    import.way.demand(scope)?;
    Ok((batch, import))
}

/// What the page shows of an import.
struct Found {
    batch: Batch,
    import: Import,
    items: Vec<Item>,
    next: Option<i64>,
    labels: Labels,
    /// The first lines of the file, for the member who uploaded it, until it is started.
    beginning: Option<Vec<u8>>,
}

fn find(conn: &mut Conn, scope: &Scope, id: BatchId, part: &Part) -> Result<Found, Fault> {
    let (batch, import) = visible(conn, scope, id)?;
    let (items, next) = bulk::page(conn, &batch, part)?;
    let is_mine = batch.state == State::Draft && batch.started_by == scope.actor.member_id();
    let beginning = if is_mine { store::beginning(conn, scope, id)? } else { None };
    let labels = Labels::of(&members::grant_options(conn, scope)?);
    Ok(Found { batch, import, items, next, labels, beginning })
}

/// The page of an import. If the requested columns could not be read, shows them with the reason.
pub(super) async fn draw(
    db: &Db,
    context: MemberContext,
    id: BatchId,
    part: Part,
    refused: Option<MappingForm>,
) -> web::Result<HttpResponse> {
    let (state, is_refused) = (part.state(), refused.is_some());
    let found = context.read(db, move |conn, scope| find(conn, scope, id, &part)).await?;
    let Found { batch, import, items, next, labels, beginning } = found;
    let form = refused.unwrap_or_else(|| MappingForm::of(&import.layout));
    let mapping = beginning.map(|bytes| Mapping::of(&import, form, &bytes));
    pages::Show { context, batch, import, state, items, next, labels, mapping }.ok_unless(is_refused)
}

/// Rate limit: judging fifty thousand lines is expensive, and reveals which addresses have an account.
pub(super) async fn count(db: &Db, context: &MemberContext) -> web::Result<()> {
    let (actor, now) = (context.scope.actor.member_id(), context.scope.now());
    let who = actor.map(|id| id.to_string()).unwrap_or_default();
    throttle::count_or_refuse(db, Bucket::Imports, who, throttle::IMPORTS, now).await
}

/// Checks that the caller may import people in at least one way.
pub(super) fn demand_any(scope: &Scope) -> Result<(), Fault> {
    if scope.may(rights::USER_INVITE) {
        return Ok(());
    }
    scope.demand(rights::USER_MANAGE)
}
