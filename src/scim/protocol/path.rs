//! Paths of PATCH (RFC 7644 section 3.5.2, figure 7), and the attributes to which they lead.

use super::{
    fault::{ScimFault, shown},
    filter::{AttributePath, Filter, FilterError, Parser},
    schema::{self, Attribute, DataType, Place, ResourceKind},
};
use std::fmt;

/// A path of PATCH (RFC 7644 section 3.5.2).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The URN as the client sent it.
    pub schema: Option<String>,
    /// `None` if the path is the URN alone, which means all attributes of that schema.
    pub attribute: Option<String>,
    /// Which elements of a multi-valued attribute, as in `emails[type eq "work"]`.
    pub filter: Option<Filter>,
    pub sub: Option<String>,
}

/// The attribute to which a path leads (RFC 7644 section 3.5.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub place: Place,
    /// `None` if the path means all attributes at the place.
    pub attribute: Option<&'static Attribute>,
    pub sub: Option<&'static Attribute>,
}

impl PatchPath {
    /// Reads a path (RFC 7644 section 3.5.2, figure 7).
    ///
    /// # Errors
    ///
    /// `invalidPath`, also beyond the limits of a filter.
    pub fn parse(text: &str) -> Result<Self, ScimFault> {
        if schema::is_known(text) {
            return Ok(Self { schema: Some(text.into()), attribute: None, filter: None, sub: None });
        }
        let refused = |error: FilterError| match error {
            FilterError::TooComplex => ScimFault::invalid_path("The path is too long, or its filter is too complex."),
            FilterError::Syntax(..) => ScimFault::invalid_path(format!("The path {} cannot be read.", shown(text))),
        };
        Self::read(text).map_err(refused)
    }

    fn read(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let path = AttributePath::parse(parser.word()).ok_or(FilterError::Syntax(1, "the name of an attribute"))?;
        let (filter, sub) = if parser.peek() == Some(b'[') {
            let filter = parser.bracketed(&path)?;
            (Some(filter), parser.sub_attribute()?.map(|sub| sub.attribute))
        } else {
            (None, path.sub)
        };
        parser.end()?;
        Ok(Self { schema: path.schema, attribute: Some(path.attribute), filter, sub })
    }

    /// Finds the attribute in the schemas of the resource (RFC 7644 section 3.5.2).
    ///
    /// # Errors
    ///
    /// `invalidPath` if the resource has no such schema, attribute or sub-attribute, or no elements to which a filter could
    /// apply; `invalidFilter` if the filter asks for a sub-attribute that the elements lack.
    pub fn resolve(&self, resource: ResourceKind) -> Result<Target, ScimFault> {
        let unknown =
            || ScimFault::invalid_path(format!("The path {} leads to no attribute of {}.", shown(&self.to_string()), resource.name()));
        let place = schema::place(resource, self.schema.as_deref()).ok_or_else(unknown)?;
        let Some(name) = &self.attribute else {
            return Ok(Target { place, attribute: None, sub: None });
        };
        let attribute = schema::find_at(resource, place, name).ok_or_else(unknown)?;
        let sub = match &self.sub {
            Some(sub) => Some(attribute.sub(sub).ok_or_else(unknown)?),
            None => None,
        };
        if let Some(filter) = &self.filter {
            check_filter(filter, attribute)?;
        }
        Ok(Target { place, attribute: Some(attribute), sub })
    }
}

fn check_filter(filter: &Filter, attribute: &Attribute) -> Result<(), ScimFault> {
    if !attribute.multi_valued || attribute.data_type != DataType::Complex {
        return Err(ScimFault::invalid_path(format!("{} has no elements to which a filter applies.", attribute.name)));
    }
    let is_known = |path: &AttributePath| path.is_plain() && attribute.sub(&path.attribute).is_some();
    match filter.paths().iter().find(|path| !is_known(path)) {
        Some(path) => Err(ScimFault::invalid_filter(format!(
            "{} has no sub-attribute {}.",
            attribute.name,
            shown(&path.to_string())
        ))),
        None => Ok(()),
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.schema, &self.attribute) {
            (Some(schema), Some(attribute)) => write!(f, "{schema}:{attribute}")?,
            (Some(name), None) | (None, Some(name)) => f.write_str(name)?,
            (None, None) => {}
        }
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}
