//! Handlers of `sessions`: they read the request, call an operation and answer with a page.

use super::{
    authentication::SignedIn,
    connecting,
    device::{DeviceCookies, begin_on_device},
    forms::NextQuery,
    own_sign_in::SSO_REQUIRED,
    pages::SignIn,
    second_step,
    sign_in::{self, Conclusion, Outcome},
};
use crate::{
    connections::{self, Connection},
    db::{Conn, Db},
    jobs::Jobs,
    kit::{Fault, MemberStatus, OrganizationId, Timestamp, UserId, secret::SecretString},
    mail::Outbox,
    members::{self, ChangedBy},
    organizations,
    passwords::{self, Hasher, Verdict},
    second_factors::{self, SecondFactors},
    throttle::Wait,
    web::{self, Back, Field, HOME, OpenForm, Posted, Respond, VisitorContext, safe_path, see_other},
};
use actix_session::{Session, SessionExt};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Query},
};
use serde::Deserialize;

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/").route(web::get().to(home)));
    app.service(web::resource("/sign-in").route(web::get().to(new)).route(web::post().to(create)));
    app.service(web::resource("/sign-out").route(web::post().to(delete)));
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
    let mut closed = signed_in.open().filter(|membership| signed_in.is_kept_out(membership, now));
    match (nearest, closed.next()) {
        (Some(membership), _) => format!("/o/{}/users", membership.organization),
        (None, Some(membership)) => format!("/sso/required/{}", membership.organization),
        (None, None) => "/two-step".to_owned(),
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
    draw(StatusCode::OK, &db, &factors, visitor, Typed { next: asked.next.clone(), ..Typed::default() }, None).await
}

/// What the page shows again, and whose it is if they proved that.
#[derive(Default)]
struct Typed {
    name: Field,
    next: String,
    person: Option<UserId>,
}

/// The connections that the page offers: those of the organization that the person wants to enter, or of the only one; to
/// a person who proved who they are, those of their organizations.
fn ways(conn: &mut Conn, next: &str, person: Option<UserId>) -> Result<Vec<Connection>, Fault> {
    if let Some(person) = person {
        let all = members::memberships(conn, person)?;
        let active = all.iter().filter(|membership| membership.status == MemberStatus::Active);
        let found = active.map(|membership| connections::enabled(conn, membership.organization));
        return Ok(found.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect());
    }
    let asked = next.strip_prefix("/o/").and_then(|rest| rest.split(['/', '?']).next()?.parse().ok());
    match asked.map_or_else(|| organizations::only(conn), |asked| Ok(Some(asked)))? {
        Some(organization) => connections::enabled(conn, organization),
        None => Ok(vec![]),
    }
}

async fn draw(
    status: StatusCode,
    db: &Db,
    factors: &SecondFactors,
    visitor: VisitorContext,
    Typed { name, next, person }: Typed,
    complaint: Option<String>,
) -> web::Result<HttpResponse> {
    // Browsers make no passkey for an address that is an IP number.
    let challenge = if visitor.site.has_name() {
        second_factors::discovery(factors, visitor.request_info.now)?
    } else {
        None
    };
    let asked = next.clone();
    let ways = db.read(move |conn| ways(conn, &asked, person)).await?;
    SignIn { visitor, challenge, ways, name, next, complaint }.with_status(status)
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
    let (conclusion, claim) = match attempt(&req, &db, (&outbox, &jobs), &hasher, (&devices, &factors), &visitor, &form).await? {
        Attempt::Concluded(conclusion, claim) => (conclusion, *claim),
        Attempt::Wait(wait) => return throttled(&db, &factors, visitor, form, wait).await,
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
            let person = claim.user.filter(|_| outcome == Outcome::SsoRequired).map(|user| user.id);
            let typed = Typed { name: form.name, next: form.next, person };
            draw(StatusCode::UNPROCESSABLE_ENTITY, &db, &factors, visitor, typed, complaint).await
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
        Outcome::SsoRequired => SSO_REQUIRED,
        Outcome::SignedIn | Outcome::WrongPassword | Outcome::WrongCode | Outcome::Throttled | Outcome::NotLinked => {
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
    (devices, factors): (&DeviceCookies, &SecondFactors),
    visitor: &VisitorContext,
    form: &SignInForm,
) -> web::Result<Attempt> {
    let typed = form.name.value.clone();
    let mut claim = db.read(move |conn| sign_in::claim(conn, &typed)).await?;
    claim.connects = claim.user.is_some() && claim.user.as_ref().map(|user| user.id) == connecting::expected(req, factors, visitor);
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

async fn throttled(
    db: &Db,
    factors: &SecondFactors,
    visitor: VisitorContext,
    form: SignInForm,
    Wait(wait): Wait,
) -> web::Result<HttpResponse> {
    let complaint = Some(format!("Too many attempts. Wait {wait} seconds before the next one."));
    let typed = Typed { name: form.name, next: form.next, person: None };
    let mut response = draw(StatusCode::TOO_MANY_REQUESTS, db, factors, visitor, typed, complaint).await?;
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
    let signed_in = SignedIn::of(&req, &db).await?;
    let connection = signed_in.as_ref().and_then(|signed_in| Some(signed_in.identity.as_ref()?.connection_id));
    if let Some(signed_in) = signed_in {
        let request_info = visitor.request_info.clone();
        db.write(move |tx| {
            members::record_everywhere(tx, signed_in.user.id, ChangedBy::Themselves(&request_info), "session.ended", |event| event)
        })
        .await?;
    }
    session.purge();
    let back = back.path(&visitor.site, "/sign-in".into());
    let mut response = match connection {
        // The session at the provider goes on; that page offers to end it too.
        Some(connection) => see_other(&format!("/sso/{connection}/signed-out")),
        None => visitor.redirect_with_notice(&back, web::Notice::success("You are signed out.")),
    };
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}
