//! The attributes of a group (RFC 7643 section 4.2). A group is a team of the organization.

use super::attribute::{
    Attribute,
    Mutability::{Immutable, ReadOnly},
};

const MEMBERS: &[Attribute] = &[
    Attribute::text("value", "The id of the user.").case_exact().mutability(Immutable),
    Attribute::reference("$ref", &["User"], "The address of the user.").mutability(Immutable),
    Attribute::text("display", "The name of the user.").mutability(ReadOnly),
    Attribute::text("type", "The type of the member.").values(&["User"]).mutability(Immutable),
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("displayName", "The name of the group, unique in the organization ignoring case.")
        .required()
        .unique(),
    Attribute::list("members", MEMBERS, "The users in the group."),
];
