//! Warns by mail of tokens that expire soon. The letter goes to the token's creator if they are still active, otherwise
//! to the administrators. Several processes may run at once: one conditional statement claims each warning.

use super::{
    mail::{self, Ending},
    model::WARNINGS,
    recipients,
};
use crate::{
    db::{
        Conn, Db, Tx,
        schema::{members, tokens},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, OrganizationId, Timestamp, TokenId, email::Email},
    mail::{Outbox, queue},
    organizations,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Tokens per transaction.
const CHUNK: i64 = 100;

/// Sends every warning that is due.
pub fn warn(db: &Db, outbox: &Outbox, now: Timestamp) -> Result<(), Fault> {
    // Nearest expiry first: a token warned one day before expiry does not get the one-week warning in the same minute.
    for (at, days) in WARNINGS.into_iter().enumerate().rev() {
        let nearer = WARNINGS.get(at + 1).copied().unwrap_or(0);
        let step = Step { days, after: now + TimeDelta::days(nearer), until: now + TimeDelta::days(days) };
        while !db.read_here(|conn| due(conn, &step, 1))?.is_empty() {
            db.write_here(|tx| chunk(tx, outbox, &step, now))?;
        }
    }
    Ok(())
}

/// Tokens expiring in this window whose owner has not yet had this stage's warning.
struct Step {
    days: i64,
    after: Timestamp,
    until: Timestamp,
}

#[derive(Queryable)]
struct Due {
    id: TokenId,
    organization: OrganizationId,
    member: MemberId,
    kind: MemberKind,
    owner: String,
    name: String,
    prefix: String,
    created_by: Option<MemberId>,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

fn due(conn: &mut Conn, step: &Step, most: i64) -> Result<Vec<Due>, Fault> {
    let not_told = tokens::warned_days.is_null().or(tokens::warned_days.gt(Some(step.days)));
    let due = tokens::table
        .inner_join(members::table)
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.gt(Some(step.after)).assume_not_null())
        .filter(tokens::expires_at.le(Some(step.until)).assume_not_null())
        .filter(not_told.assume_not_null())
        .filter(members::status.eq(MemberStatus::Active))
        .order((tokens::expires_at, tokens::id))
        .limit(most)
        .select((
            tokens::id,
            tokens::organization_id,
            tokens::member_id,
            members::kind,
            members::name,
            tokens::name,
            tokens::prefix,
            tokens::created_by,
            tokens::expires_at,
            tokens::last_used_at,
        ));
    Ok(due.load(conn)?)
}

fn chunk(tx: &mut Tx<'_>, outbox: &Outbox, step: &Step, now: Timestamp) -> Result<(), Fault> {
    let found = due(tx, step, CHUNK)?;
    let mut letters: BTreeMap<(OrganizationId, String), Vec<Ending>> = BTreeMap::new();
    let mut administrators: HashMap<OrganizationId, Vec<String>> = HashMap::new();
    for one in found {
        if !claim(tx, one.id, step)? {
            continue;
        }
        let recipients = match recipients::active(tx, one.organization, one.created_by)? {
            Some(email) => vec![email],
            None => match administrators.get(&one.organization) {
                Some(known) => known.clone(),
                None => administrators
                    .entry(one.organization)
                    .or_insert(recipients::administrators(tx, one.organization, now)?)
                    .clone(),
            },
        };
        for email in recipients {
            letters.entry((one.organization, email)).or_default().push(one.told(outbox, now));
        }
    }
    for ((organization, email), tokens) in letters {
        let name = organizations::find(tx, organization)?.name;
        let letter = mail::ending(&name, step.days, &tokens)?;
        let to = Email::parse(&email).map_err(Fault::broken)?;
        queue(tx, outbox, Some(organization), "token.ending", &to, &letter, now)?;
    }
    Ok(())
}

/// Claims the warning for this process. A second process finds it claimed.
fn claim(tx: &mut Tx<'_>, id: TokenId, step: &Step) -> Result<bool, Fault> {
    let open = tokens::table
        .filter(tokens::id.eq(id))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.gt(Some(step.after)).assume_not_null())
        .filter(tokens::expires_at.le(Some(step.until)).assume_not_null())
        .filter(tokens::warned_days.is_null().or(tokens::warned_days.gt(Some(step.days))).assume_not_null());
    let claimed = diesel::update(open).set(tokens::warned_days.eq(Some(step.days))).execute(tx.conn())?;
    Ok(claimed == 1)
}

impl Due {
    fn told(&self, outbox: &Outbox, now: Timestamp) -> Ending {
        let page = match self.kind {
            MemberKind::SystemAccount => format!("/o/{}/system-accounts/{}/tokens", self.organization, self.member),
            MemberKind::User if self.created_by == Some(self.member) => format!("/o/{}/me/tokens", self.organization),
            MemberKind::User => format!("/o/{}/users/{}/api", self.organization, self.member),
        };
        Ending {
            token: self.name.clone(),
            prefix: self.prefix.clone(),
            owner: self.owner.clone(),
            expires: self.expires_at.map(Timestamp::exact).unwrap_or_default(),
            last_used: match self.last_used_at {
                Some(at) => format!("last used {}", at.relative_to(now)),
                None => "never used".into(),
            },
            link: outbox.link(&page),
        }
    }
}
