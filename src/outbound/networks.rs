//! Which network addresses Roster may connect to.

use crate::kit::Networks;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Networks that the operator opened on purpose: private ones, and those that may be reached without TLS. Empty by
/// default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenedNetworks(Networks);

impl FromStr for OpenedNetworks {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl OpenedNetworks {
    /// Whether Roster may connect to this address. Without TLS only what the operator opened is reachable.
    pub(super) fn permit(&self, address: IpAddr, has_tls: bool) -> bool {
        (has_tls && is_public(address)) || self.0.contain(address)
    }
}

/// Whether an address belongs to the public internet (IANA's special-purpose registries, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // This network, loopback, multicast and everything reserved above it.
    let is_reserved = matches!(a, 0 | 127 | 224..=255);
    // Private use (RFC 1918), shared by carriers (RFC 6598), link-local.
    let is_private = matches!((a, b), (10, _) | (172, 16..=31) | (192, 168) | (100, 64..=127) | (169, 254));
    // Protocol assignments, documentation, the former 6to4 relays, benchmarks.
    let is_special = matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113));
    !(is_reserved || is_private || is_special)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is assigned to global unicast. Everything else (loopback, unique local, link-local, multicast, NAT64,
    // addresses that embed IPv4) lies outside of it.
    let is_global = a & 0xe000 == 0x2000;
    // Protocol assignments with Teredo and ORCHID (2001::/23); 6to4, which embeds an IPv4 address; documentation.
    let is_special = matches!((a, b), (0x2001, 0..0x0200 | 0x0db8) | (0x2002, _) | (0x3fff, 0..0x1000));
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn what_the_operator_opened_may_be_private_and_without_tls() {
        let opened: OpenedNetworks = "10.0.0.0/8, 127.0.0.1 fd00::/8".parse().unwrap();
        for (address, with_tls, without) in [
            ("10.1.2.3", true, true),
            ("::ffff:10.1.2.3", true, true),
            ("127.0.0.1", true, true),
            ("127.0.0.2", false, false),
            ("fd00::7", true, true),
            ("1.1.1.1", true, false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!((opened.permit(address, true), opened.permit(address, false)), (with_tls, without), "{address}");
        }
        assert!("10.0.0.0/33".parse::<OpenedNetworks>().is_err());
        assert!("localhost".parse::<OpenedNetworks>().is_err());
    }
}
