//! Health checks: whether the process lives, and whether it can do its work. They say nothing else, since anybody may
//! ask.

use crate::{
    db::{Db, schema::deployment},
    kit::Fault,
    web,
};
use actix_web::{HttpResponse, web::Data};
use diesel::prelude::*;
use serde_json::json;

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/health").route(web::get().to(health)));
    app.service(web::resource("/ready").route(web::get().to(ready)));
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Ready when the database answers and has the tables that this program needs.
async fn ready(db: Data<Db>) -> HttpResponse {
    let checked = db.read(|conn| Ok::<i64, Fault>(deployment::table.select(deployment::id).first(conn)?)).await;
    match checked {
        Ok(_) => HttpResponse::Ok().json(json!({ "status": "ready" })),
        Err(fault) => {
            tracing::warn!(error = %fault, "not ready");
            HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready" }))
        }
    }
}
