//! Roles, teams and policies in requests that add members. The form of the console judges them.

use super::refusals;
use crate::{
    members::{GrantFields, GrantOptions, GrantRefusal, Grants},
    web::{self, Field, FieldError, PickerSearch, Problem},
};
use uuid::Uuid;

/// What a request gives to new members.
#[derive(Clone, Debug, Default)]
pub(super) struct SentGrants {
    pub administrator: bool,
    pub role_ids: Option<Vec<Uuid>>,
    pub team_ids: Option<Vec<Uuid>>,
    pub policy_ids: Option<Vec<Uuid>>,
}

impl SentGrants {
    /// The fields of the form. What is left out is as the form preselects it: the default role and the default team.
    ///
    /// # Errors
    /// The ids that are not known, or do not go together.
    pub fn fields(self, offer: &GrantOptions) -> Result<GrantFields, Vec<FieldError>> {
        let mut errors = Vec::new();
        for (field, sent) in [("/role_ids", &self.role_ids), ("/policy_ids", &self.policy_ids)] {
            if self.administrator && sent.is_some() {
                errors.push(FieldError::new(field, "conflict", "Administrators hold every permission. Leave this out."));
            }
        }
        let (kind, roles) = (offer.kind, &offer.roles);
        errors.extend(unknown("/role_ids", self.role_ids.as_deref(), |id| {
            roles.iter().any(|role| role.id.0 == id && role.is_for(kind))
        }));
        errors.extend(unknown("/team_ids", self.team_ids.as_deref(), |id| offer.teams.iter().any(|team| team.id.0 == id)));
        errors.extend(unknown("/policy_ids", self.policy_ids.as_deref(), |id| {
            offer.policies.iter().any(|policy| policy.id.0 == id)
        }));
        if !errors.is_empty() {
            return Err(errors);
        }
        let blank = GrantFields::blank(offer);
        let chosen = |sent: Option<Vec<Uuid>>, usual: Vec<String>| sent.map_or(usual, |ids| ids.iter().map(Uuid::to_string).collect());
        Ok(GrantFields {
            access: if self.administrator {
                Field::new("administrator")
            } else {
                blank.access
            },
            roles: chosen(self.role_ids, blank.roles),
            teams: chosen(self.team_ids, blank.teams),
            policies: chosen(self.policy_ids, blank.policies),
            complaint: None,
            search: PickerSearch::default(),
        })
    }

    /// What is given, as the form judges it.
    ///
    /// # Errors
    /// The fields that are not valid.
    pub fn checked(self, offer: &GrantOptions) -> Result<Grants, Vec<FieldError>> {
        let mut fields = self.fields(offer)?;
        let grants = fields.check(offer);
        let complaints = fields.complaints().into_iter();
        let errors: Vec<FieldError> = complaints.filter_map(|(field, text)| Some(complaint(field, text.as_ref()?))).collect();
        if errors.is_empty() { Ok(grants) } else { Err(errors) }
    }
}

/// The ids that are not offered.
fn unknown(field: &str, sent: Option<&[Uuid]>, is_offered: impl Fn(Uuid) -> bool) -> Vec<FieldError> {
    let sent = sent.unwrap_or_default().iter().enumerate();
    let unknown = sent.filter(|(_, id)| !is_offered(**id));
    unknown
        .map(|(at, _)| FieldError::new(format!("{field}/{at}"), "unknown", "Nothing that can be given here has this id."))
        .collect()
}

/// A complaint of a form as the error of the field that JSON has in its place.
pub(super) fn complaint(field: &str, text: &str) -> FieldError {
    let pointer = match field {
        "access" => "/administrator".to_owned(),
        "roles" => "/role_ids".to_owned(),
        other => format!("/{other}"),
    };
    FieldError::new(pointer, "invalid", text)
}

/// The codes with which people and system accounts are not created.
pub(super) const OF_NEW_MEMBERS: &[&str] = &["beyond-your-permissions", "no-seat-left", "not-your-team"];

/// The codes with which people are not invited.
pub(super) const OF_INVITED: &[&str] = &["beyond-your-permissions", "not-your-team"];

/// Why something was not given to a new member.
pub(super) fn of_new_member(refusal: &GrantRefusal) -> web::Error {
    match refusal {
        // It was deleted while the request ran.
        GrantRefusal::Gone => Problem::field("/role_ids", "unknown", refusal).into(),
        other => refusals::of_grant(other),
    }
}
