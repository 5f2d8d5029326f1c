//! Applies the mappings of a connection at a sign-in: what the provider says of the person gives roles and teams, and what
//! it does not say any more is taken back. Only what a mapping gave is ever taken. A claim that is missing changes
//! nothing: people have lost their groups where it was read as none. What kept a mapping from being applied stands on the
//! page of the connection; the sign-in goes on.

use super::answer::ProviderAnswer;
use crate::{
    audit::{self, Event},
    authorization,
    connections::{self, ClaimMapping, Connection},
    db::{Conn, Tx},
    kit::{Actor, Fault, MemberId, OperationResult, RequestInfo, Scope, Timestamp, UserId},
    members::{self, Assignments, MappedGrant, Member},
    roles,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What an answer says about the mappings.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mapped {
    wanted: BTreeSet<MappedGrant>,
    /// What the answer does not decide, because its claim did not come.
    undecided: BTreeSet<MappedGrant>,
    trouble: Option<String>,
}

fn read(mappings: &[ClaimMapping], answer: &ProviderAnswer) -> Mapped {
    let mut mapped = Mapped::default();
    for mapping in mappings {
        match answer.says(&mapping.claim) {
            Some(values) if values.contains(&mapping.value) => {
                mapped.wanted.insert(mapping.gives);
            }
            Some(_) => {}
            None => {
                mapped.undecided.insert(mapping.gives);
                mapped.trouble = Some(missing(&mapping.claim, answer));
            }
        }
    }
    mapped
}

fn missing(claim: &str, answer: &ProviderAnswer) -> String {
    if answer.left_out.iter().any(|left_out| left_out == claim) {
        format!(
            "The person has too many groups for the answer, so “{claim}” was left out. What it gave before stayed. Let the provider send app roles, or only the groups that are assigned to Roster."
        )
    } else {
        format!(
            "“{claim}” did not come, or is no text and no list of texts. What it gave before stayed. Let the provider send it, empty if there is nothing."
        )
    }
}

/// Gives and takes what follows from the answer.
///
/// # Errors
/// Only faults.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    connection: &Connection,
    answer: &ProviderAnswer,
    user: UserId,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let organization = connection.organization_id;
    let Some(member) = members::find_by_user(tx, organization, user)? else {
        return Ok(());
    };
    let held = members::mapped(tx, organization, member.id, connection.id)?;
    let mapped = read(&connection.mappings.0, answer);
    let mut trouble = mapped.trouble;
    // Roster acts. What it may give was judged by the member who saved the mappings.
    let mut scope = Scope::system(organization, request_info.now);
    scope.request_info = request_info.clone();
    let (mut given, mut taken) = (Vec::new(), Vec::new());
    let wanted: Vec<MappedGrant> = mapped.wanted.difference(&held).copied().collect();
    if !wanted.is_empty() {
        let giver = giver(tx, connection, connection.mapped_by, request_info)?;
        let present = members::assignments(tx, &scope, member.id)?;
        for grant in wanted.into_iter().filter(|grant| !is_held(&present, *grant)) {
            match give(tx, &scope, giver.as_ref(), connection, member.id, grant)? {
                Ok(()) => given.push(grant),
                Err(why) => trouble = Some(why),
            }
        }
    }
    for grant in held.into_iter().filter(|grant| !mapped.wanted.contains(grant) && !mapped.undecided.contains(grant)) {
        match tx.part(|tx| members::take_mapped(tx, &scope, member.id, grant)).refused()? {
            Ok(_) => taken.push(grant),
            Err(refusal) => trouble = Some(format!("{} keeps a role or team that should be taken back. {refusal}", member.name)),
        }
    }
    record(tx, &scope, connection, &member, (&given, &taken))?;
    connections::mapped(tx, connection, trouble.as_deref(), request_info.now)
}

fn is_held(present: &Assignments, grant: MappedGrant) -> bool {
    match grant {
        MappedGrant::Role(role) => present.roles.contains_key(&role),
        MappedGrant::Team(team) => present.teams.contains(&team),
    }
}

/// Gives one role or team, if the member who saved the mappings may still give it. Otherwise says why not.
fn give(
    tx: &mut Tx<'_>,
    scope: &Scope,
    giver: Option<&Scope>,
    connection: &Connection,
    member: MemberId,
    grant: MappedGrant,
) -> Result<Result<(), String>, Fault> {
    let Some(giver) = giver else {
        return Ok(Err(
            "Nothing new is given, because the member who saved the mappings is no active member any more. Save them again.".into(),
        ));
    };
    if let Err(refusal) = members::may_grant(tx, giver, &grant.grants()).refused()? {
        return Ok(Err(format!("A mapping gives nothing, as far as {} may give it: {refusal}", giver.actor.name())));
    }
    let given = tx.part(|tx| members::give_mapped(tx, scope, member, connection.id, grant)).refused()?;
    Ok(given.map(|_| ()).map_err(|refusal| refusal.to_string()))
}

/// The scope of the member who saved what a connection gives; `None` when they are no active member any more. The
/// operator needs no check.
pub(super) fn giver(
    conn: &mut Conn,
    connection: &Connection,
    by: Option<MemberId>,
    request_info: &RequestInfo,
) -> Result<Option<Scope>, Fault> {
    let (organization, now) = (connection.organization_id, request_info.now);
    let mut scope = Scope::system(organization, now);
    scope.request_info = request_info.clone();
    let Some(giver) = by else {
        return Ok(Some(scope));
    };
    let Some(member) = members::find_active(conn, &scope, giver)? else {
        return Ok(None);
    };
    scope.permissions = authorization::permissions(conn, organization, giver, now)?;
    scope.actor = Actor::Member { id: giver, user: member.user_id, name: member.name };
    Ok(Some(scope))
}

/// Says in the audit log why Roster changed the access of a member.
fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    connection: &Connection,
    member: &Member,
    (given, taken): (&[MappedGrant], &[MappedGrant]),
) -> Result<(), Fault> {
    if given.is_empty() && taken.is_empty() {
        return Ok(());
    }
    let names = names(tx, scope)?;
    let named = |grants: &[MappedGrant]| -> Vec<&String> { grants.iter().filter_map(|grant| names.get(grant)).collect() };
    let facts = json!({ "connection": connection.name, "given": named(given), "taken": named(taken) });
    audit::record(tx, scope, Event::new("member.access_mapped", "member", member.id.0, &member.name).after(facts))
}

fn names(conn: &mut Conn, scope: &Scope) -> Result<BTreeMap<MappedGrant, String>, Fault> {
    let roles = roles::list(conn, scope.organization)?
        .into_iter()
        .map(|role| (MappedGrant::Role(role.id), role.name));
    let teams = members::teams(conn, scope.organization)?
        .into_iter()
        .map(|team| (MappedGrant::Team(team.id), team.name));
    Ok(roles.chain(teams).collect())
}

/// What the mappings give somebody with this answer, and what keeps them from it, for the test.
pub(super) fn tell(conn: &mut Conn, connection: &Connection, answer: &ProviderAnswer, now: Timestamp) -> Result<Vec<String>, Fault> {
    if connection.mappings.0.is_empty() {
        return Ok(vec![]);
    }
    let mapped = read(&connection.mappings.0, answer);
    let names = names(conn, &Scope::system(connection.organization_id, now))?;
    let wanted: Vec<&str> = mapped.wanted.iter().filter_map(|grant| names.get(grant)).map(String::as_str).collect();
    let gives = match &wanted[..] {
        [] => "The mappings give nothing.".to_owned(),
        names => format!("The mappings give: {}.", names.join(", ")),
    };
    Ok([Some(gives), mapped.trouble].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::RoleId;
    use uuid::Uuid;

    fn grant(number: u128) -> MappedGrant {
        MappedGrant::Role(RoleId(Uuid::from_u128(number)))
    }
    fn mapping(claim: &str, value: &str, number: u128) -> ClaimMapping {
        ClaimMapping { claim: claim.into(), value: value.into(), gives: grant(number) }
    }
    fn answer(values: &[(&str, &[&str])]) -> ProviderAnswer {
        let values = values
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|one| (*one).to_owned()).collect()));
        ProviderAnswer { values: values.collect(), ..ProviderAnswer::default() }
    }

    #[test]
    fn values_are_compared_exactly_and_an_empty_claim_gives_nothing() {
        let mappings = [
            mapping("groups", "staff", 1),
            mapping("groups", "Staff", 2),
            mapping("department", "Sales", 3),
        ];
        let mapped = read(&mappings, &answer(&[("groups", &["staff", "other"]), ("department", &["Sales, EMEA"])]));
        assert_eq!((mapped.wanted, mapped.undecided, mapped.trouble), ([grant(1)].into(), [].into(), None));
        let mapped = read(&mappings, &answer(&[("groups", &[]), ("department", &[])]));
        assert_eq!(mapped, Mapped::default());
    }

    #[test]
    fn a_claim_that_is_missing_decides_nothing_and_says_so() {
        let mappings = [mapping("groups", "staff", 1), mapping("department", "Sales", 2)];
        let mut answer = answer(&[("department", &["Sales"])]);
        let mapped = read(&mappings, &answer);
        assert_eq!((mapped.wanted, mapped.undecided), ([grant(2)].into(), [grant(1)].into()));
        assert!(mapped.trouble.is_some_and(|why| why.contains("“groups” did not come")));
        answer.left_out = vec!["groups".into()];
        assert!(read(&mappings, &answer).trouble.is_some_and(|why| why.contains("too many groups")));
    }
}
