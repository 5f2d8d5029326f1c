//! Finds the handlers of a path. Actix would compare the path with the regular expression of each resource in turn, and keep
//! all the expressions in every worker. Here a tree finds the resource, and its expression is compiled when it is first used.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse, Route,
    dev::{AppService, HttpServiceFactory, ResourceDef, Service, ServiceFactory, ServiceRequest, ServiceResponse, always_ready},
    guard::{self, Guard},
    web,
};
use futures_util::future::{LocalBoxFuture, try_join_all};
use std::{
    cell::OnceCell,
    collections::HashMap,
    rc::Rc,
    sync::{LazyLock, Mutex, PoisonError},
};

/// Paths with their handlers, as modules mount them.
pub struct Resource {
    patterns: Vec<String>,
    routes: Vec<Route>,
    otherwise: Route,
}

/// One path such as `/o/{organization}/users`, or several with the same handlers. `{rest:.*}` at the end takes any rest.
pub fn resource(paths: impl Into<Paths>) -> Resource {
    Resource {
        patterns: paths.into().0,
        routes: Vec::new(),
        otherwise: web::route().to(|| async { HttpResponse::MethodNotAllowed().finish() }),
    }
}

impl Resource {
    /// Adds a handler. The first one whose method is that of the request answers.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }
    /// What answers other methods. Without it the answer is 405.
    pub fn otherwise(self, otherwise: Route) -> Self {
        Self { otherwise, ..self }
    }
}

/// See [`resource`].
pub struct Paths(Vec<String>);

impl From<&str> for Paths {
    fn from(path: &str) -> Self {
        Self(vec![path.to_owned()])
    }
}
impl From<String> for Paths {
    fn from(path: String) -> Self {
        Self(vec![path])
    }
}
impl<const N: usize> From<[&str; N]> for Paths {
    fn from(paths: [&str; N]) -> Self {
        Self(paths.map(str::to_owned).into())
    }
}

/// The resources of a part of the app. A fixed segment goes before a parameter at the same place.
pub struct Routes {
    /// The scope that they are in, which their patterns begin with.
    prefix: &'static str,
    tree: Tree,
    /// The resources of one path only, by their pattern. One of several paths gets no more methods: the others would too.
    alone: HashMap<String, usize>,
    /// The handlers of each resource, and what answers other methods.
    resources: Vec<(Vec<Route>, Route)>,
    missing: Option<Route>,
}

type Tree = matchit::Router<Rc<Place>>;

struct Place {
    pattern: Rc<str>,
    /// The pattern within the scope.
    path: String,
    definition: OnceCell<ResourceDef>,
    resource: usize,
}

impl Routes {
    /// The resources that `mount` adds. Other paths are left to what is mounted after them.
    pub fn of(mount: impl FnOnce(&mut Self)) -> Self {
        Self::in_scope("", mount)
    }
    /// Those of a scope with this prefix.
    pub fn in_scope(prefix: &'static str, mount: impl FnOnce(&mut Self)) -> Self {
        let mut routes = Self {
            prefix,
            tree: Tree::new(),
            alone: HashMap::new(),
            resources: Vec::new(),
            missing: None,
        };
        mount(&mut routes);
        routes
    }
    /// Adds a resource. Two modules may mount different methods of the same path.
    pub fn service(&mut self, resource: Resource) {
        if let [one] = &resource.patterns[..] {
            if let Some(known) = self.alone.get(one) {
                self.resources[*known].0.extend(resource.routes);
                return;
            }
            self.alone.insert(one.clone(), self.resources.len());
        }
        for pattern in resource.patterns {
            let place = Rc::new(Place {
                pattern: pattern.as_str().into(),
                path: pattern.strip_prefix(self.prefix).unwrap_or(&pattern).to_owned(),
                definition: OnceCell::new(),
                resource: self.resources.len(),
            });
            for path in paths_in_tree(&place.path) {
                let mounted = self.tree.insert(path, place.clone());
                mounted.unwrap_or_else(|why| panic!("{pattern} cannot be mounted: {why}"));
            }
        }
        self.resources.push((resource.routes, resource.otherwise));
    }
    /// Answers all other paths with this.
    pub fn otherwise(self, missing: Route) -> Self {
        Self { missing: Some(missing), ..self }
    }
}

impl HttpServiceFactory for Routes {
    fn register(self, config: &mut AppService) {
        let tree = Rc::new(self.tree);
        let guards = self.missing.is_none().then(|| -> Vec<Box<dyn Guard>> {
            let tree = tree.clone();
            vec![Box::new(guard::fn_guard(move |asked| tree.at(asked.head().uri.path()).is_ok()))]
        });
        let factory = RouterFactory {
            tree,
            resources: self.resources,
            missing: self.missing.unwrap_or_else(|| web::route().to(|| async { HttpResponse::NotFound().finish() })),
        };
        config.register_service(ResourceDef::prefix(""), guards, factory, None);
    }
}

struct RouterFactory {
    tree: Rc<Tree>,
    resources: Vec<(Vec<Route>, Route)>,
    missing: Route,
}

impl ServiceFactory<ServiceRequest> for RouterFactory {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Router;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Router, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let resources = try_join_all(self.resources.iter().map(|(routes, otherwise)| {
            let otherwise = otherwise.new_service(());
            let routes = try_join_all(routes.iter().map(|route| route.new_service(())));
            async move { Ok((routes.await?, otherwise.await?)) }
        }));
        let (tree, missing) = (self.tree.clone(), self.missing.new_service(()));
        Box::pin(async move { Ok(Router { tree, resources: resources.await?, missing: missing.await? }) })
    }
}

type Handler = <Route as ServiceFactory<ServiceRequest>>::Service;

/// The routes of one worker.
struct Router {
    tree: Rc<Tree>,
    resources: Vec<(Vec<Handler>, Handler)>,
    missing: Handler,
}

impl Service<ServiceRequest> for Router {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    always_ready!();

    fn call(&self, mut req: ServiceRequest) -> Self::Future {
        self.handler(&mut req).call(req)
    }
}

impl Router {
    fn handler(&self, req: &mut ServiceRequest) -> &Handler {
        let Ok(found) = self.tree.at(req.match_info().unprocessed()) else {
            return &self.missing;
        };
        let place = found.value.clone();
        let definition = place.definition.get_or_init(|| definition(&place.path));
        // Sets the parameters that handlers read.
        if !definition.capture_match_info(req.match_info_mut()) {
            return &self.missing;
        }
        req.extensions_mut().insert(Matched(place.pattern.clone()));
        let (routes, otherwise) = &self.resources[place.resource];
        routes.iter().find(|route| route.check(req)).unwrap_or(otherwise)
    }
}

/// How the tree writes a pattern. A rest may be empty, which takes a path of its own there.
fn paths_in_tree(path: &str) -> Vec<String> {
    match path.strip_suffix(":.*}").and_then(|front| front.rsplit_once('{')) {
        Some((front, name)) => vec![front.to_owned(), format!("{front}{{*{name}}}")],
        None => vec![path.to_owned()],
    }
}

/// Compiled once for all workers.
fn definition(path: &str) -> ResourceDef {
    static COMPILED: LazyLock<Mutex<HashMap<String, ResourceDef>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry(path.to_owned()).or_insert_with(|| ResourceDef::new(path)).clone()
}

struct Matched(Rc<str>);

/// The pattern of the path, such as `/o/{organization}/users`.
pub fn matched_pattern(req: &HttpRequest) -> Option<Rc<str>> {
    req.extensions().get::<Matched>().map(|matched| matched.0.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, body::to_bytes, http::Method, test};

    /// Answers with its name, the pattern of the path, and the parameters.
    fn says(name: &'static str) -> Route {
        web::route().to(move |req: HttpRequest| async move {
            let parameters: Vec<String> = req.match_info().iter().map(|(name, value)| format!("{name}={value}")).collect();
            let pattern = matched_pattern(&req).unwrap_or_else(|| "none".into());
            format!("{name} {pattern} {}", parameters.join(" ")).trim_end().to_owned()
        })
    }

    fn first(app: &mut Routes) {
        app.service(resource("/health").route(says("health")));
        app.service(resource("/sso/saml/{connection}/acs").route(says("acs").method(Method::POST)));
    }

    fn second(app: &mut Routes) {
        app.service(resource("/o/{organization}/users/{member}").route(says("member")));
        app.service(resource("/o/{organization}/users/new").route(says("new").method(Method::GET)));
        app.service(resource("/o/{organization}/users").route(says("list").method(Method::GET)));
        app.service(resource("/o/{organization}/users").route(says("insert").method(Method::POST)));
        app.service(resource(["/o/{organization}/a", "/o/{organization}/b"]).route(says("both")));
        app.service(resource("/sso/{connection}/start").route(says("start")));
        app.service(resource("/o/{organization}/{rest:.*}").route(says("rest")));
    }

    #[actix_web::test]
    async fn each_path_finds_its_handlers() {
        let api = |app: &mut Routes| app.service(resource("/api/v1/users/{id}").route(says("user")));
        let api = Routes::in_scope("/api/v1", api).otherwise(says("unknown"));
        let app = App::new()
            .service(Routes::of(first))
            .service(web::scope("/api/v1").service(api))
            .service(web::scope("").service(Routes::of(second)));
        let app = test::init_service(app).await;
        for (method, path, status, answer) in [
            ("GET", "/health", 200, "health /health"),
            ("POST", "/sso/saml/7/acs", 200, "acs /sso/saml/{connection}/acs connection=7"),
            ("GET", "/sso/saml/7/acs", 405, ""),
            ("GET", "/sso/saml/start", 200, "start /sso/{connection}/start connection=saml"),
            ("GET", "/api/v1/users/9", 200, "user /api/v1/users/{id} id=9"),
            ("GET", "/api/v1/users", 200, "unknown none"),
            ("GET", "/api/v1", 200, "unknown none"),
            ("GET", "/o/1/users", 200, "list /o/{organization}/users organization=1"),
            ("POST", "/o/1/users", 200, "insert /o/{organization}/users organization=1"),
            ("DELETE", "/o/1/users", 405, ""),
            ("GET", "/o/1/users/new", 200, "new /o/{organization}/users/new organization=1"),
            ("POST", "/o/1/users/new", 405, ""),
            (
                "GET",
                "/o/1/users/new%20er",
                200,
                "member /o/{organization}/users/{member} organization=1 member=new er",
            ),
            (
                "GET",
                "/o/1/users/a%2Fb",
                200,
                "member /o/{organization}/users/{member} organization=1 member=a%2Fb",
            ),
            ("GET", "/o/1/a", 200, "both /o/{organization}/a organization=1"),
            ("GET", "/o/1/b", 200, "both /o/{organization}/b organization=1"),
            ("GET", "/o/1/x/y", 200, "rest /o/{organization}/{rest:.*} organization=1 rest=x/y"),
            ("GET", "/o/1/", 200, "rest /o/{organization}/{rest:.*} organization=1 rest="),
            ("GET", "/o/1", 404, ""),
            ("GET", "/", 404, ""),
        ] {
            let request = test::TestRequest::with_uri(path).method(method.parse().unwrap()).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status().as_u16(), status, "{method} {path}");
            let body = to_bytes(response.into_body()).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&body), answer, "{method} {path}");
        }
    }
}
