//! Members: the place of a person or a system account in one organization. The directory lists them; whether they may
//! enter, and what they may do, is read from here at every request.
//!
//! Invariants: nobody changes their own status; an organization keeps one usable Administrator; people who are active
//! or invited never outnumber the seats of the plan.

mod access;
mod accounts;
mod acts;
mod reauthorize;
mod attach;
mod authority;
mod changes;
mod clash;
mod details;
mod directory;
mod effective;
mod email;
mod foresight;
mod furnish;
mod grants;
mod guards;
mod held;
mod holdings;
mod history;
mod keys;
mod latest;
mod left;
mod many;
mod model;
mod name;
mod own;
mod place;
mod profile;
mod seats;
mod store;
mod story;
mod team;
mod undone;
mod weight;

pub use crate::kit::MemberKind;
pub use access::{above, given, grant_policies, grant_roles, promised, refresh_role_keys_of};
pub use accounts::{NewAccount, insert_account, is_name_taken};
pub use authority::{Authority, may_run, may_run_some};
pub use changes::{Answer, Change, Held, Outcome, change, undo};
pub use clash::clash;
pub use details::{Details, EditForm, EditRefusal, SentDetails, edit};
pub use directory::{Export, described, is_understood, matching};
pub use effective::{
    Attached, Ceiling, Decision, Effective, HeldRole, Names, Question, Reason, Via, decide, effective, permissions, roles_of,
};
pub use email::{EmailRefusal, change_email, tell_of_change};
pub use foresight::{Foresight, Unchosen, refusals, whatever_is_chosen};
pub use furnish::SOON;
pub use grants::{ACCESS, GrantRefusal, Grants, Offer, give, may_grant, may_grant_to, offer, offer_to};
pub use guards::{Refusal, Standing, out_of_reach};
pub use held::{HELD, read_held};
pub use holdings::{Holdings, holdings, set_holdings};
pub use latest::LeftBy;
pub use many::{Named, federated, named, statuses};
pub use model::{Member, MemberStatus, Membership, NewMember, provider_name};
pub use name::{NameFields, PersonNames};
pub use own::{is_only_here, record_own};
pub use place::Place;
pub use profile::{Header, header, header_of};
pub use reauthorize::reauthorize;
pub use seats::{Room, Seats, seats};
pub use store::{
    delete, everybody, find, find_by_user, find_of, has_signed_in, insert, join, memberships, rename, shut, touch_api_use, touch_sign_in,
};
pub use team::{Team, forget_team, governs, rename_team, teams};
pub use undone::Undone;
pub use weight::any_rules;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    directory::routes::mount(app);
    profile::mount(app);
    acts::mount(app);
    email::mount(app);
    holdings::mount(app);
    history::mount(app);
}
