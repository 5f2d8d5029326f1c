//! The reference of the API as pages, drawn from the OpenAPI document: for people who write programs. It needs neither a
//! sign-in nor a script, and asks for nothing from elsewhere.

mod example;
mod fields;
mod model;
mod pages;

use super::problem_kinds;
use crate::{
    kit::Fault,
    web::{self, Respond, Site},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use model::REFERENCE;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/api").route(web::get().to(index)));
    app.service(web::resource("/api/everything").route(web::get().to(everything)));
    app.service(web::resource("/api/resources/{name}").route(web::get().to(show)));
    app.service(web::resource("/api/problems").route(web::get().to(problems)));
    app.service(web::resource("/api/problems/{name}").route(web::get().to(problem)));
}

/// Words to look for in the operations.
#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn index(site: Data<Site>, Query(search): Query<Search>) -> web::Result<HttpResponse> {
    let found = REFERENCE.search(&search.q);
    pages::Index { groups: &REFERENCE.groups, site, q: search.q, found }.ok()
}

async fn everything() -> web::Result<HttpResponse> {
    pages::Operations { groups: &REFERENCE.groups, shown: REFERENCE.groups.iter().collect() }.ok()
}

async fn show(name: Path<String>) -> web::Result<HttpResponse> {
    let group = REFERENCE.groups.iter().find(|group| group.slug == *name).ok_or(Fault::Missing)?;
    pages::Operations { groups: &REFERENCE.groups, shown: vec![group] }.ok()
}

async fn problems() -> web::Result<HttpResponse> {
    pages::Problems { groups: &REFERENCE.groups, kinds: problem_kinds::ALL.iter().collect() }.ok()
}

async fn problem(name: Path<String>) -> web::Result<HttpResponse> {
    let kind = problem_kinds::find(&name).ok_or(Fault::Missing)?;
    pages::Problems { groups: &REFERENCE.groups, kinds: vec![kind] }.ok()
}
