//! What a form sends for the organization's own fields: each under the name `own:` and the field's id, which `web` hands on
//! as a list of ids and values.

use crate::kit::OwnFieldId;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{collections::BTreeMap, fmt};

/// What was typed, by field. A field that was not sent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentOwn(BTreeMap<OwnFieldId, String>);

impl SentOwn {
    pub fn get(&self, field: OwnFieldId) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }
    pub fn values(&self) -> &BTreeMap<OwnFieldId, String> {
        &self.0
    }
}

impl From<BTreeMap<OwnFieldId, String>> for SentOwn {
    fn from(values: BTreeMap<OwnFieldId, String>) -> Self {
        Self(values)
    }
}

impl Serialize for SentOwn {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let pair = |(id, value): (&OwnFieldId, &String)| [id.to_string(), value.clone()];
        to.collect_seq(self.0.iter().flat_map(pair))
    }
}

impl<'de> Deserialize<'de> for SentOwn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> de::Visitor<'de> for Pairs {
            type Value = SentOwn;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ids of fields, each followed by its value")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut texts: A) -> Result<SentOwn, A::Error> {
                let mut all = BTreeMap::new();
                while let Some(id) = texts.next_element::<String>()? {
                    let id = id.parse().map_err(de::Error::custom)?;
                    let value = texts.next_element()?.ok_or_else(|| de::Error::custom("a field without its value"))?;
                    if all.insert(id, value).is_some() {
                        return Err(de::Error::custom("a field twice"));
                    }
                }
                Ok(SentOwn(all))
            }
        }
        from.deserialize_seq(Pairs)
    }
}
