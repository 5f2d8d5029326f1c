//! Every route, held against the table of what each needs. A route that is not in the table fails the first test.

use crate::{
    harness::{House, Person, assert_none, mounted},
    route_table::{
        Needs::{Credential, Nothing, Permission, SignIn},
        ROUTES,
    },
};
use actix_web::http::Method;
use std::collections::BTreeSet;

/// What stands for the braces in a path.
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
            .replace("{passkey}", "00000000-0000-7000-8000-000000000000")
            .replace("{team}", &self.team)
            .replace("{token}", "019cdc1f-d680-7000-8000-000000000003")
            .replace("{name}", "nothing.css")
    }
}

pub fn inside() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    ROUTES.iter().filter_map(|(method, path, needs)| match needs {
        Permission(permission) => Some((method.parse().expect("a method"), *path, *permission)),
        _ => None,
    })
}

/// One request with a good token and nothing else in its form.
pub async fn knock(person: &Person, method: &Method, path: &str) -> crate::harness::Page {
    let token = person.page().attribute("input[name=csrf]", "value").expect("a page with a form");
    let body = (*method == Method::POST).then(|| format!("csrf={token}"));
    person.request(method.clone(), path, body).await
}

/// An organization with somebody in it and somebody invited.
pub async fn furnished() -> (House, Person, Place) {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    ada.invite("linus@example.org", "Viewer").await;
    let member = ada.member("Grace Hopper").await;
    let account = ada.create_system_account("deploy-secret", "CI/CD").await;
    let page = ada.get("/users?tab=invited").await;
    let form = page.attribute("form[action$='/renewal']", "action").expect("an invitation");
    let team = ada.create_team("Platform").await;
    let place = Place {
        organization: ada.organization().to_string(),
        member,
        team,
        account,
        invitation: form.split('/').nth(4).expect("an id").to_owned(),
    };
    (house, ada, place)
}

/// Everything that must not move when somebody is refused. Whoever takes along what they may see leaves a trace.
pub fn state(house: &House) -> Vec<i64> {
    [
        "audit_events WHERE action <> 'members.exported'",
        "invitations",
        "links",
        "members WHERE status = 'active'",
        "outbox",
    ]
    .map(|what| house.count(&format!("SELECT count(*) FROM {what}")))
    .into()
}

#[test]
fn every_route_is_in_the_table() {
    let known: BTreeSet<(String, String)> = ROUTES.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    assert_eq!(known.len(), ROUTES.len(), "a route stands twice");
    assert_eq!(mounted(), known);
}

#[actix_web::test]
async fn visitors_are_answered_where_the_door_is_open_and_asked_to_sign_in_elsewhere() {
    let (house, _, place) = furnished().await;
    let before = state(&house);
    let mut wrong = Vec::new();
    for (method, path, needs) in ROUTES {
        let visitor = house.visitor();
        visitor.get("/sign-in").await;
        let page = knock(&visitor, &method.parse().expect("a method"), &place.fill(path)).await;
        let to = page.went.first().cloned().unwrap_or_default();
        let is_right = match needs {
            Nothing(status) => page.status == *status,
            Credential => page.status == 401,
            SignIn | Permission(_) => page.status == 303 && to.starts_with("/sign-in"),
        };
        if !is_right {
            wrong.push(format!("{method} {path} answered {} {to}, needs {needs:?}", page.status));
        }
    }
    assert_none("visitors", wrong);
    assert_eq!(state(&house), before);
}

#[actix_web::test]
async fn visitors_do_not_learn_what_exists() {
    let (house, _, place) = furnished().await;
    let nowhere = Place {
        organization: uuid::Uuid::nil().to_string(),
        member: uuid::Uuid::nil().to_string(),
        team: "019cdc1f-d680-7000-8000-000000000002".into(),
        account: uuid::Uuid::nil().to_string(),
        invitation: uuid::Uuid::nil().to_string(),
    };
    for (method, path, _) in inside() {
        let visitor = house.visitor();
        visitor.get("/sign-in").await;
        let there = knock(&visitor, &method, &place.fill(path)).await;
        let not_there = knock(&visitor, &method, &nowhere.fill(path)).await;
        assert_eq!(there.status, not_there.status, "{method} {path}");
        assert_eq!(there.body.len(), not_there.body.len(), "{method} {path}");
    }
}
