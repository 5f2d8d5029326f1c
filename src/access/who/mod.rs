//! Who may do what: everybody, people and system accounts, who has a permission or may act on a resource, each with every role, team
//! and policy that allows it.
//!
//! The list begins with the roles and policies that allow it, and pages by member, so that it is as fast for few as for all. What
//! it says of each member is what `authorization::decide` answers about them.

mod export;
mod forms;
mod pages;
mod routes;
mod store;

pub use forms::{AskedQuestion, WhoQuery, of_permissions, of_rules};
pub use routes::mount;

use crate::{
    authorization::{self, Question, Reason, decide},
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, rights},
};

/// Somebody who may do it, and what allows it.
#[derive(Clone, Debug)]
pub struct AllowedMember {
    pub id: MemberId,
    pub kind: MemberKind,
    pub name: String,
    /// People have one.
    pub email: Option<String>,
    pub because: Vec<Reason>,
}

/// One page of them, and the member after whom the next page begins.
#[derive(Clone, Debug, Default)]
pub struct AllowedPage {
    pub members: Vec<AllowedMember>,
    pub next: Option<MemberId>,
}

/// Checks that the caller may see members, roles, teams and policies: a list with some of them left out would be wrong.
///
/// # Errors
/// [`Fault::Denied`].
pub fn demand(scope: &Scope) -> Result<(), Fault> {
    for right in [
        rights::ROLE_READ,
        rights::POLICY_READ,
        rights::TEAM_READ,
        rights::USER_READ,
        rights::SYSTEM_ACCOUNT_READ,
    ] {
        scope.demand(right)?;
    }
    Ok(())
}

/// One page of the active members who may do it, in the order in which they came to the organization.
///
/// # Errors
/// [`Fault::Denied`].
pub fn page(conn: &mut Conn, scope: &Scope, question: &Question, after: Option<MemberId>, size: i64) -> Result<AllowedPage, Fault> {
    demand(scope)?;
    let grantors = authorization::grantors(conn, scope.organization, question)?;
    let mut ids = store::candidates(conn, scope, &grantors, after, size)?;
    let shown = usize::try_from(size).unwrap_or(usize::MAX);
    let next = if ids.len() > shown { ids.get(shown - 1).copied() } else { None };
    ids.truncate(shown);
    let mut held = authorization::effective_of(conn, scope.organization, &ids, scope.now())?;
    let named = store::named(conn, scope, &ids)?;
    let allowed = named.into_iter().filter_map(|(id, kind, name, email)| {
        let decision = decide(&held.remove(&id)?, question);
        decision.allowed.then_some(AllowedMember { id, kind, name, email, because: decision.because })
    });
    Ok(AllowedPage { members: allowed.collect(), next })
}
