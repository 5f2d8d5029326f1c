//! Reserved role names: those that look like the name of a predefined role.

use super::Predefined;
use crate::kit::fold;
use unicode_security::skeleton;

/// The name as a hurried reader sees it: without case, accents and signs, and with letters that look alike replaced by
/// the same one (UTS #39, section 4).
fn glance(name: &str) -> String {
    let bare: String = fold::searchable(name).chars().filter(|c| c.is_alphanumeric()).collect();
    fold::searchable(&skeleton(&bare).collect::<String>())
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The predefined role that this name looks like, except the role `own`.
pub fn is_reserved(name: &str, own: Option<Predefined>) -> Option<Predefined> {
    let seen = glance(name);
    let plural = seen.strip_suffix('s').unwrap_or(&seen);
    let looks_alike = |which: &Predefined| {
        let theirs = glance(which.name());
        theirs == seen || theirs == plural
    };
    Predefined::ALL.into_iter().filter(|which| Some(*which) != own).find(looks_alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_a_predefined_one_are_reserved() {
        for name in [
            "Administrator",
            " administrator ",
            "ADMINISTRATORS",
            "Аdministrator",
            "Adm\u{131}nistrator",
            "Administratör",
            "Ａｄｍｉｎｉｓｔｒａｔｏｒ",
            "Team-Administrator",
            "CI CD",
            "ci/cd",
            "S.C.I.M.",
            "Users",
        ] {
            assert!(is_reserved(name, None).is_some(), "{name}");
        }
        for name in ["Auditor", "User support", "Administration", "Team lead", "管理者", "Ви"] {
            assert_eq!(is_reserved(name, None), None, "{name}");
        }
        assert_eq!(is_reserved("User", Some(Predefined::User)), None);
        assert_eq!(is_reserved("User", Some(Predefined::Viewer)), Some(Predefined::User));
    }
}
