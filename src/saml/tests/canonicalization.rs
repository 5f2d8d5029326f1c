//! Exclusive canonicalization by examples. `comparison` checks it against libxml2.

use crate::saml::{
    c14n::canonical,
    scan::MESSAGE,
    xml::{named, tree},
};

#[track_caller]
fn assert_form(xml: &str, apex: &str, prefixes: &[&str], expected: &str) {
    let tree = tree(xml, &MESSAGE).expect("XML");
    let apex = tree
        .descendants()
        .find(|node| node.is_element() && node.tag_name().name() == apex)
        .expect("the apex");
    assert_eq!(canonical(apex, None, prefixes).expect("a form"), expected);
}

#[test]
fn tags_and_attributes_have_one_writing() {
    assert_form("<r  b='2'\n a=\"1\" ></r >", "r", &[], "<r a=\"1\" b=\"2\"></r>");
    assert_form("<r/>", "r", &[], "<r></r>");
    assert_form(
        "<r a='&quot;&lt;>&#9;&#10;&#13;&amp;\t\n'/>",
        "r",
        &[],
        "<r a=\"&quot;&lt;>&#x9;&#xA;&#xD;&amp;  \"></r>",
    );
    assert_form("<r>&lt;&gt;&amp;\"'&#13;\r\n\t</r>", "r", &[], "<r>&lt;&gt;&amp;\"'&#xD;\n\t</r>");
    let xml = "<r xmlns:b='urn:a' xmlns:a='urn:b' a:x='1' b:y='2' z='3'/>";
    assert_form(xml, "r", &[], "<r xmlns:a=\"urn:b\" xmlns:b=\"urn:a\" z=\"3\" b:y=\"2\" a:x=\"1\"></r>");
}

#[test]
fn namespaces_are_rendered_where_they_are_used() {
    let xml = "<r xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'><p:a><p:b q:c='1'/></p:a><e xmlns=''/></r>";
    assert_form(
        xml,
        "r",
        &[],
        "<r xmlns=\"urn:d\"><p:a xmlns:p=\"urn:p\"><p:b xmlns:q=\"urn:q\" q:c=\"1\"></p:b></p:a><e xmlns=\"\"></e></r>",
    );
    assert_form(xml, "b", &[], "<p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" q:c=\"1\"></p:b>");
    assert_form(xml, "e", &[], "<e></e>");
    assert_form(
        xml,
        "a",
        &["q", "xml", "none"],
        "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><p:b q:c=\"1\"></p:b></p:a>",
    );
}

#[test]
fn attributes_of_xml_around_the_apex_are_not_inherited() {
    let xml = "<r xml:lang='en' xml:space='preserve'><a xml:id='x'/></r>";
    assert_form(xml, "a", &[], "<a xml:id=\"x\"></a>");
}

#[test]
fn a_signature_is_left_out() {
    let tree = tree("<r>a<s xmlns='urn:x'/>b<s xmlns='urn:x'/></r>", &MESSAGE).expect("XML");
    let root = tree.root_element();
    let first = named(root, "urn:x", "s")[0].id();
    assert_eq!(canonical(root, Some(first), &[]).expect("a form"), "<r>ab<s xmlns=\"urn:x\"></s></r>");
}
