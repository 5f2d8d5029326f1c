//! What of a list a caller may see: its members, and what filters and columns reveal of them.

use super::query::DirectoryQuery;
use crate::{
    db::Conn,
    kit::{Fault, Scope, rights},
    members::{self, Reach},
};

impl DirectoryQuery {
    /// The same list of those whom the caller may see. Every query of the list asks here first.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn within_reach(&self, conn: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self { reach: members::visible(conn, scope, self.kind)?, ..self.clone() })
    }

    /// Whether fewer than all members of the kind are looked for.
    pub fn is_narrowed(&self) -> bool {
        self.is_filtered() || self.reach != Reach::Everybody
    }

    /// Checks that the caller may see these members, and what the filters reveal of them. Lists of programs, exports and
    /// bulk actions ask here; pages leave such a filter out and say so.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn demand(&self, scope: &Scope) -> Result<(), Fault> {
        members::demand_list(scope, self.kind)?;
        if self.two_step.is_some() {
            scope.demand_over_teams(rights::USER_MANAGE)?;
        }
        if !self.policies.is_empty() {
            scope.demand(rights::POLICY_READ)?;
        }
        Ok(())
    }

    /// Removes filters and columns that would reveal what the caller may not see: who has no second factor, and who is under a
    /// policy.
    pub fn seen_by(mut self, scope: &Scope) -> Self {
        if let Some(columns) = &mut self.columns {
            columns.retain(|column| column.is_for(scope));
        }
        self.two_step = self.two_step.filter(|_| scope.may_over_teams(rights::USER_MANAGE));
        self.policies.retain(|_| scope.may(rights::POLICY_READ));
        self
    }
}
