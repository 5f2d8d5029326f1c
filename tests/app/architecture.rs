//! Rules of the architecture (`src/README.md`) that are read from the source: circles between files, type names, file
//! headers, the permissions that operations demand, and the words that names and comments use.

use crate::harness::{File, assert_none, files};
use roster::{
    kit::{Right, rights},
    roles::CATALOGUE,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Words that no name or comment may use (metaphors and private words), and what to say instead.
const WORDS: [(&str, &str); 15] = [
    ("whoever", "caller, member, administrator, visitor"),
    ("whomever", "caller, member, administrator, visitor"),
    ("doorman", "authenticator"),
    ("manners", "middleware"),
    ("deed", "action"),
    ("deeds", "actions"),
    ("furnish", "load"),
    ("afresh", "again, reauthorize"),
    ("keychain", "credentials"),
    ("keyring", "credentials"),
    ("crew", "members of the team"),
    ("weight", "need of reauthentication"),
    ("newcomer", "new person"),
    ("furniture", "fixtures"),
    ("settlement", "writer"),
];

/// The first name after each prefix such as `super::`, also inside braces.
fn named<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let word = |text: &'a str| {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        &text[..end]
    };
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, Some(0));
        for (at, c) in list.char_indices() {
            if let Some(begin) = begins.filter(|_| matches!(c, ',' | '{' | '}' | ':')) {
                names.push(word(&list[begin..at]));
                begins = None;
            }
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = Some(at + 1),
                _ => {}
            }
        }
    }
    names
}

/// For each file of a folder, the files beside it that it uses, without their endings.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The files of every folder below `src`, with the files beside them that they use. `mod.rs` is left out, because it
/// connects the others.
fn folders() -> BTreeMap<String, Uses> {
    let mut folders: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files("src", ".rs") {
        let folder = Path::new(&file.path).parent().and_then(Path::to_str).unwrap_or_default().to_owned();
        if folder != "src" && file.name() != "mod.rs" {
            folders.entry(folder).or_default().push(file);
        }
    }
    let stem = |file: &File| file.name().trim_end_matches(".rs").to_owned();
    let uses = |(folder, all): (String, Vec<File>)| {
        let known: BTreeSet<String> = all.iter().map(stem).collect();
        let path = format!("{}::", folder.replace("src", "crate").replace('/', "::"));
        let used = |file: &File| {
            let code = file.code();
            let mut names = named(&code, "super::");
            names.extend(named(&code, &path));
            let own = stem(file);
            let others = names.into_iter().filter(|name| *name != own && known.contains(*name));
            others.map(str::to_owned).collect()
        };
        let uses = all.iter().map(|file| (stem(file), used(file))).collect();
        (folder, uses)
    };
    folders.into_iter().map(uses).collect()
}

fn reachable(uses: &Uses, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![from];
    while let Some(file) = open.pop() {
        for next in uses.get(file).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}

#[test]
fn files_of_a_module_use_each_other_in_no_circle() {
    let mut circles = BTreeSet::new();
    for (folder, uses) in folders() {
        let reach: BTreeMap<&String, BTreeSet<String>> = uses.keys().map(|file| (file, reachable(&uses, file))).collect();
        for (file, others) in &reach {
            let mut circle: Vec<&str> = others.iter().filter(|other| reach[other].contains(*file)).map(String::as_str).collect();
            if circle.len() > 1 {
                circle.sort_unstable();
                circles.insert(format!("{}: {}", folder.trim_start_matches("src/"), circle.join(" ")));
            }
        }
    }
    assert_none("no two files of a module use each other in a circle", circles.into_iter().collect());
}

/// The name of the type that a line declares.
fn declared_type(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let name = ["struct ", "enum ", "trait "].iter().find_map(|word| line.strip_prefix(word))?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[test]
fn a_module_uses_a_type_name_once() {
    let mut declared: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for file in files("src", ".rs") {
        // A macro that declares types takes their names.
        for name in file.code().lines().filter_map(declared_type).filter(|name| !name.is_empty()) {
            let module = file.module().to_owned();
            declared.entry((module, name.to_owned())).or_default().push(file.path.clone());
        }
    }
    let twice = declared.into_iter().filter(|(_, paths)| paths.len() > 1);
    let wrong = twice.map(|((_, name), paths)| format!("{name} in {}", paths.join(" and ")));
    assert_none("a type name has one meaning in its module", wrong.collect());
}

#[test]
fn every_file_says_what_is_in_it() {
    let all = files("src", ".rs").into_iter().chain(files("tests/app", ".rs"));
    let wrong = all.filter(|file| !file.text.starts_with("//! ")).map(|file| file.path);
    assert_none("a file begins with //!", wrong.collect());
}

#[test]
fn every_right_that_operations_ask_for_is_in_the_catalogue() {
    let known: BTreeSet<(String, String)> = CATALOGUE
        .iter()
        .flat_map(|resource| resource.permissions)
        .filter_map(|known| {
            let mut parts = known.permission.split(':').map(str::to_owned);
            parts.next().zip(parts.next())
        })
        .collect();
    let is_known = |right: &&Right| known.contains(&(right.resource.to_owned(), right.action.to_owned()));
    let wrong = rights::ALL.iter().filter(|right| !is_known(right)).map(|right| format!("{right:?}"));
    assert_none("a right that no role can give", wrong.collect());
}

/// The part of a line that developers read: its comment, or the name that it declares. Texts on screens have their own
/// tone.
fn told(line: &str) -> &str {
    if let Some((_, comment)) = line.split_once("//") {
        return comment;
    }
    let declares = ["fn ", "struct ", "enum ", "trait ", "mod ", "type ", "const "];
    let is_declaration = declares.iter().any(|word| line.contains(word));
    line.split(['(', '=', '{']).next().filter(|_| is_declaration).unwrap_or_default()
}

#[test]
fn names_and_comments_use_plain_words() {
    let mut wrong = Vec::new();
    for file in files("src", ".rs") {
        for (number, line) in file.text.lines().enumerate() {
            let lower = told(line).to_lowercase();
            let words: BTreeSet<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
            for (word, instead) in WORDS.iter().filter(|(word, _)| words.contains(word)) {
                wrong.push(format!("{}:{}: {word} (say {instead})", file.path, number + 1));
            }
        }
    }
    assert_none("a private word", wrong);
}

/// The files that a new change to members touches, as `src/README.md` lists them ("To add a bulk action").
const ACTION_FILES: [&str; 6] = [
    "src/members/changes/action.rs",
    "src/members/changes/words.rs",
    "src/members/changes/evaluation.rs",
    "src/members/changes/mod.rs",
    "src/members/changes/events.rs",
    "src/audit/words.rs",
];

/// Where the API has the address of each action on one member, if it has one.
const SINGLE_ACTIONS: &str = "src/api/members/changes.rs";

/// The variants of an enum of this file.
fn variants<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let body = code.split_once(&format!("enum {name} {{")).map_or("", |(_, rest)| rest);
    let body = body.split_once("\n}").map_or(body, |(body, _)| body);
    let lines = body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let name = |line: &'a str| line.trim().split([' ', ',', '{']).next().unwrap_or("");
    lines.map(name).filter(|name| name.starts_with(char::is_uppercase)).collect()
}

#[test]
fn an_action_on_members_is_written_where_the_readme_says() {
    let all = files("src", "rs");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/README.md")).expect("src/README.md");
    let text = |path: &str| all.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let changes = variants(text(ACTION_FILES[0]), "Change");
    assert!(changes.len() > 10, "{changes:?}");
    let mut wrong = Vec::new();
    for (file, prefix) in ACTION_FILES.iter().zip(["Self::", "Self::", "Change::", "Change::", "Change::"]) {
        let missing = changes.iter().filter(|change| !text(file).contains(&format!("{prefix}{change}")));
        wrong.extend(missing.map(|change| format!("{file} says nothing of {change}")));
    }
    let events = text(ACTION_FILES[4]).split('"').filter(|text| text.starts_with("member."));
    let unknown = events.filter(|event| !text(ACTION_FILES[5]).contains(&format!("\"{event}\"")));
    wrong.extend(unknown.map(|event| format!("{} says nothing of {event}", ACTION_FILES[5])));
    let listed = readme
        .split_once("**a bulk action**")
        .map_or("", |(_, rest)| rest.split("\n\n").next().unwrap_or(""));
    let name = |file: &&str| file.rsplit('/').next().unwrap_or_default().to_owned();
    let unlisted = ACTION_FILES.iter().chain([&SINGLE_ACTIONS]).filter(|file| !listed.contains(&name(file)));
    wrong.extend(unlisted.map(|file| format!("src/README.md does not list {file}")));
    // A file that tells most actions apart would be one more place for each new action.
    for file in all.iter().filter(|file| !ACTION_FILES.contains(&file.path.as_str()) && file.path != SINGLE_ACTIONS) {
        let is_named = |change: &&&str| ["Change::", "Action::"].iter().any(|of| file.text.contains(&format!("{of}{change}")));
        if changes.iter().filter(is_named).count() * 2 > changes.len() {
            wrong.push(format!("{} tells most actions apart", file.path));
        }
    }
    assert_none("an action is forgotten, or written in one more place", wrong);
}

/// The files that name each contact detail, beside two migrations, as `src/README.md` lists them ("To add a column of members").
const COLUMN_FILES: [&str; 8] = [
    "src/db/schema.rs",
    "src/members/model.rs",
    "src/members/fields.rs",
    "src/imports/columns.rs",
    "src/imports/heads.rs",
    "src/cli/demo/members.rs",
    "templates/members/details_fields.html",
    "templates/members/machine.html",
];
/// Files that name some contact details: what is searched, the file of system accounts, what made-up people have.
const SOME_COLUMN_FILES: [&str; 8] = [
    "src/members/keys.rs",
    "src/kit/search/mod.rs",
    "src/directory/export.rs",
    "src/db/data_steps/searching.rs",
    "src/cli/demo/people.rs",
    // What SCIM clients send and then manage.
    "src/members/managed.rs",
    "src/provisioning/users.rs",
    // The attribute Location of SAML metadata.
    "src/saml/metadata/read.rs",
];

/// Whether the file names this column, as a field, a column of the table or a text.
fn names_column(text: &str, column: &str) -> bool {
    let forms = [".COL", "::COL", "\"COL\"", "COL:", "COL ->", "(COL", ", COL"].map(|form| form.replace("COL", column));
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    forms
        .iter()
        .any(|form| text.match_indices(form.as_str()).any(|(at, _)| ends(&text[at + form.len()..])))
}

#[test]
fn a_contact_detail_is_written_where_the_readme_says() {
    let all: Vec<File> = files("src", "rs").into_iter().chain(files("templates", "html")).collect();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/README.md")).expect("src/README.md");
    let mut wrong = Vec::new();
    for column in roster::members::Details::CONTACT {
        for path in COLUMN_FILES {
            let file = all.iter().find(|file| file.path == path).expect(path);
            if !names_column(&file.text, column) {
                wrong.push(format!("{path} says nothing of {column}"));
            }
        }
    }
    let listed = readme
        .split_once("**a column of members**")
        .map_or("", |(_, rest)| rest.split("\n\n").next().unwrap_or(""));
    let name = |file: &&str| file.rsplit('/').next().unwrap_or_default().to_owned();
    wrong.extend(
        COLUMN_FILES
            .iter()
            .filter(|file| !listed.contains(&name(file)))
            .map(|file| format!("src/README.md does not list {file}")),
    );
    // One that no other word resembles stands for all: a file that names it is one more place for each new column.
    // In SCIM the address of a resource has the same name.
    let is_scim = |file: &&File| file.path.starts_with("src/scim/");
    let known =
        |file: &&File| is_scim(file) || COLUMN_FILES.contains(&file.path.as_str()) || SOME_COLUMN_FILES.contains(&file.path.as_str());
    let others = all.iter().filter(|file| !known(file) && names_column(&file.text, "location"));
    wrong.extend(others.map(|file| format!("{} names a contact detail too", file.path)));
    assert_none("a contact detail is forgotten, or written in one more place", wrong);
}
