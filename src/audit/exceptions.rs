//! The two exceptions from the rule that events are neither changed nor deleted: the end of the organization, and the erasure
//! of a deleted person's name. The database allows each while a row of `audit_exceptions` says so, which no transaction
//! leaves behind.

use crate::{
    db::{
        Conn, Tx,
        schema::{audit_events, audit_exceptions},
    },
    kit::{Fault, OrganizationId, sql::UuidSql},
};
use diesel::{prelude::*, sql_query, sql_types::BigInt};

/// Why events are changed or deleted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    End,
    Erasure,
}

/// Does the work while the database allows the exception.
pub(super) fn except<T>(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    purpose: Purpose,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let purpose = match purpose {
        Purpose::End => "end",
        Purpose::Erasure => "erasure",
    };
    diesel::insert_into(audit_exceptions::table)
        .values((audit_exceptions::organization_id.eq(organization), audit_exceptions::purpose.eq(purpose)))
        .execute(tx.conn())?;
    let done = work(tx)?;
    diesel::delete(audit_exceptions::table.find(organization)).execute(tx.conn())?;
    Ok(done)
}

/// Deletes all events of an organization that is deleted in this transaction.
pub fn delete_trail(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Fault> {
    except(tx, organization, Purpose::End, |tx| {
        let all = audit_events::table.filter(audit_events::organization_id.eq(organization));
        diesel::delete(all).execute(tx.conn())?;
        Ok(())
    })
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    events: i64,
}

/// How many events an organization has; one more than `most`, if there are more.
pub fn count_up_to(conn: &mut Conn, organization: OrganizationId, most: i64) -> Result<i64, Fault> {
    let count = sql_query("SELECT count(*) AS events FROM (SELECT 1 FROM audit_events WHERE organization_id = $1 LIMIT $2) AS counted")
        .bind::<UuidSql, _>(organization)
        .bind::<BigInt, _>(most + 1);
    let counted: Counted = count.get_result(conn)?;
    Ok(counted.events)
}
