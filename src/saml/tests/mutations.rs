//! Random changes of good responses: whatever is accepted still has the identity of the original.

use super::documents::*;
use crate::saml::{Assertion, Expectation};
use chrono::TimeDelta;

/// SplitMix64: the same numbers in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).expect("small")
    }

    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.next(all.len())]
    }
}

/// Pieces that mean something to some reader of XML or SAML.
const FRAGMENTS: [&str; 40] = [
    "<!--x-->",
    "<![CDATA[admin]]>",
    "<?x y?>",
    "<!DOCTYPE r>",
    "&#13;",
    "\r",
    "\r\n",
    "\n",
    " ",
    "\t",
    "&#xA0;",
    "&#xD800;",
    "&#x110000;",
    "&#x41;",
    "&amp;",
    "&x;",
    " zz:xmlns=\"urn:x\"",
    " xmlns=\"urn:x\"",
    " xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"",
    " xmlns:saml=\"urn:x\"",
    " xmlns:ds=\"urn:x\"",
    " xmlns:samlp=\"urn:x\"",
    " xmlns:unused=\"urn:x\"",
    " xmlns:p=\"\"",
    " xmlns:p=\"relative\"",
    " xmlns:p=\"urn:a[b\"",
    " ID=\"_x\"",
    " :ID=\"_assertion\"",
    " :InResponseTo=\"_request\"",
    " xml:id=\"_assertion\"",
    " xml:lang=\"en\"",
    "<saml:NameID>admin</saml:NameID>",
    "<saml:AttributeValue>Administrators</saml:AttributeValue>",
    "<saml:Advice/>",
    "<samlp:Extensions/>",
    "<ds:Object/>",
    "<x/>",
    "/>",
    ">",
    "admin",
];

/// The positions in front of which something can stand between tags, or within one.
fn places(text: &str) -> Vec<usize> {
    text.char_indices()
        .filter(|(_, c)| matches!(c, '<' | '>' | ' ' | '/' | '"'))
        .map(|(at, _)| at)
        .collect()
}

fn tags(text: &str) -> Vec<usize> {
    text.match_indices('<').map(|(at, _)| at).collect()
}

/// A fragment in front of a character of markup, or behind it.
pub fn insertion(text: &str, random: &mut Random) -> String {
    let places = places(text);
    let place = places[random.next(places.len())] + random.next(2);
    format!("{}{}{}", &text[..place], random.pick(&FRAGMENTS), &text[place..])
}

/// One random change of the text.
pub fn mutant(text: &str, random: &mut Random) -> String {
    let (places, tags) = (places(text), tags(text));
    let mut ends = [tags[random.next(tags.len())], tags[random.next(tags.len())]];
    ends.sort_unstable();
    let [start, end] = ends;
    let place = places[random.next(places.len())];
    match random.next(10) {
        2 => format!("{}{}", &text[..start], &text[end..]),
        3 => format!("{}{}", &text[..end], &text[start..]),
        4 => format!("{}{}{}", &text[..place], &text[start..end], &text[place..]),
        5 => text.replacen(
            random.pick(&["alice", "_assertion", "_response", "saml:", "xs", "\"", "staff"]),
            random.pick(&FRAGMENTS),
            1,
        ),
        6 => changed_name(text, random),
        7 => changed_octet(text, random),
        _ => insertion(text, random),
    }
}

/// Exchanges two names or values of the text.
fn changed_name(text: &str, random: &mut Random) -> String {
    let words = [
        "Assertion",
        "Response",
        "Subject",
        "NameID",
        "Signature",
        "SignedInfo",
        "saml",
        "samlp",
        "ds",
        "_assertion",
        "_response",
        "_request",
    ];
    let (from, to) = (random.pick(&words), random.pick(&words));
    let all: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
    if all.is_empty() {
        return text.to_owned();
    }
    let at = all[random.next(all.len())];
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

fn changed_octet(text: &str, random: &mut Random) -> String {
    let mut octets = text.as_bytes().to_vec();
    let at = random.next(octets.len());
    octets[at] = u8::try_from(random.next(128)).expect("an octet");
    String::from_utf8(octets).unwrap_or_else(|_| text.to_owned())
}

/// Accepts with everything switched on, so that as many mutants as possible come through.
fn lenient(xml: &str) -> Option<Assertion> {
    accept_as(xml, &Expectation { now: now() + TimeDelta::seconds(1), ..expectation() }).ok()
}

fn check(name: &str, seed: u64) {
    const MUTANTS: usize = 2_000;
    let (_, good) = good().into_iter().find(|(known, _)| *known == name).expect("a response");
    let expected = identity(lenient(&good).expect("accepted"));
    let mut random = Random(seed);
    let mut accepted = 0;
    for _ in 0..MUTANTS {
        let mut xml = mutant(&good, &mut random);
        if random.next(3) == 0 && !xml.is_empty() && xml.contains('<') {
            xml = mutant(&xml, &mut random);
        }
        if let Some(assertion) = lenient(&xml) {
            assert_eq!(identity(assertion), expected, "{xml}");
            accepted += 1;
        }
    }
    // Otherwise the changes would be too rough to find anything.
    assert!(accepted > MUTANTS / 100, "only {accepted} were accepted");
}

#[test]
fn mutants_of_a_signed_assertion_keep_their_identity() {
    check("assertion signed", 1);
}

#[test]
fn mutants_of_a_signed_response_keep_their_identity() {
    check("response signed", 2);
}

#[test]
fn mutants_with_two_signatures_keep_their_identity() {
    check("both signed", 3);
}

#[test]
fn mutants_in_the_default_namespace_keep_their_identity() {
    check("default namespace", 4);
}

#[test]
fn mutants_with_listed_prefixes_keep_their_identity() {
    check("prefixes listed inside only", 5);
}
