//! Our static files, embedded in the binary. Their URLs contain a digest, so browsers cache them permanently.

use super::{Error, get};
use crate::kit::Fault;
use actix_web::{HttpResponse, http::header, web};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// The URL of a file. It changes with the content of the file.
pub fn url(name: &str) -> String {
    let digest = Files::get(name).map(|file| file.metadata.sha256_hash()).unwrap_or_default();
    let version = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
    format!("/static/{name}?v={version:x}")
}

pub fn mount(app: &mut web::ServiceConfig) {
    app.service(web::resource("/static/{name}").route(get().to(show)));
    app.service(web::resource("/favicon.ico").route(get().to(icon)));
}

async fn show(name: web::Path<String>) -> Result<HttpResponse, Error> {
    file(&name)
}

async fn icon() -> Result<HttpResponse, Error> {
    file("icon.svg")
}

fn file(name: &str) -> Result<HttpResponse, Error> {
    let file = Files::get(name).ok_or(Fault::Missing)?;
    let mut kind = file.metadata.mimetype().to_owned();
    if kind.starts_with("text/") {
        kind.push_str("; charset=utf-8");
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.data.into_owned()))
}
