//! The people of the demo: names, addresses and telephone numbers. Only reserved domains and numbers reserved for
//! fiction are used, so that no real person is ever written to or called.

use super::{
    naming::{FullName, Traditions},
    rng::{Part, Rng},
};
use crate::members::Details;
use std::collections::HashMap;

/// A person, whatever their membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub email: String,
    /// The username if an administrator creates them; often the email.
    pub username: String,
    pub details: Details,
}

const TITLES: &[&str] = &[
    "Accountant",
    "Account manager",
    "Administrative assistant",
    "Analyst",
    "Architect",
    "Brand designer",
    "Business analyst",
    "Buyer",
    "Chief of staff",
    "Community manager",
    "Compliance officer",
    "Content designer",
    "Controller",
    "Customer success manager",
    "Data engineer",
    "Data scientist",
    "Designer",
    "Director of operations",
    "Engineer",
    "Engineering manager",
    "Facilities manager",
    "Field technician",
    "Head of legal",
    "Intern",
    "Legal counsel",
    "Machinist",
    "Mathematician",
    "Office manager",
    "Payroll specialist",
    "Principal engineer",
    "Product manager",
    "Quality engineer",
    "Recruiter",
    "Researcher",
    "Sales representative",
    "Security engineer",
    "Senior engineer",
    "Site reliability engineer",
    "Solutions engineer",
    "Support engineer",
    "Team lead",
    "Technical writer",
    "Test engineer",
    "Translator",
    "Treasurer",
    "UX researcher",
    "Vice president, Sales",
    "Working student",
    "Ingénieure principale",
    "Geschäftsführer",
    "Responsável de produto",
    "Jefa de proyecto",
    "Kierownik zespołu",
    "主任工程师",
    "課長",
    "المديرة المالية",
    "Interim deputy programme director for the migration of customer records and archives",
];

const LOCATIONS: &[&str] = &[
    "London",
    "London, Marylebone, second floor",
    "Manchester",
    "Cambridge",
    "Berlin",
    "München",
    "Zürich",
    "Paris",
    "São Paulo",
    "New York",
    "San Francisco",
    "Nairobi",
    "Bengaluru",
    "東京",
    "臺北",
    "서울",
    "القاهرة",
    "תל אביב",
    "Київ",
    "Remote",
    "Remote, Central European Time",
];

const DOMAINS: &[(u32, &str)] = &[
    (70, "analytical.example"),
    (12, "difference.example"),
    (8, "engines.analytical.example"),
    (6, "contractors.example"),
    (4, "subsidiaries-and-joint-ventures.difference-engine-works.example"),
];

/// The administrator as whom visitors sign in to the demo.
pub(super) fn founder() -> Person {
    let email = "ada@analytical.example".to_owned();
    Person {
        username: email.clone(),
        email,
        details: Details {
            name: "Ada Lovelace".into(),
            first_name: "Ada".into(),
            last_name: "Lovelace".into(),
            title: "Mathematician".into(),
            phone: "+44 20 7946 0815".into(),
            location: "London".into(),
            contact: "Signal: ada.42".into(),
            ..Details::default()
        },
    }
}

/// This many people, the founder first. The same people for the same seed.
pub(super) fn people(seed: u64, count: usize) -> Vec<Person> {
    let (traditions, mut rng, mut contacts) = (Traditions::read(), Rng::of(seed, Part::Names), Rng::of(seed, Part::Contacts));
    let founder = founder();
    let mut taken = HashMap::from([(founder.email.clone(), 1)]);
    std::iter::once(founder)
        .chain((1..count).map(|_| {
            let mut person = person(&traditions, &mut rng, &mut taken);
            let details = &mut person.details;
            (details.location, details.contact) = contact_details(&mut contacts, &person.username);
            person
        }))
        .collect()
}

fn person(traditions: &Traditions, rng: &mut Rng, taken: &mut HashMap<String, u32>) -> Person {
    let name = traditions.name(rng);
    let email = unique(taken, &handle(rng, &name), Some(rng.weighted(DOMAINS)));
    let username = if rng.chance(0.35) {
        unique(taken, &short_handle(&name), None)
    } else {
        email.clone()
    };
    let title = if rng.chance(0.7) { rng.pick(TITLES) } else { "" };
    let phone = if rng.chance(0.45) { phone(rng) } else { String::new() };
    let details = Details {
        name: name.shown,
        first_name: name.first,
        last_name: name.last,
        title: title.into(),
        phone,
        ..Details::default()
    };
    Person { email, username, details }
}

/// Where a person works, and their other contact details, if they give any.
fn contact_details(rng: &mut Rng, username: &str) -> (String, String) {
    let location = if rng.chance(0.55) { rng.pick(LOCATIONS) } else { "" };
    let handle = username.split('@').next().unwrap_or_default();
    let contact = match rng.weighted(&[(70, 0), (10, 1), (8, 2), (6, 3), (6, 4)]) {
        0 => String::new(),
        1 => format!("Chat: @{handle}"),
        2 => format!("Desk {}-{:03}", rng.pick(&["A", "B", "C", "North"]), rng.below(400)),
        3 => "Assistant: office@analytical.example\nMornings only".into(),
        _ => format!("Pager {:05}\nChat: @{handle}", rng.below(100_000)),
    };
    (location.into(), contact)
}

/// The first person with a handle gets it. Later ones get a number added; no handle ends in a digit by itself.
fn unique(taken: &mut HashMap<String, u32>, handle: &str, domain: Option<&str>) -> String {
    let at = domain.map(|domain| format!("@{domain}")).unwrap_or_default();
    let count = taken.entry(format!("{handle}{at}")).or_default();
    *count += 1;
    if *count == 1 {
        format!("{handle}{at}")
    } else {
        format!("{handle}{count}{at}")
    }
}

/// The local part of the address, short enough to add a number (RFC 5321: at most 64).
fn handle(rng: &mut Rng, name: &FullName) -> String {
    let (given, family) = (name.given.as_str(), name.family.as_str());
    if family.is_empty() {
        return given.to_owned();
    }
    let mut handle = match rng.weighted(&[(60, 0), (20, 1), (10, 2), (10, 3)]) {
        0 => format!("{given}.{family}"),
        1 => short_handle(name),
        2 => format!("{given}_{family}"),
        _ => format!("{family}.{given}"),
    };
    handle.truncate(56);
    handle.trim_end_matches(['.', '_']).to_owned()
}

fn short_handle(name: &FullName) -> String {
    if name.family.is_empty() {
        name.given.clone()
    } else {
        format!("{}{}", name.given.get(..1).unwrap_or_default(), name.family)
    }
}

/// Numbers that regulators reserve for fiction: the United States, Ofcom, ARCEP, Bundesnetzagentur, ACMA, PTS.
fn phone(rng: &mut Rng) -> String {
    let number = rng.below(100);
    match rng.below(7) {
        0 => format!("+1 {} 555 01{number:02}", rng.pick(&["202", "303", "415", "617", "808"])),
        1 => format!("+44 20 7946 0{:03}", number * 10),
        2 => format!("+44 7700 900{:03}", number * 7),
        3 => format!("+33 1 99 00 {number:02} {:02}", rng.below(100)),
        4 => format!("+49 30 23125 {:03}", number * 9),
        5 => format!("+61 2 5550 {:04}", number * 71),
        _ => format!("+46 8 465 004 {number:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{email::Email, fold};
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_makes_the_same_people_and_another_others() {
        assert_eq!(people(7, 500), people(7, 500));
        assert_ne!(people(7, 500), people(8, 500));
        assert_eq!(people(7, 500)[..100], people(7, 100));
    }

    #[test]
    fn no_two_of_ten_thousand_sign_in_with_the_same_name() {
        let people = people(1, 10_000);
        let mut seen = HashSet::new();
        for person in &people {
            assert!(
                Email::parse(&person.email).is_ok_and(|email| email.as_str().ends_with(".example")),
                "{}",
                person.email
            );
            assert!(seen.insert(fold::canonical(&person.email)), "{}", person.email);
            assert!(
                person.username == person.email || seen.insert(fold::canonical(&person.username)),
                "{}",
                person.username
            );
        }
        assert!(people.iter().any(|person| person.email.len() >= 60));
    }

    #[test]
    fn people_come_from_everywhere_and_most_write_latin_letters() {
        let people = people(1, 10_000);
        let with = |range: std::ops::RangeInclusive<char>| {
            people.iter().filter(|person| person.details.name.chars().any(|c| range.contains(&c))).count()
        };
        for (script, letters) in [
            ("Arabic", '\u{600}'..='\u{6ff}'),
            ("Hebrew", '\u{590}'..='\u{5ff}'),
            ("Devanagari", '\u{900}'..='\u{97f}'),
            ("Bengali", '\u{980}'..='\u{9ff}'),
            ("Thai", '\u{e00}'..='\u{e7f}'),
            ("Chinese characters", '\u{4e00}'..='\u{9fff}'),
            ("kana", '\u{3040}'..='\u{30ff}'),
            ("Hangul", '\u{ac00}'..='\u{d7a3}'),
            ("Cyrillic", '\u{400}'..='\u{4ff}'),
            ("Greek", '\u{370}'..='\u{3ff}'),
            ("Georgian", '\u{10a0}'..='\u{10ff}'),
            ("Ethiopic", '\u{1200}'..='\u{137f}'),
            ("Vietnamese", '\u{1ea0}'..='\u{1ef9}'),
        ] {
            assert!(with(letters) > 10, "{script}");
        }
        assert!(with('A'..='Z') > 8_000);
        let lengths = || people.iter().map(|person| person.details.name.chars().count());
        assert_eq!(lengths().min(), Some(2));
        assert!(lengths().max().is_some_and(|longest| (70..=100).contains(&longest)));
    }
}
