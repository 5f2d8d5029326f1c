//! Requests to every route: which values replace the braces in its path, and who sends the request.

use crate::{
    harness::{Person, TestApp},
    routes::{Needs::Permission, ROUTES},
};
use actix_web::http::Method;

/// The values for the braces in a path.
#[derive(Clone)]
pub struct Place {
    pub organization: String,
    pub member: String,
    pub account: String,
    pub invitation: String,
    pub team: String,
}

impl Place {
    pub fn fill(&self, path: &str) -> String {
        path.replace("{organization}", &self.organization)
            .replace("system-accounts/{member}", &format!("system-accounts/{}", self.account))
            .replace("{member}", &self.member)
            .replace("{invitation}", &self.invitation)
            .replace("{secret}", "A-secret-that-nobody-was-ever-given-to-0123")
            .replace("{session}", "019cdc1f-d680-7000-8000-000000000000")
            .replace("{batch}", "019cdc1f-d680-7000-8000-000000000001")
            .replace("{role}", "019cdc1f-d680-7000-8000-000000000002")
            .replace("{policy}", "019cdc1f-d680-7000-8000-000000000003")
            .replace("{permission}", "019cdc1f-d680-7000-8000-000000000004")
            .replace("{type}", "019cdc1f-d680-7000-8000-000000000005")
            .replace("{field}", "019cdc1f-d680-7000-8000-000000000012")
            .replace("{passkey}", "00000000-0000-7000-8000-000000000000")
            .replace("{team}", &self.team)
            .replace("{token}", "019cdc1f-d680-7000-8000-000000000003")
            .replace("{identity}", "019cdc1f-d680-7000-8000-000000000009")
            .replace("{arrival}", "A-secret-that-nobody-was-ever-given-to-0123")
            .replace("{test}", "A-secret-that-nobody-was-ever-given-to-0123")
            .replace("{webhook}", "019cdc1f-d680-7000-8000-000000000006")
            .replace("{connection}", "019cdc1f-d680-7000-8000-000000000008")
            .replace("{certificate}", "019cdc1f-d680-7000-8000-000000000011")
            .replace("{key}", "019cdc1f-d680-7000-8000-000000000011")
            .replace("{kind}", "oidc")
            .replace("{domain}", "019cdc1f-d680-7000-8000-000000000010")
            .replace("{delivery}", "019cdc1f-d680-7000-8000-000000000007")
            .replace("{provisioner}", "019cdc1f-d680-7000-8000-000000000012")
            .replace("{call}", "019cdc1f-d680-7000-8000-000000000013")
            .replace("{filter}", "team")
            .replace("{view}", "019cdc1f-d680-7000-8000-000000000014")
            .replace("{request}", "019cdc1f-d680-7000-8000-000000000015")
            .replace("{review}", "019cdc1f-d680-7000-8000-000000000015")
            .replace("{name}", "nothing.css")
    }
}

pub fn inside() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    ROUTES.iter().filter_map(|(method, path, needs)| match needs {
        Permission(permission) => Some((method.parse().expect("a method"), *path, *permission)),
        _ => None,
    })
}

/// One request with a valid CSRF token and no other fields. Bulk actions also say what they do to which kind of member:
/// this is never guessed, and a missing value is 400 for everybody.
pub async fn knock(person: &Person, method: &Method, path: &str) -> crate::harness::Page {
    let token = person.page().attribute("input[name=csrf]", "value").expect("a page with a form");
    let is_post = *method == Method::POST;
    let action = match path.rsplit('/').next() {
        Some("bulk") if !is_post => "?kind=user&act=disable",
        Some("batches") if is_post => "&kind=user&act=disable",
        _ => "",
    };
    let (path, body) = if is_post {
        (path.to_owned(), Some(format!("csrf={token}{action}")))
    } else {
        (format!("{path}{action}"), None)
    };
    person.request(method.clone(), &path, body).await
}

/// An organization with one member and one invited person.
pub async fn prepared() -> (TestApp, Person, Place) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    ada.invite("linus@example.org", "Viewer").await;
    let member = ada.member("Grace Hopper").await;
    let account = ada.create_system_account("deploy-secret", "CI/CD").await;
    ada.get("/users?tab=invited").await;
    let page = ada.open_first_menu().await;
    let form = page.attribute("form[action$='/renewal']", "action").expect("an invitation");
    let team = ada.create_team("Platform").await;
    let place = Place {
        organization: ada.organization().to_string(),
        member,
        team,
        account,
        invitation: form.split('/').nth(4).expect("an id").to_owned(),
    };
    (app, ada, place)
}

/// Counts everything that must not change when a request is refused. An export is allowed, and records an event, so
/// that is left out.
pub fn state(app: &TestApp) -> Vec<i64> {
    [
        "audit_events WHERE action NOT IN ('members.exported', 'member.exported', 'audit.exported')",
        "invitations",
        "links",
        "members WHERE status = 'active'",
        "outbox",
    ]
    .map(|what| app.count(&format!("SELECT count(*) FROM {what}")))
    .into()
}
