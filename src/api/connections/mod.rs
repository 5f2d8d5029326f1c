//! Connections to identity providers: what they are, who may join through them, their certificates, and people who were
//! deleted.

mod certificates;
mod changes;
mod deleted;
mod metadata;
mod refusals;
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
    all.extend(deleted::endpoints());
    all
}
