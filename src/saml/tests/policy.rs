//! Assertions that are signed by the provider and still not for us, or about nobody in particular.

use super::documents::*;
use crate::saml::{Assertion, Expectation, Refusal, StatusCode};

/// Changes the response, then signs both of its parts.
#[track_caller]
fn resigned(from: &str, to: &str) -> Result<Assertion, Refusal> {
    accept(sign_both(&changed(RESPONSE, from, to)))
}

#[track_caller]
fn assert_refused(cases: &[(&str, &str, Refusal)]) {
    for (from, to, why) in cases {
        assert_eq!(resigned(from, to), Err(*why), "{from} to {to}");
    }
}

const AUDIENCE: &str = "<saml:Audience>https://sp.example/sso/saml/1</saml:Audience>";
const RESTRICTION: &str =
    "<saml:AudienceRestriction><saml:Audience>https://sp.example/sso/saml/1</saml:Audience></saml:AudienceRestriction>";

#[test]
fn the_audience_is_us_to_the_letter() {
    let of = |text: &str| format!("<saml:Audience>{text}</saml:Audience>");
    let others = [
        "https://sp.example/sso/saml/1/",
        "https://sp.example/sso/saml/2",
        "https://sp.example/sso/saml/",
        "HTTPS://sp.example/sso/saml/1",
        "",
        "\u{a0}https://sp.example/sso/saml/1",
    ];
    for other in others {
        assert_refused(&[(AUDIENCE, &of(other), Refusal::Audience)]);
    }
    let restriction = |audience: &str| format!("<saml:AudienceRestriction>{audience}</saml:AudienceRestriction>");
    assert_refused(&[
        (RESTRICTION, "", Refusal::Missing("an audience")),
        (AUDIENCE, "", Refusal::Audience),
        // Each restriction has to be met.
        (
            RESTRICTION,
            &format!("{RESTRICTION}{}", restriction(&of("https://other.example"))),
            Refusal::Audience,
        ),
        (
            AUDIENCE,
            "<saml:Audience>https://sp.example/sso/saml/1<x/></saml:Audience>",
            Refusal::Malformed("Audience"),
        ),
        (RESTRICTION, &format!("{RESTRICTION}<saml:Condition/>"), Refusal::UnknownCondition),
        (RESTRICTION, &format!("{RESTRICTION}<x/>"), Refusal::UnknownCondition),
    ]);
    assert!(resigned(AUDIENCE, &format!("{}{AUDIENCE}", of("https://other.example"))).is_ok());
    assert!(resigned(AUDIENCE, "<saml:Audience>\n https://sp.example/sso/saml/1 </saml:Audience>").is_ok());
    assert!(resigned(RESTRICTION, &format!("{RESTRICTION}<saml:OneTimeUse/><saml:ProxyRestriction Count=\"0\"/>")).is_ok());
}

#[test]
fn the_issuer_is_the_provider_of_the_connection() {
    let issuer = "<saml:Issuer>https://idp.example/metadata</saml:Issuer>";
    let other = "<saml:Issuer>https://idp.example/metadata/</saml:Issuer>";
    assert_refused(&[(issuer, other, Refusal::Issuer)]);
    let inner = RESPONSE.replacen(issuer, "ISSUER", 1).replace(issuer, other).replace("ISSUER", issuer);
    assert_eq!(accept(sign_assertion(&inner)), Err(Refusal::Issuer));
    let outer = sign_assertion(RESPONSE).replacen(issuer, other, 1);
    assert_eq!(accept(&outer), Err(Refusal::Issuer));
    // Two issuers, of which none is checked by who expects one.
    assert_eq!(
        accept(sign_assertion(RESPONSE).replacen(issuer, &format!("{other}{other}"), 1)),
        Err(Refusal::Repeated("Issuer"))
    );
    assert_eq!(accept(sign_assertion(RESPONSE).replacen(issuer, "", 1)).map(|_| ()), Ok(()));
    let elsewhere = Expectation { provider_entity_id: "https://other.example", ..expectation() };
    assert_eq!(accept_as(sign_assertion(RESPONSE), &elsewhere), Err(Refusal::Issuer));
}

#[test]
fn a_response_for_one_connection_is_refused_at_another() {
    let other = Expectation {
        acs_url: "https://sp.example/sso/saml/2/acs",
        entity_id: "https://sp.example/sso/saml/2",
        ..expectation()
    };
    assert_eq!(accept_as(sign_assertion(RESPONSE), &other), Err(Refusal::Destination));
    let without = sign_assertion(&changed(RESPONSE, " Destination=\"https://sp.example/sso/saml/1/acs\"", ""));
    assert_eq!(accept_as(&without, &other), Err(Refusal::Audience));
    assert!(accept(&without).is_ok());
}

#[test]
fn destination_and_recipient_are_our_address_to_the_letter() {
    for other in [
        "https://sp.example/sso/saml/1/acs/",
        "https://sp.example/sso/saml/1/ACS",
        " https://sp.example/sso/saml/1/acs",
        "https://sp.example",
        "",
    ] {
        let (destination, recipient) = (format!(" Destination=\"{other}\""), format!(" Recipient=\"{other}\""));
        assert_refused(&[
            (" Destination=\"https://sp.example/sso/saml/1/acs\"", &destination, Refusal::Destination),
            (" Recipient=\"https://sp.example/sso/saml/1/acs\"", &recipient, Refusal::Recipient),
        ]);
    }
    assert_refused(&[(" Recipient=\"https://sp.example/sso/saml/1/acs\"", "", Refusal::Recipient)]);
}

#[test]
fn the_response_answers_the_request_of_this_browser() {
    let data = "SubjectConfirmationData InResponseTo=\"_request\"";
    assert_refused(&[
        ("InResponseTo=\"_request\"", "InResponseTo=\"_other\"", Refusal::InResponseTo),
        (data, "SubjectConfirmationData InResponseTo=\"_other\"", Refusal::InResponseTo),
        (data, "SubjectConfirmationData InResponseTo=\"\"", Refusal::InResponseTo),
        (data, "SubjectConfirmationData", Refusal::InResponseTo),
    ]);
    let other = Expectation { in_response_to: Some("_another_browser"), ..expectation() };
    assert_eq!(accept_as(sign_assertion(RESPONSE), &other), Err(Refusal::InResponseTo));
    let empty = sign_assertion(&changed(RESPONSE, "InResponseTo=\"_request\"", "InResponseTo=\"\""));
    assert_eq!(
        accept_as(&empty, &Expectation { in_response_to: Some(""), ..expectation() }),
        Err(Refusal::InResponseTo)
    );
}

#[test]
fn the_subject_is_confirmed_by_bearer() {
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let confirmation = part(RESPONSE, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>");
    let wrong = confirmation.replace("/1/acs", "/2/acs");
    let data = part(RESPONSE, "<saml:SubjectConfirmationData", "</saml:SubjectConfirmationData>");
    let with_not_before = data.replace("Data ", "Data NotBefore=\"2026-03-01T11:00:00Z\" ");
    assert_refused(&[
        (bearer, "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key", Refusal::NoBearer),
        (bearer, "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches", Refusal::NoBearer),
        (confirmation, "", Refusal::NoBearer),
        (data, "", Refusal::Missing("SubjectConfirmationData")),
        (data, &format!("{data}{data}"), Refusal::Repeated("SubjectConfirmationData")),
        (data, &with_not_before, Refusal::ConfirmationNotBefore),
    ]);
    assert!(resigned(confirmation, &format!("{wrong}{confirmation}")).is_ok());
    assert!(resigned(confirmation, &format!("{confirmation}{wrong}")).is_ok());
}

#[test]
fn the_name_is_exact_or_refused() {
    let blanks = [" ", "\t", "&#10;", "&#13;", "\u{a0}", "\u{3000}", "\u{85}", "\u{2003}"];
    for blank in blanks {
        for text in [format!("{blank}admin"), format!("admin{blank}")] {
            assert_eq!(resigned(">alice<", &format!(">{text}<")), Err(Refusal::NameIdText), "{text:?}");
        }
    }
    for mark in [
        '\u{200b}',
        '\u{200d}',
        '\u{202e}',
        '\u{2066}',
        '\u{ad}',
        '\u{7f}',
        '\u{90}',
        '\u{2060}',
        '\u{e0041}',
        '\u{fff9}',
    ] {
        assert_eq!(resigned(">alice<", &format!(">ad{mark}min<")), Err(Refusal::NameIdText), "{mark:?}");
    }
    assert_eq!(resigned(">alice<", &format!(">{}<", "a".repeat(513))), Err(Refusal::NameIdText));
    assert_eq!(resigned(">alice<", "><"), Err(Refusal::NameIdText));
    assert_eq!(resigned(">alice<", "><x/>alice<"), Err(Refusal::NameIdText));
    assert_eq!(resigned(">alice<", "><saml:NameID>alice</saml:NameID><"), Err(Refusal::NameIdText));
    // Compared by octets: composed and decomposed letters are two names.
    assert_eq!(resigned(">alice<", ">Zoe\u{308} B<").expect("accepted").name_id.text, "Zoe\u{308} B");
}

#[test]
fn there_is_one_plain_name() {
    let name = part(RESPONSE, "<saml:NameID", "</saml:NameID>");
    let subject = part(RESPONSE, "<saml:Subject>", "</saml:Subject>");
    assert_refused(&[
        (name, "", Refusal::Missing("NameID")),
        (name, &format!("{name}{name}"), Refusal::Repeated("NameID")),
        (name, "<saml:EncryptedID/>", Refusal::NameIdKind),
        (name, "<saml:BaseID/>", Refusal::NameIdKind),
        (name, &format!("{name}<saml:EncryptedID/>"), Refusal::NameIdKind),
        (subject, "", Refusal::Missing("Subject")),
        (subject, &format!("{subject}{subject}"), Refusal::Repeated("Subject")),
        ("NameQualifier=\"hub\"", "NameQualifier=\"hub&#10;\"", Refusal::Malformed("NameQualifier")),
        ("SPNameQualifier=\"sp\"", "SPNameQualifier=\"s\u{200b}p\"", Refusal::Malformed("SPNameQualifier")),
    ]);
    let format = " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"";
    let unnamed = resigned(format, "").expect("accepted");
    assert_eq!(unnamed.name_id.format, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    assert!(!unnamed.name_id.is_stable());
    let email = resigned(format, " Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\"").expect("accepted");
    assert!(!email.name_id.is_stable());
}

#[test]
fn attributes_are_exact_and_never_lost() {
    let groups = |values: &str| format!("<saml:Attribute Name=\"groups\">{values}</saml:Attribute>");
    let old = part(RESPONSE, "<saml:Attribute Name=\"groups\">", "</saml:Attribute>");
    let value = |text: &str| format!("<saml:AttributeValue>{text}</saml:AttributeValue>");
    let read = |new: &str| {
        let assertion = resigned(old, new).expect("accepted");
        let values = |name: &str| {
            assertion
                .attributes
                .iter()
                .find(|attribute| attribute.name == name)
                .map(|found| found.values.clone())
        };
        values("groups")
    };
    let list = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    assert_eq!(read(&groups(&value("Admins\u{a0}"))), list(&["Admins\u{a0}"]));
    assert_eq!(read(&groups(&value(" Admins&#13;"))), list(&[" Admins\r"]));
    assert_eq!(read(&groups("")), list(&[]));
    assert_eq!(read(&groups(&value(""))), list(&[""]));
    assert_eq!(read(""), None);
    // One attribute per role, as some providers send them.
    assert_eq!(read(&format!("{}{}", groups(&value("a")), groups(&value("b")))), list(&["a", "b"]));
    let child = groups(&value("<saml:NameID>alice</saml:NameID>"));
    assert_eq!(resigned(old, &child), Err(Refusal::AttributeNotText));
    assert_eq!(resigned(old, &groups(&value("<x/>Admins"))), Err(Refusal::AttributeNotText));
    let nameless = old.replace(" Name=", " FriendlyName=");
    assert_eq!(resigned(old, &nameless), Err(Refusal::Missing("the name of an attribute")));
}

#[test]
fn versions_are_2_0() {
    let version = "ID=\"_assertion\" Version=\"2.0\"";
    assert_refused(&[
        ("ID=\"_response\" Version=\"2.0\"", "ID=\"_response\" Version=\"1.1\"", Refusal::Version),
        ("ID=\"_response\" Version=\"2.0\"", "ID=\"_response\"", Refusal::Version),
        (version, "ID=\"_assertion\" Version=\"2.1\"", Refusal::Version),
    ]);
}

#[test]
fn a_status_other_than_success_is_named_without_text_of_the_sender() {
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    let code = |name: &str| format!("urn:oasis:names:tc:SAML:2.0:status:{name}");
    let status = |value: &str| accept(changed(RESPONSE, success, value)).err();
    assert_eq!(status(&code("Responder")), Some(Refusal::Status(StatusCode::Responder)));
    assert_eq!(status(&code("Success2")), Some(Refusal::Status(StatusCode::Other)));
    assert_eq!(status(""), Some(Refusal::Status(StatusCode::Other)));
    let markup = status("&#10;ADMIN LOGIN OK &lt;script&gt;").expect("refused");
    assert_eq!(markup.to_string(), "The provider answered with a status that is not success.");
    let inner = |name: &str| format!("<samlp:StatusCode Value=\"{}\"/></samlp:StatusCode>", code(name));
    let nested = changed(RESPONSE, success, &code("Requester"));
    let denied = changed(&nested, "</samlp:StatusCode>", &inner("RequestDenied"));
    assert_eq!(accept(&denied), Err(Refusal::Status(StatusCode::RequestDenied)));
    let unknown = changed(&nested, "</samlp:StatusCode>", &inner("Odd"));
    assert_eq!(accept(&unknown), Err(Refusal::Status(StatusCode::Requester)));
    let assertion = part(RESPONSE, "<saml:Assertion", "</saml:Assertion>");
    assert_eq!(accept(changed(RESPONSE, assertion, "")), Err(Refusal::NoAssertion));
}

#[test]
fn ids_are_unique_and_can_be_kept() {
    let good = sign_assertion(RESPONSE);
    for id in ["id", "Id", "iD", "xml:id", "saml:ID"] {
        let twice = changed(&good, "<samlp:Status>", &format!("<samlp:Status {id}=\"_assertion\">"));
        assert_eq!(accept(&twice), Err(Refusal::DuplicateId), "{id}");
    }
    let long = "a".repeat(257);
    for id in ["", "a b", "a'b", "a:b", "ä", &long] {
        let xml = sign_response(&changed(RESPONSE, "\"_assertion\"", &format!("\"{id}\"")));
        assert_eq!(accept(&xml), Err(Refusal::Malformed("the assertion's ID")), "{id}");
    }
    let longest = "a".repeat(256);
    let xml = sign_response(&changed(RESPONSE, "\"_assertion\"", &format!("\"{longest}\"")));
    assert_eq!(accept(&xml).expect("accepted").id, longest);
}
