//! A small DNS client for TXT records: asks the configured resolvers over UDP, and over TCP what does not fit. It blocks
//! the thread that it runs on.

use super::message::{Query, Reply};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket},
    str::FromStr,
    time::{Duration, Instant},
};

const PORT: u16 = 53;
/// How long one try may take, over UDP and TCP together.
const PATIENCE: Duration = Duration::from_secs(3);
/// Each goes to the next resolver.
const TRIES: usize = 2;
/// The longest answer that is read. Texts of one name are shorter; a longer one would cost time to read.
const LONGEST: usize = 16 * 1024;
/// As many as the system's own resolver asks.
const MOST_OF_SYSTEM: usize = 3;

/// The resolvers that are asked. Without any in the settings, those of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolvers(Vec<SocketAddr>);

impl FromStr for Resolvers {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let server = |word: &str| {
            let with_port = word.parse().ok();
            with_port
                .or_else(|| Some(SocketAddr::new(word.parse().ok()?, PORT)))
                .ok_or_else(|| format!("{word:?} is not an IP address with or without a port, such as 192.0.2.53:53"))
        };
        words.map(server).collect::<Result<_, _>>().map(Self)
    }
}

impl Resolvers {
    fn in_use(&self) -> Vec<SocketAddr> {
        if self.0.is_empty() {
            // Read again each time: the file changes when the machine moves to another network.
            return of_system(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
        }
        self.0.clone()
    }

    /// The texts at a name, none if it has no TXT record or does not exist.
    ///
    /// # Errors
    /// A [`DnsFailure`]: then nothing is known about the name.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, DnsFailure> {
        let servers = self.in_use();
        let mut failure = DnsFailure::NoResolver;
        for server in servers.iter().cycle().take(TRIES) {
            match ask(*server, name) {
                Ok(texts) => return Ok(texts),
                Err(why) => failure = why,
            }
        }
        Err(failure)
    }
}

/// The name servers in `resolv.conf`.
fn of_system(file: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse::<IpAddr>().ok()
    };
    let servers = file.lines().filter_map(address).take(MOST_OF_SYSTEM);
    servers.map(|address| SocketAddr::new(address, PORT)).collect()
}

/// Why nothing is known about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnsFailure {
    #[error("No DNS resolver is configured for Roster.")]
    NoResolver,
    #[error("The DNS resolver does not answer.")]
    Silent,
    #[error("The DNS servers of this domain cannot be asked, or report a failure.")]
    Refused,
}

fn ask(server: SocketAddr, name: &str) -> Result<Vec<String>, DnsFailure> {
    let Some(query) = Query::new(name) else {
        return Err(DnsFailure::Refused);
    };
    let deadline = Instant::now() + PATIENCE;
    match over_udp(server, &query, deadline)? {
        Reply::Texts(texts) => Ok(texts),
        Reply::Refused => Err(DnsFailure::Refused),
        Reply::Truncated => match over_tcp(server, &query, deadline)? {
            Reply::Texts(texts) => Ok(texts),
            Reply::Refused | Reply::Truncated => Err(DnsFailure::Refused),
        },
    }
}

/// The time that is left, as sockets take it.
fn left(deadline: Instant) -> Result<Duration, DnsFailure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(DnsFailure::Silent) } else { Ok(left) }
}

fn unanswered<E>(_: E) -> DnsFailure {
    DnsFailure::Silent
}

/// A connected socket gets datagrams of this server only, and each question has a new port that the system chooses.
fn over_udp(server: SocketAddr, query: &Query, deadline: Instant) -> Result<Reply, DnsFailure> {
    let any = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).map_err(unanswered)?;
    socket.connect(server).map_err(unanswered)?;
    socket.send(&query.bytes).map_err(unanswered)?;
    let mut buffer = [0; 4_096];
    loop {
        socket.set_read_timeout(Some(left(deadline)?)).map_err(unanswered)?;
        let length = match socket.recv(&mut buffer) {
            Err(why) if why.kind() == ErrorKind::Interrupted => continue,
            received => received.map_err(unanswered)?,
        };
        // Forged and late answers are passed over: the right one may still come.
        if let Some(reply) = query.read(&buffer[..length]) {
            return Ok(reply);
        }
    }
}

fn over_tcp(server: SocketAddr, query: &Query, deadline: Instant) -> Result<Reply, DnsFailure> {
    let mut stream = TcpStream::connect_timeout(&server, left(deadline)?).map_err(unanswered)?;
    stream.set_write_timeout(Some(left(deadline)?)).map_err(unanswered)?;
    let length = u16::try_from(query.bytes.len()).map_err(unanswered)?;
    stream.write_all(&[&length.to_be_bytes(), &query.bytes[..]].concat()).map_err(unanswered)?;
    let mut length = [0; 2];
    fill(&mut stream, &mut length, deadline)?;
    let length = usize::from(u16::from_be_bytes(length));
    if length > LONGEST {
        return Err(DnsFailure::Refused);
    }
    let mut message = vec![0; length];
    fill(&mut stream, &mut message, deadline)?;
    query.read(&message).ok_or(DnsFailure::Refused)
}

/// Fills the buffer before the deadline, however slowly the bytes come.
fn fill(stream: &mut TcpStream, buffer: &mut [u8], deadline: Instant) -> Result<(), DnsFailure> {
    let mut filled = 0;
    while filled < buffer.len() {
        stream.set_read_timeout(Some(left(deadline)?)).map_err(unanswered)?;
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => return Err(DnsFailure::Silent),
            Ok(count) => filled += count,
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(unanswered(why)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_are_read_from_settings() {
        let read = |text: &str| text.parse::<Resolvers>().map(|all| all.0.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            read("192.0.2.1, 192.0.2.2:5353 2001:db8::1 [2001:db8::2]:54"),
            Ok(vec![
                "192.0.2.1:53".into(),
                "192.0.2.2:5353".into(),
                "[2001:db8::1]:53".into(),
                "[2001:db8::2]:54".into(),
            ])
        );
        assert_eq!(read(""), Ok(vec![]));
        for wrong in ["dns.example.org", "192.0.2.1:", "192.0.2.1:99999", "192.0.2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_resolvers_of_the_system_are_its_name_servers() {
        let file = "# nameserver 192.0.2.9\ndomain example.org\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \nnameserver fe80::1%eth0\nnameservers 192.0.2.8\n";
        assert_eq!(of_system(file), ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse().unwrap()]);
        assert_eq!(of_system(""), []);
    }

    #[test]
    fn a_silent_resolver_is_left() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let resolvers = Resolvers(vec![socket.local_addr().unwrap()]);
        let began = Instant::now();
        assert_eq!(resolvers.texts("example.org"), Err(DnsFailure::Silent));
        assert!(began.elapsed() < PATIENCE * 2 + Duration::from_secs(2));
    }
}
