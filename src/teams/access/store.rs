//! Queries of what teams give.

use super::{Attachment, NewAttachment};
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{members, team_members, team_policies, team_roles},
        views::{held_policies, held_roles},
    },
    kit::{Fault, MemberId, MemberKind, Scope, TeamId},
    roles::in_force,
    teams::membership::counted,
};
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use std::{collections::HashMap, fmt};

/// Attaches it.
pub(super) fn insert(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, wanted: &NewAttachment) -> Result<(), Fault> {
    // One that has ended may still be there.
    delete(tx, scope, id, wanted.what)?;
    match wanted.what {
        Attachment::Role(role) => diesel::insert_into(team_roles::table)
            .values((
                team_roles::organization_id.eq(scope.organization),
                team_roles::team_id.eq(id),
                team_roles::role_id.eq(role),
                team_roles::attached_at.eq(scope.now()),
                team_roles::attached_by.eq(scope.actor.member_id()),
                team_roles::until_at.eq(wanted.until),
                team_roles::is_delegated.eq(wanted.is_delegated),
            ))
            .execute(tx.conn())?,
        Attachment::Policy(policy) => diesel::insert_into(team_policies::table)
            .values((
                team_policies::organization_id.eq(scope.organization),
                team_policies::team_id.eq(id),
                team_policies::policy_id.eq(policy),
                team_policies::attached_at.eq(scope.now()),
                team_policies::attached_by.eq(scope.actor.member_id()),
                team_policies::until_at.eq(wanted.until),
                team_policies::is_delegated.eq(wanted.is_delegated),
            ))
            .execute(tx.conn())?,
    };
    Ok(())
}

/// Replaces its end and whether adding people is delegated. Who attached it and when stays: they answer for it.
pub(super) fn update(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, wanted: &NewAttachment) -> Result<(), Fault> {
    match wanted.what {
        Attachment::Role(role) => diesel::update(team_roles::table.find((scope.organization, id, role)))
            .set((team_roles::until_at.eq(wanted.until), team_roles::is_delegated.eq(wanted.is_delegated)))
            .execute(tx.conn())?,
        Attachment::Policy(policy) => diesel::update(team_policies::table.find((scope.organization, id, policy)))
            .set((team_policies::until_at.eq(wanted.until), team_policies::is_delegated.eq(wanted.is_delegated)))
            .execute(tx.conn())?,
    };
    Ok(())
}

/// Detaches it, expired or not.
pub(super) fn delete(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, what: Attachment) -> Result<(), Fault> {
    match what {
        Attachment::Role(role) => diesel::delete(team_roles::table.find((scope.organization, id, role))).execute(tx.conn())?,
        Attachment::Policy(policy) => diesel::delete(team_policies::table.find((scope.organization, id, policy))).execute(tx.conn())?,
    };
    Ok(())
}

/// Whether the caller is in the team.
pub(super) fn is_in(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<bool, Fault> {
    let Some(me) = scope.actor.member_id() else { return Ok(false) };
    let found = team_members::table.find((scope.organization, me, id)).count().get_result::<i64>(conn)?;
    Ok(found > 0)
}

/// Everybody in a team.
pub(super) fn members_of(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Vec<MemberId>, Fault> {
    let rows = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq(id));
    Ok(rows.select(team_members::member_id).load(conn)?)
}

/// The names of those who attached something.
pub(super) fn names(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, String>, Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids));
    let found: Vec<(MemberId, String)> = rows.select((members::id, members::name)).load(conn)?;
    Ok(found.into_iter().collect())
}

/// How many members of a team have something only through the team, and how many have it anyway. Disabled and invited members
/// count, since they have it as soon as they are active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub people: i64,
    pub system_accounts: i64,
    /// Of both kinds.
    pub others: i64,
}

impl Reach {
    pub fn all(self) -> i64 {
        self.people + self.system_accounts
    }
}

/// `12 people and 1 system account`, or `nobody`.
impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.all() {
            0 => f.write_str("nobody"),
            _ => f.write_str(&counted(self.people, self.system_accounts)),
        }
    }
}

/// Who has it only through this team.
pub(super) fn reach(conn: &mut Conn, scope: &Scope, id: TeamId, what: Attachment) -> Result<Reach, Fault> {
    macro_rules! within {
        () => {
            team_members::table
                .inner_join(members::table)
                .filter(team_members::organization_id.eq(scope.organization))
                .filter(team_members::team_id.eq(id))
        };
    }
    macro_rules! without {
        ($view:ident, $column:ident, $given:expr) => {{
            let otherwise = $view::table
                .filter($view::organization_id.eq(scope.organization))
                .filter($view::member_id.eq(team_members::member_id))
                .filter($view::$column.eq($given))
                .filter(in_force!($view::until_at, scope.now()))
                .filter($view::team_id.is_null().or($view::team_id.ne(id).assume_not_null()));
            let rows = within!().filter(not(exists(otherwise))).group_by(members::kind);
            rows.select((members::kind, count_star())).load::<(MemberKind, i64)>(conn)?
        }};
    }
    let all: i64 = within!().count().get_result(conn)?;
    let rows = match what {
        Attachment::Role(role) => without!(held_roles, role_id, role),
        Attachment::Policy(policy) => without!(held_policies, policy_id, policy),
    };
    let mut reach = Reach::default();
    for (kind, many) in rows {
        match kind {
            MemberKind::User => reach.people += many,
            MemberKind::SystemAccount => reach.system_accounts += many,
        }
    }
    reach.others = all - reach.all();
    Ok(reach)
}
