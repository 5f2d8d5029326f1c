//! Signature wrapping: an attacker who has one good response of their own puts another assertion beside, around or inside
//! the signed one (XSW 1 to 8 of Somorovsky et al. 2012, and variants since).

use super::documents::*;

/// The attacker's assertion: unsigned, about "admin".
fn evil(id: &str) -> String {
    let assertion = part(RESPONSE, "<saml:Assertion", "</saml:Assertion>");
    changed(&changed(assertion, ">alice<", ">admin<"), "ID=\"_assertion\"", &format!("ID=\"{id}\""))
}

/// The response up to its assertion, and its end.
const END: &str = "</samlp:Response>";

fn head(xml: &str) -> &str {
    &xml[..xml.find("<saml:Assertion").expect("an assertion")]
}

#[track_caller]
fn assert_all_refused(cases: &[(&str, String)]) {
    let accepted: Vec<&str> = cases.iter().filter(|(_, xml)| accept(xml).is_ok()).map(|(name, _)| *name).collect();
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
}

#[test]
fn an_assertion_beside_around_or_inside_a_signed_one_is_refused() {
    let good = sign_assertion(RESPONSE);
    let (head, signed) = (head(&good), part(&good, "<saml:Assertion", "</saml:Assertion>"));
    let signature = part(signed, "<ds:Signature", "</ds:Signature>");
    let bare = signed.replace(signature, "");
    let with_object = |content: &str| signature.replace("</ds:Signature>", &format!("<ds:Object>{content}</ds:Object></ds:Signature>"));
    let with_key_info = |content: &str| signature.replace("</ds:Signature>", &format!("<ds:KeyInfo>{content}</ds:KeyInfo></ds:Signature>"));
    let close = "</saml:Assertion>";
    let inside = |outer: &str, inner: &str| outer.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inner}"), 1);
    let evil = |id| self::evil(id);
    let cases = [
        ("evil before", format!("{head}{}{signed}{END}", evil("_evil"))),
        ("evil behind", format!("{head}{signed}{}{END}", evil("_evil"))),
        ("evil with the same ID before", format!("{head}{}{signed}{END}", evil("_assertion"))),
        ("evil with the same ID behind", format!("{head}{signed}{}{END}", evil("_assertion"))),
        (
            "signed inside evil",
            format!("{head}{}{END}", evil("_evil").replace(close, &format!("{signed}{close}"))),
        ),
        (
            "evil inside signed",
            format!("{head}{}{END}", signed.replace(close, &format!("{}{close}", evil("_evil")))),
        ),
        (
            "signature in evil, bare inside",
            format!("{head}{}{END}", inside(&evil("_evil"), &format!("{signature}{bare}"))),
        ),
        ("signature in evil, bare behind", format!("{head}{}{bare}{END}", inside(&evil("_evil"), signature))),
        ("signature in evil, bare before", format!("{head}{bare}{}{END}", inside(&evil("_evil"), signature))),
        ("bare in Object", format!("{head}{}{END}", inside(&evil("_evil"), &with_object(&bare)))),
        ("bare in KeyInfo", format!("{head}{}{END}", inside(&evil("_evil"), &with_key_info(&bare)))),
        ("evil in Object", format!("{head}{}{END}", inside(&bare, &with_object(&evil("_evil"))))),
        ("evil in KeyInfo", format!("{head}{}{END}", inside(&bare, &with_key_info(&evil("_evil"))))),
        ("evil with a copied signature", format!("{head}{}{END}", inside(&evil("_evil"), signature))),
        ("evil with its ID", format!("{head}{}{END}", inside(&evil("_assertion"), signature))),
        (
            "signed in Advice",
            format!("{head}{}{END}", inside(&evil("_evil"), &format!("<saml:Advice>{signed}</saml:Advice>"))),
        ),
        (
            "evil in Advice",
            format!(
                "{head}{}{END}",
                signed.replace(close, &format!("<saml:Advice>{}</saml:Advice>{close}", evil("_evil")))
            ),
        ),
        (
            "signed in Extensions",
            format!("{head}<samlp:Extensions>{signed}</samlp:Extensions>{}{END}", evil("_evil")),
        ),
        (
            "evil in Extensions",
            format!("{head}<samlp:Extensions>{}</samlp:Extensions>{signed}{END}", evil("_evil")),
        ),
        (
            "evil in EncryptedAssertion",
            format!("{head}<saml:EncryptedAssertion>{}</saml:EncryptedAssertion>{signed}{END}", evil("_evil")),
        ),
        (
            "signed in EncryptedAssertion",
            format!("{head}<saml:EncryptedAssertion>{signed}</saml:EncryptedAssertion>{}{END}", evil("_evil")),
        ),
        (
            "signed in StatusDetail",
            good.replace(
                "</samlp:Status>",
                &format!("<samlp:StatusDetail>{}</samlp:StatusDetail></samlp:Status>", evil("_evil")),
            ),
        ),
        ("signature moved to the response", format!("{}{bare}{END}", inside(head, signature))),
        (
            "signature moved to the subject",
            format!("{head}{}{END}", bare.replace("<saml:Subject>", &format!("<saml:Subject>{signature}"))),
        ),
    ];
    assert_all_refused(&cases);
}

#[test]
fn a_response_around_or_inside_a_signed_one_is_refused() {
    let good = sign_response(RESPONSE);
    let signature = part(&good, "<ds:Signature", "</ds:Signature>");
    let bare = good.replace(signature, "");
    let evil = changed(&changed(RESPONSE, ">alice<", ">admin<"), "_assertion", "_evil");
    let evil_response = changed(&evil, "\"_response\"", "\"_outer\"");
    let inside = |outer: &str, inner: &str| outer.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inner}"), 1);
    let with_object = |content: &str| signature.replace("</ds:Signature>", &format!("<ds:Object>{content}</ds:Object></ds:Signature>"));
    let artifact = |content: &str| {
        let open = "<samlp:ArtifactResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_artifact\">";
        format!("{open}{content}</samlp:ArtifactResponse>")
    };
    let cases = [
        (
            "signed in Extensions of evil",
            inside(&evil_response, &format!("<samlp:Extensions>{good}</samlp:Extensions>")),
        ),
        ("signed behind", evil_response.replace(END, &format!("{good}{END}"))),
        ("signed in Object", inside(&evil_response, &with_object(&bare))),
        ("same ID in Object", inside(&evil, &with_object(&bare))),
        ("copied signature", inside(&evil_response, signature)),
        ("copied signature and ID", inside(&evil, signature)),
        ("bare behind the signature", inside(&evil_response, &format!("{signature}{bare}"))),
        ("evil assertion added", good.replace(END, &format!("{}{END}", self::evil("_evil")))),
        (
            "evil assertion first",
            good.replacen("<saml:Assertion", &format!("{}<saml:Assertion", self::evil("_evil")), 1),
        ),
        ("artifact response", artifact(&good)),
        ("root renamed", changed(&good, "samlp:Response", "samlp:LogoutResponse")),
        ("root in another namespace", changed(&good, "SAML:2.0:protocol", "SAML:1.1:protocol")),
    ];
    assert_all_refused(&cases);
}

#[test]
fn claims_come_from_the_signed_one_if_one_of_two_signatures_breaks() {
    let both = sign_both(RESPONSE);
    let inner = part(part(&both, "<saml:Assertion", "</saml:Assertion>"), "<ds:Signature", "</ds:Signature>");
    let outer = &both[both.find("<ds:Signature").expect("a signature")..both.find("</ds:Signature>").expect("an end") + 15];
    assert_all_refused(&[
        (
            "inner value changed",
            changed(&both, inner, &inner.replace("<ds:SignatureValue>", "<ds:SignatureValue>AA")),
        ),
        (
            "outer value changed",
            changed(&both, outer, &outer.replace("<ds:SignatureValue>", "<ds:SignatureValue>AA")),
        ),
        ("inner removed", changed(&both, inner, "")),
        ("both removed", changed(&changed(&both, inner, ""), outer, "")),
        ("name changed", changed(&both, ">alice<", ">admin<")),
    ]);
    // Without the signature of the response, that of the assertion is enough.
    let alone = accept(changed(&both, outer, "")).expect("accepted");
    assert_eq!(identity(alone), identity(accept(&both).expect("accepted")));
}
