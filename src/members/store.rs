//! Queries of `members`, one function per statement.

use super::{
    keys::{account_key, name_key},
    model::{Details, Member, Membership, NewMember},
    name::PersonNames,
};
use crate::{
    db::{
        Conn, Tx,
        schema::{members, organizations, users},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, OrganizationId, Scope, Timestamp, UserId, fold},
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

/// A member of this organization. A member of another organization is missing, not denied, so that ids reveal nothing.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Member, Fault> {
    let row = members::table.filter(members::organization_id.eq(scope.organization)).filter(members::id.eq(id));
    Ok(row.select(Member::as_select()).first(conn)?)
}

/// Same as [`find`], if the member is active.
pub fn find_active(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<Member>, Fault> {
    let row = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id))
        .filter(members::status.eq(MemberStatus::Active));
    Ok(row.select(Member::as_select()).first(conn).optional()?)
}

/// Same as [`find`] for one kind. A member of the other kind is missing, so that paths of people never show a system
/// account.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find_of(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Member, Fault> {
    match find(conn, scope, id)? {
        member if member.kind == kind => Ok(member),
        _ => Err(Fault::Missing),
    }
}

/// The membership of a person in this organization, if they have one.
pub fn find_by_user(conn: &mut Conn, organization: OrganizationId, user: UserId) -> Result<Option<Member>, Fault> {
    let row = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::user_id.eq(Some(user)));
    Ok(row.select(Member::as_select()).first(conn).optional()?)
}

/// Every organization a person belongs to, by name.
pub fn memberships(conn: &mut Conn, user: UserId) -> Result<Vec<Membership>, Fault> {
    type Rules = (i64, i64, bool, Option<Timestamp>, Option<Timestamp>);
    type Row = (MemberId, OrganizationId, String, String, MemberStatus, Timestamp, bool, Rules);
    let mut rows: Vec<Row> = members::table
        .inner_join(organizations::table)
        .filter(members::user_id.eq(Some(user)))
        .select((
            members::id,
            organizations::id,
            organizations::name,
            members::name,
            members::status,
            members::sessions_from,
            members::enters_without_sso,
            (
                organizations::idle_minutes,
                organizations::absolute_minutes,
                organizations::two_step_required,
                organizations::two_step_from,
                organizations::sso_from,
            ),
        ))
        .load(conn)?;
    rows.sort_by_cached_key(|row| (fold::searchable(&row.2), row.1));
    let read = |(id, organization, organization_name, name, status, sessions_from, enters_without_sso, rules): Row| {
        let (idle_minutes, absolute_minutes, required, two_step_from, sso_from) = rules;
        // Required without a date means required now.
        let of_everybody = required.then(|| two_step_from.unwrap_or(Timestamp::EPOCH));
        let of_break_glass = sso_from.filter(|_| enters_without_sso);
        Membership {
            id,
            organization,
            organization_name,
            name,
            status,
            sessions_from,
            idle_minutes,
            absolute_minutes,
            two_step_from: of_everybody.into_iter().chain(of_break_glass).min(),
            sso_from,
            enters_without_sso,
        }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Inserts a member. The caller of this function checks seats first.
pub fn insert(tx: &mut Tx<'_>, new: &NewMember<'_>, now: Timestamp) -> Result<MemberId, Fault> {
    let id = MemberId::new(now);
    let details = Details { name: new.name.to_owned(), ..new.details.cloned().unwrap_or_default() };
    diesel::insert_into(members::table)
        .values((
            members::id.eq(id),
            members::organization_id.eq(new.organization),
            members::kind.eq(MemberKind::User),
            members::user_id.eq(Some(new.user)),
            &details,
            members::status.eq(new.status),
            members::status_at.eq(now),
            members::status_by.eq(new.by),
            // The person is already signed in, and need not sign in again for another organization.
            members::sessions_from.eq(Timestamp::EPOCH),
            members::created_at.eq(now),
            members::created_by.eq(new.by),
            members::joined_at.eq((new.status != MemberStatus::Invited).then_some(now)),
            members::name_key.eq(name_key(new.name)),
            members::search_key.eq(details.search_key(new.email, new.username)),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Deletes a member of an organization with all data that depends on them.
pub fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: MemberId) -> Result<(), Fault> {
    diesel::delete(members::table.filter(members::organization_id.eq(organization)).filter(members::id.eq(id))).execute(tx.conn())?;
    Ok(())
}

/// Changes first, last and display name. Increases the version, so that an administrator who edits the same details
/// sees a conflict.
pub fn rename(tx: &mut Tx<'_>, member: &Member, names: &PersonNames) -> Result<(), Fault> {
    let new = Details {
        first_name: names.first.clone(),
        last_name: names.last.clone(),
        name: names.display.clone(),
        ..Details::of(member)
    };
    write_details(tx, member, &new)
}

fn write_details(tx: &mut Tx<'_>, member: &Member, new: &Details) -> Result<(), Fault> {
    let identity: Option<(String, String)> = users::table
        .filter(users::id.nullable().eq(member.user_id))
        .select((users::email, users::username))
        .first(tx.conn())
        .optional()?;
    let (email, username) = identity.unwrap_or_default();
    diesel::update(
        members::table
            .filter(members::organization_id.eq(member.organization_id))
            .filter(members::id.eq(member.id)),
    )
    .set((
        new,
        members::name_key.eq(name_key(&new.name)),
        members::search_key.eq(new.search_key(&email, &username)),
        members::account_key.eq(account_key(member.kind, &new.name)),
        members::version.eq(members::version + 1),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Writes details if nobody changed them since that version. Returns whether it wrote.
pub(super) fn update_details(tx: &mut Tx<'_>, member: &Member, version: i64, new: &Details) -> Result<bool, Fault> {
    let row = members::table
        .filter(members::organization_id.eq(member.organization_id))
        .filter(members::id.eq(member.id))
        .filter(members::version.eq(version));
    // Increases the version first, so that of two concurrent edits the second finds it changed.
    if diesel::update(row).set(members::version.eq(version)).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    write_details(tx, member, new)?;
    Ok(true)
}

/// Refreshes the search keys in all of the person's organizations after their email changed.
pub(super) fn refresh_search_keys(tx: &mut Tx<'_>, user: UserId) -> Result<(), Fault> {
    let (username, email): (String, String) = users::table.find(user).select((users::username, users::email)).first(tx.conn())?;
    let rows: Vec<Member> = members::table.filter(members::user_id.eq(Some(user))).select(Member::as_select()).load(tx.conn())?;
    for member in rows {
        let row = members::table
            .filter(members::organization_id.eq(member.organization_id))
            .filter(members::id.eq(member.id));
        diesel::update(row)
            .set(members::search_key.eq(Details::of(&member).search_key(&email, &username)))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Makes an invited person active. The statement itself checks that they are still invited.
///
/// # Errors
/// [`Fault::Missing`] if they are not invited any more.
pub fn join(tx: &mut Tx<'_>, organization: OrganizationId, id: MemberId, now: Timestamp) -> Result<(), Fault> {
    let invited = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::id.eq(id))
        .filter(members::status.eq(MemberStatus::Invited));
    let set = (
        members::status.eq(MemberStatus::Active),
        members::status_at.eq(now),
        members::joined_at.eq(Some(now)),
    );
    match diesel::update(invited).set(set).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Revokes the member's access to this organization for sessions that began before now.
///
/// # Errors
/// [`Fault::Missing`].
pub fn end_sessions_before_now(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<(), Fault> {
    let row = members::table.filter(members::organization_id.eq(scope.organization)).filter(members::id.eq(id));
    match diesel::update(row).set(members::sessions_from.eq(scope.now())).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Whether this person ever signed in.
pub fn has_signed_in(conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
    let somewhere = members::table
        .filter(members::user_id.eq(Some(user)))
        .filter(members::last_sign_in_at.is_not_null())
        .select(members::id);
    Ok(somewhere.first::<MemberId>(conn).optional()?.is_some())
}

/// Records a sign-in with the person's own password or passkey in each of the organizations that it opens, for lists
/// that show the last one.
pub fn touch_sign_in(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), Fault> {
    let requires_sso = organizations::table
        .filter(organizations::id.eq(members::organization_id))
        .filter(organizations::sso_from.le(Some(now)).assume_not_null());
    let active = members::table
        .filter(members::user_id.eq(Some(user)))
        .filter(members::status.eq(MemberStatus::Active))
        .filter(members::enters_without_sso.or(not(exists(requires_sso))));
    diesel::update(active).set(members::last_sign_in_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// [`touch_sign_in`] in one organization, whose identity provider let the person in.
pub fn touch_sign_in_here(tx: &mut Tx<'_>, organization: OrganizationId, user: UserId, now: Timestamp) -> Result<(), Fault> {
    let active = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::user_id.eq(Some(user)))
        .filter(members::status.eq(MemberStatus::Active));
    diesel::update(active).set(members::last_sign_in_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Sets through what a member signs in: `local`, or the kind of a connection.
pub fn set_provider(tx: &mut Tx<'_>, organization: OrganizationId, id: MemberId, provider: &str) -> Result<(), Fault> {
    let row = members::table.filter(members::organization_id.eq(organization)).filter(members::id.eq(id));
    diesel::update(row).set(members::provider.eq(provider)).execute(tx.conn())?;
    Ok(())
}

/// Records the last API use. Reports may arrive late; one older than the stored instant is ignored.
pub fn touch_api_use(tx: &mut Tx<'_>, organization: OrganizationId, id: MemberId, at: Timestamp) -> Result<(), Fault> {
    let earlier = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::id.eq(id))
        .filter(members::last_api_use_key.lt(at));
    diesel::update(earlier).set(members::last_api_use_at.eq(Some(at))).execute(tx.conn())?;
    Ok(())
}

/// A line of the operator's list.
pub struct MembershipLine {
    pub email: String,
    pub status: MemberStatus,
    pub organization: String,
    pub name: String,
    pub last_sign_in_at: Option<Timestamp>,
}

/// Every membership of every person in this deployment, by organization and name. Only for the operator.
pub fn all_memberships(conn: &mut Conn) -> Result<Vec<MembershipLine>, Fault> {
    let rows: Vec<(String, MemberStatus, String, String, Option<Timestamp>)> = members::table
        .inner_join(users::table)
        .inner_join(organizations::table)
        .order((members::organization_id, members::name_key))
        .select((users::email, members::status, organizations::name, members::name, members::last_sign_in_at))
        .load(conn)?;
    let line = |(email, status, organization, name, last_sign_in_at)| MembershipLine { email, status, organization, name, last_sign_in_at };
    Ok(rows.into_iter().map(line).collect())
}
