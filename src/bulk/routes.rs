use super::{
    deed::{Act, Deed, Deeds},
    forms::BulkForm,
    found::{FORESEEN, find, foresee, selected},
    model::{Batch, ItemState, NewItem, State},
    pages::{Confirm, Index, Show, counted},
    run::Runner,
    store,
};
use crate::{
    db::{Conn, Db},
    kit::{BatchId, Fault, MemberId, MemberKind, OrganizationId, Scope},
    members::{self, Named},
    roles,
    web::{self, Back, Notice, Posted, Shell, created, page, safe_path, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use serde::Deserialize;

/// Batches of the list.
const LISTED: i64 = 50;

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/bulk").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/batches")
            .route(web::get().to(index))
            .route(web::post().to(create)),
    );
    app.service(resource("/o/{organization}/batches/{batch}").route(web::get().to(show)));
    app.service(resource("/o/{organization}/batches/{batch}/end").route(web::post().to(end)));
    // Whoever proved again who they are comes back by a link.
    app.service(
        resource("/o/{organization}/batches/{batch}/reversal")
            .route(web::get().to(show))
            .route(web::post().to(reverse)),
    );
}

async fn new(db: Data<Db>, session: Session, shell: Shell, req: HttpRequest) -> web::Result<HttpResponse> {
    let form = match shell.kept(&session, &shell.path("/bulk")) {
        Some(kept) => kept,
        None => web::query(&req)?,
    };
    confirm(&db, &session, shell, form, StatusCode::OK).await
}

fn directory(shell: &Shell, kind: MemberKind, query: &str) -> String {
    let path = shell.path(kind.path());
    match query.trim_start_matches('?') {
        "" => path,
        query => safe_path(&shell.front, &format!("{path}?{query}")),
    }
}

async fn confirm(db: &Db, session: &Session, shell: Shell, mut form: BulkForm, status: StatusCode) -> web::Result<HttpResponse> {
    let (scope, asked) = (shell.scope.clone(), form.clone());
    let found = db.read(move |conn| find(conn, &scope, &asked)).await?;
    let (kind, act) = (form.kind(), form.act());
    if act.needs_proof()
        && let Some(asked) = shell.lacks_proof_for(session, &shell.path("/bulk"), &form)?
    {
        return Ok(asked);
    }
    let back = directory(&shell, kind, &form.query);
    if found.total == 0 {
        return Ok(created(
            &shell.front,
            &back,
            Notice::error(match kind {
                MemberKind::User => "Nobody was chosen. Tick the people it is about first.",
                MemberKind::SystemAccount => "Nothing was chosen. Tick the system accounts it is about first.",
            }),
        ));
    }
    form.expected = found.total.to_string();
    let view = Confirm {
        kind,
        act,
        named: found.named,
        total: found.total,
        answers: found.answers,
        roles: found.roles,
        teams: found.teams,
        policies: found.policies,
        back,
        form,
        shell,
    };
    page(status, &view)
}

async fn create(
    db: Data<Db>,
    runner: Data<Runner>,
    session: Session,
    shell: Shell,
    Posted(mut form): Posted<BulkForm>,
) -> web::Result<HttpResponse> {
    let (kind, act) = (form.kind(), form.act());
    act.demand(&shell.scope, kind)?;
    if act.needs_proof()
        && let Some(asked) = shell.lacks_proof_for(&session, &shell.path("/bulk"), &form)?
    {
        return Ok(asked);
    }
    let (scope, asked) = (shell.scope.clone(), form.clone());
    let ids = db.read(move |conn| selected(conn, &scope, &asked)).await?;
    if ids.is_empty() {
        return confirm(&db, &session, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    // Among those who match there are others than whoever confirmed was told of.
    if form.is_all() && form.expected != ids.len().to_string() {
        form.count.refuse("Meanwhile others match. Look again.");
        return confirm(&db, &session, shell, form, StatusCode::CONFLICT).await;
    }
    let affected = if act == Act::Delete {
        affected(&db, &shell, kind, &ids).await?
    } else {
        vec![]
    };
    let Some(deed) = form.check(&affected, shell.scope.now()) else {
        return confirm(&db, &session, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if needs_proof(&db, &shell, &deed).await?
        && let Some(asked) = shell.lacks_proof_for(&session, &shell.path("/bulk"), &form)?
    {
        return Ok(asked);
    }
    let scope = shell.scope.clone();
    let wanted = serde_json::to_value(&deed).map_err(Fault::broken)?;
    let id = db.write(move |tx| {
        let item = |one: Named| NewItem {
            member: Some(one.id),
            name: one.name,
            email: one.email,
            ..NewItem::default()
        };
        let items: Vec<NewItem> = members::named(tx, &scope, kind, &ids)?.into_iter().map(item).collect();
        store::begin(tx, &scope, Deeds::to(kind), &wanted, &items, None)
    });
    let id = id.await?;
    runner.begin(id).await?;
    let back = directory(&shell, kind, &form.query);
    answer(&db, shell, kind, id, &deed, back).await
}

/// Whether whoever does this proves again who they are.
async fn needs_proof(db: &Db, shell: &Shell, deed: &Deed) -> Result<bool, Fault> {
    let organization = shell.scope.organization;
    let known = db.read(move |conn| roles::list(conn, organization)).await?;
    Ok(deed.needs_proof(&known))
}

/// The names of those whom a deletion would take: how many they are, or who it is, is typed to confirm it.
async fn affected(db: &Db, shell: &Shell, kind: MemberKind, ids: &[MemberId]) -> web::Result<Vec<String>> {
    if ids.len() > FORESEEN {
        return Ok(ids.iter().map(ToString::to_string).collect());
    }
    let (scope, ids) = (shell.scope.clone(), ids.to_vec());
    let answers = db.read(move |conn| {
        let named = members::named(conn, &scope, kind, &ids)?;
        let answers = foresee(conn, &scope, kind, Act::Delete, &named)?.into_iter().flatten();
        Ok::<_, Fault>(
            answers
                .filter(|answer| answer.outcome.is_done())
                .map(|answer| answer.name)
                .collect(),
        )
    });
    Ok(answers.await?)
}

/// What was done at once to everybody is told by a notice; everything else has a page.
async fn answer(db: &Db, shell: Shell, kind: MemberKind, id: BatchId, deed: &Deed, back: String) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let batch = db.read(move |conn| store::find(conn, &scope, id)).await?;
    let here = shell.path(format!("/batches/{id}"));
    if batch.state != State::Done || batch.refused > 0 {
        return Ok(see_other(&here));
    }
    let done = deed.done(&counted(kind, batch.done));
    let notice = Notice::success(match batch.unchanged {
        0 => format!("{done}."),
        unchanged => format!("{done}; of {} it was so already.", counted(kind, unchanged)),
    });
    let notice = match deed.reversed() {
        Some(_) if batch.done > 0 => notice.with_undo(format!("{here}/reversal"), back.clone()),
        _ => notice,
    };
    Ok(created(&shell.front, &back, notice))
}

type Place = Path<(OrganizationId, BatchId)>;

/// Whoever may begin none sees none.
fn may_begin_any(scope: &Scope) -> Result<(), Fault> {
    if scope.may("user", "invite") || members::may_run_some(scope, MemberKind::SystemAccount) {
        return Ok(());
    }
    scope.demand("user", "manage")
}

/// Those who may do it to members of that kind may see what was done, and whoever began it.
fn visible(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, MemberKind), Fault> {
    // Whoever may see none learns nothing of which there are.
    may_begin_any(scope)?;
    let batch = store::find(conn, scope, id)?;
    let kind = Deeds::kind_of(&batch.kind).ok_or(Fault::Missing)?;
    match batch.started_by {
        Some(member) if scope.is_me(member) => {}
        _ => scope.demand(kind.noun(), "manage")?,
    }
    Ok((batch, kind))
}

/// What was done to many lately.
async fn index(db: Data<Db>, shell: Shell) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let batches = db
        .read(move |conn| {
            may_begin_any(&scope)?;
            let (managed, others): (Vec<_>, Vec<_>) = MemberKind::ALL.into_iter().partition(|kind| scope.may(kind.noun(), "manage"));
            // Of what they do not manage, they see what they began themselves.
            let mut found = store::latest(conn, &scope, &managed.into_iter().map(Deeds::to).collect::<Vec<_>>(), None, LISTED)?;
            let own = others.into_iter().map(Deeds::to).collect::<Vec<_>>();
            found.extend(store::latest(conn, &scope, &own, scope.actor.member_id(), LISTED)?);
            found.sort_by_key(|batch| std::cmp::Reverse((batch.created_at, batch.id)));
            Ok::<_, Fault>(found)
        })
        .await?;
    page(StatusCode::OK, &Index { shell, batches })
}

#[derive(Deserialize)]
struct Asked {
    state: Option<String>,
    after: Option<i64>,
}

async fn show(db: Data<Db>, shell: Shell, place: Place, asked: Query<Asked>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let state: Option<ItemState> = asked.state.as_deref().and_then(|state| state.parse().ok());
    let after = asked.after.unwrap_or(0);
    let (batch, kind, (items, next)) = db
        .read(move |conn| {
            let (batch, kind) = visible(conn, &scope, id)?;
            let items = store::page(conn, &batch, state, after)?;
            Ok::<_, Fault>((batch, kind, items))
        })
        .await?;
    let view = Show {
        deed: serde_json::from_value(batch.deed.0.clone()).ok(),
        next,
        shell,
        batch,
        kind,
        state,
        items,
    };
    page(StatusCode::OK, &view)
}

async fn end(db: Data<Db>, shell: Shell, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    db.write(move |tx| {
        visible(tx, &scope, id)?;
        let because = format!("Stopped by {}.", scope.actor.name());
        store::stop(tx, &scope, id, &because)
    })
    .await?;
    Ok(see_other(&shell.path(format!("/batches/{id}"))))
}

/// Takes back what was done to each.
async fn reverse(db: Data<Db>, runner: Data<Runner>, shell: Shell, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let here = shell.path(format!("/batches/{id}"));
    let (batch, kind) = db.read(move |conn| visible(conn, &scope, id)).await?;
    let deed: Deed = serde_json::from_value(batch.deed.0).map_err(Fault::broken)?;
    if let Some(reversed) = deed.reversed()
        && needs_proof(&db, &shell, &reversed).await?
        && let Some(asked) = shell.lacks_recent_proof(&here)
    {
        return Ok(asked);
    }
    let scope = shell.scope.clone();
    let begun = db
        .write(move |tx| {
            let (batch, _) = visible(tx, &scope, id)?;
            let Some(reversed) = deed.reversed().filter(|_| !batch.is_running()) else {
                return Ok(None);
            };
            let wanted = serde_json::to_value(&reversed).map_err(Fault::broken)?;
            let new = store::begin_after(tx, &scope, &batch, &wanted)?;
            Ok::<_, Fault>(Some((new, reversed)))
        })
        .await?;
    let Some((new, reversed)) = begun else {
        return Ok(created(&shell.front, &here, Notice::error("This cannot be taken back.")));
    };
    runner.begin(new).await?;
    let back = back.path(&shell.front, here);
    answer(&db, shell, kind, new, &reversed, back).await
}
