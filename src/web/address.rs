//! The client's address of a request: the peer's address, or the one that a trusted proxy reports.

use crate::kit::Networks;
use actix_web::http::header::HeaderMap;
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// Networks whose `X-Forwarded-For` is trusted. Empty by default: no proxy is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Networks);

impl FromStr for TrustedProxies {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl TrustedProxies {
    /// Whether a peer is one of these proxies.
    pub fn is_trusted(&self, peer: IpAddr) -> bool {
        self.0.contain(peer)
    }

    /// The right-most hop that is not one of our proxies. A client can forge everything to the left of it.
    pub(super) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = plain(peer?);
        if !self.is_trusted(client) {
            return Some(client);
        }
        let hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in hops.iter().rev() {
            // An unreadable hop ends the chain of trust at the proxy that passed it on.
            let Some(address) = read_hop(hop.trim()) else { break };
            client = plain(address);
            if !self.is_trusted(client) {
                break;
            }
        }
        Some(client)
    }
}

/// An address, with a port after it where the proxy writes one: `203.0.113.8:51008`, `[2001:db8::7]:443`.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    hop.parse().ok().or_else(with_port).or_else(in_brackets)
}

fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The part of an address that a subscriber cannot change at will: all of IPv4, the first 64 bits of IPv6.
pub fn subscriber_prefix(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => Ipv6Addr::from(u128::from(v6) >> 64 << 64).to_string(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(value).unwrap());
        }
        trusted
            .parse::<TrustedProxies>()
            .unwrap()
            .client(Some(peer.parse().unwrap()), &headers)
            .unwrap()
            .to_string()
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_peers_only() {
        assert_eq!(client("", "203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.1.1.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.2.2.2"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["203.0.113.9, _hidden"]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn a_port_behind_a_forwarded_address_is_no_part_of_it() {
        for (hop, address) in [
            ("203.0.113.8:51008", "203.0.113.8"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[::ffff:203.0.113.8]:1", "203.0.113.8"),
            ("203.0.113.8:port", "10.0.0.1"),
            ("203.0.113.8:", "10.0.0.1"),
            ("[203.0.113.8]", "10.0.0.1"),
            ("example.org:80", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[hop]), address, "{hop}");
            assert_eq!(
                client("10.0.0.0/8", "10.0.0.1", &[&format!("{hop}, 10.0.0.2:9")]).replace("10.0.0.2", "10.0.0.1"),
                address,
                "{hop}"
            );
        }
    }

    #[test]
    fn a_wrong_network_is_named() {
        assert!("10.0.0.0/8, nonsense".parse::<TrustedProxies>().unwrap_err().contains("nonsense"));
    }

    #[test]
    fn a_subscriber_with_many_addresses_is_one_neighbour() {
        assert_eq!(subscriber_prefix("2001:db8:1:2:3:4:5:6"), subscriber_prefix("2001:db8:1:2::9"));
        assert_ne!(subscriber_prefix("203.0.113.9"), subscriber_prefix("203.0.113.10"));
    }
}
