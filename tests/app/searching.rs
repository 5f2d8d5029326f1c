//! Searching: people are found by their names as others type them.

use crate::harness::{
    Person, TestApp,
    rights::{create_policy, create_role, declare},
};
use std::collections::BTreeSet;

/// Creates a user with this display name.
async fn somebody(ada: &Person, at: usize, name: &str) {
    ada.get("/users/new").await;
    let email = format!("p{at}@people.example");
    let fields = [("name", name), ("email", &email)];
    ada.submit("Create User", &fields).await.assert_status(200);
}

async fn found(person: &Person, typed: &str) -> BTreeSet<String> {
    let query = serde_html_form::to_string([("q", typed)]).expect("a query");
    person.get(&format!("/users?{query}")).await.names().into_iter().collect()
}

async fn assert_finds(person: &Person, rows: &[(&str, &str)]) {
    for (typed, stored) in rows {
        let names = found(person, typed).await;
        let stored = stored.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(names.contains(&stored), "{typed} finds {stored}: {names:?}");
        assert!(names.len() < 4, "{typed} finds {names:?}");
    }
}

async fn house_of(names: &[&str]) -> (TestApp, Person) {
    let app = TestApp::start().await;
    let ada = app.administrator("Zz").await;
    for (at, name) in names.iter().enumerate() {
        somebody(&ada, at, name).await;
    }
    (app, ada)
}

#[actix_web::test]
async fn letters_that_do_not_decompose_are_found_by_their_plain_ones() {
    let names = [
        "Łukasz Kowalski",
        "Øystein Dahl",
        "Đặng Thị Hà",
        "Ħamrun Borg",
        "Niels Kjærgård",
        "Jean Cœur",
        "Ngô Đình",
        "Straẞe Ärger",
        "Isık Iğdır",
    ];
    let (_app, ada) = house_of(&names).await;
    assert_finds(
        &ada,
        &[
            ("Lukasz", names[0]),
            ("Oystein", names[1]),
            ("Dang Thi Ha", names[2]),
            ("Hamrun", names[3]),
            ("Kjaergard", names[4]),
            ("Coeur", names[5]),
            ("Ngo Dinh", names[6]),
            ("strasse", names[7]),
            ("isik", names[8]),
            ("łukasz", names[0]),
        ],
    )
    .await;
}

#[actix_web::test]
async fn words_are_found_in_any_order_and_however_they_are_parted() {
    let names = [
        "Renée van 't Hof",
        "Ada Byron",
        "Dr. Karl Heinz Schmidt",
        "Erna Müller-Lüdenscheidt",
        "Anne-Marie Bo",
        "Jean Luc Picard",
        "João D’Ávila",
        "Марʼяна Коваль",
    ];
    let (_app, ada) = house_of(&names).await;
    assert_finds(
        &ada,
        &[
            ("Hof Renee", names[0]),
            ("Byron, Ada", names[1]),
            ("karl schmidt", names[2]),
            ("Müller Lüdenscheidt", names[3]),
            ("anne marie", names[4]),
            ("jean-luc", names[5]),
            ("d'avila", names[6]),
            ("van ’t Hof", names[0]),
            ("Мар'яна", names[7]),
            ("annemarie", names[4]),
            ("schmidt, karlheinz", names[2]),
            ("A\u{200b}da Byron", names[1]),
        ],
    )
    .await;
    for nobody in ["ada schmidt", "byron x", "luc karl"] {
        assert_eq!(found(&ada, nobody).await, BTreeSet::new(), "{nobody}");
    }
}

#[actix_web::test]
async fn scripts_with_marks_or_without_blanks_are_found() {
    let names = [
        "مُحَمَّد أحمد",
        "שָׁלוֹם כהן",
        "山田\u{3000}太郎",
        "김철수",
        "やまだ はなこ",
        "علی\u{200c}زاده",
    ];
    let (_app, ada) = house_of(&names).await;
    assert_finds(
        &ada,
        &[
            ("محمد", names[0]),
            ("احمد", names[0]),
            ("محـمد", names[0]),
            ("שלום", names[1]),
            ("山田太郎", names[2]),
            ("山田 太郎", names[2]),
            ("太郎", names[2]),
            ("철수", names[3]),
            ("김 철수", names[3]),
            ("ﾔﾏﾀﾞ", names[4]),
            ("علیزاده", names[5]),
            ("علي زاده", names[5]),
        ],
    )
    .await;
}

#[actix_web::test]
async fn title_location_and_telephone_are_searched_too() {
    let (_app, ada) = house_of(&["Grace Hopper", "Kay McNulty"]).await;
    let id = ada.member("Grace Hopper").await;
    ada.get(&format!("/users/{id}")).await;
    let details = [
        ("title", "Rear Admiral"),
        ("location", "Arlington, Virginia"),
        ("phone", "+44 (0)20 7946-0815"),
    ];
    ada.submit("Save changes", &details).await.assert_sees("are saved");
    let one = |typed| (typed, "Grace Hopper");
    let all = ["admiral", "hopper arlington", "+44 20", "020 7946 0815", "7946", "ad hop", "g"].map(one);
    assert_finds(&ada, &all).await;
    assert_eq!(found(&ada, "+44 21").await, BTreeSet::new());
}

#[actix_web::test]
async fn what_was_found_stays_found() {
    let (_app, ada) = house_of(&["Grace Brewster Hopper", "Κώστας Παπαδόπουλος", "Алёна Ёлкина"]).await;
    let all =
        ["g", "ho", "br", "race", "ewster ho", "HOPPER", "p0@", "p0@people.ex", "0@people"].map(|typed| (typed, "Grace Brewster Hopper"));
    assert_finds(&ada, &all).await;
    assert_finds(&ada, &[("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Κώστας Παπαδόπουλος"), ("елкина", "Алёна Ёлкина")]).await;
    assert_eq!(found(&ada, "op").await, BTreeSet::new());
    assert_eq!(found(&ada, "%").await, BTreeSet::new());
    assert_eq!(found(&ada, "_").await, BTreeSet::new());
}

#[actix_web::test]
async fn lists_stand_in_the_order_of_the_letters_people_type() {
    let (_app, ada) = house_of(&["Zoë", "Łukasz", "Lars", "Ægir", "Adam", "Ørjan", "Oskar", "Đorđe"]).await;
    let names = ada.get("/users").await.names();
    assert_eq!(names, ["Adam", "Ægir", "Đorđe", "Lars", "Łukasz", "Ørjan", "Oskar", "Zoë", "Zz"]);
}

#[actix_web::test]
async fn the_page_of_a_team_searches_in_the_same_way() {
    let (_app, ada) = house_of(&["Łukasz Kowalski", "Anne-Marie Bo"]).await;
    let team = ada.create_team("Moles").await;
    for (typed, name) in [("kowalski lukasz", "Łukasz Kowalski"), ("anne marie", "Anne-Marie Bo")] {
        let query = serde_html_form::to_string([("q", typed)]).expect("a query");
        ada.get(&format!("/teams/{team}/members/new?{query}")).await.assert_sees(name);
    }
}

#[actix_web::test]
async fn teams_roles_and_policies_stand_in_the_same_order_and_teams_are_found_in_the_same_way() {
    let (_app, ada) = house_of(&[]).await;
    declare(&ada, "contract", "read").await;
    for name in ["Zagreb", "Łódź", "Lodz", "München", "Munich", "Århus"] {
        ada.create_team(name).await;
        create_role(&ada, name, &["audit:read:*"]).await;
        create_policy(&ada, name, ("contract", &["read"], "*")).await;
    }
    let sorted = ["Århus", "Lodz", "Łódź", "München", "Munich", "Zagreb"];
    for list in ["/teams", "/policies", "/roles"] {
        let mut names = ada.get(list).await.all("td.c-name .line > a");
        names.retain(|name| sorted.contains(&name.as_str()));
        assert_eq!(names, sorted, "{list}");
    }
    for (typed, found) in [
        ("Munchen", &["München"][..]),
        ("LODZ", &["Lodz", "Łódź"]),
        ("łódź", &["Lodz", "Łódź"]),
        ("mun", &["München", "Munich"]),
        ("%", &[]),
    ] {
        let query = serde_html_form::to_string([("q", typed)]).expect("a query");
        assert_eq!(ada.get(&format!("/teams?{query}")).await.all("td.c-name .line > a"), found, "{typed}");
    }
    // Names that differ by an accent are still two.
    ada.get("/teams/new").await;
    ada.submit("Create Team", &[("name", "łódź")])
        .await
        .assert_status(422)
        .assert_sees("There is a team Łódź already");
}

#[actix_web::test]
async fn keys_of_an_earlier_program_are_made_anew_once() {
    let (app, ada) = house_of(&["Łukasz Kowalski"]).await;
    let old = "UPDATE members SET name_key = 'łukasz kowalski', search_key = '  łukasz kowalski  p0@people.example  kowalski' WHERE name = 'Łukasz Kowalski'";
    app.execute(old);
    assert_eq!(found(&ada, "lukasz").await, BTreeSet::new());
    app.execute("DELETE FROM data_steps WHERE name = 'searching'");
    roster::db::migrate(&app.db).expect("steps run");
    assert_eq!(found(&ada, "kowalski lukasz").await.len(), 1);
    // Only once.
    app.execute(old);
    roster::db::migrate(&app.db).expect("steps run");
    assert_eq!(found(&ada, "lukasz").await, BTreeSet::new());
}
