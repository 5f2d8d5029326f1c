//! Pages of `tokens`: one struct per template, with what it shows.

use super::{
    days::Days,
    format::TokenText,
    forms::{NameForm, OVERLAPS, RenewalForm, SAME, TokenForm},
    lifetime::Expiry,
    model::{State, Token},
    store,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, Permission, Permissions, Scope, Timestamp, TokenId},
    members::{Header, Member},
    roles::{ApplicationPermission, CATALOGUE, Role},
    web::{MemberContext, chart::Chart, filters},
};
use askama::Template;
use std::collections::BTreeSet;

/// The most ended tokens that are listed.
const MOST_ENDED: usize = 20;

/// The page on which the tokens are listed, and who looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerKind {
    Mine,
    SystemAccount,
    /// An administrator, on the profile of a person.
    Person,
}

/// The member whose tokens a page shows.
#[derive(Clone, Debug)]
pub(super) struct TokenOwner {
    pub way: OwnerKind,
    pub member: Member,
}

impl TokenOwner {
    /// The path under which each token has its pages.
    pub fn tokens(&self, context: &MemberContext) -> String {
        let id = self.member.id;
        context.path(match self.way {
            OwnerKind::Mine => "/me/tokens".to_owned(),
            OwnerKind::SystemAccount => format!("/system-accounts/{id}/tokens"),
            OwnerKind::Person => format!("/users/{id}/tokens"),
        })
    }
    /// The page that lists the tokens.
    pub fn home(&self, context: &MemberContext) -> String {
        match self.way {
            OwnerKind::Person => context.path(format!("/users/{}/api", self.member.id)),
            _ => self.tokens(context),
        }
    }
    pub fn is_mine(&self) -> bool {
        self.way == OwnerKind::Mine
    }
}

/// A token in a list.
#[derive(Clone, Debug)]
pub struct TokenRow {
    pub token: Token,
    /// The name of the creator, unless they were deleted.
    pub created_by: Option<String>,
    /// How often it was used in the last thirty days.
    pub uses: i64,
}

impl TokenRow {
    pub fn permissions(&self) -> String {
        let narrowed = self.token.narrowed().unwrap_or_default();
        narrowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// The list of a member's tokens, shared by every page that shows it.
#[derive(Clone, Debug)]
pub struct Listing {
    pub live: Vec<TokenRow>,
    pub ended: Vec<TokenRow>,
    /// How often all of them were used on each recent day, the API password included.
    pub chart: Chart,
    /// The path under which each token has its pages.
    pub base: String,
    /// Whether the caller may rename and regenerate them. Every viewer may revoke.
    pub may_run: bool,
    /// Whether the tokens work at all. Those of a disabled member, or of one without API access, do not.
    pub works: bool,
    now: Timestamp,
}

impl Listing {
    /// Until when the previous value of a token keeps working.
    pub fn overlap(&self, token: &Token) -> Option<Timestamp> {
        token.overlap(self.now).filter(|_| self.works)
    }
    pub fn ends_soon(&self) -> usize {
        self.live.iter().filter(|line| line.token.ends_soon(self.now).is_some()).count()
    }
    /// `revoked` or `ended`, and when.
    pub fn over(&self, token: &Token) -> (&'static str, Timestamp) {
        match token.state(self.now) {
            State::Revoked(at) => ("revoked", at),
            State::Expired(at) => ("ended", at),
            State::Live => ("in use", self.now),
        }
    }
}

/// Loads the tokens of a member. The calling page must check that the caller may see them.
pub fn listing(conn: &mut Conn, scope: &Scope, member: MemberId, base: String, (may_run, works): (bool, bool)) -> Result<Listing, Fault> {
    let now = scope.now();
    let tokens = store::list(conn, scope, member, i64::try_from(super::MOST).unwrap_or(i64::MAX))?;
    let makers: BTreeSet<MemberId> = tokens.iter().filter_map(|token| token.created_by).collect();
    let names = store::names(conn, scope, makers.into_iter().collect())?;
    let days = Days::of(conn, scope, member)?;
    let line = |token: Token| TokenRow {
        uses: days.count(token.id),
        created_by: token.created_by.and_then(|id| names.get(&id).cloned()),
        token,
    };
    let (live, mut ended): (Vec<TokenRow>, Vec<TokenRow>) = tokens.into_iter().map(line).partition(|line| line.token.is_live(now));
    ended.truncate(MOST_ENDED);
    Ok(Listing { live, ended, chart: days.chart(None, now), base, may_run, works, now })
}

#[derive(Template)]
#[template(path = "tokens/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub owner: TokenOwner,
    /// The header of a system account's page.
    pub header: Option<Header>,
    pub listing: Listing,
    /// Why no token can be created, if so.
    pub why_not: Option<String>,
    /// Where the caller can turn on what is missing, if they may.
    pub turn_on: Option<String>,
}

#[derive(Template)]
#[template(path = "tokens/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub form: TokenForm,
    pub longest: Option<i64>,
    /// The permissions to choose from: those that both its member and its creator hold.
    pub offered: Vec<Permission>,
    /// A permission that its member holds and its creator does not. If there is one, the token must be narrowed.
    pub beyond: Option<Permission>,
}

impl New {
    /// A new token has no present expiry to keep.
    pub fn same(&self) -> Option<(&'static str, String)> {
        None
    }
    pub fn presets(&self) -> Vec<(String, String)> {
        Expiry::presets(self.longest)
    }
    pub fn today(&self) -> String {
        self.context.scope.now().utc().format("%Y-%m-%d").to_string()
    }
}

/// The one page that shows a value.
#[derive(Template)]
#[template(path = "tokens/value.html")]
pub(super) struct Value {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub token: Token,
    pub text: TokenText,
}

impl Value {
    pub fn curl(&self) -> String {
        let me = self.context.site.link("/api/v1/me");
        format!("curl -H \"Authorization: Bearer {}\" {me}", self.text.expose())
    }
}

#[derive(Template)]
#[template(path = "tokens/edit.html")]
pub(super) struct Edit {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub token: TokenId,
    pub prefix: String,
    pub form: NameForm,
}

#[derive(Template)]
#[template(path = "tokens/uses.html")]
pub(super) struct UsesOfToken {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub token: Token,
    pub chart: Chart,
}

#[derive(Template)]
#[template(path = "tokens/regeneration.html")]
pub(super) struct Regeneration {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub token: Token,
    pub form: RenewalForm,
    pub longest: Option<i64>,
}

impl Regeneration {
    pub fn presets(&self) -> Vec<(String, String)> {
        Expiry::presets(self.longest)
    }
    pub fn today(&self) -> String {
        self.context.scope.now().utc().format("%Y-%m-%d").to_string()
    }
    pub fn overlaps(&self) -> [(&'static str, &'static str); 4] {
        OVERLAPS
    }
    /// The expiry that stays if none is chosen.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same part of the form is drawn for new tokens, which have none"
    )]
    pub fn same(&self) -> Option<(&'static str, String)> {
        let words = self.token.expires_at.map_or_else(|| "never".to_owned(), Timestamp::exact);
        Some((SAME, format!("as before ({words})")))
    }
}

/// The confirmation before a token or its previous value ends.
#[derive(Template)]
#[template(path = "tokens/end.html")]
pub(super) struct End {
    pub context: MemberContext,
    pub owner: TokenOwner,
    pub token: Token,
    /// Only the previous value ends.
    pub is_old: bool,
    pub refusal: Option<String>,
}

/// The permissions to choose from: every known permission that the held ones cover, however they are written.
pub(super) fn choices(held: &Permissions, roles: &[Role], declared: &[ApplicationPermission]) -> Vec<Permission> {
    let known = CATALOGUE.iter().flat_map(|resource| resource.permissions);
    let known = known.filter_map(|known| known.permission.parse::<Permission>().ok());
    let of_roles = roles.iter().flat_map(|role| role.permissions.iter().cloned());
    let declared = declared.iter().filter_map(|one| one.permission.parse::<Permission>().ok());
    let all: BTreeSet<Permission> = known.chain(of_roles).chain(declared).chain(held.iter().cloned()).collect();
    let is_plain = |permission: &Permission| !permission.to_string().starts_with("*:");
    all.into_iter().filter(|one| is_plain(one) && held.allow(one)).collect()
}
