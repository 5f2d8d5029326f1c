//! Changing one's own password: on a page inside the console, or on a bare page where a temporary one must be replaced
//! first.

use crate::{
    db::{Db, Tx},
    kit::{Fault, OperationError, OperationResult, RequestInfo, Timestamp, secret::SecretString},
    links::{self, LinkKind, Subject},
    mail::Outbox,
    members::{self, ChangedBy},
    passwords::{self, CredentialCount, Hasher, ProgramCredentials, RevokeChoice, Verdict, judge},
    sessions::{self, SignedIn},
    throttle, users,
    web::{self, MemberContext, Notice, Posted, Respond, VisitorContext, filters},
};
use actix_session::Session;
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;
use std::future::{Ready, ready};

/// Rate-limit kind of guesses at the present password.
pub(super) const THROTTLE: &str = "password.present";

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/password/change").route(web::get().to(edit)).route(web::post().to(update)));
    app.service(resource("/o/{organization}/me/password").route(web::get().to(show)).route(web::post().to(save)));
}

/// What the form shows besides its labels.
struct View {
    username: String,
    /// Whether the form asks for the present password.
    asks_present: bool,
    minimum: usize,
    wrong: Wrong,
    /// The person's API credentials, and whether they are to end.
    keys: CredentialCount,
    tick: RevokeChoice,
}

impl View {
    async fn of(works: &Works, signed_in: &SignedIn, (wrong, tick): (Wrong, RevokeChoice), now: Timestamp) -> web::Result<Self> {
        let (user, keyring) = (signed_in.user.id, works.keyring.clone());
        let read = works
            .db
            .read(move |conn| Ok::<_, Fault>((passwords::minimum(conn, user, now)?, keyring.count(conn, user, now)?)));
        let (minimum, keys) = read.await?;
        Ok(Self {
            username: signed_in.user.username.clone(),
            asks_present: !is_just_typed(signed_in, now),
            minimum,
            wrong,
            keys,
            tick,
        })
    }
}

#[derive(Template)]
#[template(path = "me/forced.html")]
struct Alone {
    visitor: VisitorContext,
    view: View,
    is_forced: bool,
}

#[derive(Template)]
#[template(path = "me/password.html")]
struct Framed {
    context: MemberContext,
    view: View,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ChangeForm {
    /// For password managers. The session says whose password it is.
    #[serde(rename = "username")]
    _username: String,
    present: SecretString,
    password: SecretString,
    keys_asked: String,
    keys: String,
}

impl ChangeForm {
    fn tick(&self) -> RevokeChoice {
        RevokeChoice::read(&self.keys_asked, &self.keys)
    }
}

/// What is wrong with a form.
#[derive(Default)]
struct Wrong {
    present: Option<String>,
    new: Option<String>,
    /// Another request changed the password while this one was compared.
    is_late: bool,
}

impl Wrong {
    fn is_any(&self) -> bool {
        self.present.is_some() || self.new.is_some()
    }
    fn status(&self) -> StatusCode {
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
enum Attempt {
    Changed(Notice),
    Wrong(Wrong),
}

async fn edit(works: Works, visitor: VisitorContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    alone(&works, visitor, &signed_in, Default::default()).await
}

async fn alone(works: &Works, visitor: VisitorContext, signed_in: &SignedIn, said: (Wrong, RevokeChoice)) -> web::Result<HttpResponse> {
    let view = View::of(works, signed_in, said, visitor.request_info.now).await?;
    let (is_forced, status) = (signed_in.must_change_password, view.wrong.status());
    Alone { visitor, view, is_forced }.with_status(status)
}

async fn update(
    session: Session,
    works: Works,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    match works.change(&session, &signed_in, &form, &visitor.request_info).await? {
        Attempt::Changed(notice) => Ok(visitor.redirect_with_notice("/", notice)),
        Attempt::Wrong(wrong) => alone(&works, visitor, &signed_in, (wrong, form.tick())).await,
    }
}

async fn show(works: Works, context: MemberContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    framed(&works, context, &signed_in, Default::default()).await
}

async fn framed(works: &Works, context: MemberContext, signed_in: &SignedIn, said: (Wrong, RevokeChoice)) -> web::Result<HttpResponse> {
    let view = View::of(works, signed_in, said, context.scope.now()).await?;
    let status = view.wrong.status();
    Framed { context, view }.with_status(status)
}

async fn save(
    session: Session,
    works: Works,
    context: MemberContext,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    match works.change(&session, &signed_in, &form, &context.scope.request_info).await? {
        Attempt::Changed(notice) => Ok(context.redirect_with_notice(&context.path("/me/password"), notice)),
        Attempt::Wrong(wrong) => framed(&works, context, &signed_in, (wrong, form.tick())).await,
    }
}

/// The services that a change of password uses.
#[derive(Clone)]
struct Works {
    db: Data<Db>,
    outbox: Data<Outbox>,
    hasher: Data<Hasher>,
    keyring: Data<dyn ProgramCredentials>,
}

impl FromRequest for Works {
    type Error = web::Error;
    type Future = Ready<web::Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let works = || {
            Some(Self {
                db: req.app_data::<Data<Db>>()?.clone(),
                outbox: req.app_data::<Data<Outbox>>()?.clone(),
                hasher: req.app_data::<Data<Hasher>>()?.clone(),
                keyring: req.app_data::<Data<dyn ProgramCredentials>>()?.clone(),
            })
        };
        ready(works().ok_or_else(|| Fault::broken("the app lacks what passwords need").into()))
    }
}

impl Works {
    /// Compares, judges, hashes and sets the password. This session goes on under a new key, all others end.
    async fn change(&self, session: &Session, signed_in: &SignedIn, form: &ChangeForm, request_info: &RequestInfo) -> web::Result<Attempt> {
        let (user, now) = (signed_in.user.id, request_info.now);
        // An attacker at an open session must not find out the password by guessing here.
        throttle::count_or_refuse(&self.db, THROTTLE, user.to_string(), throttle::ACCOUNT, now).await?;
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
        let (works, whom, when, tick) = (self.clone(), signed_in.clone(), request_info.clone(), form.tick());
        let changed = self.db.write(move |tx| change(tx, &works, &whom, (stored.as_deref(), &hash, &tick), &when)).await;
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
fn is_just_typed(signed_in: &SignedIn, now: Timestamp) -> bool {
    signed_in.must_change_password && signed_in.require_reauthentication(now).is_ok()
}

const SAME: &str = "Choose a password other than the present one.";

fn complaint(form: &ChangeForm, signed_in: &SignedIn, minimum: usize) -> Option<String> {
    if form.present == form.password {
        return Some(SAME.into());
    }
    let mut context: Vec<&str> = vec![&signed_in.user.email, &signed_in.user.username];
    context.extend(signed_in.memberships.iter().flat_map(|m| [m.name.as_str(), m.organization_name.as_str()]));
    judge(&form.password, &context, minimum).err()
}

/// The refusal: the compared password is not the present one any more.
struct Meanwhile;

fn change(
    tx: &mut Tx<'_>,
    works: &Works,
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
    throttle::reset(tx, THROTTLE, &user.id.to_string())?;
    sessions::end_all(tx, user.id)?;
    links::void(tx, LinkKind::Reset, Subject::user(user.id), request_info.now)?;
    members::record_everywhere(tx, user.id, ChangedBy::Themselves(request_info), "password.changed", |event| event)?;
    Ok(passwords::end_keys_and_tell(tx, (&works.outbox, &**works.keyring), user, tick, request_info)?)
}
