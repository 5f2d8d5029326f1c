//! HTTP manners. This floor knows no room: what a page needs from one comes through [`Doorman`].

mod address;
pub mod assets;
mod body;
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
mod reader;
mod route;
pub mod secret_link;
mod upload;

pub use address::{TrustedProxies, neighbourhood};
pub use csrf::SEED as CSRF_SEED;
pub use door::{Admission, Again, Door, Doorman, RECENT, Shell};
pub use error::{Error, Result};
pub use flash::{Notice, Undo, cookie, gone};
pub use form::{Back, Field, Posted, Ticked, Unread, query, told};
pub use front::Front;
pub use manners::{HOME, manners};
pub use page::{created, filters, grouped, page, see_other};
pub use problem::{API, Problem};
pub use reader::Reader;
pub use route::{get, path_config, post, safe_path};
pub use upload::{Upload, Uploaded};
