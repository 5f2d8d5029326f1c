//! Handlers of `access::policies`: they read the request, call an operation and answer with a page.

use super::{
    Outcome, PolicyRefusal, create, delete, edit,
    form::PolicyForm,
    guards,
    list::{self, AttachedMember},
    pages::{PolicyDeletion, PolicyIndex, PolicyShow, conflicts},
};
use crate::{
    access::{
        count::Count,
        deletion_page::{DeletionForm, DeletionPage},
        form_state::{FormState, Preview},
    },
    db::{Conn, Db, Tx},
    kit::{
        Fault, OperationError, OperationResult, OrganizationId, PolicyId, Scope,
        rights::{self, Right},
    },
    policies::{self, Content, Policy, ResourceType},
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use std::collections::HashMap;

pub(in crate::access) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/policies")
            .route(web::get().to(index))
            .route(web::post().to(insert)),
    );
    app.service(web::resource("/o/{organization}/policies/new").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/policies/{policy}")
            .route(web::get().to(show))
            .route(web::post().to(update)),
    );
    app.service(
        web::resource("/o/{organization}/policies/{policy}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(remove)),
    );
}

type Place = Path<(OrganizationId, PolicyId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let (policies, counts, has_types) = context.read(&db, every_policy).await?;
    PolicyIndex { context, policies, counts, has_types }.ok()
}

type EveryPolicy = (Vec<Policy>, HashMap<PolicyId, Count>, bool);

/// Every policy with its number of members, and whether any resource type is declared.
fn every_policy(conn: &mut Conn, scope: &Scope) -> Result<EveryPolicy, Fault> {
    scope.demand(rights::POLICY_READ)?;
    let has_types = !policies::types(conn, scope.organization)?.is_empty();
    Ok((policies::list(conn, scope.organization)?, list::counts(conn, scope)?, has_types))
}

/// The policy, if the caller has this right.
async fn find(db: &Db, context: &MemberContext, id: PolicyId, right: Right) -> Result<Policy, Fault> {
    let find = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(right)?;
        policies::find(conn, scope.organization, id)
    };
    context.read(db, find).await
}

#[derive(Deserialize)]
struct PolicyToCopy {
    /// The policy to copy into a new one.
    from: Option<PolicyId>,
}

async fn new(db: Data<Db>, mut context: MemberContext, begun: Query<PolicyToCopy>) -> web::Result<HttpResponse> {
    let from = begun.from;
    let form = context.read(&db, move |conn, scope| begin(conn, scope, from)).await?;
    let form = context.pending_form().unwrap_or(form);
    draw(&db, context, None, form, FormState::Opened).await
}

/// The form of a new policy: empty, or a copy of another one.
fn begin(conn: &mut Conn, scope: &Scope, from: Option<PolicyId>) -> Result<PolicyForm, Fault> {
    scope.demand(rights::POLICY_MANAGE)?;
    let copy = from.map(|id| policies::find(conn, scope.organization, id)).transpose()?;
    Ok(copy.as_ref().map_or_else(PolicyForm::empty, PolicyForm::copy_of))
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let policy = find(&db, &context, place.1, rights::POLICY_READ).await?;
    let form = context.pending_form().unwrap_or_else(|| PolicyForm::of(&policy));
    draw(&db, context, Some(policy), form, FormState::Opened).await
}

/// Loads everything around the editor and renders the page.
async fn draw(
    db: &Db,
    context: MemberContext,
    policy: Option<Policy>,
    mut form: PolicyForm,
    form_state: FormState,
) -> web::Result<HttpResponse> {
    let id = policy.as_ref().map(|policy| policy.id);
    let (types, under, count, refusal) = context.read(db, move |conn, scope| around(conn, scope, id)).await?;
    form.settle(&types);
    let refusal = refusal.filter(|_| context.scope.may(rights::POLICY_MANAGE));
    let status = form_state.status();
    PolicyShow { context, policy, form, types, under, count, refusal, form_state }.with_status(status)
}

type Around = (Vec<ResourceType>, Vec<AttachedMember>, Count, Option<PolicyRefusal>);

/// What the editor shows beside the policy: the declared types, to whom the policy is attached, and why the caller
/// cannot change what it allows.
fn around(conn: &mut Conn, scope: &Scope, id: Option<PolicyId>) -> Result<Around, Fault> {
    let types = policies::types(conn, scope.organization)?;
    let Some(id) = id else {
        return Ok((types, vec![], Count::default(), None));
    };
    let refusal = refusal(guards::own_access(conn, scope, id))?;
    Ok((types, list::first(conn, scope, id)?, list::count(conn, scope, id)?, refusal))
}

fn refusal<T>(outcome: Outcome<T>) -> Result<Option<PolicyRefusal>, Fault> {
    match outcome.refused()? {
        Ok(_) => Ok(None),
        Err(refusal) => Ok(Some(refusal)),
    }
}

/// Returns the content if no field has a complaint and the caller has recently reauthenticated where that is needed.
async fn check(db: &Db, context: &MemberContext, policy: Option<&Policy>, form: &mut PolicyForm) -> web::Result<Option<Content>> {
    let (name, own) = (form.name.trimmed().to_owned(), policy.map(|policy| policy.id));
    let (types, taken) = context
        .read(db, move |conn, scope| {
            let types = policies::types(conn, scope.organization)?;
            Ok::<_, Fault>((types, refusal(guards::name(conn, scope, &name, own))?))
        })
        .await?;
    if let Some(taken) = taken {
        form.complain(&taken);
    }
    let wanted = form.check(&types, policy.map_or(&[], |policy| &policy.rules));
    if wanted.is_some() {
        let page = own.map_or_else(|| "/policies/new".to_owned(), |id| format!("/policies/{id}"));
        context.require_reauthentication(ReturnTo::page(context.path(page)))?;
    }
    Ok(wanted)
}

/// Renders the same page with what was typed.
async fn again(db: &Db, context: MemberContext, policy: Option<Policy>, form: PolicyForm) -> web::Result<HttpResponse> {
    draw(db, context, policy, form, FormState::REFUSED).await
}

async fn insert(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<PolicyForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::POLICY_MANAGE)?;
    if form.turn() {
        return draw(&db, context, None, form, FormState::Typed(StatusCode::OK)).await;
    }
    let Some(wanted) = check(&db, &context, None, &mut form).await? else {
        return again(&db, context, None, form).await;
    };
    let new = wanted.clone();
    match context.write(&db, move |tx, scope| create(tx, scope, &new)).await.refused()? {
        Ok(id) => {
            let notice = Notice::success(format!("The policy {} is there. It is attached to nobody yet.", wanted.name));
            Ok(context.redirect_with_notice(&context.path(format!("/policies/{id}")), notice))
        }
        Err(refusal) => {
            form.complain(&refusal);
            again(&db, context, None, form).await
        }
    }
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<PolicyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let policy = find(&db, &context, id, rights::POLICY_MANAGE).await?;
    if form.turn() {
        return draw(&db, context, Some(policy), form, FormState::Typed(StatusCode::OK)).await;
    }
    let Some(wanted) = check(&db, &context, Some(&policy), &mut form).await? else {
        return again(&db, context, Some(policy), form).await;
    };
    let (new, version, seen) = (wanted.clone(), form.version, form.seen.clone());
    match context.write(&db, move |tx, scope| save(tx, scope, id, version, &new, &seen)).await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::saved(is_changed, "The policy is saved. It holds from the next request on.");
            Ok(context.redirect_with_notice(&context.path(format!("/policies/{id}")), notice))
        }
        Err(unsaved) => not_saved(&db, context, policy, form, &wanted, unsaved).await,
    }
}

/// Renders the page of a policy that is not saved yet: with a preview, a conflict or a complaint.
async fn not_saved(
    db: &Db,
    context: MemberContext,
    policy: Policy,
    mut form: PolicyForm,
    wanted: &Content,
    unsaved: UnsavedPolicy,
) -> web::Result<HttpResponse> {
    match unsaved {
        UnsavedPolicy::Unseen(preview) => draw(db, context, Some(policy), form, FormState::Preview(preview)).await,
        UnsavedPolicy::Refused(PolicyRefusal::Meanwhile) => clash(db, context, policy.id, form, wanted).await,
        UnsavedPolicy::Refused(refusal) => {
            form.complain(&refusal);
            again(db, context, Some(policy), form).await
        }
    }
}

/// Why a policy is not saved yet.
enum UnsavedPolicy {
    Refused(PolicyRefusal),
    /// The preview of the affected members has not been shown.
    Unseen(Preview),
}

/// Saves the policy. If the change affects members to whom it is attached, and the caller has not seen the preview, the
/// transaction is rolled back.
fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: PolicyId,
    version: i64,
    wanted: &Content,
    seen: &str,
) -> Result<bool, OperationError<UnsavedPolicy>> {
    let before = policies::find(tx, scope.organization, id)?;
    let is_changed = edit(tx, scope, id, version, wanted).map_err(|error| error.map_refusal(UnsavedPolicy::Refused))?;
    let count = list::count(tx, scope, id)?.most();
    match Preview::unless_seen(&before.rules, &wanted.rules, count, seen) {
        Some(preview) => Err(OperationError::Refused(UnsavedPolicy::Unseen(preview))),
        None => Ok(is_changed),
    }
}

/// Shows what somebody else saved beside what was typed. The next submission is based on that version.
async fn clash(db: &Db, context: MemberContext, id: PolicyId, mut form: PolicyForm, wanted: &Content) -> web::Result<HttpResponse> {
    let now = find(db, &context, id, rights::POLICY_MANAGE).await?;
    form.version = now.version;
    let differ = conflicts(&Content::of(&now), wanted);
    draw(db, context, Some(now), form, FormState::Clash(differ)).await
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(&db, context, place.1, name, None).await
}

async fn ask(db: &Db, context: MemberContext, id: PolicyId, typed: Field, refused: Option<PolicyRefusal>) -> web::Result<HttpResponse> {
    let (policy, under, count, refusal_now) = context.read(db, move |conn, scope| before_deletion(conn, scope, id)).await?;
    let question = DeletionPage {
        what: "policy",
        name: policy.name.clone(),
        list: ("Policies", "/policies"),
        typed,
        refusal: refused.or(refusal_now).map(|why| why.to_string()),
    };
    let status = question.status();
    PolicyDeletion { context, question, policy, under, count }.with_status(status)
}

type BeforeDeletion = (Policy, Vec<AttachedMember>, Count, Option<PolicyRefusal>);

/// The policy, to whom it is attached, and why it cannot be deleted.
fn before_deletion(conn: &mut Conn, scope: &Scope, id: PolicyId) -> Result<BeforeDeletion, Fault> {
    scope.demand(rights::POLICY_MANAGE)?;
    let policy = policies::find(conn, scope.organization, id)?;
    let refusal = refusal(guards::deletion(conn, scope, id))?;
    Ok((policy, list::first(conn, scope, id)?, list::count(conn, scope, id)?, refusal))
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::POLICY_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let id = place.1;
    let policy = find(&db, &context, id, rights::POLICY_MANAGE).await?;
    if !form.repeats(&policy.name) {
        return ask(&db, context, id, form.name, None).await;
    }
    match context.write(&db, move |tx, scope| delete(tx, scope, id, true)).await.refused()? {
        Ok((policy, _)) => {
            let notice = Notice::success(format!("The policy {} is deleted, and attached to nobody any more.", policy.name));
            Ok(context.redirect_with_notice(&context.path("/policies"), notice))
        }
        Err(refusal) => ask(&db, context, id, form.name, Some(refusal)).await,
    }
}
