//! What people do for themselves: here, replacing a temporary password.

mod passkeys;
mod two_step;

use crate::{
    audit::{self, Event},
    db::{Db, Tx},
    kit::{Actor, Fault, Occasion, Scope, Stop, secret::Hidden},
    links::{self, LinkKind, Subject},
    mail::Post,
    passwords::{self, Hasher, Verdict, judge_at_least},
    sessions::{self, SignedIn},
    throttle,
    web::{self, Door, Notice, Posted, created, filters, page},
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
const THROTTLE: &str = "password.present";

pub fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/password/change")
            .route(web::get().to(edit))
            .route(web::post().to(update)),
    );
    two_step::mount(app);
}

#[derive(Template)]
#[template(path = "mine/password.html")]
struct Edit {
    door: Door,
    username: String,
    is_forced: bool,
    present_complaint: Option<String>,
    complaint: Option<String>,
    minimum: usize,
}

impl Edit {
    fn new(door: Door, signed_in: &SignedIn, minimum: usize) -> Self {
        let username = signed_in.user.username.clone();
        Self {
            door,
            username,
            is_forced: signed_in.must_change_password,
            present_complaint: None,
            complaint: None,
            minimum,
        }
    }
}

async fn edit(db: Data<Db>, door: Door, signed_in: SignedIn) -> web::Result<HttpResponse> {
    let (user, now) = (signed_in.user.id, door.occasion.now);
    let minimum = db.read(move |conn| passwords::minimum(conn, user, now)).await?;
    page(StatusCode::OK, &Edit::new(door, &signed_in, minimum))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeForm {
    /// For password managers; whose password it is the session says.
    #[serde(rename = "username", default)]
    _username: String,
    present: Hidden,
    password: Hidden,
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
    let (user, now) = (signed_in.user.id, door.occasion.now);
    // Whoever came by an open session must not find out the password by guessing here.
    let counted = db
        .write(move |tx| throttle::take(tx, THROTTLE, &user.to_string(), throttle::ACCOUNT, now))
        .await?;
    if let Err(wait) = counted {
        return Err(web::Error::TooMany(wait));
    }
    let (stored, minimum) = db
        .read(move |conn| Ok::<_, Fault>((passwords::find(conn, user)?, passwords::minimum(conn, user, now)?)))
        .await?;
    let stored = stored.map(|password| password.hash);
    let mut view = Edit::new(door, &signed_in, minimum);
    if hasher.verify(&form.present, stored.clone()).await? == Verdict::Wrong {
        view.present_complaint = Some("This is not your present password.".into());
    }
    view.complaint = complaint(&form, &signed_in, minimum);
    if view.present_complaint.is_some() || view.complaint.is_some() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let hash = hasher.hash(&form.password).await?;
    let occasion = view.door.occasion.clone();
    let changed = db
        .write(move |tx| change(tx, &post, &signed_in, stored.as_deref(), &hash, &occasion))
        .await;
    match changed {
        Ok(()) => {
            // This session began before the change and is over like all others; a new one goes on.
            sessions::begin(&session, user, Some(view.door.occasion.now), &view.door.occasion)?;
            Ok(created(
                &view.door.front,
                "/",
                Notice::success("Your new password is set. Other sessions have ended."),
            ))
        }
        Err(Stop::Refused(Meanwhile)) => {
            view.present_complaint = Some("Your password was changed in another window meanwhile.".into());
            page(StatusCode::CONFLICT, &view)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
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
    judge_at_least(minimum, &form.password, &context).err()
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
    for membership in &signed_in.memberships {
        let actor = Actor::Member {
            id: membership.id,
            user: user.id,
            name: membership.name.clone(),
        };
        let scope = Scope {
            organization: membership.organization,
            actor,
            permissions: Default::default(),
            occasion: occasion.clone(),
        };
        audit::record(
            tx,
            &scope,
            Event::new("password.changed", "member", membership.id.0, &membership.name),
        )?;
    }
    passwords::notify_changed(tx, post, user, occasion)?;
    Ok(())
}
