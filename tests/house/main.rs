//! The tests of the house: sentences told from outside, through the real app, each on its own database. Which engine
//! that is `ROSTER_TEST_ENGINE` says: `sqlite` (the default), or `postgres` at `ROSTER_TEST_POSTGRES_URL`.

mod harness;

mod acts;
mod alarms;
mod audit;
mod audit_export;
mod audit_plans;
mod backups;
mod bulk;
mod cli;
mod details;
mod directory;
mod emails;
mod exports;
mod forgery;
mod hostile;
mod invitation_acceptance;
mod invitation_links;
mod invitations;
mod inviters;
mod mail;
mod manners;
mod newcomers;
mod operator;
mod outage;
mod own_emails;
mod password_administration;
mod passwords;
mod plans;
mod races;
mod refusals;
mod routes;
mod schema;
mod session_lists;
mod sessions;
mod settings;
mod setup;
mod sign_in;
mod source;
mod tallies;
mod switcher;
mod templates;
mod tenancy;
mod throttling;
