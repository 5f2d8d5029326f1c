//! Documents that other XML readers read differently, or that hide text: all refused, or read as what was signed.

use super::documents::*;
use crate::saml::{Refusal, SignatureError, XmlError};

/// Each change is made to a good response after it was signed.
#[track_caller]
fn assert_refused(cases: &[(&str, &str, XmlError)]) {
    let good = sign_assertion(RESPONSE);
    for (from, to, why) in cases {
        let xml = changed(&good, from, to);
        assert_eq!(accept(&xml), Err(Refusal::Xml(*why)), "{from} to {to}");
    }
}

#[test]
fn text_cannot_be_split_or_hidden() {
    assert_refused(&[
        (">alice<", ">alice<!-- -->@evil<", XmlError::Markup),
        (">alice<", ">admin<!---->alice<", XmlError::Markup),
        (">alice<", "><![CDATA[alice]]><", XmlError::Markup),
        (">alice<", "><?x?>alice<", XmlError::Markup),
        (">staff<", ">staff<!--x--><", XmlError::Markup),
        ("</samlp:Response>", "</samlp:Response><!-- -->", XmlError::Markup),
        ("</samlp:Response>", "</samlp:Response><?x y?>", XmlError::Markup),
    ]);
}

#[test]
fn there_is_no_document_type() {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let file = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let remote = "<!DOCTYPE r SYSTEM \"https://evil.example/r.dtd\">";
    let default = "<!DOCTYPE r [<!ATTLIST r ID ID #IMPLIED>]>";
    for doctype in [laughs, file, remote, default, "<!DOCTYPE r>", "<!doctype r>"] {
        let xml = format!("{doctype}{}", sign_assertion(RESPONSE));
        assert_eq!(accept(&xml), Err(Refusal::Xml(XmlError::Markup)), "{doctype}");
        let xml = format!("<?xml version=\"1.0\"?>{doctype}{}", sign_assertion(RESPONSE));
        assert_eq!(accept(&xml), Err(Refusal::Xml(XmlError::Markup)), "{doctype}");
    }
    assert_refused(&[(">alice<", ">&x;<", XmlError::NotWellFormed)]);
}

#[test]
fn only_utf8_is_read() {
    let good = sign_assertion(RESPONSE);
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(accept(&utf16), Err(Refusal::Xml(XmlError::NotUtf8)));
    let ascii_utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(accept(&ascii_utf16), Err(Refusal::Xml(XmlError::Character)));
    let with_mark = format!("\u{feff}{good}");
    assert_eq!(accept(&with_mark), Err(Refusal::Xml(XmlError::Character)));
    for encoding in ["utf-16", "utf-7", "iso-8859-1", "utf-8x"] {
        let xml = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{good}");
        assert_eq!(accept(&xml), Err(Refusal::Xml(XmlError::NotUtf8)), "{encoding}");
    }
    let latin: Vec<u8> = good.replace('ä', "\u{1}").bytes().map(|byte| if byte == 1 { 0xe4 } else { byte }).collect();
    assert_eq!(accept(&latin), Err(Refusal::Xml(XmlError::NotUtf8)));
}

#[test]
fn the_declaration_is_that_of_xml_1_0() {
    let declarations = [
        "<?xml version=\"1.1\"?>",
        "<?xml?>",
        "<?xml encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0' ?>",
        "<?xml version=\"1.0\" x=\"1.0\"?>",
        "<?xml version=\"1.0\" standalone=\"no\" encoding=\"UTF-8\"?>",
        "<?xmlx version=\"1.0\"?>",
        "<?xml-stylesheet href=\"x\"?>",
    ];
    for declaration in declarations {
        let xml = format!("{declaration}{}", sign_assertion(RESPONSE));
        assert_eq!(accept(&xml), Err(Refusal::Xml(XmlError::Declaration)), "{declaration}");
    }
    let twice = format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{}", sign_assertion(RESPONSE));
    assert_eq!(accept(&twice), Err(Refusal::Xml(XmlError::Markup)));
    let late = format!(" <?xml version=\"1.0\"?>{}", sign_assertion(RESPONSE));
    assert_eq!(accept(&late), Err(Refusal::Xml(XmlError::Markup)));
}

#[test]
fn characters_and_references_are_those_of_xml() {
    assert_refused(&[
        (">alice<", ">alice\0<", XmlError::Character),
        (">alice<", ">alice\u{1}<", XmlError::Character),
        (">alice<", ">alice\u{ffff}<", XmlError::Character),
        (">alice<", ">alice&#0;<", XmlError::Character),
        (">alice<", ">alice&#1;<", XmlError::Character),
        (">alice<", ">alice&#xD800;<", XmlError::Character),
        (">alice<", ">alice&#x110000;<", XmlError::Character),
        (">alice<", ">alice&#xFFFF;<", XmlError::Character),
        (">alice<", ">alice&#99999999999999999999;<", XmlError::Character),
        (">alice<", ">alice&#+65;<", XmlError::Character),
        (">alice<", ">alice&#x;<", XmlError::Character),
        (">alice<", ">alice&#;<", XmlError::Character),
        (">alice<", ">alice&#X41;<", XmlError::Character),
        (">alice<", ">alice&#65<", XmlError::Character),
    ]);
}

/// libxml2 reads a carriage return alone as a line feed, the tree builder not always.
#[test]
fn a_carriage_return_alone_is_refused() {
    assert_refused(&[
        (">staff<", ">staff\r<", XmlError::Character),
        (">staff<", ">\rstaff<", XmlError::Character),
        (">staff<", ">\r&#65;<", XmlError::Character),
        ("<saml:Subject>", "<saml:Subject\r>", XmlError::Character),
    ]);
    let lines = changed(RESPONSE, "><saml:Subject>", ">\r\n<saml:Subject>");
    assert!(accept(sign_assertion(&lines)).is_ok());
}

/// Texts that the tree builder accepts, although they are not well-formed or have another meaning elsewhere.
#[test]
fn the_tree_builder_s_own_readings_are_refused() {
    assert_refused(&[
        ("<saml:Subject>", "<saml:Subject zz:xmlns=\"urn:x\">", XmlError::Name),
        ("<saml:Subject>", "<saml:Subject :xmlns=\"urn:x\">", XmlError::Name),
        ("<saml:Subject>", "<saml:Subject xmlns=\"urn:x\" xmlns=\"urn:y\">", XmlError::NotWellFormed),
        ("<saml:Subject>", "<saml:Subject xmlns=\"urn:x\" xmlns=\"urn:x\">", XmlError::NotWellFormed),
        ("<saml:Subject>", "<saml:Subject xmlns:p=\"urn:x\" xmlns:p=\"urn:y\">", XmlError::NotWellFormed),
        ("<saml:Subject>", "<saml:Subject xmlns:p=\"\">", XmlError::Name),
        ("<saml:Subject>", "<saml:Subject :Name=\"x\">", XmlError::Name),
        (" ID=\"_assertion\"", " :ID=\"_assertion\"", XmlError::Name),
        ("<saml:Subject>", "<:x/><saml:Subject>", XmlError::Name),
        ("<saml:Subject>", "<x></:x><saml:Subject>", XmlError::Name),
        ("<saml:Subject>", "<saml:Subject a=\"1\" a=\"2\">", XmlError::NotWellFormed),
        (
            "<saml:Subject>",
            "<saml:Subject xmlns:p=\"urn:x\" xmlns:q=\"urn:x\" p:a=\"1\" q:a=\"2\">",
            XmlError::NotWellFormed,
        ),
        ("<saml:Subject>", "<saml:Subject a:b:c=\"1\">", XmlError::NotWellFormed),
        ("<saml:Subject>", "<p:x/><saml:Subject>", XmlError::NotWellFormed),
        ("<saml:Subject>", "<saml:Subject xmlns:xml=\"urn:x\">", XmlError::NotWellFormed),
        ("<saml:Subject>", "<saml:Subject xmlns:xmlns=\"urn:x\">", XmlError::Name),
        ("</samlp:Response>", "</samlp:Response><samlp:Response/>", XmlError::NotWellFormed),
        ("</samlp:Response>", "</samlp:Response>x", XmlError::NotWellFormed),
        ("</samlp:Response>", "", XmlError::NotWellFormed),
        (">alice<", ">]]>alice<", XmlError::NotWellFormed),
    ]);
}

/// Implementations write these namespaces differently in the canonical form, or refuse them.
#[test]
fn namespaces_are_plain_uris() {
    for uri in [
        "urn:a&amp;b",
        "urn:a&lt;b",
        "urn:a>b",
        "urn:a b",
        "urn:a&#9;b",
        "urn:a&#10;b",
        "urn:a&quot;b",
    ] {
        let to = format!("<saml:Subject xmlns:p=\"{uri}\">");
        assert_refused(&[("<saml:Subject>", &to, XmlError::Name)]);
    }
}

/// Changes of the writing that do not change what was signed.
#[test]
fn another_writing_of_the_same_text_has_the_same_identity() {
    let good = sign_assertion(RESPONSE);
    let first = identity(accept(&good).expect("accepted"));
    let cases = [
        changed(&good, ">alice<", ">&#97;lice<"),
        changed(&good, ">alice<", ">&#x61;lice<"),
        changed(&good, "<saml:Subject>", "<saml:Subject >"),
        changed(&good, " SessionIndex=\"_session\"", "\n\tSessionIndex = '_session'"),
        changed(&good, "<saml:Subject>", "<saml:Subject xmlns:unused=\"urn:x\">"),
        changed(&good, "</saml:SubjectConfirmationData>", "</saml:SubjectConfirmationData\n>"),
        changed(&good, " Destination=", " xml:lang=\"en\" xml:space=\"preserve\" Destination="),
    ];
    for xml in cases {
        assert_eq!(identity(accept(&xml).expect("accepted")), first);
    }
}

/// The tree's lookup by local name alone also finds attributes of other namespaces, and other readers do not.
#[test]
fn attributes_of_other_namespaces_are_not_read() {
    let namespace = "<samlp:Response xmlns:zz=\"urn:x\" ";
    let with = |name: &str, value: &str| RESPONSE.replace("<samlp:Response ", &format!("{namespace}zz:{name}=\"{value}\" "));
    let first = identity(accept(sign_assertion(RESPONSE)).expect("accepted"));
    for name in ["Version", "Destination", "InResponseTo", "IssueInstant"] {
        assert_eq!(identity(accept(sign_assertion(&with(name, "x"))).expect("accepted")), first, "{name}");
    }
    let recipient = RESPONSE.replace(" Recipient=", " saml:Recipient=");
    assert_eq!(accept(sign_assertion(&recipient)), Err(Refusal::Recipient));
    let id = changed(&sign_assertion(RESPONSE), " ID=\"_assertion\"", " saml:ID=\"_assertion\"");
    assert_eq!(accept(id), Err(Refusal::Signature(SignatureError::Reference)));
}
