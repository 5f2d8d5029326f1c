use super::{create, forms::CreateForm, pages};
use crate::{
    db::Db,
    kit::{Fault, MemberKind, Stop},
    members::{self, Offer, Place, Seats},
    web::{self, Notice, Posted, Shell, created, page},
};
use actix_web::{
    HttpResponse, guard,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/system-accounts/new").route(web::get().to(new)));
    // The list at the same address is the directory's.
    app.service(
        resource("/o/{organization}/system-accounts")
            .guard(guard::Post())
            .route(web::post().to(insert)),
    );
}

/// What the form offers, for whoever may use it.
async fn load(db: &Db, shell: &Shell) -> Result<(Offer, Seats), Fault> {
    let (scope, kind) = (shell.scope.clone(), MemberKind::SystemAccount);
    db.read(move |conn| {
        scope.demand(kind.noun(), "manage")?;
        Ok((members::offer_to(conn, &scope, kind)?, members::seats(conn, scope.organization)?))
    })
    .await
}

/// The form, blank or as it was before its sender had to prove who they are.
async fn new(db: Data<Db>, mut shell: Shell) -> web::Result<HttpResponse> {
    let (offer, seats) = load(&db, &shell).await?;
    let kept = shell.kept();
    let form = kept.unwrap_or_else(|| CreateForm::blank(&offer));
    page(StatusCode::OK, &pages::New { shell, form, offer, seats })
}

async fn insert(db: Data<Db>, shell: Shell, Posted(mut form): Posted<CreateForm>) -> web::Result<HttpResponse> {
    let (offer, seats) = load(&db, &shell).await?;
    shell.demand_proof_for(&shell.path("/system-accounts/new"))?;
    let checked = form.check(&offer);
    let again = |shell, form| {
        let view = pages::New {
            shell,
            form,
            offer: offer.clone(),
            seats,
        };
        page(StatusCode::UNPROCESSABLE_ENTITY, &view)
    };
    let Some(wanted) = checked else {
        return again(shell, form);
    };
    let (scope, asked) = (shell.scope.clone(), wanted.clone());
    match db.write(move |tx| create(tx, &scope, &asked)).await {
        Ok(id) => {
            let kind = MemberKind::SystemAccount;
            let notice = Notice::success(format!("{} is there. It opens nothing yet: give it its first token.", wanted.name));
            let tokens = Place { kind, id }.path(&shell) + "/tokens";
            Ok(created(&shell.front, &tokens, notice))
        }
        Err(Stop::Refused(refusal)) => {
            form.refuse(&refusal);
            again(shell, form)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}
