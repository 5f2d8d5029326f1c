//! A member's password in the administrator's view: a page of the member's profile.

use super::{
    CredentialCount, Hasher, PasswordRefusal, ProgramCredentials,
    administration::{hand_over_reset, may_send_reset, may_set_temporary, set_temporary},
    forms::TemporaryForm,
    minimum,
    pages::{Choice, Generated, ResetLink, TemporaryPage},
};
use crate::{
    db::{Db, Tx},
    kit::{Fault, MemberId, OperationError, OperationResult, OrganizationId, Scope, rights, secret::SecretString},
    mail::Outbox,
    members::{self, Header, Member},
    organizations,
    web::{self, Back, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/users/{member}/password")
            .route(web::get().to(show))
            .route(web::post().to(create)),
    );
    app.service(
        web::resource("/o/{organization}/users/{member}/password/temporary")
            .route(web::get().to(edit))
            .route(web::post().to(update)),
    );
}

type Place = Path<(OrganizationId, MemberId)>;

/// What the page needs: the member, why a link or a temporary password is refused, the minimum length, and the words
/// that a password must not contain.
struct About {
    header: Header,
    reset_refusal: Option<PasswordRefusal>,
    temporary_refusal: Option<PasswordRefusal>,
    minimum: usize,
    context: Vec<String>,
    keys: CredentialCount,
}

async fn about(db: &Db, credentials: &Data<dyn ProgramCredentials>, context: &MemberContext, id: MemberId) -> web::Result<About> {
    let credentials = credentials.clone();
    let read = context.read(db, move |conn, scope| {
        let scope = &members::towards(conn, scope, id)?;
        scope.demand(rights::USER_MANAGE)?;
        let header = members::header(conn, scope, id)?;
        let user = header.member.user_id.ok_or(Fault::Missing)?;
        let organization = organizations::find(conn, scope.organization)?.name;
        Ok::<_, Fault>(About {
            reset_refusal: may_send_reset(conn, scope, &header.member)?,
            temporary_refusal: may_set_temporary(conn, scope, &header.member)?,
            minimum: minimum(conn, user, scope.now())?,
            keys: credentials.count(conn, user, scope.now())?,
            context: vec![
                header.member.name.clone(),
                header.username.clone(),
                header.email.clone(),
                organization,
            ],
            header,
        })
    });
    Ok(read.await?)
}

async fn show(db: Data<Db>, credentials: Data<dyn ProgramCredentials>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let About { header, reset_refusal, temporary_refusal, .. } = about(&db, &credentials, &context, place.1).await?;
    Choice { context, header, reset_refusal, temporary_refusal }.ok()
}

/// Sends the reset link.
async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    // A link shown to an administrator is as powerful as a temporary password.
    if !context.site.mail.is_server() {
        context.require_reauthentication(ReturnTo::button(context.path(format!("/users/{id}/password"))))?;
    }
    let notice = match context.write(&db, move |tx, scope| hand_over(tx, scope, &outbox, id)).await.refused()? {
        Ok((member, Some(link))) => return ResetLink { context, member, link }.ok(),
        Ok((member, None)) => {
            let written = context.site.mail.written("A link to choose a new password", &member.name);
            Notice::letter(&context.site.mail, format!("{written} The link works for one hour."))
        }
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    let back = back.path(&context.site, context.path(format!("/users/{id}")));
    Ok(context.redirect_with_notice(&back, notice))
}

/// Sends the link. Returns the member, and the link if the caller has to hand it over.
fn hand_over(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: MemberId,
) -> Result<(Member, Option<SecretString>), OperationError<PasswordRefusal>> {
    let link = hand_over_reset(tx, scope, outbox, id)?;
    Ok((members::find(tx, scope, id)?, link))
}

async fn edit(
    db: Data<Db>,
    credentials: Data<dyn ProgramCredentials>,
    mut context: MemberContext,
    place: Place,
) -> web::Result<HttpResponse> {
    let about = about(&db, &credentials, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_default();
    temporary(context, about, form)
}

fn temporary(context: MemberContext, about: About, form: TemporaryForm) -> web::Result<HttpResponse> {
    let is_refused = about.temporary_refusal.is_some() || form.complaint.is_some();
    TemporaryPage {
        context,
        header: about.header,
        refusal: about.temporary_refusal,
        minimum: about.minimum,
        form,
        keys: about.keys,
    }
    .ok_unless(is_refused)
}

/// Sets a temporary password. A generated one is shown once, on the page that answers.
async fn update(
    (db, outbox, hasher): (Data<Db>, Data<Outbox>, Data<Hasher>),
    credentials: Data<dyn ProgramCredentials>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<TemporaryForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let mut about = about(&db, &credentials, &context, id).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if about.temporary_refusal.is_some() {
        return temporary(context, about, form);
    }
    let mut form = form.understood()?;
    let words: Vec<&str> = about.context.iter().map(String::as_str).collect();
    let Some(password) = form.check(&words, about.minimum) else {
        return temporary(context, about, form);
    };
    let (hash, tick) = (hasher.hash(&password).await?, form.tick());
    let set = move |tx: &mut Tx<'_>, scope: &Scope| set_temporary(tx, scope, (&outbox, &**credentials), id, (&hash, &tick));
    match context.write(&db, set).await.refused()? {
        Ok((member, _)) if form.is_typed() => {
            let notice = format!("The temporary password of {} is set. Give it to them, but not by mail.", member.name);
            Ok(context.redirect_with_notice(&context.path(format!("/users/{id}")), Notice::success(notice)))
        }
        Ok((member, _)) => Generated { context, member, password }.ok(),
        Err(refusal) => {
            about.temporary_refusal = Some(refusal);
            temporary(context, about, form)
        }
    }
}
