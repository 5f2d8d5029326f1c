//! Pages of `access_requests`.

use super::{
    DecisionRefusal, Listed,
    forms::{DecisionForm, RequestForm},
    model::{LAPSES_AFTER_DAYS, Lapse, RequestState},
    offer::Choice,
};
use crate::{
    db::keyset::Page,
    kit::{AccessRequestId, Timestamp},
    web::{MemberContext, Picker, PickerChoice, PickerSearch, filters},
};
use askama::Template;

/// The pages around one of a list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    pub previous: Option<AccessRequestId>,
    pub next: Option<AccessRequestId>,
}

impl Around {
    pub fn of(page: &Page<Listed>) -> Self {
        Self {
            previous: page.previous().map(|one| one.request.id),
            next: page.next().map(|one| one.request.id),
        }
    }
}

/// The caller's own requests.
#[derive(Template)]
#[template(path = "access_requests/own.html")]
pub(super) struct Own {
    pub context: MemberContext,
    pub listed: Vec<Listed>,
    pub around: Around,
}

/// The form of a new request.
#[derive(Template)]
#[template(path = "access_requests/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub form: RequestForm,
    pub choices: Vec<Choice>,
    pub search: PickerSearch,
}

impl New {
    fn picker(&self) -> Picker {
        let choice = |choice: &Choice| {
            let value = choice.asked.text();
            let kind = choice.asked.kind().label();
            PickerChoice {
                is_chosen: self.form.what.value == value,
                name: choice.name.clone(),
                note: if choice.description.is_empty() {
                    kind.into()
                } else {
                    format!("{kind}. {}", choice.description)
                },
                value,
                ..PickerChoice::default()
            }
        };
        Picker::new("what", "roles and teams", self.choices.iter().map(choice).collect(), &self.search)
    }
}

/// The requests that the caller may decide.
#[derive(Template)]
#[template(path = "access_requests/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub listed: Vec<Listed>,
    pub state: Option<RequestState>,
    pub is_ignored: bool,
    pub around: Around,
}

impl Index {
    fn base(&self) -> String {
        self.context.path("/access/requests")
    }
    /// The states to choose from, each with its address.
    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        let states = RequestState::ALL.map(|state| {
            let query = if state == RequestState::Open {
                String::new()
            } else {
                format!("?state={}", state.as_str())
            };
            (state.label(), self.base() + &query, self.state == Some(state))
        });
        let all = ("All", self.base() + "?state=all", self.state.is_none());
        states.into_iter().chain([all]).collect()
    }
    fn edge(&self, name: &str, id: &AccessRequestId) -> String {
        let state = self.state.map_or("all", RequestState::as_str);
        format!("{}?state={state}&{name}={id}", self.base())
    }
    /// Whether the caller can tick this request.
    fn may_tick(&self, listed: &Listed) -> bool {
        listed.is_open() && !self.is_own(listed)
    }
    fn is_own(&self, listed: &Listed) -> bool {
        self.context.scope.is_me(listed.request.member_id)
    }
    fn has_ticks(&self) -> bool {
        self.listed.iter().any(|listed| self.may_tick(listed))
    }
    fn days(&self) -> i64 {
        LAPSES_AFTER_DAYS
    }
}

/// One request, to decide.
#[derive(Template)]
#[template(path = "access_requests/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub listed: Listed,
    pub form: DecisionForm,
    /// Why the caller cannot grant it.
    pub why_not: Option<DecisionRefusal>,
    /// What was refused at this moment.
    pub refusal: Option<DecisionRefusal>,
}

impl Show {
    fn base(&self) -> String {
        self.context.path(format!("/access/requests/{}", self.listed.request.id))
    }
    fn is_own(&self) -> bool {
        self.context.scope.is_me(self.listed.request.member_id)
    }
    fn member_page(&self) -> String {
        self.context.path(format!("/users/{}", self.listed.request.member_id))
    }
    /// Where what is asked for is shown.
    fn subject_page(&self) -> String {
        let request = &self.listed.request;
        self.context.path(request.kind.page(request.subject_id))
    }
    fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
}
