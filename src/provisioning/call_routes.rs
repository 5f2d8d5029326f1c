//! Handlers: one SCIM client with its calls, and one call.

use super::{
    calls, facts, manage,
    pages::{CallPage, Show},
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, OrganizationId, ProvisionerId, ProvisioningCallId, Scope, rights},
    web::{self, MemberContext, Respond},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;

/// Calls on one page.
const SHOWN: i64 = 100;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/provisioning/{provisioner}").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/settings/provisioning/{provisioner}/calls/{call}").route(web::get().to(call)));
}

/// The query of the page of a SCIM client.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct CallsQuery {
    /// `1` for those alone that were refused.
    refused: String,
    /// The last call of the page before.
    before: Option<ProvisioningCallId>,
}

type Place = Path<(OrganizationId, ProvisionerId)>;

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(asked): Query<CallsQuery>) -> web::Result<HttpResponse> {
    let (id, shown) = (place.1, context.clone());
    context.read(&db, move |conn, scope| load(conn, scope, &shown, id, &asked)).await?.ok()
}

fn load(conn: &mut Conn, scope: &Scope, context: &MemberContext, id: ProvisionerId, asked: &CallsQuery) -> Result<Show, Fault> {
    let facts = facts::facts_of(conn, scope, id)?;
    let only_refused = asked.refused == "1";
    let may_see_calls = scope.may(rights::USER_READ);
    let mut found = if may_see_calls {
        calls::latest(conn, scope, id, asked.before, only_refused, SHOWN + 1)?
    } else {
        vec![]
    };
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let has_older = found.len() > shown;
    found.truncate(shown);
    Ok(Show {
        context: context.clone(),
        facts,
        may_set_up: manage::may_set_up(conn, scope)?,
        older: found.last().filter(|_| has_older).map(|call| call.id),
        calls: found,
        may_see_calls,
        only_refused,
        is_later_page: asked.before.is_some(),
    })
}

type CallPlace = Path<(OrganizationId, ProvisionerId, ProvisioningCallId)>;

async fn call(db: Data<Db>, context: MemberContext, place: CallPlace) -> web::Result<HttpResponse> {
    let (_, id, call) = *place;
    let load = move |conn: &mut Conn, scope: &Scope| {
        let (provisioner, name) = manage::find(conn, scope, id)?;
        Ok::<_, Fault>((provisioner, name, calls::find_call(conn, scope, id, call)?))
    };
    let (provisioner, name, call) = context.read(&db, load).await?;
    CallPage { context, provisioner, name, call }.ok()
}
