//! What the purposes of an attempt share: a verified answer, and what is needed to carry it out.

use super::{
    answer::ProviderAnswer,
    attempts::{Attempt, Place},
    providers::Party,
    refusal::SsoRefusal,
    start::SingleSignOn,
};
use crate::{
    mail::Outbox,
    second_factors::SecondFactors,
    sessions::DeviceCookies,
    web::{Notice, VisitorContext},
};
use actix_web::{HttpResponse, web::Data};

/// What a callback needs.
#[derive(Clone)]
pub(super) struct Means {
    pub sso: Data<SingleSignOn>,
    pub outbox: Data<Outbox>,
    pub devices: Data<DeviceCookies>,
    pub factors: Data<SecondFactors>,
}

/// A verified answer, with the attempt that it belongs to.
pub(super) struct Verified {
    pub party: Party,
    pub attempt: Attempt,
    pub answer: ProviderAnswer,
}

impl Verified {
    pub fn place(&self) -> Place {
        Place {
            organization: self.party.connection.organization_id,
            connection: self.party.connection.id,
        }
    }
}

/// The provider's answer was right, but nobody signs in: leads to a page with a notice.
pub(super) fn back_with_refusal(visitor: &VisitorContext, path: &str, refusal: &SsoRefusal, organization: &str) -> HttpResponse {
    visitor.redirect_with_notice(path, Notice::error(refusal.text(organization)))
}
