//! Why operations on connections are refused, as problems.

use crate::{
    api::{
        answers::{IfMatch, refused},
        grants::{complaint, of_new_member},
        refusals::beyond,
    },
    connections::{ConnectionKind, ConnectionRefusal},
    web::{self, FieldError, Problem},
};

/// The codes of [`of_connection`] when a connection is created or changed.
pub(super) const OF_CHANGES: &[&str] = &["beyond-your-permissions", "connection-incomplete", "limit-reached", "not-your-team"];

pub(in crate::api) fn of_connection(refusal: &ConnectionRefusal) -> web::Error {
    let field = |pointer: &str, code: &'static str| Problem::field(pointer, code, refusal).into();
    match refusal {
        ConnectionRefusal::TooMany | ConnectionRefusal::TooManyCertificates | ConnectionRefusal::TooManyMappings => {
            refused("limit-reached", "There are too many", refusal)
        }
        ConnectionRefusal::NameTaken => field("/name", "taken"),
        ConnectionRefusal::Incomplete | ConnectionRefusal::NoProvider => {
            refused("connection-incomplete", "The connection is not complete", refusal)
        }
        ConnectionRefusal::LastCertificate => refused("last-certificate", "The last certificate stays", refusal),
        ConnectionRefusal::ProviderInUse => field("/saml/entity_id", "in-use"),
        ConnectionRefusal::ServerInUse => field("/github/server", "in-use"),
        ConnectionRefusal::OpenToTheWorld => field("/provisioning", "open-to-the-world"),
        ConnectionRefusal::Grant(refusal) => of_new_member(refusal),
        ConnectionRefusal::KeyChangeUnderWay => refused("key-change-under-way", "A change of the key is under way", refusal),
        ConnectionRefusal::MapsAdministrators => field("/may_make_administrators", "required"),
        ConnectionRefusal::AboveYou { lacking, .. } => beyond(lacking, refusal),
        ConnectionRefusal::Meanwhile => IfMatch::failed().into(),
        ConnectionRefusal::Required => refused("last-connection", "The last connection stays", refusal),
        ConnectionRefusal::LastAdministrator => refused("last-administrator", "The last administrator stays", refusal),
    }
}

/// A complaint of the console's form as the error of the field that JSON has in its place.
pub(super) fn of_form(kind: ConnectionKind, field: &str, text: &str) -> FieldError {
    match field {
        "name" | "provisioning" | "roles" => complaint(field, text),
        "max_age_hours" => complaint("max_age_minutes", text),
        of_kind => FieldError::new(format!("/{}/{of_kind}", kind.as_str()), "invalid", text),
    }
}
