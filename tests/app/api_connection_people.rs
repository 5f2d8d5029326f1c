//! People of connections in the API: who is left without a way in, who was deleted, and their identities.

use crate::{
    api_connections::{CONNECTIONS, app, complete, enabled, page, path},
    harness::{connections::provider, user_creation::audited},
};
use serde_json::{Value, json};

#[actix_web::test]
async fn a_dry_run_names_who_is_left_out_and_changes_nothing_and_the_end_ends_sessions() {
    let (app, ada, root) = app().await;
    let rehearsed = complete("Acme", &provider());
    root.send("POST", &format!("{CONNECTIONS}?dry_run=true"), &rehearsed).await.json_of(201);
    assert_eq!(app.count("SELECT count(*) FROM connections"), 0);
    let made = enabled(&root, "Acme").await;
    let one = path(&made);
    let gate = app.program_with(&ada, "Gate", &["connection:manage:*"]).await;
    let mut people = Vec::new();
    for name in ["Grace", "Linus", "Vera"] {
        people.push(ada.welcome(name, "User").await);
    }
    for name in ["Ada", "Grace", "Linus"] {
        app.link_identity(&page(&made), name);
    }
    app.keep_only_password_of("Ada");
    app.carry_sessions_over("Acme");
    people[0].get("/me").await.assert_status(200);
    let before = root.get(&one).await.json();
    assert_eq!(before["connected_people"], 3);
    let events = app.count("SELECT count(*) FROM audit_events");
    let disablement = format!("{one}/disablement");
    let told = root.send("PUT", &format!("{disablement}?dry_run=true"), &json!({})).await.json();
    let names: Vec<&str> = told["left_without"]["first"]
        .as_array()
        .expect("people")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!((names, &told["left_without"]["total"]), (vec!["Grace", "Linus"], &json!(2)));
    assert_eq!(root.delete(&format!("{one}?dry_run=true")).await.json(), told);
    let any = root.clone().with("if-match", "*");
    any.send("PATCH", &format!("{one}?dry_run=true"), &json!({ "name": "x" })).await.json();
    assert_eq!((root.get(&one).await.json(), app.count("SELECT count(*) FROM audit_events")), (before, events));
    // A caller who does not see people gets their number.
    let counted = gate.send("PUT", &format!("{disablement}?dry_run=true"), &json!({})).await.json();
    assert_eq!(counted["left_without"], json!({ "total": 2, "first": [] }));

    let disabled = root.send("PUT", &disablement, &json!({})).await.json();
    assert_eq!((disabled, &root.get(&one).await.json()["status"]), (told, &json!("disabled")));
    assert!(people[0].get("/me").await.path.starts_with("/sign-in"));
    assert_eq!(root.send("PUT", &disablement, &json!({})).await.json()["left_without"]["total"], 0);
    root.delete(&disablement).await.assert_status(204);
    root.delete(&one).await.json();
    assert_eq!(
        app.count("SELECT count(*) FROM identities") + app.count("SELECT count(*) FROM sessions WHERE identity_id IS NOT NULL"),
        0
    );
    assert!(people[1].get("/me").await.path.starts_with("/sign-in"));
}

#[actix_web::test]
async fn the_last_administrator_keeps_a_way_in_and_identities_are_disconnected() {
    let (app, ada, root) = app().await;
    let made = enabled(&root, "Acme").await;
    let one = path(&made);
    let member = ada.member("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    for name in ["Ada", "Grace"] {
        app.link_identity(&page(&made), name);
    }
    let helper = app.program_with(&ada, "Helper", &["user:manage:*"]).await;
    app.keep_only_password_of("nobody");
    for dry_run in ["", "?dry_run=true"] {
        root.delete(&format!("{one}{dry_run}")).await.assert_problem(422, "last-administrator");
        let place = format!("{one}/disablement{dry_run}");
        root.send("PUT", &place, &json!({})).await.assert_problem(422, "last-administrator");
    }
    let of = |member: &str| format!("/api/v1/users/{member}/identities");
    let listed = root.get(&of(&grace)).await.json();
    let identity = &listed["data"][0];
    assert_eq!((&identity["connection_name"], &identity["subject"]), (&json!("Acme"), &json!("subject of Grace")));
    assert_eq!((&identity["connection_id"], &identity["linked_how"]), (&made["id"], &json!("self")));
    let graces = format!("{}/{}", of(&grace), identity["id"].as_str().expect("an id"));
    let own = root.get(&of(&member)).await.json();
    let adas = format!("{}/{}", of(&member), own["data"][0]["id"].as_str().expect("an id"));
    root.delete(&adas).await.assert_problem(422, "last-administrator");
    // An identity is found below its own person only.
    let crossed = format!("{}/{}", of(&member), identity["id"].as_str().expect("an id"));
    root.delete(&crossed).await.assert_problem(404, "not-found");
    helper.delete(&adas).await.assert_problem(403, "beyond-your-permissions");
    root.delete(&format!("{graces}?dry_run=true")).await.assert_status(204);
    assert_eq!(root.get(&of(&grace)).await.json()["data"].as_array().map(Vec::len), Some(1));
    root.delete(&graces).await.assert_status(204);
    root.delete(&graces).await.assert_problem(404, "not-found");
    assert_eq!(root.get(&of(&grace)).await.json()["data"], json!([]));
    assert_eq!(audited(&app, "identity.unlinked"), 1);
    let account = app.machine(ada.organization(), "Robot", "Viewer");
    root.get(&of(&account.to_string())).await.assert_problem(404, "not-found");
}

#[actix_web::test]
async fn a_deleted_person_is_readmitted_and_the_requirement_is_read() {
    let (app, ada, root) = app().await;
    let made = enabled(&root, "Acme").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    app.link_identity(&page(&made), "Grace");
    let state = root.get("/api/v1/single_sign_on").await.json();
    assert_eq!((&state["required_from"], &state["is_in_force"]), (&json!(null), &json!(false)));
    let names: Vec<&Value> = state["shut_out"]["first"].as_array().expect("people").iter().map(|one| &one["name"]).collect();
    assert_eq!((names, &state["break_glass_administrators"]), (vec![&json!("Ada")], &json!([])));

    root.delete(&format!("/api/v1/users/{grace}")).await.assert_status(204);
    let list = format!("{}/deleted_identities", path(&made));
    let gone = root.get(&list).await.json();
    assert_eq!(
        (&gone["data"][0]["name"], &gone["data"][0]["subject"]),
        (&json!("Grace"), &json!("subject of Grace"))
    );
    let gate = app.program_with(&ada, "Gate", &["connection:manage:*"]).await;
    let problem = gate.get(&list).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:read:*");
    let place = format!("{}/readmissions", path(&made));
    let subject = json!({ "subject": "subject of Grace" });
    root.send("POST", &format!("{place}?dry_run=true"), &subject).await.assert_status(204);
    assert_eq!(root.get(&list).await.json(), gone);
    root.send("POST", &place, &subject).await.assert_status(204);
    root.send("POST", &place, &subject).await.assert_problem(404, "not-found");
    assert_eq!(root.get(&list).await.json()["data"], json!([]));
    assert_eq!(audited(&app, "identity.readmitted"), 1);
}
