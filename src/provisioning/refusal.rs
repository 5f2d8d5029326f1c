//! Why a SCIM client is not set up, or does not do what it asks for.

use crate::{
    kit::OperationError,
    members::{self, EditRefusal, GrantRefusal, SeatUsage},
    system_accounts, teams, tokens,
    user_creation::CreateRefusal,
};

/// Why a SCIM client is not set up or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupRefusal {
    #[error("A provisioning client reaches everybody, so only an Administrator sets it up.")]
    NotAdministrator,
    #[error("Another provisioning client keeps the people of this connection up to date already.")]
    ConnectionTaken,
    #[error("This connection does not exist any more. Choose again.")]
    NoSuchConnection,
    #[error("The role Administrator is given by people only.")]
    NoAdministratorRole,
    #[error("Somebody else changed these settings meanwhile.")]
    Meanwhile,
    #[error(transparent)]
    Account(#[from] system_accounts::CreateRefusal),
    #[error(transparent)]
    Token(#[from] tokens::TokenRefusal),
    #[error(transparent)]
    Grant(#[from] GrantRefusal),
}

/// Why nothing was provisioned. The texts are read by people who look for what is wrong at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionRefusal {
    #[error(
        "The system account of this token is no provisioning client, so it may only read. An Administrator sets one up in Settings, Provisioning."
    )]
    NotProvisioner,
    #[error("Another user of this provisioning client has this userName already.")]
    UserNameTaken,
    #[error("Another user or group of this provisioning client has this externalId already.")]
    ExternalIdTaken,
    #[error(
        "They are in this organization already. Find them with a filter and update them to take them over, if the setting “Take over people who are here already” is on."
    )]
    Exists,
    #[error("This name or address belongs to somebody already, or looks like one that does.")]
    Taken,
    #[error("A user needs an email address: send emails, or a userName that is an address.")]
    NoAddress,
    #[error(
        "They were not provisioned by this client. To take them over, an Administrator turns on “Take over people who are here already” in Settings, Provisioning."
    )]
    NotManaged,
    #[error("Another provisioning client manages this already: {0}.")]
    ManagedByAnother(String),
    #[error("Administrators are changed by people only. An Administrator can allow it in Settings, Provisioning.")]
    Administrator,
    #[error("They set this provisioning client up, so it does not disable or delete them.")]
    Creator,
    #[error("All {} seats are taken. Free one or change the plan, then retry.", .0.limit)]
    NoSeat(SeatUsage),
    #[error("The roles and teams of new people cannot be given: {0}")]
    Grant(GrantRefusal),
    #[error("They are invited and have not joined yet, and the invitation cannot be accepted for them: {0}")]
    Invitation(String),
    #[error("There is a team of this name already. Give the group another name, or delete the team.")]
    TeamNameTaken,
    #[error("This group holds somebody who is no user here: {0}.")]
    NoSuchUser(String),
    #[error("{0}")]
    Refused(String),
}

/// What an operation for a SCIM client returns.
pub type Provisioned<T> = Result<T, OperationError<ProvisionRefusal>>;

pub(super) fn refuse<T>(refusal: ProvisionRefusal) -> Provisioned<T> {
    Err(OperationError::Refused(refusal))
}

impl From<CreateRefusal> for ProvisionRefusal {
    fn from(refusal: CreateRefusal) -> Self {
        match refusal {
            CreateRefusal::Here => Self::Exists,
            CreateRefusal::Elsewhere | CreateRefusal::EmailTaken | CreateRefusal::LooksTaken | CreateRefusal::UsernameTaken => Self::Taken,
            CreateRefusal::NoSeatLeft(seat_usage) => Self::NoSeat(seat_usage),
            CreateRefusal::Grant(refusal) => Self::Grant(refusal),
            CreateRefusal::SingleSignOn | CreateRefusal::Own(_) => Self::Refused(refusal.to_string()),
        }
    }
}

impl From<members::Refusal> for ProvisionRefusal {
    fn from(refusal: members::Refusal) -> Self {
        match refusal {
            members::Refusal::NoSeatLeft(seat_usage) => Self::NoSeat(seat_usage),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<EditRefusal> for ProvisionRefusal {
    fn from(refusal: EditRefusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<teams::TeamRefusal> for ProvisionRefusal {
    fn from(refusal: teams::TeamRefusal) -> Self {
        match refusal {
            teams::TeamRefusal::NameTaken(_) => Self::TeamNameTaken,
            other => Self::Refused(other.to_string()),
        }
    }
}
