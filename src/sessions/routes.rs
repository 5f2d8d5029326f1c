//! Handlers of `sessions`: they read the request, call an operation and answer with a page.

use super::{
    authentication::SignedIn,
    device::{DeviceCookies, begin_on_device},
    forms::NextQuery,
    pages::SignIn,
    second_step,
    sign_in::{self, Conclusion, Outcome},
};
use crate::{
    db::Db,
    jobs::Jobs,
    kit::{Fault, OrganizationId, Timestamp, secret::SecretString},
    mail::Outbox,
    members::{self, ChangedBy},
    passwords::{self, Hasher, Verdict},
    second_factors::{self, SecondFactors},
    throttle::Wait,
    web::{self, Back, Field, HOME, OpenForm, Posted, Respond, VisitorContext, safe_path, see_other},
};
use actix_session::{Session, SessionExt};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Query, ServiceConfig, resource},
};
use serde::Deserialize;

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/").route(web::get().to(home)));
    app.service(resource("/sign-in").route(web::get().to(new)).route(web::post().to(create)));
    app.service(resource("/sign-out").route(web::post().to(delete)));
}

async fn home(req: HttpRequest, db: Data<Db>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    let hint = req.cookie(&visitor.site.cookie_name(HOME));
    let last: Option<OrganizationId> = hint.and_then(|cookie| cookie.value().parse().ok());
    Ok(see_other(&match SignedIn::of(&req, &db).await? {
        None => "/sign-in".to_owned(),
        Some(signed_in) if signed_in.must_change_password => "/password/change".to_owned(),
        Some(signed_in) => entrance(&signed_in, last, visitor.request_info.now),
    }))
}

/// The path of the first page: in the last organization, if it is still open to the person, or in their first.
fn entrance(signed_in: &SignedIn, last: Option<OrganizationId>, now: Timestamp) -> String {
    let nearest = signed_in.enterable(now).min_by_key(|membership| Some(membership.organization) != last);
    match nearest {
        Some(membership) => format!("/o/{}/users", membership.organization),
        None => "/two-step".to_owned(),
    }
}

async fn new(
    req: HttpRequest,
    db: Data<Db>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    asked: Query<NextQuery>,
) -> web::Result<HttpResponse> {
    if SignedIn::of(&req, &db).await?.is_some() {
        return Ok(see_other(&safe_path(&visitor.site, &asked.next)));
    }
    draw(StatusCode::OK, &factors, visitor, (Field::default(), asked.next.clone()), None)
}

fn draw(
    status: StatusCode,
    factors: &SecondFactors,
    visitor: VisitorContext,
    (name, next): (Field, String),
    complaint: Option<String>,
) -> web::Result<HttpResponse> {
    // Browsers make no passkey for an address that is an IP number.
    let challenge = if visitor.site.has_name() {
        second_factors::discovery(factors, visitor.request_info.now)?
    } else {
        None
    };
    SignIn { visitor, challenge, name, next, complaint }.with_status(status)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInForm {
    name: Field,
    password: SecretString,
    #[serde(default)]
    next: String,
}

async fn create(
    req: HttpRequest,
    db: Data<Db>,
    outbox: Data<Outbox>,
    hasher: Data<Hasher>,
    (devices, factors, jobs): (Data<DeviceCookies>, Data<SecondFactors>, Data<Jobs>),
    visitor: VisitorContext,
    OpenForm(form): OpenForm<SignInForm>,
) -> web::Result<HttpResponse> {
    let (conclusion, claim) = match attempt(&req, &db, (&outbox, &jobs), &hasher, &devices, &visitor, &form).await? {
        Attempt::Concluded(conclusion, claim) => (conclusion, *claim),
        Attempt::Wait(wait) => return throttled(&factors, visitor, form, wait),
    };
    match conclusion {
        Conclusion::HalfWay => second_step::ask(&factors, &visitor, &claim, &form.next),
        Conclusion::Ended(Outcome::SignedIn) => {
            let user = claim.user.ok_or_else(|| Fault::broken("nobody signed in"))?;
            let password = claim.password.map(|password| password.changed_at);
            let next = see_other(&safe_path(&visitor.site, &form.next));
            begin_on_device(&req.get_session(), &devices, &visitor, (&user, password), next)
        }
        Conclusion::Ended(outcome) => {
            let complaint = Some(complaint(outcome).into());
            draw(StatusCode::UNPROCESSABLE_ENTITY, &factors, visitor, (form.name, form.next), complaint)
        }
    }
}

/// What the page says about an attempt that failed. Only a person who knows the password learns more than that something
/// was wrong.
fn complaint(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotActive => second_step::DISABLED,
        Outcome::PasswordExpired => {
            "This temporary password has expired. Ask an administrator for a new one, or use “Forgot your password?”."
        }
        Outcome::SignedIn | Outcome::WrongPassword | Outcome::WrongCode | Outcome::Throttled => {
            "The name and the password do not belong together. Check both, and mind upper and lower case in the password."
        }
    }
}

/// The result of one attempt to sign in.
enum Attempt {
    Concluded(Conclusion, Box<sign_in::Claim>),
    /// Too many attempts: nothing was compared.
    Wait(Wait),
}

/// Counts, compares and concludes.
async fn attempt(
    req: &HttpRequest,
    db: &Db,
    (outbox, jobs): (&Outbox, &Jobs),
    hasher: &Hasher,
    devices: &DeviceCookies,
    visitor: &VisitorContext,
    form: &SignInForm,
) -> web::Result<Attempt> {
    let typed = form.name.value.clone();
    let claim = db.read(move |conn| sign_in::claim(conn, &typed)).await?;
    let browser = devices.browser(req, &visitor.site);
    let is_known_device = claim.user.as_ref().is_some_and(|user| browser.is_known_to(user));
    let (request_info, counted, left) = (visitor.request_info.clone(), claim.clone(), jobs.clone());
    let counted = db.write(move |tx| sign_in::count(tx, &left, &counted, is_known_device, &request_info));
    if let Some(wait) = counted.await? {
        return Ok(Attempt::Wait(wait));
    }
    let stored = claim.password.as_ref().map(|password| password.hash.clone());
    let password = passwords::pasted(&form.password);
    let verdict = hasher.verify(&password, stored).await?;
    let renewed = if verdict == Verdict::NeedsRehash {
        Some(hasher.hash(&password).await?)
    } else {
        None
    };
    let (request_info, concluded, outbox, jobs) = (visitor.request_info.clone(), claim.clone(), outbox.clone(), jobs.clone());
    let outcome = db
        .write(move |tx| {
            let outcome = sign_in::conclude(tx, (&outbox, &jobs), &concluded, verdict, is_known_device, &request_info)?;
            if let (Conclusion::HalfWay | Conclusion::Ended(Outcome::SignedIn), Some(new), Some(user), Some(old)) =
                (outcome, &renewed, &concluded.user, &concluded.password)
            {
                passwords::rehash(tx, user.id, &old.hash, new)?;
            }
            Ok::<_, Fault>(outcome)
        })
        .await?;
    Ok(Attempt::Concluded(outcome, Box::new(claim)))
}

fn throttled(factors: &SecondFactors, visitor: VisitorContext, form: SignInForm, Wait(wait): Wait) -> web::Result<HttpResponse> {
    let complaint = Some(format!("Too many attempts. Wait {wait} seconds before the next one."));
    let mut response = draw(StatusCode::TOO_MANY_REQUESTS, factors, visitor, (form.name, form.next), complaint)?;
    response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    Ok(response)
}

/// Ends this session. The browser is told to delete what it stored of our pages.
async fn delete(
    session: Session,
    req: HttpRequest,
    db: Data<Db>,
    visitor: VisitorContext,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    if let Some(signed_in) = SignedIn::of(&req, &db).await? {
        let request_info = visitor.request_info.clone();
        db.write(move |tx| {
            members::record_everywhere(tx, signed_in.user.id, ChangedBy::Themselves(&request_info), "session.ended", |event| event)
        })
        .await?;
    }
    session.purge();
    let mut response =
        visitor.redirect_with_notice(&back.path(&visitor.site, "/sign-in".into()), web::Notice::success("You are signed out."));
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}
