//! Cell values of other products: whether an account is enabled, and numbers that a spreadsheet has damaged.

use super::{columns::Column, import_file::Line};
use crate::kit::fold;

/// Values that mean the account is enabled in the source, or will be once the person accepts.
const IN: [&str; 17] = [
    "active",
    "enabled",
    "ok",
    "accepted",
    "confirmed",
    "invited",
    "pending",
    "provisioned",
    "recovery",
    "password expired",
    "never logged in",
    "registered",
    "verified",
    "aktiv",
    "actif",
    "activo",
    "attivo",
];
/// Values that mean the account is disabled, or not enabled yet.
const OUT: [&str; 27] = [
    "disabled",
    "suspended",
    "inactive",
    "deactivated",
    "deprovisioned",
    "staged",
    "blocked",
    "locked",
    "locked out",
    "archived",
    "deleted",
    "removed",
    "terminated",
    "revoked",
    "expired",
    "left",
    "former",
    "on leave",
    "banned",
    "gesperrt",
    "deaktiviert",
    "inaktiv",
    "gelöscht",
    "ausgeschieden",
    "inactif",
    "inactivo",
    "inattivo",
];
const YES: [&str; 14] = [
    "yes", "y", "true", "t", "1", "on", "x", "ja", "wahr", "oui", "vrai", "sí", "si", "sim",
];
const NO: [&str; 11] = ["no", "n", "false", "f", "0", "off", "nein", "falsch", "non", "faux", "não"];

/// The value by which the file says that a person is disabled, if any column does.
///
/// # Errors
/// A sentence about a value that is neither known as enabled nor as disabled.
pub(super) fn out(line: &Line) -> Result<Option<String>, String> {
    let status = line.cell(Column::Status);
    let word = fold::canonical(&status.replace(['_', '-'], " "));
    if OUT.contains(&word.as_str()) {
        return Ok(Some(status.to_owned()));
    }
    if !word.is_empty() && !IN.contains(&word.as_str()) {
        return Err(
            "The status is active or disabled. Other words for it, such as suspended or inactive, are understood; this one is not.".into(),
        );
    }
    if is_yes(line.cell(Column::Blocked))? == Some(true) {
        return Ok(Some("blocked".into()));
    }
    match is_yes(line.cell(Column::Enabled))? {
        Some(false) => Ok(Some("not enabled".into())),
        Some(true) | None => Ok(None),
    }
}

/// Whether a cell means yes or no.
fn is_yes(cell: &str) -> Result<Option<bool>, String> {
    let word = fold::canonical(cell);
    if word.is_empty() {
        return Ok(None);
    }
    if YES.contains(&word.as_str()) {
        return Ok(Some(true));
    }
    if NO.contains(&word.as_str()) {
        return Ok(Some(false));
    }
    // `userAccountControl` flags of Active Directory; the second flag means that the account is disabled.
    if let Ok(flags) = word.parse::<u32>() {
        return Ok(Some(flags & 2 == 0));
    }
    let shown: String = fold::visible(cell).chars().take(40).collect();
    Err(format!("“{shown}” says neither yes nor no."))
}

/// Whether a spreadsheet converted a long number to scientific notation and lost digits: `4.91512E+11`.
pub(super) fn is_cut_number(cell: &str) -> bool {
    let Some((digits, power)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let power = power.strip_prefix('+').is_some_and(are_digits);
    power && are_digits(&digits.replacen(['.', ','], "", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(column: Column, cell: &str) -> Result<bool, String> {
        let cells = [(column, cell.to_owned())].into();
        let line = Line { cells, ..Line::default() };
        out(&line).map(|word| word.is_some())
    }

    #[test]
    fn who_is_out_at_the_source_is_out_whatever_the_column_is_called() {
        for (column, cell, is_out) in [
            (Column::Status, "", false),
            (Column::Status, "ACTIVE", false),
            (Column::Status, "Invited", false),
            (Column::Status, "PASSWORD_EXPIRED", false),
            (Column::Status, "Suspended", true),
            (Column::Status, "DEPROVISIONED", true),
            (Column::Status, "LOCKED_OUT", true),
            (Column::Status, "STAGED", true),
            (Column::Enabled, "True", false),
            (Column::Enabled, "FALSE", true),
            (Column::Enabled, "1", false),
            (Column::Enabled, "0", true),
            (Column::Enabled, "512", false),
            (Column::Enabled, "514", true),
            (Column::Blocked, "Yes", true),
            (Column::Blocked, "Nein", false),
            (Column::Blocked, "", false),
        ] {
            assert_eq!(told(column, cell), Ok(is_out), "{column:?} {cell}");
        }
        assert!(told(Column::Status, "sleeping").is_err());
        assert!(told(Column::Enabled, "perhaps").is_err());
    }

    #[test]
    fn numbers_that_a_spreadsheet_cut_are_told() {
        for cut in ["4.91512E+11", "4,91512e+11", "5E+9"] {
            assert!(is_cut_number(cut), "{cut}");
        }
        for whole in ["+49 151 2", "E+11", "4.9", "12e", "HE+1", ""] {
            assert!(!is_cut_number(whole), "{whole}");
        }
    }
}
