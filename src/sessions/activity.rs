//! Login activity: every sign-in attempt of a person, good and bad, for members who may read users.

use super::{
    device::describe,
    model::{Activity, SignInRow},
    pages::Attempts,
    sign_in::Outcome,
};
use crate::{
    db::{
        Conn, Db, MultiBackend, Tx,
        keyset::{Page, TimeCursor, Window},
        query::{Direction, beyond},
        schema::sign_ins,
    },
    kit::{Fault, MemberId, MemberKind, OrganizationId, Scope, SignInId, Timestamp, rights},
    members,
    web::{
        self, MemberContext, Respond,
        chart::{Chart, DAYS, DayCount},
    },
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Deserialize;

const PAGE: i64 = 50;

/// Which page of a person's attempts.
pub type AttemptWindow = Window<TimeCursor<SignInId>>;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/{member}/activity").route(web::get().to(index)));
}

/// Which attempts are requested.
#[derive(Deserialize)]
pub struct ActivityQuery {
    /// Microseconds and id of the last attempt on the previous page.
    before: Option<String>,
}

/// Needs `user:read:*`, except for the caller's own activity.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn activity(conn: &mut Conn, scope: &Scope, id: MemberId, asked: &ActivityQuery) -> Result<Activity, Fault> {
    let scope = &members::towards(conn, scope, id)?;
    if !scope.is_me(id) {
        scope.demand(rights::USER_READ)?;
    }
    let member = members::find(conn, scope, id)?;
    let window = Window::read(asked.before.as_deref().and_then(|text| text.parse().ok()), None);
    let page = attempts_of(conn, scope, id, window, PAGE)?;
    let older = page.next().map(|last| format!("?before={}", TimeCursor(last.at, last.id)));
    Ok(Activity {
        name: member.name,
        chart: Chart::draw(scope.now(), &days(conn, scope, id)?),
        lines: page.rows,
        older,
        is_first: window == Window::First,
    })
}

/// A page of a person's attempts, the newest first.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn attempts(conn: &mut Conn, scope: &Scope, id: MemberId, window: AttemptWindow, size: i64) -> Result<Page<SignInRow>, Fault> {
    let scope = &members::towards(conn, scope, id)?;
    scope.demand(rights::USER_READ)?;
    members::find_of(conn, scope, MemberKind::User, id)?;
    attempts_of(conn, scope, id, window, size)
}

async fn index(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId)>,
    asked: Query<ActivityQuery>,
) -> web::Result<HttpResponse> {
    let (id, asked) = (place.1, asked.into_inner());
    let (header, activity) = context
        .read(&db, move |conn, scope| {
            Ok::<_, Fault>((members::header(conn, scope, id)?, activity(conn, scope, id, &asked)?))
        })
        .await?;
    Attempts { context, header, activity }.ok()
}

/// [`attempts`] without asking what the caller may see, for an export that asked already.
pub fn attempts_of(conn: &mut Conn, scope: &Scope, member: MemberId, window: AttemptWindow, size: i64) -> Result<Page<SignInRow>, Fault> {
    let mut query = sign_ins::table
        .filter(sign_ins::organization_id.eq(scope.organization))
        .filter(sign_ins::member_id.eq(member))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(size + 1)
        .select((sign_ins::id, sign_ins::at, sign_ins::outcome, sign_ins::method, sign_ins::address, sign_ins::agent))
        .into_boxed::<MultiBackend>();
    if let Some(TimeCursor(at, id)) = window.cursor() {
        query = query.filter(beyond((sign_ins::at, sign_ins::id), (*at, *id), Direction::Descending));
    }
    let rows: Vec<(SignInId, Timestamp, Outcome, String, String, String)> = query.load(conn)?;
    let line = |(id, at, outcome, method, address, agent): (_, _, _, _, _, String)| SignInRow {
        id,
        at,
        outcome,
        method,
        address,
        device: describe(&agent),
    };
    Ok(window.page(rows, size).map(line))
}

/// Deletes all attempts in an organization that is deleted in this transaction: with their members they would go one by one.
pub fn delete_attempts(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Fault> {
    diesel::delete(sign_ins::table.filter(sign_ins::organization_id.eq(organization))).execute(tx.conn())?;
    Ok(())
}

/// The person's attempts on each of the last days.
fn days(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Vec<(i64, DayCount)>, Fault> {
    let since = scope.now() - TimeDelta::days(DAYS);
    let rows: Vec<(Timestamp, Outcome)> = sign_ins::table
        .filter(sign_ins::organization_id.eq(scope.organization))
        .filter(sign_ins::member_id.eq(member))
        .filter(sign_ins::at.gt(since))
        .select((sign_ins::at, sign_ins::outcome))
        .load(conn)?;
    let tally = |(at, outcome): (Timestamp, Outcome)| {
        let succeeded = i64::from(outcome == Outcome::SignedIn);
        (at.day(), DayCount { succeeded, failed: 1 - succeeded })
    };
    Ok(rows.into_iter().map(tally).collect())
}
