//! The fields of one member as pages show them: to read, and to edit.

use super::{
    change::Complaints,
    model::{FieldKind, OwnField, SeenBy, Standing, Value},
    sent::SentOwn,
    store, values,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, OrganizationId, Scope, rights},
    web::{Field, MemberContext},
};

/// One field of one member.
#[derive(Clone, Debug)]
pub struct Line {
    pub field: OwnField,
    pub value: Option<Value>,
    /// The caller may change it.
    pub is_edited: bool,
    pub input: Field,
}

impl Line {
    fn new(field: OwnField, value: Option<Value>, standing: Standing) -> Self {
        Self {
            is_edited: field.is_edited(standing),
            input: Field::new(value.as_ref().map(|value| value.typed.clone()).unwrap_or_default()),
            field,
            value,
        }
    }
    /// The name of its input, which is its id as well.
    pub fn name(&self) -> String {
        format!("{}{}", crate::web::OWN_FIELD, self.field.id)
    }
    pub fn told(&self) -> &str {
        self.value.as_ref().map_or("", |value| &value.told)
    }
    pub fn is_choice(&self) -> bool {
        self.field.kind == FieldKind::Choice
    }
    /// The value as a link to a page of the web.
    pub fn link(&self) -> Option<&str> {
        let value = self.value.as_ref().filter(|_| self.field.kind == FieldKind::Link)?;
        Some(&value.text)
    }
    /// The path of the person whom it names.
    pub fn person(&self, context: &MemberContext) -> Option<String> {
        let value = self.value.as_ref().filter(|_| self.field.kind == FieldKind::Person)?;
        context.scope.may(rights::USER_READ).then(|| context.path(format!("/users/{}", value.text)))
    }
    /// The type of the input.
    pub fn input_type(&self) -> &'static str {
        match self.field.kind {
            FieldKind::Date => "date",
            FieldKind::Link => "url",
            _ => "text",
        }
    }
    /// What to type, above the organization's own help.
    pub fn hint(&self) -> &'static str {
        match self.field.kind {
            FieldKind::Person => "The address, username or full name of the person.",
            _ => "",
        }
    }
    /// Whether only those who manage members see it.
    pub fn is_for_managers(&self) -> bool {
        self.field.seen_by == SeenBy::Managers && !self.field.is_self_edited
    }
    pub fn has_hint(&self) -> bool {
        !self.field.help.is_empty() || !self.hint().is_empty() || self.is_for_managers()
    }
    pub fn is_described(&self) -> bool {
        self.has_hint() || self.input.is_refused()
    }
    /// The ids of what explains the input.
    pub fn described_by(&self) -> String {
        let name = self.name();
        let hint = self.has_hint().then(|| format!("{name}-hint"));
        let error = self.input.is_refused().then(|| format!("{name}-error"));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
    pub fn is_chosen(&self, key: &str) -> bool {
        self.input.value == key
    }
}

/// What a form sends over the lines of its page, with what is wrong with it.
pub fn fill(lines: &mut [Line], sent: &SentOwn, complaints: &Complaints) {
    for line in lines {
        if let Some(typed) = sent.get(line.field.id).filter(|_| line.is_edited) {
            line.input = Field::new(typed);
        }
        if let Some(complaint) = complaints.0.iter().find(|complaint| complaint.field == line.field.id) {
            line.input.refuse(complaint.text.clone());
        }
    }
}

/// The fields of a member whom the caller may see.
pub fn of_member(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Vec<Line>, Fault> {
    let standing = Standing { is_me: scope.is_me(id), may_manage: scope.may(rights::manage(kind)) };
    let fields = store::list(conn, scope.organization)?;
    let mut present = values::of_member(conn, scope.organization, &fields, id)?;
    let seen = fields.into_iter().filter(|field| field.bearers.has(kind) && field.is_seen(standing));
    let line = |field: OwnField| {
        let value = present.remove(&field.id);
        Line::new(field, value, standing)
    };
    Ok(seen.map(line).collect())
}

/// The fields of oneself, for the form of one's own profile: what members do not edit themselves is only shown, also to those
/// who manage others.
pub fn of_self(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Line>, Fault> {
    let mut lines = of_member(conn, scope, MemberKind::User, id)?;
    for line in &mut lines {
        line.is_edited &= line.field.is_self_edited;
    }
    Ok(lines)
}

/// The empty fields of a member who is yet to be created.
pub fn of_new(conn: &mut Conn, organization: OrganizationId, kind: MemberKind) -> Result<Vec<Line>, Fault> {
    let fields = store::list(conn, organization)?;
    let standing = Standing { is_me: false, may_manage: true };
    let line = |field: OwnField| Line::new(field, None, standing);
    Ok(fields.into_iter().filter(|field| field.bearers.has(kind)).map(line).collect())
}

/// What can be filled in for people who are invited, by callers who manage people. Nothing of it is required.
pub fn of_invitation(conn: &mut Conn, scope: &Scope) -> Result<Vec<Line>, Fault> {
    if !scope.may(rights::USER_MANAGE) {
        return Ok(Vec::new());
    }
    let mut lines = of_new(conn, scope.organization, MemberKind::User)?;
    for line in &mut lines {
        line.field.is_required = false;
    }
    Ok(lines)
}

/// What an invited person is asked for, with what is known already.
pub fn of_invited(conn: &mut Conn, organization: OrganizationId, id: MemberId) -> Result<Vec<Line>, Fault> {
    let fields: Vec<OwnField> = store::list(conn, organization)?.into_iter().filter(OwnField::is_asked_of_invited).collect();
    let mut present = values::of_member(conn, organization, &fields, id)?;
    let standing = Standing { is_me: true, may_manage: true };
    let line = |field: OwnField| {
        let value = present.remove(&field.id);
        Line::new(field, value, standing)
    };
    Ok(fields.into_iter().map(line).collect())
}
