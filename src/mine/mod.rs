//! What people do for themselves: their password, their sessions, their login activity.

mod activity;
mod password;
mod sessions;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    password::mount(app);
    sessions::mount(app);
    activity::mount(app);
}
