//! Tokens: what programs show instead of a password. Their text is shown once and kept as a digest; anyone who comes with
//! one may do what it is narrowed to, of what its member may do at that moment.
//!
//! Decided: where an organization demands two-step sign-in, the tokens and API passwords of people who have not set it up
//! are refused as the console refuses them, and those of others go on working, since they were made in a session that
//! proved both steps. System accounts have no second step. What becomes of tokens with a password, `passwords::ProgramCredentials`
//! tells. Anyone who has lost `token:manage:own` or API access still sees and ends their own tokens.
//!
//! Invariants: nobody makes a token wider than what they may do themselves; nothing of it changes afterwards but its
//! name, its value and its end; verifying is one read, so that whatever ends a token holds on the next request; no token
//! makes tokens or opens the console.

mod days;
mod revocation_routes;
mod forms;
mod mail;
mod make;
mod model;
mod notices;
mod revoke;
mod pages;
mod place;
mod limits;
mod routes;
mod store;
mod text;
mod last_use;
mod verify;
mod warn;

pub use days::sweep;
pub use last_use::{Used, Uses};
pub use limits::{MOST, TokenRefusal};
pub use make::{Renewal, create, regenerate, rename};
pub use model::{LastUse, Mode, NewToken, State, Token, allowed, warning};
pub use notices::Notice;
pub use pages::{Listing, listing};
pub use revoke::{retire, revoke};
pub use store::{count_later, count_of, end_all};
pub use text::{Malformed, PATTERN, TokenText};
pub use verify::{Bearer, Closed, verify};
pub use warn::warn;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    routes::mount(app);
    revocation_routes::mount(app);
}
