//! Tokens: bearer credentials for programs. The text is shown once and stored as a digest. A token allows what it is
//! narrowed to, as far as its member may do the same at that moment.
//!
//! Decided: where an organization demands two-step sign-in, tokens and API passwords of people who have not set it up
//! are refused, as the console refuses these people. The others keep working, because they were made in a session that
//! proved both steps. System accounts have no second step. `passwords::ProgramCredentials` says what happens to tokens
//! when a password changes. People who have lost `token:manage:own` or API access can still see and revoke their own
//! tokens.
//!
//! Invariants: nobody makes a token wider than what they may do themselves; afterwards only its name, value and expiry
//! change; verifying is one read, so that every revocation takes effect on the next request; no token opens the console,
//! or makes tokens for its owner or for a person.

mod create;
mod days;
mod expiry_mail;
mod format;
mod forms;
mod introspection;
mod last_use;
mod leak;
mod leak_mail;
mod lifetime;
mod limits;
mod lookup;
mod mail;
mod model;
mod notices;
mod pages;
mod place;
mod recipients;
mod renewal_routes;
mod revocation_routes;
mod revoke;
mod routes;
mod store;
mod uses_routes;
mod verify;

pub use create::{Renewal, create, regenerate, rename};
pub use days::{delete_uses, sweep};
pub use expiry_mail::warn;
pub use format::{Malformed, PATTERN, TokenText};
pub use forms::{NameForm, OVERLAPS, TokenForm};
pub use introspection::{Introspected, IntrospectionRefusal, introspect};
pub use last_use::{Used, Uses};
pub use leak::report_leaked;
pub use lifetime::within_reach;
pub use limits::{MOST, TokenRefusal};
pub use lookup::{list_of, one, terms};
pub use model::{LastUse, Mode, NewToken, State, Token, allowed, warning};
pub use notices::Notice;
pub use pages::{Listing, listing};
pub use revoke::{retire, revoke};
pub use store::{count_later, count_of, end_all, is_live, live_names};
pub use verify::{Bearer, IssuedToken, TokenRejection, find_issued};

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    renewal_routes::mount(app);
    revocation_routes::mount(app);
    uses_routes::mount(app);
}
