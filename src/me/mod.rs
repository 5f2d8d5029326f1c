//! What people do for themselves: their profile, their email, their password, their sessions, their login activity, and
//! the end of their membership.

mod activity;
mod address;
mod departure;
mod email;
mod factor_pages;
mod mail;
mod passkeys;
mod password;
mod password_change;
mod profile;
mod sessions;
mod two_step;

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    password::mount(app);
    address::mount(app);
    profile::mount(app);
    sessions::mount(app);
    two_step::mount(app);
    passkeys::mount(app);
    activity::mount(app);
    departure::mount(app);
}
