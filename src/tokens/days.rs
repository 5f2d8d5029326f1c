//! How often credentials were used on each recent day, for the chart and the counts on their pages.

use crate::{
    db::{
        Conn, Tx,
        query::OnBoth,
        schema::{members, token_use_days},
    },
    kit::{Fault, MemberId, OrganizationId, Scope, Timestamp, TokenId},
    web::chart::{Chart, DAYS, DayCount},
};
use diesel::{prelude::*, upsert::excluded};

/// Adds uses of one day to what any process wrote before.
pub(super) fn add(
    tx: &mut Tx<'_>,
    (organization, member, token): (OrganizationId, MemberId, TokenId),
    day: i64,
    uses: i64,
) -> Result<(), Fault> {
    // A member deleted meanwhile has no page any more.
    let still = members::table.filter(members::organization_id.eq(organization)).filter(members::id.eq(member));
    if still.select(members::id).first::<MemberId>(tx.conn()).optional()?.is_none() {
        return Ok(());
    }
    let row = (
        token_use_days::organization_id.eq(organization),
        token_use_days::member_id.eq(member),
        token_use_days::token_id.eq(token),
        token_use_days::day.eq(day),
        token_use_days::uses.eq(uses),
    );
    OnBoth(
        diesel::insert_into(token_use_days::table)
            .values(row)
            .on_conflict((
                token_use_days::organization_id,
                token_use_days::member_id,
                token_use_days::token_id,
                token_use_days::day,
            ))
            .do_update()
            .set(token_use_days::uses.eq(token_use_days::uses + excluded(token_use_days::uses))),
    )
    .execute(tx.conn())?;
    Ok(())
}

/// Use counts of a member's credentials for recent days.
#[derive(Clone, Debug)]
pub(super) struct Days(Vec<(TokenId, i64, i64)>);

impl Days {
    pub fn of(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Self, Fault> {
        let rows = token_use_days::table
            .filter(token_use_days::organization_id.eq(scope.organization))
            .filter(token_use_days::member_id.eq(member))
            .filter(token_use_days::day.gt(scope.now().day() - DAYS))
            .select((token_use_days::token_id, token_use_days::day, token_use_days::uses));
        Ok(Self(rows.load(conn)?))
    }
    /// How often one token was used.
    pub fn count(&self, token: TokenId) -> i64 {
        self.0.iter().filter(|(id, ..)| *id == token).map(|(.., uses)| uses).sum()
    }
    /// The chart of one token, or of all credentials together.
    pub fn chart(&self, token: Option<TokenId>, now: Timestamp) -> Chart {
        let wanted = self.0.iter().filter(|(id, ..)| token.is_none_or(|token| token == *id));
        let tally = |(_, day, uses): &(TokenId, i64, i64)| (*day, DayCount { succeeded: *uses, failed: 0 });
        Chart::draw(now, &wanted.map(tally).collect::<Vec<_>>())
    }
}

/// Deletes days that no chart shows any more.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    let old = token_use_days::table.filter(token_use_days::day.le(now.day() - DAYS));
    Ok(diesel::delete(old).execute(tx.conn())?)
}

/// Deletes all days of an organization that is deleted in this transaction: with their tokens they would go one by one.
pub fn delete_uses(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Fault> {
    let all = token_use_days::table.filter(token_use_days::organization_id.eq(organization));
    diesel::delete(all).execute(tx.conn())?;
    Ok(())
}
