//! Who asks, in which organization, when and from where: created once per request and passed first to every operation.

use super::{BatchId, Fault, MemberId, OrganizationId, Permission, Permissions, Right, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// When and from where a request comes, whether or not the caller is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestInfo {
    pub now: Timestamp,
    /// The client's network address, or `cli`.
    pub address: String,
    /// The User-Agent header, shortened.
    pub agent: String,
    pub request_id: String,
    /// Shared by the changes of one bulk action.
    pub batch: Option<BatchId>,
    /// The API credential that was used, under its name in the audit trail.
    pub credential: Option<String>,
    /// The networks to which that credential is limited. Empty if it works from anywhere.
    #[serde(default)]
    pub networks: Vec<String>,
    /// The member who looks at the console as the actor sees it. Nothing is changed then.
    #[serde(default)]
    pub viewed_by: Option<MemberId>,
}

impl RequestInfo {
    pub fn system(now: Timestamp) -> Self {
        Self {
            now,
            address: "cli".into(),
            agent: String::new(),
            request_id: String::new(),
            batch: None,
            credential: None,
            networks: Vec::new(),
            viewed_by: None,
        }
    }
}

/// The actor.
#[derive(Clone, Debug)]
pub enum Actor {
    Member {
        id: MemberId,
        /// The user's identity. A system account has none.
        user: Option<UserId>,
        name: String,
    },
    /// A system account that keeps people up to date for an identity provider. It reaches whom the Administrator reaches
    /// who set it up; `provisioning` decides before it acts what of that it may do.
    Provisioner { id: MemberId, name: String },
    /// The operator at the command line, or Roster itself.
    System,
}

impl Actor {
    pub fn member_id(&self) -> Option<MemberId> {
        match self {
            Self::Member { id, .. } | Self::Provisioner { id, .. } => Some(*id),
            Self::System => None,
        }
    }
    /// The seed of the avatar colour.
    pub fn face(&self) -> String {
        self.member_id().map(|id| id.to_string()).unwrap_or_default()
    }
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Member { user, .. } => *user,
            Self::Provisioner { .. } | Self::System => None,
        }
    }
    pub fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } | Self::Provisioner { name, .. } => name,
            Self::System => "Roster",
        }
    }
}

/// The organization, the actor, and the actor's permissions there.
#[derive(Clone, Debug)]
pub struct Scope {
    pub organization: OrganizationId,
    pub actor: Actor,
    pub permissions: Permissions,
    /// What the actor may do besides, to the one person whom an operation is about, because they administer a team of that
    /// person (`members::towards`). It adds nothing to what they may grant.
    pub over_person: Permissions,
    pub request_info: RequestInfo,
}

impl Scope {
    /// The scope of the operator at the command line, who has all permissions.
    pub fn system(organization: OrganizationId, now: Timestamp) -> Self {
        Self {
            organization,
            actor: Actor::System,
            permissions: Permissions::everything(),
            over_person: Permissions::default(),
            request_info: RequestInfo::system(now),
        }
    }
    pub fn now(&self) -> Timestamp {
        self.request_info.now
    }
    /// Whether the caller holds this right over everybody, or over the person whom the operation is about.
    pub fn may(&self, right: Right) -> bool {
        self.allows(&right.over_all())
    }
    /// Whether the caller holds this right over everybody, and not only over the person whom the operation is about.
    pub fn may_over_everybody(&self, right: Right) -> bool {
        self.permissions.allow(&right.over_all())
    }
    /// Whether the caller holds this right over everybody, or over the people of the teams that they administer.
    pub fn may_over_teams(&self, right: Right) -> bool {
        self.allows(&right.over_teams())
    }
    /// [`Scope::may`] over the caller's own resources.
    pub fn may_own(&self, right: Right) -> bool {
        self.permissions.allow(&right.over_own())
    }
    /// # Errors
    /// [`Fault::Denied`] with the permission, unless the caller holds it.
    pub fn demand(&self, right: Right) -> Result<(), Fault> {
        self.demand_this(right.over_all())
    }
    /// [`Scope::may_over_teams`], before it is known whom the operation is about.
    ///
    /// # Errors
    /// [`Fault::Denied`] with the permission over everybody.
    pub fn demand_over_teams(&self, right: Right) -> Result<(), Fault> {
        if self.may_over_teams(right) {
            Ok(())
        } else {
            Err(Fault::Denied(right.over_all()))
        }
    }
    /// [`Scope::demand`] over the caller's own resources.
    pub fn demand_own(&self, right: Right) -> Result<(), Fault> {
        self.demand_this(right.over_own())
    }
    fn allows(&self, wanted: &Permission) -> bool {
        self.permissions.allow(wanted) || self.over_person.allow(wanted)
    }
    fn demand_this(&self, wanted: Permission) -> Result<(), Fault> {
        if self.allows(&wanted) { Ok(()) } else { Err(Fault::Denied(wanted)) }
    }
    /// Whether somebody else looks at the console as the actor sees it.
    pub fn is_view(&self) -> bool {
        self.request_info.viewed_by.is_some()
    }
    pub fn is_me(&self, member: MemberId) -> bool {
        self.actor.member_id() == Some(member)
    }
}
