//! Tokens: those of system accounts, and what people and their administrators may do with the tokens of people. The
//! text of a token is in the answer that creates or regenerates it, and nowhere else.

mod changes;
mod refusals;
mod rows;
mod values;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(values::endpoints());
    all.extend(changes::endpoints());
    all
}
