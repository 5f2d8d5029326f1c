//! Sessions and sign-ins: who is signed in on which device, sign-in attempts, and whether a person may enter.
//!
//! Invariants: a session is a row, and the row is checked at every request of every process. A session gives access to
//! an organization only while its owner is active there, and only if it began after the last change of their status and
//! of their password; where the organization requires single sign-on, only if its identity provider began it, or for
//! break-glass administrators.

mod activity;
mod administrators_mail;
mod app_access;
mod app_cookie;
mod app_routes;
mod authentication;
mod connecting;
mod device;
mod elsewhere;
mod federated;
mod federated_entrance;
mod forms;
mod list;
mod mail;
mod model;
mod outcome;
mod own_sign_in;
mod pages;
mod profile;
mod reauthentication;
mod reset;
mod routes;
mod second_step;
mod sign_in;
mod sign_in_alert;
mod state;
mod store;
mod viewing;

pub use activity::{ActivityQuery, AttemptWindow, activity, attempts, attempts_of, delete_attempts};
pub use administrators_mail::{AdministratorNotice, tell_administrators};
pub use app_access::{AppRefusal, enter_application};
pub use app_cookie::AppCookies;
pub use authentication::{SessionAuthenticator, SignedIn};
pub use connecting::expect_owner;
pub use device::{Browser, DeviceCookies, begin_on_device, describe};
pub use elsewhere::go_on_elsewhere;
pub use federated::{FederatedConclusion, FederatedSignIn, browser, conclude_federated};
pub use federated_entrance::enter_federated;
pub use list::{EndRefusal, Here, Listed, end_here, end_one_here, end_others, end_own, list_here, list_own, may_end};
pub use model::{Activity, ResetRefusal, SignInRow};
pub use reset::{reset_by_operator, reset_second_factors};
pub use sign_in::{FAILED, Outcome, record, record_failed, record_in};
pub use sign_in_alert::tell_of_device;
pub use state::{Federated, begin, begin_again, current, prove_at_provider};
pub use store::{DatabaseSessionStore, end_all, end_at_provider, sweep};

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    activity::mount(app);
    app_routes::mount(app);
    sign_in_alert::mount(app);
    profile::mount(app);
    routes::mount(app);
    second_step::mount(app);
    reauthentication::mount(app);
    reset::mount(app);
    viewing::mount(app);
}
