//! Filters (RFC 7644 section 3.4.2.2): the syntax tree of a text. What a filter may ask for is decided by the caller, who
//! looks at `Filter::paths`.

mod attribute_path;
mod display;
mod evaluation;
mod parser;

pub use attribute_path::AttributePath;
pub use evaluation::{matches, matches_element};
pub(super) use parser::Parser;

use super::fault::ScimFault;
use serde_json::Number;

/// The longest filter, in octets.
pub const MAX_LENGTH: usize = 4096;
/// The most parentheses and brackets inside each other.
pub const MAX_DEPTH: usize = 20;
/// The most comparisons of a filter.
pub const MAX_COMPARISONS: usize = 50;

/// A filter (RFC 7644 section 3.4.2.2, figure 1). `And` and `Or` have two parts or more.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        path: AttributePath,
        operator: Operator,
        value: Literal,
    },
    Present(AttributePath),
    /// One element of the multi-valued attribute satisfies the inner filter, such as `emails[type eq "work"]`.
    Within {
        attribute: AttributePath,
        filter: Box<Filter>,
    },
}

/// A comparison operator (RFC 7644 section 3.4.2.2, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// What an attribute is compared with: a JSON value that is no array and no object (RFC 7644 section 3.4.2.2, figure 1).
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    String(String),
    Number(Number),
    Bool(bool),
    Null,
}

/// Why a filter is refused (RFC 7644 section 3.4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error(
        "The filter is too complex. It may have {MAX_LENGTH} octets, {MAX_COMPARISONS} comparisons and {MAX_DEPTH} levels of parentheses."
    )]
    TooComplex,
    /// The octet, counted from 1, and what the parser expected there.
    #[error("The filter cannot be read at position {0}: expected {1}.")]
    Syntax(usize, &'static str),
}

impl From<FilterError> for ScimFault {
    fn from(error: FilterError) -> Self {
        Self::invalid_filter(error.to_string())
    }
}

impl Filter {
    /// Reads a filter (RFC 7644 section 3.4.2.2, figure 1). `not` precedes `and`, and `and` precedes `or`.
    ///
    /// # Errors
    ///
    /// [`FilterError::TooComplex`] beyond the limits of this module, [`FilterError::Syntax`] for what the grammar lacks.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let filter = parser.filter()?;
        parser.end()?;
        Ok(filter)
    }

    /// Every attribute that the filter asks for; those inside brackets are joined to theirs as `emails.type` (RFC 7644 section 3.10).
    pub fn paths(&self) -> Vec<AttributePath> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::paths).collect(),
            Self::Not(inner) => inner.paths(),
            Self::Compare { path, .. } | Self::Present(path) => vec![path.clone()],
            Self::Within { attribute, filter } => {
                let joined = |inner: AttributePath| AttributePath { sub: Some(inner.attribute), ..attribute.clone() };
                filter.paths().into_iter().map(joined).collect()
            }
        }
    }
}

impl Operator {
    /// The operator as the RFC spells it (RFC 7644 section 3.4.2.2, table 3).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator of this name, ignoring case.
    fn named(name: &str) -> Option<Self> {
        const ALL: [Operator; 9] = [
            Operator::Eq,
            Operator::Ne,
            Operator::Co,
            Operator::Sw,
            Operator::Ew,
            Operator::Gt,
            Operator::Ge,
            Operator::Lt,
            Operator::Le,
        ];
        ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether the operator can be used with the value: parts are found in text only, and booleans have no order.
    fn accepts(self, value: &Literal) -> bool {
        match self {
            Self::Eq | Self::Ne => true,
            Self::Co | Self::Sw | Self::Ew => matches!(value, Literal::String(_)),
            Self::Gt | Self::Ge | Self::Lt | Self::Le => matches!(value, Literal::String(_) | Literal::Number(_)),
        }
    }
}
