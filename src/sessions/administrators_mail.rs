//! Letters to all administrators of an organization about how people enter it.

use crate::{
    db::Tx,
    kit::{Fault, OrganizationId, RequestInfo, Scope, email::Email},
    mail::{Letter, Outbox, queue},
    members,
};
use askama::Template;

#[derive(Template)]
#[template(path = "sessions/administrators_letter.txt")]
struct AdministratorsText<'a> {
    title: &'a str,
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "sessions/administrators_letter.html")]
struct AdministratorsHtml<'a> {
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub struct AdministratorNotice<'a> {
    /// The audit action.
    pub kind: &'static str,
    pub title: &'a str,
    pub what: &'a str,
    /// The page to look at, below the organization's path.
    pub page: &'a str,
}

/// Tells every active Administrator without an end.
pub fn tell_administrators(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    organization: OrganizationId,
    notice: &AdministratorNotice<'_>,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let (title, what, when) = (notice.title, notice.what, request_info.now.exact());
    let link = outbox.link(&format!("/o/{organization}{}", notice.page));
    let address = request_info.address.as_str();
    let text = AdministratorsText { title, what, when: &when, address, link: &link };
    let letter = Letter::render(&text, &AdministratorsHtml { what, when: &when, address, link: &link })?;
    for administrator in members::administrators(tx, &Scope::system(organization, request_info.now))? {
        let to = Email::parse(&administrator.email).map_err(Fault::broken)?;
        queue(tx, outbox, Some(organization), notice.kind, &to, &letter, request_info.now)?;
    }
    Ok(())
}
