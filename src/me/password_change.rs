//! A change of one's own password: what is typed, how it is compared and judged, and what ends with the old password.

use crate::{
    db::{Db, Tx},
    kit::{Fault, OperationError, OperationResult, RequestInfo, Timestamp, secret::SecretString},
    links::{self, LinkKind, Subject},
    mail::Outbox,
    members::{self, ChangedBy},
    passwords::{self, CredentialCount, Hasher, ProgramCredentials, RevokeChoice, Verdict, check_strength},
    sessions::{self, SignedIn},
    throttle::{self, Bucket},
    users,
    web::{self, Notice},
};
use actix_session::Session;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use serde::Deserialize;
use std::future::{Ready, ready};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangeForm {
    /// For password managers. The session says whose password it is.
    #[serde(rename = "username")]
    _username: String,
    present: SecretString,
    password: SecretString,
    keys_asked: String,
    keys: String,
}

impl ChangeForm {
    pub fn tick(&self) -> RevokeChoice {
        RevokeChoice::read(&self.keys_asked, &self.keys)
    }
}

/// What is wrong with a form.
#[derive(Default)]
pub(super) struct Wrong {
    pub present: Option<String>,
    pub new: Option<String>,
    /// Another request changed the password while this one was compared.
    is_late: bool,
}

impl Wrong {
    fn is_any(&self) -> bool {
        self.present.is_some() || self.new.is_some()
    }
    pub fn status(&self) -> StatusCode {
        match (self.is_late, self.is_any()) {
            (true, _) => StatusCode::CONFLICT,
            (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, false) => StatusCode::OK,
        }
    }
    /// Another request changed the password while this one was compared.
    fn late() -> Self {
        Self {
            present: Some("Your password was changed in another window meanwhile.".into()),
            is_late: true,
            new: None,
        }
    }
}

/// How an attempt to change the password ended.
pub(super) enum Attempt {
    Changed(Notice),
    Wrong(Wrong),
}

/// The services that a change of password uses.
#[derive(Clone)]
pub(super) struct Services {
    pub db: Data<Db>,
    outbox: Data<Outbox>,
    hasher: Data<Hasher>,
    pub credentials: Data<dyn ProgramCredentials>,
}

impl FromRequest for Services {
    type Error = web::Error;
    type Future = Ready<web::Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let services = || {
            Some(Self {
                db: req.app_data::<Data<Db>>()?.clone(),
                outbox: req.app_data::<Data<Outbox>>()?.clone(),
                hasher: req.app_data::<Data<Hasher>>()?.clone(),
                credentials: req.app_data::<Data<dyn ProgramCredentials>>()?.clone(),
            })
        };
        ready(services().ok_or_else(|| Fault::broken("the app lacks what passwords need").into()))
    }
}

impl Services {
    /// Compares, judges, hashes and sets the password. This session goes on under a new key, all others end.
    pub async fn change(
        &self,
        session: &Session,
        signed_in: &SignedIn,
        form: &ChangeForm,
        request_info: &RequestInfo,
    ) -> web::Result<Attempt> {
        let (user, now) = (signed_in.user.id, request_info.now);
        // An attacker at an open session must not find out the password by guessing here.
        throttle::count_or_refuse(&self.db, Bucket::PresentPassword, user.to_string(), throttle::ACCOUNT, now).await?;
        let read = self
            .db
            .read(move |conn| Ok::<_, Fault>((passwords::find(conn, user)?, passwords::minimum(conn, user, now)?)));
        let (stored, minimum) = read.await?;
        let stored = stored.map(|password| password.hash);
        let wrong = self.check(signed_in, form, stored.clone(), minimum, now).await?;
        if wrong.is_any() {
            return Ok(Attempt::Wrong(wrong));
        }
        let hash = self.hasher.hash(&form.password).await?;
        let (services, whom, when, tick) = (self.clone(), signed_in.clone(), request_info.clone(), form.tick());
        let changed = self
            .db
            .write(move |tx| change(tx, &services, &whom, (stored.as_deref(), &hash, &tick), &when))
            .await;
        let Ok(ended) = changed.refused()? else {
            return Ok(Attempt::Wrong(Wrong::late()));
        };
        // This session began before the change and has ended like all others. Begin a new one.
        sessions::begin(session, user, Some(now), request_info)?;
        let also = if ended.is_any() {
            format!(", and so have {ended}")
        } else {
            String::new()
        };
        Ok(Attempt::Changed(Notice::success(format!(
            "Your new password is set. Other sessions have ended{also}."
        ))))
    }

    /// What is wrong with the form, compared with the stored hash.
    async fn check(
        &self,
        signed_in: &SignedIn,
        form: &ChangeForm,
        stored: Option<String>,
        minimum: usize,
        now: Timestamp,
    ) -> web::Result<Wrong> {
        let mut wrong = Wrong::default();
        if is_just_typed(signed_in, now) {
            if self.hasher.verify(&form.password, stored).await? != Verdict::Wrong {
                wrong.new = Some(SAME.into());
            }
        } else if self.hasher.verify(&passwords::pasted(&form.present), stored).await? == Verdict::Wrong {
            wrong.present = Some("This is not your current password.".into());
        }
        wrong.new = wrong.new.or_else(|| complaint(form, signed_in, minimum));
        Ok(wrong)
    }
}

/// Whether the person typed their temporary password a moment ago to sign in; then the form does not ask for it again.
/// It still is the present one, because a change of password ends the session.
pub(super) fn is_just_typed(signed_in: &SignedIn, now: Timestamp) -> bool {
    signed_in.must_change_password && signed_in.require_reauthentication(now).is_ok()
}

fn complaint(form: &ChangeForm, signed_in: &SignedIn, minimum: usize) -> Option<String> {
    if form.present == form.password {
        return Some(SAME.into());
    }
    let mut context: Vec<&str> = vec![&signed_in.user.email, &signed_in.user.username];
    context.extend(signed_in.memberships.iter().flat_map(|m| [m.name.as_str(), m.organization_name.as_str()]));
    check_strength(&form.password, &context, minimum).err()
}

const SAME: &str = "Choose a password other than the present one.";

/// The refusal: the compared password is not the present one any more.
struct Meanwhile;

fn change(
    tx: &mut Tx<'_>,
    services: &Services,
    signed_in: &SignedIn,
    (compared, hash, tick): (Option<&str>, &str, &RevokeChoice),
    request_info: &RequestInfo,
) -> Result<CredentialCount, OperationError<Meanwhile>> {
    let user = &signed_in.user;
    // A request that creates a token in another window either has finished before this lock, or finds its session
    // ended.
    users::lock(tx, user.id)?;
    let present = passwords::find(tx, user.id)?.ok_or(Fault::Missing)?;
    if Some(present.hash.as_str()) != compared {
        return Err(OperationError::Refused(Meanwhile));
    }
    passwords::set(tx, user.id, hash, None, request_info.now)?;
    throttle::reset(tx, Bucket::PresentPassword, &user.id.to_string())?;
    sessions::end_all(tx, user.id)?;
    links::void(tx, LinkKind::Reset, Subject::user(user.id), request_info.now)?;
    members::record_everywhere(tx, user.id, ChangedBy::Themselves(request_info), "password.changed", |event| event)?;
    Ok(passwords::end_keys_and_tell(
        tx,
        (&services.outbox, &**services.credentials),
        user,
        tick,
        request_info,
    )?)
}
