//! Creating people directly, without an invitation.

use super::{
    details::{ContactDetailsPatch, checked},
    own_fields::{self, SentFields},
    users::User,
};
use crate::{
    api::{
        Caller, answers,
        body::Body,
        endpoints::Endpoint,
        grants::{OF_NEW_MEMBERS, SentGrants, complaint, of_new_member},
        identity::{both, hash},
        parameters::{Parameters, WriteParameters},
        refusals::of_own,
    },
    db::Db,
    kit::{MemberKind, OperationError, OperationResult, rights, secret::SecretString},
    members::{Details, GrantFields, GrantOptions, SeatUsage},
    passwords::{Hasher, generate},
    user_creation::{self, Checked, CreateForm, CreateRefusal},
    web::{self, Field, FieldError, Problem},
};
use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether a new person has access.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum NewStatus {
    Active,
    /// Takes no seat, and can be enabled later.
    Disabled,
}

/// A person to create. At least one of the names is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    #[schema(max_length = 100, example = "Ada")]
    first_name: Option<String>,
    #[schema(max_length = 100, example = "Lovelace")]
    last_name: Option<String>,
    /// The display name. First and last name make it, if it is left out.
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(max_length = 254, example = "ada@example.org")]
    email: String,
    /// Sign-in name, which never changes. The email, if it is left out.
    #[schema(max_length = 100)]
    username: Option<String>,
    #[serde(default, deserialize_with = "crate::api::object::optional")]
    details: Option<ContactDetailsPatch>,
    /// The organization's own fields by their keys. A person is named by id, address or username.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    fields: Option<SentFields>,
    /// Active, if it is left out.
    #[schema(inline)]
    status: Option<NewStatus>,
    /// Makes an Administrator, who needs no other role and takes no policies.
    administrator: Option<bool>,
    /// The default role, if they are left out.
    #[schema(min_items = 1, max_items = 50)]
    role_ids: Option<Vec<Uuid>>,
    /// The default team, if they are left out.
    #[schema(max_items = 50)]
    team_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    policy_ids: Option<Vec<Uuid>>,
    /// A temporary password. Without one, and unless one is generated, the person has none until they choose one by a
    /// reset link.
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    password: Option<SecretString>,
    /// Makes a temporary password, which the answer tells.
    generate_password: Option<bool>,
}

/// A person who was created.
#[derive(Serialize, ToSchema)]
struct CreatedUser {
    #[serde(flatten)]
    user: User,
    /// The generated password. It is told here and never again, works for seven days, and is replaced at the first
    /// sign-in. Null if none was generated, and in a dry run.
    #[schema(required = true)]
    temporary_password: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create)
            .needs_over_teams(rights::USER_MANAGE)
            .refuses(OF_NEW_MEMBERS)
            .records(&["member.created"]),
    ]
}

/// Create a person
///
/// At once, without an invitation. A password that the caller knows is temporary: it works for seven days, and is
/// replaced at the first sign-in. No letter is sent.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "createUser", tag = "Users", params(WriteParameters), request_body = NewUser,
    responses((status = 201, description = "The person is in the directory.", body = CreatedUser,
        headers(("Location" = String, description = "Their address."), ("ETag" = String, description = "Their version.")))))]
async fn create(
    (db, hasher): (Data<Db>, Data<Hasher>),
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<NewUser>,
) -> web::Result<HttpResponse> {
    let ((offer, _), least) = caller.read(&db, user_creation::offer).await?;
    let Body(mut sent) = body;
    let own = own_fields::read(&db, &caller, MemberKind::User, sent.fields.take()).await?;
    let (checked, details, password) = sent.checked(&offer, &caller.organization_name, least).map_err(Problem::fields)?;
    let hash = match password.text() {
        Some(text) => Some(hash(&hasher, how.0, text).await?),
        None => None,
    };
    let wanted = checked.wanted(Details { own, ..details }, hash);
    let done = caller.write(&db, how.0, move |tx, scope| {
        let created = user_creation::create(tx, scope, &wanted)?;
        Ok::<_, OperationError<CreateRefusal>>(User::whole(tx, scope, created.member)?)
    });
    let user = done.await.refused()?.map_err(|refusal| of_creation(&refusal))?;
    let (path, version) = (format!("/api/v1/users/{}", user.id), user.version);
    let temporary_password = password.told(how.0);
    Ok(answers::created(&path, version, &CreatedUser { user, temporary_password }))
}

/// The password of a new person.
enum NewPassword {
    None,
    Typed(SecretString),
    Generated(SecretString),
}

impl NewPassword {
    fn text(&self) -> Option<&SecretString> {
        match self {
            Self::None => None,
            Self::Typed(text) | Self::Generated(text) => Some(text),
        }
    }
    /// What the answer tells of it.
    fn told(self, how: WriteParameters) -> Option<String> {
        match self {
            Self::Generated(text) if !how.dry_run => Some(text.expose().to_owned()),
            _ => None,
        }
    }
}

impl NewUser {
    /// The request as the form of the console judges it.
    fn checked(self, offer: &GrantOptions, organization: &str, least: usize) -> Result<(Checked, Details, NewPassword), Vec<FieldError>> {
        let mut errors = Vec::new();
        let password = self.password().map_err(|error| errors.push(error)).unwrap_or(NewPassword::None);
        let grants = self.grants().fields(offer);
        let grants = grants.map_err(|wrong| errors.extend(wrong)).unwrap_or_else(|()| GrantFields::blank(offer));
        let contact = self.contact();
        errors.extend(contact.as_ref().err().into_iter().flatten().cloned());
        let mut form = self.form(grants);
        let checked = form.check(offer, organization, least);
        errors.extend(form.complaints().into_iter().map(|(field, text)| complaint(field, text)));
        match (checked, contact) {
            (Some(checked), Ok(contact)) if errors.is_empty() => {
                let names = checked.details();
                let details = Details { first_name: names.first_name, last_name: names.last_name, ..contact };
                Ok((checked, details, password))
            }
            _ => Err(errors),
        }
    }

    fn password(&self) -> Result<NewPassword, FieldError> {
        match (&self.password, self.generate_password.unwrap_or_default()) {
            (Some(_), true) => Err(both()),
            (Some(typed), false) => Ok(NewPassword::Typed(typed.clone())),
            (None, true) => Ok(NewPassword::Generated(generate())),
            (None, false) => Ok(NewPassword::None),
        }
    }

    fn grants(&self) -> SentGrants {
        SentGrants {
            administrator: self.administrator.unwrap_or_default(),
            role_ids: self.role_ids.clone(),
            team_ids: self.team_ids.clone(),
            policy_ids: self.policy_ids.clone(),
        }
    }

    /// The contact details. The other form judges the names.
    fn contact(&self) -> Result<Details, Vec<FieldError>> {
        let mut details = Details { name: "Somebody".into(), ..Details::default() };
        self.details.clone().unwrap_or_default().over(&mut details);
        checked(MemberKind::User, &details)
    }

    fn form(self, grants: GrantFields) -> CreateForm {
        let field = |text: Option<String>| Field::new(text.unwrap_or_default());
        let is_disabled = self.status == Some(NewStatus::Disabled);
        CreateForm {
            first_name: field(self.first_name),
            last_name: field(self.last_name),
            name: field(self.name),
            email: Field::new(self.email),
            username: field(self.username),
            status: Field::new(if is_disabled { "disabled" } else { "active" }),
            grants,
            choice: Field::new(if self.password.is_some() { "typed" } else { "generated" }),
            password: self.password.unwrap_or_default(),
            ..CreateForm::default()
        }
    }
}

/// Why nobody was created.
fn of_creation(refusal: &CreateRefusal) -> web::Error {
    let taken = |field: &str| Problem::field(field, "taken", refusal).into();
    match refusal {
        CreateRefusal::Here | CreateRefusal::Elsewhere | CreateRefusal::EmailTaken | CreateRefusal::LooksTaken => taken("/email"),
        CreateRefusal::UsernameTaken => taken("/username"),
        CreateRefusal::NoSeatLeft(usage) => no_seat_left(usage),
        CreateRefusal::Grant(refusal) => of_new_member(refusal),
        CreateRefusal::Own(complaints) => of_own(complaints),
        CreateRefusal::SingleSignOn => Problem::field("/password", "single-sign-on", refusal).into(),
    }
}

/// The plan is full.
pub(super) fn no_seat_left(usage: &SeatUsage) -> web::Error {
    answers::refused("no-seat-left", "No seat is left", usage)
}
