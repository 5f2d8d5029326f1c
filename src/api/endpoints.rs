//! The operations of the API. Each one is mounted and described from the same place, so that the route table and the
//! OpenAPI document cannot differ.

use super::Caller;
use crate::{
    kit::{Fault, Permission, Right},
    web::{self, Problem},
};
use actix_web::{
    Error, FromRequest, Handler, HttpMessage, HttpResponse, Responder, Route,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    guard,
    http::{Method, StatusCode},
    middleware::{Next, from_fn},
    web::route,
};
use std::rc::Rc;
use utoipa::{
    __dev::{SchemaReferences, Tags},
    openapi::{
        RefOr,
        path::{HttpMethod, Operation},
        schema::Schema,
    },
};

/// Schemas that an operation mentions, by name.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// POST requests that ask and change nothing: they take no `Idempotency-Key`, since an old answer would be wrong.
const QUESTIONS: [&str; 4] = [
    "/api/v1/authorize",
    "/api/v1/authorize/batch",
    "/api/v1/connections/metadata",
    "/api/v1/introspect",
];

/// Whether a request with this path carries out something once for each `Idempotency-Key`.
pub(super) fn takes_idempotency_key(method: &Method, path: &str) -> bool {
    *method == Method::POST && !QUESTIONS.contains(&path)
}

/// The description of an operation, and the schemas that it mentions.
pub(super) struct Description {
    pub operation: Operation,
    pub schemas: Schemas,
}

impl Description {
    fn of<D: utoipa::Path + SchemaReferences + for<'t> Tags<'t>>() -> Self {
        let mut schemas = Vec::new();
        D::schemas(&mut schemas);
        let mut operation = D::operation();
        operation.tags = Some(D::tags().into_iter().map(str::to_owned).collect());
        Self { operation, schemas }
    }

    pub fn has_body(&self) -> bool {
        self.operation.request_body.is_some()
    }

    /// Whether it has a body or parameters.
    pub fn has_input(&self) -> bool {
        self.has_body() || self.operation.parameters.is_some()
    }
}

/// An operation: how it is described, what it needs and records, and its handler.
pub(super) struct Endpoint {
    pub method: HttpMethod,
    /// The full path, with `{names}` for its parameters.
    pub path: String,
    /// Makes the description. Only the OpenAPI document needs it, so that mounting does not.
    pub describe: fn() -> Description,
    pub needs: Vec<Permission>,
    /// Audit actions that it records.
    pub records: &'static [&'static str],
    /// Codes of the problems with which the operation itself refuses.
    pub refuses: Vec<&'static str>,
    /// Whether it needs no credential.
    pub is_public: bool,
    /// Whether the caller is not authenticated before it, nor counted.
    pub is_outside: bool,
    /// Whether it asks for the version that the caller has read (`If-Match`).
    pub is_versioned: bool,
    route: Route,
}

impl Endpoint {
    /// A handler, described by the type that `utoipa::path` makes beside it (`__path_` and its name).
    pub fn new<D, F, Args>(_: D, handler: F) -> Self
    where
        D: utoipa::Path + SchemaReferences + for<'t> Tags<'t>,
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let method = D::methods().into_iter().next().unwrap_or(HttpMethod::Get);
        Self {
            route: on(&method).to(handler),
            path: D::path(),
            describe: Description::of::<D>,
            method,
            needs: vec![],
            records: &[],
            refuses: vec![],
            is_public: false,
            is_outside: false,
            is_versioned: false,
        }
    }

    /// The caller needs this right over the whole organization.
    pub fn needs(self, right: Right) -> Self {
        self.needs_one_of(&[right.over_all()])
    }

    /// The caller needs this right over everybody, or over the people of the teams that they administer.
    pub fn needs_over_teams(self, right: Right) -> Self {
        self.needs_one_of(&[right.over_all(), right.over_teams()])
    }

    /// The caller needs one of these permissions.
    pub fn needs_one_of(self, needs: &[Permission]) -> Self {
        Self { needs: needs.to_vec(), ..self }
    }

    /// The audit actions that it records.
    pub fn records(self, records: &'static [&'static str]) -> Self {
        Self { records, ..self }
    }

    /// The codes of the problems with which it refuses, besides those that every operation of its kind has.
    pub fn refuses(mut self, codes: &[&'static str]) -> Self {
        self.refuses.extend(codes);
        self
    }

    /// It needs no credential.
    pub fn public(self) -> Self {
        Self { is_public: true, is_outside: true, ..self }
    }

    /// It reads the credential itself.
    pub fn authenticates_itself(self) -> Self {
        Self { is_outside: true, ..self }
    }

    /// It asks for the version that the caller has read.
    pub fn versioned(self) -> Self {
        Self { is_versioned: true, ..self }
    }

    /// The method in capitals.
    pub fn method_name(&self) -> &'static str {
        match self.method {
            HttpMethod::Get => "GET",
            HttpMethod::Post => "POST",
            HttpMethod::Put => "PUT",
            HttpMethod::Patch => "PATCH",
            _ => "DELETE",
        }
    }

    /// Whether it is carried out once for each `Idempotency-Key`.
    pub fn takes_idempotency_key(&self) -> bool {
        !self.is_public && self.method == HttpMethod::Post && !QUESTIONS.contains(&self.path.as_str())
    }

    /// The route, which asks for the permissions first.
    fn mounted(self) -> Route {
        let needs: Rc<[Permission]> = self.needs.into();
        self.route.wrap(from_fn(move |req, next| demand(needs.clone(), req, next)))
    }
}

fn on(method: &HttpMethod) -> Route {
    match method {
        HttpMethod::Get => route().guard(guard::Any(guard::Get()).or(guard::Head())),
        HttpMethod::Post => route().guard(guard::Post()),
        HttpMethod::Put => route().guard(guard::Put()),
        HttpMethod::Patch => route().guard(guard::Patch()),
        _ => route().guard(guard::Delete()),
    }
}

/// Mounts one resource for each path, which answers other methods with 405 and the allowed ones.
pub(super) fn mount(endpoints: impl Iterator<Item = Endpoint>, app: &mut web::Routes) {
    let mut by_path: Vec<(String, Vec<Endpoint>)> = Vec::new();
    for endpoint in endpoints {
        match by_path.iter_mut().find(|(path, _)| *path == endpoint.path) {
            Some((_, known)) => known.push(endpoint),
            None => by_path.push((endpoint.path.clone(), vec![endpoint])),
        }
    }
    for (path, endpoints) in by_path {
        let allow = allowed(&endpoints);
        let mounted = web::resource(path);
        let mounted = endpoints.into_iter().fold(mounted, |mounted, endpoint| mounted.route(endpoint.mounted()));
        app.service(mounted.otherwise(route().to(move || {
            let allow = allow.clone();
            async move { Err::<HttpResponse, _>(wrong_method(allow)) }
        })));
    }
}

/// Refuses a caller who has none of the permissions that the description names, before anything of the request is read.
/// The operation asks again.
async fn demand<B: MessageBody + 'static>(
    needs: Rc<[Permission]>,
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let lacks = |caller: &Caller| !needs.iter().any(|wanted| caller.scope.permissions.allow(wanted));
    let is_refused = !needs.is_empty() && req.extensions().get::<Caller>().is_some_and(lacks);
    if let Some(first) = needs.first().filter(|_| is_refused) {
        return Ok(req.error_response(web::Error::from(Fault::Denied(first.clone()))));
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

/// The value of `Allow`.
fn allowed(endpoints: &[Endpoint]) -> String {
    let names = endpoints.iter().map(|endpoint| match endpoint.method_name() {
        "GET" => "GET, HEAD",
        name => name,
    });
    names.collect::<Vec<_>>().join(", ")
}

fn wrong_method(allow: String) -> web::Error {
    let detail = format!("The address exists, but only for {allow}.");
    Problem {
        allow: Some(allow),
        ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this method", detail)
    }
    .into()
}
