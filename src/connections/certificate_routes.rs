//! Handlers: adding and removing certificates of a provider, while the connection is in use.

use super::{
    certificates::{add, remove},
    routes::{Place, pressed},
    saml_fields,
    setup::ConnectionSetup,
};
use crate::{
    db::Db,
    kit::{ConnectionId, ConnectionKeyId, OperationResult, OrganizationId},
    web::{self, EmptyForm, Field, MemberContext, Notice, Posted},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/certificates").route(web::post().to(create)));
    let one = web::resource("/o/{organization}/settings/connections/{connection}/certificates/{certificate}/removal");
    app.service(one.route(web::post().to(delete)));
}

/// The form that adds a certificate.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct CertificateForm {
    certificate: Field,
}

async fn create(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<CertificateForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = pressed(&db, &context, id).await?;
    let notice = match saml_fields::one_certificate(&form.certificate.value) {
        Err(why) => Notice::error(why),
        Ok(certificate) => {
            let added = context.write(&db, move |tx, scope| add(tx, scope, &setup, id, &certificate)).await;
            match added.refused()? {
                Ok(is_new) => Notice::saved(is_new, "The certificate is added. Answers that are signed with it are accepted now."),
                Err(refusal) => Notice::error(refusal.to_string()),
            }
        }
    };
    Ok(context.redirect_with_notice(&home, notice))
}

async fn delete(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Path<(OrganizationId, ConnectionId, ConnectionKeyId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (id, key) = (place.1, place.2);
    let home = pressed(&db, &context, id).await?;
    let notice = match context.write(&db, move |tx, scope| remove(tx, scope, &setup, id, key)).await.refused()? {
        Ok(()) => Notice::success("The certificate is removed. Answers that are signed with it are refused now."),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home, notice))
}
