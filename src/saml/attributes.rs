//! The attributes of an assertion (SAML Core section 2.7.3).

use super::{
    Refusal,
    names::ASSERTION,
    xml::{named, only_text, plain_attribute},
};
use roxmltree::Node;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// An attribute of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<String>,
}

/// All attributes. The values of attributes with the same name are put together, because some providers send a role per
/// attribute. A value that is not text is refused: left out, it would look as if the person had lost it.
pub(super) fn attributes(assertion: Node) -> Result<Vec<Attribute>, Refusal> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut positions = HashMap::new();
    for statement in named(assertion, ASSERTION, "AttributeStatement") {
        for node in named(statement, ASSERTION, "Attribute") {
            let name = plain_attribute(node, "Name").ok_or(Refusal::Missing("the name of an attribute"))?;
            let values = named(node, ASSERTION, "AttributeValue");
            let texts = values.into_iter().map(|value| only_text(value).map(str::to_owned));
            let texts = texts.collect::<Option<Vec<_>>>().ok_or(Refusal::AttributeNotText)?;
            let position = *positions.entry(name).or_insert(attributes.len());
            match attributes.get_mut(position) {
                Some(known) => known.values.extend(texts),
                None => attributes.push(Attribute { name: name.to_owned(), values: texts }),
            }
        }
    }
    Ok(attributes)
}
