//! A made-up organization to try Roster on.

use crate::{
    db::Db,
    kit::{Fault, OrganizationId, Timestamp},
};
pub struct Demo {
    pub members: usize,
    pub seed: u64,
}
pub struct Report {
    pub organization: OrganizationId,
    pub email: String,
    pub members: usize,
    pub system_accounts: usize,
    pub sign_ins: usize,
}
pub fn fill(_: &Db, _: &Demo, _: &str, _: Timestamp) -> Result<Report, Fault> {
    Err(Fault::broken("stub"))
}
