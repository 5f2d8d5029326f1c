//! How names are made where people come from.

/// How a full name is composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Given name, sometimes a second one or an initial; family name, sometimes two with a hyphen.
    Western,
    /// Given name, then the family names of both parents.
    Iberian,
    /// Given name, then the family name or the father's name.
    Plain,
    FamilyFirst,
    /// Family name first, without a space.
    Joined,
    Single,
}

/// The names of one part of the traditions.
#[derive(Debug)]
pub(super) struct Tradition {
    /// How often it is used, in proportion to the others.
    pub share: u32,
    pub order: Order,
    /// Separated by white space; `native=latin` if an address cannot hold the native form.
    pub given: &'static str,
    pub family: &'static str,
}
