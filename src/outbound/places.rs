//! How many requests are under way at once on behalf of pages, API calls and sign-ins. Workers count their own.
//!
//! A receiver that never answers holds a place for ten seconds. No organization may hold so many that the others wait.

use crate::kit::{Fault, OrganizationId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// In this process.
const AT_ONCE: usize = 16;
/// On behalf of one organization.
const OF_ONE: usize = 4;
/// How long a caller waits for a place.
const PATIENCE: Duration = Duration::from_secs(3);

type Held = Arc<Mutex<HashMap<OrganizationId, usize>>>;

#[derive(Clone, Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    held: Held,
}

impl Default for Places {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE)), held: Held::default() }
    }
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

/// The part of an organization's share that a place uses.
#[derive(Debug)]
struct Share {
    organization: OrganizationId,
    held: Held,
}

impl Share {
    fn take(held: &Held, organization: OrganizationId) -> Option<Self> {
        let mut counts = held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(organization).or_default();
        (*count < OF_ONE).then(|| {
            *count += 1;
            Self { organization, held: held.clone() }
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let left = counts.get(&self.organization).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            counts.remove(&self.organization);
        } else {
            counts.insert(self.organization, left);
        }
    }
}

impl Places {
    /// # Errors
    /// [`Fault::Unavailable`] when the organization holds its share, or no place becomes free in time.
    pub async fn take(&self, organization: OrganizationId) -> Result<Place, Fault> {
        let busy = || Fault::unavailable("too many requests to other machines are under way");
        let share = Share::take(&self.held, organization).ok_or_else(busy)?;
        let permit = timeout(PATIENCE, self.free.clone().acquire_owned()).await.map_err(|_| busy())?;
        Ok(Place { _permit: permit.map_err(Fault::broken)?, _share: share })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_organization_holds_its_share_and_leaves_the_rest_to_others() {
        let places = Places::default();
        let (one, other) = (OrganizationId::new(crate::kit::Timestamp::EPOCH), OrganizationId::nobody());
        let mut held = Vec::new();
        for _ in 0..OF_ONE {
            held.push(places.take(one).await.unwrap());
        }
        assert!(matches!(places.take(one).await, Err(Fault::Unavailable(_))));
        assert!(places.take(other).await.is_ok());
        held.pop();
        assert!(places.take(one).await.is_ok());
        held.clear();
        assert!(places.held.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_long_for_a_place() {
        let places = Places::default();
        let all = places.free.clone().acquire_many_owned(16).await.unwrap();
        assert!(matches!(places.take(OrganizationId::nobody()).await, Err(Fault::Unavailable(_))));
        drop(all);
        assert!(places.take(OrganizationId::nobody()).await.is_ok());
    }
}
