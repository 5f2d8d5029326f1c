//! Adding people and system accounts to a team and removing them: what both pages of it share.

use super::{forms::Chosen, model::Team, store};
use crate::{
    db::Db,
    kit::{Fault, MemberId, MemberKind, OperationResult, TeamId, count},
    members::{self, Answer, Change, LeftBy, Outcome, Refusal, Undone},
    web::{self, MemberContext, Notice},
};
use actix_web::HttpRequest;

/// The members chosen on the form, or named in the URL.
pub(super) fn chosen(req: &HttpRequest, mut form: Chosen) -> web::Result<Chosen> {
    let named: Chosen = web::query(req)?;
    form.members.extend(named.members);
    form.kind = form.kind.or(named.kind);
    form.members.sort_unstable();
    form.members.dedup();
    if form.members.len() > Chosen::MOST {
        return Err(web::Error::TooLarge);
    }
    Ok(form)
}

/// Adds members to a team, removes them, or undoes such a change. Returns the team and the outcome for each, or why an
/// identity provider alone may do it.
pub(super) async fn change(
    db: &Db,
    context: &MemberContext,
    id: TeamId,
    kind: MemberKind,
    wanted: Change,
    ids: Vec<MemberId>,
    left_by: Option<LeftBy>,
) -> web::Result<Result<(Team, Vec<Answer>), Refusal>> {
    let done = context
        .write(db, move |tx, scope| {
            let team = store::find(tx, scope.organization, id)?;
            let answers = match left_by {
                Some(left_by) => members::undo(tx, scope, kind, &wanted, &ids, left_by)?,
                None => members::change(tx, scope, kind, &wanted, &ids)?,
            };
            Ok((team, answers))
        })
        .await;
    match done.refused()? {
        done @ (Ok(_) | Err(Refusal::ManagedTeam(_))) => Ok(done),
        // The other refusal is an unknown team, and the team existed when it was read.
        Err(_) => Err(Fault::Missing.into()),
    }
}

/// A sentence about the result: who was changed, and the first refusal. Also returns the ids of the changed members.
pub(super) fn told(answers: &[Answer], kind: MemberKind, one: &str, many: &str, team: &str) -> (String, Vec<MemberId>) {
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.outcome.is_done()).collect();
    let text = match &done[..] {
        [] => String::new(),
        [only] => format!("{} {one} {team}.", only.name),
        all => format!("{} {many} {team}.", count(all.len(), kind.singular(), kind.plural())),
    };
    let refused = answers.iter().find_map(|answer| match &answer.outcome {
        Outcome::Refused(why) => Some(format!("{}: {why}", answer.name)),
        _ => None,
    });
    let text = match (text.is_empty(), refused) {
        (true, Some(why)) => why,
        (false, Some(why)) => format!("{text} {why}"),
        (true, None) => "Nothing was changed.".into(),
        (false, None) => text,
    };
    (text, done.iter().map(|answer| answer.id).collect())
}

/// The action that the request undoes. An action of more than a day ago is not undone without asking.
pub(super) fn undone_here(context: &MemberContext, undone: Undone) -> web::Result<Option<LeftBy>> {
    let left_by = undone.left_by()?;
    if left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now())) {
        return Err(web::Error::Malformed("That was more than a day ago, so one press does not undo it.".into()));
    }
    Ok(left_by)
}

/// A success notice with its undo button, or a notice of what was refused.
pub(super) fn notice(text: String, done: &[MemberId], undo: String, back: &str) -> Notice {
    if done.is_empty() {
        Notice::error(text)
    } else {
        Notice::success(text).with_undo(undo, back.to_owned())
    }
}
