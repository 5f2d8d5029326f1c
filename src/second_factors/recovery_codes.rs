//! Recovery codes: ten, each good for one sign-in, for a person who has lost their phone.

use super::{Notice, notices::tell, store};
use crate::{
    db::{Conn, Tx},
    kit::{Fault, RequestInfo, Timestamp, UserId, fold, secret},
    mail::Outbox,
    users::User,
};

const CODES: usize = 10;
/// Letters of a code, each one of 32: 80 bits (NIST SP 800-63B-4, 3.1.2 asks for 64 in a saved recovery code).
const LENGTH: usize = 16;
/// Crockford's base 32, which has no look-alikes.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn generate() -> String {
    let mut bytes = [0; LENGTH];
    secret::fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// In groups of four, to be copied by hand.
fn grouped(code: &str) -> String {
    let groups: Vec<&str> = (0..code.len()).step_by(4).map(|at| &code[at..at + 4]).collect();
    groups.join("-")
}

/// Reads a typed code: letters that look like a digit are taken for it. `None` if it cannot be a code.
fn plain(typed: &str) -> Option<String> {
    let read = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    let code: String = fold::code(typed).chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1).map(read).collect();
    (code.len() == LENGTH).then_some(code)
}

/// Replaces the old codes by new ones. Returns them in the form in which they are shown.
pub(super) fn make(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<Vec<String>, Fault> {
    store::delete_codes(tx, user)?;
    let mut shown = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let code = generate();
        store::insert_code(tx, user, &code, now)?;
        shown.push(grouped(&code));
    }
    Ok(shown)
}

/// Makes new codes for a person who asks for them. The old ones stop working.
///
/// # Errors
/// [`Fault::Missing`] for a person without a second factor.
pub fn renew(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request_info: &RequestInfo) -> Result<Vec<String>, Fault> {
    if !store::has_any(tx, user.id)? {
        return Err(Fault::Missing);
    }
    tell(tx, outbox, user, &Notice::CodesMade, request_info)?;
    make(tx, user.id, request_info.now)
}

/// How many codes are left.
pub fn left(conn: &mut Conn, user: UserId) -> Result<i64, Fault> {
    Ok(store::held(conn, user)?.codes_left)
}

/// Whether this is an unused code of the person. It is used now, and the person gets a letter.
pub(super) fn consume(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, typed: &str, request_info: &RequestInfo) -> Result<bool, Fault> {
    let Some(code) = plain(typed) else { return Ok(false) };
    if !store::consume_code(tx, user.id, &code, request_info.now)? {
        return Ok(false);
    }
    let left = left(tx, user.id)?;
    tell(tx, outbox, user, &Notice::CodeUsed { left }, request_info)?;
    Ok(true)
}

/// Deletes the codes of a person without a factor: there is nothing to recover.
pub(super) fn tidy(tx: &mut Tx<'_>, user: UserId) -> Result<(), Fault> {
    if !store::has_any(tx, user)? {
        store::delete_codes(tx, user)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_copy_them() {
        let code = generate();
        assert_eq!(plain(&grouped(&code)), Some(code.clone()));
        assert_eq!(plain(&format!(" {} ", grouped(&code).to_uppercase())), Some(code));
        assert_eq!(plain("OIL0-0000-0000-0000"), Some("0110000000000000".into()));
        assert_eq!(plain("０１１０\u{200b}-٠٠٠٠-0000–0000"), Some("0110000000000000".into()));
        assert_eq!(plain("123456"), None);
        assert_eq!(plain(&"0".repeat(17)), None);
    }
}
