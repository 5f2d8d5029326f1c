//! Mail settings: how letters are sent, which letters of this organization are waiting or failed and why, and a test
//! letter.

use crate::{
    audit::{self, Event},
    db::{Conn, Db, Tx},
    kit::{Fault, LetterId, MailRoute, OperationError, OperationResult, Scope, Timestamp, email::Email, grouped, rights},
    mail::{self, Letter, LetterState, Outbox, Told},
    members, organizations,
    throttle::{self, Bucket, Wait},
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, filters, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

/// Letters per list.
const SHOWN: i64 = 50;
/// How long the page reloads by itself while it waits for the test letter.
const PATIENCE: chrono::TimeDelta = chrono::TimeDelta::minutes(2);

pub(super) fn mount(app: &mut web::Routes) {
    let place = web::resource("/o/{organization}/settings/mail");
    app.service(place.route(web::get().to(show)).route(web::post().to(create)));
    // The path is a noun: a POST creates an attempt, which sends the waiting letters now instead of at their due time.
    app.service(web::resource("/o/{organization}/settings/mail/attempts").route(web::post().to(attempt)));
}

/// The query of the page.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
struct Asked {
    /// The test letter whose state is shown.
    test: Option<LetterId>,
    /// The failed letter after which the list continues.
    before: Option<LetterId>,
}

#[derive(Template)]
#[template(path = "settings/mail.html")]
struct ShowMail {
    context: MemberContext,
    waiting: List,
    failed: List,
    test: Option<Told>,
}

/// Letters in one state: how many of each kind, and the latest of them.
struct List {
    counts: Vec<(String, i64)>,
    letters: Vec<Told>,
}

impl List {
    fn total(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
    /// The kinds with their counts. Kinds with the same label are added up.
    fn kinds(&self) -> Vec<(&'static str, i64)> {
        let mut kinds: Vec<(&'static str, i64)> = Vec::new();
        for (kind, count) in &self.counts {
            let label = mail::label(kind);
            match kinds.iter_mut().find(|(known, _)| *known == label) {
                Some((_, sum)) => *sum += count,
                None => kinds.push((label, *count)),
            }
        }
        kinds
    }
    /// The letter after which the next page of the list begins, if there is one.
    fn next(&self) -> Option<LetterId> {
        let is_full = i64::try_from(self.letters.len()).unwrap_or(0) == SHOWN;
        self.letters.last().map(|letter| letter.id).filter(|_| is_full)
    }
}

impl ShowMail {
    fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ORGANIZATION_MANAGE)
    }
    /// Recipients are shown only to callers who see addresses and the state of invitations in the directory.
    fn may_see_recipients(&self) -> bool {
        self.context.scope.may(rights::USER_MANAGE) || self.context.scope.may(rights::USER_INVITE)
    }
    /// Whether the test letter may still be sent while the page is open.
    fn is_testing(&self) -> bool {
        let is_new = |test: &Told| *self.now() - test.created_at < PATIENCE;
        let is_open = |test: &Told| test.state == LetterState::Waiting && test.last_error.is_none();
        self.test.as_ref().is_some_and(|test| is_open(test) && is_new(test))
    }
}

async fn show(db: Data<Db>, context: MemberContext, Query(asked): Query<Asked>) -> web::Result<HttpResponse> {
    let me = context.email.clone();
    let (waiting, failed, test) = context.read(&db, move |conn, scope| load(conn, scope, asked, &me)).await?;
    ShowMail { context, waiting, failed, test }.ok()
}

/// The waiting and the failed letters, and the test letter if the page shows one of the caller's own.
fn load(conn: &mut Conn, scope: &Scope, asked: Asked, me: &str) -> Result<(List, List, Option<Told>), Fault> {
    scope.demand(rights::ORGANIZATION_READ)?;
    let here = scope.organization;
    let mut list = |state, before| {
        Ok::<_, Fault>(List {
            counts: mail::count_by_kind(conn, here, state)?,
            letters: mail::letters(conn, here, state, before, SHOWN)?,
        })
    };
    let (waiting, failed) = (list(LetterState::Waiting, None)?, list(LetterState::Failed, asked.before)?);
    let test = match asked.test {
        Some(id) => mail::find_test(conn, here, id, me)?,
        None => None,
    };
    Ok((waiting, failed, test))
}

#[derive(Template)]
#[template(path = "settings/test_letter.txt")]
struct TestText<'a> {
    organization: &'a str,
    sender: &'a str,
    when: &'a str,
}

#[derive(Template)]
#[template(path = "settings/test_letter.html")]
struct TestHtml<'a> {
    organization: &'a str,
    sender: &'a str,
    when: &'a str,
}

/// Sends a test letter to the administrator who requests it.
async fn create(db: Data<Db>, outbox: Data<Outbox>, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let to = Email::parse(&context.email).map_err(Fault::broken)?;
    match context.write(&db, move |tx, scope| send_test(tx, scope, &outbox, &to)).await.refused()? {
        Ok(id) => Ok(see_other(&context.path(format!("/settings/mail?test={id}")))),
        Err(wait) => {
            let notice = format!("That were many test letters. The next can follow in {} minutes.", wait.minutes());
            Ok(context.redirect_with_notice(&context.path("/settings/mail"), Notice::error(notice)))
        }
    }
}

/// Queues a test letter to the caller's own address.
fn send_test(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, to: &Email) -> Result<LetterId, OperationError<Wait>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    if let Some(wait) = throttle::count(tx, Bucket::TestLetters, &to.mailbox(), throttle::RECIPIENT, scope.now())? {
        return Err(OperationError::Refused(wait));
    }
    let organization = organizations::find(tx, scope.organization)?.name;
    let (organization, sender, when) = (organization.as_str(), scope.actor.name(), scope.now().exact());
    let letter = Letter::render(&TestText { organization, sender, when: &when }, &TestHtml { organization, sender, when: &when })?;
    let id = mail::send_test(tx, outbox, scope.organization, to, &letter, scope.now())?;
    audit::record(tx, scope, Event::new("mail.tested", "organization", scope.organization.0, organization))?;
    Ok(id)
}

/// Tries to send the waiting letters of the organization now.
async fn attempt(db: Data<Db>, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let notice = match context.write(&db, try_now).await? {
        0 => Notice::neutral("Nothing waits for a later try."),
        1 => Notice::success("One letter is tried again now."),
        many => Notice::success(format!("{} letters are tried again now.", grouped(many))),
    };
    Ok(context.redirect_with_notice(&context.path("/settings/mail"), notice))
}

/// Makes the waiting letters due now, and returns how many there are.
fn try_now(tx: &mut Tx<'_>, scope: &Scope) -> Result<usize, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let organization = organizations::find(tx, scope.organization)?.name;
    let count = mail::try_now(tx, scope.organization, scope.now())?;
    let event = Event::new("mail.hurried", "organization", scope.organization.0, &organization);
    audit::record(tx, scope, event.after(serde_json::json!({ "letters": count })))?;
    Ok(count)
}
