//! How programs read lists of the API and create records.

use super::system_accounts::Program;
use serde_json::Value;

impl Program {
    /// Reads a list from its first page to its last, following `next_cursor`. Returns the texts of one field.
    pub async fn walk(&self, path: &str, field: &str) -> Vec<String> {
        let (mut found, mut next) = (vec![], Some(String::new()));
        while let Some(cursor) = next {
            let sign = if path.contains('?') { '&' } else { '?' };
            let pairs = serde_html_form::to_string([("cursor", &cursor)]).expect("a query");
            let address = if cursor.is_empty() {
                path.to_owned()
            } else {
                format!("{path}{sign}{pairs}")
            };
            let answer = self.get(&address).await;
            let page = answer.json();
            let rows = page["data"].as_array().expect("rows");
            assert!(!rows.is_empty() || cursor.is_empty(), "no page is empty but the only one");
            found.extend(rows.iter().map(|row| row[field].as_str().expect("a text").to_owned()));
            next = page["next_cursor"].as_str().map(str::to_owned);
            assert_eq!(answer.header("link").contains("rel=\"next\""), next.is_some(), "{}", answer.header("link"));
        }
        found
    }
    /// The id of the row with this name in a list.
    pub async fn id_of(&self, list: &str, name: &str) -> String {
        let (ids, names) = (self.walk(list, "id").await, self.walk(list, "name").await);
        let at = names.iter().position(|known| known == name);
        ids[at.unwrap_or_else(|| panic!("{name} is not among {names:?}"))].clone()
    }
    /// Creates a record and returns it.
    pub async fn create(&self, path: &str, body: &Value) -> Value {
        let answer = self.send("POST", path, body).await.assert_status(201);
        let record: Value = serde_json::from_str(&answer.0.body).expect("JSON");
        let id = record["id"].as_str().expect("an id");
        let list = path.split('?').next().unwrap_or_default();
        assert_eq!(answer.header("location"), format!("{list}/{id}"));
        record
    }
    /// Checks that a request is refused for one field: its pointer and code.
    pub async fn assert_field(&self, method: &str, path: &str, body: &Value, field: &str, code: &str) {
        let problem = self
            .clone()
            .with("if-match", "*")
            .send(method, path, body)
            .await
            .assert_problem(422, "invalid-fields");
        let first = &problem["errors"][0];
        assert_eq!((first["field"].as_str(), first["code"].as_str()), (Some(field), Some(code)), "{body}: {problem}");
    }
}
