//! The pages that list, create, rename and regenerate tokens: those of a system account, and the caller's own.

use super::{
    days::Days,
    forms::{NameForm, TokenForm},
    limits::{self, TokenRefusal},
    make::{create as make_token, rename},
    model::Token,
    pages::{Edit, Index, New, TokenOwner, Value, choices, listing},
    place::Place,
    store,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberStatus, OperationResult, Permission, Permissions, Scope, TokenId, rights},
    members, roles,
    web::{self, MemberContext, Notice, Posted, ReturnTo, chart::Chart, page, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/me/tokens").route(web::get().to(index)).route(web::post().to(create)));
    app.service(resource("/o/{organization}/me/tokens/new").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/me/tokens/{token}")
            .route(web::get().to(edit))
            .route(web::post().to(update)),
    );

    let place = resource("/o/{organization}/system-accounts/{member}/tokens");
    app.service(place.route(web::get().to(index)).route(web::post().to(create)));
    app.service(resource("/o/{organization}/system-accounts/{member}/tokens/new").route(web::get().to(new)));
    let place = resource("/o/{organization}/system-accounts/{member}/tokens/{token}");
    app.service(place.route(web::get().to(edit)).route(web::post().to(update)));
}

/// Why no token can be created here, whatever its width.
fn why_not(conn: &mut Conn, scope: &Scope, desk: &TokenOwner) -> Result<Option<TokenRefusal>, Fault> {
    Ok(if desk.member.status == MemberStatus::Disabled {
        Some(TokenRefusal::Disabled(desk.member.name.clone()))
    } else if desk.member.status != MemberStatus::Active {
        Some(TokenRefusal::NotActive)
    } else if desk.is_mine() && !scope.may_own(rights::TOKEN_MANAGE) {
        Some(TokenRefusal::NotYours)
    } else if !limits::has_api_access(conn, &desk.member)? {
        Some(if desk.is_mine() {
            TokenRefusal::NoOwnApiAccess
        } else {
            TokenRefusal::NoApiAccess
        })
    } else {
        None
    })
}

/// The list. People can always see their own list: those who can no longer create tokens can still look at them and
/// revoke them.
async fn index(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let place = Place::of(&req, &context)?;
    let with = context.clone();
    let read = db.read(move |conn| {
        let scope = &with.scope;
        let desk = place.see(conn, scope)?;
        let why_not = why_not(conn, scope, &desk)?;
        let may_run = !desk.is_mine() || scope.may_own(rights::TOKEN_MANAGE);
        let works = matches!(why_not, None | Some(TokenRefusal::NotYours));
        let listing = listing(conn, scope, desk.member.id, desk.tokens(&with), (may_run, works))?;
        let (kind, id) = (desk.member.kind, desk.member.id);
        let header = (!desk.is_mine()).then(|| members::header_of(conn, scope, kind, id));
        Ok::<_, Fault>((desk, header.transpose()?, listing, why_not))
    });
    let (desk, header, listing, why_not) = read.await?;
    // `api_access` has the rule: callers turn on their own access only if they hold every permission.
    let may_turn_on =
        why_not == Some(TokenRefusal::NoOwnApiAccess) && context.scope.permissions.lacking(&Permissions::everything()).is_none();
    let turn_on = may_turn_on.then(|| context.path(format!("/users/{}/api", desk.member.id)));
    let view = Index {
        context,
        desk,
        header,
        listing,
        turn_on,
        why_not: why_not.map(|why| why.to_string()),
    };
    page(StatusCode::OK, &view)
}

/// What the form for a new token needs.
struct Draft {
    desk: TokenOwner,
    longest: Option<i64>,
    offered: Vec<Permission>,
    beyond: Option<Permission>,
    why_not: Option<TokenRefusal>,
}

async fn draft(db: &Db, context: &MemberContext, place: Place) -> web::Result<Draft> {
    let read = context.read(db, move |conn, scope| {
        let desk = place.run(conn, scope)?;
        let (held, beyond) = limits::offered(conn, scope, &desk.member)?;
        Ok::<_, Fault>(Draft {
            longest: limits::longest(conn, scope)?,
            offered: choices(
                &held,
                &roles::list(conn, scope.organization)?,
                &roles::application_permissions(conn, scope.organization)?,
            ),
            beyond,
            why_not: why_not(conn, scope, &desk)?,
            desk,
        })
    });
    Ok(read.await?)
}

impl Draft {
    /// The URL of the form.
    fn place(&self, context: &MemberContext) -> String {
        format!("{}/new", self.desk.tokens(context))
    }
    /// Redirects to the list if no token can be created. The list gives the reason, and what can be done about it.
    fn refused(&self, context: &MemberContext) -> Option<HttpResponse> {
        self.why_not.as_ref()?;
        Some(see_other(&self.desk.home(context)))
    }
    fn draw(self, status: StatusCode, context: MemberContext, form: TokenForm) -> web::Result<HttpResponse> {
        let view = New {
            context,
            desk: self.desk,
            form,
            longest: self.longest,
            offered: self.offered,
            beyond: self.beyond,
        };
        page(status, &view)
    }
}

async fn new(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let draft = draft(&db, &context, Place::of(&req, &context)?).await?;
    if let Some(answer) = draft.refused(&context) {
        return Ok(answer);
    }
    let kept: Option<TokenForm> = context.pending_form();
    let form = kept.map_or_else(|| TokenForm::new(draft.longest, draft.beyond.is_some()), TokenForm::again);
    draft.draw(StatusCode::OK, context, form)
}

async fn create(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(mut form): Posted<TokenForm>) -> web::Result<HttpResponse> {
    let draft = draft(&db, &context, Place::of(&req, &context)?).await?;
    if let Some(answer) = draft.refused(&context) {
        return Ok(answer);
    }
    context.require_reauthentication(ReturnTo::page(draft.place(&context)))?;
    let Some(wish) = form.check(context.scope.now(), draft.longest) else {
        return draft.draw(StatusCode::UNPROCESSABLE_ENTITY, context, form);
    };
    let member = draft.desk.member.id;
    match context.write(&db, move |tx, scope| make_token(tx, scope, member, &wish)).await.refused()? {
        Ok((token, text)) => page(StatusCode::OK, &Value { context, desk: draft.desk, token, text }),
        Err(refusal) => {
            match &refusal {
                TokenRefusal::NameTaken | TokenRefusal::CreatedBefore(_) => form.name.refuse(refusal.to_string()),
                TokenRefusal::TooLong(_) => form.ends.choice.refuse(refusal.to_string()),
                TokenRefusal::TooWide(_) => {
                    form.width = "narrow".into();
                    form.permission_complaint = Some(refusal.to_string());
                }
                TokenRefusal::NotHeld(_) | TokenRefusal::NothingToRead => form.permission_complaint = Some(refusal.to_string()),
                _ => form.complaint = Some(refusal.to_string()),
            }
            draft.draw(StatusCode::UNPROCESSABLE_ENTITY, context, form)
        }
    }
}

/// One token, with the longest lifetime allowed.
pub(super) async fn one(db: &Db, context: &MemberContext, place: Place) -> web::Result<(TokenOwner, Token, Option<i64>)> {
    let read = context.read(db, move |conn, scope| {
        let desk = place.run(conn, scope)?;
        let token = store::find(conn, scope, desk.member.id, place.token()?)?;
        Ok::<_, Fault>((desk, token, limits::longest(conn, scope)?))
    });
    Ok(read.await?)
}

/// The chart of one token's use on each recent day.
async fn chart(db: &Db, context: &MemberContext, token: &Token) -> web::Result<Chart> {
    let (member, id) = (token.member_id, token.id);
    let days = context.read(db, move |conn, scope| Days::of(conn, scope, member)).await?;
    Ok(days.chart(Some(id), context.scope.now()))
}

async fn edit(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let (desk, token, _) = one(&db, &context, Place::of(&req, &context)?).await?;
    let chart = chart(&db, &context, &token).await?;
    let form = context.pending_form().unwrap_or_else(|| NameForm { name: web::Field::new(token.name) });
    draw_edit(StatusCode::OK, context, desk, (token.id, token.prefix, chart), form)
}

fn draw_edit(
    status: StatusCode,
    context: MemberContext,
    desk: TokenOwner,
    (token, prefix, chart): (TokenId, String, Chart),
    form: NameForm,
) -> web::Result<HttpResponse> {
    let view = Edit { context, desk, token, prefix, chart, form };
    page(status, &view)
}

async fn update(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(mut form): Posted<NameForm>) -> web::Result<HttpResponse> {
    let (desk, token, _) = one(&db, &context, Place::of(&req, &context)?).await?;
    let chart = chart(&db, &context, &token).await?;
    let about = (token.id, token.prefix, chart);
    let Some(name) = form.check() else {
        return draw_edit(StatusCode::UNPROCESSABLE_ENTITY, context, desk, about, form);
    };
    let member = desk.member.id;
    match context.write(&db, move |tx, scope| rename(tx, scope, member, token.id, &name)).await.refused()? {
        Ok(()) => Ok(context.redirect_with_notice(&desk.home(&context), Notice::success("The token has its new name."))),
        Err(refusal) => {
            form.name.refuse(refusal.to_string());
            draw_edit(StatusCode::UNPROCESSABLE_ENTITY, context, desk, about, form)
        }
    }
}
