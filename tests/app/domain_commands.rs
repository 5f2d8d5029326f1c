//! What the operator does with domains at the command line.

use crate::harness::{Database, program::Program};

fn founded() -> Program {
    let roster = Program::new(Database::blank());
    for name in ["Engines", "Rivals"] {
        let email = format!("ada@{}.example", name.to_lowercase());
        roster.run(&["organization", "create", name, "--administrator", &email]).worked();
    }
    roster
}

#[test]
fn the_operator_vouches_for_a_domain_lists_and_removes_it() {
    let roster = founded();
    assert_eq!(roster.run(&["domain", "list"]).worked().out, "");
    let verify = |organization: &str, domain: &str| roster.run(&["domain", "verify", "--organization", organization, domain]);
    assert_eq!(verify("Engines", "EXÄMPLE.org.").worked().out, "xn--exmple-cua.org is verified for Engines\n");
    assert_eq!(verify("Engines", "exämple.org").worked().out, "xn--exmple-cua.org is verified for Engines\n");
    let listed = roster.run(&["domain", "list"]).worked().out;
    let fields: Vec<&str> = listed.trim_end().split('\t').collect();
    assert_eq!((&fields[..3], fields[4]), (&["Engines", "xn--exmple-cua.org", "verified"][..], "operator"));
    verify("Rivals", "exämple.org").refused("another organization has verified this domain");
    verify("Engines", "gmail.com").refused("open to everybody");
    verify("Engines", "nonsense").refused("Type a domain");
    verify("Nobody", "example.org").refused("no organization is called");
    let remove = |organization: &str| roster.run(&["domain", "remove", "--organization", organization, "exämple.org"]);
    remove("Rivals").refused("Rivals has no domain");
    assert_eq!(remove("Engines").worked().out, "xn--exmple-cua.org is removed from Engines\n");
    assert_eq!(roster.run(&["domain", "list"]).worked().out, "");
    verify("Rivals", "exämple.org").worked();
}

#[test]
fn what_the_operator_did_stands_in_the_audit_log_and_needs_no_record() {
    let mut roster = Program::new(Database::blank());
    roster.serve(&[("ROSTER_DNS_RESOLVER", "127.0.0.1:9, [::1]:9")]);
    let (mut ada, _) = roster.founded();
    roster.run(&["domain", "verify", "--organization", "Engines", "engines.example"]).worked();
    let home = ada.get("/").location;
    let organization = home.trim_end_matches("/users").to_owned();
    let page = ada.get(&format!("{organization}/settings/domains")).body;
    assert!(page.contains("by the operator of this Roster") && !page.contains("Check now"), "{page}");
    let page = ada.get(&format!("{organization}/audit")).body;
    assert!(page.contains("verified the domain") && page.contains("added the domain"), "{page}");
}

#[test]
fn a_resolver_that_is_no_address_stops_the_start() {
    let roster = Program::new(Database::blank());
    let output = roster.command(&[]).env("ROSTER_DNS_RESOLVER", "dns.example").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("--dns-resolver") && said.contains("not an IP address"),
        "{said}"
    );
}
