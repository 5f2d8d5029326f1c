//! Everything that an organization holds about one person, as one JSON document, streamed in parts: however many events and
//! sign-ins there are, a part is of a fixed size.
//!
//! The person gets what the organization holds and their identity. An administrator gets what belongs to the organization:
//! not how the person signs in, nor what they do elsewhere. Secrets and digests are in neither.

mod events;
mod identity;
mod membership;
mod requests;
mod reviews;
mod routes;
mod store;

pub use routes::mount;

use crate::{
    audit::{self, Event, Window},
    authorization,
    db::{Conn, Tx, keyset::TimeCursor},
    kit::{Fault, LetterId, MemberId, MemberKind, Permissions, Scope, SessionId, UserId, rights},
    members,
    sessions::{self, AttemptWindow},
};
use serde_json::{Value, json};

/// Rows read in one query.
const PART: i64 = 1_000;

/// Who gets the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The person, in this session.
    Themselves { session: Option<SessionId> },
    /// An administrator of the organization, or a program of theirs.
    Organization,
}

impl Audience {
    fn is_themselves(self) -> bool {
        matches!(self, Self::Themselves { .. })
    }
}

/// What is written next. Each list goes on until it ends.
#[derive(Clone, Copy, Debug)]
enum Position {
    Head,
    SignIns(AttemptWindow),
    Events(Window),
    Letters(Option<LetterId>),
}

/// A document in progress: the reader, the person, and the position.
#[derive(Clone)]
pub struct Export {
    scope: Scope,
    audience: Audience,
    member: MemberId,
    user: UserId,
    email: String,
    position: Position,
}

impl Export {
    /// Begins the document about a person, and records that in the audit trail.
    ///
    /// # Errors
    /// [`Fault::Denied`] without `user:manage:*` for the audience [`Audience::Organization`]; [`Fault::Missing`].
    pub fn begin(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, audience: Audience) -> Result<Self, Fault> {
        match audience {
            Audience::Themselves { .. } if scope.is_me(member) => {}
            Audience::Themselves { .. } => return Err(Fault::Missing),
            Audience::Organization => scope.demand(rights::USER_MANAGE)?,
        }
        let found = members::find_of(tx, scope, MemberKind::User, member)?;
        let user = found.user_id.ok_or(Fault::Missing)?;
        audit::record(tx, scope, Event::new("member.exported", "member", member.0, found.name))?;
        Ok(Self {
            scope: scope.clone(),
            audience,
            member,
            user,
            email: store::email(tx, user)?,
            position: Position::Head,
        })
    }

    /// The next piece of the document, and the document from there on, if there is more.
    pub fn part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        match self.position {
            Position::Head => {
                // The object stays open: the lists follow.
                let head = serde_json::to_string_pretty(&self.head(conn)?).map_err(Fault::broken)?;
                let head = head.trim_end_matches('}').trim_end();
                Ok(self.then(format!("{head},\n  \"sign_ins\": ["), Position::SignIns(AttemptWindow::First)))
            }
            Position::SignIns(window) => self.sign_ins(conn, window),
            Position::Events(window) => self.events(conn, window),
            Position::Letters(after) => self.letters(conn, after),
        }
    }

    fn then(&self, text: String, position: Position) -> (Vec<u8>, Option<Self>) {
        (text.into_bytes(), Some(Self { position, ..self.clone() }))
    }

    /// What is not a list without an end.
    fn head(&self, conn: &mut Conn) -> Result<Value, Fault> {
        let mut head = membership::of(conn, &self.scope, self.member, self.audience)?;
        if let Audience::Themselves { session } = self.audience {
            head["identity"] = identity::of(conn, &self.scope, self.user, session)?;
        }
        let mut left_out = Vec::new();
        if !self.shows_events() {
            left_out.push(json!({ "section": "audit_events", "needs": rights::AUDIT_READ.over_all().to_string() }));
        }
        // Nobody sees the tokens of a person who may do more than they.
        if !self.audience.is_themselves()
            && let Some(lacking) = authorization::above(conn, &self.scope, self.member)?
        {
            head["tokens"] = json!([]);
            left_out.push(json!({ "section": "tokens", "needs": lacking.to_string() }));
        }
        if !left_out.is_empty() {
            head["left_out"] = left_out.into();
        }
        Ok(head)
    }

    /// A person sees the events about themselves; an administrator those that they may see anyway.
    fn shows_events(&self) -> bool {
        self.audience.is_themselves() || self.scope.may(rights::AUDIT_READ)
    }

    /// The scope in which the person reads lists about themselves that need permissions otherwise.
    fn reading(&self) -> Scope {
        let mut scope = self.scope.clone();
        if self.audience.is_themselves() {
            scope.permissions = Permissions::everything();
        }
        scope
    }

    fn sign_ins(&self, conn: &mut Conn, window: AttemptWindow) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let page = sessions::attempts_of(conn, &self.scope, self.member, window, PART)?;
        let next = page.next().map(|last| Position::SignIns(AttemptWindow::After(TimeCursor(last.at, last.id))));
        let rows: Vec<Value> = page.rows.iter().map(events::sign_in).collect();
        let items = items(&rows, window == AttemptWindow::First)?;
        Ok(match next {
            Some(next) => self.then(items, next),
            None => self.then(format!("{items}\n  ],\n  \"audit_events\": ["), Position::Events(Window::First)),
        })
    }

    fn events(&self, conn: &mut Conn, window: Window) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let (rows, next) = if self.shows_events() {
            let page = events::about(conn, &self.reading(), self.member, window, PART)?;
            let next = page.next().map(|last| Window::After(TimeCursor(last.at, last.id)));
            let shown = |event| events::event(event, self.audience.is_themselves().then_some(self.member));
            (page.rows.iter().map(shown).collect(), next)
        } else {
            (vec![], None)
        };
        let items = items(&rows, window == Window::First)?;
        Ok(match next {
            Some(next) => self.then(items, Position::Events(next)),
            None => self.then(format!("{items}\n  ],\n  \"letters\": ["), Position::Letters(None)),
        })
    }

    fn letters(&self, conn: &mut Conn, after: Option<LetterId>) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let with_own = self.audience.is_themselves();
        let letters = store::letters(conn, self.scope.organization, with_own, &self.email, after, PART)?;
        let is_last = i64::try_from(letters.len()).is_ok_and(|count| count < PART);
        let next = letters.last().map(|letter| Position::Letters(Some(letter.id))).filter(|_| !is_last);
        let rows: Vec<Value> = letters.iter().map(events::letter).collect();
        let items = items(&rows, after.is_none())?;
        Ok(match next {
            Some(next) => self.then(items, next),
            None => (format!("{items}\n  ]\n}}\n").into_bytes(), None),
        })
    }
}

/// The items of a list, one on each line.
fn items(rows: &[Value], is_first: bool) -> Result<String, Fault> {
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        text.push_str(if is_first && place == 0 { "\n    " } else { ",\n    " });
        text.push_str(&serde_json::to_string(row).map_err(Fault::broken)?);
    }
    Ok(text)
}
