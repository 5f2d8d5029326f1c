//! Letters to the people who manage connections: who changed what, and when. Anyone who takes over an administrator's
//! session could let themselves in this way, so the others hear of it.

use super::model::Connection;
use crate::{
    db::Tx,
    kit::{Fault, Scope, Timestamp, rights},
    mail::{Letter, Outbox, queue},
    members, organizations,
};
use askama::Template;

/// What was done to a connection.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Created,
    /// With what differs, in words.
    Edited(Vec<&'static str>),
    Enabled,
    Disabled,
    Deleted,
}

impl Change {
    fn kind(&self) -> &'static str {
        match self {
            Self::Created => "connection.created",
            Self::Edited(_) => "connection.edited",
            Self::Enabled => "connection.enabled",
            Self::Disabled => "connection.disabled",
            Self::Deleted => "connection.deleted",
        }
    }
    fn verb(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Edited(_) => "changed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }
    /// What it means for people who sign in.
    fn consequence(&self) -> String {
        match self {
            Self::Created => "Nobody signs in through it until it is enabled.".into(),
            Self::Edited(changes) => format!("Changed: {}.", changes.join(", ")),
            Self::Enabled => "People sign in through it from now on.".into(),
            Self::Disabled => "Nobody signs in through it any more, and the sessions that began with it have ended.".into(),
            Self::Deleted => {
                "Nobody signs in through it any more, and the sessions that began with it have ended. Its people stay members.".into()
            }
        }
    }
}

#[derive(Template)]
#[template(path = "connections/changed_letter.txt")]
struct ChangedText<'a> {
    organization: &'a str,
    connection: &'a str,
    kind: &'a str,
    by: &'a str,
    verb: &'a str,
    consequence: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "connections/changed_letter.html")]
struct ChangedHtml<'a> {
    organization: &'a str,
    connection: &'a str,
    kind: &'a str,
    by: &'a str,
    verb: &'a str,
    consequence: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

/// Writes the letters to the outbox.
pub(super) fn tell(tx: &mut Tx<'_>, outbox: &Outbox, scope: &Scope, connection: &Connection, change: &Change) -> Result<(), Fault> {
    let organization = organizations::find(tx, scope.organization)?.name;
    let list = format!("/o/{}/settings/connections", scope.organization);
    let link = outbox.link(&match change {
        Change::Deleted => list,
        _ => format!("{list}/{}", connection.id),
    });
    let (consequence, when) = (change.consequence(), scope.now().exact());
    let (organization, name, kind) = (organization.as_str(), connection.name.as_str(), connection.kind.label());
    let (by, verb, consequence) = (scope.actor.name(), change.verb(), consequence.as_str());
    // The operator at the command line has no address.
    let address = scope.actor.member_id().map_or("", |_| scope.request_info.address.as_str());
    let (when, link) = (when.as_str(), link.as_str());
    let letter = Letter::render(
        &ChangedText { organization, connection: name, kind, by, verb, consequence, when, address, link },
        &ChangedHtml { organization, connection: name, kind, by, verb, consequence, when, address, link },
    )?;
    for to in members::addresses_with_right(tx, scope.organization, rights::CONNECTION_MANAGE, scope.now())? {
        queue(tx, outbox, Some(scope.organization), change.kind(), &to, &letter, scope.now())?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "connections/ending_letter.txt")]
struct EndingText<'a> {
    organization: &'a str,
    connection: &'a str,
    days: i64,
    end: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "connections/ending_letter.html")]
struct EndingHtml<'a> {
    organization: &'a str,
    connection: &'a str,
    days: i64,
    end: &'a str,
    link: &'a str,
}

/// Tells those who manage connections that the provider's certificate ends.
pub(super) fn tell_of_end(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    connection: &Connection,
    days: i64,
    end: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    let id = connection.organization_id;
    let organization = organizations::find(tx, id)?.name;
    let (end, link) = (end.exact(), outbox.link(&format!("/o/{id}/settings/connections/{}", connection.id)));
    let (organization, connection, end, link) = (organization.as_str(), connection.name.as_str(), end.as_str(), link.as_str());
    let letter = Letter::render(
        &EndingText { organization, connection, days, end, link },
        &EndingHtml { organization, connection, days, end, link },
    )?;
    for to in members::addresses_with_right(tx, id, rights::CONNECTION_MANAGE, now)? {
        queue(tx, outbox, Some(id), "connection.certificate_ending", &to, &letter, now)?;
    }
    Ok(())
}
