//! Single sign-on: people sign in through an organization's connections (OpenID Connect, SAML, Google, GitHub).
//!
//! Invariants:
//!
//! * What a provider answers is used once, by the browser that began the sign-in, for the purpose it was begun for, at
//!   the connection that was asked (`attempts`).
//! * One function decides who may come in (`decide`), one transaction carries it out (`arrive`). An address alone never
//!   connects an account.
//! * A session that a connection began opens the organization of that connection only (`sessions`).
//! * No text of a provider reaches a page or the log unless the test of a connection shows it to an administrator.

mod acs;
mod answer;
mod arrive;
mod attempts;
mod callback;
mod decide;
mod discovery;
mod enforcement;
mod github;
mod id_token;
mod identities;
mod linking;
mod logout;
mod logout_token;
mod mail;
mod mappings;
mod oidc;
mod pages;
mod proof;
mod providers;
mod refusal;
mod required;
mod requirement;
mod routes;
mod saml;
mod saml_answer;
mod saml_arrival;
mod saml_seen;
mod sign_out;
mod start;
mod test_sign_in;
mod user_info;
mod verified;

pub use acs::mount as mount_acs;
pub use answer::ProviderRefusal;
pub use enforcement::{RequireRefusal, require};
pub use enforcement::{Requirement, requirement};
pub use identities::{UnlinkRefusal, identities_of_member, unlink_of_member};
pub use start::SingleSignOn;

use crate::{
    db::Tx,
    kit::{Fault, Timestamp},
    web::Routes,
};

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    discovery::mount(app);
    required::mount(app);
    requirement::mount(app);
    linking::mount(app);
    identities::mount(app);
    proof::mount(app);
    test_sign_in::mount(app);
    sign_out::mount(app);
    logout::mount(app);
    saml_arrival::mount(app);
}

/// Deletes what is too old to be answered, or to be used again.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    attempts::sweep(tx, now)?;
    saml_seen::sweep(tx, now)
}
