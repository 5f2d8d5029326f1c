//! The OpenAPI document: it names every route, and what it says of permissions, problems and audit actions is so.

use crate::{
    harness::{TestApp, assert_none, files},
    routes::{Needs, ROUTES},
};
use roster::api::problem_kinds;
use serde_json::Value;
use std::collections::BTreeSet;

async fn document(app: &TestApp) -> Value {
    app.program().get("/api/v1/openapi.json").await.json()
}

/// Every operation: method, path and its description.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &'_ Value)| (path.clone(), item.as_object().expect("operations").clone());
    let mut all = Vec::new();
    for (path, item) in paths.iter().map(of) {
        for method in item.keys() {
            all.push((method.to_uppercase(), path.clone(), &document["paths"][&path][method]));
        }
    }
    all
}

#[actix_web::test]
async fn the_document_names_every_route_and_no_other() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let mounted: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path, _)| path.starts_with("/api/v1/"))
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, mounted);
}

#[actix_web::test]
async fn every_operation_is_described_completely() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let here = format!("{method} {path}");
        if !operation["operationId"].as_str().is_some_and(|id| ids.insert(id.to_owned())) {
            wrong.push(format!("{here}: no operationId of its own"));
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) || operation["tags"][0].as_str().is_none() {
            wrong.push(format!("{here}: no summary or tag"));
        }
        for (status, response) in operation["responses"].as_object().expect("responses") {
            if response["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
                wrong.push(format!("{here}: {status} is not described"));
            }
        }
        let is_needed = ROUTES
            .iter()
            .any(|(m, p, needs)| (*m, *p) == (method.as_str(), path.as_str()) && *needs == Needs::Credential);
        if is_needed == operation["security"].as_array().is_none_or(Vec::is_empty) {
            wrong.push(format!("{here}: security is not as the route table says"));
        }
        let known = |action: &Value| roster::audit::words::ALL.iter().any(|words| *action == words.action);
        let actions = operation["x-roster-audit-actions"].as_array().expect("audit actions");
        wrong.extend(
            actions
                .iter()
                .filter(|action| !known(action))
                .map(|action| format!("{here}: {action} is no audit action")),
        );
        let is_write = method != "GET" && is_needed;
        let answers_only = [
            "/api/v1/authorize",
            "/api/v1/authorize/batch",
            "/api/v1/connections/metadata",
            "/api/v1/introspect",
            "/api/v1/batches/{id}/end",
        ];
        if is_write && actions.is_empty() && !answers_only.contains(&path.as_str()) {
            wrong.push(format!("{here}: writes, and names no audit action"));
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        if document["components"]["schemas"].get(name).is_none() {
            wrong.push(format!("{name} is not described"));
        }
    }
    assert_none("the description of the API", wrong);
}

#[actix_web::test]
async fn who_has_no_permission_is_told_which_one_the_document_names() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Nothing", &["contract:read:*"]);
    let program = app.program_as(&ada, "nothing", "Nothing").await;
    let document = document(&app).await;
    let mut wrong = Vec::new();
    for (method, path, operation) in operations(&document) {
        let needs = operation["x-roster-permissions"].as_array().expect("permissions");
        if needs.is_empty() {
            continue;
        }
        let ids = path.split('/').map(|part| {
            if part.starts_with('{') {
                "019cdc1f-d680-7000-8000-000000000000"
            } else {
                part
            }
        });
        let filled = ids.collect::<Vec<_>>().join("/");
        let answer = program.ask(method.parse().expect("a method"), &filled, None).await;
        let problem = answer.body();
        if answer.0.status != 403 || problem["permission"] != needs[0] {
            wrong.push(format!("{method} {path}: {} {problem}", answer.0.status));
        }
    }
    assert_none("permissions", wrong);
}

#[test]
fn every_kind_of_problem_is_explained_and_used() {
    let mut used = BTreeSet::new();
    for file in files("src", ".rs") {
        let code = file.code();
        if file.path == "src/api/problem_kinds.rs" {
            continue;
        }
        for text in code.split('"').skip(1).step_by(2) {
            if problem_kinds::find(text).is_some() {
                used.insert(text.to_owned());
            }
        }
    }
    let known: BTreeSet<String> = problem_kinds::ALL.iter().map(|kind| kind.code.to_owned()).collect();
    assert_eq!(used, known);
    assert!(problem_kinds::ALL.is_sorted_by_key(|kind| kind.code));
    assert!(problem_kinds::ALL.iter().all(|kind| kind.meaning.ends_with('.')));
}
