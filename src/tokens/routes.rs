//! The pages that list, create, rename and regenerate tokens: those of a system account, and the caller's own.

use super::{
    create::{create as make_token, rename},
    forms::{NameForm, TokenForm},
    limits::{self, TokenRefusal},
    model::Token,
    pages::{Edit, Index, Listing, New, TokenOwner, Value, choices, listing},
    place::Place,
    store,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberStatus, OperationResult, Permission, Permissions, Scope, rights},
    members::{self, Header},
    roles,
    web::{self, MemberContext, Notice, Posted, Respond, ReturnTo, see_other},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/me/tokens")
            .route(web::get().to(index))
            .route(web::post().to(create)),
    );
    app.service(web::resource("/o/{organization}/me/tokens/new").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/me/tokens/{token}")
            .route(web::get().to(edit))
            .route(web::post().to(update)),
    );

    let place = web::resource("/o/{organization}/system-accounts/{member}/tokens");
    app.service(place.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/system-accounts/{member}/tokens/new").route(web::get().to(new)));
    let place = web::resource("/o/{organization}/system-accounts/{member}/tokens/{token}");
    app.service(place.route(web::get().to(edit)).route(web::post().to(update)));
}

/// Why no token can be created here, whatever its width.
fn why_not(conn: &mut Conn, scope: &Scope, owner: &TokenOwner) -> Result<Option<TokenRefusal>, Fault> {
    Ok(if owner.member.status == MemberStatus::Disabled {
        Some(TokenRefusal::Disabled(owner.member.name.clone()))
    } else if owner.member.status != MemberStatus::Active {
        Some(TokenRefusal::NotActive)
    } else if owner.is_mine() && !scope.may_own(rights::TOKEN_MANAGE) {
        Some(TokenRefusal::NotYours)
    } else if !limits::has_api_access(conn, &owner.member)? {
        Some(if owner.is_mine() {
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
    let (place, with) = (Place::of(&req, &context)?, context.clone());
    let (owner, header, listing, why_not) = db.read(move |conn| load(conn, &with, &place)).await?;
    let turn_on = turn_on(&context, &owner, why_not.as_ref());
    let why_not = why_not.map(|why| why.to_string());
    Index { context, owner, header, listing, why_not, turn_on }.ok()
}

type Loaded = (TokenOwner, Option<Header>, Listing, Option<TokenRefusal>);

/// The owner, the header of a system account, the tokens, and why no token can be created.
fn load(conn: &mut Conn, context: &MemberContext, place: &Place) -> Result<Loaded, Fault> {
    let scope = &context.scope;
    let owner = place.see(conn, scope)?;
    let why_not = why_not(conn, scope, &owner)?;
    let may_run = !owner.is_mine() || scope.may_own(rights::TOKEN_MANAGE);
    let works = matches!(why_not, None | Some(TokenRefusal::NotYours));
    let listing = listing(conn, scope, owner.member.id, owner.tokens(context), (may_run, works))?;
    let (kind, id) = (owner.member.kind, owner.member.id);
    let header = (!owner.is_mine()).then(|| members::header_of(conn, scope, kind, id)).transpose()?;
    Ok((owner, header, listing, why_not))
}

/// Where the caller can turn on their own access. `api_access` has the rule: only callers with every permission.
fn turn_on(context: &MemberContext, owner: &TokenOwner, why_not: Option<&TokenRefusal>) -> Option<String> {
    let may_turn_on =
        why_not == Some(&TokenRefusal::NoOwnApiAccess) && context.scope.permissions.first_missing(&Permissions::everything()).is_none();
    may_turn_on.then(|| context.path(format!("/users/{}/api", owner.member.id)))
}

/// What the form for a new token needs.
struct Draft {
    owner: TokenOwner,
    longest: Option<i64>,
    offered: Vec<Permission>,
    beyond: Option<Permission>,
    why_not: Option<TokenRefusal>,
}

async fn draft(db: &Db, context: &MemberContext, place: Place) -> web::Result<Draft> {
    let read = context.read(db, move |conn, scope| {
        let owner = place.run(conn, scope)?;
        let (held, beyond) = limits::offered(conn, scope, &owner.member)?;
        Ok::<_, Fault>(Draft {
            longest: limits::longest(conn, scope)?,
            offered: choices(
                &held,
                &roles::list(conn, scope.organization)?,
                &roles::application_permissions(conn, scope.organization)?,
            ),
            beyond,
            why_not: why_not(conn, scope, &owner)?,
            owner,
        })
    });
    Ok(read.await?)
}

impl Draft {
    /// The URL of the form.
    fn place(&self, context: &MemberContext) -> String {
        format!("{}/new", self.owner.tokens(context))
    }
    /// Redirects to the list if no token can be created. The list gives the reason, and what can be done about it.
    fn refused(&self, context: &MemberContext) -> Option<HttpResponse> {
        self.why_not.as_ref()?;
        Some(see_other(&self.owner.home(context)))
    }
    fn draw(self, context: MemberContext, form: TokenForm) -> New {
        New {
            context,
            owner: self.owner,
            form,
            longest: self.longest,
            offered: self.offered,
            beyond: self.beyond,
        }
    }
}

async fn new(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let draft = draft(&db, &context, Place::of(&req, &context)?).await?;
    if let Some(answer) = draft.refused(&context) {
        return Ok(answer);
    }
    let kept: Option<TokenForm> = context.pending_form();
    let form = kept.map_or_else(|| TokenForm::new(draft.longest, draft.beyond.is_some()), TokenForm::again);
    draft.draw(context, form).ok()
}

async fn create(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(mut form): Posted<TokenForm>) -> web::Result<HttpResponse> {
    let draft = draft(&db, &context, Place::of(&req, &context)?).await?;
    if let Some(answer) = draft.refused(&context) {
        return Ok(answer);
    }
    context.require_reauthentication(ReturnTo::page(draft.place(&context)))?;
    let Some(wanted) = form.check(context.scope.now(), draft.longest) else {
        return draft.draw(context, form).unprocessable();
    };
    let member = draft.owner.member.id;
    match context.write(&db, move |tx, scope| make_token(tx, scope, member, &wanted)).await.refused()? {
        Ok((token, text)) => Value { context, owner: draft.owner, token, text }.ok(),
        Err(refusal) => {
            form.refuse(&refusal);
            draft.draw(context, form).unprocessable()
        }
    }
}

/// One token, with the longest lifetime allowed.
pub(super) async fn one(db: &Db, context: &MemberContext, req: &HttpRequest) -> web::Result<(TokenOwner, Token, Option<i64>)> {
    let place = Place::of(req, context)?;
    let read = context.read(db, move |conn, scope| {
        let owner = place.run(conn, scope)?;
        let token = store::find(conn, scope, owner.member.id, place.token()?)?;
        Ok::<_, Fault>((owner, token, limits::longest(conn, scope)?))
    });
    Ok(read.await?)
}

/// The page that renames a token. Its form shows the name.
async fn page_of_one(db: &Db, context: MemberContext, req: &HttpRequest) -> web::Result<Edit> {
    let (owner, token, _) = one(db, &context, req).await?;
    let form = NameForm { name: web::Field::new(token.name) };
    Ok(Edit { context, owner, token: token.id, prefix: token.prefix, form })
}

async fn edit(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let mut page = page_of_one(&db, context, &req).await?;
    page.form = page.context.pending_form().unwrap_or(page.form);
    page.ok()
}

async fn update(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(form): Posted<NameForm>) -> web::Result<HttpResponse> {
    let mut page = page_of_one(&db, context, &req).await?;
    page.form = form;
    let Some(name) = page.form.check() else {
        return page.unprocessable();
    };
    let (member, token) = (page.owner.member.id, page.token);
    match page.context.write(&db, move |tx, scope| rename(tx, scope, member, token, &name)).await.refused()? {
        Ok(()) => {
            let home = page.owner.home(&page.context);
            Ok(page.context.redirect_with_notice(&home, Notice::success("The token has its new name.")))
        }
        Err(refusal) => {
            page.form.name.refuse(refusal.to_string());
            page.unprocessable()
        }
    }
}
