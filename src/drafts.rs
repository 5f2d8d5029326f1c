//! Drafts: what a person typed into a form before they had to sign in or reauthenticate. A draft waits here until they
//! are back on their page.
//!
//! A row is found by a secret of the browser, of which only the digest is stored, and belongs to one person and one
//! page. It is sealed: a copy of the database reveals nothing. Each person has few drafts, so nobody can fill the
//! table.

use crate::{
    db::{Db, Tx, schema::drafts},
    kit::{
        Fault, Timestamp, UserId,
        secret::{MasterKey, Secret},
    },
    mail::Sealer,
    web::{self, Draft, Typed, WAITS},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::{future::Future, pin::Pin};

/// The most drafts of one person; a new one replaces the oldest.
const MOST: i64 = 10;

/// The drafts of a deployment.
#[derive(Clone)]
pub struct Drafts {
    db: Db,
    sealer: Sealer,
}

impl Drafts {
    pub fn new(db: Db, key: &MasterKey) -> Self {
        Self { db, sealer: Sealer::of(key, "drafts") }
    }

    /// Returns what this person typed on this page, if it still waits, and removes it: it is shown once.
    pub async fn take(&self, secret: &Secret, user: UserId, page: &str, now: Timestamp) -> Result<Option<Draft>, Fault> {
        let (digest, page) = (secret.digest(), page.to_owned());
        let owner = owner(user, &page);
        let asked = digest.clone();
        let waits = self
            .db
            .read(move |conn| Ok::<_, Fault>(drafts::table.filter(drafts::digest.eq(&asked)).count().get_result::<i64>(conn)?))
            .await?;
        if waits == 0 {
            return Ok(None);
        }
        let body = self.db.write(move |tx| take(tx, &digest, user, &page, now)).await?;
        let Some(body) = body else { return Ok(None) };
        let Ok(text) = self.sealer.open(&owner, &body) else {
            return Ok(None);
        };
        Ok(serde_json::from_slice(&text).ok())
    }
}

/// The owner that a sealed row is bound to.
fn owner(user: UserId, page: &str) -> String {
    format!("{user} {page}")
}

fn take(tx: &mut Tx<'_>, digest: &[u8], user: UserId, page: &str, now: Timestamp) -> Result<Option<Vec<u8>>, Fault> {
    let row = drafts::table
        .filter(drafts::digest.eq(digest))
        .filter(drafts::page.eq(page))
        .filter(drafts::user_id.eq(user));
    let found: Option<(Vec<u8>, Timestamp)> = row.select((drafts::body, drafts::expires_at)).first(tx.conn()).optional()?;
    diesel::delete(row).execute(tx.conn())?;
    Ok(found.filter(|(_, expires_at)| now < *expires_at).map(|(body, _)| body))
}

fn keep(tx: &mut Tx<'_>, digest: &[u8], user: UserId, (page, body): (&str, &[u8]), now: Timestamp) -> Result<(), Fault> {
    let own = drafts::table.filter(drafts::user_id.eq(user));
    let surplus: Vec<(Vec<u8>, String)> = own
        .order((drafts::expires_at.desc(), drafts::page))
        .offset(MOST - 1)
        .select((drafts::digest, drafts::page))
        .limit(100)
        .load(tx.conn())?;
    let same = [(digest.to_vec(), page.to_owned())];
    for (digest, page) in surplus.iter().chain(&same) {
        diesel::delete(drafts::table.filter(drafts::digest.eq(digest)).filter(drafts::page.eq(page))).execute(tx.conn())?;
    }
    diesel::insert_into(drafts::table)
        .values((
            drafts::digest.eq(digest),
            drafts::page.eq(page),
            drafts::user_id.eq(user),
            drafts::body.eq(body),
            drafts::expires_at.eq(now + TimeDelta::minutes(WAITS)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes drafts that waited too long.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    Ok(diesel::delete(drafts::table.filter(drafts::expires_at.lt(now))).execute(tx.conn())?)
}

impl web::Drafts for Drafts {
    fn keep(&self, secret: Secret, typed: Typed) -> Pin<Box<dyn Future<Output = Result<(), Fault>>>> {
        let this = self.clone();
        Box::pin(async move {
            let Typed { user, page, pairs, now } = typed;
            let text = serde_json::to_vec(&Draft(pairs)).map_err(Fault::broken)?;
            let body = this.sealer.seal(&owner(user, &page), &text);
            let digest = secret.digest();
            this.db.write(move |tx| keep(tx, &digest, user, (&page, &body), now)).await
        })
    }
}
