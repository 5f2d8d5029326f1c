//! The two kinds of member, their paths and their names in text.

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

    /// The resource name in permissions.
    pub fn noun(self) -> &'static str {
        self.as_str()
    }
    /// The path of the list within an organization. The members are below it.
    pub fn path(self) -> &'static str {
        match self {
            Self::User => "/users",
            Self::SystemAccount => "/system-accounts",
        }
    }
    /// The kind of member a site path belongs to: system accounts below their list, people everywhere else.
    pub fn of_path(path: &str) -> Self {
        let beneath = path.strip_prefix("/o/").and_then(|rest| rest.split('/').nth(1));
        match beneath {
            Some("system-accounts") => Self::SystemAccount,
            _ => Self::User,
        }
    }
    /// The title of the list.
    pub fn list_name(self) -> &'static str {
        match self {
            Self::User => "User Directory",
            Self::SystemAccount => "System Accounts",
        }
    }
    pub fn is_machine(self) -> bool {
        self == Self::SystemAccount
    }
    /// The noun after the number one.
    pub fn singular(self) -> &'static str {
        match self {
            Self::User => "person",
            Self::SystemAccount => "system account",
        }
    }
    /// The noun after any other number.
    pub fn plural(self) -> &'static str {
        match self {
            Self::User => "people",
            Self::SystemAccount => "system accounts",
        }
    }
    /// The object pronoun.
    pub fn them(self) -> &'static str {
        match self {
            Self::User => "them",
            Self::SystemAccount => "it",
        }
    }
    /// The pronoun at the start of a sentence.
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
