//! HTTP layer: middleware, extractors, forms, error pages. It depends on no feature module; authentication is injected
//! through [`Authenticator`].

mod address;
mod api_call;
mod applications;
pub mod assets;
mod body;
mod csrf;
pub mod csv;
mod context;
mod error;
mod error_page;
mod flash;
mod form;
mod site;
mod headers;
mod host;
mod pending_form;
mod log;
mod middleware;
mod page;
mod problem;
pub mod chart;
mod reader;
mod route;
pub mod secret_link;
mod slide;
mod summary;
mod upload;

pub use address::{TrustedProxies, subscriber_prefix};
pub use api_call::ApiCall;
pub use applications::Applications;
pub use body::LARGEST_SAML_RESPONSE;
pub use context::{Again, Authentication, Authenticator, MemberContext, RECENT, VisitorContext, is_recent};
pub use csrf::{OWNER as SESSION_OWNER, SEED as CSRF_SEED};
pub use error::{Error, Result};
pub use flash::{Notice, Undo, cookie, expired};
pub use form::{Back, EmptyForm, Field, OpenForm, Posted, Ticked, Unread, complaints, query};
pub use middleware::{HOME, middleware};
pub use page::{Respond, filters, page, redirect_with_notice, see_other};
pub use pending_form::{DRAFT, Draft, Drafts, ReturnTo, SECRET_FIELDS, Typed, WAITS, held};
pub use problem::{API, FieldError, PROBLEMS, Problem};
pub use reader::Reader;
pub use route::{get, path_config, post, safe_path};
pub use site::Site;
pub use slide::{LAST_USED, slide};
pub use upload::{Upload, Uploaded};
