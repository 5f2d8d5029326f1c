//! What handlers answer instead: faults of SCIM, refusals of `provisioning`, and errors of every request.

use super::protocol::fault::{ScimFault, ScimType};
use crate::{
    kit::{Fault, OperationError, fault::Retry},
    provisioning::ProvisionRefusal,
    web::{self, SCIM_JSON},
};
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use std::fmt;

/// Why a request is not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    Scim(ScimFault),
    Web(web::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scim(fault) => fault.fmt(f),
            Self::Web(error) => error.fmt(f),
        }
    }
}

impl From<ScimFault> for Refusal {
    fn from(fault: ScimFault) -> Self {
        Self::Scim(fault)
    }
}
impl From<web::Error> for Refusal {
    fn from(error: web::Error) -> Self {
        Self::Web(error)
    }
}
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Web(fault.into())
    }
}
impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        Fault::from(error).into()
    }
}
impl From<OperationError<ProvisionRefusal>> for Refusal {
    fn from(error: OperationError<ProvisionRefusal>) -> Self {
        match error {
            OperationError::Refused(refusal) => Self::Scim(of_provisioning(&refusal)),
            OperationError::Fault(fault) => fault.into(),
        }
    }
}

impl Retry for Refusal {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Web(web::Error::Fault(fault)) if fault.is_conflict())
    }
    fn is_unavailable(&self) -> bool {
        matches!(self, Self::Web(web::Error::Fault(fault)) if fault.is_unavailable())
    }
}

/// Clients retry what answers 5xx for ever, and read 409 as "exists".
fn of_provisioning(refusal: &ProvisionRefusal) -> ScimFault {
    let detail = refusal.to_string();
    match refusal {
        ProvisionRefusal::UserNameTaken
        | ProvisionRefusal::ExternalIdTaken
        | ProvisionRefusal::Exists
        | ProvisionRefusal::Taken
        | ProvisionRefusal::TeamNameTaken => ScimFault::uniqueness(detail),
        ProvisionRefusal::NoAddress | ProvisionRefusal::NoSuchUser(_) => ScimFault::bad_request(ScimType::InvalidValue, detail),
        ProvisionRefusal::NotProvisioner
        | ProvisionRefusal::NotManaged
        | ProvisionRefusal::ManagedByAnother(_)
        | ProvisionRefusal::Administrator
        | ProvisionRefusal::Creator
        | ProvisionRefusal::NoSeat(_)
        | ProvisionRefusal::Grant(_)
        | ProvisionRefusal::Invitation(_)
        | ProvisionRefusal::Refused(_) => ScimFault::new(403, None, detail),
    }
}

impl From<Refusal> for actix_web::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Web(error) => error.into(),
            Refusal::Scim(fault) => Answered(fault).into(),
        }
    }
}

/// A fault of SCIM as its answer.
#[derive(Debug)]
struct Answered(ScimFault);

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Answered {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST)
    }
    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).content_type(SCIM_JSON).body(self.0.body().to_string())
    }
}

impl Refusal {
    /// The answer as a part of a bulk response: its status and its body.
    pub fn told(&self) -> ScimFault {
        match self {
            Self::Scim(fault) => fault.clone(),
            Self::Web(error) => ScimFault::new(error.status_code().as_u16(), None, web::Problem::of(error).detail),
        }
    }
}
