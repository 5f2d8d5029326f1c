//! DNS messages (RFC 1035): the question for TXT records, and what an answer to it says.

use crate::kit::secret;
use simple_dns::{
    CLASS, Name, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, header_buffer,
    rdata::{CNAME, OPT, RData, TXT},
};

/// The largest answer over UDP that is asked for, small enough that no part of the way splits it (RFC 9715).
const LARGEST_DATAGRAM: u16 = 1_232;
/// The most TXT records that are looked at.
const MOST_TEXTS: usize = 64;
/// The most aliases that are followed within one answer.
const MOST_ALIASES: usize = 8;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The texts, none if the name has no TXT record or does not exist.
    Texts(Vec<String>),
    /// The answer did not fit, and has to be asked for over TCP.
    Truncated,
    /// The server could not or would not find out.
    Refused,
}

/// A question for the TXT records of a name.
#[derive(Clone, Debug)]
pub(super) struct Query {
    id: u16,
    name: String,
    pub bytes: Vec<u8>,
}

impl Query {
    /// `None` if the name does not fit into a message. The id is random: an attacker who does not see the question has to
    /// guess it together with the source port (RFC 5452).
    pub fn new(name: &str) -> Option<Self> {
        let mut id = [0; 2];
        secret::fill(&mut id);
        let id = u16::from_be_bytes(id);
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        let question = Question::new(Name::new(name).ok()?, QTYPE::TYPE(TYPE::TXT), QCLASS::CLASS(CLASS::IN), false);
        packet.questions.push(question);
        *packet.opt_mut() = Some(OPT { opt_codes: vec![], udp_packet_size: LARGEST_DATAGRAM, version: 0 });
        Some(Self { id, name: name.to_owned(), bytes: packet.build_bytes_vec().ok()? })
    }

    /// Reads a message; `None` if it is no answer to this question.
    pub fn read(&self, message: &[u8]) -> Option<Reply> {
        if header_buffer::id(message).ok()? != self.id || !header_buffer::has_flags(message, PacketFlag::RESPONSE).ok()? {
            return None;
        }
        // The rest of such a message may break off anywhere. The answer over TCP is checked in full.
        if header_buffer::has_flags(message, PacketFlag::TRUNCATION).ok()? {
            return Some(Reply::Truncated);
        }
        let packet = Packet::parse(message).ok()?;
        let name = Name::new(&self.name).ok()?;
        // A server that cannot read the question may leave it out of its answer.
        if matches!(packet.rcode(), RCODE::FormatError | RCODE::NotImplemented) && packet.questions.is_empty() {
            return Some(Reply::Refused);
        }
        let [question] = &packet.questions[..] else { return None };
        let is_same = question.qname == name
            && question.qtype == QTYPE::TYPE(TYPE::TXT)
            && question.qclass == QCLASS::CLASS(CLASS::IN)
            && packet.opcode() == OPCODE::StandardQuery;
        is_same.then(|| reply(&packet, name))
    }
}

fn reply(packet: &Packet<'_>, name: Name<'_>) -> Reply {
    // A server that neither owns the name nor asks others says nothing about it.
    let knows = packet.has_flags(PacketFlag::RECURSION_AVAILABLE) || packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    match packet.rcode() {
        RCODE::NoError | RCODE::NameError if knows => Reply::Texts(texts(packet, name)),
        _ => Reply::Refused,
    }
}

/// The texts of the name, or of the name that its aliases in this answer lead to. Records of other names are not looked
/// at.
fn texts(packet: &Packet<'_>, name: Name<'_>) -> Vec<String> {
    let mut owner = name;
    for _ in 0..MOST_ALIASES {
        let alias = packet.answers.iter().find_map(|record| match &record.rdata {
            RData::CNAME(CNAME(target)) if record.name == owner && record.class == CLASS::IN => Some(target.clone()),
            _ => None,
        });
        match alias {
            Some(target) => owner = target,
            None => break,
        }
    }
    let of_owner = packet.answers.iter().filter(|record| record.name == owner && record.class == CLASS::IN);
    let text = |txt: &TXT<'_>| String::try_from(txt.clone()).ok();
    let found = of_owner.filter_map(|record| match &record.rdata {
        RData::TXT(txt) => Some(txt),
        _ => None,
    });
    found.take(MOST_TEXTS).filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use simple_dns::ResourceRecord;

    fn query() -> Query {
        Query::new("_roster-challenge.example.org").unwrap()
    }

    fn record<'a>(name: &'a str, data: RData<'a>) -> ResourceRecord<'a> {
        ResourceRecord::new(Name::new(name).unwrap(), CLASS::IN, 60, data)
    }
    fn txt(text: &str) -> RData<'_> {
        RData::TXT(TXT::new().with_string(text).unwrap())
    }

    /// The bytes of an answer, after a change.
    fn answer(query: &Query, change: impl FnOnce(&mut Packet<'_>)) -> Vec<u8> {
        let asked = Packet::parse(&query.bytes).unwrap();
        let mut packet = Packet::new_reply(query.id);
        packet.set_flags(PacketFlag::RECURSION_AVAILABLE);
        packet.questions = asked.questions;
        packet.answers.push(record("_roster-challenge.example.org", txt("one")));
        change(&mut packet);
        packet.build_bytes_vec().unwrap()
    }

    #[test]
    fn an_answer_is_taken_only_if_it_is_one_to_the_question() {
        let query = query();
        let one = Some(Reply::Texts(vec!["one".into()]));
        assert_eq!(query.read(&answer(&query, |_| ())), one);
        assert_eq!(query.read(&answer(&query, |packet| packet.set_id(query.id.wrapping_add(1)))), None);
        assert_eq!(query.read(&answer(&query, |packet| packet.remove_flags(PacketFlag::RESPONSE))), None);
        assert_eq!(query.read(&answer(&query, |packet| packet.questions.clear())), None);
        let other = |packet: &mut Packet<'_>| packet.questions[0].qname = Name::new_unchecked("_roster-challenge.evil.org").into_owned();
        assert_eq!(query.read(&answer(&query, other)), None);
        assert_eq!(query.read(&answer(&query, |packet| packet.questions[0].qtype = QTYPE::TYPE(TYPE::A))), None);
        assert_eq!(query.read(&answer(&query, |packet| packet.questions.push(packet.questions[0].clone()))), None);
        assert_eq!(query.read(&query.bytes), None, "the question itself");
        let upper = |packet: &mut Packet<'_>| packet.questions[0].qname = Name::new_unchecked("_ROSTER-challenge.EXAMPLE.org");
        assert_eq!(query.read(&answer(&query, upper)), one, "names have no case");
    }

    #[test]
    fn only_a_server_that_knows_says_that_there_is_nothing() {
        let query = query();
        let none = |packet: &mut Packet<'_>| packet.answers.clear();
        assert_eq!(query.read(&answer(&query, none)), Some(Reply::Texts(vec![])));
        let absent = |packet: &mut Packet<'_>| {
            packet.answers.clear();
            *packet.rcode_mut() = RCODE::NameError;
        };
        assert_eq!(query.read(&answer(&query, absent)), Some(Reply::Texts(vec![])));
        for code in [RCODE::ServerFailure, RCODE::Refused, RCODE::FormatError, RCODE::NotImplemented] {
            assert_eq!(query.read(&answer(&query, |packet| *packet.rcode_mut() = code)), Some(Reply::Refused));
        }
        let lame = |packet: &mut Packet<'_>| {
            packet.answers.clear();
            packet.remove_flags(PacketFlag::RECURSION_AVAILABLE);
        };
        assert_eq!(query.read(&answer(&query, lame)), Some(Reply::Refused));
        let cut = answer(&query, |packet| packet.set_flags(PacketFlag::TRUNCATION));
        assert_eq!(query.read(&cut[..40]), Some(Reply::Truncated));
    }

    #[test]
    fn texts_of_other_names_do_not_count_and_aliases_are_followed_within_the_answer() {
        let query = query();
        let strange = |packet: &mut Packet<'_>| {
            packet.answers.push(record("example.com", txt("two")));
            packet.name_servers.push(record("_roster-challenge.example.org", txt("three")));
            packet.additional_records.push(record("_roster-challenge.example.org", txt("four")));
        };
        assert_eq!(query.read(&answer(&query, strange)), Some(Reply::Texts(vec!["one".into()])));
        let alias = |packet: &mut Packet<'_>| {
            packet.answers = vec![
                record("_roster-challenge.example.org", RData::CNAME(CNAME(Name::new_unchecked("a.example.net")))),
                record("a.example.net", RData::CNAME(CNAME(Name::new_unchecked("b.example.net")))),
                record("b.example.net", txt("far")),
                record("_roster-challenge.example.org", txt("beside the alias")),
            ];
        };
        assert_eq!(query.read(&answer(&query, alias)), Some(Reply::Texts(vec!["far".into()])));
        let circle = |packet: &mut Packet<'_>| {
            packet.answers = vec![
                record("_roster-challenge.example.org", RData::CNAME(CNAME(Name::new_unchecked("a.example.net")))),
                record("a.example.net", RData::CNAME(CNAME(Name::new_unchecked("_roster-challenge.example.org")))),
            ];
        };
        assert_eq!(query.read(&answer(&query, circle)), Some(Reply::Texts(vec![])));
    }

    #[test]
    fn a_record_is_read_whole_and_a_flood_of_them_is_cut_off() {
        let query = query();
        let long = "x".repeat(600);
        let whole = |packet: &mut Packet<'_>| {
            packet.answers = vec![record(
                "_roster-challenge.example.org",
                RData::TXT(long.as_str().try_into().unwrap()).into_owned(),
            )];
        };
        assert_eq!(query.read(&answer(&query, whole)), Some(Reply::Texts(vec![long.clone()])));
        let flood = |packet: &mut Packet<'_>| {
            for _ in 0..500 {
                packet.answers.push(record("_roster-challenge.example.org", txt("more")));
            }
        };
        let Some(Reply::Texts(all)) = query.read(&answer(&query, flood)) else {
            panic!("texts")
        };
        assert_eq!(all.len(), MOST_TEXTS);
    }

    proptest! {
        /// Hostile bytes neither panic nor become texts of another name.
        #[test]
        fn any_bytes_can_be_read(rest in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..200, with in any::<u8>()) {
            let query = query();
            let mut message = query.id.to_be_bytes().to_vec();
            message.extend(&rest);
            let _ = query.read(&message);
            let mut good = answer(&query, |_| ());
            let at = at % good.len();
            good[at] = with;
            let _ = query.read(&good);
            good.truncate(at);
            let _ = query.read(&good);
        }
    }
}
