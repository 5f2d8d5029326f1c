//! Queries of `invitations`, one function per statement.

use crate::{
    db::{Conn, MultiBackend, Tx, schema::invitations},
    kit::{Fault, InvitationId, LetterId, MemberId, OrganizationId, Scope, Timestamp},
    links::LinkKind,
};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = invitations, check_for_backend(MultiBackend))]
pub(super) struct Invitation {
    pub id: InvitationId,
    pub member_id: MemberId,
    pub email: String,
    pub invited_by: Option<MemberId>,
    pub message: String,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub void_reason: Option<String>,
    pub outbox_id: Option<LetterId>,
}

/// An open invitation of this organization.
pub(super) fn find_open(conn: &mut Conn, organization: OrganizationId, id: InvitationId) -> Result<Invitation, Fault> {
    let row = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::id.eq(id))
        .filter(invitations::accepted_at.is_null());
    Ok(row.select(Invitation::as_select()).first(conn)?)
}

pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: InvitationId) -> Result<Invitation, Fault> {
    let row = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::id.eq(id));
    Ok(row.select(Invitation::as_select()).first(conn)?)
}

pub(super) fn find_open_by_member(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<Option<Invitation>, Fault> {
    let row = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::member_id.eq(member))
        .filter(invitations::accepted_at.is_null());
    Ok(row.select(Invitation::as_select()).first(conn).optional()?)
}

pub(super) fn insert(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, email: &str, message: &str) -> Result<InvitationId, Fault> {
    let (id, now) = (InvitationId::new(scope.now()), scope.now());
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(id),
            invitations::organization_id.eq(scope.organization),
            invitations::member_id.eq(member),
            invitations::email.eq(email),
            invitations::invited_by.eq(scope.actor.member_id()),
            invitations::message.eq(message),
            invitations::created_at.eq(now),
            invitations::sent_at.eq(now),
            invitations::expires_at.eq(now + LinkKind::Invitation.lifetime()),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Changes the address of the invitation to another address of the same person.
pub(super) fn readdress(tx: &mut Tx<'_>, organization: OrganizationId, id: InvitationId, email: &str) -> Result<(), Fault> {
    let row = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::id.eq(id));
    diesel::update(row).set(invitations::email.eq(email)).execute(tx.conn())?;
    Ok(())
}

/// Records a new link: its creator becomes the sender, and the validity period starts again.
pub(super) fn restart(tx: &mut Tx<'_>, scope: &Scope, id: InvitationId, letter: Option<LetterId>) -> Result<(), Fault> {
    let now = scope.now();
    diesel::update(
        invitations::table
            .filter(invitations::organization_id.eq(scope.organization))
            .filter(invitations::id.eq(id)),
    )
    .set((
        invitations::invited_by.eq(scope.actor.member_id()),
        invitations::sent_at.eq(now),
        invitations::expires_at.eq(now + LinkKind::Invitation.lifetime()),
        invitations::void_reason.eq(None::<String>),
        invitations::outbox_id.eq(letter),
    ))
    .execute(tx.conn())?;
    Ok(())
}

pub(super) fn set_accepted(tx: &mut Tx<'_>, organization: OrganizationId, id: InvitationId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(
        invitations::table
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::id.eq(id)),
    )
    .set(invitations::accepted_at.eq(Some(now)))
    .execute(tx.conn())?;
    Ok(())
}

pub(super) fn set_void(tx: &mut Tx<'_>, organization: OrganizationId, id: InvitationId, reason: &str) -> Result<(), Fault> {
    diesel::update(
        invitations::table
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::id.eq(id)),
    )
    .set(invitations::void_reason.eq(Some(reason)))
    .execute(tx.conn())?;
    Ok(())
}
