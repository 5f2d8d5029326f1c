//! Comparison with other implementations, run by programs in `tests/saml`: libxml2 (lxml) and xmlsec1.

use super::{
    documents::{accept, good},
    mutations::{Random, insertion, mutant},
    signer::IDP,
};
use crate::saml::{
    XmlError,
    c14n::canonical,
    scan::{self, MESSAGE},
    xml::tree,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Runs a program of `tests/saml` with these lines, and returns the lines that it writes.
fn python(program: &str, lines: &[Value]) -> Vec<Value> {
    let python = std::env::var("ROSTER_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saml").join(program);
    let mut child = Command::new(&python)
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|why| panic!("{python} does not start ({why}). ROSTER_TEST_PYTHON names a Python with lxml; tests/run makes one"));
    let text: String = lines.iter().fold(String::new(), |text, line| format!("{text}{line}\n"));
    let mut input = child.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{program} failed; it needs lxml and xmlsec1, which tests/run installs");
    writer.join().expect("a writer").expect("all was read");
    let line = |line| serde_json::from_str(line).expect("a line of JSON");
    std::str::from_utf8(&output.stdout).expect("UTF-8").lines().map(line).collect()
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().expect("a text")
}

/// The canonical form of the element with the attribute `apex`, without that with the attribute `left-out`.
fn ours(line: &Value) -> Result<String, XmlError> {
    let bytes = STANDARD.decode(text(line, "xml")).expect("Base64");
    let source = scan::text(&bytes, &MESSAGE)?;
    let tree = tree(source, &MESSAGE)?;
    let find = |name| tree.descendants().find(|node| node.has_attribute(name));
    let prefixes: Vec<&str> = text(line, "prefixes").split(' ').filter(|prefix| !prefix.is_empty()).collect();
    let form = canonical(find("apex").expect("an apex"), find("left-out").map(|node| node.id()), &prefixes)?;
    // What is read later is the tree of the form: it has to have the same form.
    let again = self::tree(&form, &MESSAGE)?;
    assert_eq!(canonical(again.root_element(), None, &prefixes).as_ref(), Ok(&form));
    Ok(form)
}

#[test]
fn the_canonical_form_is_that_of_libxml2() {
    let (mut equal, mut refused, mut different) = (0, 0, Vec::new());
    let lines = python("c14n.py", &[json!({ "seed": 5, "documents": 2_000 })]);
    assert_eq!(lines.len(), 2_000);
    for line in &lines {
        let expected = STANDARD.decode(text(line, "canonical")).expect("Base64");
        match ours(line) {
            // Only one of them normalizes it, so it is refused.
            Err(why) if line["has_lone_return"] == true => assert_eq!(why, XmlError::Character),
            Err(_) => refused += 1,
            Ok(form) if form.as_bytes() == expected => equal += 1,
            Ok(form) => different.push(format!("{line}\n{form}")),
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different[0]);
    assert!(equal > 1_400 && refused < 20, "{equal} equal, {refused} refused");
}

/// The attributes as lines for the program.
fn claims(xml: &str) -> Option<Value> {
    let assertion = accept(xml).ok()?;
    let attributes: Vec<Value> = assertion.attributes.iter().map(|attribute| json!([attribute.name, attribute.values])).collect();
    Some(json!({ "xml": STANDARD.encode(xml), "name_id": assertion.name_id.text, "attributes": attributes }))
}

#[test]
fn what_is_accepted_is_valid_for_xmlsec1_and_says_the_same_to_libxml2() {
    const WANTED: usize = 100;
    let certificate = STANDARD.encode(IDP.certificate.der());
    let mut lines = vec![json!({ "certificate": certificate })];
    let mut random = Random(11);
    let mut seen = BTreeSet::new();
    let good = good();
    while lines.len() <= WANTED {
        let (_, xml) = &good[random.next(good.len())];
        let change = if random.next(4) == 0 { mutant } else { insertion };
        let xml = change(xml, &mut random);
        if let Some(line) = claims(&xml).filter(|_| seen.insert(xml)) {
            lines.push(line);
        }
    }
    let verdicts = python("mutants.py", &lines);
    assert_eq!(verdicts.len(), WANTED);
    let wrong: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["verdict"] != "valid").collect();
    assert!(wrong.is_empty(), "{} of {WANTED}:\n{:#}", wrong.len(), wrong[0]);
}
