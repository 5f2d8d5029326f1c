//! The organization while it is filled: which id each number received. The other files write its tables.

use super::{dataset::Dataset, fixtures::Fixtures, grants::team_count};
use crate::{
    db::Tx,
    kit::{Fault, MemberId, OrganizationId, Timestamp, UserId},
    members::{self, find_by_user},
};

/// People written at a time, so that the rows of all people are never in memory at once.
pub(super) const AT_ONCE: usize = 2_000;

/// The organization, and the ids of its people in the order of the dataset.
pub(super) struct Writer<'a> {
    pub organization: OrganizationId,
    pub(super) dataset: &'a Dataset,
    pub(super) fixtures: Fixtures,
    pub(super) members: Vec<MemberId>,
    pub(super) users: Vec<UserId>,
    pub(super) now: Timestamp,
}

impl<'a> Writer<'a> {
    pub fn begin(
        tx: &mut Tx<'_>,
        dataset: &'a Dataset,
        organization: OrganizationId,
        founder: UserId,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let ada = find_by_user(tx, organization, founder)?.ok_or(Fault::Missing)?.id;
        // The founder is written like everybody else, as a member of three years; the row of a new member makes room.
        members::delete(tx, organization, ada)?;
        let fixtures = Fixtures::make(tx, organization, team_count(dataset.people.len()), dataset.memberships[0].created_at)?;
        let others = || dataset.memberships.iter().skip(1).map(|membership| membership.created_at);
        let members = std::iter::once(ada).chain(others().map(MemberId::new)).collect();
        let users = std::iter::once(founder).chain(others().map(UserId::new)).collect();
        Ok(Self { organization, dataset, fixtures, members, users, now })
    }
}
