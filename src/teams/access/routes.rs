//! Handlers of what a team gives.

use super::{
    Attachment, AttachmentRefusal, attach, attached, demand, detach, find,
    form::AttachmentForm,
    grants, may_decide,
    pages::{Access, Choices, Detachment, Preview, detachment},
    store, visible,
};
use crate::{
    authorization::Ceiling,
    db::{Conn, Db},
    kit::{Fault, OperationError, OperationResult, OrganizationId, PolicyId, RoleId, Scope, TeamId, rights},
    members, policies, roles,
    teams::{forms::Place, store as teams},
    web::{self, Back, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;

pub(in crate::teams) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/teams/{team}/access")
            .route(web::get().to(show))
            .route(web::post().to(create)),
    );
    app.service(
        web::resource("/o/{organization}/teams/{team}/roles/{role}/deletion")
            .route(web::get().to(confirm_role))
            .route(web::post().to(delete_role)),
    );
    app.service(
        web::resource("/o/{organization}/teams/{team}/policies/{policy}/deletion")
            .route(web::get().to(confirm_policy))
            .route(web::post().to(delete_policy)),
    );
}

/// What the form begins with.
#[derive(Deserialize)]
struct Begun {
    /// Something attached, to be changed.
    what: Option<String>,
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place, begun: Query<Begun>) -> web::Result<HttpResponse> {
    let id = place.1;
    let mut form: AttachmentForm = context.pending_form().unwrap_or_default();
    if let Some(what) = begun.into_inner().what {
        let present = context.read(&db, move |conn, scope| grants(conn, scope, id)).await?;
        form = present
            .iter()
            .find(|grant| Attachment::of(&grant.given).text() == what)
            .map_or(form, AttachmentForm::of);
    }
    draw(&db, context, id, form, None).await
}

async fn draw(db: &Db, context: MemberContext, id: TeamId, form: AttachmentForm, preview: Option<Preview>) -> web::Result<HttpResponse> {
    let is_refused = !form.complaints().is_empty();
    let page = db.read(move |conn| load(conn, &context, id)).await?;
    Access { form, preview, ..page }.ok_unless(is_refused)
}

fn load(conn: &mut Conn, context: &MemberContext, id: TeamId) -> Result<Access, Fault> {
    let scope = &context.scope;
    scope.demand(rights::TEAM_READ)?;
    let team = teams::find(conn, scope.organization, id)?;
    let may_decide = demand(scope).is_ok();
    let grants = visible(conn, scope, id)?;
    let choices = if may_decide {
        let ceiling = Ceiling::of(conn, scope)?;
        let (roles, policies) = (roles::list(conn, scope.organization)?, policies::list(conn, scope.organization)?);
        Choices::of(context, &ceiling, roles, policies, &grants)
    } else {
        Choices::default()
    };
    let by: Vec<_> = grants.iter().filter_map(|grant| grant.attached_by).collect();
    Ok(Access {
        count: teams::headcounts(conn, scope, &[id])?.remove(&id).unwrap_or_default(),
        names: store::names(conn, scope, &by)?,
        managed_by: members::team_managed_by(conn, scope.organization, id)?,
        context: context.clone(),
        team,
        grants,
        form: AttachmentForm::default(),
        choices,
        preview: None,
        may_decide,
    })
}

async fn create(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<AttachmentForm>) -> web::Result<HttpResponse> {
    demand(&context.scope)?;
    let id = place.1;
    let Some(wanted) = form.check(context.scope.now()) else {
        return draw(&db, context, id, form, None).await;
    };
    let looked = context.read(&db, move |conn, scope| look(conn, scope, id, wanted.what).refused()).await?;
    let preview = match looked {
        Ok(preview) => preview,
        Err(refusal) => {
            form.complain(&refusal);
            return draw(&db, context, id, form, None).await;
        }
    };
    if preview.given.is_privileged() {
        context.require_reauthentication(ReturnTo::filled(context.path(format!("/teams/{id}/access")), &form))?;
    }
    if !form.has_seen() {
        form.see();
        return draw(&db, context, id, form, Some(preview)).await;
    }
    match context.write(&db, move |tx, scope| attach(tx, scope, id, &wanted)).await.refused()? {
        Ok(_) => Ok(done(&context, id, &preview, wanted.what)),
        Err(refusal) => {
            form.complain(&refusal);
            draw(&db, context, id, form, None).await
        }
    }
}

fn done(context: &MemberContext, id: TeamId, preview: &Preview, what: Attachment) -> HttpResponse {
    let here = context.path(format!("/teams/{id}/access"));
    let undo = detachment(context, id, what);
    let text = format!("The team gives {} to its members, from their next request on.", preview.given.told());
    let notice = Notice::success(text);
    // What was attached before and is changed now has no button that puts it back.
    let notice = if preview.is_new {
        notice.with_undo(undo, here.clone())
    } else {
        notice
    };
    context.redirect_with_notice(&here, notice)
}

/// What attaching would do.
fn look(conn: &mut Conn, scope: &Scope, id: TeamId, what: Attachment) -> Result<Preview, OperationError<AttachmentRefusal>> {
    teams::find(conn, scope.organization, id)?;
    let given = find(conn, scope, what)?;
    may_decide(conn, scope, id, &given)?;
    let is_new = grants(conn, scope, id)?.iter().all(|grant| Attachment::of(&grant.given) != what);
    Ok(Preview { given, reach: store::reach(conn, scope, id, what)?, is_new })
}

type RolePlace = Path<(OrganizationId, TeamId, RoleId)>;
type PolicyPlace = Path<(OrganizationId, TeamId, PolicyId)>;

async fn confirm_role(db: Data<Db>, context: MemberContext, place: RolePlace) -> web::Result<HttpResponse> {
    confirm(&db, context, place.1, Attachment::Role(place.2), None).await
}

async fn delete_role(db: Data<Db>, context: MemberContext, place: RolePlace, form: Posted<Back>) -> web::Result<HttpResponse> {
    delete(&db, context, place.1, Attachment::Role(place.2), form).await
}

async fn confirm_policy(db: Data<Db>, context: MemberContext, place: PolicyPlace) -> web::Result<HttpResponse> {
    confirm(&db, context, place.1, Attachment::Policy(place.2), None).await
}

async fn delete_policy(db: Data<Db>, context: MemberContext, place: PolicyPlace, form: Posted<Back>) -> web::Result<HttpResponse> {
    delete(&db, context, place.1, Attachment::Policy(place.2), form).await
}

async fn confirm(
    db: &Db,
    context: MemberContext,
    id: TeamId,
    what: Attachment,
    refused: Option<AttachmentRefusal>,
) -> web::Result<HttpResponse> {
    let is_refused = refused.is_some();
    let load = move |conn: &mut Conn, scope: &Scope| {
        demand(scope)?;
        let team = teams::find(conn, scope.organization, id)?;
        let grant = attached(conn, scope, id, what)?;
        let refusal = may_decide(conn, scope, id, &grant.given).refused()?.err();
        Ok::<_, Fault>((team, grant, store::reach(conn, scope, id, what)?, refusal))
    };
    let (team, grant, reach, refusal) = context.read(db, load).await?;
    Detachment::new(context, team, grant, reach, refused.or(refusal)).ok_unless(is_refused)
}

async fn delete(db: &Db, context: MemberContext, id: TeamId, what: Attachment, Posted(form): Posted<Back>) -> web::Result<HttpResponse> {
    demand(&context.scope)?;
    match context.write(db, move |tx, scope| detach(tx, scope, id, what)).await.refused()? {
        Ok(reach) => {
            let back = form.path(&context.site, context.path(format!("/teams/{id}/access")));
            let text = match reach.all() {
                0 => "It is detached. Nobody had it only through this team.".to_owned(),
                _ => format!("It is detached: {reach} lost it, from the next request on."),
            };
            Ok(context.redirect_with_notice(&back, Notice::success(text)))
        }
        Err(refusal) => confirm(db, context, id, what, Some(refusal)).await,
    }
}
