//! Edit conflict: two callers edited the same details. The second one sees what the first changed, field by field, and
//! decides.

use crate::{
    db::{Among, Conn, Db, Json, schema::audit_events},
    kit::{Fault, MemberId, MemberKind, Scope, Timestamp},
    members::{
        model::{Details, Member},
        store::find,
    },
    own_fields::{self, FieldKind},
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
    pub field: String,
    pub label: String,
    pub mine: String,
    pub theirs: String,
    /// As people read them.
    pub mine_told: String,
    pub theirs_told: String,
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
    let (member, lines) = context
        .read(db, move |conn, scope| {
            let member = find(conn, scope, id)?;
            let touched = touched(conn, scope, id, member.version - version)?;
            let mut lines = compare(member.kind, &mine, &Details::of(&member), &touched);
            lines.extend(compare_own(conn, scope, &member, &mine, &touched)?);
            Ok::<_, Fault>((member, lines))
        })
        .await?;
    Clash { context, name: member.name, action, back, version: member.version, lines }.with_status(StatusCode::CONFLICT)
}

fn compare(kind: MemberKind, mine: &Details, theirs: &Details, touched: &HashMap<String, Touch>) -> Vec<ConflictLine> {
    let line = |((field, label, mine), (_, _, theirs)): ((&'static str, &'static str, &str), (_, _, &str))| {
        let label = Details::label(kind, field).unwrap_or(label);
        ConflictLine::new((field.to_owned(), label.to_owned()), (mine, mine), (theirs, theirs), touched.get(field))
    };
    mine.parts().into_iter().zip(theirs.parts()).map(line).collect()
}

impl ConflictLine {
    /// Both values come as a form has them and as people read them.
    fn new((field, label): (String, String), mine: (&str, &str), theirs: (&str, &str), touch: Option<&Touch>) -> Self {
        let verdict = match touch {
            Some(touch) if mine.0 != theirs.0 && touch.before.as_deref() == Some(mine.1) => Verdict::Theirs,
            Some(_) if mine.0 != theirs.0 => Verdict::Open,
            _ => Verdict::Mine,
        };
        Self {
            field,
            label,
            mine: mine.0.to_owned(),
            theirs: theirs.0.to_owned(),
            mine_told: mine.1.to_owned(),
            theirs_told: theirs.1.to_owned(),
            before: touch.and_then(|touch| touch.before.clone()),
            by: touch.map(|touch| touch.by.clone()).unwrap_or_default(),
            at: touch.map(|touch| touch.at),
            verdict,
        }
    }
}

/// The organization's own fields that were sent.
fn compare_own(
    conn: &mut Conn,
    scope: &Scope,
    member: &Member,
    mine: &Details,
    touched: &HashMap<String, Touch>,
) -> Result<Vec<ConflictLine>, Fault> {
    let mut lines = Vec::new();
    for line in own_fields::of_member(conn, scope, member.kind, member.id)? {
        let Some(typed) = mine.own.get(&line.field.id) else { continue };
        let told = match line.field.kind {
            FieldKind::Person if !typed.is_empty() => own_fields::find_person(conn, scope.organization, typed)?.map(|person| person.name),
            FieldKind::Choice => Some(line.field.label_of(typed).to_owned()),
            _ => None,
        };
        let touch = touched.get(&line.field.audit_key());
        let (mine, theirs) = ((typed.as_str(), told.as_deref().unwrap_or(typed)), (line.input.value.as_str(), line.told()));
        lines.push(ConflictLine::new((line.name(), line.field.name.clone()), mine, theirs, touch));
    }
    Ok(lines)
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
