//! Validates each line: the rules of the forms for one person, checked for many lines with few queries.

use super::{
    Import, ImportMode,
    columns::Column,
    import_file::{ImportFile, Line},
    lookup::Names,
    model::{Edit, Person, Planned, Update},
    people,
    store::{Known, known, members_of},
    update, values,
};
use crate::{
    bulk::{ItemState, NewItem},
    db::Conn,
    kit::{
        Fault, MemberId, MemberKind, MemberStatus, Scope,
        email::{Email, is_one_name, likeness},
        fold,
    },
    members::{self, Grants, Member, SeatUsage},
    own_fields::{self, OwnField, Values},
    user_creation::CreateRefusal,
};
use std::collections::HashMap;

/// Lines validated at once.
const PART: usize = 500;

/// The outcome for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    Create,
    Invite,
    /// They are invited already; the invitation is sent again.
    InviteAgain,
    /// At least one field would change.
    Update,
    /// All fields already have these values.
    NoChange,
    AlreadyMember,
    /// They are invited already, so they are not created.
    AlreadyInvited,
    Refused(String),
}

/// A line with its outcome.
#[derive(Clone, Debug)]
pub struct ValidatedLine {
    pub line: u64,
    pub name: String,
    pub email: String,
    pub outcome: LineOutcome,
    member: Option<MemberId>,
    person: Option<Person>,
    update: Option<Update>,
}

/// The most characters of a cell that a list shows.
const SHOWN: usize = 254;

impl ValidatedLine {
    pub fn is_to_be_done(&self) -> bool {
        use LineOutcome::{Create, Invite, InviteAgain, Update};
        matches!(self.outcome, Create | Invite | InviteAgain | Update)
    }
    /// What they would be given.
    pub fn grants(&self) -> Option<&Grants> {
        self.person.as_ref().filter(|_| self.is_to_be_done()).map(|person| &person.grants)
    }
    /// The fields that would change.
    pub fn edits(&self) -> &[Edit] {
        self.update.as_ref().map_or(&[], |update| &update.edits)
    }
    /// Parts of the line that are left out.
    pub fn remarks(&self) -> &[String] {
        let of_update = self.update.as_ref().map(|update| &update.remarks);
        let remarks = self.person.as_ref().map(|person| &person.remarks).or(of_update);
        remarks.filter(|_| self.is_to_be_done()).map_or(&[], Vec::as_slice)
    }

    /// Sets the person, and their own spelling of the address, which may differ from the line's.
    fn is_known(&mut self, known: &Known) {
        self.member = known.here.map(|(id, _)| id);
        self.email.clone_from(&known.user.email);
    }

    /// The batch item to store.
    pub(super) fn item(&self) -> Result<NewItem, Fault> {
        let (state, note) = match &self.outcome {
            LineOutcome::Create | LineOutcome::Invite | LineOutcome::Update => (ItemState::Waiting, ""),
            LineOutcome::InviteAgain => (ItemState::Waiting, "Invited already: a new link is sent, the old one is dead then."),
            LineOutcome::AlreadyMember | LineOutcome::NoChange => (ItemState::Unchanged, ""),
            LineOutcome::AlreadyInvited => (ItemState::Unchanged, "Invited already"),
            LineOutcome::Refused(why) => (ItemState::Refused, why.as_str()),
        };
        let planned = Planned {
            line: self.line,
            person: self.person.clone().filter(|_| self.is_to_be_done()),
            update: self.update.clone().filter(|_| self.is_to_be_done()),
        };
        let notes = [note].into_iter().chain(self.remarks().iter().map(String::as_str));
        let notes: Vec<&str> = notes.filter(|note| !note.is_empty()).collect();
        Ok(NewItem {
            member: self.member,
            name: self.name.clone(),
            email: self.email.clone(),
            payload: Some(serde_json::to_value(planned).map_err(Fault::broken)?),
            state,
            note: notes.join(" "),
        })
    }
}

/// Validates a file from the first line to the last, part by part. If seats are short, earlier lines get them.
pub struct Validator<'a> {
    scope: &'a Scope,
    import: &'a Import,
    names: Names,
    lines: Box<dyn Iterator<Item = Line> + 'a>,
    /// Sign-in names of earlier lines, with their line numbers.
    seen: HashMap<String, u64>,
    seat_usage: Option<SeatUsage>,
    /// The organization's own fields.
    own: Vec<OwnField>,
}

/// The people named in a part who already exist.
struct Present {
    known: HashMap<String, Known>,
    members: HashMap<MemberId, Member>,
    /// Their values of the organization's own fields.
    own: HashMap<MemberId, Values>,
}

impl Present {
    /// The member of this organization who reserves this name, if `is_meant` accepts them.
    fn here(&self, key: &str, is_meant: impl Fn(&Known) -> bool) -> Option<(&Known, &Member)> {
        let known = self.known.get(key).filter(|known| is_meant(known))?;
        let (id, _) = known.here?;
        Some((known, self.members.get(&id)?))
    }
}

/// A line with the sign-in names on it.
struct Named<'l> {
    line: &'l Line,
    /// `None` if an update identifies a person by username.
    email: Result<Option<Email>, String>,
    keys: Vec<String>,
}

impl<'l> Named<'l> {
    fn of(line: &'l Line, way: ImportMode) -> Self {
        let username = line.cell(Column::Username);
        let email = match (&line.complaint, line.cell(Column::Email)) {
            (Some(complaint), _) => Err(complaint.clone()),
            (None, "") if way == ImportMode::Update && !username.is_empty() => Ok(None),
            (None, cell) => people::address(cell).map(|(email, _)| Some(email)),
        };
        let of_email = email.iter().flatten().map(Email::likeness);
        // An invited person has no username of their own.
        let of_name = Some(likeness(username)).filter(|name| !name.is_empty() && way != ImportMode::Invite);
        let mut keys: Vec<String> = of_email.chain(of_name).collect();
        keys.dedup();
        Self { line, email, keys }
    }
}

impl<'a> Validator<'a> {
    /// Prepares to validate a file.
    ///
    /// # Errors
    /// [`Fault::Denied`] if the caller may not do this kind of import.
    pub fn open(conn: &mut Conn, scope: &'a Scope, import: &'a Import, import_file: &'a ImportFile) -> Result<Self, Fault> {
        import.way.demand(scope)?;
        let offer = members::grant_options(conn, scope)?;
        // Without a column that identifies people, no line can be validated.
        let readable = if import.lacks().is_some() { 0 } else { usize::MAX };
        Ok(Self {
            scope,
            import,
            names: Names::of(&offer, scope),
            lines: Box::new(import_file.lines().take(readable)),
            seen: HashMap::new(),
            seat_usage: members::seats(conn, scope.organization)?.usage(MemberKind::User),
            own: own_fields::list(conn, scope.organization)?,
        })
    }

    /// The next lines; empty at the end.
    pub fn part(&mut self, conn: &mut Conn) -> Result<Vec<ValidatedLine>, Fault> {
        let lines: Vec<Line> = self.lines.by_ref().take(PART).collect();
        self.validate(conn, &lines)
    }

    fn validate(&mut self, conn: &mut Conn, lines: &[Line]) -> Result<Vec<ValidatedLine>, Fault> {
        let named: Vec<Named<'_>> = lines.iter().map(|line| Named::of(line, self.import.way)).collect();
        let mut keys: Vec<String> = named.iter().flat_map(|named| named.keys.iter().cloned()).collect();
        keys.sort_unstable();
        keys.dedup();
        let known = known(conn, self.scope, &keys)?;
        let members = match self.import.way {
            ImportMode::Update => members_of(conn, self.scope, &known)?,
            ImportMode::Invite | ImportMode::Create => HashMap::new(),
        };
        let ids: Vec<MemberId> = members.keys().copied().collect();
        let own = own_fields::of_members(conn, self.scope.organization, &self.own, &ids)?;
        let present = Present { known, members, own };
        Ok(named.iter().map(|named| self.line(named, &present)).collect())
    }

    fn line(&mut self, named: &Named<'_>, present: &Present) -> ValidatedLine {
        let line = named.line;
        let shown = |text: &str| fold::visible(text).chars().take(SHOWN).collect::<String>();
        let email = match &named.email {
            Ok(Some(email)) => email.as_str().to_owned(),
            _ => shown(line.cell(Column::Email)),
        };
        let name = shown(&people::name(line));
        let username = shown(line.cell(Column::Username));
        let mut validated = ValidatedLine {
            line: line.number,
            name: [name, email.clone(), username].into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
            email,
            outcome: LineOutcome::NoChange,
            member: None,
            person: None,
            update: None,
        };
        match self.outcome_of(named, present, &mut validated) {
            Ok(outcome) => {
                validated.outcome = outcome;
                self.seen.extend(named.keys.iter().map(|key| (key.clone(), line.number)));
            }
            Err(why) => validated.outcome = LineOutcome::Refused(why),
        }
        validated
    }

    fn outcome_of(&mut self, named: &Named<'_>, present: &Present, validated: &mut ValidatedLine) -> Result<LineOutcome, String> {
        let email = named.email.clone()?;
        if let Some(before) = named.keys.iter().find_map(|key| self.seen.get(key)) {
            return Err(format!("Line {before} has the same address or username."));
        }
        self.check_own(named.line)?;
        let Some(email) = email.filter(|_| self.import.way != ImportMode::Update) else {
            return self.outcome_of_update(named, present, validated);
        };
        let known = present.known.get(&email.likeness());
        let outcome = match known {
            Some(known) if !known.user.goes_by(email.as_str()) => return Err(CreateRefusal::LooksTaken.to_string()),
            Some(known) if !known.user.has_mailbox(&email) => return Err(CreateRefusal::EmailTaken.to_string()),
            Some(known) => {
                validated.is_known(known);
                self.foresee_known(known, named.line)?
            }
            None if self.import.way == ImportMode::Create => LineOutcome::Create,
            None => LineOutcome::Invite,
        };
        if matches!(outcome, LineOutcome::AlreadyMember | LineOutcome::AlreadyInvited) {
            // The rest of the line does not matter.
            return Ok(outcome);
        }
        let person = people::read(named.line, self.import, &self.names)?;
        let has_own_name = known.is_none() && person.username != email.as_str();
        if has_own_name && present.known.contains_key(&likeness(&person.username)) {
            return Err(CreateRefusal::UsernameTaken.to_string());
        }
        let takes_seat = outcome == LineOutcome::Invite || (outcome == LineOutcome::Create && person.is_active);
        self.take_seat(takes_seat)?;
        validated.person = Some(person);
        Ok(outcome)
    }

    /// Reads the organization's own fields on a line. A person is looked up when the line is run.
    fn check_own(&self, line: &Line) -> Result<(), String> {
        for field in &self.own {
            let Some(cell) = line.own.get(&field.id) else { continue };
            own_fields::read(field, cell).map_err(|why| format!("{}: {why}", field.name))?;
        }
        Ok(())
    }

    fn take_seat(&mut self, takes_seat: bool) -> Result<(), String> {
        match &mut self.seat_usage {
            Some(seat_usage) if takes_seat && seat_usage.is_full() => Err(CreateRefusal::NoSeatLeft(*seat_usage).to_string()),
            Some(seat_usage) if takes_seat => {
                seat_usage.used += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The outcome for a person who already has an identity.
    fn foresee_known(&self, known: &Known, line: &Line) -> Result<LineOutcome, String> {
        match (self.import.way, known.here.map(|(_, status)| status)) {
            (ImportMode::Invite, None) => Ok(LineOutcome::Invite),
            (ImportMode::Invite, Some(MemberStatus::Invited)) => Ok(LineOutcome::InviteAgain),
            (ImportMode::Invite, Some(MemberStatus::Disabled)) if !values::out(line).is_ok_and(|out| out.is_some()) => {
                Err("They are a member who is disabled. Enable them in the directory.".into())
            }
            (ImportMode::Create, None) => Err(CreateRefusal::Elsewhere.to_string()),
            (_, Some(MemberStatus::Invited)) => Ok(LineOutcome::AlreadyInvited),
            (_, _) => Ok(LineOutcome::AlreadyMember),
        }
    }

    /// Finds a member by email, or else by username.
    fn outcome_of_update(&self, named: &Named<'_>, present: &Present, validated: &mut ValidatedLine) -> Result<LineOutcome, String> {
        let email = named.email.clone()?;
        let by_email = email
            .as_ref()
            .and_then(|email| present.here(&email.likeness(), |known| known.user.has_mailbox(email)));
        let username = named.line.cell(Column::Username);
        let by_username = present.here(&likeness(username), |known| is_one_name(&known.user.username, username));
        let (known, member) = match (by_email, by_username) {
            (Some((_, one)), Some((_, other))) if one.id != other.id => {
                return Err("The address is one person's and the username another's.".into());
            }
            (found, otherwise) => found.or(otherwise).ok_or("Nobody here has this address or username.")?,
        };
        validated.is_known(known);
        validated.name.clone_from(&member.name);
        let none = Values::new();
        let values = present.own.get(&member.id).unwrap_or(&none);
        let mut update = update::read(named.line, self.import, member, (&self.own, values))?;
        if email.is_some_and(|email| !known.user.has_mailbox(&email)) {
            update.remarks.push("Their email stays: it is changed on their profile.".into());
        }
        if update.edits.is_empty() {
            return Ok(LineOutcome::NoChange);
        }
        validated.update = Some(update);
        Ok(LineOutcome::Update)
    }
}
