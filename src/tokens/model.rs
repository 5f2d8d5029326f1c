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
        /// Changes nothing: of its member's permissions it has what there is to read.
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

/// What a token is about to be, checked.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub mode: Mode,
    pub expires_at: Option<Timestamp>,
    /// What it is narrowed to; `None` is all that its member may do at the time.
    pub permissions: Option<Permissions>,
    /// From where it may be used; `None` is from anywhere.
    pub addresses: Option<Vec<IpNet>>,
}

/// When, from where and with what a credential was used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    pub at: Timestamp,
    pub address: String,
    pub agent: String,
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    Expired(Timestamp),
    Revoked(Timestamp),
}

/// A token without its digests, which nobody has a use for but anyone who verifies.
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

/// For so long a page that shows a value is likely to be sent again by its creator.
const JUST_NOW: TimeDelta = TimeDelta::minutes(10);

/// When somebody is warned by mail: so many days before the end.
pub const WARNINGS: [i64; 3] = [30, 7, 1];

/// The warning that is due so long before an end, if any is.
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
    /// What it is narrowed to.
    pub fn narrowed(&self) -> Option<Permissions> {
        self.permissions.as_ref().map(|Json(texts)| read(texts))
    }
    /// What it allows while its member may do this much.
    pub fn allows(&self, held: &Permissions) -> Permissions {
        allowed(self.narrowed().as_ref(), self.mode, held)
    }
    /// From where it may be used; nothing is from anywhere.
    pub fn networks(&self) -> &[String] {
        self.addresses.as_ref().map_or(&[], |Json(all)| all)
    }
    pub fn last_use(&self) -> Option<LastUse> {
        last_use(self.last_used_at, &self.last_used_address, &self.last_used_agent)
    }
    /// The last use of the value before the last regeneration.
    pub fn old_use(&self) -> Option<LastUse> {
        last_use(self.old_last_used_at, &self.old_last_used_address, &self.old_last_used_agent)
    }
    /// Until when the value before works as well.
    pub fn overlap(&self, now: Timestamp) -> Option<Timestamp> {
        self.old_until.filter(|until| *until > now && self.is_live(now))
    }
    /// Its end, where that is near enough to be marked in lists. Letters come earlier as well, when there is time to plan.
    pub fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.filter(|at| self.is_live(now) && *at - now <= SOON)
    }
    /// When that member made it, if that was just now: a page that is sent twice wants to be told so.
    pub fn created_before(&self, by: Option<MemberId>, now: Timestamp) -> Option<Timestamp> {
        (by.is_some() && self.created_by == by && now - self.created_at <= JUST_NOW).then_some(self.created_at)
    }
    /// As [`Token::created_before`], of its present value.
    pub fn regenerated_before(&self, by: Option<MemberId>, now: Timestamp) -> Option<Timestamp> {
        self.regenerated_at
            .filter(|at| by.is_some() && self.regenerated_by == by && now - *at <= JUST_NOW)
    }
}

fn last_use(at: Option<Timestamp>, address: &str, agent: &str) -> Option<LastUse> {
    at.map(|at| LastUse {
        at,
        address: address.into(),
        agent: agent.into(),
    })
}

/// The permissions among these texts. One that cannot be read allows nothing.
pub fn read(texts: &[String]) -> Permissions {
    texts.iter().filter_map(|text| text.parse::<Permission>().ok()).collect()
}

/// What a token allows: what it is narrowed to, of what its member may do now, and only to read where it only reads.
pub fn allowed(narrowed: Option<&Permissions>, mode: Mode, held: &Permissions) -> Permissions {
    let narrowed = narrowed.map_or_else(|| held.clone(), |narrowed| narrowed.meet(held));
    match mode {
        Mode::Read => narrowed.to_read(),
        Mode::ReadWrite => narrowed,
    }
}

/// Whether an address is in one of these networks. What cannot be read is in none, so that it opens nothing.
pub fn is_within(networks: &[String], address: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let mut networks = networks.iter().filter_map(|text| text.parse::<IpNet>().ok());
    networks.any(|network| network.contains(&address.to_canonical()))
}

/// Reads a network as people write it, or a single address; host bits are cut off.
pub fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    // Requests are known by their plain IPv4 address, never by the IPv6 one that stands for it.
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
        for wrong in ["", "10.0.0.0/33", "ten", "::ffff:10.0.0.0/104", "10.0.0.0/8 "] {
            assert!(network(wrong).is_none(), "{wrong}");
        }
    }
}
