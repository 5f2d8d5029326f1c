//! The two kinds of member, and where each is found.

use crate::text_enum;

text_enum! {
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum MemberKind {
        User = "user",
        SystemAccount = "system_account",
    }
}

impl MemberKind {
    pub const ALL: [Self; 2] = [Self::User, Self::SystemAccount];

    /// What permissions call it.
    pub fn noun(self) -> &'static str {
        self.as_str()
    }
    /// Where its list stands within an organization; each of its members stands beneath.
    pub fn path(self) -> &'static str {
        match self {
            Self::User => "/users",
            Self::SystemAccount => "/system-accounts",
        }
    }
    /// Which kind a path within the site is about: everything is about people that is not beneath the other list.
    pub fn of_path(path: &str) -> Self {
        let beneath = path.strip_prefix("/o/").and_then(|rest| rest.split('/').nth(1));
        match beneath {
            Some("system-accounts") => Self::SystemAccount,
            _ => Self::User,
        }
    }
    /// What its list is called.
    pub fn list_name(self) -> &'static str {
        match self {
            Self::User => "User Directory",
            Self::SystemAccount => "System Accounts",
        }
    }
    pub fn is_machine(self) -> bool {
        self == Self::SystemAccount
    }
    /// One of them, after the number.
    pub fn singular(self) -> &'static str {
        match self {
            Self::User => "person",
            Self::SystemAccount => "system account",
        }
    }
    /// Several of them, after their number.
    pub fn plural(self) -> &'static str {
        match self {
            Self::User => "people",
            Self::SystemAccount => "system accounts",
        }
    }
    /// One of them after a verb.
    pub fn them(self) -> &'static str {
        match self {
            Self::User => "them",
            Self::SystemAccount => "it",
        }
    }
    /// How a sentence begins that is about one of them.
    pub fn pronoun(self) -> &'static str {
        match self {
            Self::User => "They",
            Self::SystemAccount => "It",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_which_kind_it_is_about() {
        for (path, kind) in [
            ("/o/1/system-accounts", MemberKind::SystemAccount),
            ("/o/1/system-accounts/2/roles", MemberKind::SystemAccount),
            ("/o/1/users/2/roles", MemberKind::User),
            ("/o/system-accounts/users", MemberKind::User),
            ("/system-accounts", MemberKind::User),
        ] {
            assert_eq!(MemberKind::of_path(path), kind, "{path}");
        }
    }
}
