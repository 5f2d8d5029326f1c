//! Pages of `domains`: one struct per template, with what it shows.

use super::{
    forms::DomainForm,
    manage::MOST,
    model::{Domain, DomainState, MISSES},
};
use crate::{
    connections::Connection,
    kit::{Timestamp, rights},
    web::{Field, MemberContext, filters},
};
use askama::Template;

/// The path of the list within the organization.
pub(super) const LIST: &str = "/settings/domains";

/// The list, with the form that adds one.
#[derive(Template)]
#[template(path = "domains/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub all: Vec<Domain>,
    pub connections: Vec<Connection>,
    pub form: DomainForm,
}

impl Index {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::CONNECTION_MANAGE)
    }
    pub fn is_full(&self) -> bool {
        self.all.len() >= MOST
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    /// The connection that a domain is bound to.
    pub fn bound(&self, domain: &Domain) -> Option<&Connection> {
        let id = domain.connection_id?;
        self.connections.iter().find(|connection| connection.id == id)
    }
    /// What happens when the proof is not found at the next checks.
    pub fn chances(&self, domain: &Domain) -> i64 {
        MISSES - domain.misses
    }
}

/// The question before a removal.
#[derive(Template)]
#[template(path = "domains/removal.html")]
pub(super) struct Removal {
    pub context: MemberContext,
    pub domain: Domain,
    /// The name of the connection that its people sign in through, if it is enabled.
    pub connection: Option<String>,
    pub typed: Field,
}
