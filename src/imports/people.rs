//! The person on a line, validated by the rules of the forms for one person, as far as possible without the database.

use super::{Import, ImportMode, columns::Column, import_file::Line, lookup::Names, model::Person, values};
use crate::{
    kit::{
        MemberKind,
        email::{Email, read_list},
        fold,
    },
    members::{Details, EditForm},
    user_creation::username,
};

/// The email address in a cell, parsed as on *Invite Users*, with the name that may precede it.
pub(super) fn address(cell: &str) -> Result<(Email, String), String> {
    if cell.is_empty() {
        return Err("It has no email address.".into());
    }
    match &read_list(cell)[..] {
        [entry] => Ok((Email::parse(&entry.address)?, entry.name.clone())),
        _ => Ok((Email::parse(cell)?, String::new())),
    }
}

/// The display name, from whichever columns contain it.
pub(super) fn name(line: &Line) -> String {
    let parts = || format!("{} {}", line.cell(Column::FirstName), line.cell(Column::LastName));
    match line.cell(Column::Name) {
        "" => parts().trim().to_owned(),
        name => name.to_owned(),
    }
}

/// The person on a line, if all of it is valid.
pub(super) fn read(line: &Line, import: &Import, names: &Names) -> Result<Person, String> {
    let (email, beside) = address(line.cell(Column::Email))?;
    let mut remarks = Vec::new();
    let name = Some(name(line)).filter(|name| !name.is_empty()).unwrap_or(beside);
    let details = details(line, import.way, &name, &mut remarks)?;
    let username = sign_in_name(line.cell(Column::Username), &email, import.way, &mut remarks)?;
    let out = values::out(line)?;
    if let (ImportMode::Invite, Some(word)) = (import.way, &out) {
        return Err(format!(
            "They are {} where the file comes from, so they are not invited. Create them, and they come in disabled.",
            word.to_lowercase()
        ));
    }
    remarks.extend(out.as_deref().map(is_out));
    Ok(Person {
        is_active: out.is_none(),
        grants: names.grants(line, &import.grants)?,
        email,
        username,
        details,
        remarks,
    })
}

/// The remark for a person who is imported as disabled.
fn is_out(word: &str) -> String {
    match word.to_lowercase().as_str() {
        "disabled" => "Disabled, as the file says.".into(),
        word => format!("Disabled: they are {word} where the file comes from."),
    }
}

/// The username, if the kind of import allows one besides the email.
fn sign_in_name(typed: &str, email: &Email, way: ImportMode, remarks: &mut Vec<String>) -> Result<String, String> {
    let is_address = typed.contains('@');
    match username(typed, email) {
        Ok(name) if way == ImportMode::Create || name == email.as_str() => return Ok(name),
        Err(why) if way == ImportMode::Create && !is_address => return Err(why),
        _ => {}
    }
    let shown: String = fold::visible(typed).chars().take(60).collect();
    remarks.push(if is_address {
        format!("The username {shown} looks like another address and is not kept.")
    } else {
        format!("The username {shown} is not kept: who is invited signs in with the email.")
    });
    Ok(email.as_str().to_owned())
}

/// The name and other details, by the rules of the form.
fn details(line: &Line, way: ImportMode, name: &str, remarks: &mut Vec<String>) -> Result<Details, String> {
    let is_nameless = name.is_empty();
    if is_nameless && way == ImportMode::Create {
        return Err("It has no name.".into());
    }
    // An invited person types their own name.
    let name = if is_nameless { "nobody" } else { name };
    let mut details = Details { name: name.to_owned(), ..Details::default() };
    for column in Column::alone() {
        if let Some(value) = details.part_mut(column.as_str()) {
            line.cell(column).clone_into(value);
        }
    }
    (details.phone, details.contact) = phones(line, remarks);
    let details = checked(&mut EditForm::with(MemberKind::User, 0, &details))?;
    Ok(Details {
        name: if is_nameless { String::new() } else { details.name },
        own: line.own.clone(),
        ..details
    })
}

/// Validates these details with the form for one person.
pub(super) fn checked(form: &mut EditForm) -> Result<Details, String> {
    let details = form.check();
    let complaint = form.complaints().first().map(|(field, why)| format!("The {}: {why}", field.replace('_', " ")));
    details.ok_or_else(|| complaint.unwrap_or_default())
}

/// A number, unless a spreadsheet damaged it.
fn number<'l>(line: &'l Line, column: Column, remarks: &mut Vec<String>) -> &'l str {
    match line.cell(column) {
        cut if values::is_cut_number(cut) => {
            remarks.push(format!("A spreadsheet cut the phone number to {cut}, so it is left out."));
            ""
        }
        whole => whole,
    }
}

/// Whether the contact details contain only the number that [`phones`] wrote there.
pub(super) fn is_mobile(contact: &str) -> bool {
    contact.starts_with("Mobile: ") && !contact.contains('\n')
}

/// The phone number and the contact details. There is one phone field, so a mobile number goes to the contact details.
pub(super) fn phones(line: &Line, remarks: &mut Vec<String>) -> (String, String) {
    let (phone, mobile) = (number(line, Column::Phone, remarks), number(line, Column::Mobile, remarks));
    match (phone, mobile, line.cell(Column::Contact)) {
        ("", mobile, contact) => (mobile.to_owned(), contact.to_owned()),
        (phone, mobile, "") if !mobile.is_empty() && mobile != phone => (phone.to_owned(), format!("Mobile: {mobile}")),
        (phone, _, contact) => (phone.to_owned(), contact.to_owned()),
    }
}
