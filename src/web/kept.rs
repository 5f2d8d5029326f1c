//! A form that has to wait: whoever sent it first proves again who they are. What they typed stays with their session
//! meanwhile, so that the page they come back to holds it. Nothing is done by it; they look and send it again.

use super::{Error, RECENT, Shell, page::prove_again};
use crate::kit::{Fault, Timestamp};
use actix_session::Session;
use actix_web::HttpResponse;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Key in a session's state.
const KEPT: &str = "kept";
/// What is longer is not kept: a session is read at every request.
const LONGEST: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The path of the page that will show it, as it was asked for.
    place: String,
    at: Timestamp,
    form: serde_json::Value,
}

impl Shell {
    /// [`Shell::lacks_recent_proof`] for a form in which something was typed: the page it leads to afterwards has it by
    /// [`Shell::kept`]. A form writes no secret, which is its own business (`skip_serializing`).
    ///
    /// # Errors
    /// When the state cannot be written, which only a broken serializer causes.
    pub fn lacks_proof_for(&self, session: &Session, place: &str, form: &impl Serialize) -> Result<Option<HttpResponse>, Error> {
        if self.demand_recent_proof().is_ok() {
            return Ok(None);
        }
        let kept = Kept {
            place: place.to_owned(),
            at: self.scope.now(),
            form: serde_json::to_value(form).map_err(Fault::broken)?,
        };
        if kept.form.to_string().len() <= LONGEST {
            session.insert(KEPT, kept).map_err(|why| Fault::broken(why.to_string()))?;
        }
        Ok(Some(prove_again(place)))
    }

    /// What was typed on this page before its sender was asked for proof, once.
    pub fn kept<F: DeserializeOwned>(&self, session: &Session, place: &str) -> Option<F> {
        let kept = session.get::<Kept>(KEPT).ok().flatten().filter(|kept| kept.place == place)?;
        session.remove(KEPT);
        let is_fresh = self.scope.now() - kept.at <= RECENT;
        is_fresh.then(|| serde_json::from_value(kept.form).ok()).flatten()
    }
}
