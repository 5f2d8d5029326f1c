//! My profile: the signed-in member's name and contact details in this organization, and what else is stored about them
//! there.

use super::email::{Pending, pending};
use crate::{
    api_access::{self, Access},
    connections::{self, Connection},
    db::{Conn, Db},
    identities::Identity,
    kit::{Fault, MemberId, MemberKind, OperationResult, OrganizationId, Scope, UserId},
    members::{self, EditForm, EditRefusal, Header, Membership, SentDetails, edit, edit_conflict, header},
    own_fields::{self, Line},
    web::{self, MemberContext, Notice, Posted, Respond, filters},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    let me = web::resource("/o/{organization}/me");
    app.service(me.route(web::get().to(show)).route(web::post().to(update)));
}

#[derive(Template)]
#[template(path = "me/profile.html")]
struct Profile {
    context: MemberContext,
    header: Header,
    form: EditForm,
    pending: Option<Pending>,
    memberships: Vec<Membership>,
    /// The member may use the API, with tokens or an API password.
    api_access: Option<Access>,
    /// The enabled connections of the organization, each with the person's identity there if there is one.
    sign_ins: Vec<(Connection, Option<Identity>)>,
    /// The organization's own fields, to edit and to see.
    own: Vec<Line>,
}

impl Profile {
    fn is_open(&self, organization: &OrganizationId) -> bool {
        self.context.others.iter().any(|(id, _)| id == organization)
    }
}

/// The caller as a member and as an identity. The operator at the command line has no profile.
pub(super) fn me(scope: &Scope) -> Result<(MemberId, UserId), Fault> {
    let me = scope.actor.member_id().zip(scope.actor.user_id());
    me.ok_or(Fault::Missing)
}

struct Found {
    header: Header,
    pending: Option<Pending>,
    memberships: Vec<Membership>,
    api_access: Option<Access>,
    sign_ins: Vec<(Connection, Option<Identity>)>,
    own: Vec<Line>,
}

fn load(conn: &mut Conn, scope: &Scope) -> Result<Found, Fault> {
    let (id, user) = me(scope)?;
    Ok(Found {
        header: header(conn, scope, id)?,
        pending: pending(conn, user, scope.now())?,
        memberships: members::memberships(conn, user)?,
        api_access: api_access::find(conn, scope, id)?,
        sign_ins: connections::with_identities_of(conn, scope.organization, user)?,
        own: own_fields::of_self(conn, scope, id)?,
    })
}

async fn find(db: &Db, context: &MemberContext) -> Result<Found, Fault> {
    context.read(db, load).await
}

fn draw(status: StatusCode, context: MemberContext, found: Found, form: EditForm) -> web::Result<HttpResponse> {
    let Found { header, pending, memberships, api_access, sign_ins, mut own } = found;
    own_fields::fill(&mut own, &form.own, &form.own_complaints);
    Profile { context, header, form, pending, memberships, api_access, sign_ins, own }.with_status(status)
}

async fn show(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let found = find(&db, &context).await?;
    let kept = context
        .pending_form::<SentDetails>()
        .map(|sent| EditForm::read(MemberKind::User, sent))
        .transpose()?;
    let form = kept.unwrap_or_else(|| EditForm::of(&found.header.member));
    draw(StatusCode::OK, context, found, form)
}

async fn update(db: Data<Db>, context: MemberContext, Posted(sent): Posted<SentDetails>) -> web::Result<HttpResponse> {
    let mut form = EditForm::read(MemberKind::User, sent)?;
    let found = find(&db, &context).await?;
    let Some(wanted) = form.check() else {
        return draw(StatusCode::UNPROCESSABLE_ENTITY, context, found, form);
    };
    let (id, version, asked) = (found.header.member.id, form.version, wanted.clone());
    let back = context.path("/me");
    match context
        .write(&db, move |tx, scope| edit(tx, scope, MemberKind::User, id, version, &asked))
        .await
        .refused()?
    {
        Ok(true) => Ok(context.redirect_with_notice(&back, Notice::success("Your details are saved."))),
        Ok(false) => draw(StatusCode::OK, context.saying(Notice::success("Nothing was changed.")), found, form),
        Err(EditRefusal::Meanwhile) => edit_conflict(&db, context, id, (version, wanted), (back.clone(), back)).await,
        Err(refusal) => {
            form.refuse(refusal);
            draw(StatusCode::UNPROCESSABLE_ENTITY, context, found, form)
        }
    }
}
