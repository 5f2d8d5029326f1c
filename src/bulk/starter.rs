//! Who started a batch, and whether it may go on in their name. Read again for every chunk.

use super::model::Batch;
use crate::{
    authorization,
    db::{Conn, Json, Tx, schema::api_access},
    kit::{Actor, Fault, OperationError, RequestInfo, Scope, Timestamp},
    members::{self, Member},
    second_factors, tokens,
};
use diesel::prelude::*;

/// Why a batch stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum StarterRefusal {
    #[error("The person who began it is not active here any more.")]
    NotActive,
    #[error("The organization asks for two-step sign-in, and the person who began it has not set it up.")]
    NoSecondStep,
    #[error("The token that began it does not work any more.")]
    TokenEnded,
    #[error("The API access of the person who began it was turned off.")]
    NoApiAccess,
    #[error("The API password that began it was removed or replaced.")]
    PasswordEnded,
}

/// The member who started the batch, with their present permissions, as far as the credential had them that started it.
///
/// # Errors
/// A [`StarterRefusal`].
pub(super) fn scope(tx: &mut Tx<'_>, batch: &Batch, now: Timestamp) -> Result<Scope, OperationError<StarterRefusal>> {
    let request_info = RequestInfo {
        address: batch.address.clone(),
        credential: batch.credential.clone(),
        batch: Some(batch.id),
        ..RequestInfo::system(now)
    };
    let system = Scope { request_info, ..Scope::system(batch.organization_id, now) };
    let Some(id) = batch.started_by else {
        return Ok(system);
    };
    let Some(member) = members::find_active(tx, &system, id)? else {
        return Err(OperationError::Refused(StarterRefusal::NotActive));
    };
    if let Some(refusal) = refusal(tx, batch, &member, now)? {
        return Err(OperationError::Refused(refusal));
    }
    let held = authorization::permissions(tx, batch.organization_id, id, now)?;
    Ok(Scope {
        permissions: match &batch.ceiling {
            Some(Json(ceiling)) => held.intersection(&ceiling.iter().filter_map(|text| text.parse().ok()).collect()),
            None => held,
        },
        actor: Actor::Member { id, user: member.user_id, name: member.name },
        ..system
    })
}

/// Why this active member would be refused now, in the console or with the credential that started the batch.
fn refusal(conn: &mut Conn, batch: &Batch, member: &Member, now: Timestamp) -> Result<Option<StarterRefusal>, Fault> {
    if let Some(token) = batch.token_id
        && !tokens::is_live(conn, batch.organization_id, token, now)?
    {
        return Ok(Some(StarterRefusal::TokenEnded));
    }
    let Some(user) = member.user_id else { return Ok(None) };
    if second_factors::is_lacking(conn, batch.organization_id, user, now)? {
        return Ok(Some(StarterRefusal::NoSecondStep));
    }
    if batch.credential.is_none() {
        return Ok(None);
    }
    let access = api_access::table.find((batch.organization_id, member.id));
    let access: Option<Option<Timestamp>> = access.select(api_access::changed_at).first(conn).optional()?;
    Ok(match access {
        None => Some(StarterRefusal::NoApiAccess),
        // Without a token, it was the API password of that time.
        Some(changed_at) if batch.token_id.is_none() && changed_at.is_none_or(|at| at > batch.created_at) => {
            Some(StarterRefusal::PasswordEnded)
        }
        Some(_) => None,
    })
}
