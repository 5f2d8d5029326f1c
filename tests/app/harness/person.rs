//! A person with a browser: cookies, an IP address, the current page.

use super::{GOOD, Page, TestApp, app::email_of};
use actix_web::{http::Method, web::Bytes};
use chrono::TimeDelta;
use roster::kit::OrganizationId;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// A person with a browser: cookies, the current page, an IP address.
#[derive(Clone)]
pub struct Person {
    pub(super) app: TestApp,
    pub(super) cookies: Rc<RefCell<BTreeMap<String, String>>>,
    page: Rc<RefCell<Option<Page>>>,
    pub address: Rc<RefCell<String>>,
    pub headers: Rc<RefCell<Vec<(String, String)>>>,
    /// Runs while the next form is only half sent.
    pub(super) meanwhile: Rc<RefCell<Option<Meanwhile>>>,
}

pub(super) type Meanwhile = Box<dyn FnOnce()>;

impl Person {
    pub(super) fn new(app: &TestApp) -> Self {
        Self {
            app: app.clone(),
            cookies: Rc::default(),
            page: Rc::default(),
            address: Rc::new(RefCell::new("203.0.113.7".into())),
            headers: Rc::default(),
            meanwhile: Rc::default(),
        }
    }

    /// The same browser, connected to another process.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }
    pub fn at_address(self, address: &str) -> Self {
        *self.address.borrow_mut() = address.into();
        self
    }
    pub fn with_header(self, name: &str, value: &str) -> Self {
        self.headers.borrow_mut().push((name.into(), value.into()));
        self
    }
    /// Sends the next form slowly, and runs `meanwhile` before its end.
    pub fn hold(&self, meanwhile: impl FnOnce() + 'static) {
        *self.meanwhile.borrow_mut() = Some(Box::new(meanwhile));
    }
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }
    pub fn forget_cookie(&self, name: &str) {
        self.cookies.borrow_mut().remove(name);
    }
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.into(), value.into());
    }

    /// The current page.
    #[track_caller]
    pub fn page(&self) -> Page {
        self.page.borrow().clone().expect("a page is open")
    }

    /// Opens a path. `/users` and the like belong to the organization of the current page.
    pub async fn get(&self, path: &str) -> Page {
        let path = self.whole(path);
        self.go(Method::GET, &path, None).await
    }

    /// Presses a button of the current page, with these fields in place of those in the form.
    #[track_caller]
    pub fn submit<'a>(&'a self, button: &str, typed: &'a [(&'a str, &'a str)]) -> impl Future<Output = Page> + 'a {
        let (action, mut fields) = self.page().form(button);
        async move {
            for (name, _) in typed {
                fields.retain(|(known, _)| known != name);
            }
            fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            self.post_raw(&action, &fields).await
        }
    }

    /// Posts a form with the CSRF token of the current page, whether or not that page offers the form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.page().attribute("input[name=csrf]", "value").unwrap_or_default();
        let mut all = vec![("csrf".to_owned(), token)];
        // A form behind a link carries the id of that link.
        if let Some(id) = self.page().link_id().filter(|_| self.page().path.starts_with(&format!("{path}?"))) {
            all.push(("link".to_owned(), id));
        }
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post_raw(&self.whole(path), &all).await
    }

    /// Posts exactly these fields.
    pub async fn post_raw(&self, path: &str, fields: &[(String, String)]) -> Page {
        let body = serde_html_form::to_string(fields).expect("a form");
        self.go(Method::POST, path, Some(body.into())).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Page {
        self.get("/sign-in").await;
        self.submit("Sign in", &[("name", name), ("password", password)]).await
    }

    pub async fn sign_out(&self) -> Page {
        self.submit("Sign out", &[]).await
    }

    /// Invites an address with one role, through the form.
    pub async fn invite(&self, addresses: &str, role: &str) -> Page {
        self.get("/invitations/new").await.assert_status(200);
        let id = self.role(role);
        self.submit("Send invitations", &[("addresses", addresses), ("role", &id)]).await
    }

    /// The id of a role on the invitation form of the current page.
    #[track_caller]
    pub fn role(&self, name: &str) -> String {
        let page = self.page();
        let labels = page.all("#roles label.choice > span > span");
        let ids = page.attributes("#roles [name=role]", "value");
        let at = labels
            .iter()
            .position(|label| label == name)
            .unwrap_or_else(|| panic!("no role {name} among {labels:?}"));
        ids[at].clone()
    }

    /// Invites an address as an administrator, through the form.
    pub async fn invite_administrator(&self, addresses: &str) -> Page {
        self.get("/invitations/new").await.assert_status(200);
        self.submit("Send invitations", &[("addresses", addresses), ("access", "administrator")]).await
    }

    /// Invites a person, who accepts and is signed in.
    pub async fn welcome(&self, name: &str, role: &str) -> Person {
        self.invite(&email_of(name), role).await.assert_sees("1 invited");
        self.app.visitor().accept(name).await
    }
    /// Invites a person as an administrator, who accepts and is signed in.
    pub async fn welcome_administrator(&self, name: &str) -> Person {
        self.invite_administrator(&email_of(name)).await.assert_sees("1 invited");
        self.app.visitor().accept(name).await
    }
    /// Follows the newest letter and joins under this name.
    pub async fn accept(self, name: &str) -> Person {
        self.get(&self.app.inbox(&email_of(name)).link()).await.assert_status(200);
        self.submit("Join", &[("name", name), ("password", GOOD)]).await.assert_status(200);
        self
    }

    /// Opens the menu of the first row of the list that is open.
    pub async fn open_first_menu(&self) -> Page {
        let menu = self.page().attribute("a[data-menu]", "href").expect("a row with a menu");
        // Rows link from where their list is.
        self.get(&format!("/{menu}")).await.assert_status(200)
    }

    /// The id of a person in the directory.
    pub async fn member(&self, name: &str) -> String {
        let query = serde_html_form::to_string([("q", name)]).expect("a query");
        for tab in ["current", "disabled"] {
            let page = self.get(&format!("/users?{query}&tab={tab}")).await;
            if let Some(id) = page.members().into_iter().next() {
                return id;
            }
        }
        panic!("{name} is not in the directory");
    }

    /// The organization of the current page, from its URL.
    #[track_caller]
    pub fn organization(&self) -> OrganizationId {
        let home = self.cookies.borrow().get("home").cloned().expect("they have been in an organization");
        home.parse().expect("an id")
    }

    /// Disables a member, through the page that asks for confirmation.
    pub async fn disable(&self, name: &str) -> Page {
        let id = self.member(name).await;
        self.get(&format!("/users/{id}/disablement")).await;
        self.submit("Disable", &[]).await
    }

    pub fn whole(&self, path: &str) -> String {
        let inside = [
            "/access",
            "/users",
            "/invitations",
            "/me",
            "/settings",
            "/bulk",
            "/batches",
            "/audit",
            "/imports",
            "/roles",
            "/policies",
            "/teams",
            "/system-accounts",
        ]
        .iter()
        .any(|module| path.starts_with(module));
        if inside {
            format!("/o/{}{path}", self.organization())
        } else {
            path.to_owned()
        }
    }

    pub(super) async fn go(&self, method: Method, path: &str, body: Option<Bytes>) -> Page {
        let actions = (method == Method::POST).then(|| self.app.count(ACTIONS));
        let mut page = self.send(method, path, &[], body).await;
        if actions.is_some() {
            self.app.catch_up();
            // The jobs have run. People take a moment to fill a form, so letters and sessions have an order in time.
            self.app.wait(TimeDelta::milliseconds(1));
        }
        let is_done = page.status == 303 && !page.went.iter().any(|to| to.starts_with("/sign-in") || to == "/password/change");
        let is_traceless = actions.is_some_and(|before| is_done && self.app.count(ACTIONS) == before && !is_preference(path));
        while page.status == 303 {
            let mut went = page.went.clone();
            let to = went.last().cloned().expect("somewhere to go");
            page = self.request(Method::GET, &to, None).await;
            went.append(&mut page.went);
            page.went = went;
        }
        if page.status != 404
            && let Some(organization) = page.path.strip_prefix("/o/").and_then(|rest| rest.split(['/', '?']).next())
        {
            self.set_cookie("home", organization);
        }
        // A page that says that nothing happened is no action.
        let is_nothing = page.text().to_lowercase().contains("nothing was done with it");
        let says_no = is_nothing || !page.all(".notice.bad").is_empty() || page.all("h1").iter().any(|title| title.starts_with("0 "));
        if is_traceless && !says_no {
            let what = format!("POST {path} succeeded and left no trace");
            self.app.watch.broken.set(Some(what));
        }
        *self.page.borrow_mut() = Some(page.clone());
        page
    }
}

/// What a person decides about their own lists is not in the audit trail: columns, and views of their own.
fn is_preference(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.ends_with("/columns") || path.contains("/views")
}

/// Counts every trace of a change. A deleted person's sign-ins are deleted too, so a sign-in counts less than an audit
/// event.
const ACTIONS: &str = "1000 * (SELECT count(*) FROM audit_events) + (SELECT count(*) FROM sign_ins)";
