//! Sign-in: an attempt is counted, compared and recorded, whether it succeeds or fails.
//!
//! Until the password is right, the same statements run for every name, known or not, so that response times do not
//! reveal which names exist (user enumeration). A background job finds out in which organizations to record a failure.

pub use super::outcome::Outcome;

use super::{device::Browser, own_sign_in, tell_of_device};
use crate::{
    db::{
        Conn, Tx,
        query::OnBoth,
        schema::{sign_in_days, sign_ins},
    },
    jobs::Jobs,
    kit::{Fault, OrganizationId, RequestInfo, SignInId, Timestamp, UserId, email},
    mail::Outbox,
    members::{self, Membership},
    passwords::{self, Password, Verdict},
    second_factors,
    throttle::{self, Bucket, Wait},
    users::{self, User},
    web::subscriber_prefix,
};
use diesel::{prelude::*, upsert::excluded};
use serde::{Deserialize, Serialize};

/// The identity that a visitor claims, as far as it can be found.
#[derive(Clone)]
pub(super) struct Claim {
    pub user: Option<User>,
    /// Their id, or the id of nobody.
    id: UserId,
    pub password: Option<Password>,
    /// One bucket for all spellings of the same account, and one for accounts that do not exist.
    pub bucket: String,
    /// They came through an identity provider that named this account, to prove that it is theirs.
    pub connects: bool,
}

pub(super) fn claim(conn: &mut Conn, typed: &str) -> Result<Claim, Fault> {
    let user = users::find_by_name(conn, typed)?;
    let id = user.as_ref().map_or_else(UserId::nobody, |user| user.id);
    let password = passwords::find(conn, id)?;
    let bucket = user.as_ref().map_or_else(|| format!("name:{}", email::likeness(typed)), |user| user.id.to_string());
    Ok(Claim { user, id, password, bucket, connects: false })
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
    let opened = own_sign_in::outcome(&members::memberships(tx, claim.id)?, claim.connects, request_info.now);
    let has_expired = current.and_then(|password| password.temporary_until).is_some_and(|until| until <= request_info.now);
    let outcome = match verdict {
        Verdict::Wrong => Outcome::WrongPassword,
        _ if !is_same => Outcome::WrongPassword,
        _ if opened == Outcome::NotActive => Outcome::NotActive,
        _ if has_expired => Outcome::PasswordExpired,
        _ => opened,
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
    record(tx, user.id, outcome, "password", request_info)?;
    own_sign_in::entered(tx, outbox, user, "password", request_info)?;
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
    (user, connects): (&User, bool),
    browser: &Browser,
    method: &str,
    request_info: &RequestInfo,
) -> Result<Outcome, Fault> {
    let outcome = own_sign_in::outcome(&members::memberships(tx, user.id)?, connects, request_info.now);
    if outcome != Outcome::SignedIn {
        record(tx, user.id, outcome, method, request_info)?;
        return Ok(outcome);
    }
    if !browser.is_known_to(user) {
        tell_of_device(tx, outbox, user, request_info)?;
    }
    record(tx, user.id, outcome, method, request_info)?;
    own_sign_in::entered(tx, outbox, user, method, request_info)?;
    Ok(outcome)
}

/// Writes one line for each organization of the person, and adds to its chart. An organization that does not let them in
/// by their own password or passkey records that.
pub fn record(tx: &mut Tx<'_>, user: UserId, outcome: Outcome, method: &str, request_info: &RequestInfo) -> Result<(), Fault> {
    members::memberships(tx, user)?.iter().try_for_each(|membership| {
        let outcome = own_sign_in::recorded(outcome, membership, request_info.now);
        write(tx, membership, outcome, method, request_info)
    })
}

/// [`record`] for one organization of the person, whose identity provider was asked. The others learn nothing of it.
pub fn record_in(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    outcome: Outcome,
    method: &str,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let mut all = members::memberships(tx, user)?;
    all.retain(|membership| membership.organization == organization);
    all.iter().try_for_each(|membership| write(tx, membership, outcome, method, request_info))
}

fn write(tx: &mut Tx<'_>, membership: &Membership, outcome: Outcome, method: &str, request_info: &RequestInfo) -> Result<(), Fault> {
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
    add_to_day(tx, membership.organization, outcome, request_info.now)
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
