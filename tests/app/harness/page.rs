//! A page as a person sees it after a request, and how tests read it.

use actix_web::http::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};

/// The page after a request and the redirects that followed.
#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
    /// The redirects that were followed, in order.
    pub went: Vec<String>,
}

impl Page {
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "at {}: {}", self.path, self.text());
        self
    }
    #[track_caller]
    pub fn assert_path(self, path: &str) -> Self {
        assert_eq!(self.path, path, "{}", self.text());
        self
    }
    /// Checks that this is the page behind a link, with the id of the link in its URL.
    #[track_caller]
    pub fn assert_link_page(self, path: &str) -> Self {
        let named = self.path.split_once("?link=").map(|(page, id)| (page, id.len()));
        assert_eq!(named, Some((path, 16)), "{} {}", self.path, self.text());
        self
    }
    /// The id of the link that the page is about, from its URL.
    pub fn link_id(&self) -> Option<String> {
        self.path.split_once("?link=").map(|(_, id)| id.to_owned())
    }
    #[track_caller]
    pub fn assert_sees(self, text: &str) -> Self {
        assert!(self.text().contains(text), "{text:?} is not on {}: {}", self.path, self.text());
        self
    }
    #[track_caller]
    pub fn assert_misses(self, text: &str) -> Self {
        assert!(!self.text().contains(text), "{text:?} is on {}: {}", self.path, self.text());
        self
    }

    /// The text of the page with white space folded, without what only scripts and styles read.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let body = html
            .select(&selector("body"))
            .next()
            .map(|body| body.text().collect::<Vec<_>>().join(" "))
            .unwrap_or_default();
        body.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The texts of all elements that match the selector.
    pub fn all(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&selector(css)).map(|element| words(&element)).collect()
    }

    /// An attribute of the first element that matches the selector.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        Html::parse_document(&self.body)
            .select(&selector(css))
            .find_map(|element| element.attr(name).map(str::to_owned))
    }

    /// An attribute of all elements that match the selector.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        Html::parse_document(&self.body)
            .select(&selector(css))
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// The ids of the members in the rows of a list.
    pub fn members(&self) -> Vec<String> {
        let links = self.attributes("tbody .c-name a", "href");
        links.iter().filter_map(|link| link.rsplit('/').next().map(str::to_owned)).collect()
    }

    /// The token that this page shows once, if any.
    pub fn value(&self) -> Option<String> {
        self.all("#value").pop()
    }

    /// The names in the rows of the directory, in order.
    pub fn names(&self) -> Vec<String> {
        self.all("td.c-name .line a")
    }

    /// The form with a button of this text or label: its action and its present fields.
    #[track_caller]
    pub fn form(&self, button: &str) -> (String, Vec<(String, String)>) {
        self.find_form(button)
            .unwrap_or_else(|| panic!("no button {button:?} on {}: {}", self.path, self.text()))
    }

    pub fn has_button(&self, button: &str) -> bool {
        self.find_form(button).is_some()
    }

    fn find_form(&self, button: &str) -> Option<(String, Vec<(String, String)>)> {
        let html = Html::parse_document(&self.body);
        let form = html.select(&selector("form")).find(|form| {
            let is_meant = |b: ElementRef<'_>| words(&b).starts_with(button) || b.attr("aria-label") == Some(button);
            form.select(&selector("button")).any(is_meant)
        })?;
        let mut fields = Vec::new();
        for input in form.select(&selector("input, textarea")) {
            let Some(name) = input.attr("name") else { continue };
            let kind = input.attr("type").unwrap_or_default();
            let is_off = matches!(kind, "checkbox" | "radio") && input.attr("checked").is_none();
            if is_off || input.attr("disabled").is_some() {
                continue;
            }
            let value = if input.value().name() == "textarea" {
                input.text().collect()
            } else {
                input.attr("value").unwrap_or_default().to_owned()
            };
            fields.push((name.to_owned(), value));
        }
        Some((form.attr("action").unwrap_or(&self.path).to_owned(), fields))
    }

    /// The target of the link with this text.
    #[track_caller]
    pub fn link(&self, text: &str) -> String {
        let html = Html::parse_document(&self.body);
        let link = html.select(&selector("a")).find(|link| words(link).starts_with(text));
        link.and_then(|link| link.attr("href").map(str::to_owned))
            .unwrap_or_else(|| panic!("no link {text:?} on {}: {}", self.path, self.text()))
    }
}

fn words(element: &ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|why| panic!("{css}: {why}"))
}
