//! The letter about a leaked token. It contains no secret.

use super::{Token, recipients};
use crate::{
    db::Tx,
    kit::{Fault, MemberKind, Scope, email::Email},
    mail::{Letter, Outbox, queue},
    members::Member,
    organizations,
};
use askama::Template;

/// A token that was reported and ended.
pub(super) struct Leak<'a> {
    pub owner: &'a Member,
    pub token: &'a Token,
    /// The public beginning of the value that was found.
    pub prefix: &'a str,
    /// What the reporter wrote. Anybody can be the reporter.
    pub found_where: &'a str,
    pub is_old: bool,
}

#[derive(Template)]
#[template(path = "tokens/leak_letter.txt")]
struct LeakText<'a> {
    leak: &'a Leak<'a>,
    organization: &'a str,
    when: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "tokens/leak_letter.html")]
struct LeakHtml<'a> {
    leak: &'a Leak<'a>,
    organization: &'a str,
    when: &'a str,
    link: &'a str,
}

impl Leak<'_> {
    /// Queues the letter in the transaction that ends the token.
    pub fn send(&self, tx: &mut Tx<'_>, outbox: &Outbox, scope: &Scope) -> Result<(), Fault> {
        let organization = organizations::find(tx, scope.organization)?.name;
        let (organization, when) = (organization.as_str(), scope.now().exact());
        let (when, link) = (when.as_str(), outbox.link(&self.page(scope)));
        let link = link.as_str();
        let letter = Letter::render(
            &LeakText { leak: self, organization, when, link },
            &LeakHtml { leak: self, organization, when, link },
        )?;
        for email in self.recipients(tx, scope)? {
            let to = Email::parse(&email).map_err(Fault::broken)?;
            queue(tx, outbox, Some(scope.organization), "token.leaked", &to, &letter, scope.now())?;
        }
        Ok(())
    }

    fn recipients(&self, tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<String>, Fault> {
        if self.owner.kind == MemberKind::User {
            return Ok(recipients::active(tx, scope.organization, Some(self.owner.id))?.into_iter().collect());
        }
        let mut all = recipients::administrators(tx, scope.organization, scope.now())?;
        let creator = recipients::active(tx, scope.organization, self.token.created_by)?;
        all.extend(creator.filter(|email| !all.contains(email)).into_iter().collect::<Vec<_>>());
        Ok(all)
    }

    fn page(&self, scope: &Scope) -> String {
        match self.owner.kind {
            MemberKind::User => format!("/o/{}/me/tokens", scope.organization),
            MemberKind::SystemAccount => format!("/o/{}/system-accounts/{}/tokens", scope.organization, self.owner.id),
        }
    }
}
