//! Members: a person or a system account in one organization. The directory lists them. Every request reads their
//! access and permissions from here.
//!
//! Invariants: a member cannot change their own status; an organization keeps at least one usable administrator; active
//! and invited people never exceed the seats of the plan.

mod access;
mod accounts;
mod acts;
mod reauthorize;
mod attach;
mod authority;
mod changes;
mod edit_conflict;
mod details;
mod email;
mod foresight;
mod summaries;
mod grants;
mod guards;
mod holdings;
mod history;
mod keys;
mod latest;
mod evaluation;
mod batch_queries;
mod model;
mod name;
mod identity;
mod place;
mod profile;
mod seats;
mod store;
mod events;
mod team;
mod undone;
mod reauthentication;

pub use access::{given, grant_policies, grant_roles, refresh_role_keys_of};
pub use accounts::{NewAccount, insert_account, is_name_taken};
pub use authority::{Authority, may_run, may_run_some};
pub use batch_queries::{Named, federated, identities, named, policies_of, statuses};
pub use changes::{Answer, Change, Held, Outcome, change, undo};
pub use details::{Details, EditForm, EditRefusal, SentDetails, edit};
pub use edit_conflict::edit_conflict;
pub use email::{EmailRefusal, change_email, tell_of_change};
pub use foresight::{Foresight, Unchosen, refusals, whatever_is_chosen};
pub use grants::{ACCESS, GrantOptions, GrantRefusal, Grants, give, may_grant, may_grant_to, offer, offer_to};
pub use guards::{MemberFacts, Refusal, out_of_reach};
pub use holdings::{Holdings, holdings, set_holdings};
pub use identity::{is_only_here, record_own};
pub use latest::LeftBy;
pub use model::{Member, Membership, NewMember, provider_name};
pub use name::{NameFields, PersonNames};
pub use place::Place;
pub use profile::{Header, header, header_of};
pub use reauthentication::any_rules;
pub use reauthorize::reauthorize;
pub use seats::{SeatUsage, Seats, seats, tallies};
pub use store::{
    delete, everybody, find, find_by_user, find_of, has_signed_in, insert, join, memberships, rename, shut, touch_api_use, touch_sign_in,
};
pub use summaries::{Granted, Pending, Row, SOON, granted, load_rows, teams_of};
pub use team::{Team, forget_team, governs, rename_team, teams};
pub use undone::Undone;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    profile::mount(app);
    acts::mount(app);
    email::mount(app);
    holdings::mount(app);
    history::mount(app);
}
