//! HTTP manners. This floor knows no room: what a page needs from one comes through [`Doorman`].

mod address;
pub mod assets;
mod csrf;
pub mod csv;
mod door;
mod error;
mod flash;
mod form;
mod front;
mod headers;
mod host;
mod kept;
mod log;
mod manners;
mod page;
mod problem;
pub mod picture;
mod route;
pub mod secret_link;
mod slide;
mod upload;

pub use address::{TrustedProxies, neighbourhood};
pub use csrf::{OWNER as SESSION_OWNER, SEED as CSRF_SEED};
pub use door::{Door, Doorman, RECENT, Shell, is_recent};
pub use error::{Error, Result};
pub use flash::{Notice, Undo, cookie, gone};
pub use form::{Back, Field, OpenForm, Posted, query, told};
pub use front::Front;
pub use kept::{DRAFT, Draft, Drafts, SECRET_FIELDS, Typed, WAITS, held};
pub use manners::{HOME, manners};
pub use page::{created, filters, grouped, page, see_other};
pub use problem::{API, Problem};
pub use route::{get, path_config, post, safe_path};
pub use slide::{LAST_USED, slide};
pub use upload::{Upload, Uploaded};
