//! Reauthentication before a dangerous act: it takes everything that signing in takes.

use super::{
    authentication::SignedIn,
    forms::{AgainForm, Complaints, NextQuery, StepForm},
    pages::Again,
    sign_in::{self, Outcome},
    state,
};
use crate::{
    connections,
    db::{Conn, Db, Tx},
    kit::{ConnectionId, Fault, RequestInfo, Timestamp, UserId, secret::SecretString},
    mail::Outbox,
    members::{self, ChangedBy},
    passwords::{self, Hasher, Verdict},
    second_factors::{self, Answer, Challenge, Held, SecondFactors, Verification},
    throttle::{self, Bucket},
    users::User,
    web::{self, Posted, Respond, VisitorContext, safe_path, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use serde_json::json;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sign-in/again").route(web::get().to(new)).route(web::post().to(create)));
}

async fn new(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    asked: Query<NextQuery>,
) -> web::Result<HttpResponse> {
    draw(&db, factors, visitor, &signed_in, asked.next.clone(), Complaints::default()).await
}

async fn draw(
    db: &Db,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: &SignedIn,
    next: String,
    complaints: Complaints,
) -> web::Result<HttpResponse> {
    let (user, now, username) = (signed_in.user.id, visitor.request_info.now, signed_in.user.username.clone());
    let connection = signed_in.vouching_connection();
    let ways = db.read(move |conn| ways(conn, &factors, user, connection, now)).await?;
    let Ways { has_password, provider, held, challenge } = ways;
    let is_refused = complaints.password.is_some() || complaints.code.is_some();
    Again { visitor, username, has_password, provider, held, challenge, next, complaints }.ok_unless(is_refused)
}

/// How the person can prove who they are.
struct Ways {
    has_password: bool,
    /// The name of the connection whose provider can vouch for them.
    provider: Option<String>,
    held: Held,
    /// For their passkeys.
    challenge: Option<Challenge>,
}

fn ways(conn: &mut Conn, factors: &SecondFactors, user: UserId, connection: Option<ConnectionId>, now: Timestamp) -> Result<Ways, Fault> {
    let provider = match connection.map(|id| connections::find_for_sign_in(conn, id)) {
        Some(Ok(connection)) if connection.tells_when() => Some(connection.name),
        Some(Err(fault)) => return Err(fault),
        Some(Ok(_)) | None => None,
    };
    Ok(Ways {
        has_password: passwords::find(conn, user)?.is_some(),
        provider,
        held: second_factors::held(conn, user)?,
        challenge: second_factors::challenge(conn, factors, user, now)?,
    })
}

async fn create(
    session: Session,
    db: Data<Db>,
    outbox: Data<Outbox>,
    (hasher, factors): (Data<Hasher>, Data<SecondFactors>),
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<AgainForm>,
) -> web::Result<HttpResponse> {
    let (user, request_info) = (signed_in.user.clone(), visitor.request_info.clone());
    let step = StepForm { code: form.code, credential: form.credential, challenge: form.challenge };
    let mut complaints = Complaints::default();
    let answer = step.answer();
    // A passkey is both steps at once.
    if !matches!(answer, Some(Answer::Passkey { .. })) {
        complaints.password = compare(&db, &hasher, &user, &form.password, &request_info).await?;
    }
    if complaints.password.is_none() {
        let (with, who) = (factors.clone(), user.clone());
        let proved = db.write(move |tx| prove(tx, &with, &outbox, &who, answer.as_ref(), &request_info)).await?;
        match proved {
            Verification::Verified(_) => {
                state::prove(&session, false, visitor.request_info.now)?;
                return Ok(see_other(&safe_path(&visitor.site, &form.next)));
            }
            Verification::Wrong => {
                complaints.code = Some("That did not work. Each code works once and for a short time: wait for the next one.".into());
            }
            Verification::Wait(wait) => return Err(wait.into()),
        }
    }
    draw(&db, factors, visitor, &signed_in, form.next, complaints).await
}

/// Compares the password; returns what is wrong with it.
async fn compare(db: &Db, hasher: &Hasher, user: &User, typed: &SecretString, request_info: &RequestInfo) -> web::Result<Option<String>> {
    let (id, now) = (user.id, request_info.now);
    let (counted, stored) = db
        .write(move |tx| {
            let counted = throttle::count(tx, Bucket::PresentPassword, &id.to_string(), throttle::ACCOUNT, now)?;
            Ok::<_, Fault>((counted, passwords::find(tx, id)?.map(|password| password.hash)))
        })
        .await?;
    if let Some(wait) = counted {
        return Err(wait.into());
    }
    if hasher.verify(typed, stored).await? != Verdict::Wrong {
        return Ok(None);
    }
    let request_info = request_info.clone();
    db.write(move |tx| sign_in::record(tx, id, Outcome::WrongPassword, "password", &request_info))
        .await?;
    Ok(Some("This is not your password.".into()))
}

/// The password was right, or a passkey replaces it: takes the second step, if there is one.
fn prove(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    outbox: &Outbox,
    user: &User,
    answer: Option<&Answer>,
    request_info: &RequestInfo,
) -> Result<Verification, Fault> {
    let is_passkey = matches!(answer, Some(Answer::Passkey { .. }));
    let verified = match (second_factors::has_any(tx, user.id)?, answer) {
        (true, Some(answer)) => second_factors::verify(tx, factors, outbox, user, answer, request_info)?,
        // The person has no factor that could have answered, or no answer came.
        (true, None) => return Ok(Verification::Wrong),
        (false, _) if is_passkey => return Ok(Verification::Wrong),
        (false, _) => Verification::Verified(None),
    };
    match verified {
        Verification::Verified(_) => {
            throttle::reset(tx, Bucket::PresentPassword, &user.id.to_string())?;
            let by = ChangedBy::Themselves(request_info);
            members::record_everywhere(tx, user.id, by, "session.proved", |event| event.after(json!({})))?;
        }
        Verification::Wrong => sign_in::record(tx, user.id, Outcome::WrongCode, "password+code", request_info)?,
        Verification::Wait(_) => {}
    }
    Ok(verified)
}
