//! The tree of a checked text, and how its elements are read and written.
//!
//! Every document is read twice from the same text: once by `scan`, once here. What the tree builder would cut or read
//! differently from other implementations is refused.

use super::{
    names::EXCLUSIVE,
    scan::{Limits, XmlError},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use roxmltree::{Document, Node, ParsingOptions};

/// The tree builder cuts longer names.
const LONGEST_NAME: usize = 200;
/// The canonical form repeats longer ones until memory ends.
const LONGEST_NAMESPACE: usize = 300;

pub(super) fn tree<'a>(text: &'a str, limits: &Limits) -> Result<Document<'a>, XmlError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: limits.nodes, ..ParsingOptions::default() };
    let tree = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => XmlError::TooMany,
        _ => XmlError::NotWellFormed,
    })?;
    for element in tree.descendants().filter(Node::is_element) {
        check_names(element, text)?;
        check_namespaces(element, text)?;
        let is_read = |child: Node| child.is_element() || child.is_text() || (limits.allows_comments && child.is_comment());
        if !element.children().all(is_read) {
            return Err(XmlError::Markup);
        }
    }
    Ok(tree)
}

fn check_names(element: Node, text: &str) -> Result<(), XmlError> {
    // The length of a cut name is 65,535: it is measured before the name is read.
    let is_wrong = |name: std::ops::Range<usize>| name.len() > LONGEST_NAME || text[name].starts_with(':');
    let wrong = element.tag_name().name().len() > LONGEST_NAME || element.attributes().any(|attribute| is_wrong(attribute.range_qname()));
    if wrong { Err(XmlError::Name) } else { Ok(()) }
}

fn check_namespaces(element: Node, text: &str) -> Result<(), XmlError> {
    // Only elements that declare namespaces are looked at: all others have those of their parent.
    let end = element.first_child().map_or(element.range().end, |child| child.range().start);
    if !text[element.range().start..end].contains("xmlns") {
        return Ok(());
    }
    // The tree builder accepts several default namespaces on one element.
    if element.namespaces().filter(|namespace| namespace.name().is_none()).count() > 1 {
        return Err(XmlError::NotWellFormed);
    }
    for namespace in element.namespaces() {
        let (name, uri) = (namespace.name(), namespace.uri());
        let is_undeclared = name.is_none() && uri.is_empty();
        let is_long = uri.len() > LONGEST_NAMESPACE || name.is_some_and(|name| name.len() > LONGEST_NAME);
        if is_long || !(is_undeclared || is_plain_uri(uri)) {
            return Err(XmlError::Name);
        }
    }
    Ok(())
}

/// Whether a namespace is an absolute URI of harmless characters. libxml2 refuses what is no URI, it writes some characters
/// of namespaces unescaped, and it has no canonical form for relative ones.
fn is_plain_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#!$()*+,;=@".contains(&byte);
    let authority = rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_host = |host: &str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let has_one_fragment = rest.matches('#').count() <= 1;
    is_scheme && rest.bytes().all(is_plain) && has_one_fragment && authority.is_none_or(is_host)
}

pub(super) fn is(node: Node, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
}

/// The child elements.
pub(super) fn elements<'a, 'i>(parent: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
    parent.children().filter(Node::is_element).collect()
}

/// The child elements of this name.
pub(super) fn named<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &str) -> Vec<Node<'a, 'i>> {
    parent.children().filter(|child| is(*child, namespace, name)).collect()
}

/// The value of an attribute without a namespace. The tree's own lookup would also find one of any namespace.
pub(super) fn plain_attribute<'a>(element: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let is_wanted = |attribute: &roxmltree::Attribute| attribute.namespace().is_none() && attribute.name() == name;
    element.attributes().find(is_wanted).map(|attribute| attribute.value())
}

/// The whole text of an element that contains nothing but text.
pub(super) fn only_text<'a>(element: Node<'a, '_>) -> Option<&'a str> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (None, _) => Some(""),
        (Some(text), None) if text.is_text() => text.text(),
        _ => None,
    }
}

/// The text without XML whitespace around it. Unicode's other blanks are part of a name.
pub(super) fn trimmed<'a>(element: Node<'a, '_>) -> Option<&'a str> {
    Some(only_text(element)?.trim_matches([' ', '\t', '\n', '\r']))
}

/// The octets of an element's Base64 text, which may be wrapped.
pub(super) fn octets(element: Node) -> Option<Vec<u8>> {
    decoded(only_text(element)?)
}

/// Base64 with XML whitespace in it (RFC 4648 section 4, padded).
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r')).collect();
    STANDARD.decode(text).ok()
}

/// The prefixes that a canonicalization method or transform lists (Exclusive XML Canonicalization section 3).
/// `None` where its content is of another kind.
pub(super) fn inclusive_prefixes<'a>(method: Node<'a, '_>) -> Option<Vec<&'a str>> {
    match elements(method)[..] {
        [] => Some(Vec::new()),
        [list] if is(list, EXCLUSIVE, "InclusiveNamespaces") && !list.has_children() => {
            Some(plain_attribute(list, "PrefixList")?.split_ascii_whitespace().collect())
        }
        _ => None,
    }
}

/// The text as it stands in an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
