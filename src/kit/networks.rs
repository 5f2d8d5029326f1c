//! Lists of networks in settings.

use ipnet::IpNet;
use std::{net::IpAddr, str::FromStr};

/// Networks, each written as an address or with its prefix length. Empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl FromStr for Networks {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let network = |word: &str| {
            word.parse::<IpNet>()
                .or_else(|_| word.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("{word:?} is neither an address nor a network such as 10.0.0.0/8"))
        };
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Networks {
    /// Whether one of them contains the address. An IPv4-mapped address counts as the IPv4 address.
    pub fn contain(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.0.iter().any(|network| network.contains(&plain))
    }
}
