//! Which addresses may be reached.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A range of addresses: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// True for an address in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let host = if self.address.is_ipv4() { 32 } else { 128 } - u32::from(self.bits);
        let (own, other) = match (self.address, plain(address)) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits())),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits()),
            _ => return false,
        };
        own.checked_shr(host).unwrap_or(0) == other.checked_shr(host).unwrap_or(0)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is no address or range such as 10.1.2.3 or 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

/// What may be reached beside public addresses.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Ranges inside the network that are allowed.
    pub allowed: Vec<Network>,
}

impl Policy {
    /// True where a connection to the address is allowed.
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(plain(address)) || self.allowed.iter().any(|network| network.contains(address))
    }
}

/// An IPv4 address that is written as an IPv6 one, as itself.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// What the registry of special addresses (IANA, RFC 6890) does not keep for something else.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Public addresses are in 2000::/3; of these some ranges carry an IPv4 address or are not routed.
    let global = first & 0xe000 == 0x2000;
    let carries_v4 = first == 0x2002 || (first == 0x2001 && second == 0);
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    let special = first == 0x2001 && second < 0x0200;
    global && !carries_v4 && !documentation && !special
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn allows(policy: &Policy, address: &str) -> bool {
        policy.allows(address.parse().unwrap())
    }

    #[test]
    fn addresses_inside_the_network_are_refused_however_they_are_written() {
        let policy = Policy::default();
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
        ] {
            assert!(!allows(&policy, inside), "{inside}");
        }
        for public in ["93.184.215.14", "8.8.8.8", "2606:2800:220:1::1", "172.32.0.1", "::ffff:8.8.8.8"] {
            assert!(allows(&policy, public), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_by_name_is_reached_and_its_neighbour_is_not() {
        let policy = Policy { allowed: vec!["10.1.0.0/16".parse().unwrap(), "::1".parse().unwrap()] };
        assert!(allows(&policy, "10.1.255.1") && allows(&policy, "::ffff:10.1.0.1") && allows(&policy, "::1"));
        assert!(!allows(&policy, "10.2.0.1") && !allows(&policy, "127.0.0.1"));
        let all = Policy { allowed: vec!["0.0.0.0/0".parse().unwrap()] };
        assert!(allows(&all, "127.0.0.1"));
        for wrong in ["10.0.0.0/33", "ten", "", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
