//! A DNS server for tests: answers TXT questions over UDP and TCP from a map, or misbehaves as it is told.

use super::TestApp;
use roster::domains::DomainWorker;
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{CNAME, RData, TXT},
};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// How questions are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// From the records; an unknown name does not exist.
    #[default]
    Honest,
    ServerFailure,
    Silent,
    /// Over UDP no records but the sign that there are more; over TCP all of them.
    Truncated,
    /// First answers that are none to the question, each with the texts; then the right one.
    Forged,
    /// Bytes that are no message.
    Garbage,
    /// The texts under another name and in other sections.
    Elsewhere,
}

#[derive(Default)]
struct Zone {
    conduct: Conduct,
    texts: BTreeMap<String, Vec<String>>,
    aliases: BTreeMap<String, String>,
    asked: Vec<String>,
}

#[derive(Clone)]
pub struct DnsServer {
    pub port: u16,
    zone: Arc<Mutex<Zone>>,
}

impl DnsServer {
    /// Listens on this machine, at one port for UDP and TCP.
    pub fn start() -> Self {
        let (tcp, udp) = (0..50)
            .find_map(|_| {
                let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
                let udp = UdpSocket::bind(("127.0.0.1", tcp.local_addr().ok()?.port())).ok()?;
                Some((tcp, udp))
            })
            .expect("a port");
        let port = tcp.local_addr().expect("an address").port();
        let server = Self { port, zone: Arc::default() };
        let (one, other) = (server.clone(), server.clone());
        thread::spawn(move || one.serve_udp(&udp));
        thread::spawn(move || other.serve_tcp(&tcp));
        server
    }

    /// The value of `--dns-resolver`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn behave(&self, conduct: Conduct) {
        self.zone.lock().expect("a lock").conduct = conduct;
    }

    /// Sets the TXT records of a name.
    pub fn set(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(ToString::to_string).collect();
        self.zone.lock().expect("a lock").texts.insert(name.to_owned(), texts);
    }

    pub fn alias(&self, name: &str, target: &str) {
        self.zone.lock().expect("a lock").aliases.insert(name.to_owned(), target.to_owned());
    }

    /// Forgets every record.
    pub fn clear(&self) {
        let mut zone = self.zone.lock().expect("a lock");
        zone.texts.clear();
        zone.aliases.clear();
    }

    /// The names that were asked for, oldest first, with how.
    pub fn asked(&self) -> Vec<String> {
        self.zone.lock().expect("a lock").asked.clone()
    }

    fn serve_udp(&self, socket: &UdpSocket) {
        let mut buffer = [0; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            for answer in self.answers(&buffer[..length], "udp") {
                let _: Result<usize, _> = socket.send_to(&answer, from);
            }
            self.spoof(&buffer[..length], from);
        }
    }

    fn serve_tcp(&self, listener: &TcpListener) {
        for mut stream in listener.incoming().flatten() {
            let mut length = [0; 2];
            let mut question = Vec::new();
            if stream.read_exact(&mut length).is_ok() {
                question.resize(usize::from(u16::from_be_bytes(length)), 0);
            }
            if stream.read_exact(&mut question).is_ok() {
                for answer in self.answers(&question, "tcp") {
                    let length = u16::try_from(answer.len()).expect("a short answer").to_be_bytes();
                    let _: Result<(), _> = stream.write_all(&[&length[..], &answer].concat());
                }
            }
        }
    }

    /// Sends the right answer from another address, which is not the one that was asked.
    fn spoof(&self, question: &[u8], to: SocketAddr) {
        let zone = self.zone.lock().expect("a lock");
        if zone.conduct == Conduct::Silent
            && let Ok(other) = UdpSocket::bind("127.0.0.1:0")
            && let Ok(asked) = Packet::parse(question)
        {
            let _: Result<usize, _> = other.send_to(&reply(&zone, asked, |_| ()), to);
        }
    }

    fn answers(&self, question: &[u8], how: &str) -> Vec<Vec<u8>> {
        let mut zone = self.zone.lock().expect("a lock");
        let Ok(asked) = Packet::parse(question) else { return vec![] };
        zone.asked.push(format!("{how} {}", asked.questions[0].qname));
        let right = || reply(&zone, asked.clone(), |_| ());
        match zone.conduct {
            Conduct::Truncated if how == "udp" => vec![reply(&zone, asked.clone(), |packet| {
                packet.answers.clear();
                packet.set_flags(PacketFlag::TRUNCATION);
            })],
            Conduct::Honest | Conduct::Truncated => vec![right()],
            Conduct::Silent => vec![],
            Conduct::Garbage => vec![vec![], vec![0; 11], vec![255; 400]],
            Conduct::ServerFailure => vec![reply(&zone, asked.clone(), |packet| *packet.rcode_mut() = RCODE::ServerFailure)],
            Conduct::Forged => forged(&zone, &asked, right()),
            Conduct::Elsewhere => vec![reply(&zone, asked.clone(), |packet| {
                let mut records = std::mem::take(&mut packet.answers);
                packet.name_servers.clone_from(&records);
                packet.additional_records.clone_from(&records);
                for record in &mut records {
                    record.name = Name::new_unchecked("evil.example");
                }
                packet.answers = records;
            })],
        }
    }
}

/// Answers with another id, with another question, and a question instead of an answer, before the right one.
fn forged(zone: &Zone, asked: &Packet<'_>, right: Vec<u8>) -> Vec<Vec<u8>> {
    let texts = |packet: &mut Packet<'_>| {
        packet.answers = vec![ResourceRecord::new(
            packet.questions[0].qname.clone().into_owned(),
            CLASS::IN,
            60,
            text("forged"),
        )];
    };
    let other_id = reply(zone, asked.clone(), |packet| {
        texts(packet);
        packet.set_id(packet.id().wrapping_add(1));
    });
    let other_name = reply(zone, asked.clone(), |packet| {
        texts(packet);
        packet.questions[0].qname = Name::new_unchecked("evil.example");
    });
    let no_answer = reply(zone, asked.clone(), |packet| {
        texts(packet);
        packet.remove_flags(PacketFlag::RESPONSE);
    });
    vec![other_id, other_name, no_answer, right]
}

fn text(text: &str) -> RData<'static> {
    RData::TXT(TXT::try_from(text).expect("a text").into_owned())
}

/// The answer from the records, after a change.
fn reply(zone: &Zone, asked: Packet<'_>, change: impl FnOnce(&mut Packet<'_>)) -> Vec<u8> {
    let mut packet = Packet::new_reply(asked.id());
    packet.set_flags(PacketFlag::RECURSION_AVAILABLE);
    let name = asked.questions[0].qname.to_string();
    let is_text = asked.questions[0].qtype == QTYPE::TYPE(TYPE::TXT);
    packet.questions = asked.questions;
    let mut owner = name;
    if let Some(target) = zone.aliases.get(&owner) {
        let record = ResourceRecord::new(name_of(&owner), CLASS::IN, 60, RData::CNAME(CNAME(name_of(target))));
        packet.answers.push(record);
        owner.clone_from(target);
    }
    match zone.texts.get(&owner) {
        Some(texts) if is_text => {
            let records = texts.iter().map(|one| ResourceRecord::new(name_of(&owner), CLASS::IN, 60, text(one)));
            packet.answers.extend(records);
        }
        _ => *packet.rcode_mut() = RCODE::NameError,
    }
    change(&mut packet);
    packet.build_bytes_vec().expect("an answer")
}

fn name_of(name: &str) -> Name<'static> {
    Name::new(name).expect("a name").into_owned()
}

impl TestApp {
    /// A fresh installation that asks this DNS server.
    pub async fn start_with_dns(dns: &DnsServer) -> Self {
        Self::start_with(&["--dns-resolver", &dns.address()]).await
    }

    /// The worker that checks domains again, configured as in this process.
    pub fn domain_worker(&self) -> DomainWorker {
        DomainWorker::new(self.db.clone(), self.clock.clone(), self.roster.domains.clone(), self.roster.outbox.clone())
    }

    /// Checks every domain that is due. Returns how many.
    pub fn check_domains(&self) -> usize {
        self.domain_worker().check_due().expect("domains can be checked")
    }
}
