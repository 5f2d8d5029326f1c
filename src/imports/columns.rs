//! The columns that a file can have, and the names that people and programs give them.

/// What a column says of somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Column {
    Email,
    Name,
    FirstName,
    LastName,
    Username,
    Status,
    Roles,
    Teams,
    Policies,
    Title,
    Phone,
    Location,
    Contact,
}

impl Column {
    const ALL: [Self; 13] = [
        Self::Email,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Username,
        Self::Status,
        Self::Roles,
        Self::Teams,
        Self::Policies,
        Self::Title,
        Self::Phone,
        Self::Location,
        Self::Contact,
    ];

    pub fn label(self) -> &'static str {
        self.names()[0]
    }

    /// In small letters, the one that we call it by first.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["email", "e mail", "mail", "email address", "e mail address", "address"],
            Self::Name => &["name", "full name", "display name"],
            Self::FirstName => &["first name", "firstname", "given name", "givenname", "forename"],
            Self::LastName => &["last name", "lastname", "surname", "family name", "familyname"],
            Self::Username => &["username", "user name", "login", "login name", "sign in name"],
            Self::Status => &["status"],
            Self::Roles => &["roles", "role"],
            Self::Teams => &["teams", "team"],
            Self::Policies => &["policies", "policy", "access policies", "access control policies"],
            Self::Title => &["title", "job title", "jobtitle", "position"],
            Self::Phone => &["phone", "phone number", "telephone"],
            Self::Location => &["location", "office"],
            Self::Contact => &["contact", "other contact details", "contact details"],
        }
    }

    /// The column that is called so, in any case, with spaces, hyphens or underscores.
    pub fn named(header: &str) -> Option<Self> {
        let words: Vec<String> = header.split([' ', '_', '-', '\u{a0}']).map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
        let name = words.join(" ");
        Self::ALL.into_iter().find(|column| column.names().contains(&name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_as_people_call_them() {
        for (header, column) in [
            ("E-Mail", Column::Email),
            (" MAIL ", Column::Email),
            ("First_Name", Column::FirstName),
            ("given name", Column::FirstName),
            ("Surname", Column::LastName),
            ("User Name", Column::Username),
            ("Job-Title", Column::Title),
            ("ROLE", Column::Roles),
            ("Access Policies", Column::Policies),
        ] {
            assert_eq!(Column::named(header), Some(column), "{header}");
        }
        for unknown in ["", "password", "is_admin", "id", "permissions", "last_sign_in"] {
            assert_eq!(Column::named(unknown), None, "{unknown}");
        }
    }
}
