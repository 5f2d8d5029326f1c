//! Inviting people: each address is decided on its own.

use crate::{
    api::{
        Caller,
        body::Body,
        choice,
        endpoints::Endpoint,
        grants::{OF_INVITED, SentGrants, complaint, of_new_member},
        parameters::{Parameters, WriteParameters},
    },
    db::{Conn, Db},
    invitations::{self, InviteForm, Outcome, Sent, Wanted},
    kit::{Fault, InvitationId, MemberId, OperationError, OperationResult, Scope, email::Entry, rights},
    mail::Outbox,
    members::{GrantFields, GrantOptions, GrantRefusal},
    text_enum,
    web::{self, Field, FieldError, Problem},
};
use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// The most people in one request.
const MOST_INVITEES: usize = 50;

/// The longest text that is taken for an address.
const LONGEST_ADDRESS: usize = 1_000;

/// The longest name.
const LONGEST_NAME: usize = 100;

/// Somebody to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invitee {
    #[schema(max_length = 1000, example = "ada@example.org")]
    email: String,
    /// The display name, until they choose another.
    #[schema(max_length = 100)]
    name: Option<String>,
}

/// Whom to invite, and what all of them are given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationRequest {
    #[serde(deserialize_with = "crate::api::object::each")]
    #[schema(min_items = 1, max_items = 50)]
    invitees: Vec<Invitee>,
    /// Makes Administrators, who need no other role and take no policies.
    administrator: Option<bool>,
    /// The default role, if they are left out.
    #[schema(min_items = 1, max_items = 50)]
    role_ids: Option<Vec<Uuid>>,
    /// The default team, if they are left out.
    #[schema(max_items = 50)]
    team_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    policy_ids: Option<Vec<Uuid>>,
    /// Stands in the letter.
    #[schema(max_length = 1000)]
    message: Option<String>,
}

text_enum! {
    /// What happens to one address.
    enum InvitationOutcome {
        Invited = "invited",
        SentAgain = "sent_again",
        Added = "added",
        AlreadyMember = "already_member",
        Disabled = "disabled",
        Duplicate = "duplicate",
        Refused = "refused",
    }
}

/// The verdict on one address.
#[derive(Serialize, ToSchema)]
struct InvitationVerdict {
    /// The address as it is stored, or as it was sent if it belongs to nobody.
    email: String,
    #[schema(schema_with = outcome)]
    outcome: &'static str,
    /// Why it was refused.
    #[schema(required = true)]
    detail: Option<String>,
    /// The person, if they are invited or disabled.
    #[schema(required = true)]
    member_id: Option<Uuid>,
    /// The invitation, if there is one.
    #[schema(required = true)]
    invitation_id: Option<Uuid>,
    /// The link to hand over, where no mail server delivers letters. It is told here and never again. Null in a dry run.
    #[schema(required = true)]
    link: Option<String>,
}

/// The schema of an outcome.
fn outcome() -> Object {
    let mut schema = choice::schema::<InvitationOutcome>();
    let description = "`invited`: a letter with a link is on its way. `sent_again`: they were invited before; the old link is dead, and a \
        new one is on its way. `added`: they belong to another organization, and are a member at once. `already_member`, `disabled`: \
        they are in the directory. `duplicate`: the address comes before in the request. `refused`: detail says why.";
    schema.description = Some(description.into());
    schema
}

/// The verdicts, in the order of the request.
#[derive(Serialize, ToSchema)]
struct InvitationVerdicts {
    data: Vec<InvitationVerdict>,
}

impl InvitationRequest {
    fn checked(self, offer: &GrantOptions) -> Result<Wanted, Vec<FieldError>> {
        let mut errors = self.wrong_invitees();
        let sent = SentGrants {
            administrator: self.administrator.unwrap_or_default(),
            role_ids: self.role_ids,
            team_ids: self.team_ids,
            policy_ids: self.policy_ids,
        };
        let grants = sent
            .fields(offer)
            .map_err(|wrong| errors.extend(wrong))
            .unwrap_or_else(|()| GrantFields::blank(offer));
        let message = Field::new(self.message.unwrap_or_default());
        let mut form = InviteForm { grants, message, ..InviteForm::default() };
        let entry = |invitee: Invitee| Entry { name: invitee.name.unwrap_or_default(), address: invitee.email };
        let wanted = form.check_for(self.invitees.into_iter().map(entry).collect(), offer);
        errors.extend(form.complaints().into_iter().map(|(field, text)| complaint(field, text)));
        wanted.filter(|_| errors.is_empty()).ok_or(errors)
    }

    fn wrong_invitees(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !(1..=MOST_INVITEES).contains(&self.invitees.len()) {
            let detail = format!("Invite 1 to {MOST_INVITEES} people at once.");
            errors.push(FieldError::new("/invitees", "out-of-range", detail));
        }
        for (at, invitee) in self.invitees.iter().enumerate() {
            let name = invitee.name.as_deref().unwrap_or_default();
            for (field, text, most) in [("email", invitee.email.as_str(), LONGEST_ADDRESS), ("name", name, LONGEST_NAME)] {
                if text.chars().count() > most {
                    let detail = format!("At most {most} characters fit here.");
                    errors.push(FieldError::new(format!("/invitees/{at}/{field}"), "too-long", detail));
                }
            }
        }
        errors
    }
}

/// An answer with the invitation that it led to.
type Answered = (Sent, Option<InvitationId>);

impl InvitationVerdict {
    fn of((sent, invitation): Answered, how: WriteParameters) -> Self {
        let (outcome, member, detail) = match sent.outcome {
            Outcome::Invited(member) => (InvitationOutcome::Invited, Some(member), None),
            Outcome::SentAgain(member) => (InvitationOutcome::SentAgain, Some(member), None),
            // A dry run does not tell who belongs to another organization: it writes to nobody.
            Outcome::Added if how.dry_run => (InvitationOutcome::Invited, None, None),
            Outcome::Added => (InvitationOutcome::Added, None, None),
            Outcome::AlreadyMember => (InvitationOutcome::AlreadyMember, None, None),
            Outcome::Disabled(member) => (InvitationOutcome::Disabled, Some(member), None),
            Outcome::Twice => (InvitationOutcome::Duplicate, None, None),
            Outcome::Refused(why) => (InvitationOutcome::Refused, None, Some(why)),
        };
        Self {
            email: sent.address,
            outcome: outcome.as_str(),
            detail,
            member_id: member.filter(|_| !how.dry_run).map(|MemberId(id)| id),
            invitation_id: invitation.filter(|_| !how.dry_run).map(|InvitationId(id)| id),
            link: sent.link.filter(|_| !how.dry_run).map(|link| link.expose().to_owned()),
        }
    }
}

/// The answers with their invitations.
fn with_invitations(conn: &mut Conn, scope: &Scope, sent: Vec<Sent>) -> Result<Vec<Answered>, Fault> {
    let one = |sent: Sent| {
        let invitation = match sent.outcome {
            Outcome::Invited(member) | Outcome::SentAgain(member) => invitations::open_of(conn, scope, member)?,
            _ => None,
        };
        Ok((sent, invitation))
    };
    sent.into_iter().map(one).collect()
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create)
            .needs_over_teams(rights::USER_INVITE)
            .refuses(OF_INVITED)
            .records(&["invitation.sent", "invitation.sent_again", "member.added"]),
    ]
}

/// Invite people
///
/// Up to fifty. Each address gets a verdict, and the good ones are invited even if others are refused. A dry run tells
/// the verdicts and sends nothing; those who belong to another organization are `invited` in it.
#[utoipa::path(post, path = "/api/v1/invitations", operation_id = "createInvitations", tag = "Invitations", params(WriteParameters),
    request_body = InvitationRequest, responses((status = 200, description = "A verdict for each address.", body = InvitationVerdicts)))]
async fn create(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<InvitationRequest>,
) -> web::Result<HttpResponse> {
    let offer = caller.read(&db, invitations::offer).await?;
    let wanted = Arc::new(body.0.checked(&offer).map_err(Problem::fields)?);
    let done = caller.write(&db, how.0, move |tx, scope| {
        let sent = invitations::send(tx, scope, &outbox, &wanted)?;
        Ok::<_, OperationError<GrantRefusal>>(with_invitations(tx, scope, sent)?)
    });
    let answered = done.await.refused()?.map_err(|refusal| of_new_member(&refusal))?;
    let data = answered.into_iter().map(|answer| InvitationVerdict::of(answer, how.0)).collect();
    Ok(HttpResponse::Ok().json(InvitationVerdicts { data }))
}
