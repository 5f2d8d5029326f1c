//! What is done to several members of a team, ticked on its page: taking them out, making people its administrators or
//! ordinary members again. What the directory does to many stands on the same bar, and leads there.

use super::{
    forms::{Chosen, Place},
    membership::{self, chosen, notice, told, undone_here},
    model::{Team, TeamMember},
    pages::Show,
    store,
};
use crate::{
    db::{Conn, Db},
    directory::BulkBar,
    kit::{Fault, MemberId, MemberKind, OperationResult, Scope, TeamId, rights},
    members::{self, Action, Change, ChangePreview, Outcome, Undone, fill_in, may_manage_team_members},
    web::{self, Back, MemberContext, Notice, Posted, Respond, ReturnTo, filters, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/teams/{team}/members/administration")
            .route(web::get().to(ask_to_appoint))
            .route(web::post().to(appoint)),
    );
    app.service(
        web::resource("/o/{organization}/teams/{team}/members/administration/deletion")
            .route(web::get().to(ask_to_dismiss))
            .route(web::post().to(dismiss)),
    );
    app.service(web::resource("/o/{organization}/teams/{team}/bulk").route(web::get().to(lead_on)));
}

/// What the team's own page does to the ticked members.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TeamAction {
    Leave,
    Appoint,
    Dismiss,
}

impl TeamAction {
    /// Its path below that of the team.
    fn path(self) -> &'static str {
        match self {
            Self::Leave => "members/deletion",
            Self::Appoint => "members/administration",
            Self::Dismiss => "members/administration/deletion",
        }
    }
    fn label(self) -> &'static str {
        match self {
            Self::Leave => "Take out of the team",
            Self::Appoint => Action::MakeTeamAdministrator.words().label,
            Self::Dismiss => Action::RemoveTeamAdministrator.words().label,
        }
    }
    fn change(self, team: TeamId) -> Change {
        match self {
            Self::Leave => Change::LeaveTeam { team },
            Self::Appoint => Change::MakeTeamAdministrator { team },
            Self::Dismiss => Change::RemoveTeamAdministrator { team },
        }
    }
    fn is_appointment(self) -> bool {
        self == Self::Appoint
    }
    /// Checks that the caller may do it to some members of the team.
    fn demand(self, conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<(), Fault> {
        let may_take_out = self == Self::Leave && (scope.may(rights::SYSTEM_ACCOUNT_MANAGE) || may_manage_team_members(conn, scope, team)?);
        if may_take_out { Ok(()) } else { scope.demand(rights::TEAM_MANAGE) }
    }
}

/// The confirmation page, with the names of the members.
#[derive(Template)]
#[template(path = "teams/selected.html")]
struct Selected {
    context: MemberContext,
    team: Team,
    action: TeamAction,
    people: Vec<(MemberId, String)>,
    machines: Vec<(MemberId, String)>,
    /// Names of those who are left out, and why.
    left_out: Vec<(String, String)>,
    back: String,
}

impl Selected {
    fn path(&self) -> String {
        self.context.path(format!("/teams/{}", self.team.id))
    }
    fn members(&self) -> impl Iterator<Item = &(MemberId, String)> {
        self.people.iter().chain(&self.machines)
    }
    fn is_empty(&self) -> bool {
        self.members().next().is_none()
    }
    fn title(&self) -> String {
        let whom = membership::counted(self.people.len(), self.machines.len());
        let words = self.action.change(self.team.id).action().words().to_do;
        fill_in(words, &[("people", &whom), ("name", &self.team.name)])
    }
}

pub(super) async fn ask_to_leave(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    ask(&db, context, place.1, &req, TeamAction::Leave).await
}

async fn ask_to_appoint(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    ask(&db, context, place.1, &req, TeamAction::Appoint).await
}

async fn ask_to_dismiss(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    ask(&db, context, place.1, &req, TeamAction::Dismiss).await
}

async fn ask(db: &Db, mut context: MemberContext, id: TeamId, req: &HttpRequest, action: TeamAction) -> web::Result<HttpResponse> {
    let form = chosen(req, context.pending_form().unwrap_or_default())?;
    let back = Back { back: form.back }.path(&context.site, context.path(format!("/teams/{id}")));
    let (ids, there, shown) = (form.members, back.clone(), context.clone());
    let selected = db.read(move |conn| load(conn, &shown, id, action, &ids, &there)).await?;
    if selected.is_empty() && selected.left_out.is_empty() {
        return Ok(context.redirect_with_notice(&back, Notice::error(NOBODY)));
    }
    selected.ok()
}

const NOBODY: &str = "Nobody was chosen. Tick the members it is about first.";

/// Judges the change for each of these members, by the rules of the operation.
fn load(conn: &mut Conn, context: &MemberContext, id: TeamId, action: TeamAction, ids: &[MemberId], back: &str) -> Result<Selected, Fault> {
    let scope = &context.scope;
    action.demand(conn, scope, id)?;
    let team = store::find(conn, scope.organization, id)?;
    let mut selected = Selected {
        context: context.clone(),
        team,
        action,
        people: vec![],
        machines: vec![],
        left_out: vec![],
        back: back.to_owned(),
    };
    let change = action.change(id);
    for (kind, ids) in membership::by_kind(conn, scope, ids)? {
        let mut preview = match ChangePreview::begin(conn, scope, kind, &change, None).refused()? {
            Ok(preview) => preview,
            Err(refusal) => {
                let named = members::named(conn, scope, kind, &ids)?;
                selected.left_out.extend(named.into_iter().map(|one| (one.name, refusal.to_string())));
                continue;
            }
        };
        for answer in preview.of(conn, &ids)? {
            match answer.outcome {
                Outcome::Done { .. } if kind.is_machine() => selected.machines.push((answer.id, answer.name)),
                Outcome::Done { .. } => selected.people.push((answer.id, answer.name)),
                Outcome::Unchanged => selected.left_out.push((answer.name, "It is so already.".into())),
                Outcome::Refused(refusal) => selected.left_out.push((answer.name, refusal.to_string())),
            }
        }
    }
    Ok(selected)
}

async fn appoint(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    req: HttpRequest,
    Posted(form): Posted<Chosen>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    administer(&db, context, place.1, &req, form, TeamAction::Appoint, *undone).await
}

async fn dismiss(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    req: HttpRequest,
    Posted(form): Posted<Chosen>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    administer(&db, context, place.1, &req, form, TeamAction::Dismiss, *undone).await
}

/// Makes the chosen people team administrators, or ordinary members of the team.
async fn administer(
    db: &Db,
    context: MemberContext,
    id: TeamId,
    req: &HttpRequest,
    form: Chosen,
    action: TeamAction,
    undone: Undone,
) -> web::Result<HttpResponse> {
    let form = chosen(req, form)?;
    let left_by = undone_here(&context, undone)?;
    let here = context.path(format!("/teams/{id}"));
    let back = Back { back: form.back }.path(&context.site, here.clone());
    let done = membership::change(db, &context, id, Some(MemberKind::User), action.change(id), form.members, left_by).await?;
    let (team, done) = match done {
        Ok(done) => done,
        Err(refusal) => return Ok(context.redirect_with_notice(&back, Notice::error(refusal.to_string()))),
    };
    let (one, many, inverse) = match action {
        TeamAction::Appoint => ("administers", "administer", TeamAction::Dismiss),
        _ => ("is an ordinary member of", "are ordinary members of", TeamAction::Appoint),
    };
    let (text, done, kind) = told(&done, one, many, &team.name);
    let undo = format!("{here}/{}{}&{}", inverse.path(), Chosen::query(&done, kind), Undone::pair(context.scope.now()));
    Ok(context.redirect_with_notice(&back, notice(text, &done, undo, &back)))
}

/// A bulk action of the directory.
#[derive(Deserialize)]
struct ToDirectory {
    act: Action,
    #[serde(rename = "member", default)]
    members: Vec<MemberId>,
    #[serde(default)]
    back: String,
}

/// Leads to the confirmation of a bulk action, which is for members of one kind.
async fn lead_on(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    let wanted: ToDirectory = web::query(&req)?;
    let (id, ids) = (place.1, wanted.members.clone());
    let load = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::TEAM_READ)?;
        store::find(conn, scope.organization, id)?;
        membership::by_kind(conn, scope, &ids)
    };
    let kinds = context.read(&db, load).await?;
    let back = Back { back: wanted.back }.path(&context.site, context.path(format!("/teams/{id}")));
    let kind = match &kinds[..] {
        [] => return Ok(context.redirect_with_notice(&back, Notice::error(NOBODY))),
        [(kind, _)] => *kind,
        _ => {
            return Ok(
                context.redirect_with_notice(&back, Notice::error("That is done to people or to system accounts. Tick one kind only."))
            );
        }
    };
    let mut pairs = vec![
        ("kind", kind.as_str().to_owned()),
        ("act", wanted.act.as_str().to_owned()),
        ("back", back),
    ];
    pairs.extend(wanted.members.iter().map(|id| ("member", id.to_string())));
    let query = serde_html_form::to_string(pairs).map_err(Fault::broken)?;
    Ok(see_other(&context.path(format!("/bulk?{query}"))))
}

impl Show {
    /// Whether rows have checkboxes.
    pub fn may_pick(&self) -> bool {
        self.may_act() || self.context.scope.may(rights::USER_MANAGE)
    }
    /// Whether something can be done to this member among many.
    pub fn may_tick(&self, team_member: &TeamMember) -> bool {
        let scope = &self.context.scope;
        scope.may(rights::manage(team_member.kind)) || (team_member.is_person() && self.may_manage_team_members)
    }
    pub(super) fn bulk_bar(&self) -> BulkBar {
        let scope = &self.context.scope;
        let kinds: Vec<MemberKind> = MemberKind::ALL.into_iter().filter(|kind| scope.may(rights::manage(*kind))).collect();
        let mut own = Vec::new();
        if self.may_act() {
            own.push(TeamAction::Leave);
        }
        if self.may_manage() {
            own.extend([TeamAction::Appoint, TeamAction::Dismiss]);
        }
        let all = [Action::Disable, Action::Enable].into_iter().chain(Action::COMMON).chain(Action::MORE);
        let is_offered = |action: &Action| *action != Action::LeaveTeam && kinds.iter().any(|kind| action.is_for(*kind));
        BulkBar {
            path: format!("{}/bulk", self.path()),
            fields: vec![("back", self.here())],
            everybody: None,
            own: own
                .into_iter()
                .map(|action| (action.label(), format!("{}/{}", self.path(), action.path())))
                .collect(),
            common: vec![],
            more: all.filter(is_offered).collect(),
            has_deletion: !kinds.is_empty(),
        }
    }
}
