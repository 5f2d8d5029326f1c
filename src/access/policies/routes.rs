use super::{
    Outcome, PolicyRefusal, create, delete, edit,
    form::PolicyForm,
    guards, list,
    pages::{Deletion, Index, Show, conflicts},
};
use crate::{
    access::{
        asked::{Asked, DeletionForm},
        count::Count,
        drawn::{Drawn, Preview},
    },
    db::{Db, Tx},
    kit::{Fault, OrganizationId, PolicyId, Scope, Stop},
    policies::{self, Content, Policy},
    web::{self, Field, Notice, Posted, Shell, created, page},
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
struct Begun {
    /// The policy that a new one begins as.
    from: Option<PolicyId>,
}

async fn new(db: Data<Db>, mut shell: Shell, begun: Query<Begun>) -> web::Result<HttpResponse> {
    let (scope, from) = (shell.scope.clone(), begun.from);
    let form = db
        .read(move |conn| {
            scope.demand("policy", "manage")?;
            let copy = from.map(|id| policies::find(conn, scope.organization, id)).transpose()?;
            Ok::<_, Fault>(copy.as_ref().map_or_else(PolicyForm::empty, PolicyForm::copy_of))
        })
        .await?;
    let form = shell.kept().unwrap_or(form);
    draw(&db, shell, None, form, Drawn::Opened).await
}

async fn show(db: Data<Db>, mut shell: Shell, place: Place) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let policy = db
        .read(move |conn| {
            scope.demand("policy", "read")?;
            policies::find(conn, scope.organization, id)
        })
        .await?;
    let form = shell.kept().unwrap_or_else(|| PolicyForm::of(&policy));
    draw(&db, shell, Some(policy), form, Drawn::Opened).await
}

/// Everything that stands around the editor.
async fn draw(db: &Db, shell: Shell, policy: Option<Policy>, mut form: PolicyForm, drawn: Drawn) -> web::Result<HttpResponse> {
    let (scope, of) = (shell.scope.clone(), policy.as_ref().map(|policy| policy.id));
    let (types, under, count, refusal) = db
        .read(move |conn| {
            let types = policies::types(conn, scope.organization)?;
            let Some(id) = of else {
                return Ok((types, vec![], Count::default(), None));
            };
            let refusal = refusal(guards::own_access(conn, &scope, id))?;
            Ok::<_, Fault>((types, list::first(conn, &scope, id)?, list::count(conn, &scope, id)?, refusal))
        })
        .await?;
    form.settle(&types);
    let view = Show {
        refusal: refusal.filter(|_| shell.scope.may("policy", "manage")),
        shell,
        policy,
        form,
        types,
        under,
        count,
        drawn,
    };
    page(view.drawn.status(), &view)
}

fn refusal<T>(outcome: Outcome<T>) -> Result<Option<PolicyRefusal>, Fault> {
    match outcome {
        Ok(_) => Ok(None),
        Err(Stop::Refused(refusal)) => Ok(Some(refusal)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// What is wanted, if nothing is wrong with it and whoever wants it has just proved who they are.
async fn check(db: &Db, shell: &Shell, policy: Option<&Policy>, form: &mut PolicyForm) -> web::Result<Option<Content>> {
    let (scope, name, own) = (shell.scope.clone(), form.name.trimmed().to_owned(), policy.map(|policy| policy.id));
    let (types, taken) = db
        .read(move |conn| {
            let types = policies::types(conn, scope.organization)?;
            Ok::<_, Fault>((types, refusal(guards::name(conn, &scope, &name, own))?))
        })
        .await?;
    if let Some(taken) = taken {
        form.complain(&taken);
    }
    let wanted = form.check(&types, policy.map_or(&[], |policy| &policy.rules));
    if wanted.is_some() {
        let page = own.map_or_else(|| "/policies/new".to_owned(), |id| format!("/policies/{id}"));
        shell.demand_proof_for(&shell.path(page))?;
    }
    Ok(wanted)
}

/// The same page with what was typed.
async fn again(db: &Db, shell: Shell, policy: Option<Policy>, form: PolicyForm) -> web::Result<HttpResponse> {
    draw(db, shell, policy, form, Drawn::REFUSED).await
}

async fn insert(db: Data<Db>, shell: Shell, Posted(mut form): Posted<PolicyForm>) -> web::Result<HttpResponse> {
    shell.scope.demand("policy", "manage")?;
    if form.turn() {
        return draw(&db, shell, None, form, Drawn::Typed(StatusCode::OK)).await;
    }
    let Some(wanted) = check(&db, &shell, None, &mut form).await? else {
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
        return draw(&db, shell, Some(policy), form, Drawn::Typed(StatusCode::OK)).await;
    }
    let Some(wanted) = check(&db, &shell, Some(&policy), &mut form).await? else {
        return again(&db, shell, Some(policy), form).await;
    };
    let (scope, new, edition) = (shell.scope.clone(), wanted.clone(), form.version);
    let seen = form.seen.clone();
    match db.write(move |tx| save(tx, &scope, id, edition, &new, &seen)).await {
        Err(Stop::Refused(Unsaved::Unseen(preview))) => draw(&db, shell, Some(policy), form, Drawn::Preview(preview)).await,
        Ok(is_changed) => {
            let notice = if is_changed {
                "The policy is saved. It holds from the next request on."
            } else {
                "Nothing was different."
            };
            Ok(created(
                &shell.front,
                &shell.path(format!("/policies/{id}")),
                Notice::success(notice),
            ))
        }
        Err(Stop::Refused(Unsaved::Refused(PolicyRefusal::Meanwhile))) => clash(&db, shell, id, form, &wanted).await,
        Err(Stop::Refused(Unsaved::Refused(refusal))) => {
            form.complain(&refusal);
            again(&db, shell, Some(policy), form).await
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Why a policy is not saved yet.
enum Unsaved {
    Refused(PolicyRefusal),
    /// Whom it would change was not shown.
    Unseen(Preview),
}

/// Saves the policy. Where it would change what anybody may do whom it is attached to, and that was not shown, it is
/// taken back.
fn save(tx: &mut Tx<'_>, scope: &Scope, id: PolicyId, edition: i64, wanted: &Content, seen: &str) -> Result<bool, Stop<Unsaved>> {
    let before = policies::find(tx, scope.organization, id)?;
    let is_changed = match edit(tx, scope, id, edition, wanted) {
        Ok(is_changed) => is_changed,
        Err(Stop::Refused(refusal)) => return Err(Stop::Refused(Unsaved::Refused(refusal))),
        Err(Stop::Fault(fault)) => return Err(Stop::Fault(fault)),
    };
    let count = list::count(tx, scope, id)?.all();
    match Preview::unless_seen(&before.rules, &wanted.rules, count, seen) {
        Some(preview) => Err(Stop::Refused(Unsaved::Unseen(preview))),
        None => Ok(is_changed),
    }
}

/// Shows what somebody else saved beside what was typed. Sent again, it is sent in the knowledge of that.
async fn clash(db: &Db, shell: Shell, id: PolicyId, mut form: PolicyForm, wanted: &Content) -> web::Result<HttpResponse> {
    let organization = shell.scope.organization;
    let now = db.read(move |conn| policies::find(conn, organization, id)).await?;
    form.version = now.version;
    let differ = conflicts(&Content::of(&now), wanted);
    draw(db, shell, Some(now), form, Drawn::Clash(differ)).await
}

async fn confirm(db: Data<Db>, mut shell: Shell, place: Place) -> web::Result<HttpResponse> {
    let DeletionForm { name } = shell.kept().unwrap_or_default();
    ask(&db, shell, place.1, name, None).await
}

async fn ask(db: &Db, shell: Shell, id: PolicyId, typed: Field, refused: Option<PolicyRefusal>) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let (policy, under, count, foreseen) = db
        .read(move |conn| {
            scope.demand("policy", "manage")?;
            let policy = policies::find(conn, scope.organization, id)?;
            let foreseen = refusal(guards::deletion(conn, &scope, id))?;
            Ok::<_, Fault>((policy, list::first(conn, &scope, id)?, list::count(conn, &scope, id)?, foreseen))
        })
        .await?;
    let asked = Asked {
        what: "policy",
        name: policy.name.clone(),
        list: ("Policies", "/policies"),
        typed,
        refusal: refused.or(foreseen).map(|why| why.to_string()),
    };
    let view = Deletion {
        shell,
        asked,
        policy,
        under,
        count,
    };
    page(view.asked.status(), &view)
}

async fn remove(db: Data<Db>, shell: Shell, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    shell.scope.demand("policy", "manage")?;
    shell.demand_recent_proof()?;
    let (scope, id) = (shell.scope.clone(), place.1);
    let policy = db.read(move |conn| policies::find(conn, scope.organization, id)).await?;
    if !form.repeats(&policy.name) {
        return ask(&db, shell, id, form.name, None).await;
    }
    let scope = shell.scope.clone();
    match db.write(move |tx| delete(tx, &scope, id)).await {
        Ok(policy) => {
            let notice = Notice::success(format!("The policy {} is deleted, and attached to nobody any more.", policy.name));
            Ok(created(&shell.front, &shell.path("/policies"), notice))
        }
        Err(Stop::Refused(refusal)) => ask(&db, shell, id, form.name, Some(refusal)).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}
