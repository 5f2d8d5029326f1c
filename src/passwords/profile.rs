//! A member's password in the administrator's view: a page of the member's profile.

use super::{
    CredentialCount, Hasher, PasswordRefusal, ProgramCredentials,
    administration::{hand_over_reset, may_send_reset, may_set_temporary, set_temporary},
    forms::TemporaryForm,
    generate, judge, minimum,
    pages::{Choice, Generated, ResetLink, TemporaryPage},
};
use crate::{
    db::{Db, Tx},
    kit::{Fault, MemberId, OperationError, OperationResult, OrganizationId, rights},
    mail::Outbox,
    members::{self, Header},
    organizations,
    web::{self, Back, MemberContext, Notice, Posted, ReturnTo, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/o/{organization}/users/{member}/password")
            .route(web::get().to(show))
            .route(web::post().to(create)),
    );
    app.service(
        resource("/o/{organization}/users/{member}/password/temporary")
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

async fn about(db: &Db, keyring: &Data<dyn ProgramCredentials>, context: &MemberContext, id: MemberId) -> web::Result<About> {
    let keyring = keyring.clone();
    let read = context.read(db, move |conn, scope| {
        scope.demand(rights::USER_MANAGE)?;
        let header = members::header(conn, scope, id)?;
        let user = header.member.user_id.ok_or(Fault::Missing)?;
        let organization = organizations::find(conn, scope.organization)?.name;
        Ok::<_, Fault>(About {
            reset_refusal: may_send_reset(conn, scope, &header.member)?,
            temporary_refusal: may_set_temporary(conn, scope, &header.member)?,
            minimum: minimum(conn, user, scope.now())?,
            keys: keyring.count(conn, user, scope.now())?,
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

async fn show(db: Data<Db>, keyring: Data<dyn ProgramCredentials>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let about = about(&db, &keyring, &context, place.1).await?;
    let view = Choice {
        context,
        header: about.header,
        reset_refusal: about.reset_refusal,
        temporary_refusal: about.temporary_refusal,
    };
    page(StatusCode::OK, &view)
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
    let sent = context
        .write(&db, move |tx, scope| {
            let link = hand_over_reset(tx, scope, &outbox, id)?;
            Ok::<_, OperationError<PasswordRefusal>>((members::find(tx, scope, id)?, link))
        })
        .await;
    let back = back.path(&context.site, context.path(format!("/users/{id}")));
    match sent.refused()? {
        Ok((member, Some(link))) => page(StatusCode::OK, &ResetLink { context, member, link }),
        Ok((member, None)) => {
            let written = context.site.mail.written("A link to choose a new password", &member.name);
            let notice = format!("{written} The link works for one hour.");
            Ok(context.redirect_with_notice(&back, Notice::letter(&context.site.mail, notice)))
        }
        Err(refusal) => Ok(context.redirect_with_notice(&back, Notice::error(refusal.to_string()))),
    }
}

async fn edit(db: Data<Db>, keyring: Data<dyn ProgramCredentials>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let about = about(&db, &keyring, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_default();
    temporary(context, about, form)
}

fn temporary(context: MemberContext, about: About, form: TemporaryForm) -> web::Result<HttpResponse> {
    let status = if about.temporary_refusal.is_some() || form.complaint.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = TemporaryPage {
        context,
        header: about.header,
        refusal: about.temporary_refusal,
        minimum: about.minimum,
        form,
        keys: about.keys,
    };
    page(status, &view)
}

/// Sets a temporary password. A generated one is shown once, on the page that answers.
async fn update(
    (db, outbox, hasher): (Data<Db>, Data<Outbox>, Data<Hasher>),
    keyring: Data<dyn ProgramCredentials>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<TemporaryForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let mut about = about(&db, &keyring, &context, id).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let is_refused = about.temporary_refusal.is_some();
    let mut form = if is_refused { form } else { form.understood()? };
    let password = if form.is_typed() {
        let words: Vec<&str> = about.context.iter().map(String::as_str).collect();
        form.complaint = judge(&form.password, &words, about.minimum).err();
        form.password.clone()
    } else {
        generate()
    };
    if about.temporary_refusal.is_some() || form.complaint.is_some() {
        return temporary(context, about, form);
    }
    let (scope, hash, tick) = (context.scope.clone(), hasher.hash(&password).await?, form.tick());
    let set = move |tx: &mut Tx<'_>| set_temporary(tx, &scope, (&outbox, &**keyring), id, (&hash, &tick));
    match db.write(set).await.refused()? {
        Ok((member, _)) if form.is_typed() => {
            let notice = Notice::success(format!("The temporary password of {} is set. Give it to them, but not by mail.", member.name));
            Ok(context.redirect_with_notice(&context.path(format!("/users/{id}")), notice))
        }
        Ok((member, _)) => page(StatusCode::OK, &Generated { context, member, password }),
        Err(refusal) => {
            about.temporary_refusal = Some(refusal);
            temporary(context, about, form)
        }
    }
}
