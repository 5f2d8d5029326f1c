//! The letter that a domain lost its proof, to the people who manage connections.

use super::model::Domain;
use crate::{
    db::Tx,
    kit::{Fault, Timestamp, rights},
    mail::{Letter, Outbox, queue},
    members, organizations,
};
use askama::Template;

#[derive(Template)]
#[template(path = "domains/lost_letter.txt")]
struct LostText<'a> {
    organization: &'a str,
    domain: &'a str,
    name: &'a str,
    value: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "domains/lost_letter.html")]
struct LostHtml<'a> {
    organization: &'a str,
    domain: &'a str,
    name: &'a str,
    value: &'a str,
    link: &'a str,
}

/// Writes the letters to the outbox.
pub(super) fn tell(tx: &mut Tx<'_>, outbox: &Outbox, domain: &Domain, now: Timestamp) -> Result<(), Fault> {
    let organization = organizations::find(tx, domain.organization_id)?.name;
    let link = outbox.link(&format!("/o/{}/settings/domains", domain.organization_id));
    let (readable, name, value) = (domain.readable(), domain.record_name(), domain.record_value());
    let (organization, domain_name, name, value, link) =
        (organization.as_str(), readable.as_str(), name.as_str(), value.as_str(), link.as_str());
    let text = LostText { organization, domain: domain_name, name, value, link };
    let letter = Letter::render(&text, &LostHtml { organization, domain: domain_name, name, value, link })?;
    for to in members::addresses_with_right(tx, domain.organization_id, rights::CONNECTION_MANAGE, now)? {
        queue(tx, outbox, Some(domain.organization_id), "domain.lost", &to, &letter, now)?;
    }
    Ok(())
}
