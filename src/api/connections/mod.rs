//! Connections to identity providers: what they are, who may join through them, their certificates, and people who were
//! deleted.

mod certificates;
mod claim_mapping;
mod changes;
mod deleted;
mod mappings;
mod metadata;
mod own_keys;
pub(super) mod refusals;
mod requests;
mod rows;
mod settings;
mod settings_patches;
mod status;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(changes::endpoints());
    all.extend(status::endpoints());
    all.extend(certificates::endpoints());
    all.extend(metadata::endpoints());
    all.extend(mappings::endpoints());
    all.extend(own_keys::endpoints());
    all.extend(deleted::endpoints());
    all
}
