//! System accounts, tokens of system accounts and people, and programs that use them.

use super::{Page, Person, TestApp};
use actix_web::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use roster::{
    kit::{MemberId, OrganizationId, Scope, fold},
    members,
};
use serde_json::Value;

impl TestApp {
    /// A system account with one role.
    pub fn machine(&self, organization: OrganizationId, name: &str, role: &str) -> MemberId {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use roster::db::schema::{members as table, roles};
        let now = self.clock.now();
        let id = MemberId::new(now);
        let scope = Scope::system(organization, now);
        self.db
            .write_here(|tx| {
                diesel::insert_into(table::table)
                    .values((
                        table::id.eq(id),
                        table::organization_id.eq(organization),
                        table::kind.eq("system_account"),
                        table::name.eq(name),
                        table::provider.eq("local"),
                        table::status.eq("active"),
                        table::status_at.eq(now),
                        table::sessions_from.eq(now),
                        table::created_at.eq(now),
                        table::name_key.eq(fold::searchable(name)),
                        table::search_key.eq(fold::searchable(name)),
                    ))
                    .execute(tx.conn())?;
                let role = roles::table
                    .filter(roles::organization_id.eq(organization))
                    .filter(roles::name.eq(role))
                    .select(roles::id)
                    .first(tx.conn())?;
                members::grant_roles(tx, &scope, id, &[role])
            })
            .expect("a system account");
        id
    }

    /// The id of a role.
    pub fn role_id(&self, administrator: &Person, name: &str) -> String {
        let organization = administrator.organization();
        let roles = self.db.read_here(|conn| roster::roles::list(conn, organization)).expect("roles");
        roles.iter().find(|role| role.name == name).expect("the role").id.to_string()
    }

    /// A program at some address, without credentials.
    pub fn program(&self) -> Program {
        Program { person: self.visitor(), headers: vec![] }
    }

    /// Writes the last use of credentials to the database, as every process does every few seconds.
    pub fn flush(&self) {
        self.roster.uses.flush(&self.db).expect("the last use is written down");
    }

    /// Warns of tokens that end soon, as every process does now and then.
    pub fn warn(&self) {
        roster::tokens::warn(&self.db, &self.roster.outbox, self.clock.now()).expect("warnings are sent");
    }
}

impl Person {
    /// As an administrator, turns on the API access of a person and sets an API password for them.
    pub async fn let_use_api(&self, id: &str, password: &str) {
        self.get(&format!("/users/{id}/api")).await.assert_status(200);
        if self.page().has_button("Turn on") {
            self.submit("Turn on", &[]).await.assert_status(200);
        }
        self.get(&format!("/users/{id}/api/password")).await.assert_status(200);
        let fields = [("choice", "typed"), ("password", password)];
        self.submit("Set the API password", &fields).await.assert_status(200);
    }

    /// Creates a token through the form and reads its value from the page. By default it is read-only, for 90 days.
    pub async fn make_token(&self, base: &str, name: &str, fields: &[(&str, &str)]) -> String {
        let page = self.try_token(base, name, fields).await.assert_status(200);
        page.value().unwrap_or_else(|| panic!("no value: {}", page.text()))
    }

    /// Sends the form for a token.
    pub async fn try_token(&self, base: &str, name: &str, fields: &[(&str, &str)]) -> Page {
        self.get(&format!("{base}/new")).await.assert_status(200);
        let (action, mut sent) = self.page().form("Create Token");
        sent.push(("expiry".into(), "90".into()));
        let typed = [&[("name", name)], fields].concat();
        sent.retain(|(known, _)| typed.iter().all(|(given, _)| given != known));
        sent.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post_raw(&action, &sent).await
    }

    /// Regenerates a token through the form.
    pub async fn renew_token(&self, base: &str, name: &str, overlap: &str) -> String {
        let page = self.get(base).await.assert_status(200);
        let place = page
            .attribute(&format!("a[aria-label='Regenerate {name}']"), "href")
            .unwrap_or_else(|| panic!("{name} is not on {}", page.text()));
        self.get(&place).await.assert_status(200);
        let page = self
            .submit("Make a new value", &[("overlap", overlap), ("expiry", "same")])
            .await
            .assert_status(200);
        page.value().unwrap_or_else(|| panic!("no value: {}", page.text()))
    }

    /// Ends a token, or its old value, through the page that asks for confirmation.
    pub async fn end_token(&self, base: &str, link: &str, button: &str) -> Page {
        let page = self.get(base).await.assert_status(200);
        let place = page.link(link);
        self.get(&place).await.assert_status(200);
        self.submit(button, &[]).await
    }
}

/// A program that calls the API.
#[derive(Clone)]
pub struct Program {
    person: Person,
    headers: Vec<(String, String)>,
}

impl Program {
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
    pub fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }
    pub fn basic(self, username: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{username}:{password}"));
        self.with("authorization", &format!("Basic {pair}"))
    }
    pub fn at_address(self, address: &str) -> Self {
        *self.person.address.borrow_mut() = address.into();
        self
    }

    /// The same program, asking another process.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { person: self.person.at(app), headers: self.headers.clone() }
    }

    /// Sends the next request slowly, and runs `meanwhile` before its end.
    pub fn hold(&self, meanwhile: impl FnOnce() + 'static) {
        self.person.hold(meanwhile);
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/json"));
        }
        Answer(self.person.request_with(method, path, &headers, body).await)
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }
    /// Sends JSON.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(method.parse().expect("a method"), path, Some(body.to_string())).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }
    pub async fn me(&self) -> Answer {
        self.get("/api/v1/me").await
    }
    pub async fn authorize(&self, body: &Value) -> Answer {
        self.ask(Method::POST, "/api/v1/authorize", Some(body.to_string())).await
    }
}

/// An answer of the API.
pub struct Answer(pub Page);

impl Answer {
    /// Checks the status.
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.0.status, status, "{}", self.0.body);
        self
    }
    /// A header, or empty.
    pub fn header(&self, name: &str) -> &str {
        self.0.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// The body, whatever the status is.
    #[track_caller]
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.0.body).expect("JSON")
    }
    /// The body of a successful answer.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.0.status, 200, "{}", self.0.body);
        serde_json::from_str(&self.0.body).expect("JSON")
    }
    /// The body of an answer with this status.
    #[track_caller]
    pub fn json_of(&self, status: u16) -> Value {
        assert_eq!(self.0.status, status, "{}", self.0.body);
        serde_json::from_str(&self.0.body).expect("JSON")
    }
    /// Checks that these fields are wrong, and no others: pointer and code of each.
    #[track_caller]
    pub fn assert_fields(&self, expected: &[(&str, &str)]) {
        let json = self.assert_problem(422, "invalid-fields");
        let errors = json["errors"].as_array().expect("errors");
        let found: Vec<(&str, &str)> = errors
            .iter()
            .map(|error| (error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{}", self.0.body);
    }
    /// The permissions that the answer lists.
    #[track_caller]
    pub fn permissions(&self) -> Vec<String> {
        let json = self.json();
        let all = json["permissions"].as_array().expect("permissions");
        all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }
    /// Checks that this is a well-formed problem document with this status and code; returns it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        let page = &self.0;
        assert_eq!(page.status, status, "{}", page.body);
        let header = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header("content-type"), "application/problem+json", "{}", page.body);
        assert_eq!(header("cache-control"), "no-store");
        assert!(!page.headers.contains_key("set-cookie"), "{:?}", page.headers);
        assert_eq!(
            status == 401,
            header("www-authenticate").starts_with("Bearer") && status != 403 && status != 400,
            "{:?}",
            page.headers
        );
        let json: Value = serde_json::from_str(&page.body).expect("JSON");
        assert_eq!(json["code"], code, "{}", page.body);
        assert!(
            json["type"].as_str().is_some_and(|text| text.ends_with(&format!("/api/problems/{code}"))),
            "{}",
            page.body
        );
        assert_eq!(json["status"], status);
        for field in ["title", "detail", "instance"] {
            assert!(json[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {}", page.body);
        }
        json
    }
}
