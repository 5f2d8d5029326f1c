//! The second step of a sign-in. Between the steps there is no session: a sealed cookie says whose password was right,
//! and gives access to this page only.

use super::{
    connecting,
    device::{Browser, DeviceCookies, begin_on_device},
    federated::{self, FederatedConclusion, FederatedSignIn},
    forms::{NextQuery, StepForm},
    own_sign_in::SSO_REQUIRED,
    pages::{SecondStep, WithPasskey},
    sign_in::{self, Claim, Outcome},
    state::begin_federated,
};
use crate::{
    db::{Conn, Db, Tx},
    kit::{Fault, RequestInfo, Timestamp, UserId},
    mail::Outbox,
    passwords,
    second_factors::{self, Answer, Challenge, SecondFactors, Verification},
    throttle::{self, Bucket, Wait},
    users::{self, User},
    web::{
        self, Notice, OpenForm, Respond, Site, VisitorContext, cookie, expired, redirect_with_notice, safe_path, see_other,
        subscriber_prefix,
    },
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration,
    http::{StatusCode, header},
    web::{Data, Query},
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The longest time for the second step.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);
const COOKIE: &str = "step";

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sign-in/second-step").route(web::get().to(new)).route(web::post().to(create)));
    app.service(web::resource("/sign-in/passkey").route(web::get().to(passkey)).route(web::post().to(enter)));
}

/// Whose password was right, and which password.
#[derive(Serialize, Deserialize, Clone)]
struct PendingSignIn {
    user: UserId,
    password: Option<Timestamp>,
    next: String,
    /// The identity provider that took the first step, if it was not the password.
    #[serde(default)]
    federated: Option<FederatedSignIn>,
}

/// Leads from the right password to the second step.
pub(super) fn ask(factors: &SecondFactors, visitor: &VisitorContext, claim: &Claim, next: &str) -> web::Result<HttpResponse> {
    let pending = PendingSignIn {
        user: claim.user.as_ref().ok_or_else(|| Fault::broken("nobody signed in"))?.id,
        password: claim.password.as_ref().map(|password| password.changed_at),
        next: next.to_owned(),
        federated: None,
    };
    lead(factors, visitor, &pending)
}

/// Leads from the identity provider to the second step.
pub(super) fn ask_federated(
    factors: &SecondFactors,
    visitor: &VisitorContext,
    conclusion: FederatedConclusion,
    next: &str,
) -> web::Result<HttpResponse> {
    let pending = PendingSignIn {
        user: conclusion.user.id,
        password: conclusion.password,
        next: next.to_owned(),
        federated: Some(conclusion.sign_in),
    };
    lead(factors, visitor, &pending)
}

fn lead(factors: &SecondFactors, visitor: &VisitorContext, pending: &PendingSignIn) -> web::Result<HttpResponse> {
    let sealed = factors.seal(COOKIE, pending, visitor.request_info.now + OPEN_FOR)?;
    let mut response = see_other("/sign-in/second-step");
    let kept = cookie(&visitor.site, COOKIE, sealed).max_age(Duration::seconds(OPEN_FOR.num_seconds())).finish();
    response.add_cookie(&kept).map_err(Fault::broken)?;
    Ok(response)
}

fn pending(req: &HttpRequest, factors: &SecondFactors, visitor: &VisitorContext) -> Option<PendingSignIn> {
    let cookie = req.cookie(&visitor.site.cookie_name(COOKIE))?;
    factors.open(COOKIE, cookie.value(), visitor.request_info.now)
}

/// The first step is too old, or does not count any more.
fn lapsed(site: &Site) -> HttpResponse {
    let mut response = redirect_with_notice(site, "/sign-in", Notice::error("That took too long. Sign in again."));
    let _ = response.add_cookie(&expired(site, COOKIE));
    response
}

/// The person who took the first step, if their password has not changed since.
fn find(conn: &mut Conn, pending: &PendingSignIn) -> Result<User, Fault> {
    let password = passwords::find(conn, pending.user)?.map(|password| password.changed_at);
    let is_same = password == pending.password && second_factors::has_any(conn, pending.user)?;
    if is_same {
        users::find(conn, pending.user)
    } else {
        Err(Fault::Missing)
    }
}

async fn new(req: HttpRequest, db: Data<Db>, factors: Data<SecondFactors>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    match pending(&req, &factors, &visitor) {
        Some(pending) => draw(&db, factors, visitor, pending, StatusCode::OK, None).await,
        None => Ok(see_other("/sign-in")),
    }
}

async fn draw(
    db: &Db,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    pending: PendingSignIn,
    status: StatusCode,
    complaint: Option<String>,
) -> web::Result<HttpResponse> {
    let now = visitor.request_info.now;
    match db.read(move |conn| offered(conn, &factors, &pending, now)).await {
        Ok((has_app, challenge)) => SecondStep { visitor, has_app, challenge, complaint }.with_status(status),
        Err(Fault::Missing) => Ok(lapsed(&visitor.site)),
        Err(fault) => Err(fault.into()),
    }
}

/// The factors of the person: whether there is an authenticator app, and a challenge for their passkeys.
fn offered(conn: &mut Conn, factors: &SecondFactors, pending: &PendingSignIn, now: Timestamp) -> Result<(bool, Option<Challenge>), Fault> {
    let user = find(conn, pending)?;
    let challenge = second_factors::challenge(conn, factors, user.id, now)?;
    Ok((second_factors::held(conn, user.id)?.app.is_some(), challenge))
}

enum Taken {
    /// With the person, if the step succeeded.
    Ended(Outcome, Option<User>),
    Wait(Wait),
    Lapsed,
}

/// What a step needs.
#[derive(Clone)]
struct Means {
    factors: Data<SecondFactors>,
    outbox: Data<Outbox>,
    browser: Browser,
    /// The person who is expected to prove that an account is theirs.
    connects: Option<UserId>,
    request_info: RequestInfo,
}

impl Means {
    fn of(
        req: &HttpRequest,
        visitor: &VisitorContext,
        factors: &Data<SecondFactors>,
        outbox: Data<Outbox>,
        devices: &DeviceCookies,
    ) -> Self {
        Self {
            factors: factors.clone(),
            outbox,
            browser: devices.browser(req, &visitor.site),
            connects: connecting::expected(req, factors, visitor),
            request_info: visitor.request_info.clone(),
        }
    }
}

fn take(tx: &mut Tx<'_>, means: &Means, pending: &PendingSignIn, answer: &Answer) -> Result<Taken, Fault> {
    let Means { factors, outbox, browser, connects, request_info } = means;
    let user = match find(tx, pending) {
        Ok(user) => user,
        Err(Fault::Missing) => return Ok(Taken::Lapsed),
        Err(fault) => return Err(fault),
    };
    let method = match (&pending.federated, answer) {
        (Some(sign_in), _) => sign_in.method.as_str(),
        (None, Answer::Code(_)) => "password+code",
        (None, Answer::Passkey { .. }) => "password+passkey",
    };
    match second_factors::verify(tx, factors, outbox, &user, answer, request_info)? {
        Verification::Wait(wait) => {
            record(tx, pending, Outcome::Throttled, method, request_info)?;
            Ok(Taken::Wait(wait))
        }
        Verification::Wrong => {
            record(tx, pending, Outcome::WrongCode, method, request_info)?;
            Ok(Taken::Ended(Outcome::WrongCode, None))
        }
        Verification::Verified(factor) => {
            let outcome = if let Some(sign_in) = &pending.federated {
                federated::finish(tx, outbox, &user, sign_in, browser, method, request_info)?
            } else {
                let (method, connects) = (factor.map_or(method, |factor| factor.method()), *connects == Some(user.id));
                sign_in::finish(tx, outbox, (&user, connects), browser, method, request_info)?
            };
            Ok(Taken::Ended(outcome, Some(user)))
        }
    }
}

/// Records a failed second step, for the organization alone whose identity provider took the first one.
fn record(tx: &mut Tx<'_>, pending: &PendingSignIn, outcome: Outcome, method: &str, request_info: &RequestInfo) -> Result<(), Fault> {
    match &pending.federated {
        Some(sign_in) => sign_in::record_in(tx, sign_in.organization, pending.user, outcome, method, request_info),
        None => sign_in::record(tx, pending.user, outcome, method, request_info),
    }
}

async fn create(
    (req, session): (HttpRequest, Session),
    db: Data<Db>,
    outbox: Data<Outbox>,
    factors: Data<SecondFactors>,
    devices: Data<DeviceCookies>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<StepForm>,
) -> web::Result<HttpResponse> {
    let Some(pending) = pending(&req, &factors, &visitor) else {
        return Ok(see_other("/sign-in"));
    };
    let Some(answer) = form.answer() else {
        return draw(&db, factors, visitor, pending, StatusCode::UNPROCESSABLE_ENTITY, Some(NO_CODE.into())).await;
    };
    let means = Means::of(&req, &visitor, &factors, outbox, &devices);
    let first = pending.clone();
    match db.write(move |tx| take(tx, &means, &first, &answer)).await? {
        Taken::Lapsed => Ok(lapsed(&visitor.site)),
        Taken::Ended(Outcome::SignedIn, Some(user)) => {
            let next = see_other(&safe_path(&visitor.site, &pending.next));
            let mut response = begin_on_device(&session, &devices, &visitor, (&user, pending.password), next)?;
            if let Some(sign_in) = &pending.federated {
                begin_federated(&session, user.id, pending.password, &sign_in.federated, &visitor.request_info)?;
            }
            response.add_cookie(&expired(&visitor.site, COOKIE)).map_err(Fault::broken)?;
            Ok(response)
        }
        Taken::Ended(outcome, _) => {
            let complaint = Some(complaint(outcome).into());
            draw(&db, factors, visitor, pending, StatusCode::UNPROCESSABLE_ENTITY, complaint).await
        }
        Taken::Wait(wait) => throttled(&db, factors, visitor, pending, wait).await,
    }
}

const NO_CODE: &str = "Type the code that your app shows, or a recovery code.";
const WRONG_CODE: &str = "That did not work. Each code works once and for a short time: wait for the next one and type it.";
pub(super) const DISABLED: &str = "Your access is disabled. An administrator of your organization can enable it again.";

fn complaint(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotActive => DISABLED,
        Outcome::SsoRequired => SSO_REQUIRED,
        _ => WRONG_CODE,
    }
}

async fn throttled(
    db: &Db,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    pending: PendingSignIn,
    Wait(wait): Wait,
) -> web::Result<HttpResponse> {
    let complaint = format!("Too many attempts. Wait {wait} seconds before the next one.");
    let mut response = draw(db, factors, visitor, pending, StatusCode::TOO_MANY_REQUESTS, Some(complaint)).await?;
    response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    Ok(response)
}

async fn passkey(factors: Data<SecondFactors>, visitor: VisitorContext, asked: Query<NextQuery>) -> web::Result<HttpResponse> {
    let challenge = second_factors::discovery(&factors, visitor.request_info.now)?;
    WithPasskey { visitor, challenge, next: asked.next.clone(), complaint: None }.ok()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PasskeyForm {
    credential: String,
    challenge: String,
    next: String,
}

/// Whose passkey it is.
enum Recognized {
    /// Its owner, with the time of their password's last change.
    Owner(Box<User>, Option<Timestamp>, Outcome),
    Unknown,
    /// Too many attempts: nothing was compared.
    Wait(Wait),
}

fn admit(tx: &mut Tx<'_>, means: &Means, form: &PasskeyForm) -> Result<Recognized, Fault> {
    let Means { factors, request_info, .. } = means;
    let from = subscriber_prefix(&request_info.address);
    if let Some(wait) = throttle::count(tx, Bucket::SignInAddress, &from, throttle::ADDRESS, request_info.now)? {
        return Ok(Recognized::Wait(wait));
    }
    let Some((user, since)) = second_factors::recognize(tx, factors, &form.credential, &form.challenge, request_info.now)? else {
        return Ok(Recognized::Unknown);
    };
    let user = users::find(tx, user)?;
    // An attacker who was thrown out by an alarm may have added this passkey. It counts only as a second step, after
    // the new password.
    if user.devices_from.is_some_and(|from| since <= from) {
        return Ok(Recognized::Unknown);
    }
    let connects = means.connects == Some(user.id);
    let outcome = sign_in::finish(tx, &means.outbox, (&user, connects), &means.browser, "passkey", request_info)?;
    let password = passwords::find(tx, user.id)?.map(|password| password.changed_at);
    Ok(Recognized::Owner(Box::new(user), password, outcome))
}

async fn enter(
    (req, session): (HttpRequest, Session),
    db: Data<Db>,
    outbox: Data<Outbox>,
    factors: Data<SecondFactors>,
    devices: Data<DeviceCookies>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<PasskeyForm>,
) -> web::Result<HttpResponse> {
    let next = form.next.clone();
    let means = Means::of(&req, &visitor, &factors, outbox, &devices);
    let complaint = match db.write(move |tx| admit(tx, &means, &form)).await? {
        Recognized::Wait(wait) => return Err(wait.into()),
        Recognized::Owner(user, password, Outcome::SignedIn) => {
            let next = see_other(&safe_path(&visitor.site, &next));
            return begin_on_device(&session, &devices, &visitor, (&user, password), next);
        }
        Recognized::Owner(_, _, outcome) => complaint(outcome),
        Recognized::Unknown => "That passkey is not known here. Sign in with your password instead.",
    };
    let challenge: Option<Challenge> = second_factors::discovery(&factors, visitor.request_info.now)?;
    WithPasskey { visitor, challenge, next, complaint: Some(complaint.into()) }.unprocessable()
}
