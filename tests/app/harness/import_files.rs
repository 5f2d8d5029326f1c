//! Import files, and what the import page says about them.

use super::{Page, Person};
use actix_web::http::Method;
use scraper::{Html, Selector};
use std::{fs, path::Path};

/// A file exported by another product.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/app/files/imports").join(name);
    fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

impl Person {
    /// Posts exactly these fields and a file, as a multipart form.
    pub async fn post_file(&self, path: &str, fields: &[(String, String)], file: impl AsRef<[u8]>) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv";
        body.extend_from_slice(format!("--edge\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(file.as_ref());
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let kind = ("content-type".to_owned(), "multipart/form-data; boundary=edge".to_owned());
        self.headers.borrow_mut().push(kind);
        let page = self.go(Method::POST, path, Some(body.into())).await;
        self.headers.borrow_mut().pop();
        page
    }

    /// Uploads a file through the import form, up to the preview.
    pub async fn import(&self, way: &str, file: impl AsRef<[u8]>) -> Page {
        self.import_with(way, &[], file).await
    }

    /// Uploads a file with more fields of the import form set.
    pub async fn import_with(&self, way: &str, more: &[(&str, &str)], file: impl AsRef<[u8]>) -> Page {
        let (action, mut fields) = self.get("/imports/new").await.form("Look at the lines");
        fields.retain(|(known, _)| known != "way" && known != "file" && !more.iter().any(|(name, _)| name == known));
        fields.push(("way".into(), way.into()));
        fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post_file(&action, &fields, file).await
    }

    /// Assigns columns to fields by hand, by their heads, and sets other fields of that form by their names.
    pub async fn map(&self, columns: &[(&str, &str)], others: &[(&str, &str)]) -> Page {
        let page = self.page();
        let heads = page.all("#columns tbody tr");
        let (action, mut fields) = page.mapping();
        for (head, column) in columns {
            let at = heads.iter().position(|row| row.starts_with(head));
            let at = at.unwrap_or_else(|| panic!("no column {head} among {heads:?}"));
            let (_, value) = fields.iter_mut().filter(|(name, _)| name == "column").nth(at).expect("a choice");
            (*column).clone_into(value);
        }
        fields.retain(|(known, _)| !others.iter().any(|(name, _)| name == known));
        let others = others.iter().filter(|(_, value)| !value.is_empty());
        fields.extend(others.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post_raw(&action, &fields).await
    }
}

impl Page {
    /// Each line of the preview: its number, its person, and the result.
    pub fn lines(&self) -> Vec<String> {
        let cells = |css: &str| self.all(&format!("table.lines tbody {css}"));
        let people = cells("td.c-name").into_iter().zip(cells("td:last-child"));
        let lines = cells("td.c-line").into_iter().zip(people);
        lines.map(|(number, (person, said))| format!("{number} {person}: {said}")).collect()
    }

    /// The form that assigns columns: its action and its present fields.
    pub fn mapping(&self) -> (String, Vec<(String, String)>) {
        let html = Html::parse_document(&self.body);
        let css = |text: &str| Selector::parse(text).expect("a selector");
        let (form, all, chosen) = (css("#columns form"), css("input, select"), css("option[selected]"));
        let form = html.select(&form).next().expect("a form for the columns");
        let mut fields = Vec::new();
        for field in form.select(&all) {
            let is_off = field.attr("type") == Some("checkbox") && field.attr("checked").is_none();
            let value = match field.value().name() {
                "select" => field.select(&chosen).next().and_then(|option| option.attr("value")),
                _ => field.attr("value"),
            };
            let name = field.attr("name").filter(|_| !is_off);
            fields.extend(name.map(|name| (name.to_owned(), value.unwrap_or_default().to_owned())));
        }
        (form.attr("action").expect("an address").to_owned(), fields)
    }

    /// How each shown column is read: `Head=field`.
    pub fn columns(&self) -> Vec<String> {
        let (_, fields) = self.mapping();
        let chosen = fields.into_iter().filter(|(name, _)| name == "column").map(|(_, value)| value);
        let html = Html::parse_document(&self.body);
        let (rows, head) = (Selector::parse("#columns tbody tr").expect("css"), Selector::parse("th").expect("css"));
        let heads = html.select(&rows).map(|row| row.select(&head).next().map(|head| head.text().collect::<String>()));
        heads.zip(chosen).filter_map(|(head, chosen)| Some(format!("{}={chosen}", head?.trim()))).collect()
    }
}
