//! The decoded parameters of an address.

use super::fault::ScimFault;

/// The parameter of this name, which a client may also write in lower case.
pub(super) fn parameter<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, ScimFault> {
    let lower = name.to_ascii_lowercase();
    let mut found = pairs.iter().filter(|(sent, _)| *sent == name || *sent == lower).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(ScimFault::invalid_value(format!("The parameter {name} is sent twice."))),
        (first, None) => Ok(first),
    }
}
