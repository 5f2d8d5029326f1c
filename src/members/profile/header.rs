//! The header above every tab of a profile.

use crate::{
    db::{
        Conn,
        schema::{passkeys, totps, users},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, ProvisionerId, Scope, UserId, rights},
    members::{Granted, Management, Member, Pending, Place, changes::WhyNot, load_rows, managed, reach::towards, store, why_not_of},
    web::MemberContext,
};
use diesel::{dsl::exists, prelude::*};

/// The header above every tab of a profile.
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
    /// Whether that is shown: only to the person, and to callers who manage people.
    pub shows_two_step: bool,
    /// Why the caller cannot make a change to this person, if so.
    pub why_not: WhyNot,
    pub may_manage: bool,
    /// The caller may disable and enable it, and use its tokens.
    pub may_run: bool,
    pub may_invite: bool,
    pub may_see_history: bool,
    pub created_by: Option<String>,
    /// Who manages them for an identity provider, and what.
    pub managed: Option<Management>,
    /// Of a system account that is a SCIM client: its settings, for callers who may see them.
    pub provisioner: Option<ProvisionerId>,
}

impl Header {
    /// Whether an identity provider decides their address here.
    pub fn is_address_managed(&self) -> bool {
        self.managed.as_ref().is_some_and(|managed| managed.decides_address)
    }
    pub fn is_machine(&self) -> bool {
        self.member.kind.is_machine()
    }
    /// The path of the member's own page.
    pub fn path(&self, context: &MemberContext) -> String {
        let (kind, id) = (self.member.kind, self.member.id);
        Place { kind, id }.path(context)
    }
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator)
    }
    pub fn is_invited(&self) -> bool {
        self.member.status == MemberStatus::Invited
    }
    pub fn is_disabled(&self) -> bool {
        self.member.status == MemberStatus::Disabled
    }
    /// Whether an identity provider manages this detail.
    pub fn manages(&self, field: &str) -> bool {
        self.managed.as_ref().is_some_and(|managed| managed.details.contains(&field))
    }
}

/// Same as [`header_of`] for a person.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn header(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Header, Fault> {
    header_of(conn, scope, MemberKind::User, id)
}

/// Loads the header. Needs `user:read:*`, `user:read:team` for a person of the caller's teams, or `system_account:read:*`, except
/// for one's own profile.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn header_of(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Header, Fault> {
    let scope = &towards(conn, scope, id)?;
    if !scope.is_me(id) {
        scope.demand(rights::read(kind))?;
    }
    let member = store::find_of(conn, scope, kind, id)?;
    let username: Option<String> = users::table
        .filter(users::id.nullable().eq(member.user_id))
        .select(users::username)
        .first(conn)
        .optional()?;
    let has_two_step = member.user_id.map(|user| has_two_step(conn, user)).transpose()?.unwrap_or_default();
    // Uses the directory's loader, so that the profile and the list show the same.
    let row = load_rows(conn, scope, vec![member])?.pop().ok_or(Fault::Missing)?;
    let why_not = why_not_of(conn, scope, &row)?;
    let managed = if kind.is_machine() {
        None
    } else {
        managed::management(conn, scope.organization, id, &row.email)?
    };
    let provisioner = if kind.is_machine() && scope.may(rights::CONNECTION_READ) {
        managed::provisioner_of(conn, scope.organization, id)?
    } else {
        None
    };
    Ok(Header {
        managed,
        provisioner,
        may_manage: scope.may(rights::manage(kind)),
        shows_two_step: row.is_me || scope.may(rights::manage(kind)),
        may_run: row.may_run,
        may_invite: scope.may(rights::USER_INVITE),
        may_see_history: scope.may(rights::AUDIT_READ),
        is_me: row.is_me,
        roles: row.roles,
        teams: row.teams,
        invitation: row.invitation,
        status_by: row.status_by,
        created_by: row.created_by,
        email: row.email,
        member: row.member,
        username: username.unwrap_or_default(),
        has_two_step,
        why_not,
    })
}

fn has_two_step(conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
    let key = exists(passkeys::table.filter(passkeys::user_id.eq(user)));
    Ok(diesel::select(exists(totps::table.find(user)).or(key)).get_result(conn)?)
}
