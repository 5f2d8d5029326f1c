//! Verifies a token: one read along one index, with everything that must hold at this moment.

use super::{
    format::TokenText,
    model::{self, Mode},
};
use crate::{
    authorization::{PERMISSIONS_SQL, ROLE_END_SQL, read_permissions},
    db::{Cached, Conn, Json, Lasting},
    kit::{
        Actor, Fault, MemberId, MemberKind, MemberStatus, OrganizationId, Permissions, RequestInfo, Scope, Timestamp, TokenId, UserId,
        sql::{JsonSql, UtcSql, UuidSql},
    },
    second_factors,
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Binary, Bool, Nullable, Text},
};
use std::sync::{Arc, LazyLock};

/// The member authenticated by a valid token.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub token: TokenId,
    pub name: String,
    pub prefix: String,
    pub mode: Mode,
    /// The permissions that the token is narrowed to.
    pub narrowed: Option<Permissions>,
    pub networks: Vec<String>,
    pub expires_at: Option<Timestamp>,
    /// Set if the client sent the previous value, which works until then.
    pub old_until: Option<Timestamp>,
    /// Whether it is the credential of a SCIM client, which opens nothing but SCIM.
    pub is_provisioner: bool,
    pub kind: MemberKind,
    pub organization_name: String,
    pub scope: Scope,
}

/// Why a token does not work. Only a client that sent the whole token is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRejection {
    /// Never issued, or its member was deleted.
    Unknown,
    Revoked(Timestamp),
    Expired(Timestamp),
    /// The value was replaced, and the overlap is over.
    Replaced(Timestamp),
    NotActive,
    /// Its owner no longer has API access.
    NoApiAccess,
    /// The organization now demands a second factor, and the owner has none. The console is closed to them as well.
    NoSecondStep,
    /// Used from an address outside its networks.
    Elsewhere(String),
}

#[derive(QueryableByName, Clone)]
pub(super) struct Row {
    #[diesel(sql_type = UuidSql)]
    id: TokenId,
    #[diesel(sql_type = UuidSql)]
    organization_id: OrganizationId,
    #[diesel(sql_type = UuidSql)]
    member_id: MemberId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    prefix: String,
    #[diesel(sql_type = Text)]
    old_prefix: String,
    #[diesel(sql_type = Text)]
    mode: Mode,
    #[diesel(sql_type = Nullable<JsonSql>)]
    permissions: Option<Json<Vec<String>>>,
    #[diesel(sql_type = Nullable<JsonSql>)]
    addresses: Option<Json<Vec<String>>>,
    #[diesel(sql_type = Nullable<UtcSql>)]
    expires_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<UtcSql>)]
    revoked_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<UtcSql>)]
    old_until: Option<Timestamp>,
    #[diesel(sql_type = Bool)]
    is_old: bool,
    #[diesel(sql_type = Text)]
    status: MemberStatus,
    #[diesel(sql_type = Text)]
    kind: MemberKind,
    #[diesel(sql_type = Text)]
    member_name: String,
    #[diesel(sql_type = Nullable<UuidSql>)]
    user_id: Option<UserId>,
    #[diesel(sql_type = Text)]
    organization_name: String,
    #[diesel(sql_type = Bool)]
    has_api_access: bool,
    #[diesel(sql_type = Bool)]
    is_provisioner: bool,
    #[diesel(sql_type = Bool)]
    lacks_second_step: bool,
    #[diesel(sql_type = Nullable<Text>)]
    held: Option<String>,
    /// When the first of the roles ends that have an end.
    #[diesel(sql_type = Nullable<UtcSql>)]
    role_ends_at: Option<Timestamp>,
    /// From when on the organization demands a second factor.
    #[diesel(sql_type = Nullable<UtcSql>)]
    two_step_from: Option<Timestamp>,
}

/// The statement that reads a token and everything that must hold at this moment: `$1` is the instant, `$2` the digest.
pub(super) fn statement(more_columns: &str, more_joins: &str, more_conditions: &str) -> String {
    const LACKING: &str = second_factors::LACKING;
    format!(
        "SELECT {PERMISSIONS_SQL} AS held, t.id, t.organization_id, t.member_id, t.name, t.prefix, t.old_prefix, t.mode, t.permissions, t.addresses, \
         t.expires_at, t.revoked_at, t.old_until, t.digest <> $2 AS is_old, m.status, m.kind, m.name AS member_name, m.user_id, \
         o.name AS organization_name, \
         EXISTS (SELECT 1 FROM api_access a WHERE a.organization_id = t.organization_id AND a.member_id = t.member_id) AS has_api_access, \
         EXISTS (SELECT 1 FROM provisioners v WHERE v.organization_id = t.organization_id AND v.member_id = t.member_id) AS is_provisioner, \
         {LACKING} AS lacks_second_step, o.two_step_from, \
         {ROLE_END_SQL} AS role_ends_at\
         {more_columns} FROM tokens t JOIN members m ON m.organization_id = t.organization_id AND m.id = t.member_id \
         JOIN organizations o ON o.id = t.organization_id{more_joins} WHERE (t.digest = $2 OR t.old_digest = $2){more_conditions}"
    )
}

/// What the database says of a token at an instant. [`IssuedToken::verify`] says whether it works.
#[derive(Clone)]
pub struct IssuedToken(Arc<Row>);

/// Reads, in one statement, whose token it is and what it allows. The answer is the same until something is changed, or
/// until the instant that comes with it.
pub fn find_issued(conn: &mut Conn, text: &TokenText, now: Timestamp) -> Result<Lasting<Option<IssuedToken>>, Fault> {
    static STATEMENT: LazyLock<String> = LazyLock::new(|| statement("", "", ""));
    let query = sql_query(STATEMENT.as_str()).bind::<UtcSql, _>(now).bind::<Binary, _>(text.digest());
    let row: Option<Row> = Cached(query).load(conn)?.into_iter().next();
    let until = row
        .as_ref()
        .and_then(|row| row.role_ends_at.into_iter().chain(row.two_step_from).filter(|at| *at > now).min());
    Ok(Lasting { answer: row.map(|row| IssuedToken(Arc::new(row))), until })
}

impl IssuedToken {
    /// Whose token it is and what it allows now.
    ///
    /// # Errors
    /// [`TokenRejection`]: why it opens nothing.
    pub fn verify(&self, request_info: &RequestInfo) -> Result<Bearer, TokenRejection> {
        match self.0.closed(request_info) {
            None => Ok(self.0.open(request_info)),
            Some(why) => Err(why),
        }
    }
}

impl Row {
    pub(super) fn closed(&self, request_info: &RequestInfo) -> Option<TokenRejection> {
        let now = request_info.now;
        let over = |at: Option<Timestamp>| at.filter(|at| *at <= now);
        if let Some(at) = self.revoked_at {
            return Some(TokenRejection::Revoked(at));
        }
        if let Some(at) = over(self.old_until).filter(|_| self.is_old) {
            return Some(TokenRejection::Replaced(at));
        }
        if let Some(at) = over(self.expires_at) {
            return Some(TokenRejection::Expired(at));
        }
        if self.status != MemberStatus::Active {
            return Some(TokenRejection::NotActive);
        }
        if self.kind == MemberKind::User && !self.has_api_access {
            return Some(TokenRejection::NoApiAccess);
        }
        if self.lacks_second_step {
            return Some(TokenRejection::NoSecondStep);
        }
        let Json(networks) = self.addresses.as_ref()?;
        (!model::is_within(networks, &request_info.address)).then(|| TokenRejection::Elsewhere(request_info.address.clone()))
    }

    pub(super) fn open(&self, request_info: &RequestInfo) -> Bearer {
        let held = read_permissions(self.held.as_deref());
        let narrowed = self.permissions.as_ref().map(|Json(texts)| model::read(texts));
        let prefix = if self.is_old { &self.old_prefix } else { &self.prefix };
        let networks = self.addresses.as_ref().map(|Json(all)| all.clone()).unwrap_or_default();
        Bearer {
            scope: Scope {
                organization: self.organization_id,
                over_person: Permissions::default(),
                permissions: model::allowed(narrowed.as_ref(), self.mode, &held),
                actor: Actor::Member { id: self.member_id, user: self.user_id, name: self.member_name.clone() },
                request_info: RequestInfo {
                    credential: Some(format!("token “{}” ({prefix}…)", self.name)),
                    networks: networks.clone(),
                    ..request_info.clone()
                },
            },
            token: self.id,
            name: self.name.clone(),
            prefix: prefix.clone(),
            mode: self.mode,
            narrowed,
            networks,
            expires_at: self.expires_at,
            old_until: self.old_until.filter(|_| self.is_old),
            kind: self.kind,
            is_provisioner: self.is_provisioner,
            organization_name: self.organization_name.clone(),
        }
    }
}
