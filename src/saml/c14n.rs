//! Exclusive XML Canonicalization 1.0 without comments, of one element, one child of it possibly left out.
//!
//! The documents contain elements, attributes and text only (`scan`), so no other kind of node has a form here.

use super::scan::XmlError;
use roxmltree::{Attribute, Node, NodeId};

/// The canonical form can be far longer than its source. Honest ones are not.
const LONGEST: usize = 2 * 1024 * 1024;

/// The canonical form of an element. `left_out` is the signature that the enveloped transform removes, `prefixes` are the
/// prefixes that are treated as in inclusive canonicalization.
pub(super) fn canonical<'a>(apex: Node<'a, 'a>, left_out: Option<NodeId>, prefixes: &[&'a str]) -> Result<String, XmlError> {
    let out = String::with_capacity(apex.range().len() + 256);
    let mut writer = Writer { left_out, prefixes, rendered: Vec::new(), out };
    writer.element(apex)?;
    Ok(writer.out)
}

struct Writer<'a, 'p> {
    left_out: Option<NodeId>,
    prefixes: &'p [&'a str],
    /// Prefixes and namespaces that the open elements have rendered, innermost last.
    rendered: Vec<(&'a str, &'a str)>,
    out: String,
}

impl<'a> Writer<'a, '_> {
    fn element(&mut self, node: Node<'a, 'a>) -> Result<(), XmlError> {
        if self.out.len() > LONGEST {
            return Err(XmlError::TooLarge);
        }
        let name = qualified_name(node);
        let rendered_above = self.rendered.len();
        self.out.push('<');
        self.out.push_str(name);
        for prefix in self.utilized(node) {
            self.namespace(node, prefix);
        }
        self.attributes(node);
        self.out.push('>');
        let left_out = self.left_out;
        for child in node.children().filter(|child| Some(child.id()) != left_out) {
            if child.is_element() {
                self.element(child)?;
            } else if let Some(text) = child.text() {
                escape(text, false, &mut self.out);
            }
        }
        self.rendered.truncate(rendered_above);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        Ok(())
    }

    /// The prefixes that the element and its attributes use, and the listed ones that are in scope, in the order in which
    /// they are rendered.
    fn utilized(&self, node: Node<'a, 'a>) -> Vec<&'a str> {
        let mut prefixes = vec![prefix(qualified_name(node))];
        prefixes.extend(node.attributes().map(attribute_name(node)).filter(|name| name.contains(':')).map(prefix));
        let is_in_scope = |prefix: &str| node.namespaces().any(|namespace| namespace.name() == Some(prefix));
        prefixes.extend(self.prefixes.iter().filter(|prefix| is_in_scope(prefix)));
        prefixes.retain(|prefix| *prefix != "xml");
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    }

    /// Renders the declaration of a prefix, unless an element around this one has rendered the same.
    fn namespace(&mut self, node: Node<'a, 'a>, prefix: &'a str) {
        let uri = node.lookup_namespace_uri(Some(prefix).filter(|prefix| !prefix.is_empty())).unwrap_or("");
        let above = self.rendered.iter().rev().find(|(known, _)| *known == prefix).map(|(_, uri)| *uri);
        if above == Some(uri) || (above.is_none() && prefix.is_empty() && uri.is_empty()) {
            return;
        }
        self.out.push_str(" xmlns");
        if !prefix.is_empty() {
            self.out.push(':');
            self.out.push_str(prefix);
        }
        self.value(uri);
        self.rendered.push((prefix, uri));
    }

    /// Renders the attributes, ordered by namespace and then by local name.
    fn attributes(&mut self, node: Node<'a, 'a>) {
        let mut attributes: Vec<Attribute> = node.attributes().collect();
        attributes.sort_by_key(|attribute| (attribute.namespace().unwrap_or(""), attribute.name()));
        for attribute in attributes {
            self.out.push(' ');
            self.out.push_str(attribute_name(node)(attribute));
            self.value(attribute.value());
        }
    }

    fn value(&mut self, value: &str) {
        self.out.push_str("=\"");
        escape(value, true, &mut self.out);
        self.out.push('"');
    }
}

/// The name as it stands in the source, with its prefix.
fn qualified_name<'a>(node: Node<'a, 'a>) -> &'a str {
    let tag = &node.document().input_text()[node.range()][1..];
    &tag[..tag.find(['>', '/', ' ', '\t', '\n', '\r']).unwrap_or(tag.len())]
}

/// The names of attributes of this element as they stand in the source, with their prefixes.
fn attribute_name<'a>(node: Node<'a, 'a>) -> impl Fn(Attribute<'a, 'a>) -> &'a str {
    move |attribute| &node.document().input_text()[attribute.range_qname()]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// The replacements of Canonical XML 1.0 section 2.3.
fn escape(text: &str, is_attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' if !is_attribute => out.push_str("&gt;"),
            '"' if is_attribute => out.push_str("&quot;"),
            '\t' if is_attribute => out.push_str("&#x9;"),
            '\n' if is_attribute => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
}
