//! Handlers: reading the metadata of a provider. They fill the form of the connection, and save nothing.

use super::{
    forms::ConnectionForm,
    metadata::{self, Description, MetadataRefusal},
    model::ConnectionKind,
    pages::{Edited, FormPage, MetadataFields},
    routes::{Place, edited, offer},
    setup::ConnectionSetup,
};
use crate::{
    db::Db,
    kit::{Fault, rights},
    web::{self, Field, MemberContext, Respond, Upload, Uploaded},
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/connections/new/saml/metadata").route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/metadata").route(web::post().to(update)));
}

/// The form with metadata: a file, text, or an address.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct MetadataForm {
    text: Field,
    url: Field,
}

/// Reads the upload. That can take long, so session and permissions are checked again when it is complete.
async fn receive(
    context: &MemberContext,
    setup: &ConnectionSetup,
    req: &HttpRequest,
    upload: Upload,
) -> web::Result<(MemberContext, MetadataForm, Result<Description, MetadataRefusal>)> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let Uploaded { form, file, .. } = upload.read::<MetadataForm>(metadata::LONGEST).await?;
    let context = MemberContext::extract(req).await?;
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let found = if !file.is_empty() {
        metadata::read_off_thread(file).await?
    } else if !form.text.trimmed().is_empty() {
        metadata::read_off_thread(form.text.trimmed().as_bytes().to_vec()).await?
    } else if !form.url.trimmed().is_empty() {
        setup.fetch_metadata(context.scope.organization, &form.url.value).await?
    } else {
        Err(MetadataRefusal::Nothing)
    };
    Ok((context, form, found))
}

async fn create(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    req: HttpRequest,
    upload: Upload,
) -> web::Result<HttpResponse> {
    let (context, typed, found) = receive(&context, &setup, &req, upload).await?;
    let offer = offer(&db, &context).await?;
    let form = ConnectionForm::blank(ConnectionKind::Saml, &offer);
    let page = FormPage {
        context,
        kind: ConnectionKind::Saml,
        form,
        offer,
        edited: None,
        metadata: MetadataFields::default(),
    };
    answer(page, typed, found)
}

async fn update(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    req: HttpRequest,
    upload: Upload,
) -> web::Result<HttpResponse> {
    let (context, typed, found) = receive(&context, &setup, &req, upload).await?;
    let edited: Edited = edited(&db, &context, place.1).await?;
    if edited.connection.kind != ConnectionKind::Saml {
        return Err(Fault::Missing.into());
    }
    let offer = offer(&db, &context).await?;
    let form = ConnectionForm::of(&edited.connection);
    let page = FormPage {
        context,
        kind: ConnectionKind::Saml,
        form,
        offer,
        edited: Some(edited),
        metadata: MetadataFields::default(),
    };
    answer(page, typed, found)
}

/// The form with what was found, or with the complaint.
fn answer(mut page: FormPage, typed: MetadataForm, found: Result<Description, MetadataRefusal>) -> web::Result<HttpResponse> {
    page.metadata.url = typed.url;
    match found {
        Ok(found) => {
            page.form.saml.take_over(&found);
            page.metadata.found = Some(found);
            page.ok()
        }
        Err(refusal) => {
            page.metadata.text = typed.text;
            page.metadata.complaint = Some(refusal.to_string());
            page.unprocessable()
        }
    }
}
