//! Our static files, embedded in the binary. Their URLs contain a digest, so browsers cache them permanently. Each is
//! compressed once.

use super::{Error, Routes, get, resource};
use crate::kit::Fault;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header},
    web::{self, Bytes},
};
use flate2::{Compression, write::GzEncoder};
use rust_embed::Embed;
use std::{
    collections::HashMap,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// The URL of a file. It changes with the content of the file.
pub fn url(name: &str) -> String {
    let digest = Files::get(name).map(|file| file.metadata.sha256_hash()).unwrap_or_default();
    let version = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
    format!("/static/{name}?v={version:x}")
}

pub fn mount(app: &mut Routes) {
    app.service(resource("/static/{name}").route(get().to(show)));
    app.service(resource("/favicon.ico").route(get().to(icon)));
}

async fn show(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Error> {
    file(&req, &name)
}

async fn icon(req: HttpRequest) -> Result<HttpResponse, Error> {
    file(&req, "icon.svg")
}

/// A file as it is sent, plain and compressed.
#[derive(Clone)]
struct Asset {
    kind: String,
    plain: Bytes,
    gzip: Bytes,
}

impl Asset {
    /// A file by its name. In debug builds files are read from the disk, and may change.
    fn find(name: &str) -> Result<Self, Fault> {
        static READY: LazyLock<Mutex<HashMap<[u8; 32], Asset>>> = LazyLock::new(Mutex::default);
        let file = Files::get(name).ok_or(Fault::Missing)?;
        let digest = file.metadata.sha256_hash();
        if let Some(ready) = READY.lock().unwrap_or_else(PoisonError::into_inner).get(&digest) {
            return Ok(ready.clone());
        }
        let mut kind = file.metadata.mimetype().to_owned();
        if kind.starts_with("text/") {
            kind.push_str("; charset=utf-8");
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&file.data).map_err(Fault::broken)?;
        let asset = Self {
            kind,
            gzip: gzip.finish().map_err(Fault::broken)?.into(),
            plain: file.data.into_owned().into(),
        };
        READY.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, asset.clone());
        Ok(asset)
    }
}

fn file(req: &HttpRequest, name: &str) -> Result<HttpResponse, Error> {
    let asset = Asset::find(name)?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, asset.kind))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "accept-encoding"));
    let accepted = AcceptEncoding::parse(req).ok().filter(|_| req.headers().contains_key(header::ACCEPT_ENCODING));
    let best = accepted.and_then(|accepted| accepted.negotiate([Encoding::gzip(), Encoding::identity()].iter()));
    Ok(if best == Some(Encoding::gzip()) {
        answer.insert_header(ContentEncoding::Gzip).body(asset.gzip)
    } else {
        answer.body(asset.plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{body::to_bytes, test::TestRequest};
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[actix_web::test]
    async fn a_file_is_sent_compressed_to_those_who_take_it() {
        let ask = |accepts: &[&str]| {
            let mut request = TestRequest::default();
            for accepted in accepts {
                request = request.append_header((header::ACCEPT_ENCODING, *accepted));
            }
            let answer = file(&request.to_http_request(), "roster.css").unwrap();
            assert_eq!(answer.headers().get(header::VARY).unwrap(), "accept-encoding");
            let is_gzip = answer.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
            async move { (is_gzip, to_bytes(answer.into_body()).await.unwrap_or_default()) }
        };
        let (is_gzip, plain) = ask(&[]).await;
        assert!(!is_gzip && plain.len() > 50_000);
        for accepts in ["identity", "br", "gzip;q=0"] {
            assert_eq!(ask(&[accepts]).await, (false, plain.clone()), "{accepts}");
        }
        for accepts in ["gzip", "gzip, deflate, br, zstd", "br;q=0.5, gzip"] {
            let (is_gzip, body) = ask(&[accepts]).await;
            assert!(is_gzip && body.len() * 3 < plain.len(), "{accepts}: {}", body.len());
            let mut read = Vec::new();
            GzDecoder::new(&body[..]).read_to_end(&mut read).unwrap();
            assert_eq!(read, plain);
        }
    }
}
