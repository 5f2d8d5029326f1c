//! Types and words that every module uses. No I/O.

pub mod clock;
pub mod email;
pub mod fault;
pub mod fold;
pub mod ids;
mod invisible;
mod letters;
pub mod mail_route;
pub mod member_kind;
mod member_status;
mod networks;
mod numbers;
pub mod permission;
pub mod pseudonym;
pub mod rights;
pub mod scope;
pub mod search;
pub mod secret;
pub mod sql;

pub use clock::{Clock, Timestamp};
pub use fault::{Fault, OperationError, OperationResult};
pub use ids::*;
pub use mail_route::MailRoute;
pub use member_kind::MemberKind;
pub use member_status::MemberStatus;
pub use networks::Networks;
pub use numbers::{count, grouped, noun, sentence_list};
pub use permission::{Permission, Permissions};
pub use pseudonym::Pseudonym;
pub use rights::Right;
pub use scope::{Actor, RequestInfo, Scope};
