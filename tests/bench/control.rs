//! What the benchmarks compare with: a bare actix-web server, and argon2id by itself.
//!
//! `GET /` answers 200 bytes. `GET /hash` hashes one password as Roster does, on a thread for such work.

use actix_web::{App, HttpResponse, HttpServer, web};
use argon2::{Algorithm, Argon2, Params, Version};

/// As long as a small answer of the API.
const BODY: &str = concat!(
    "{\"control\":\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234\"}"
);

async fn hello() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(BODY)
}

async fn hash() -> HttpResponse {
    let work = || {
        let params = Params::new(19_456, 2, 1, None).expect("parameters of OWASP");
        let mut out = [0; 32];
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        hasher
            .hash_password_into(b"correct horse battery staple", b"0123456789abcdef", &mut out)
            .expect("a hash");
        out[0]
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(byte) => HttpResponse::Ok().body(byte.to_string()),
        Err(why) => HttpResponse::InternalServerError().body(why.to_string()),
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("a port");
    HttpServer::new(|| App::new().route("/", web::get().to(hello)).route("/hash", web::get().to(hash)))
        .bind(("127.0.0.1", port))?
        .run()
        .await
}
