//! Sign-in: an attempt is counted, compared and recorded, whether it succeeds or fails.
//!
//! Until the password is right, the same statements run for every name, known or not, so that response times do not
//! reveal which names exist (user enumeration). A background job finds out in which organizations to record a failure.

use super::{device::Browser, tell_of_device};
use crate::{
    db::{
        Conn, Tx,
        query::OnBoth,
        schema::{sign_in_days, sign_ins},
    },
    jobs::Jobs,
    kit::{Fault, MemberStatus, OrganizationId, RequestInfo, SignInId, Timestamp, UserId, email},
    mail::Outbox,
    members,
    passwords::{self, Password, Verdict},
    second_factors, text_enum,
    throttle::{self, Bucket, Wait},
    users::{self, User},
    web::subscriber_prefix,
};
use diesel::{prelude::*, upsert::excluded};
use serde::{Deserialize, Serialize};

text_enum! {
    /// How an attempt ended.
    pub enum Outcome {
        SignedIn = "signed_in",
        WrongPassword = "wrong_password",
        /// The password was right, but the second step was not.
        WrongCode = "wrong_code",
        /// The password was right, but it was temporary and was not replaced in time.
        PasswordExpired = "password_expired",
        /// The password was right, but the person is disabled or has not joined yet.
        NotActive = "not_active",
        /// Not compared: too many attempts before.
        Throttled = "throttled",
    }
}

impl Outcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::WrongPassword => "Wrong password",
            Self::WrongCode => "Wrong code",
            Self::PasswordExpired => "Password expired",
            Self::NotActive => "Not active",
            Self::Throttled => "Too many attempts",
        }
    }
}

/// The identity that a visitor claims, as far as it can be found.
#[derive(Clone)]
pub(super) struct Claim {
    pub user: Option<User>,
    /// Their id, or the id of nobody.
    id: UserId,
    pub password: Option<Password>,
    /// One bucket for all spellings of the same account, and one for accounts that do not exist.
    pub bucket: String,
}

pub(super) fn claim(conn: &mut Conn, typed: &str) -> Result<Claim, Fault> {
    let user = users::find_by_name(conn, typed)?;
    let id = user.as_ref().map_or_else(UserId::nobody, |user| user.id);
    let password = passwords::find(conn, id)?;
    let bucket = user.as_ref().map_or_else(|| format!("name:{}", email::likeness(typed)), |user| user.id.to_string());
    Ok(Claim { user, id, password, bucket })
}

/// Counts an attempt before anything is compared. Returns how long to wait, if the limit is reached.
pub(super) fn count(
    tx: &mut Tx<'_>,
    jobs: &Jobs,
    claim: &Claim,
    is_known_device: bool,
    request_info: &RequestInfo,
) -> Result<Option<Wait>, Fault> {
    if let Some(wait) = throttle::count(
        tx,
        Bucket::SignInAddress,
        &subscriber_prefix(&request_info.address),
        throttle::ADDRESS,
        request_info.now,
    )? {
        return Ok(Some(wait));
    }
    let kind = kind(is_known_device);
    let counted = throttle::count(tx, kind, &claim.bucket, throttle::ACCOUNT, request_info.now)?;
    if counted.is_some() {
        record_later(tx, jobs, claim.id, Outcome::Throttled, request_info)?;
    }
    Ok(counted)
}

fn kind(is_known_device: bool) -> Bucket {
    if is_known_device { Bucket::SignInDevice } else { Bucket::SignIn }
}

/// How far an attempt got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Conclusion {
    Ended(Outcome),
    /// The password is right, and a second step is required. Nothing is recorded yet.
    HalfWay,
}

/// Decides and records how the attempt ended. Reads again what the verdict was based on, so that a change made
/// meanwhile counts.
pub(super) fn conclude(
    tx: &mut Tx<'_>,
    (outbox, jobs): (&Outbox, &Jobs),
    claim: &Claim,
    verdict: Verdict,
    is_known_device: bool,
    request_info: &RequestInfo,
) -> Result<Conclusion, Fault> {
    let current = passwords::find(tx, claim.id)?;
    let is_same = matches!((&current, &claim.password), (Some(now), Some(then)) if now.hash == then.hash);
    let is_active = members::memberships(tx, claim.id)?
        .iter()
        .any(|membership| membership.status == MemberStatus::Active);
    let has_expired = current.and_then(|password| password.temporary_until).is_some_and(|until| until <= request_info.now);
    let outcome = match verdict {
        Verdict::Wrong => Outcome::WrongPassword,
        _ if !is_same => Outcome::WrongPassword,
        _ if !is_active => Outcome::NotActive,
        _ if has_expired => Outcome::PasswordExpired,
        _ => Outcome::SignedIn,
    };
    let (Outcome::SignedIn, Some(user)) = (outcome, &claim.user) else {
        record_later(tx, jobs, claim.id, outcome, request_info)?;
        return Ok(Conclusion::Ended(outcome));
    };
    throttle::reset(tx, kind(is_known_device), &claim.bucket)?;
    if second_factors::has_any(tx, user.id)? {
        return Ok(Conclusion::HalfWay);
    }
    if !is_known_device {
        tell_of_device(tx, outbox, user, request_info)?;
    }
    members::touch_sign_in(tx, user.id, request_info.now)?;
    record(tx, user.id, outcome, "password", request_info)?;
    Ok(Conclusion::Ended(outcome))
}

/// The kind of job that records a failed attempt.
pub const FAILED: &str = "failed-sign-in";

/// A failed attempt, until it is recorded.
#[derive(Serialize, Deserialize)]
struct Failed {
    user: UserId,
    outcome: String,
    request_info: RequestInfo,
}

/// Leaves a failed attempt as a job, even when there is no account to record it for.
fn record_later(tx: &mut Tx<'_>, jobs: &Jobs, user: UserId, outcome: Outcome, request_info: &RequestInfo) -> Result<(), Fault> {
    let failed = Failed { user, outcome: outcome.as_str().to_owned(), request_info: request_info.clone() };
    jobs.leave(tx, FAILED, &failed, request_info.now)
}

/// Records the failed attempt of such a job.
///
/// # Errors
/// When the job cannot be read, or the database does not answer.
pub fn record_failed(tx: &mut Tx<'_>, job: &[u8]) -> Result<(), Fault> {
    let failed: Failed = serde_json::from_slice(job).map_err(Fault::broken)?;
    let outcome = failed.outcome.parse().map_err(|_| Fault::broken("an outcome that is none"))?;
    record(tx, failed.user, outcome, "password", &failed.request_info)
}

/// The last step succeeded: records it, if the person may still enter.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: &User,
    browser: &Browser,
    method: &str,
    request_info: &RequestInfo,
) -> Result<Outcome, Fault> {
    let is_active = members::memberships(tx, user.id)?
        .iter()
        .any(|membership| membership.status == MemberStatus::Active);
    let outcome = if is_active { Outcome::SignedIn } else { Outcome::NotActive };
    if is_active {
        if !browser.is_known_to(user) {
            tell_of_device(tx, outbox, user, request_info)?;
        }
        members::touch_sign_in(tx, user.id, request_info.now)?;
    }
    record(tx, user.id, outcome, method, request_info)?;
    Ok(outcome)
}

/// Writes one line for each organization of the person, and adds to its chart.
pub fn record(tx: &mut Tx<'_>, user: UserId, outcome: Outcome, method: &str, request_info: &RequestInfo) -> Result<(), Fault> {
    for membership in members::memberships(tx, user)? {
        diesel::insert_into(sign_ins::table)
            .values((
                sign_ins::id.eq(SignInId::new(request_info.now)),
                sign_ins::organization_id.eq(membership.organization),
                sign_ins::member_id.eq(membership.id),
                sign_ins::at.eq(request_info.now),
                sign_ins::outcome.eq(outcome),
                sign_ins::method.eq(method),
                sign_ins::address.eq(&request_info.address),
                sign_ins::agent.eq(&request_info.agent),
            ))
            .execute(tx.conn())?;
        add_to_day(tx, membership.organization, outcome, request_info.now)?;
    }
    Ok(())
}

fn add_to_day(tx: &mut Tx<'_>, organization: OrganizationId, outcome: Outcome, now: Timestamp) -> Result<(), Fault> {
    let succeeded = i64::from(outcome == Outcome::SignedIn);
    let row = (
        sign_in_days::organization_id.eq(organization),
        sign_in_days::day.eq(now.day()),
        sign_in_days::succeeded.eq(succeeded),
        sign_in_days::failed.eq(1 - succeeded),
    );
    OnBoth(
        diesel::insert_into(sign_in_days::table)
            .values(row)
            .on_conflict((sign_in_days::organization_id, sign_in_days::day))
            .do_update()
            .set((
                sign_in_days::succeeded.eq(sign_in_days::succeeded + excluded(sign_in_days::succeeded)),
                sign_in_days::failed.eq(sign_in_days::failed + excluded(sign_in_days::failed)),
            )),
    )
    .execute(tx.conn())?;
    Ok(())
}
