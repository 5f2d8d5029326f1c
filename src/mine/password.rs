//! Changing one's own password: inside the frame, or outside it where a temporary one must be replaced first.

use crate::{
    db::{Db, Tx},
    kit::{Fault, Occasion, Stop, Timestamp, secret::Hidden},
    links::{self, LinkKind, Subject},
    mail::Post,
    members,
    passwords::{self, Hasher, Verdict, judge},
    sessions::{self, SignedIn},
    throttle,
    web::{self, Door, Notice, Posted, Shell, created, filters, page},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

/// Kind of the bucket for guesses at the present password.
pub(super) const THROTTLE: &str = "password.present";

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/password/change")
            .route(web::get().to(edit))
            .route(web::post().to(update)),
    );
    app.service(
        resource("/o/{organization}/me/password")
            .route(web::get().to(show))
            .route(web::post().to(save)),
    );
}

/// What the form says besides its labels.
struct View {
    username: String,
    minimum: usize,
    wrong: Wrong,
}

impl View {
    async fn of(db: &Db, signed_in: &SignedIn, wrong: Wrong, now: Timestamp) -> web::Result<Self> {
        let user = signed_in.user.id;
        Ok(Self {
            username: signed_in.user.username.clone(),
            minimum: db.read(move |conn| passwords::minimum(conn, user, now)).await?,
            wrong,
        })
    }
}

#[derive(Template)]
#[template(path = "mine/forced.html")]
struct Alone {
    door: Door,
    view: View,
    is_forced: bool,
}

#[derive(Template)]
#[template(path = "mine/password.html")]
struct Framed {
    shell: Shell,
    view: View,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ChangeForm {
    /// For password managers; whose password it is the session says.
    #[serde(rename = "username")]
    _username: String,
    present: Hidden,
    password: Hidden,
}

/// What is wrong with a form.
#[derive(Default)]
struct Wrong {
    present: Option<String>,
    new: Option<String>,
    /// The password was changed by somebody else while this one was compared.
    is_late: bool,
}

impl Wrong {
    fn is_any(&self) -> bool {
        self.present.is_some() || self.new.is_some()
    }
    fn status(&self) -> StatusCode {
        match (self.is_late, self.is_any()) {
            (true, _) => StatusCode::CONFLICT,
            (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, false) => StatusCode::OK,
        }
    }
}

async fn edit(db: Data<Db>, door: Door, signed_in: SignedIn) -> web::Result<HttpResponse> {
    alone(&db, door, &signed_in, Wrong::default()).await
}

async fn alone(db: &Db, door: Door, signed_in: &SignedIn, wrong: Wrong) -> web::Result<HttpResponse> {
    let view = View::of(db, signed_in, wrong, door.occasion.now).await?;
    let is_forced = signed_in.must_change_password;
    page(view.wrong.status(), &Alone { door, view, is_forced })
}

async fn update(
    session: Session,
    db: Data<Db>,
    post: Data<Post>,
    hasher: Data<Hasher>,
    door: Door,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    let works = Works { db, post, hasher };
    match works.change(&session, &signed_in, &form, &door.occasion).await? {
        Ok(notice) => Ok(created(&door.front, "/", notice)),
        Err(wrong) => alone(&works.db, door, &signed_in, wrong).await,
    }
}

async fn show(db: Data<Db>, shell: Shell, signed_in: SignedIn) -> web::Result<HttpResponse> {
    framed(&db, shell, &signed_in, Wrong::default()).await
}

async fn framed(db: &Db, shell: Shell, signed_in: &SignedIn, wrong: Wrong) -> web::Result<HttpResponse> {
    let view = View::of(db, signed_in, wrong, shell.scope.now()).await?;
    page(view.wrong.status(), &Framed { shell, view })
}

async fn save(
    session: Session,
    db: Data<Db>,
    post: Data<Post>,
    hasher: Data<Hasher>,
    shell: Shell,
    signed_in: SignedIn,
    Posted(form): Posted<ChangeForm>,
) -> web::Result<HttpResponse> {
    let works = Works { db, post, hasher };
    match works.change(&session, &signed_in, &form, &shell.scope.occasion).await? {
        Ok(notice) => Ok(created(&shell.front, &shell.path("/me/password"), notice)),
        Err(wrong) => framed(&works.db, shell, &signed_in, wrong).await,
    }
}

/// What a change of password works with.
struct Works {
    db: Data<Db>,
    post: Data<Post>,
    hasher: Data<Hasher>,
}

impl Works {
    /// Compares, judges, hashes and sets; this session goes on under a new key, all others end.
    async fn change(
        &self,
        session: &Session,
        signed_in: &SignedIn,
        form: &ChangeForm,
        occasion: &Occasion,
    ) -> web::Result<Result<Notice, Wrong>> {
        let (user, now) = (signed_in.user.id, occasion.now);
        // Whoever came by an open session must not find out the password by guessing here.
        let counted = self
            .db
            .write(move |tx| throttle::take(tx, THROTTLE, &user.to_string(), throttle::ACCOUNT, now))
            .await?;
        if let Err(wait) = counted {
            return Err(web::Error::TooMany(wait));
        }
        let (stored, minimum) = self
            .db
            .read(move |conn| Ok::<_, Fault>((passwords::find(conn, user)?, passwords::minimum(conn, user, now)?)))
            .await?;
        let stored = stored.map(|password| password.hash);
        let mut wrong = Wrong::default();
        if self.hasher.verify(&form.present, stored.clone()).await? == Verdict::Wrong {
            wrong.present = Some("This is not your current password.".into());
        }
        wrong.new = complaint(form, signed_in, minimum);
        if wrong.is_any() {
            return Ok(Err(wrong));
        }
        let hash = self.hasher.hash(&form.password).await?;
        let (post, whom, when) = (self.post.clone(), signed_in.clone(), occasion.clone());
        let changed = self
            .db
            .write(move |tx| change(tx, &post, &whom, stored.as_deref(), &hash, &when))
            .await;
        match changed {
            Ok(()) => {
                // This session began before the change and is over like all others; a new one goes on.
                sessions::begin(session, user, Some(now), occasion)?;
                Ok(Ok(Notice::success("Your new password is set. Other sessions have ended.")))
            }
            Err(Stop::Refused(Meanwhile)) => Ok(Err(Wrong {
                present: Some("Your password was changed in another window meanwhile.".into()),
                is_late: true,
                ..Wrong::default()
            })),
            Err(Stop::Fault(fault)) => Err(fault.into()),
        }
    }
}

fn complaint(form: &ChangeForm, signed_in: &SignedIn, minimum: usize) -> Option<String> {
    if form.present == form.password {
        return Some("Choose a password other than the present one.".into());
    }
    let mut context: Vec<&str> = vec![&signed_in.user.email, &signed_in.user.username];
    context.extend(
        signed_in
            .memberships
            .iter()
            .flat_map(|m| [m.name.as_str(), m.organization_name.as_str()]),
    );
    judge(&form.password, &context, minimum).err()
}

/// The password that was compared is not the present one any more.
struct Meanwhile;

fn change(
    tx: &mut Tx<'_>,
    post: &Post,
    signed_in: &SignedIn,
    compared: Option<&str>,
    hash: &str,
    occasion: &Occasion,
) -> Result<(), Stop<Meanwhile>> {
    let user = &signed_in.user;
    let present = passwords::find(tx, user.id)?.ok_or(Fault::Missing)?;
    if Some(present.hash.as_str()) != compared {
        return Err(Stop::Refused(Meanwhile));
    }
    passwords::set(tx, user.id, hash, None, occasion.now)?;
    throttle::forgive(tx, THROTTLE, &user.id.to_string())?;
    sessions::end_all(tx, user.id)?;
    links::void(tx, LinkKind::Reset, Subject::user(user.id), occasion.now)?;
    members::record_own(tx, user.id, occasion, "password.changed", None)?;
    passwords::notify_changed(tx, post, user, occasion)?;
    Ok(())
}
