//! What the service offers (RFC 7644, section 4). The same for everybody, so that it tells nothing of an organization.

use super::{
    caller::ScimCaller,
    protocol::{
        fault::ScimFault,
        listing::list_response,
        schema::{resource_types, schema, schemas, service_provider_config},
    },
    reading,
    refusals::Refusal,
};
use crate::{
    kit::Fault,
    web::{self, Routes, SCIM_JSON},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, get},
};
use serde_json::Value;

pub(super) fn mount(app: &mut Routes) {
    app.service(web::resource("/scim/v2/ServiceProviderConfig").route(get().to(configuration)));
    app.service(web::resource("/scim/v2/ResourceTypes").route(get().to(types)));
    app.service(web::resource("/scim/v2/ResourceTypes/{id}").route(get().to(one_type)));
    app.service(web::resource("/scim/v2/Schemas").route(get().to(all_schemas)));
    app.service(web::resource("/scim/v2/Schemas/{id}").route(get().to(one_schema)));
    app.service(web::resource("/scim/v2/Me").route(get().to(me)));
}

async fn configuration(req: HttpRequest, caller: ScimCaller) -> Result<HttpResponse, Refusal> {
    refuse_filter(&req)?;
    Ok(answer(&service_provider_config(&caller.base)))
}

async fn types(req: HttpRequest, caller: ScimCaller) -> Result<HttpResponse, Refusal> {
    refuse_filter(&req)?;
    Ok(list(resource_types(&caller.base)))
}

async fn one_type(caller: ScimCaller, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let found = resource_types(&caller.base).into_iter().find(|kind| kind["id"].as_str() == Some(id.as_str()));
    Ok(answer(&found.ok_or(Fault::Missing)?))
}

async fn all_schemas(req: HttpRequest, caller: ScimCaller) -> Result<HttpResponse, Refusal> {
    refuse_filter(&req)?;
    Ok(list(schemas(&caller.base)))
}

async fn one_schema(caller: ScimCaller, id: Path<String>) -> Result<HttpResponse, Refusal> {
    Ok(answer(&schema(&caller.base, &id).ok_or(Fault::Missing)?))
}

/// A SCIM client is no user (RFC 7644, section 3.11).
async fn me() -> Result<HttpResponse, Refusal> {
    Err(ScimFault::new(501, None, "The caller is a system account, which is no user of SCIM.").into())
}

/// RFC 7644, section 4.
fn refuse_filter(req: &HttpRequest) -> Result<(), Refusal> {
    let has_filter = reading::pairs(req)?.iter().any(|(name, _)| name.eq_ignore_ascii_case("filter"));
    if has_filter {
        return Err(ScimFault::new(403, None, "What the service offers cannot be filtered.").into());
    }
    Ok(())
}

fn list(all: Vec<Value>) -> HttpResponse {
    answer(&list_response(all.len() as u64, 1, all))
}

fn answer(body: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type(SCIM_JSON).body(body.to_string())
}
