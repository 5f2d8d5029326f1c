//! What people do for themselves: their profile, their email, their password, their sessions, their login activity.

mod activity;
mod address;
mod email;
mod mail;
mod password;
mod profile;
mod passkeys;
mod sessions;
mod two_step;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    password::mount(app);
    address::mount(app);
    profile::mount(app);
    sessions::mount(app);
    two_step::mount(app);
    activity::mount(app);
}
