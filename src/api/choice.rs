//! A value of a text enum in a request, described by its texts.

use crate::kit::sql::TextEnum;
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

/// One of the values of `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice<T>(pub T);

impl<'de, T: TextEnum> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        let unknown = |_| de::Error::custom(format_args!("{text:?} is none of {}", T::TEXTS.join(", ")));
        text.parse().map(Self).map_err(unknown)
    }
}

/// The schema of a choice.
pub(super) fn schema<T: TextEnum>() -> Object {
    of(T::TEXTS.iter().copied())
}

/// The schema of a choice, with what it means. In parameters, `schema_with` drops their own description.
pub(super) fn described<T: TextEnum>(description: &str) -> Object {
    let mut schema = schema::<T>();
    schema.description = Some(description.into());
    schema
}

/// The schema of a choice that can be null.
pub(super) fn nullable<T: TextEnum>() -> Schema {
    null_or::<T>().into()
}

/// [`nullable`], to be described.
pub(super) fn null_or<T: TextEnum>() -> OneOfBuilder {
    let null = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Null));
    OneOfBuilder::new().item(null).item(schema::<T>())
}

/// The schema of a choice of these texts.
pub(super) fn of(texts: impl Iterator<Item = &'static str>) -> Object {
    let one = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    one.enum_values(Some(texts)).build()
}
