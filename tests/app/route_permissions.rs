//! Every route, tried without permission, with ids that do not exist, and with methods it does not offer.

use crate::{
    harness::assert_none,
    routes::{Needs, Place, ROUTES, inside, knock, prepared, state},
};
use actix_web::http::Method;
use std::collections::BTreeSet;

#[actix_web::test]
async fn members_without_the_permission_are_told_which_it_is() {
    let (app, ada, place) = prepared().await;
    const VIEWER: &[&str] = &["user:read:*", "team:read:*"];
    const USER: &[&str] = &[
        "user:read:*",
        "team:read:*",
        "system_account:read:*",
        "role:read:*",
        "policy:read:*",
    ];
    for (role, held) in [("Viewer", VIEWER), ("User", USER)] {
        let person = ada.welcome(&format!("Some {role}"), role).await;
        let before = state(&app);
        let mut wrong = Vec::new();
        for (method, path, permission) in inside() {
            person.get("/users").await;
            let page = knock(&person, &method, &place.fill(path)).await;
            let is_right = match permission {
                // A file answers a question, and none is asked.
                permission if held.contains(&permission) && path.ends_with("/who/export") => page.status == 400,
                // A view needs a name, and the form is empty.
                permission if held.contains(&permission) && path.ends_with("/views") => matches!(page.status, 200 | 422),
                permission if held.contains(&permission) => matches!(page.status, 200 | 303 | 404),
                // The form is empty, so it may be incomplete or name nothing. The role User holds this permission, but
                // nobody has API access unless an administrator turns it on.
                "token:manage:own" if *role == *"User" => matches!(page.status, 200 | 303 | 400 | 404),
                // The default role holds these.
                "system_account:read:*" | "system_account:manage:team" if role == "User" => matches!(page.status, 200 | 303 | 404),
                "system_account:manage:team" => {
                    page.status == 403 && ["user:manage", "system_account:manage"].iter().any(|it| page.text().contains(it))
                }
                "own" => matches!(page.status, 200 | 303 | 404 | 422),
                _ => page.status == 403 && page.text().contains(permission.trim_end_matches(":*")),
            };
            if !is_right {
                wrong.push(format!("{method} {path} answered a {role} with {}: {}", page.status, page.text()));
            }
        }
        assert_none("without permission", wrong);
        assert_eq!(state(&app), before);
    }
}

#[actix_web::test]
async fn administrators_of_another_organization_find_nothing() {
    let (app, ada, place) = prepared().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let own = Place { organization: mallory.organization().to_string(), ..place.clone() };
    let before = state(&app);
    let mut wrong = Vec::new();
    for (method, path, _) in inside() {
        // The other organization by its own path, and its members by a path of the caller's organization.
        for place in [&place, &own] {
            let is_own_list = place.organization == own.organization && !path.contains("{member}") && !path.contains("{invitation}");
            if is_own_list {
                continue;
            }
            mallory.get("/users").await;
            let page = knock(&mallory, &method, &place.fill(path)).await;
            if page.status != 404 {
                wrong.push(format!("{method} {} answered {}", place.fill(path), page.status));
            }
            for secret in ["Analytical Engines", "Grace Hopper", "linus@example.org", "deploy-secret"] {
                assert!(!page.body.contains(secret), "{method} {path} shows {secret}");
            }
        }
    }
    assert_none("another organization", wrong);
    assert_eq!(state(&app), before);
    ada.get("/users").await.assert_sees("Grace Hopper");
}

#[actix_web::test]
async fn ids_of_nothing_and_ids_that_are_none_lead_nowhere() {
    let (app, ada, place) = prepared().await;
    let before = state(&app);
    let long = "9".repeat(4000);
    let odd = [
        "00000000-0000-0000-0000-000000000000",
        "1",
        "'--",
        "%00",
        "%2e%2e",
        "%F0%9F%92%A9",
        long.as_str(),
    ];
    let mut wrong = Vec::new();
    for (method, path, _) in inside() {
        for odd in odd {
            for brace in ["{organization}", "{member}", "{invitation}", "{session}", "{token}"]
                .into_iter()
                .filter(|brace| path.contains(brace))
            {
                let page = knock(&ada, &method, &place.fill(&path.replace(brace, odd))).await;
                if page.status != 404 {
                    wrong.push(format!("{method} {path} with {odd:.40} answered {}", page.status));
                }
            }
        }
    }
    assert_none("garbled ids", wrong);
    assert_eq!(state(&app), before);
}

#[actix_web::test]
async fn whoever_may_not_be_here_any_more_is_led_to_the_door() {
    let (app, ada, place) = prepared().await;
    let disabled = ada.welcome("Dis Abled", "User").await;
    disabled.get("/users").await.assert_status(200);
    ada.disable("Dis Abled").await.assert_status(200);
    let temporary = ada.welcome("Tem Porary", "User").await;
    temporary.get("/users").await.assert_status(200);
    app.execute(
        "UPDATE passwords SET temporary_until = changed_at WHERE user_id = (SELECT user_id FROM members WHERE name = 'Tem Porary')",
    );
    let before = state(&app);
    for (method, path, _) in inside() {
        for (person, visitor) in [(&disabled, "/sign-in"), (&temporary, "/password/change")] {
            let page = knock(person, &method, &place.fill(path)).await;
            assert_eq!(page.status, 303, "{method} {path}");
            assert!(page.went[0].starts_with(visitor), "{method} {path} leads to {}", page.went[0]);
            assert!(!page.body.contains("Grace Hopper"), "{method} {path}");
        }
    }
    assert_eq!(state(&app), before);
}

#[actix_web::test]
async fn routes_answer_their_own_methods_only() {
    let (app, ada, place) = prepared().await;
    let token = ada.get("/users").await.attribute("input[name=csrf]", "value").expect("a token");
    let before = state(&app);
    let mut wrong = Vec::new();
    let paths: BTreeSet<&str> = ROUTES.iter().map(|(_, path, _)| *path).collect();
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"] {
            if ROUTES.iter().any(|(m, p, _)| *m == method && *p == path) {
                continue;
            }
            let body = (method != "GET").then(|| format!("csrf={token}"));
            let page = ada.request(method.parse().expect("a method"), &place.fill(path), body).await;
            // A program without a credential does not learn which methods exist.
            let is_of_programs = ROUTES.iter().any(|(_, p, needs)| *p == path && *needs == Needs::Credential);
            if page.status != 405 && !(is_of_programs && page.status == 401) {
                wrong.push(format!("{method} {path} answered {}", page.status));
            }
        }
    }
    assert_none("wrong methods", wrong);
    assert_eq!(state(&app), before);
}

#[actix_web::test]
async fn nothing_is_posted_without_the_token_of_a_page() {
    let (app, ada, place) = prepared().await;
    let stranger = app.visitor();
    stranger.get("/sign-in").await;
    let of_another = stranger.page().attribute("input[name=csrf]", "value").expect("a token");
    let before = state(&app);
    // Programs send no cookie, so cross-site request forgery is not possible there.
    // Neither do the servers of identity providers; what is signed is all that counts there.
    let of_providers = ["/sso/{connection}/logout", "/sso/saml/{connection}/acs"];
    let of_pages = |(method, path, _): &&(&str, &str, Needs)| {
        *method == "POST" && !path.starts_with("/api/") && !path.starts_with("/scim/") && !of_providers.contains(path)
    };
    for (_, path, _) in ROUTES.iter().filter(of_pages) {
        let fresh = ada.get("/users").await.attribute("input[name=csrf]", "value").expect("a token");
        for body in [
            String::new(),
            "csrf=".into(),
            format!("csrf={of_another}"),
            format!("csrf={fresh}&csrf={fresh}"),
        ] {
            let page = ada.request(Method::POST, &place.fill(path), Some(body.clone())).await;
            assert_eq!(page.status, 403, "{path} with {body}: {}", page.text());
        }
    }
    assert_eq!(state(&app), before);
    ada.get("/users").await.assert_sees("Grace Hopper");
}

#[actix_web::test]
async fn pages_answer_head_without_a_body() {
    let (_app, ada, place) = prepared().await;
    for (method, path, needs) in ROUTES.iter().filter(|(method, ..)| *method == "GET") {
        let path = place.fill(path);
        let get = ada.request(Method::GET, &path, None).await;
        let head = ada.request(Method::HEAD, &path, None).await;
        assert_eq!(head.status, get.status, "{method} {path} {needs:?}");
    }
}
