//! Tokens: what programs show instead of a password. Their text is shown once and kept as a digest; whoever comes with
//! one may do what it is narrowed to, of what its member may do at that moment.
//!
//! Invariants: nobody makes a token wider than what they may do themselves; nothing of it changes afterwards but its
//! name, its value and its end; verifying is one read, so that whatever ends a token holds on the next request; no token
//! makes tokens or opens the console.

mod ends;
mod forms;
mod mail;
mod make;
mod model;
mod pages;
mod place;
mod routes;
mod store;
mod text;
mod uses;
mod verify;
mod warn;

pub use make::{MOST, Renewal, TokenRefusal, create, regenerate, rename, retire, revoke};
pub use model::{LastUse, Mode, State, Token, Wish, allowed, warning};
pub use pages::{Listing, listing};
pub use store::{count_later, count_of, end_all};
pub use text::{Malformed, PATTERN, TokenText};
pub use uses::{Used, Uses};
pub use verify::{Bearer, Closed, verify};
pub use warn::warn;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    routes::mount(app);
    ends::mount(app);
}
