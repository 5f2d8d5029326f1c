//! Pages for a person's own passkeys.

use super::factor_pages::{Confirm, First, begin_anew, demand_proof, done, held, home, keeps_factor, removed};
use crate::{
    db::Db,
    kit::{OperationResult, PasskeyId},
    mail::Outbox,
    second_factors::{self, Challenge, Passkey, SecondFactors},
    sessions::{self, SignedIn},
    users::{self, User},
    web::{self, Back, Error, Field, Posted, Respond, VisitorContext, filters},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    let key = web::resource("/two-step/passkeys/new");
    app.service(key.route(web::get().to(new_key)).route(web::post().to(create_key)));
    let key = web::resource("/two-step/passkeys/{passkey}");
    app.service(key.route(web::get().to(edit_key)).route(web::post().to(update_key)));
    let removal = web::resource("/two-step/passkeys/{passkey}/removal");
    app.service(removal.route(web::get().to(leave_key)).route(web::post().to(delete_key)));
}

#[derive(Template)]
#[template(path = "me/passkey_new.html")]
struct NewKey {
    visitor: VisitorContext,
    challenge: Option<Challenge>,
    name: Field,
    back: String,
    complaint: Option<String>,
}

async fn draw_key(
    db: &Db,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    user: User,
    name: Field,
    back: &str,
    complaint: Option<String>,
) -> web::Result<HttpResponse> {
    let now = visitor.request_info.now;
    let challenge = db.read(move |conn| second_factors::creation(conn, &factors, &user, now)).await?;
    let is_refused = complaint.is_some() || name.is_refused();
    let back = home(&visitor, back);
    NewKey { visitor, challenge, name, back, complaint }.ok_unless(is_refused)
}

async fn new_key(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    asked: Query<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let name = Field::new(sessions::describe(&visitor.request_info.agent));
    draw_key(&db, factors, visitor, signed_in.user, name, &asked.back, None).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct KeyForm {
    name: Field,
    credential: String,
    challenge: String,
    back: String,
}

async fn create_key(
    session: Session,
    db: Data<Db>,
    outbox: Data<Outbox>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(mut form): Posted<KeyForm>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let user = signed_in.user.clone();
    let Some(name) = form.name.line("a name by which you know this passkey", 60) else {
        return draw_key(&db, factors, visitor, user, form.name, &form.back, None).await;
    };
    let (with, who, request_info) = (factors.clone(), user.clone(), visitor.request_info.clone());
    let is_vouched_for = signed_in.is_proved_by_provider();
    let registered = db
        .write(move |tx| {
            let codes = second_factors::register(tx, &with, &outbox, &who, &name, (&form.credential, &form.challenge), &request_info)?;
            // A passkey opens other organizations too, and it can be that of the person who runs the identity provider.
            // As after a password that an administrator chose, the mailbox has to be proven before another one lets it in.
            if is_vouched_for {
                users::disprove(tx, who.id)?;
            }
            Ok(First::of(tx, &who, codes)?)
        })
        .await;
    match registered.refused()? {
        Ok(Some(first)) => begin_anew(&session, &signed_in, &visitor, first, &form.back),
        Ok(None) => Ok(done(&visitor, &form.back, "Your passkey is added.")),
        Err(refusal) => draw_key(&db, factors, visitor, user, form.name, &form.back, Some(refusal.to_string())).await,
    }
}

#[derive(Template)]
#[template(path = "me/passkey.html")]
struct EditKey {
    visitor: VisitorContext,
    passkey: Passkey,
    name: Field,
    back: String,
}

impl EditKey {
    fn new(visitor: VisitorContext, passkey: Passkey, name: Field, back: &str) -> Self {
        Self { back: home(&visitor, back), visitor, passkey, name }
    }
}

async fn find_key(db: &Db, signed_in: &SignedIn, id: PasskeyId) -> Result<Passkey, Error> {
    let user = signed_in.user.id;
    Ok(db.read(move |conn| second_factors::find_passkey(conn, user, id)).await?)
}

async fn edit_key(
    db: Data<Db>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    id: Path<PasskeyId>,
    asked: Query<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let passkey = find_key(&db, &signed_in, *id).await?;
    let name = Field::new(passkey.name.clone());
    EditKey::new(visitor, passkey, name, &asked.back).ok()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RenameForm {
    name: Field,
    back: String,
}

async fn update_key(
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    id: Path<PasskeyId>,
    Posted(mut form): Posted<RenameForm>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let passkey = find_key(&db, &signed_in, *id).await?;
    let Some(name) = form.name.line("a name by which you know this passkey", 60) else {
        return EditKey::new(visitor, passkey, form.name, &form.back).unprocessable();
    };
    let request_info = visitor.request_info.clone();
    db.write(move |tx| second_factors::rename(tx, &outbox, &signed_in.user, passkey.id, &name, &request_info))
        .await?;
    Ok(done(&visitor, &form.back, "The passkey has its new name."))
}

async fn leave_key(
    db: Data<Db>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    id: Path<PasskeyId>,
    asked: Query<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let passkey = find_key(&db, &signed_in, *id).await?;
    let held = held(&db, &signed_in).await?;
    let title = (format!("Remove the passkey “{}”?", passkey.name), "Remove the passkey");
    let consequence = "it opens nothing here any more; your device may still list it";
    Confirm::removal(visitor, title, consequence, held.is_last(), &asked.back).ok()
}

async fn delete_key(
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    id: Path<PasskeyId>,
    Posted(form): Posted<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let (id, request_info) = (*id, visitor.request_info.clone());
    let removal = db.write(move |tx| {
        second_factors::remove(tx, &outbox, &signed_in.user, id, &request_info)?;
        keeps_factor(tx, signed_in.user.id)
    });
    Ok(removed(&visitor, &form.back, removal.await.refused()?, "The passkey is removed."))
}
