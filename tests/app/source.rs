//! Architecture rules that the compiler cannot check, read from the source.

use crate::harness::{File, assert_none, files};
use std::{collections::BTreeSet, fs, path::Path};

/// The module that each table belongs to. No other module writes it.
const HOMES: [(&str, &str); 69] = [
    ("access_requests", "access_requests"),
    ("access_review_lines", "access_reviews"),
    ("access_review_reviewers", "access_reviews"),
    ("access_reviews", "access_reviews"),
    ("api_access", "api_access"),
    ("application_permissions", "roles"),
    ("audit_events", "audit"),
    ("audit_exceptions", "audit"),
    ("batch_items", "bulk"),
    ("batches", "bulk"),
    ("column_choices", "directory"),
    ("connection_keys", "connections"),
    ("connection_own_keys", "connections"),
    ("connections", "connections"),
    ("data_steps", "db"),
    ("default_views", "directory"),
    ("deleted_identities", "identities"),
    ("deployment", "setup"),
    ("domains", "domains"),
    ("drafts", "drafts"),
    ("idempotency_keys", "idempotency"),
    ("identities", "identities"),
    ("import_files", "imports"),
    ("invitations", "invitations"),
    ("jobs", "jobs"),
    ("latest_changes", "members"),
    ("links", "links"),
    ("member_policies", "members"),
    ("member_roles", "members"),
    ("member_tallies", "members"),
    ("members", "members"),
    ("organizations", "organizations"),
    ("outbox", "mail"),
    ("own_field_values", "own_fields"),
    ("own_fields", "own_fields"),
    ("passkeys", "second_factors"),
    ("passwords", "passwords"),
    ("policies", "policies"),
    ("provisioned_groups", "provisioning"),
    ("provisioned_addresses", "provisioning"),
    ("provisioned_users", "provisioning"),
    ("provisioners", "provisioning"),
    ("provisioning_calls", "provisioning"),
    ("recovery_codes", "second_factors"),
    ("resource_types", "policies"),
    ("role_permissions", "roles"),
    ("roles", "roles"),
    ("saml_seen", "sso"),
    ("sent_forms", "user_creation"),
    ("sessions", "sessions"),
    ("sign_in_days", "sessions"),
    ("sign_ins", "sessions"),
    ("sso_arrivals", "sso"),
    ("sso_attempts", "sso"),
    ("team_members", "members"),
    ("team_policies", "teams"),
    ("team_roles", "teams"),
    ("teams", "teams"),
    ("throttles", "throttle"),
    ("token_use_days", "tokens"),
    ("tokens", "tokens"),
    ("totps", "second_factors"),
    ("user_names", "users"),
    ("users", "users"),
    ("views", "directory"),
    ("webhook_deliveries", "webhooks"),
    ("webhook_outbox", "webhooks"),
    ("webhook_secrets", "webhooks"),
    ("webhooks", "webhooks"),
];

/// Tables written by triggers only.
const KEPT_BY_TRIGGERS: [&str; 2] = ["assignment_tallies", "member_tallies"];

/// Modules that may write tables of other modules, and why.
const EXCEPTIONS: [(&str, &str); 1] = [
    // `restore` ends what a backup contains before any module opens the file; data steps run before any module starts.
    ("db", "sessions links users user_names invitations members teams roles policies"),
];

/// Fixtures, which may write any table: `roster demo` fills an empty database with a hundred thousand members at once;
/// the operations would take an hour.
const FIXTURES: &str = "src/cli/demo/";

/// Macros that `#[macro_export]` puts at the root of the crate, and the module each comes from.
const MACROS: [(&str, &str); 2] = [("each", "db"), ("text_enum", "kit")];

/// The most lines of a file. A longer one does two things.
const LONGEST: usize = 350;

/// The modules in layer order, as `lib.rs` lists them.
fn modules() -> Vec<String> {
    let list = fs::read_to_string("src/lib.rs").expect("lib.rs is there");
    list.lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|rest| rest.trim_end_matches(';').to_owned())
        .collect()
}

/// Every name after `crate::`, also the first names inside `crate::{…}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut names = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    names.insert(word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn layers_look_down_only() {
    let modules = modules();
    let layer = |module: &str| modules.iter().position(|known| known == module);
    let mut wrong = Vec::new();
    for file in files("src", ".rs") {
        if matches!(file.path.as_str(), "src/lib.rs" | "src/main.rs") {
            continue;
        }
        let own = layer(file.module()).unwrap_or_else(|| panic!("{} is of no module in lib.rs", file.path));
        for name in named(&file.code()) {
            let module = MACROS.iter().find(|(known, _)| *known == name).map_or(name.as_str(), |(_, module)| module);
            match layer(module) {
                Some(other) if other <= own => {}
                _ => wrong.push(format!("{} names {module}", file.path)),
            }
        }
        // `src/module/file.rs` may say `super::` once, for its own module. Once more would leave the module.
        let inside = file.path.matches('/').count() - usize::from(file.name() == "mod.rs");
        if file.code().contains(&"super::".repeat(inside)) {
            wrong.push(format!("{} leaves its module", file.path));
        }
    }
    assert_none("a module uses only those above it in lib.rs", wrong);
}

#[test]
fn every_module_is_in_the_list_and_says_what_it_is_for() {
    for module in modules() {
        let file = [format!("src/{module}.rs"), format!("src/{module}/mod.rs")]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let file = file.unwrap_or_else(|| panic!("lib.rs lists {module}, which is not there"));
        let text = fs::read_to_string(&file).expect("a module");
        assert!(text.starts_with("//! "), "{file} does not say what the module is for");
    }
}

/// The table that a statement writes: named in it, or where its variable is defined.
fn target(code: &str, argument: &str) -> Option<String> {
    let table = |text: &str| -> Option<String> {
        let (name, _) = text.trim_start().split_once("::table")?;
        name.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| name.to_owned())
    };
    table(argument).or_else(|| {
        let variable: String = argument.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let (_, made) = code.split_once(&format!("let {variable} = "))?;
        table(made)
    })
}

#[test]
fn a_table_is_written_in_its_own_module_only() {
    let mut wrong = Vec::new();
    let mut written = BTreeSet::new();
    for file in files("src", ".rs") {
        let code = file.code();
        let mut tables = Vec::new();
        for verb in ["insert_into(", "diesel::update(", "diesel::delete("] {
            for (at, _) in code.match_indices(verb) {
                // The only macro that writes. Its calls name the table.
                if code[at..].starts_with("insert_into($crate::db::schema::$table") {
                    continue;
                }
                match target(&code, &code[at + verb.len()..]) {
                    Some(table) => tables.push(table),
                    None => wrong.push(format!("{}: {verb} writes nobody can tell what", file.path)),
                }
            }
        }
        tables.extend(
            code.split("insert_all!(")
                .skip(1)
                .filter_map(|call| call.split(',').nth(1).map(|table| table.trim().to_owned())),
        );
        for verb in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] {
            for (at, _) in code.match_indices(verb) {
                let rest = &code[at + verb.len()..];
                let table: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if HOMES.iter().any(|(known, _)| *known == table) {
                    tables.push(table);
                }
            }
        }
        for table in tables {
            let home = HOMES.iter().find(|(known, _)| *known == table).map(|(_, module)| *module);
            let home = home.unwrap_or_else(|| panic!("{table}, which {} writes, has no home in this test", file.path));
            let is_excepted = EXCEPTIONS
                .iter()
                .any(|(module, tables)| *module == file.module() && tables.split(' ').any(|t| t == table));
            if home != file.module() && !is_excepted && !file.path.starts_with(FIXTURES) {
                wrong.push(format!("{} writes {table}, whose home is {home}", file.path));
            }
            written.insert(table);
        }
    }
    assert_none("read wide, write home", wrong);
    for (table, _) in HOMES.iter().filter(|(table, _)| !KEPT_BY_TRIGGERS.contains(table)) {
        assert!(written.contains(*table), "nobody writes {table}; or this test does not see it");
    }
}

#[test]
fn rules_and_queries_know_nothing_of_http_or_pages() {
    let is_plain = |file: &File| matches!(file.name(), "model.rs" | "store.rs") || matches!(file.module(), "db" | "kit");
    let mut wrong = Vec::new();
    for file in files("src", ".rs").iter().filter(|file| is_plain(file)) {
        // The trait of the session middleware has `actix` in its path, but it is about a store and not about requests.
        if file.path == "src/sessions/store.rs" {
            continue;
        }
        for word in ["actix", "askama"] {
            if file.code().contains(word) {
                wrong.push(format!("{} names {word}", file.path));
            }
        }
    }
    assert_none("db, model and store are without actix and askama", wrong);
}

#[test]
fn web_knows_no_module() {
    for file in files("src/web", ".rs") {
        for name in named(&file.code()) {
            assert!(matches!(name.as_str(), "web" | "kit" | "db"), "{} names {name}", file.path);
        }
    }
}

#[test]
fn an_operation_that_locks_an_organization_reads_permissions_again() {
    // The person who accepts an invitation is not a member of the organization yet.
    const LOCKS: [&str; 3] = ["src/invitations/accept.rs", "src/members/reauthorize.rs", "src/sso/arrive.rs"];
    let mut wrong = Vec::new();
    for file in files("src", ".rs") {
        if file.code().contains("organizations::lock(") && !LOCKS.contains(&file.path.as_str()) {
            wrong.push(format!("{} locks without members::reauthorize", file.path));
        }
    }
    assert_none("rights are read again under the lock", wrong);
}

#[test]
fn nothing_is_left_for_later() {
    let mut wrong = Vec::new();
    for file in files("src", ".rs").into_iter().chain(files("tests/app", ".rs")) {
        for word in [
            concat!("#[ig", "nore"),
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("to", "do!("),
            concat!("unim", "plemented!("),
        ] {
            if file.text.contains(word) {
                wrong.push(format!("{} holds {word}", file.path));
            }
        }
        if file.path.starts_with("src") && !file.path.contains("/tests/") && file.code().contains(".unwrap()") {
            wrong.push(format!("{} unwraps outside tests", file.path));
        }
    }
    assert_none("what is here is done", wrong);
}

#[test]
fn no_file_has_two_meanings() {
    let mut wrong = Vec::new();
    for file in files("src", ".rs").into_iter().chain(files("tests/app", ".rs")) {
        let lines = file.text.lines().count();
        // The schema and the table of routes are one list each.
        if lines > LONGEST && !matches!(file.path.as_str(), "src/db/schema.rs" | "tests/app/routes.rs") {
            wrong.push(format!("{} has {lines} lines", file.path));
        }
    }
    assert_none(&format!("files stay under {LONGEST} lines"), wrong);
}

#[test]
fn the_repository_names_no_folder_of_its_authors() {
    for file in files(".", "") {
        let words: &[&str] = if file.path.starts_with("src") || file.path.starts_with("README") {
            &[concat!("/wo", "rk/"), concat!("/t", "mp/"), concat!("/ho", "me/")]
        } else {
            &[concat!("/wo", "rk/"), concat!("/ho", "me/")]
        };
        for word in words {
            assert!(!file.text.contains(word), "{} names {word}", file.path);
        }
    }
}
