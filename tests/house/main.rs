//! The tests of the house: sentences told from outside, through the real app, each on its own database. Which engine
//! that is `ROSTER_TEST_ENGINE` says: `sqlite` (the default), or `postgres` at `ROSTER_TEST_POSTGRES_URL`.

mod harness;

mod backups;
mod cli;
mod directory;
mod forgery;
mod hostile;
mod invitation_acceptance;
mod invitation_links;
mod invitations;
mod inviters;
mod mail;
mod manners;
mod operator;
mod outage;
mod passkeys;
mod passwords;
mod plans;
mod races;
mod refusals;
mod routes;
mod schema;
mod sessions;
mod setup;
mod sign_in;
mod source;
mod templates;
mod tenancy;
mod throttling;
mod two_step;
mod two_step_requirement;
