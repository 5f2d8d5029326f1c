//! Fields that an organization declares for its members besides what Roster asks, and the values that members have.
//!
//! Invariants: at most thirty fields; a key never changes; a value is read in one place ([`changes`]), whichever way it came
//! in; nobody sees or changes a value beyond what its declaration says. Their screen is in `settings`.

mod change;
mod lines;
mod model;
mod sent;
mod store;
mod value;
mod values;

pub use change::{Changes, Complaint, Complaints, Writer, changes, write, write_new};
pub use lines::{Line, fill, of_invitation, of_invited, of_member, of_new, of_self};
pub use model::{Bearers, Choice, FieldKind, MOST, MOST_CHOICES, NewField, OwnField, SeenBy, Standing, Value};
pub use sent::SentOwn;
pub use store::{Identity, count, count_values, delete, insert, list, place, update};
pub use value::{Canonical, choice_key, keys_of, range_key, read, text_key, word_of};
pub use values::{Person, Values, find_person, of_member as values_of_member, of_members};
