//! Sessions as rows, behind actix-session. The cookie holds the key and the row its digest, so a copy of the database
//! gives no access.

use super::state::{ADDRESS, AGENT, BEGAN, FEDERATED, Federated, ID, PASSWORD, PROVED, USER};
use crate::{
    connections::ConnectionStatus,
    db::{
        Among, Conn, Db, Json, MultiBackend, Tx,
        schema::{connections, identities, members, organizations, passwords, sessions},
    },
    kit::{Clock, ConnectionId, Fault, IdentityId, MemberId, MemberStatus, OrganizationId, SessionId, Timestamp, UserId, secret::Secret},
    organizations::{ABSOLUTE_MINUTES, IDLE_MINUTES},
};
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::anyhow;
use chrono::TimeDelta;
use diesel::{dsl::min, prelude::*};
use std::collections::HashMap;

type State = HashMap<String, String>;

/// Precision of "last seen"; a write per request would have no benefit.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Ends all sessions of a person now, and returns how many.
pub fn end_all(tx: &mut Tx<'_>, user: UserId) -> Result<usize, Fault> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(tx.conn())?)
}

/// Ends the sessions that began through this connection with this subject, or in this session of the provider. Returns
/// the members whose sessions ended, with their names.
pub fn end_at_provider(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    subject: Option<&str>,
    provider_session: Option<&str>,
) -> Result<Vec<(MemberId, String)>, Fault> {
    let begun = sessions::table.inner_join(identities::table).filter(identities::connection_id.eq(connection));
    let mut rows = begun
        .select((sessions::id, identities::user_id, identities::organization_id))
        .into_boxed::<MultiBackend>();
    if let Some(subject) = subject {
        rows = rows.filter(identities::subject.eq(subject));
    }
    if let Some(provider_session) = provider_session {
        rows = rows.filter(sessions::provider_session.eq(Some(provider_session)));
    }
    let found: Vec<(SessionId, UserId, OrganizationId)> = rows.load(tx.conn())?;
    let ids: Vec<SessionId> = found.iter().map(|(id, ..)| *id).collect();
    diesel::delete(sessions::table.filter(sessions::id.among(ids))).execute(tx.conn())?;
    let Some((_, _, organization)) = found.first() else {
        return Ok(vec![]);
    };
    let users: Vec<UserId> = found.iter().map(|(_, user, _)| *user).collect();
    let people = members::table
        .filter(members::organization_id.eq(*organization))
        .filter(members::user_id.among(users))
        .select((members::id, members::name));
    Ok(people.load(tx.conn())?)
}

/// Ends all sessions of a person except this one, and returns how many.
pub(super) fn end_others(tx: &mut Tx<'_>, user: UserId, this: SessionId) -> Result<usize, Fault> {
    let others = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::id.ne(this));
    Ok(diesel::delete(others).execute(tx.conn())?)
}

/// Ends one session of this person; a session of another person is missing.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn end(tx: &mut Tx<'_>, user: UserId, id: SessionId) -> Result<(), Fault> {
    let row = sessions::table.filter(sessions::id.eq(id)).filter(sessions::user_id.eq(user));
    match diesel::delete(row).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Removes rows that no cookie can bring back.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    // Far longer than any limit that an organization can set.
    Ok(diesel::delete(sessions::table.filter(sessions::last_seen_at.lt(now - TimeDelta::days(60)))).execute(tx.conn())?)
}

/// The session store for actix-session.
#[derive(Clone)]
pub struct DatabaseSessionStore {
    db: Db,
    clock: Clock,
}

/// A session row, with what decides whether it still counts.
#[derive(Queryable)]
pub(super) struct Found {
    pub id: SessionId,
    pub user: UserId,
    state: Json<State>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub address: String,
    pub agent: String,
    ends_at: Option<Timestamp>,
    proved: Option<Timestamp>,
    password_changed_at: Option<Timestamp>,
    identity: Option<IdentityId>,
    /// The status of the connection of that identity.
    connection: Option<ConnectionStatus>,
    limits: Limits,
}

impl Found {
    /// How its owner was let in, if an identity provider did so.
    pub fn federated(&self) -> Option<Federated> {
        serde_json::from_str(self.state.0.get(FEDERATED)?).ok()
    }
    /// When its owner signed in, as the authenticator compares it.
    pub fn began(&self) -> Timestamp {
        let micros = self.state.0.get(BEGAN).and_then(|json| json.parse().ok());
        micros.and_then(Timestamp::from_micros).unwrap_or(self.created_at)
    }
}

/// How long sessions live, in minutes: the strictest limits among a person's organizations.
#[derive(Queryable)]
pub(super) struct Limits {
    idle: Option<i64>,
    absolute: Option<i64>,
}

impl Found {
    /// The only rule for whether a row is a live session: not idle or open for too long, begun with the present
    /// password, and through a connection that is still enabled.
    fn is_live(&self, now: Timestamp) -> bool {
        let Limits { idle, absolute } = self.limits;
        now - self.last_seen_at < TimeDelta::minutes(idle.unwrap_or(IDLE_MINUTES))
            && now - self.created_at < TimeDelta::minutes(absolute.unwrap_or(ABSOLUTE_MINUTES))
            && self.ends_at.is_none_or(|end| now < end)
            && self.proved == self.password_changed_at
            && (self.identity.is_none() || self.connection == Some(ConnectionStatus::Enabled))
    }
}

impl DatabaseSessionStore {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    async fn find(&self, digest: Vec<u8>) -> Result<Option<State>, Fault> {
        let now = self.clock.now();
        let found = self.db.check(move |conn| live(conn, Which::Digest(&digest), now)).await?.pop();
        let Some(mut found) = found else { return Ok(None) };
        if now - found.last_seen_at >= SEEN_EVERY {
            let id = found.id;
            self.db
                .write(move |tx| {
                    diesel::update(sessions::table.find(id)).set(sessions::last_seen_at.eq(now)).execute(tx.conn())?;
                    Ok::<_, Fault>(())
                })
                .await?;
        }
        found.state.0.insert(ID.into(), serde_json::to_string(&found.id).map_err(Fault::broken)?);
        Ok(Some(found.state.0))
    }

    async fn insert(&self, state: State) -> Result<SessionKey, Fault> {
        let (key, now) = (Secret::generate(), self.clock.now());
        let digest = key.digest();
        let text = |name: &str| state.get(name).and_then(|json| serde_json::from_str::<String>(json).ok());
        let user: UserId = text(USER).and_then(|id| id.parse().ok()).ok_or_else(|| Fault::broken("a session without a user"))?;
        let proved = state.get(PASSWORD).and_then(|json| serde_json::from_str::<Option<i64>>(json).ok().flatten());
        let password_changed_at = proved.and_then(Timestamp::from_micros);
        let instant = |name: &str| Timestamp::from_micros(state.get(name).and_then(|json| json.parse().ok())?);
        let (began, proved_at) = (instant(BEGAN).unwrap_or(now), instant(PROVED).unwrap_or(now));
        let (address, agent) = (text(ADDRESS).unwrap_or_default(), text(AGENT).unwrap_or_default());
        let federated: Option<Federated> = state.get(FEDERATED).and_then(|json| serde_json::from_str(json).ok());
        self.db
            .write(move |tx| {
                diesel::insert_into(sessions::table)
                    .values((
                        sessions::id.eq(SessionId::new(now)),
                        sessions::digest.eq(&digest),
                        sessions::user_id.eq(user),
                        sessions::state.eq(Json(state.clone())),
                        sessions::created_at.eq(began),
                        sessions::proved_at.eq(proved_at),
                        sessions::last_seen_at.eq(now),
                        sessions::password_changed_at.eq(password_changed_at),
                        sessions::address.eq(&address),
                        sessions::agent.eq(&agent),
                        sessions::identity_id.eq(federated.as_ref().map(|federated| federated.identity)),
                        sessions::provider_session.eq(federated.as_ref().and_then(|federated| federated.provider_session.as_deref())),
                        sessions::ends_at.eq(federated.as_ref().and_then(|federated| Timestamp::from_micros(federated.ends_at?))),
                    ))
                    .execute(tx.conn())?;
                Ok::<_, Fault>(())
            })
            .await?;
        SessionKey::try_from(key.expose().to_owned()).map_err(|_| Fault::broken("a key that is too long"))
    }
}

fn digest(key: &SessionKey) -> Option<Vec<u8>> {
    Secret::parse(key.as_ref()).map(|secret| secret.digest())
}

/// Which sessions are requested.
pub(super) enum Which<'a> {
    Digest(&'a [u8]),
    Id(SessionId),
    User(UserId),
}

/// The longest list of one person's sessions that is shown.
const MOST: i64 = 200;

/// The live sessions of one person, the last seen first.
pub(super) fn live(conn: &mut Conn, which: Which<'_>, now: Timestamp) -> Result<Vec<Found>, Fault> {
    // Of the organizations of the session's person.
    macro_rules! strictest {
        ($minutes:expr) => {
            members::table
                .inner_join(organizations::table)
                .filter(members::user_id.eq(sessions::user_id.nullable()))
                .filter(members::status.eq(MemberStatus::Active))
                .select(min($minutes))
                .single_value()
        };
    }
    let rows = sessions::table
        .left_join(passwords::table.on(passwords::user_id.eq(sessions::user_id)))
        .left_join(identities::table.on(sessions::identity_id.eq(identities::id.nullable())))
        .left_join(connections::table.on(connections::id.nullable().eq(identities::connection_id.nullable())))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(MOST)
        .select((
            sessions::id,
            sessions::user_id,
            sessions::state,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::address,
            sessions::agent,
            sessions::ends_at,
            sessions::password_changed_at,
            passwords::changed_at.nullable(),
            sessions::identity_id,
            connections::status.nullable(),
            (strictest!(organizations::idle_minutes), strictest!(organizations::absolute_minutes)),
        ))
        .into_boxed::<MultiBackend>();
    let found: Vec<Found> = match which {
        Which::Digest(digest) => rows.filter(sessions::digest.eq(digest)).load(conn)?,
        Which::Id(id) => rows.filter(sessions::id.eq(id)).load(conn)?,
        Which::User(user) => rows.filter(sessions::user_id.eq(user)).load(conn)?,
    };
    Ok(found.into_iter().filter(|found| found.is_live(now)).collect())
}

impl SessionStore for DatabaseSessionStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(digest) = digest(key) else { return Ok(None) };
        self.find(digest).await.map_err(|fault| LoadError::Other(anyhow!(fault)))
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        self.insert(state).await.map_err(|fault| SaveError::Other(anyhow!(fault)))
    }

    async fn update(&self, key: SessionKey, state: State, _: &Duration) -> Result<SessionKey, UpdateError> {
        let Some(digest) = digest(&key) else {
            return Err(UpdateError::Other(anyhow!("not a key of ours")));
        };
        let updated = self
            .db
            .write(move |tx| {
                diesel::update(sessions::table.filter(sessions::digest.eq(&digest)))
                    .set(sessions::state.eq(Json(state.clone())))
                    .execute(tx.conn())?;
                Ok::<_, Fault>(())
            })
            .await;
        updated.map(|()| key).map_err(|fault| UpdateError::Other(anyhow!(fault)))
    }

    /// Does nothing: the end of a session follows from when it was last seen.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let Some(digest) = digest(key) else { return Ok(()) };
        self.db
            .write(move |tx| {
                diesel::delete(sessions::table.filter(sessions::digest.eq(&digest))).execute(tx.conn())?;
                Ok::<_, Fault>(())
            })
            .await
            .map_err(|fault| anyhow!(fault))
    }
}
