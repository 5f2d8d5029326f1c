//! The menu of a row, on a page of its own: a list of fifty people neither judges nor shows fifty menus. A script shows it
//! at the row; without script the page opens.

use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, MemberStatus, Scope, rights},
    members::{Pending, Place, Row, WhyNot, find_of, load_rows, towards, why_not_of},
    web::{self, Back, MemberContext, Respond, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use askama::Template;

#[derive(Template)]
#[template(path = "directory/menu.html")]
struct Menu {
    context: MemberContext,
    row: Row,
    why_not: WhyNot,
    may_manage: bool,
    may_invite: bool,
    /// The page of the list that the menu is on.
    back: String,
}

impl Menu {
    fn kind(&self) -> MemberKind {
        self.row.member.kind
    }
    fn page_name(&self) -> String {
        Place { kind: self.kind(), id: self.row.member.id }.path(&self.context)
    }
    fn may_make_administrators(&self) -> bool {
        self.context.scope.may(rights::EVERYTHING)
    }
    /// The invitation of a member who has not accepted it.
    fn pending(&self) -> Option<&Pending> {
        self.row.invitation.as_ref().filter(|_| self.row.member.status == MemberStatus::Invited)
    }
}

pub(super) async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(back): Query<Back>) -> web::Result<HttpResponse> {
    let list = context.path(place.kind.path());
    let back = back.path(&context.site, list);
    let found = context.read(&db, move |conn, scope| find(conn, scope, place)).await?;
    let RowMenu { row, why_not, may_manage, may_invite } = found;
    Menu { context, row, why_not, may_manage, may_invite, back }.ok()
}

struct RowMenu {
    row: Row,
    why_not: WhyNot,
    may_manage: bool,
    may_invite: bool,
}

fn find(conn: &mut Conn, scope: &Scope, place: Place) -> Result<RowMenu, Fault> {
    let scope = &*towards(conn, scope, place.id)?;
    scope.demand(rights::read(place.kind))?;
    let member = find_of(conn, scope, place.kind, place.id)?;
    let row = load_rows(conn, scope, vec![member])?.pop().ok_or(Fault::Missing)?;
    let why_not = why_not_of(conn, scope, &row)?;
    Ok(RowMenu {
        may_manage: scope.may(rights::manage(place.kind)),
        may_invite: scope.may(rights::USER_INVITE),
        row,
        why_not,
    })
}
