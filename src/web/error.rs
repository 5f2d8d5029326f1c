//! Request errors as the client sees them. `middleware` renders their pages.

use super::{Problem, pending_form::ReturnTo};
use crate::kit::{Fault, OrganizationId};
use actix_web::{HttpResponse, ResponseError, http::StatusCode};

pub type Result<T> = std::result::Result<T, Error>;

/// Every way a request can fail that its own page does not handle.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nobody is signed in, or the session ended. Redirects to the sign-in page and back.
    #[error("sign in first")]
    SignIn,
    /// A temporary password must be replaced before anything else.
    #[error("change the password first")]
    ChangePassword,
    /// A sensitive operation needs recent re-authentication.
    #[error("authenticate again first")]
    Reauthenticate(Box<ReturnTo>),
    /// The organization requires a second factor, and this person has none.
    #[error("set up a second step first")]
    SetUpSecondStep,
    /// This organization admits people through its identity providers only, and the session did not begin there.
    #[error("sign in through the organization's identity provider first")]
    SingleSignOn(OrganizationId),
    #[error("{0}")]
    Malformed(String),
    /// CSRF: the form is not from one of our pages in this browser.
    #[error("the form is not from this browser's page")]
    Forged,
    /// The form is from an earlier session of the same person. Redirects to the page of the form.
    #[error("the form is from an earlier session")]
    Stale,
    /// The form was rendered for another person who was signed in in this browser before.
    #[error("the form is somebody else's")]
    SomebodyElses,
    /// The link that the form or page belongs to was replaced or has expired in this browser: what it was for, and whose
    /// it was, if known.
    #[error("this browser does not hold the link any more")]
    LinkGone { what: &'static str, person: String },
    /// The request names another host than the configured public URL.
    #[error("this is not the host that was asked for")]
    WrongHost,
    #[error("the request is too large")]
    TooLarge,
    #[error("too many attempts; try again in {0} seconds")]
    TooMany(u64),
    /// A complete problem for API clients.
    #[error("{}: {}", .0.code, .0.detail)]
    Problem(Box<Problem>),
    /// No such page, or not with this method.
    #[error("{0}")]
    Status(StatusCode),
}

impl Error {
    pub fn unreadable_query() -> Self {
        Self::Malformed("The address has a query that cannot be read.".into())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Fault(Fault::Missing) => StatusCode::NOT_FOUND,
            Self::Fault(Fault::Denied(_) | Fault::ViewOnly) | Self::Forged | Self::SomebodyElses => StatusCode::FORBIDDEN,
            Self::Fault(Fault::Unavailable(_) | Fault::InDoubt(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(Fault::Conflict(_)) => StatusCode::CONFLICT,
            Self::Fault(Fault::Broken(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Fault(Fault::SignedOut)
            | Self::SignIn
            | Self::ChangePassword
            | Self::Reauthenticate(_)
            | Self::Stale
            | Self::SetUpSecondStep
            | Self::SingleSignOn(_) => StatusCode::SEE_OTHER,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::LinkGone { .. } => StatusCode::GONE,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Problem(problem) => problem.status,
            Self::Status(status) => *status,
        }
    }
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
