//! One person: who they are here, and the tabs that tell more.

use super::{
    disablement::{DisableRefusal, may_disable},
    furnish::{Granted, Pending, furnish},
    model::{Member, MemberStatus},
    store,
};
use crate::{
    db::{
        Conn, Db,
        schema::{passkeys, totps, users},
    },
    kit::{Fault, MemberId, OrganizationId, Scope, UserId},
    web::{self, Shell, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use diesel::prelude::*;

/// What stands above every tab of a profile.
#[derive(Clone, Debug)]
pub struct Header {
    pub member: Member,
    pub username: String,
    pub email: String,
    pub roles: Vec<Granted>,
    pub teams: Vec<String>,
    pub status_by: Option<String>,
    pub invitation: Option<Pending>,
    pub is_me: bool,
    /// They have a second factor.
    pub has_two_step: bool,
    /// Why the person cannot be disabled by whoever looks, if so.
    pub disable_refusal: Option<DisableRefusal>,
    pub may_manage: bool,
    pub may_invite: bool,
}

impl Header {
    pub fn is_invited(&self) -> bool {
        self.member.status == MemberStatus::Invited
    }
    pub fn is_disabled(&self) -> bool {
        self.member.status == MemberStatus::Disabled
    }
}

/// Loads what stands above every tab. Needs `user:read:*`, except of one's own profile.
///
/// # Errors
/// [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn header(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Header, Fault> {
    if !scope.is_me(id) {
        scope.demand("user", "read")?;
    }
    let member = store::find(conn, scope, id)?;
    let username: String = users::table
        .filter(users::id.nullable().eq(member.user_id))
        .select(users::username)
        .first(conn)?;
    let has_two_step = has_two_step(conn, &member)?;
    let disable_refusal = may_disable(conn, scope, &member)?;
    // A profile says of one what the directory says of fifty.
    let row = furnish(conn, scope, vec![member])?.pop().ok_or(Fault::Missing)?;
    Ok(Header {
        may_manage: scope.may("user", "manage"),
        may_invite: scope.may("user", "invite"),
        is_me: row.is_me,
        roles: row.roles,
        teams: row.teams,
        invitation: row.invitation,
        status_by: row.status_by,
        email: row.email,
        member: row.member,
        username,
        has_two_step,
        disable_refusal,
    })
}

fn has_two_step(conn: &mut Conn, member: &Member) -> Result<bool, Fault> {
    let app = totps::table.filter(totps::user_id.nullable().eq(member.user_id));
    if app.select(totps::user_id).first::<UserId>(conn).optional()?.is_some() {
        return Ok(true);
    }
    let key = passkeys::table.filter(passkeys::user_id.nullable().eq(member.user_id));
    Ok(key.select(passkeys::user_id).first::<UserId>(conn).optional()?.is_some())
}

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(actix_web::web::resource("/o/{organization}/users/{member}").route(web::get().to(show)));
}

#[derive(Template)]
#[template(path = "members/profile.html")]
struct Details {
    shell: Shell,
    header: Header,
}

async fn show(db: Data<Db>, shell: Shell, place: Path<(OrganizationId, MemberId)>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let header = db.read(move |conn| header(conn, &scope, id)).await?;
    page(StatusCode::OK, &Details { shell, header })
}
