//! Pages that all second factors share: confirmation, the first recovery codes, the way back.

use crate::{
    db::{Db, Tx},
    kit::{Fault, OperationError, Timestamp, UserId},
    members, passwords,
    second_factors::{self, Held},
    sessions::{self, SignedIn},
    users::User,
    web::{self, Back, Error, Notice, Respond, VisitorContext, filters},
};
use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

/// The page that asks before something is removed.
#[derive(Template)]
#[template(path = "me/two_step_confirm.html")]
pub(super) struct Confirm {
    pub visitor: VisitorContext,
    pub title: String,
    pub points: Vec<&'static str>,
    pub button: &'static str,
    pub is_dangerous: bool,
    pub back: String,
}

impl Confirm {
    /// Asks before new recovery codes replace the old ones.
    pub fn new_codes(visitor: VisitorContext, back: &str) -> Self {
        Self {
            back: home(&visitor, back),
            visitor,
            title: "Make new recovery codes?".into(),
            points: vec![
                "the old ones work no more",
                "the new ones are shown once, to be printed or kept in a safe place",
            ],
            button: "Make new codes",
            is_dangerous: false,
        }
    }
    /// Asks before a factor is removed. `consequence` is what becomes of it.
    pub fn removal(
        visitor: VisitorContext,
        (title, button): (String, &'static str),
        consequence: &'static str,
        is_last: bool,
        back: &str,
    ) -> Self {
        let mut points = vec![consequence];
        points.extend(visitor.site.mail.is_server().then_some("you are told by mail"));
        points.extend(is_last.then_some(LAST));
        Self { title, points, button, is_dangerous: true, back: home(&visitor, back), visitor }
    }
}

/// What a first factor brings with it.
pub(super) struct First {
    codes: Vec<String>,
    /// When the proven password was chosen. It is read together with the factor, so that a session that begins now does
    /// not outlive a password that is chosen a moment later.
    password: Option<Timestamp>,
}

impl First {
    /// For the first recovery codes, ends every session: they began without a second step.
    pub fn of(tx: &mut Tx<'_>, user: &User, codes: Option<Vec<String>>) -> Result<Option<Self>, Fault> {
        let Some(codes) = codes else { return Ok(None) };
        sessions::end_all(tx, user.id)?;
        let password = passwords::find(tx, user.id)?.map(|password| password.changed_at);
        Ok(Some(Self { codes, password }))
    }
}

const LAST: &str = "it is your last one: from then on your password alone lets you in, and your recovery codes are removed too";

/// Begins a new session after the first factor was set up, and shows the recovery codes. Other sessions have ended,
/// because they showed the password alone; this one showed both.
pub(super) fn begin_anew(
    session: &Session,
    signed_in: &SignedIn,
    visitor: &VisitorContext,
    first: First,
    back: &str,
) -> web::Result<HttpResponse> {
    sessions::begin_again(session, signed_in.user.id, first.password, &visitor.request_info)?;
    show_codes(visitor, first.codes, true, back)
}

/// The factors of the signed-in person.
pub(super) async fn held(db: &Db, signed_in: &SignedIn) -> Result<Held, Fault> {
    let user = signed_in.user.id;
    db.read(move |conn| second_factors::held(conn, user)).await
}

/// Requires recent authentication, so that nobody changes factors from a browser that was left open.
pub(super) fn demand_proof(signed_in: &SignedIn, visitor: &VisitorContext) -> Result<(), Error> {
    if signed_in.must_change_password {
        return Err(Error::ChangePassword);
    }
    signed_in.require_reauthentication(visitor.request_info.now)
}

/// Removing their last second factor would leave a break-glass administrator without one.
#[derive(Debug, thiserror::Error)]
#[error("{0} named you as a break-glass administrator, who needs a second factor. Set up another one before you remove this.")]
pub(super) struct NeedsFactor(String);

/// Refuses what has left a break-glass administrator without a second factor.
pub(super) fn keeps_factor(tx: &mut Tx<'_>, user: UserId) -> Result<(), OperationError<NeedsFactor>> {
    if second_factors::has_any(tx, user)? {
        return Ok(());
    }
    let all = members::memberships(tx, user)?;
    match all.into_iter().find(|membership| membership.enters_without_sso) {
        Some(membership) => Err(OperationError::Refused(NeedsFactor(membership.organization_name))),
        None => Ok(()),
    }
}

/// The answer to a removal.
pub(super) fn removed(visitor: &VisitorContext, back: &str, removal: Result<(), NeedsFactor>, text: &str) -> HttpResponse {
    match removal {
        Ok(()) => done(visitor, back, text),
        Err(refusal) => visitor.redirect_with_notice(&home(visitor, back), Notice::error(refusal.to_string())),
    }
}

pub(super) fn done(visitor: &VisitorContext, back: &str, text: &str) -> HttpResponse {
    visitor.redirect_with_notice(&home(visitor, back), Notice::success(text))
}

/// The page to go to afterwards.
pub(super) fn home(visitor: &VisitorContext, back: &str) -> String {
    Back { back: back.to_owned() }.path(&visitor.site, "/two-step".into())
}

pub(super) fn show_codes(visitor: &VisitorContext, codes: Vec<String>, are_first: bool, back: &str) -> web::Result<HttpResponse> {
    let back = home(visitor, back);
    Shown { codes, are_first, back }.ok()
}

#[derive(Template)]
#[template(path = "me/recovery_codes.html")]
pub(super) struct Shown {
    codes: Vec<String>,
    /// Whether the codes came with the first factor.
    are_first: bool,
    back: String,
}
