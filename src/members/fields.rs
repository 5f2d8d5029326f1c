//! The table of a member's contact details. Columns, form, checks, labels, audit, export and import read it.

/// Calls a macro with every contact detail: its column, its label for people, its label for system accounts (empty: they
/// have none), how the form reads it, and the most characters it holds.
macro_rules! with_contact_details {
    ($use:ident) => {
        $use! {
            title: "Title", "What it is for", optional_line(100);
            phone: "Phone", "", optional_line(50);
            location: "Location", "Where it runs", optional_line(100);
            contact: "Other contact details", "Whom to ask about it", lines(500);
        }
    };
}

pub(crate) use with_contact_details;
