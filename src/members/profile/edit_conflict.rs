//! Edit conflict: two callers edited the same details. The second one sees what the first changed, field by field, and
//! decides.

use crate::{
    db::{Among, Conn, Db, Json, schema::audit_events},
    kit::{Fault, MemberId, MemberKind, Scope, Timestamp},
    members::{model::Details, store::find},
    web::{self, MemberContext, Respond, filters},
};
use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use diesel::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// With more changes than this since the form was opened, they are not shown one by one.
const MOST: i64 = 100;

/// A change of one field by another caller.
#[derive(Clone, Debug)]
struct Touch {
    by: String,
    at: Timestamp,
    /// The value when the form was opened, if known.
    before: Option<String>,
}

/// One field, as both callers want it.
#[derive(Clone, Debug)]
pub struct ConflictLine {
    pub field: &'static str,
    pub label: &'static str,
    pub mine: String,
    pub theirs: String,
    /// The value both started from, if known.
    pub before: Option<String>,
    pub by: String,
    pub at: Option<Timestamp>,
    pub verdict: Verdict,
}

/// Which value a field gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Only this caller changed it, or both want the same value.
    Mine,
    /// Only the other caller changed it.
    Theirs,
    /// Both changed it, to different values.
    Open,
}

#[derive(Template)]
#[template(path = "members/clash.html")]
struct Clash {
    context: MemberContext,
    name: String,
    /// The form's target, which is also the address of its page.
    action: String,
    back: String,
    version: i64,
    lines: Vec<ConflictLine>,
}

impl Clash {
    /// Fields that need a decision.
    fn open(&self) -> impl Iterator<Item = &ConflictLine> {
        self.lines.iter().filter(|line| line.verdict != Verdict::Mine)
    }
    /// Fields that only this caller changed, or that nobody changed.
    fn settled(&self) -> impl Iterator<Item = &ConflictLine> {
        self.lines.iter().filter(|line| line.verdict == Verdict::Mine)
    }
    fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
}

/// The conflict page, for a form that was based on that version.
///
/// # Errors
/// [`Fault::Missing`].
pub async fn edit_conflict(
    db: &Db,
    context: MemberContext,
    id: MemberId,
    (version, mine): (i64, Details),
    (action, back): (String, String),
) -> web::Result<HttpResponse> {
    let (member, touched) = context
        .read(db, move |conn, scope| {
            let member = find(conn, scope, id)?;
            let touched = touched(conn, scope, id, member.version - version)?;
            Ok::<_, Fault>((member, touched))
        })
        .await?;
    let lines = compare(member.kind, &mine, &Details::of(&member), &touched);
    Clash { context, name: member.name, action, back, version: member.version, lines }.with_status(StatusCode::CONFLICT)
}

fn compare(kind: MemberKind, mine: &Details, theirs: &Details, touched: &HashMap<String, Touch>) -> Vec<ConflictLine> {
    let line = |((field, label, mine), (_, _, theirs)): ((&'static str, &'static str, &str), (_, _, &str))| {
        let touch = touched.get(field);
        let verdict = match touch {
            Some(touch) if mine != theirs && touch.before.as_deref() == Some(mine) => Verdict::Theirs,
            Some(_) if mine != theirs => Verdict::Open,
            _ => Verdict::Mine,
        };
        ConflictLine {
            field,
            label: Details::label(kind, field).unwrap_or(label),
            mine: mine.to_owned(),
            theirs: theirs.to_owned(),
            before: touch.and_then(|touch| touch.before.clone()),
            by: touch.map(|touch| touch.by.clone()).unwrap_or_default(),
            at: touch.map(|touch| touch.at),
            verdict,
        }
    };
    mine.parts().into_iter().zip(theirs.parts()).map(line).collect()
}

/// The latest `changes` edits by field: who made the last one, and the value before the first one.
fn touched(conn: &mut Conn, scope: &Scope, id: MemberId, changes: i64) -> Result<HashMap<String, Touch>, Fault> {
    let events: Vec<(String, Timestamp, Option<Json<Value>>)> = audit_events::table
        .filter(audit_events::organization_id.eq(scope.organization))
        .filter(audit_events::target_id.eq(Some(id)))
        .filter(audit_events::action.among(["member.edited", "invitation.accepted"]))
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .limit(changes.clamp(0, MOST))
        .select((audit_events::actor_name, audit_events::at, audit_events::before))
        .load(conn)?;
    let mut touched: HashMap<String, Touch> = HashMap::new();
    for (by, at, before) in events {
        // Accepting an invitation also sets the member's name.
        let before: Vec<(String, Value)> = match before {
            Some(Json(Value::Object(fields))) => fields.into_iter().collect(),
            _ => ["first_name", "last_name", "name"].map(|field| (field.to_owned(), Value::Null)).into(),
        };
        for (field, old) in before {
            let touch = touched.entry(field).or_insert_with(|| Touch { by: by.clone(), at, before: None });
            touch.before = old.as_str().map(str::to_owned);
        }
    }
    Ok(touched)
}
