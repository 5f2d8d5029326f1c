//! Sessions and sign-ins: who is signed in on which device, who tried when, and whether somebody may enter.
//!
//! Invariants: a session is a row, and the row decides at every request of every process. It opens an organization
//! only while its owner is active there and if it began after the last change of their status and of their password.

mod activity;
mod again;
mod device;
mod doorman;
mod pages;
mod reset;
mod routes;
mod second_step;
mod sign_in;
mod store;

pub use activity::mount as mount_activity;
pub use device::{Devices, describe};
pub use doorman::{Gate, SignedIn};
pub use reset::{ResetRefusal, reset_by_operator, reset_second_factors};
pub use routes::mount;
pub use sign_in::{Outcome, record};
pub use store::{Rows, begin, end_all, sweep};
