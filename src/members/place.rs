//! The member that a path names.

use crate::{
    kit::{Fault, MemberId, MemberKind},
    web::{self, MemberContext},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::future::{Ready, ready};

/// The member in a path, and the kind that the path states: both lists share the same pages.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub kind: MemberKind,
    pub id: MemberId,
}

impl Place {
    /// The path of the member's own page.
    pub fn path(self, context: &MemberContext) -> String {
        context.path(format!("{}/{}", self.kind.path(), self.id))
    }
}

/// Extracts the kind of the list from the path.
impl FromRequest for MemberKind {
    type Error = web::Error;
    type Future = Ready<Result<Self, web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of_path(req.match_info().as_str())))
    }
}

impl FromRequest for Place {
    type Error = web::Error;
    type Future = Ready<Result<Self, web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = req.match_info();
        let id = path.get("member").and_then(|id| id.parse().ok());
        // The path as the router decoded it.
        let kind = MemberKind::of_path(path.as_str());
        ready(id.map(|id| Self { kind, id }).ok_or_else(|| Fault::Missing.into()))
    }
}
