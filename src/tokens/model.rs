//! Types of `tokens` and their pure rules.

use crate::{
    db::{Json, MultiBackend, schema::tokens},
    kit::{MemberId, Permission, Permissions, Timestamp, TokenId},
    members::SOON,
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use ipnet::IpNet;
use std::net::IpAddr;

text_enum! {
    pub enum Mode {
        /// Changes nothing: allows only the reading permissions of its member.
        Read = "read",
        ReadWrite = "read_write",
    }
}

impl Mode {
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Read-only",
            Self::ReadWrite => "Read and write",
        }
    }
}

/// A checked request for a token.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub mode: Mode,
    pub expires_at: Option<Timestamp>,
    /// The permissions that it is narrowed to. `None` means all that its member may do at the time.
    pub permissions: Option<Permissions>,
    /// The networks from which it may be used. `None` means from anywhere.
    pub addresses: Option<Vec<IpNet>>,
}

/// When, from where and with which client a credential was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    pub at: Timestamp,
    pub address: String,
    pub agent: String,
}

/// The state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    Expired(Timestamp),
    Revoked(Timestamp),
}

/// A token without its digests, which only `verify` needs.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = tokens, check_for_backend(MultiBackend))]
pub struct Token {
    pub id: TokenId,
    pub member_id: MemberId,
    pub name: String,
    pub prefix: String,
    pub mode: Mode,
    permissions: Option<Json<Vec<String>>>,
    addresses: Option<Json<Vec<String>>>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_used_address: String,
    last_used_agent: String,
    pub regenerated_at: Option<Timestamp>,
    regenerated_by: Option<MemberId>,
    pub old_prefix: String,
    old_until: Option<Timestamp>,
    old_last_used_at: Option<Timestamp>,
    old_last_used_address: String,
    old_last_used_agent: String,
    pub version: i64,
}

/// How long a page that shows a value may be submitted again by mistake.
const JUST_NOW: TimeDelta = TimeDelta::minutes(10);

/// When the owner is warned by mail: this many days before expiry.
pub const WARNINGS: [i64; 3] = [30, 7, 1];

/// The warning that is due at this time before expiry, if any.
pub fn warning(expires_at: Timestamp, now: Timestamp) -> Option<i64> {
    let left = expires_at - now;
    WARNINGS.into_iter().rev().find(|days| left <= TimeDelta::days(*days))
}

impl Token {
    pub fn state(&self, now: Timestamp) -> State {
        match (self.revoked_at, self.expires_at) {
            (Some(at), _) => State::Revoked(at),
            (None, Some(at)) if at <= now => State::Expired(at),
            _ => State::Live,
        }
    }
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state(now) == State::Live
    }
    /// The permissions that it is narrowed to.
    pub fn narrowed(&self) -> Option<Permissions> {
        self.permissions.as_ref().map(|Json(texts)| read(texts))
    }
    /// What the token allows while its member holds these permissions.
    pub fn allows(&self, held: &Permissions) -> Permissions {
        allowed(self.narrowed().as_ref(), self.mode, held)
    }
    /// The networks from which it may be used. Empty means from anywhere.
    pub fn networks(&self) -> &[String] {
        self.addresses.as_ref().map_or(&[], |Json(all)| all)
    }
    pub fn last_use(&self) -> Option<LastUse> {
        last_use(self.last_used_at, &self.last_used_address, &self.last_used_agent)
    }
    /// The last use of the previous value.
    pub fn old_use(&self) -> Option<LastUse> {
        last_use(self.old_last_used_at, &self.old_last_used_address, &self.old_last_used_agent)
    }
    /// Until when the previous value keeps working.
    pub fn overlap(&self, now: Timestamp) -> Option<Timestamp> {
        self.old_until.filter(|until| *until > now && self.is_live(now))
    }
    /// The expiry, if it is near enough to be marked in lists. The first letter goes out earlier, to leave time to
    /// plan.
    pub fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.filter(|at| self.is_live(now) && *at - now <= SOON)
    }
    /// When this member created it, if that was just now: then the form was probably submitted twice.
    pub fn created_before(&self, by: Option<MemberId>, now: Timestamp) -> Option<Timestamp> {
        (by.is_some() && self.created_by == by && now - self.created_at <= JUST_NOW).then_some(self.created_at)
    }
    /// As [`Token::created_before`], for the present value.
    pub fn regenerated_before(&self, by: Option<MemberId>, now: Timestamp) -> Option<Timestamp> {
        self.regenerated_at.filter(|at| by.is_some() && self.regenerated_by == by && now - *at <= JUST_NOW)
    }
}

fn last_use(at: Option<Timestamp>, address: &str, agent: &str) -> Option<LastUse> {
    at.map(|at| LastUse { at, address: address.into(), agent: agent.into() })
}

/// The permissions among these texts. One that cannot be parsed allows nothing.
pub fn read(texts: &[String]) -> Permissions {
    texts.iter().filter_map(|text| text.parse::<Permission>().ok()).collect()
}

/// What a token allows: the permissions it is narrowed to, of those that its member holds now; only reading if it is
/// read-only.
pub fn allowed(narrowed: Option<&Permissions>, mode: Mode, held: &Permissions) -> Permissions {
    let narrowed = narrowed.map_or_else(|| held.clone(), |narrowed| narrowed.intersection(held));
    match mode {
        Mode::Read => narrowed.read_only(),
        Mode::ReadWrite => narrowed,
    }
}

/// Whether an address is in one of these networks. An unreadable address or network matches nothing, so that it opens
/// nothing.
pub fn is_within(networks: &[String], address: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    parsed(networks).any(|network| network.contains(&address.to_canonical()))
}

/// The readable ones among these networks.
pub fn parsed(networks: &[String]) -> impl Iterator<Item = IpNet> + '_ {
    networks.iter().filter_map(|text| text.parse().ok())
}

/// Whether every address of `inner` is in one of the networks of `outer`. An empty list of networks holds every address.
pub fn are_within(inner: &[IpNet], outer: &[IpNet]) -> bool {
    // Neighbours hold together what neither of them holds alone.
    let joined = IpNet::aggregate(&outer.to_vec());
    let is_in = |one: &IpNet| joined.iter().any(|network| network.contains(one));
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(is_in))
}

/// Parses a network or a single address. Host bits are cut off.
pub fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    // Requests are known by their plain IPv4 address, never by the IPv4-mapped IPv6 address.
    let is_mapped = matches!(network, IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some());
    (!is_mapped).then(|| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> Permissions {
        read(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_token_is_never_wider_than_its_member_now() {
        let held = set(&["user:manage:*", "contract_data:read:*"]);
        assert_eq!(allowed(None, Mode::ReadWrite, &held), held);
        assert_eq!(allowed(None, Mode::Read, &held), set(&["user:read:*", "contract_data:read:*"]));
        let narrowed = set(&["user:read:*", "role:manage:*"]);
        assert_eq!(allowed(Some(&narrowed), Mode::ReadWrite, &held), set(&["user:read:*"]));
        assert!(allowed(Some(&set(&[])), Mode::ReadWrite, &held).is_empty());
        assert!(allowed(None, Mode::ReadWrite, &set(&[])).is_empty());
    }

    #[test]
    fn warnings_come_thirty_seven_and_one_day_before() {
        let now = Timestamp::EPOCH;
        let in_hours = |hours| warning(now + TimeDelta::hours(hours), now);
        assert_eq!(
            [
                in_hours(24 * 31),
                in_hours(24 * 30),
                in_hours(24 * 8),
                in_hours(24 * 7),
                in_hours(25),
                in_hours(24),
                in_hours(1)
            ],
            [None, Some(30), Some(30), Some(7), Some(7), Some(1), Some(1)]
        );
    }

    #[test]
    fn networks_hold_what_they_hold() {
        let all: Vec<String> = ["10.0.0.0/8", "2001:db8::/32", "nonsense"].map(Into::into).into();
        for (address, is_in) in [
            ("10.0.0.7", true),
            ("::ffff:10.0.0.7", true),
            ("11.0.0.7", false),
            ("2001:db8::9", true),
            ("", false),
            ("cli", false),
        ] {
            assert_eq!(is_within(&all, address), is_in, "{address}");
        }
        assert_eq!(network("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network("10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
        let nets = |texts: &[&str]| texts.iter().filter_map(|text| network(text)).collect::<Vec<_>>();
        for (inner, outer, is_in) in [
            (&["10.0.0.7"][..], &["10.0.0.0/8"][..], true),
            (&["10.0.0.0/8"], &["10.0.0.0/8", "2001:db8::/32"], true),
            (&["10.0.0.0/8"], &["10.0.0.0/9", "10.128.0.0/9"], true),
            (&["10.0.0.0/8"], &["10.0.0.0/9"], false),
            (&["10.0.0.7", "11.0.0.7"], &["10.0.0.0/8"], false),
            (&["::/0"], &["10.0.0.0/8"], false),
            (&[], &["10.0.0.0/8"], false),
            (&["10.0.0.7"], &[], true),
            (&[], &[], true),
        ] {
            assert_eq!(are_within(&nets(inner), &nets(outer)), is_in, "{inner:?} in {outer:?}");
        }
        for wrong in ["", "10.0.0.0/33", "ten", "::ffff:10.0.0.0/104", "10.0.0.0/8 "] {
            assert!(network(wrong).is_none(), "{wrong}");
        }
    }
}
