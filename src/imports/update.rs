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
    kit::{Fault, MemberKind, OperationError, OwnFieldId, Scope},
    members::{self, Details, EditForm, Member},
    own_fields::{self, OwnField, Value, Values},
};
use std::collections::BTreeMap;

/// The changes on a line; none if all values are already the same.
pub(super) fn read(line: &Line, import: &Import, member: &Member, (fields, values): (&[OwnField], &Values)) -> Result<Update, String> {
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
        own: None,
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let edits = edits.map(edit).chain(own_edits(line, import, fields, values));
    Ok(Update { member: member.id, edits: edits.collect(), remarks })
}

/// The changes of the organization's own fields.
fn own_edits(line: &Line, import: &Import, fields: &[OwnField], values: &Values) -> Vec<Edit> {
    let mut edits = Vec::new();
    for id in import.layout.columns.iter().filter_map(|head| head.own) {
        let Some(field) = fields.iter().find(|field| field.id == id) else {
            continue;
        };
        let (old, new) = (values.get(&id), line.own.get(&id).map_or("", String::as_str));
        if new.is_empty() && !import.empties {
            continue;
        }
        let canonical = own_fields::read(field, new).ok().flatten().map(|read| read.text);
        let is_same =
            |old: &Value| Some(&old.text) == canonical.as_ref() || [&old.text, &old.told, &old.typed].iter().any(|text| *text == new);
        if old.map_or(new.is_empty(), is_same) {
            continue;
        }
        edits.push(Edit {
            field: String::new(),
            own: Some((id, field.name.clone())),
            old: old.map(|old| old.told.clone()).unwrap_or_default(),
            new: new.to_owned(),
        });
    }
    edits
}

/// The organization's own fields of a line, once their present values are seen to be the previewed ones or the new ones.
fn own_wanted(tx: &mut Tx<'_>, scope: &Scope, update: &Update) -> Result<BTreeMap<OwnFieldId, String>, OperationError<String>> {
    let wanted: Vec<_> = update.edits.iter().filter_map(|edit| Some((edit, edit.own.as_ref()?.0))).collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let fields = own_fields::list(tx, scope.organization)?;
    let values = own_fields::values_of_member(tx, scope.organization, &fields, update.member)?;
    for (edit, id) in &wanted {
        let now = values.get(id).map_or("", |value| &value.told);
        let is_new = values.get(id).is_some_and(|value| [&value.text, &value.typed].contains(&&edit.new));
        if now != edit.old && now != edit.new && !is_new {
            return Err(OperationError::Refused(changed(edit, now)));
        }
    }
    Ok(wanted.into_iter().map(|(edit, id)| (id, edit.new.clone())).collect())
}

fn changed(edit: &Edit, now: &str) -> String {
    format!("{} was changed meanwhile: it is “{now}” now. Nothing of this line was changed.", edit.label())
}

/// Applies the previewed changes. Refused if a field now has neither the previewed old value nor the new one.
pub(super) fn run(tx: &mut Tx<'_>, scope: &Scope, update: &Update) -> Result<ItemResult, Fault> {
    let done = tx.part(|tx| {
        let member = members::find(tx, scope, update.member)?;
        let present = Details::of(&member);
        let mut wanted = Details { own: own_wanted(tx, scope, update)?, ..present.clone() };
        for edit in update.edits.iter().filter(|edit| edit.own.is_none()) {
            let now = present.parts().into_iter().find(|(field, ..)| *field == edit.field);
            let now = now.map_or("", |(.., text)| text);
            if now != edit.old && now != edit.new {
                return Err(OperationError::Refused(changed(edit, now)));
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
