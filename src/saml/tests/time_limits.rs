//! When an assertion begins and ends, and how long its ID is kept.

use super::documents::*;
use crate::saml::{Assertion, Expectation, Refusal};
use chrono::TimeDelta;

#[track_caller]
fn resigned(from: &str, to: &str) -> Result<Assertion, Refusal> {
    accept(sign_both(&changed(RESPONSE, from, to)))
}

const CONDITIONS: &str = "NotOnOrAfter of the conditions";
const CONFIRMATION: &str = "NotOnOrAfter of the confirmation";

#[test]
fn every_end_is_required_and_has_to_come() {
    let cases = [
        ("NotOnOrAfter=\"2026-03-01T12:10:00Z\"", "", Refusal::Missing(CONDITIONS)),
        (
            "NotOnOrAfter=\"2026-03-01T12:10:00Z\"",
            "NotOnOrAfter=\"2026-03-01T11:58:00Z\"",
            Refusal::Expired(CONDITIONS),
        ),
        (" NotOnOrAfter=\"2026-03-01T12:05:00Z\"", "", Refusal::Missing(CONFIRMATION)),
        (
            "NotOnOrAfter=\"2026-03-01T12:05:00Z\"",
            "NotOnOrAfter=\"2026-03-01T11:58:00Z\"",
            Refusal::Expired(CONFIRMATION),
        ),
        ("2026-03-01T11:59:00Z", "2026-03-01T12:02:01Z", Refusal::InFuture("NotBefore of the conditions")),
        ("2026-03-01T20:00:00Z", "2026-03-01T11:00:00Z", Refusal::Expired("SessionNotOnOrAfter")),
        (" AuthnInstant=\"2026-03-01T11:59:30Z\"", "", Refusal::Missing("AuthnInstant")),
        // It would count as recent for a year.
        ("2026-03-01T11:59:30Z", "2027-03-01T11:59:30Z", Refusal::InFuture("AuthnInstant")),
    ];
    for (from, to, why) in cases {
        assert_eq!(resigned(from, to), Err(why), "{from} to {to}");
    }
    assert!(resigned("2026-03-01T11:59:30Z", "2026-03-01T12:02:00Z").is_ok());
    let conditions = part(RESPONSE, "<saml:Conditions", "</saml:Conditions>");
    assert_eq!(resigned(conditions, ""), Err(Refusal::Missing("Conditions")));
    assert_eq!(resigned(conditions, &format!("{conditions}{conditions}")), Err(Refusal::Repeated("Conditions")));
}

#[test]
fn times_have_one_form_and_a_zone() {
    let end = "2026-03-01T12:10:00Z";
    let wrong = [
        "2026-03-01T12:10:00",
        "2026-03-01 12:10:00Z",
        "2026-03-01t12:10:00Z",
        "2026-03-01T12:10:00z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:10Z",
        "2026-03-01",
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "+262142-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-03-01T12:10:00+99:99",
        "\u{662}026-03-01T12:10:00Z",
        "2026-03-01T12:10:00.00000000000000000000000000000000000Z",
        "",
        " ",
    ];
    for time in wrong {
        assert_eq!(resigned(end, time), Err(Refusal::Malformed(CONDITIONS)), "{time}");
    }
    for time in [
        "2026-03-01T12:10:00.123Z",
        "2026-03-01T13:10:00+01:00",
        "2026-03-01T12:10:00.1234567Z",
        "2026-03-01T12:09:60Z",
    ] {
        assert!(resigned(end, time).is_ok(), "{time}");
    }
}

#[test]
fn an_assertion_is_valid_for_a_day_at_most() {
    for far in ["2026-03-02T12:02:01Z", "2036-03-01T12:00:00Z", "9999-12-31T23:59:59Z"] {
        assert_eq!(resigned("2026-03-01T12:10:00Z", far), Err(Refusal::TooLong(CONDITIONS)), "{far}");
    }
    assert!(resigned("2026-03-01T12:10:00Z", "2026-03-02T12:00:00Z").is_ok());
}

/// With two confirmations, the ID of the assertion must be kept until the later one ends.
#[test]
fn an_accepted_assertion_is_refused_from_the_end_of_its_replay_record_on() {
    let confirmation = part(RESPONSE, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>");
    let second = confirmation.replace("2026-03-01T12:05:00Z", "2036-03-01T12:00:00Z");
    let xml = changed(RESPONSE, confirmation, &format!("{confirmation}{second}"));
    let signed = sign_both(&changed(&xml, "2026-03-01T12:10:00Z", "2026-03-01T18:00:00Z"));
    let first = accept(&signed).expect("accepted");
    assert_eq!(first.valid_until, at("2026-03-01T18:02:00Z"));
    let again = |now| accept_as(&signed, &Expectation { now, ..expectation() });
    assert!(again(first.valid_until - TimeDelta::seconds(1)).is_ok());
    assert_eq!(again(first.valid_until), Err(Refusal::Expired(CONDITIONS)));
}

#[test]
fn there_is_one_statement_of_authentication() {
    let statement = part(RESPONSE, "<saml:AuthnStatement", "</saml:AuthnStatement>");
    let context = part(RESPONSE, "<saml:AuthnContext>", "</saml:AuthnContext>");
    let expired = statement.replace("2026-03-01T20:00:00Z", "2026-03-01T11:00:00Z");
    let multi_factor = statement.replace("ac:classes:Password", "ac:classes:MobileTwoFactorContract");
    assert_eq!(resigned(statement, ""), Err(Refusal::Missing("AuthnStatement")));
    assert_eq!(resigned(statement, &format!("{multi_factor}{expired}")), Err(Refusal::Repeated("AuthnStatement")));
    assert_eq!(resigned(context, &format!("{context}{context}")), Err(Refusal::Repeated("AuthnContext")));
    assert_eq!(resigned(context, "").expect("accepted").authn_context, None);
}

#[test]
fn a_session_ends_by_the_provider_s_time_or_after_a_year() {
    let without = resigned(" SessionNotOnOrAfter=\"2026-03-01T20:00:00Z\"", "").expect("accepted");
    assert_eq!(without.session_until, None);
    let never = resigned("2026-03-01T20:00:00Z", "9999-12-31T23:59:59Z").expect("accepted");
    assert_eq!(never.session_until, Some(now() + TimeDelta::days(366)));
}
