//! Bulk actions: the same batches that the console's bulk bar begins.

use super::{
    Caller, answers,
    batches::{self, BatchSummary},
    body::Body,
    choice::{self, Choice},
    endpoints::Endpoint,
    parameters::{Parameters, WriteParameters},
};
use crate::{
    bulk::{self, BulkAction, Foreseen, Runner, Selection, Verdict},
    db::{Conn, Db},
    directory,
    kit::{
        Fault, MemberId, MemberKind, OperationError, OperationResult, PolicyId, RoleId, Scope, TeamId, Timestamp, grouped, sql::TextEnum,
    },
    members::{Action, AsksFor, Parameters as ActionParameters, named},
    web::{self, FieldError, Problem},
};
use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most members that one request names.
const MOST: usize = 1_000;

/// The most verdicts that one answer lists.
const LISTED: usize = 1_000;

/// An action on many members. Give `ids` or `filter`, and what the action needs: a role for `add_role` and `remove_role`,
/// a team for `join_team` and `leave_team`, a policy for `attach_policy` and `detach_policy`.
#[derive(Deserialize, ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkRequest {
    #[schema(schema_with = choice::schema::<MemberKind>)]
    kind: Choice<MemberKind>,
    #[schema(schema_with = many)]
    action: Choice<Action>,
    /// The members.
    #[schema(min_items = 1, max_items = 1000)]
    ids: Option<Vec<Uuid>>,
    /// All members that this query of the list selects, as in `GET /api/v1/users?{filter}`.
    #[schema(max_length = 8000, example = "tab=active&seen=90")]
    filter: Option<String>,
    /// How many members the filter selected when it was looked at. If others match by now, nothing is done.
    #[schema(minimum = 0)]
    expected: Option<usize>,
    /// Why they are disabled.
    #[schema(max_length = 300)]
    reason: Option<String>,
    role_id: Option<Uuid>,
    /// When the role lapses. Without it the role has no end.
    until: Option<DateTime<Utc>>,
    team_id: Option<Uuid>,
    policy_id: Option<Uuid>,
}

/// The actions that can be done to many.
fn many() -> utoipa::openapi::schema::Object {
    let all = Action::TEXTS.iter().filter(|text| text.parse::<Action>().is_ok_and(Action::is_for_many));
    choice::of(all.copied())
}

/// What a bulk action would do.
#[derive(Serialize, ToSchema, Default)]
pub(super) struct BulkForecast {
    /// How many members are selected.
    total: usize,
    /// How many would be changed.
    done: usize,
    /// How many are so already.
    unchanged: usize,
    /// How many would be left out.
    refused: usize,
    /// What would become of each, at most 1,000 of them.
    verdicts: Vec<MemberVerdict>,
}

/// What a bulk action would do to one member, or did.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberVerdict {
    id: Uuid,
    name: String,
    /// `done`, `unchanged` or `refused`.
    #[schema(example = "refused")]
    outcome: &'static str,
    /// Why it is refused, for people.
    #[schema(required = true)]
    reason: Option<String>,
}

impl From<Verdict> for MemberVerdict {
    fn from(verdict: Verdict) -> Self {
        let (outcome, reason) = match verdict.outcome {
            Foreseen::Done => ("done", None),
            Foreseen::Unchanged => ("unchanged", None),
            Foreseen::Refused(why) => ("refused", Some(why)),
        };
        Self { id: verdict.id.0, name: verdict.name, outcome, reason }
    }
}

impl BulkForecast {
    fn add(&mut self, verdict: Verdict) {
        self.total += 1;
        match verdict.outcome {
            Foreseen::Done => self.done += 1,
            Foreseen::Unchanged => self.unchanged += 1,
            Foreseen::Refused(_) => self.refused += 1,
        }
        if self.verdicts.len() < LISTED {
            self.verdicts.push(verdict.into());
        }
    }
}

impl BulkRequest {
    /// The action with its parameters.
    fn action(&self, now: Timestamp) -> web::Result<BulkAction> {
        let Choice(action) = self.action;
        let until = self.until.map(Timestamp::from);
        let mut errors = self.misfits();
        if until.is_some_and(|until| until <= now || until.utc().year() > 9998) {
            errors.push(FieldError::new("/until", "out-of-range", "The end is in the future, before the year 9999."));
        }
        if self.reason.as_ref().is_some_and(|reason| reason.trim().chars().count() > 300) {
            errors.push(FieldError::new("/reason", "too-long", "At most 300 characters fit here."));
        }
        if !errors.is_empty() {
            return Err(Problem::fields(errors).into());
        }
        let default = ActionParameters::default();
        let with = ActionParameters {
            reason: self.reason.as_deref().unwrap_or_default().trim().to_owned(),
            role: self.role_id.map_or(default.role, RoleId),
            until,
            team: self.team_id.map_or(default.team, TeamId),
            policy: self.policy_id.map_or(default.policy, PolicyId),
        };
        BulkAction::of(action, with).ok_or_else(|| Problem::field("/action", "invalid", "No action on many.").into())
    }

    /// The complaints about an action that is not for many of this kind, and about parameters that it lacks or does not use.
    fn misfits(&self) -> Vec<FieldError> {
        let (Choice(action), Choice(kind)) = (self.action, self.kind);
        let (name, asks_for) = (action.as_str(), action.asks_for());
        let mut errors = Vec::new();
        if !action.is_for_many() || !action.is_for(kind) {
            errors.push(FieldError::new("/action", "invalid", format!("{name} is no action on many of this kind.")));
        }
        let takes_role = matches!(asks_for, AsksFor::Role | AsksFor::RoleAndEnd);
        let given = [
            ("/reason", self.reason.is_some(), matches!(asks_for, AsksFor::Reason), false),
            ("/role_id", self.role_id.is_some(), takes_role, true),
            ("/until", self.until.is_some(), matches!(asks_for, AsksFor::RoleAndEnd), false),
            ("/team_id", self.team_id.is_some(), matches!(asks_for, AsksFor::Team), true),
            ("/policy_id", self.policy_id.is_some(), matches!(asks_for, AsksFor::Policy), true),
        ];
        for (field, is_given, is_used, is_needed) in given {
            match (is_given, is_used) {
                (true, false) => errors.push(FieldError::new(field, "unused", format!("{name} takes none."))),
                (false, true) if is_needed => errors.push(FieldError::new(field, "required", format!("{name} needs it."))),
                _ => {}
            }
        }
        errors
    }

    /// Checks how the members are named.
    fn check_selection(&self) -> web::Result<()> {
        let wrong = |field: &str, code, detail: &str| Err(Problem::field(field, code, detail).into());
        match (&self.ids, &self.filter) {
            (None, None) => wrong("/ids", "required", "Name the members by ids or by filter."),
            (Some(_), Some(_)) => wrong("/filter", "unused", "Name the members by ids or by filter, not by both."),
            (Some(ids), None) if ids.is_empty() || ids.len() > MOST => wrong("/ids", "out-of-range", "Name 1 to 1,000 members."),
            (None, Some(filter)) if !directory::is_understood(self.kind.0, filter) => {
                wrong("/filter", "invalid", "Some of it is not understood, so it would select others than meant.")
            }
            _ => Ok(()),
        }
    }

    /// The members, each once.
    fn selected(&self, conn: &mut Conn, scope: &Scope) -> Result<Vec<MemberId>, Fault> {
        let Some(ids) = &self.ids else {
            return directory::matching(conn, scope, self.kind.0, self.filter.as_deref().unwrap_or_default());
        };
        let mut seen = HashSet::new();
        let ids: Vec<MemberId> = ids.iter().copied().map(MemberId).filter(|id| seen.insert(*id)).collect();
        Ok(named(conn, scope, self.kind.0, &ids)?.into_iter().map(|one| one.id).collect())
    }

    /// Checks that somebody is selected, and as many as expected.
    fn check_count(&self, selected: usize) -> Result<(), Unselected> {
        match self.expected {
            _ if selected == 0 => Err(Unselected::Nobody),
            Some(expected) if expected != selected => Err(Unselected::Others(selected)),
            _ => Ok(()),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create)
            .needs_one_of(&batches::needs())
            .records(&["batch.started"])
            .refuses(&["nobody-selected", "selection-changed"]),
    ]
}

/// Why a bulk action was not begun.
#[derive(Debug)]
enum Unselected {
    Nobody,
    /// So many match by now.
    Others(usize),
}

impl From<Unselected> for web::Error {
    fn from(why: Unselected) -> Self {
        match why {
            Unselected::Nobody => {
                answers::refused("nobody-selected", "Nobody is selected", &"No member has these ids, or matches the filter.")
            }
            Unselected::Others(count) => answers::refused(
                "selection-changed",
                "Others match meanwhile",
                &format!("The filter selects {} by now.", grouped(count)),
            ),
        }
    }
}

/// Act on many members
///
/// Begins a bulk action, which goes on after the answer: follow it at its Location. Each member is judged by itself, and those
/// who are refused are left out. A dry run answers with the verdict for each instead.
#[utoipa::path(post, path = "/api/v1/bulk", operation_id = "bulk", tag = "Bulk actions", params(WriteParameters), request_body = BulkRequest,
    responses(
        (status = 202, description = "It has begun.", body = BatchSummary, headers(("Location" = String, description = "Where its progress is."))),
        (status = 200, description = "What it would do (dry run).", body = BulkForecast)))]
async fn create(
    db: Data<Db>,
    runner: Data<Runner>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<BulkRequest>,
) -> web::Result<HttpResponse> {
    let (Parameters(how), Body(wanted)) = (how, body);
    let action = wanted.action(caller.scope.now())?;
    wanted.check_selection()?;
    if how.dry_run {
        return Ok(HttpResponse::Ok().json(forecast(&db, &caller, wanted, action).await?));
    }
    let token = caller.token();
    let begun = caller.write(&db, how, move |tx, scope| {
        let ids = wanted.selected(tx, scope)?;
        wanted.check_count(ids.len()).map_err(OperationError::Refused)?;
        let query = wanted.filter.as_deref().unwrap_or_default();
        Ok(bulk::begin(tx, scope, &Selection { kind: wanted.kind.0, query, ids: &ids }, &action, token)?)
    });
    let id = begun.await.refused()?.map_err(web::Error::from)?;
    runner.begin(id).await?;
    batches::begun(&db, &caller, id).await
}

/// What it would do, and nothing is done.
async fn forecast(db: &Db, caller: &Caller, wanted: BulkRequest, action: BulkAction) -> web::Result<BulkForecast> {
    let forecast = caller.read(db, move |conn, scope| {
        let ids = wanted.selected(conn, scope)?;
        wanted.check_count(ids.len()).map_err(OperationError::Refused)?;
        let mut forecast = BulkForecast::default();
        bulk::verdicts(conn, scope, wanted.kind.0, &action, &ids, &mut |verdict| forecast.add(verdict))?;
        Ok(forecast)
    });
    forecast.await.refused()?.map_err(web::Error::from)
}
