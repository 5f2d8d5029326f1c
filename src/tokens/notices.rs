//! Letters that tell people what was done to their tokens and API passwords. They contain no secret.

use crate::{
    db::Tx,
    kit::{Fault, Scope, email::Email},
    mail::{Letter, Outbox, queue},
    members::Member,
    organizations, users,
};
use askama::Template;

/// What the caller did.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    ApiAccessOn,
    ApiPasswordSet { is_reset: bool },
    TokenRevoked { name: &'a str, prefix: &'a str },
}

impl Notice<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::ApiAccessOn => "api_access.enabled",
            Self::ApiPasswordSet { .. } => "api_password.set",
            Self::TokenRevoked { .. } => "token.revoked",
        }
    }
    fn title(&self, organization: &str) -> String {
        match self {
            Self::ApiAccessOn => format!("You may use the API of {organization}"),
            Self::ApiPasswordSet { is_reset: false } => format!("An API password was set for you in {organization}"),
            Self::ApiPasswordSet { is_reset: true } => format!("Your API password in {organization} was replaced"),
            Self::TokenRevoked { name, .. } => format!("Your token “{name}” was revoked"),
        }
    }
    fn text(&self, by: &str, organization: &str) -> String {
        match self {
            Self::ApiAccessOn => format!(
                "{by} turned on API access for you in {organization}. Programs can act for you from now on: with tokens that you create, and with an API password once there is one."
            ),
            Self::ApiPasswordSet { is_reset: false } => format!(
                "{by} set an API password for you in {organization}. Anyone who has it may do in the API what you may do there. It does not open the console."
            ),
            Self::ApiPasswordSet { is_reset: true } => format!(
                "{by} replaced your API password in {organization}. The one before does not work any more: programs that send it need the new one."
            ),
            Self::TokenRevoked { name, prefix } => {
                format!("{by} revoked your token “{name}” ({prefix}…) in {organization}. Programs that send it are refused.")
            }
        }
    }

    /// Queues the letter to the person, in the transaction that makes the change.
    pub fn send(&self, tx: &mut Tx<'_>, outbox: &Outbox, scope: &Scope, member: &Member) -> Result<(), Fault> {
        // A system account reads no mail.
        let Some(user) = member.user_id else { return Ok(()) };
        let (user, organization) = (users::find(tx, user)?, organizations::find(tx, scope.organization)?.name);
        let by = if scope.is_me(member.id) { "You" } else { scope.actor.name() };
        let (title, what, when) = (self.title(&organization), self.text(by, &organization), scope.now().exact());
        let link = outbox.link(&format!("/o/{}/me/tokens", scope.organization));
        let (title, what, when, organization, link) = (&title, &what, &when, &organization, &link);
        let letter = Letter::render(
            &NoticeText { title, what, when, organization, link },
            &NoticeHtml { what, when, organization, link },
        )?;
        // To the stored address, never to what was typed.
        let to = Email::parse(&user.email).map_err(Fault::broken)?;
        queue(tx, outbox, Some(scope.organization), self.kind(), &to, &letter, scope.now())?;
        Ok(())
    }
}

#[derive(Template)]
#[template(path = "tokens/notice_letter.txt")]
struct NoticeText<'a> {
    title: &'a str,
    what: &'a str,
    when: &'a str,
    organization: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "tokens/notice_letter.html")]
struct NoticeHtml<'a> {
    what: &'a str,
    when: &'a str,
    organization: &'a str,
    link: &'a str,
}
