//! What would become of each line: the rules of the forms for one person, asked for many with few queries.

use super::{
    Import, Way,
    columns::Column,
    file::{Line, Sheet},
    names::Names,
    store::{Known, known},
    work::{Person, Planned},
};
use crate::{
    bulk::{ItemState, NewItem},
    db::Conn,
    kit::{
        Fault, Scope,
        email::{Email, likeness},
        fold,
    },
    members::{self, Details, EditForm, Grants, MemberKind, MemberStatus, Room},
    newcomers::{CreateRefusal, username},
    web::Field,
};
use std::collections::HashMap;

/// What would become of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreseen {
    Create,
    Invite,
    /// They were invited before.
    InviteAgain,
    AlreadyMember,
    Refused(String),
}

/// A line with what would become of it.
#[derive(Clone, Debug)]
pub struct Judged {
    pub line: u64,
    pub name: String,
    pub email: String,
    pub foreseen: Foreseen,
    person: Option<Person>,
}

/// As much of a text that somebody typed as a list has room for.
const SHOWN: usize = 254;

impl Judged {
    pub fn is_to_be_done(&self) -> bool {
        matches!(self.foreseen, Foreseen::Create | Foreseen::Invite | Foreseen::InviteAgain)
    }
    /// What they would be given.
    pub fn grants(&self) -> Option<&Grants> {
        self.person.as_ref().filter(|_| self.is_to_be_done()).map(|person| &person.grants)
    }

    /// As it is written down.
    pub(super) fn item(&self) -> Result<NewItem, Fault> {
        let (state, note) = match &self.foreseen {
            Foreseen::Create | Foreseen::Invite => (ItemState::Waiting, ""),
            Foreseen::InviteAgain => (ItemState::Waiting, "Invited already: a new link is sent, the old one is dead then."),
            Foreseen::AlreadyMember => (ItemState::Unchanged, ""),
            Foreseen::Refused(why) => (ItemState::Refused, why.as_str()),
        };
        let planned = Planned {
            line: self.line,
            person: self.person.clone().filter(|_| self.is_to_be_done()),
        };
        Ok(NewItem {
            member: None,
            name: self.name.clone(),
            email: self.email.clone(),
            payload: Some(serde_json::to_value(planned).map_err(Fault::broken)?),
            state,
            note: note.to_owned(),
        })
    }
}

/// Judges every line of a file, in order. Whoever stands first has the seat.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub fn judge(conn: &mut Conn, scope: &Scope, import: &Import, sheet: &Sheet) -> Result<Vec<Judged>, Fault> {
    import.way.demand(scope)?;
    let offer = members::offer(conn, scope)?;
    let names = Names::of(&offer, scope);
    let people: Vec<Result<Person, String>> = sheet.lines.iter().map(|line| read(line, import, &names)).collect();
    let mut keys: Vec<String> = people.iter().flatten().flat_map(Person::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut judge = Judge {
        way: import.way,
        known: known(conn, scope, &keys)?,
        seen: HashMap::new(),
        room: members::seats(conn, scope.organization)?.room(MemberKind::User),
    };
    let judged = sheet.lines.iter().zip(people).map(|(line, person)| {
        let foreseen = match &person {
            Ok(person) => judge.foresee(line.number, person),
            Err(why) => Foreseen::Refused(why.clone()),
        };
        let shown = |text: String| fold::visible(&text).chars().take(SHOWN).collect::<String>();
        // The address that is written to, however the file spells it.
        let email = person
            .as_ref()
            .map_or_else(|_| shown(line.cell(Column::Email).to_owned()), |person| judge.stored(person));
        let name = shown(name(line));
        Judged {
            line: line.number,
            // Whoever is invited types their own.
            name: if name.is_empty() { email.clone() } else { name },
            email,
            foreseen,
            person: person.ok(),
        }
    });
    Ok(judged.collect())
}

/// The name, in whichever columns it stands.
fn name(line: &Line) -> String {
    match line.cell(Column::Name) {
        "" => format!("{} {}", line.cell(Column::FirstName), line.cell(Column::LastName))
            .trim()
            .to_owned(),
        name => name.to_owned(),
    }
}

/// What a line says, if all of it can be.
fn read(line: &Line, import: &Import, names: &Names) -> Result<Person, String> {
    if let Some(complaint) = &line.complaint {
        return Err(complaint.clone());
    }
    let email = match line.cell(Column::Email) {
        "" => return Err("It has no email address.".into()),
        typed => Email::parse(typed)?,
    };
    let details = details(line, import.way)?;
    let typed = line.cell(Column::Username);
    let username = username(typed, &email)?;
    if import.way == Way::Invite && username != email.as_str() {
        return Err("Whoever is invited signs in with the email; another username can be given where people are created.".into());
    }
    Ok(Person {
        is_active: is_active(line.cell(Column::Status), import.way)?,
        grants: names.grants(line, &import.grants)?,
        email,
        username,
        details,
    })
}

/// The name and what else is known, by the rules of the form.
fn details(line: &Line, way: Way) -> Result<Details, String> {
    let name = name(line);
    let is_nameless = name.is_empty();
    if is_nameless && way == Way::Create {
        return Err("It has no name.".into());
    }
    let field = |column| Field::new(line.cell(column));
    let mut form = EditForm {
        version: 0,
        kind: MemberKind::User,
        first_name: field(Column::FirstName),
        last_name: field(Column::LastName),
        // Whoever is invited types their own.
        name: Field::new(if is_nameless { "nobody" } else { &name }),
        title: field(Column::Title),
        phone: field(Column::Phone),
        location: field(Column::Location),
        contact: field(Column::Contact),
    };
    let details = form.check();
    let complaint = form
        .complaints()
        .first()
        .map(|(field, why)| format!("The {}: {why}", field.replace('_', " ")));
    let details = details.ok_or_else(|| complaint.unwrap_or_default())?;
    Ok(Details {
        name: if is_nameless { String::new() } else { details.name },
        ..details
    })
}

fn is_active(typed: &str, way: Way) -> Result<bool, String> {
    match (fold::unique(typed).as_str(), way) {
        ("" | "active", _) | ("invited", Way::Invite) => Ok(true),
        ("disabled", Way::Create) => Ok(false),
        ("disabled", Way::Invite) => Err("Nobody is invited to be disabled. Leave them out, or create them.".into()),
        (_, Way::Create) => Err("The status is active or disabled.".into()),
        (_, Way::Invite) => Err("The status of whoever is invited is active, or empty.".into()),
    }
}

impl Person {
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![self.email.likeness(), likeness(&self.username)];
        keys.dedup();
        keys
    }
}

/// Goes through a file from the first line to the last.
struct Judge {
    way: Way,
    known: HashMap<String, Known>,
    /// Names that stood on a line before.
    seen: HashMap<String, u64>,
    room: Option<Room>,
}

impl Judge {
    fn foresee(&mut self, line: u64, person: &Person) -> Foreseen {
        let keys = person.keys();
        if let Some(before) = keys.iter().find_map(|key| self.seen.get(key)) {
            return Foreseen::Refused(format!("Line {before} has the same address or username."));
        }
        let foreseen = match self.known.get(&person.email.likeness()) {
            Some(known) if !person.email.is_mailbox(&known.email) => refused(CreateRefusal::EmailTaken),
            Some(known) => self.foresee_known(known.standing),
            None if keys.iter().any(|key| self.known.contains_key(key)) => refused(CreateRefusal::UsernameTaken),
            None if self.way == Way::Create => Foreseen::Create,
            None => Foreseen::Invite,
        };
        self.seen.extend(keys.into_iter().map(|key| (key, line)));
        let takes_seat = foreseen == Foreseen::Invite || (foreseen == Foreseen::Create && person.is_active);
        match &mut self.room {
            Some(room) if takes_seat && room.is_full() => refused(CreateRefusal::NoSeatLeft(*room)),
            Some(room) if takes_seat => {
                room.used += 1;
                foreseen
            }
            _ => foreseen,
        }
    }

    /// The address of somebody as it is stored, or will be.
    fn stored(&self, person: &Person) -> String {
        let known = self.known.get(&person.email.likeness()).map(|known| known.email.as_str());
        let theirs = known.filter(|email| person.email.is_mailbox(email));
        theirs.unwrap_or(person.email.as_str()).to_owned()
    }

    fn foresee_known(&self, standing: Option<MemberStatus>) -> Foreseen {
        match (self.way, standing) {
            (Way::Invite, None) => Foreseen::Invite,
            (Way::Invite, Some(MemberStatus::Invited)) => Foreseen::InviteAgain,
            (Way::Invite, Some(MemberStatus::Disabled)) => {
                Foreseen::Refused("They are a member who is disabled. Enable them in the directory.".into())
            }
            (Way::Create, None) => refused(CreateRefusal::Elsewhere),
            (_, Some(_)) => Foreseen::AlreadyMember,
        }
    }
}

fn refused(refusal: CreateRefusal) -> Foreseen {
    Foreseen::Refused(refusal.to_string())
}
