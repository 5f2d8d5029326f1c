use super::{
    Outcome, PolicyRefusal, create, delete, edit,
    form::PolicyForm,
    guards, list,
    pages::{Conflict, Deletion, Index, Show, conflicts},
};
use crate::{
    db::Db,
    kit::{Fault, OrganizationId, PolicyId, Stop},
    policies::{self, Content, Policy},
    web::{self, Back, Notice, Posted, Shell, created, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use serde::Deserialize;

pub(in crate::access) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/o/{organization}/policies")
            .route(web::get().to(index))
            .route(web::post().to(insert)),
    );
    app.service(resource("/o/{organization}/policies/new").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/policies/{policy}")
            .route(web::get().to(show))
            .route(web::post().to(update)),
    );
    app.service(
        resource("/o/{organization}/policies/{policy}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(remove)),
    );
}

type Place = Path<(OrganizationId, PolicyId)>;

async fn index(db: Data<Db>, shell: Shell) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let (policies, counts, has_types) = db
        .read(move |conn| {
            scope.demand("policy", "read")?;
            let has_types = !policies::types(conn, scope.organization)?.is_empty();
            Ok::<_, Fault>((policies::list(conn, scope.organization)?, list::counts(conn, &scope)?, has_types))
        })
        .await?;
    let view = Index {
        shell,
        policies,
        counts,
        has_types,
    };
    page(StatusCode::OK, &view)
}

#[derive(Deserialize)]
struct Asked {
    /// The policy that a new one begins as.
    from: Option<PolicyId>,
}

async fn new(db: Data<Db>, shell: Shell, asked: Query<Asked>) -> web::Result<HttpResponse> {
    let (scope, from) = (shell.scope.clone(), asked.from);
    let form = db
        .read(move |conn| {
            scope.demand("policy", "manage")?;
            let copy = from.map(|id| policies::find(conn, scope.organization, id)).transpose()?;
            Ok::<_, Fault>(copy.as_ref().map_or_else(PolicyForm::empty, PolicyForm::copy_of))
        })
        .await?;
    draw(&db, shell, None, form, StatusCode::OK, None).await
}

async fn show(db: Data<Db>, shell: Shell, place: Place) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let policy = db
        .read(move |conn| {
            scope.demand("policy", "read")?;
            policies::find(conn, scope.organization, id)
        })
        .await?;
    let form = PolicyForm::of(&policy);
    draw(&db, shell, Some(policy), form, StatusCode::OK, None).await
}

/// Everything that stands around the editor.
async fn draw(
    db: &Db,
    shell: Shell,
    policy: Option<Policy>,
    form: PolicyForm,
    status: StatusCode,
    conflicts: Option<Vec<Conflict>>,
) -> web::Result<HttpResponse> {
    let (scope, of) = (shell.scope.clone(), policy.as_ref().map(|policy| policy.id));
    let (types, under, count, refusal) = db
        .read(move |conn| {
            let types = policies::types(conn, scope.organization)?;
            let Some(id) = of else {
                return Ok((types, vec![], 0, None));
            };
            let refusal = refusal(guards::own_access(conn, &scope, id))?;
            Ok::<_, Fault>((types, list::first(conn, &scope, id)?, list::count(conn, &scope, id)?, refusal))
        })
        .await?;
    let view = Show {
        refusal: refusal.filter(|_| shell.scope.may("policy", "manage")),
        shell,
        policy,
        form,
        types,
        under,
        count,
        conflicts,
    };
    page(status, &view)
}

fn refusal<T>(outcome: Outcome<T>) -> Result<Option<PolicyRefusal>, Fault> {
    match outcome {
        Ok(_) => Ok(None),
        Err(Stop::Refused(refusal)) => Ok(Some(refusal)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// The same page where a button only turned the editor, or where something is wrong.
async fn again(db: &Db, shell: Shell, policy: Option<Policy>, form: PolicyForm) -> web::Result<HttpResponse> {
    let status = if form.complaints().is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    draw(db, shell, policy, form, status, None).await
}

async fn insert(db: Data<Db>, shell: Shell, Posted(mut form): Posted<PolicyForm>) -> web::Result<HttpResponse> {
    shell.scope.demand("policy", "manage")?;
    if form.turn() {
        return again(&db, shell, None, form).await;
    }
    let Some(wanted) = form.check() else {
        return again(&db, shell, None, form).await;
    };
    let (scope, new) = (shell.scope.clone(), wanted.clone());
    match db.write(move |tx| create(tx, &scope, &new)).await {
        Ok(id) => {
            let notice = Notice::success(format!("The policy {} is there. It is attached to nobody yet.", wanted.name));
            Ok(created(&shell.front, &shell.path(format!("/policies/{id}")), notice))
        }
        Err(Stop::Refused(refusal)) => {
            form.complain(&refusal);
            again(&db, shell, None, form).await
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

async fn update(db: Data<Db>, shell: Shell, place: Place, Posted(mut form): Posted<PolicyForm>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let policy = db
        .read(move |conn| {
            scope.demand("policy", "manage")?;
            policies::find(conn, scope.organization, id)
        })
        .await?;
    if form.turn() {
        return again(&db, shell, Some(policy), form).await;
    }
    let Some(wanted) = form.check() else {
        return again(&db, shell, Some(policy), form).await;
    };
    let (scope, new, edition) = (shell.scope.clone(), wanted.clone(), form.version);
    match db.write(move |tx| edit(tx, &scope, id, edition, &new)).await {
        Ok(is_changed) => {
            let notice = if is_changed {
                "The policy is saved. It holds from the next question on."
            } else {
                "Nothing was different."
            };
            Ok(created(
                &shell.front,
                &shell.path(format!("/policies/{id}")),
                Notice::success(notice),
            ))
        }
        Err(Stop::Refused(PolicyRefusal::Meanwhile)) => clash(&db, shell, id, form, &wanted).await,
        Err(Stop::Refused(refusal)) => {
            form.complain(&refusal);
            again(&db, shell, Some(policy), form).await
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Shows what somebody else saved beside what was typed. Sent again, it is sent in the knowledge of that.
async fn clash(db: &Db, shell: Shell, id: PolicyId, mut form: PolicyForm, wanted: &Content) -> web::Result<HttpResponse> {
    let organization = shell.scope.organization;
    let now = db.read(move |conn| policies::find(conn, organization, id)).await?;
    form.version = now.version;
    let differ = conflicts(&Content::of(&now), wanted);
    draw(db, shell, Some(now), form, StatusCode::CONFLICT, Some(differ)).await
}

async fn confirm(db: Data<Db>, shell: Shell, place: Place) -> web::Result<HttpResponse> {
    ask(&db, shell, place.1, None).await
}

async fn ask(db: &Db, shell: Shell, id: PolicyId, refused: Option<PolicyRefusal>) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let (policy, under, count, foreseen) = db
        .read(move |conn| {
            scope.demand("policy", "manage")?;
            let policy = policies::find(conn, scope.organization, id)?;
            let own = refusal(guards::own_access(conn, &scope, id))?;
            let foreseen = match own {
                Some(own) => Some(own),
                None => refusal(guards::attached(conn, &scope, id))?,
            };
            Ok::<_, Fault>((policy, list::first(conn, &scope, id)?, list::count(conn, &scope, id)?, foreseen))
        })
        .await?;
    let refusal = refused.or(foreseen);
    let status = if refusal.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = Deletion {
        shell,
        policy,
        under,
        count,
        refusal,
    };
    page(status, &view)
}

async fn remove(db: Data<Db>, shell: Shell, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    shell.scope.demand("policy", "manage")?;
    shell.demand_recent_proof()?;
    let (scope, id) = (shell.scope.clone(), place.1);
    match db.write(move |tx| delete(tx, &scope, id)).await {
        Ok(policy) => {
            let notice = Notice::success(format!("The policy {} is deleted, and attached to nobody any more.", policy.name));
            Ok(created(&shell.front, &shell.path("/policies"), notice))
        }
        Err(Stop::Refused(refusal)) => ask(&db, shell, id, Some(refusal)).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}
