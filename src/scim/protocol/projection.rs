//! Which attributes a response contains (RFC 7644 section 3.9).

use super::{
    fault::ScimFault,
    pairs::parameter,
    path::PatchPath,
    schema::{ENTERPRISE_USER, ResourceKind, place},
};
use serde_json::{Map, Value};

/// The most names of one parameter.
const MOST_NAMES: usize = 200;
/// What every response contains (RFC 7643 section 7, `returned`).
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// The keys from the top of a resource to what is named, in lower case. No keys at all mean the whole resource.
type Keys = Vec<String>;

/// The parameters `attributes` and `excludedAttributes` (RFC 7644 section 3.9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// What the response contains; `None` if everything.
    attributes: Option<Vec<Keys>>,
    excluded: Vec<Keys>,
}

impl Projection {
    /// Reads both parameters, each a list of names (RFC 7644 section 3.9). A name that cannot be read names nothing.
    ///
    /// # Errors
    ///
    /// `invalidValue` for more than 200 names.
    pub fn read(attributes: &[&str], excluded: &[&str]) -> Result<Self, ScimFault> {
        if attributes.len() > MOST_NAMES || excluded.len() > MOST_NAMES {
            return Err(ScimFault::invalid_value(format!(
                "attributes and excludedAttributes name at most {MOST_NAMES} attributes each."
            )));
        }
        let read = |names: &[&str]| names.iter().filter_map(|name| keys(name)).collect::<Vec<Keys>>();
        let always = ALWAYS.iter().chain(&["meta"]).map(|name| vec![(*name).to_owned()]);
        let is_always = |keys: &Keys| keys.first().is_some_and(|key| ALWAYS.contains(&key.as_str()));
        Ok(Self {
            attributes: (!attributes.is_empty()).then(|| read(attributes).into_iter().chain(always).collect()),
            excluded: read(excluded).into_iter().filter(|keys| !is_always(keys)).collect(),
        })
    }

    /// Reads both parameters of a query string, in which commas separate the names (RFC 7644 section 3.9).
    ///
    /// # Errors
    ///
    /// `invalidValue` for more than 200 names, or a parameter that is sent twice.
    pub fn from_pairs(pairs: &[(String, String)]) -> Result<Self, ScimFault> {
        Self::read(&names(parameter(pairs, "attributes")?), &names(parameter(pairs, "excludedAttributes")?))
    }

    /// Whether the response can contain this attribute of the core schema, so that the caller loads it (RFC 7644 section 3.9).
    pub fn includes(&self, attribute: &str) -> bool {
        let begins = |keys: &Keys| keys.first().is_none_or(|key| key.eq_ignore_ascii_case(attribute));
        let is_excluded = self.excluded.iter().any(|keys| keys.len() <= 1 && begins(keys));
        !is_excluded && self.attributes.as_ref().is_none_or(|paths| paths.iter().any(begins))
    }

    /// Takes away what the client did not ask for (RFC 7644 section 3.9). `id` and `schemas` stay always, `meta` unless it is
    /// excluded, and `password` is never there (RFC 7643 section 7, `returned`).
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        resource.retain(|key, _| !key.eq_ignore_ascii_case("password"));
        if let Some(paths) = &self.attributes {
            keep(resource, &paths.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        let excluded: Vec<&[String]> = self.excluded.iter().map(Vec::as_slice).collect();
        let is_whole = excluded.iter().any(|keys| keys.is_empty());
        resource.retain(|key, value| ALWAYS.contains(&key.as_str()) || !(is_whole || excludes(key, value, &excluded)));
    }
}

fn names(parameter: Option<&str>) -> Vec<&str> {
    parameter.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// The keys to what the name means; `None` if it means nothing of ours.
fn keys(name: &str) -> Option<Keys> {
    let path = PatchPath::parse(name).ok().filter(|path| path.filter.is_none())?;
    let urn = path.schema.as_deref();
    let is_core = [ResourceKind::User, ResourceKind::Group]
        .iter()
        .any(|kind| urn.is_none_or(|urn| urn.eq_ignore_ascii_case(kind.schema())));
    let extension = if is_core {
        None
    } else {
        place(ResourceKind::User, urn).map(|_| ENTERPRISE_USER.to_owned())
    };
    if !is_core && extension.is_none() {
        return None;
    }
    let keys = [extension, path.attribute, path.sub];
    Some(keys.into_iter().flatten().map(|key| key.to_ascii_lowercase()).collect())
}

/// What is left of the paths that begin with the key.
fn behind<'a>(key: &str, paths: &[&'a [String]]) -> Vec<&'a [String]> {
    let rest = |path: &&'a [String]| path.split_first().filter(|(first, _)| key.eq_ignore_ascii_case(first)).map(|(_, rest)| rest);
    paths.iter().filter_map(rest).collect()
}

/// Keeps of an object what a path names. Every level shortens the paths, which have three keys at most.
fn keep(object: &mut Map<String, Value>, paths: &[&[String]]) {
    if paths.iter().any(|path| path.is_empty()) {
        return;
    }
    object.retain(|key, value| {
        let rest = behind(key, paths);
        !rest.is_empty() && (rest.iter().any(|path| path.is_empty()) || keep_parts(value, &rest))
    });
}

/// Keeps the named parts of an object, or of the objects of a list, and says whether anything is left.
fn keep_parts(value: &mut Value, paths: &[&[String]]) -> bool {
    let keep_object = |value: &mut Value| {
        value.as_object_mut().is_some_and(|object| {
            keep(object, paths);
            !object.is_empty()
        })
    };
    match value {
        Value::Array(elements) => {
            elements.retain_mut(keep_object);
            !elements.is_empty()
        }
        single => keep_object(single),
    }
}

/// Whether the paths name the whole value under the key. What they name in it is taken away, and so is an object of which
/// nothing is left.
fn excludes(key: &str, value: &mut Value, paths: &[&[String]]) -> bool {
    let rest = behind(key, paths);
    if rest.is_empty() {
        return false;
    }
    let exclude_parts = |value: &mut Value| {
        value.as_object_mut().is_some_and(|object| {
            object.retain(|key, value| !excludes(key, value, &rest));
            object.is_empty()
        })
    };
    if rest.iter().any(|path| path.is_empty()) {
        return true;
    }
    match value {
        Value::Array(elements) => {
            elements.retain_mut(|element| !exclude_parts(element));
            elements.is_empty()
        }
        single => exclude_parts(single),
    }
}
