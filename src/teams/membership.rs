//! Adding people and system accounts to a team and removing them: what both pages of it share.

use super::{forms::Chosen, model::Team, store};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberId, MemberKind, OperationResult, Scope, TeamId, count, sentence_list},
    members::{self, Answer, Change, LeftBy, Outcome, Refusal, Undone},
    web::{self, MemberContext, Notice},
};
use actix_web::HttpRequest;
use std::{collections::HashSet, fmt::Display};

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

/// These members by their kind. Unknown ones are among the people.
pub(super) fn by_kind(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Vec<(MemberKind, Vec<MemberId>)>, Fault> {
    let named = members::named(conn, scope, MemberKind::SystemAccount, ids)?;
    let machines: HashSet<MemberId> = named.into_iter().map(|one| one.id).collect();
    let (machines, people): (Vec<_>, Vec<_>) = ids.iter().partition(|id| machines.contains(id));
    let kinds = [(MemberKind::User, people), (MemberKind::SystemAccount, machines)];
    Ok(kinds.into_iter().filter(|(_, ids)| !ids.is_empty()).collect())
}

/// The outcome for each member, by their kind.
pub(super) type Done = Vec<(MemberKind, Vec<Answer>)>;

/// Adds members to a team, removes them, or undoes such a change. Without a kind, each is treated as what they are.
/// Returns the team and the outcomes, or why the caller may not: an identity provider alone decides it, or the team gives more
/// than the caller may give.
pub(super) async fn change(
    db: &Db,
    context: &MemberContext,
    id: TeamId,
    kind: Option<MemberKind>,
    wanted: Change,
    ids: Vec<MemberId>,
    left_by: Option<LeftBy>,
) -> web::Result<Result<(Team, Done), Refusal>> {
    let done = context
        .write(db, move |tx, scope| {
            let team = store::find(tx, scope.organization, id)?;
            let kinds = match kind {
                Some(kind) => vec![(kind, ids.clone())],
                // The permission is asked nevertheless.
                None if ids.is_empty() => vec![(MemberKind::User, vec![])],
                None => by_kind(tx, scope, &ids)?,
            };
            let mut done = Done::new();
            for (kind, ids) in kinds {
                let answers = match left_by {
                    Some(left_by) => members::undo(tx, scope, kind, &wanted, &ids, left_by)?,
                    None => members::change(tx, scope, kind, &wanted, &ids)?,
                };
                done.push((kind, answers));
            }
            Ok((team, done))
        })
        .await;
    match done.refused()? {
        done @ (Ok(_) | Err(Refusal::ManagedTeam(_) | Refusal::Grant(_))) => Ok(done),
        // The other refusal is an unknown team, and the team existed when it was read.
        Err(_) => Err(Fault::Missing.into()),
    }
}

/// `2 people and 1 system account`
pub(super) fn counted<N: Display + PartialEq + From<u8>>(people: N, machines: N) -> String {
    let counts = [(people, MemberKind::User), (machines, MemberKind::SystemAccount)];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(number, _)| *number != N::from(0))
        .map(|(number, kind)| count(number, kind.singular(), kind.plural()))
        .collect();
    sentence_list(&told)
}

/// A sentence about the result: who was changed, and the first refusal. Also returns the ids of the changed members,
/// and their kind if it is one.
pub(super) fn told(answers: &Done, one: &str, many: &str, team: &str) -> (String, Vec<MemberId>, Option<MemberKind>) {
    let of = |kind: MemberKind| answers.iter().filter(move |(known, _)| *known == kind).flat_map(|(_, answers)| answers);
    let done = |kind| -> Vec<&Answer> { of(kind).filter(|answer| answer.outcome.is_done()).collect() };
    let (people, machines) = (done(MemberKind::User), done(MemberKind::SystemAccount));
    let text = match (&people[..], &machines[..]) {
        ([], []) => String::new(),
        ([only], []) | ([], [only]) => format!("{} {one} {team}.", only.name),
        _ => format!("{} {many} {team}.", counted(people.len(), machines.len())),
    };
    let refused = answers.iter().flat_map(|(_, answers)| answers).find_map(|answer| match &answer.outcome {
        Outcome::Refused(why) => Some(format!("{}: {why}", answer.name)),
        _ => None,
    });
    let text = match (text.is_empty(), refused) {
        (true, Some(why)) => why,
        (false, Some(why)) => format!("{text} {why}"),
        (true, None) => "Nothing was changed.".into(),
        (false, None) => text,
    };
    let kind = match (people.is_empty(), machines.is_empty()) {
        (false, false) => None,
        (true, false) => Some(MemberKind::SystemAccount),
        _ => Some(MemberKind::User),
    };
    (text, people.iter().chain(&machines).map(|answer| answer.id).collect(), kind)
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
