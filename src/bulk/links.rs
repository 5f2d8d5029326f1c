//! Invitation links to hand over when no mail server delivers letters: for the members of a batch who are invited and
//! have not joined. New links are made and shown on the response page; they are not stored.

use super::{
    model::{Batch, ItemState},
    store,
};
use crate::{
    db::{Conn, Db},
    invitations::{self, Handed, Handover, RenewRefusal},
    kit::{BatchId, Fault, MemberId, OrganizationId, Scope, rights},
    mail::Outbox,
    members,
    web::{self, MemberContext, Posted, Respond, ReturnTo, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

/// The most links made and shown at once.
const AT_ONCE: i64 = 500;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/batches/{batch}/links")
            .route(web::get().to(new))
            .route(web::post().to(create)),
    );
}

type Place = Path<(OrganizationId, BatchId)>;

/// The confirmation page, because earlier links become invalid.
#[derive(Template)]
#[template(path = "bulk/new_links.html")]
struct New {
    context: MemberContext,
    id: BatchId,
    after: i64,
}

#[derive(Template)]
#[template(path = "bulk/links.html")]
struct Links {
    context: MemberContext,
    id: BatchId,
    /// Email addresses with their links.
    made: Vec<(String, String)>,
    refused: Vec<(String, RenewRefusal)>,
    /// The position to continue after, if there are more.
    next: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct From {
    /// The position in the batch to start after.
    after: i64,
}

/// A batch of this organization whose invitations the caller may send.
fn find(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<Batch, Fault> {
    scope.demand_over_teams(rights::USER_INVITE)?;
    store::find(conn, scope, id)
}

/// The members of some finished items, and the position of the last one if there may be more.
fn members_of(conn: &mut Conn, batch: &Batch, after: i64) -> Result<(Vec<MemberId>, Option<i64>), Fault> {
    let items = store::items(conn, batch, Some(ItemState::Done), after, AT_ONCE)?;
    let is_full = i64::try_from(items.len()).unwrap_or(0) == AT_ONCE;
    let last = items.last().map(|item| item.position).filter(|_| is_full);
    Ok((items.into_iter().filter_map(|item| item.member_id).collect(), last))
}

async fn new(db: Data<Db>, context: MemberContext, place: Place, from: actix_web::web::Query<From>) -> web::Result<HttpResponse> {
    let id = place.1;
    context.read(&db, move |conn, scope| find(conn, scope, id)).await?;
    let after = from.after;
    New { context, id, after }.ok()
}

async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(from): Posted<From>,
) -> web::Result<HttpResponse> {
    let (id, after) = (place.1, from.after);
    let recent = context.require_reauthentication(ReturnTo::button(context.path(format!("/batches/{id}/links"))));
    if recent.is_err() {
        let is_grave = context.read(&db, move |conn, scope| {
            let batch = find(conn, scope, id)?;
            let (some, _) = members_of(conn, &batch, after)?;
            members::any_privileged(conn, scope, &some)
        });
        if is_grave.await? {
            recent?;
        }
    }
    let made = context.write(&db, move |tx, scope| {
        let scope = &members::reauthorize(tx, scope)?;
        let batch = find(tx, scope, id)?;
        let (some, next) = members_of(tx, &batch, after)?;
        Ok::<_, Fault>((invitations::copy_links(tx, scope, &some)?, next))
    });
    let (Handover { made, refused }, next) = made.await?;
    let link = |one: Handed| (one.email, outbox.link(one.path.expose()));
    let view = Links { context, id, made: made.into_iter().map(link).collect(), refused, next };
    view.ok()
}
