//! Updates the details of existing people from a file. A cell with a value replaces the old one; an empty cell changes
//! nothing, unless the import clears fields on empty cells. Roles, teams, policies, status, email and username are
//! changed only by the bulk actions of the directory, which ask for confirmation and show the consequences.

use super::{
    Import,
    columns::Column,
    import_file::Line,
    model::{Edit, Update},
    people,
};
use crate::{
    bulk::ItemResult,
    db::Tx,
    kit::{Fault, MemberKind, OperationError, Scope},
    members::{self, Details, EditForm, Member},
};

/// The changes on a line; none if all values are already the same.
pub(super) fn read(line: &Line, import: &Import, member: &Member) -> Result<Update, String> {
    let mut remarks = Vec::new();
    let set = |column: Column, value: &mut String, cell: &str| {
        let is_emptied = import.empties && import.layout.has(column);
        if !cell.is_empty() || is_emptied {
            cell.clone_into(value);
        }
    };
    let mut details = Details::of(member);
    for column in Column::alone() {
        if let Some(value) = details.part_mut(column.as_str()) {
            set(column, value, line.cell(column));
        }
    }
    let (phone, contact) = people::phones(line, &mut remarks);
    if remarks.is_empty() {
        let has_phone = import.layout.has(Column::Phone);
        let column = if has_phone { Column::Phone } else { Column::Mobile };
        set(column, &mut details.phone, &phone);
    }
    if line.cell(Column::Contact).is_empty() && !contact.is_empty() {
        // There is one phone field. A mobile number goes to the contact details, unless they contain something else.
        if member.contact.is_empty() || people::is_mobile(&member.contact) {
            details.contact = contact;
        } else {
            remarks.push("The mobile number is left out: there are other contact details already.".into());
        }
    }
    // A person cannot be without a name, so an empty cell never clears it.
    match line.cell(Column::Name) {
        "" => {}
        name => name.clone_into(&mut details.name),
    }
    let old = Details::of(member);
    let new = people::checked(&mut EditForm::with(MemberKind::User, member.version, &details))?
        .as_saved(&old)
        .map_err(|refusal| refusal.to_string())?;
    let edits = old.parts().into_iter().zip(new.parts()).filter(|((.., old), (.., new))| old != new);
    let edit = |((field, _, old), (_, _, new)): ((&str, &str, &str), (&str, &str, &str))| Edit {
        field: field.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
    };
    Ok(Update { member: member.id, edits: edits.map(edit).collect(), remarks })
}

/// Applies the previewed changes. Refused if a field now has neither the previewed old value nor the new one.
pub(super) fn run(tx: &mut Tx<'_>, scope: &Scope, update: &Update) -> Result<ItemResult, Fault> {
    let done = tx.part(|tx| {
        let member = members::find(tx, scope, update.member)?;
        let present = Details::of(&member);
        let mut wanted = present.clone();
        for edit in &update.edits {
            let now = present.parts().into_iter().find(|(field, ..)| *field == edit.field);
            let now = now.map_or("", |(.., text)| text);
            if now != edit.old && now != edit.new {
                let why = format!("{} was changed meanwhile: it is “{now}” now. Nothing of this line was changed.", edit.label());
                return Err(OperationError::Refused(why));
            }
            if let Some(value) = wanted.part_mut(&edit.field) {
                edit.new.clone_into(value);
            }
        }
        let edited = members::edit(tx, scope, MemberKind::User, member.id, member.version, &wanted);
        edited.map_err(|error| error.map_refusal(|refusal| refusal.to_string()))
    });
    Ok(match done {
        Ok(true) => ItemResult::done(),
        Ok(false) => ItemResult::unchanged(),
        Err(OperationError::Refused(why)) => ItemResult::refused(why),
        Err(OperationError::Fault(Fault::Missing)) => ItemResult::refused(members::Refusal::Gone),
        Err(OperationError::Fault(fault)) => return Err(fault),
    })
}
