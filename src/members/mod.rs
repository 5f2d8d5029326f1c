//! Members: a person or a system account in one organization. The directory lists them. Every request reads their
//! access and permissions from here.
//!
//! Invariants: a member cannot change their own status; an organization keeps at least one usable administrator; active
//! and invited people never exceed the seats of the plan; while it requires single sign-on, an organization keeps a
//! break-glass administrator who can enter.

mod assignment_tallies;
mod accounts;
mod assign;
mod assignments;
mod batch_queries;
mod break_glass;
mod changes;
mod details;
mod fields;
mod grant_fields;
mod grant_pickers;
mod grant_refusal;
mod grants;
mod identity;
mod keys;
mod managed;
mod mapped;
mod model;
mod name;
mod offer;
mod place;
mod profile;
mod reauthorize;
mod reach;
mod recipients;
mod role_summaries;
mod seats;
mod second_steps;
mod sso_only;
mod store;
mod summaries;
mod team;
mod team_access;
mod team_joining;
mod undone;

pub use accounts::{insert_account, is_name_taken};
pub use assign::{given, grant_policies, grant_roles, refresh_role_keys_of};
pub use assignment_tallies::{AssignedId, assignment_counts};
pub use assignments::{Assignments, assignments, set_assignments};
pub use batch_queries::{
    Named, PoliciesOfMembers, delete_some, federated, identities, named, names_in_use, policies_of, refresh_team_keys, statuses,
};
pub use break_glass::{
    BreakGlassAdministrator, BreakGlassRefusal, MOST as MOST_BREAK_GLASS, RECENT_DAYS as BREAK_GLASS_RECENT_DAYS, add_break_glass,
    administrators, is_last_break_glass, remove_break_glass,
};
pub use changes::{
    Action, Answer, AsksFor, Authority, Change, ChangePreview, Held, LeaveRefusal, LeftBy, MemberFacts, Outcome, Parameters, Privileged,
    Refusal, Subject, WhyNot, any_privileged, change, erase_from_latest_changes, fill_in, first_above, leave, may_run, may_run_some,
    named_usable_administrators, out_of_reach, refusals, refusals_before_choice, refuse_leaving, undo, usable_administrators, why_not_join,
};
pub use details::{EditForm, EditRefusal, SentDetails, edit};
pub(crate) use fields::with_contact_details;
pub use grant_fields::{GrantFields, one_or_several};
pub use grant_pickers::guarded_choice;
pub use grant_refusal::{GrantRefusal, refuse_policy, refuse_role};
pub use grants::{GivenNames, GrantOptions, Grants, assign, grant_options, grant_options_for, may_grant, may_grant_to};
pub use identity::{ChangedBy, is_only_here, record_everywhere};
pub use keys::{account_key, name_key};
pub use managed::{Management, decides_address, managed_by, team_managed_by, teams_managed_by};
pub use mapped::{MappedGrant, forget_connection, give_mapped, mapped, mapped_by_name, take_mapped};
pub use model::{Details, Member, Membership, NewMember, provider_name};
pub use name::{NameFields, PersonNames};
pub use offer::{offer, offer_people};
pub use place::Place;
pub use profile::{EmailRefusal, Header, change_email, edit_conflict, header, header_of, set_email, tell_of_change};
pub use reach::{Reach, administered, demand_list, reach, reached, refuse_teams, seen, sees_everybody, towards, visible};
pub use reauthorize::reauthorize;
pub use recipients::addresses_with_right;
pub use role_summaries::{Granted, granted, roles_through_teams};
pub use seats::{SeatUsage, Seats, seats, tallies};
pub use sso_only::sso_only;
pub use store::{
    all_memberships, delete, end_sessions_before_now, find, find_active, find_by_user, find_of, has_signed_in, insert, join, memberships,
    rename, set_provider, touch_api_use, touch_sign_in, touch_sign_in_here,
};
pub use summaries::{Aspect, InTeam, Pending, Row, SOON, load_rows, load_rows_with, pending, teams_of, why_not_of};
pub use team::{Team, forget_team, may_manage_team_members, rename_team, teams};
pub use team_access::{Given, GivingTeam, TeamAccess, TeamGrant, giving_teams, team_access, told_grants};
pub use team_joining::{beyond_invitation, refuse_given, teams_to_offer};
pub use undone::Undone;

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    profile::mount(app);
    assignments::mount(app);
}
