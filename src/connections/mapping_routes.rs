//! Handlers: the page with the mappings of a connection.

use super::{
    mapping_forms::MappingForm,
    mappings::{find_mappable, makes_administrators, set_mappings},
    pages::{Mappings, path},
    refusal::ConnectionRefusal,
    routes::{Place, offer},
    setup::ConnectionSetup,
};
use crate::{
    db::{Conn, Db},
    kit::{ConnectionId, Fault, OperationResult, Scope},
    web::{self, MemberContext, Notice, PickerSearch, Respond, ReturnTo, WithPickers},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    let mappings = web::resource("/o/{organization}/settings/connections/{connection}/mappings");
    app.service(mappings.route(web::get().to(show)).route(web::post().to(save)));
}

/// The page, with the form as it is stored. GitHub says nothing that could be mapped.
async fn page(db: &Db, context: MemberContext, id: ConnectionId) -> web::Result<Mappings> {
    let offer = offer(db, &context).await?;
    let load = move |conn: &mut Conn, scope: &Scope| {
        let connection = find_mappable(conn, scope, id)?;
        let makes_administrators = makes_administrators(conn, scope, &connection.mappings.0)?;
        Ok::<_, Fault>((connection, makes_administrators))
    };
    let (connection, makes_administrators) = context.read(db, load).await?;
    let form = MappingForm::of(connection.version, &connection.mappings.0, makes_administrators);
    Ok(Mappings { context, connection, offer, form, search: PickerSearch::default() })
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let pending = context.pending_form();
    let page = page(&db, context, place.1).await?;
    match pending {
        Some(form) => Mappings { form, ..page }.ok(),
        None => page.ok(),
    }
}

async fn save(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    WithPickers { mut form, search }: WithPickers<MappingForm>,
) -> web::Result<HttpResponse> {
    let page = page(&db, context, place.1).await?;
    if search.is_asked() {
        return Mappings { form, search, ..page }.ok();
    }
    let home = path(&page.context, &page.connection);
    page.context.require_reauthentication(ReturnTo::page(format!("{home}/mappings")))?;
    let Some(wanted) = form.read() else {
        return Mappings { form, ..page }.unprocessable();
    };
    let (id, version, administrators) = (page.connection.id, form.version, form.administrators.0);
    let saved = page
        .context
        .write(&db, move |tx, scope| set_mappings(tx, scope, &setup, id, version, (&wanted, administrators)));
    match saved.await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::saved(is_changed, "The mappings are saved. They count from the next sign-in of each person.");
            Ok(page.context.redirect_with_notice(&home, notice))
        }
        Err(refusal) => {
            let status = match refusal {
                ConnectionRefusal::Meanwhile => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            // If the person sends the form again, they have seen that it changed.
            form.version = page.connection.version;
            form.refuse(&refusal);
            Mappings { form, ..page }.with_status(status)
        }
    }
}
