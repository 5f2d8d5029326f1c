//! Requests as lists and pages show them: with names, and whether an open one is still to be decided.

use super::{
    decidable::Decidable,
    model::{AccessRequest, AskedKind, Lapse, RequestState},
    offer::outlasts,
    store,
};
use crate::{
    db::{
        Conn,
        keyset::{Page, Window},
    },
    kit::{AccessRequestId, Fault, MemberId, Scope, SubjectId, Timestamp},
};
use std::collections::{HashMap, HashSet};

/// A request with names.
#[derive(Clone, Debug)]
pub struct Listed {
    pub request: AccessRequest,
    /// Who asks.
    pub member: String,
    /// The present name of what is asked for; the name at that time, if it is gone.
    pub subject: String,
    /// Who decided, while they are a member.
    pub closed_by: Option<String>,
    /// Why it is not decided any more, although nobody closed it.
    pub lapse: Option<Lapse>,
}

impl Listed {
    /// The state as it is now.
    pub fn state(&self) -> RequestState {
        match self.lapse {
            Some(_) => RequestState::Lapsed,
            None => self.request.state,
        }
    }
    /// Who granted or refused it.
    pub fn decided_by(&self) -> Option<&String> {
        let is_decided = matches!(self.request.state, RequestState::Granted | RequestState::Refused);
        self.closed_by.as_ref().filter(|_| is_decided)
    }
    pub fn is_open(&self) -> bool {
        self.state() == RequestState::Open
    }
    /// What the decider wrote, or why it lapsed.
    pub fn answer(&self) -> String {
        self.lapse.map_or_else(|| self.request.answer.clone(), |lapse| lapse.to_string())
    }
    /// Until when it was granted; before that, until when it is asked for.
    pub fn until(&self) -> Option<Timestamp> {
        if self.request.state == RequestState::Granted {
            self.request.granted_until_at
        } else {
            self.request.until_at
        }
    }
    /// `the role Editor`.
    pub fn told(&self) -> String {
        self.request.kind.told(&self.subject)
    }
}

/// The requests that the caller may decide, the newest first.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    state: Option<RequestState>,
    window: &Window<AccessRequestId>,
    size: i64,
) -> Result<Page<Listed>, Fault> {
    let whose = Decidable::by(conn, scope)?;
    listed(conn, scope, &whose, state, window, size)
}

/// The caller's own requests, the newest first.
///
/// # Errors
/// [`Fault::Missing`] if the caller is no member.
pub fn list_own(
    conn: &mut Conn,
    scope: &Scope,
    state: Option<RequestState>,
    window: &Window<AccessRequestId>,
    size: i64,
) -> Result<Page<Listed>, Fault> {
    let me = scope.actor.member_id().ok_or(Fault::Missing)?;
    listed(conn, scope, &Decidable::OfMember(me), state, window, size)
}

fn listed(
    conn: &mut Conn,
    scope: &Scope,
    whose: &Decidable,
    state: Option<RequestState>,
    window: &Window<AccessRequestId>,
    size: i64,
) -> Result<Page<Listed>, Fault> {
    let page = store::page(conn, scope, whose, state, window, size)?;
    let known = Known::of(conn, scope, &page.rows)?;
    Ok(page.map(|request| known.told(scope, request)))
}

/// A request that the caller may decide, or their own.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: AccessRequestId) -> Result<Listed, Fault> {
    let own = scope.actor.member_id().map(Decidable::OfMember);
    let found = own.map(|own| store::find(conn, scope, &own, id));
    let request = match found {
        Some(Ok(request)) => request,
        Some(Err(Fault::Missing)) | None => match Decidable::by(conn, scope) {
            Ok(whose) => store::find(conn, scope, &whose, id)?,
            Err(_) => return Err(Fault::Missing),
        },
        Some(Err(fault)) => return Err(fault),
    };
    told(conn, scope, request)
}

/// A request that the caller may decide.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find_decidable(conn: &mut Conn, scope: &Scope, id: AccessRequestId) -> Result<Listed, Fault> {
    let whose = Decidable::by(conn, scope)?;
    let request = store::find(conn, scope, &whose, id)?;
    told(conn, scope, request)
}

pub(super) fn told(conn: &mut Conn, scope: &Scope, request: AccessRequest) -> Result<Listed, Fault> {
    let known = Known::of(conn, scope, std::slice::from_ref(&request))?;
    Ok(known.told(scope, request))
}

/// What is known for the requests of a page, read with a fixed number of queries.
struct Known {
    members: HashMap<MemberId, store::KnownMember>,
    names: HashMap<SubjectId, String>,
    roles: HashMap<(MemberId, SubjectId), Option<Timestamp>>,
    teams: HashSet<(MemberId, SubjectId)>,
}

impl Known {
    fn of(conn: &mut Conn, scope: &Scope, requests: &[AccessRequest]) -> Result<Self, Fault> {
        let people = requests.iter().flat_map(|one| [Some(one.member_id), one.closed_by]).flatten();
        let people: HashSet<MemberId> = people.collect();
        let waiting = requests.iter().filter(|one| one.is_open()).map(|one| one.member_id);
        let waiting: HashSet<MemberId> = waiting.collect();
        let waiting: Vec<MemberId> = waiting.into_iter().collect();
        let subjects: HashSet<SubjectId> = requests.iter().map(|one| one.subject_id).collect();
        Ok(Self {
            members: store::members_of(conn, scope, &people.into_iter().collect::<Vec<_>>())?,
            names: store::names(conn, scope, &subjects.into_iter().collect::<Vec<_>>())?,
            roles: store::roles_of(conn, scope, &waiting)?,
            teams: store::teams_of(conn, scope, &waiting)?,
        })
    }

    fn told(&self, scope: &Scope, request: AccessRequest) -> Listed {
        let name_of = |id: MemberId| self.members.get(&id).map(|known| known.name.clone());
        Listed {
            member: name_of(request.member_id).unwrap_or_default(),
            subject: self.names.get(&request.subject_id).unwrap_or(&request.subject_name).clone(),
            closed_by: request.closed_by.and_then(name_of),
            lapse: self.lapse(scope, &request),
            request,
        }
    }

    fn lapse(&self, scope: &Scope, request: &AccessRequest) -> Option<Lapse> {
        if !request.is_open() {
            return None;
        }
        let of = (request.member_id, request.subject_id);
        let is_held = match request.kind {
            AskedKind::Role => outlasts(&self.roles, of.0, of.1, request.until_at),
            AskedKind::Team => self.teams.contains(&of),
        };
        if !self.names.contains_key(&request.subject_id) {
            Some(Lapse::Gone)
        } else if !self.members.get(&request.member_id).is_some_and(|member| member.is_active) {
            Some(Lapse::NotActive)
        } else if is_held {
            Some(Lapse::Held)
        } else if request.until_at.is_some_and(|until| until <= scope.now()) {
            Some(Lapse::Ended)
        } else {
            request.is_old(scope.now()).then_some(Lapse::Old)
        }
    }
}
