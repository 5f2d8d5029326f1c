//! Looking for the record that proves a domain, and what is found instead, in words.

use super::{
    dns::{DnsFailure, Resolvers},
    model::{Domain, PREFIX},
};
use crate::{
    kit::{Fault, OrganizationId},
    outbound::Outbound,
};

/// The most characters of a strange record that are shown.
const SHOWN: usize = 80;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    Proven,
    /// The DNS answered, and the record is not there. In words for administrators.
    Missing(String),
    /// The DNS did not answer, so that nothing is known.
    Unclear(DnsFailure),
}

impl Finding {
    /// What was found instead of the proof.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Proven => None,
            Self::Missing(why) => Some(why.clone()),
            Self::Unclear(failure) => Some(format!("{failure} Try again in a few minutes.")),
        }
    }
}

/// Checks domains: what handlers and the worker share.
#[derive(Clone, Debug)]
pub struct Checker {
    resolvers: Resolvers,
    outbound: Outbound,
}

impl Checker {
    pub fn new(resolvers: Resolvers, outbound: Outbound) -> Self {
        Self { resolvers, outbound }
    }

    /// Looks for the proof outside the async threads, for a person who waits for the result.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when too many checks are under way.
    pub async fn check(&self, organization: OrganizationId, domain: &Domain) -> Result<Finding, Fault> {
        let (checker, domain) = (self.clone(), domain.clone());
        self.outbound.off_thread(organization, move || checker.check_here(&domain)).await
    }

    /// [`Checker::check`] on the current thread, which must not be an async one.
    pub fn check_here(&self, domain: &Domain) -> Finding {
        let places = [domain.record_name(), domain.name.clone()];
        let mut texts = Vec::new();
        let mut failure = None;
        for place in places {
            match self.resolvers.texts(&place) {
                Ok(found) if found.iter().any(|text| plain(text) == domain.record_value()) => return Finding::Proven,
                Ok(found) => texts.push((place, found)),
                Err(why) => failure = Some(why),
            }
            // The second name would be asked for in vain as well.
            if matches!(failure, Some(DnsFailure::Silent | DnsFailure::NoResolver)) {
                break;
            }
        }
        match failure {
            Some(why) => Finding::Unclear(why),
            None => Finding::Missing(instead(&domain.name, &texts)),
        }
    }
}

/// A text as it was meant: some forms for DNS records keep the quotation marks that people type around it.
fn plain(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '"')
}

/// What stands in the DNS instead of the proof. Records that are not Roster's are not shown: the resolver may know names
/// of the operator's own network.
fn instead(name: &str, texts: &[(String, Vec<String>)]) -> String {
    for (place, found) in texts {
        if let Some(strange) = found.iter().map(|text| plain(text)).find(|text| text.starts_with(PREFIX)) {
            let shown: String = strange.chars().filter(char::is_ascii_graphic).take(SHOWN).collect();
            return format!("The record at {place} holds another value, {shown}. Replace it with the value below.");
        }
    }
    match texts.iter().find(|(_, found)| !found.is_empty()) {
        Some((place, _)) => format!("There are TXT records at {place}, but none with the value below."),
        None => format!("There is no TXT record for {name}. It can take an hour until a new record is seen everywhere."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_instead_is_said_without_telling_records_of_others() {
        let at = |place: &str, texts: &[&str]| (place.to_owned(), texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        let none = [at("_roster-challenge.example.org", &[]), at("example.org", &[])];
        assert!(instead("example.org", &none).contains("no TXT record for example.org"));
        let others = [
            at("_roster-challenge.example.org", &[]),
            at("example.org", &["v=spf1 -all", "internal=10.0.0.1"]),
        ];
        let said = instead("example.org", &others);
        assert!(said.contains("TXT records at example.org") && !said.contains("10.0.0.1"), "{said}");
        let old = [at(
            "_roster-challenge.example.org",
            &["\"roster-domain-verification=abc\u{202e}\u{7}\""],
        )];
        assert!(instead("example.org", &old).contains("another value, roster-domain-verification=abc. Replace"));
        let long = format!("{PREFIX}{}", "x".repeat(5_000));
        assert!(instead("example.org", &[at("example.org", &[long.as_str()])]).len() < 300);
        assert_eq!(plain(" \"roster\" \n"), "roster");
    }
}
