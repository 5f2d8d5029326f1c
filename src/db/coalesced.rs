//! Concurrent checks of the same thing share one query (request coalescing): for PostgreSQL, where each query is a round trip.
//!
//! Invariant: a check is answered by a query that began after the check did. So what was committed before a request
//! arrived, such as the revocation of its token, counts for that request.

use crate::kit::Fault;
use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// What an answer is about: what is checked, and of what.
pub type CheckKey = (&'static str, Vec<u8>);

type Answer = Arc<dyn Any + Send + Sync>;
type Tell = oneshot::Sender<Turn>;

/// What a waiting check is told.
enum Turn {
    /// The answer of a query that began after it.
    Answer(Answer),
    /// To query for itself and these others.
    Query(Running, Vec<Tell>),
}

/// What is being queried, and which checks came meanwhile.
type Waiting = HashMap<CheckKey, Vec<Tell>>;

#[derive(Clone, Default)]
pub(super) struct Coalesced(Arc<Mutex<Waiting>>);

impl Coalesced {
    /// The answer of `query`, or of the query that another check began after this one.
    ///
    /// # Errors
    /// Those of `query`.
    pub async fn check<T: Clone + Send + Sync + 'static>(
        &self,
        key: CheckKey,
        query: impl AsyncFnOnce() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (running, others) = match self.join(key) {
            Ok(running) => (running, vec![]),
            Err(turn) => match turn.await {
                Ok(Turn::Answer(answer)) => {
                    let answer = answer.downcast_ref().cloned();
                    return answer.ok_or_else(|| Fault::broken("an answer to another question"));
                }
                Ok(Turn::Query(running, others)) => (running, others),
                // The query failed or was given up.
                Err(_) => return query().await,
            },
        };
        let answer = query().await?;
        let shared: Answer = Arc::new(answer.clone());
        for other in others {
            // Its request may have ended.
            let _ = other.send(Turn::Answer(shared.clone()));
        }
        running.pass_on();
        Ok(answer)
    }

    /// Waits if this is being queried; otherwise the caller queries it.
    fn join(&self, key: CheckKey) -> Result<Running, oneshot::Receiver<Turn>> {
        let mut waiting = self.lock();
        if let Some(others) = waiting.get_mut(&key) {
            let (tell, turn) = oneshot::channel();
            others.push(tell);
            return Err(turn);
        }
        waiting.insert(key.clone(), vec![]);
        Ok(Running { coalesced: self.clone(), key })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A query that is running. If it fails or is given up, those who wait for it query for themselves.
struct Running {
    coalesced: Coalesced,
    key: CheckKey,
}

impl Running {
    /// Lets the last of those who came meanwhile query for all of them.
    fn pass_on(self) {
        let came = self.coalesced.lock().get_mut(&self.key).map(std::mem::take);
        let (mut running, mut others) = (self, came.unwrap_or_default());
        while let Some(last) = others.pop() {
            match last.send(Turn::Query(running, others)) {
                Err(Turn::Query(back, left)) => (running, others) = (back, left),
                Ok(()) | Err(Turn::Answer(_)) => return,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.coalesced.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    fn key() -> CheckKey {
        ("number", vec![1])
    }

    /// Waits until `count` checks wait for the one that is running.
    async fn wait_for(coalesced: &Coalesced, count: usize) {
        while coalesced.lock().get(&key()).is_none_or(|waiting| waiting.len() < count) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn those_who_came_during_a_query_share_the_next_one() {
        let (coalesced, version, queries) = (Coalesced::default(), AtomicU32::new(1), AtomicU32::new(0));
        let (go, gate) = oneshot::channel::<()>();
        let read = || {
            queries.fetch_add(1, Ordering::SeqCst);
            version.load(Ordering::SeqCst)
        };
        let first = coalesced.check(key(), async || {
            let read = read();
            let _ = gate.await;
            Ok(read)
        });
        let later = async {
            wait_for(&coalesced, 0).await;
            // Changed while the first query is running: those who ask from now on learn of it.
            version.store(2, Ordering::SeqCst);
            let one = || coalesced.check(key(), async || Ok(read()));
            let release = async {
                wait_for(&coalesced, 3).await;
                let _ = go.send(());
            };
            tokio::join!(one(), one(), one(), release)
        };
        let (first, (a, b, c, ())) = tokio::join!(first, later);
        assert_eq!(first.unwrap(), 1);
        assert_eq!([a, b, c].map(Result::unwrap), [2, 2, 2]);
        assert_eq!(queries.load(Ordering::SeqCst), 2);
        assert!(coalesced.lock().is_empty());
    }

    #[tokio::test]
    async fn nobody_waits_for_a_query_that_failed_or_was_given_up() {
        let coalesced = Coalesced::default();
        let failing = coalesced.check::<u32>(key(), async || {
            wait_for(&coalesced, 2).await;
            Err(Fault::Missing)
        });
        let one = || coalesced.check(key(), async || Ok(5));
        let (failed, a, b) = tokio::join!(failing, one(), one());
        assert!(failed.is_err());
        assert_eq!((a.unwrap(), b.unwrap()), (5, 5));

        let forever = coalesced.check::<u32>(key(), async || std::future::pending().await);
        let given_up = tokio::time::timeout(Duration::from_millis(20), forever);
        let (given_up, answer) = tokio::join!(given_up, one());
        assert!(given_up.is_err());
        assert_eq!(answer.unwrap(), 5);
        assert!(coalesced.lock().is_empty());
    }
}
