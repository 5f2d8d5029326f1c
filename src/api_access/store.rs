//! Queries of `api_access`, one function per statement.

use crate::{
    authorization::PERMISSIONS_SQL,
    db::{Cached, Conn, MultiBackend, Tx, schema::api_access},
    kit::{
        Fault, MemberId, MemberStatus, OrganizationId, Scope, Timestamp, UserId, email,
        sql::{UtcSql, UuidSql},
    },
    second_factors,
    throttle::{self, Bucket},
    tokens::LastUse,
    web::subscriber_prefix,
};
use chrono::TimeDelta;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Bool, Nullable, Text},
};
use std::sync::LazyLock;

/// The API access of a person.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = api_access, check_for_backend(MultiBackend))]
pub struct Access {
    pub enabled_at: Timestamp,
    pub enabled_by: Option<MemberId>,
    /// When the API password was set, if there is one.
    pub changed_at: Option<Timestamp>,
    pub changed_by: Option<MemberId>,
    pub last_used_at: Option<Timestamp>,
    pub last_used_address: String,
}

pub fn find(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<Access>, Fault> {
    let row = api_access::table.find((scope.organization, member));
    Ok(row.select(Access::as_select()).first(conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, scope: &Scope, member: MemberId) -> Result<(), Fault> {
    diesel::insert_into(api_access::table)
        .values((
            api_access::organization_id.eq(scope.organization),
            api_access::member_id.eq(member),
            api_access::enabled_at.eq(scope.now()),
            api_access::enabled_by.eq(scope.actor.member_id()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn delete(tx: &mut Tx<'_>, scope: &Scope, member: MemberId) -> Result<(), Fault> {
    diesel::delete(api_access::table.find((scope.organization, member))).execute(tx.conn())?;
    Ok(())
}

/// Sets or removes the API password, and deletes the last use of the previous one.
pub fn set_hash(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, hash: Option<&str>) -> Result<(), Fault> {
    diesel::update(api_access::table.find((scope.organization, member)))
        .set((
            api_access::hash.eq(hash),
            api_access::changed_at.eq(hash.map(|_| scope.now())),
            api_access::changed_by.eq(scope.actor.member_id().filter(|_| hash.is_some())),
            api_access::last_used_at.eq(None::<Timestamp>),
            api_access::last_used_address.eq(""),
            api_access::last_used_agent.eq(""),
            api_access::version.eq(api_access::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Stores the same password with stronger hash parameters, unless it was changed meanwhile.
pub fn rehash(tx: &mut Tx<'_>, holder: &Row, new: &str) -> Result<(), Fault> {
    let row = api_access::table
        .filter(api_access::organization_id.eq(holder.organization_id))
        .filter(api_access::member_id.eq(holder.member_id))
        .filter(api_access::hash.eq(Some(&holder.hash)).assume_not_null());
    diesel::update(row).set(api_access::hash.eq(new)).execute(tx.conn())?;
    Ok(())
}

/// Stores the last use, if the stored one is older.
pub fn touch(tx: &mut Tx<'_>, organization: OrganizationId, member: MemberId, used: &LastUse) -> Result<(), Fault> {
    let earlier = api_access::last_used_at.is_null().or(api_access::last_used_at.lt(Some(used.at)));
    let row = api_access::table
        .filter(api_access::organization_id.eq(organization))
        .filter(api_access::member_id.eq(member))
        .filter(earlier.assume_not_null());
    diesel::update(row)
        .set((
            api_access::last_used_at.eq(Some(used.at)),
            api_access::last_used_address.eq(&used.address),
            api_access::last_used_agent.eq(&used.agent),
        ))
        .execute(tx.conn())?;
    // A process that keeps a connection from the same source hashes only once; this keeps its source known.
    know(tx, member, &subscriber_prefix(&used.address), used.at)
}

/// An API password that may match a given username, with its owner and their present permissions.
#[derive(QueryableByName, Clone, Debug)]
pub struct Row {
    #[diesel(sql_type = UuidSql)]
    pub organization_id: OrganizationId,
    #[diesel(sql_type = UuidSql)]
    pub member_id: MemberId,
    #[diesel(sql_type = UuidSql)]
    pub user_id: UserId,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub status: MemberStatus,
    #[diesel(sql_type = Text)]
    pub organization_name: String,
    #[diesel(sql_type = Text)]
    pub hash: String,
    #[diesel(sql_type = UtcSql)]
    pub changed_at: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    pub held: Option<String>,
    /// The organization now demands a second factor, and the owner has none.
    #[diesel(sql_type = Bool)]
    pub lacks_second_step: bool,
    /// The organization now admits people through its identity providers only.
    #[diesel(sql_type = Bool)]
    pub requires_sso: bool,
}

impl Row {
    /// Whether it is still the password that was compared.
    pub fn is_same(&self, compared: &Self) -> bool {
        self.member_id == compared.member_id && self.hash == compared.hash
    }
}

/// The API passwords of the person with this name, one for each organization that lets them use the API, in one
/// statement.
pub fn of_name(conn: &mut Conn, name: &str, now: Timestamp) -> Result<Vec<Row>, Fault> {
    const LACKING: &str = second_factors::LACKING;
    static STATEMENT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {PERMISSIONS_SQL} AS held, {LACKING} AS lacks_second_step, (o.sso_from IS NOT NULL AND o.sso_from <= $1) AS requires_sso, m.organization_id, m.id AS member_id, m.user_id, u.username, u.email, m.name, m.status, o.name AS organization_name, a.hash, a.changed_at \
         FROM user_names n JOIN users u ON u.id = n.user_id JOIN members m ON m.user_id = n.user_id JOIN organizations o ON o.id = m.organization_id \
         JOIN api_access a ON a.organization_id = m.organization_id AND a.member_id = m.id \
         WHERE n.name_key = $2 AND a.hash IS NOT NULL ORDER BY m.created_at, m.id"
        )
    });
    let query = sql_query(STATEMENT.as_str()).bind::<UtcSql, _>(now).bind::<Text, _>(email::likeness(name));
    let rows: Vec<Row> = Cached(query).load(conn)?;
    // A name that only looks like theirs is not theirs.
    let is_theirs = |row: &Row| email::is_one_name(&row.username, name) || email::is_one_mailbox(&row.email, name);
    Ok(rows.into_iter().filter(is_theirs).collect())
}

/// How long a source stays known after the right password came from it.
const KNOWN: TimeDelta = TimeDelta::days(30);

pub(super) fn known_source(member: MemberId, source: &str) -> String {
    format!("{member} {source}")
}

/// Records a source as one from which a member's API password comes.
pub(super) fn know(tx: &mut Tx<'_>, member: MemberId, source: &str, now: Timestamp) -> Result<(), Fault> {
    throttle::trust(tx, Bucket::ApiSource, &known_source(member, source), KNOWN, now)
}
