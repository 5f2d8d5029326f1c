//! Forms of `tokens`. Each is both parsed from a request and rendered again.

use super::{
    lifetime::{Expiry, within_reach},
    limits::TokenRefusal,
    model::{Mode, NewToken, Token, network},
};
use crate::{
    kit::{Permission, Permissions, Timestamp},
    web::{Field, complaints},
};
use chrono::TimeDelta;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

const LONGEST_NAME: usize = 60;
const MOST_NETWORKS: usize = 50;

/// The form for a new token.
#[derive(Serialize, Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct TokenForm {
    pub name: Field,
    pub mode: String,
    expiry: Field,
    date: Field,
    /// `all` or `narrow`.
    pub width: String,
    pub permission: Vec<String>,
    pub addresses: Field,
    #[serde(skip)]
    pub ends: Expiry,
    #[serde(skip)]
    pub permission_complaint: Option<String>,
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl TokenForm {
    pub fn new(longest: Option<i64>, is_narrow: bool) -> Self {
        Self {
            ends: Expiry::usual(longest),
            width: if is_narrow { "narrow" } else { "all" }.into(),
            mode: Mode::Read.as_str().into(),
            ..Self::default()
        }
    }
    /// The form as a program sends it: all permissions unless it names some, from anywhere unless it names networks.
    pub fn sent(name: String, mode: Mode, permissions: Option<Vec<String>>, networks: &[String]) -> Self {
        Self {
            name: Field::new(name),
            mode: mode.as_str().into(),
            width: if permissions.is_some() { "narrow" } else { "all" }.into(),
            permission: permissions.unwrap_or_default(),
            addresses: Field::new(networks.join("\n")),
            ..Self::default()
        }
    }
    pub fn is_narrow(&self) -> bool {
        self.width == "narrow"
    }
    pub fn writes(&self) -> bool {
        self.mode == Mode::ReadWrite.as_str()
    }
    pub fn has_chosen(&self, permission: &Permission) -> bool {
        self.permission.iter().any(|chosen| *chosen == permission.to_string())
    }

    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("name", &self.name.complaint),
            ("expiry", &self.ends.choice.complaint),
            ("date", &self.ends.date.complaint),
            ("permissions", &self.permission_complaint),
            ("addresses", &self.addresses.complaint),
        ])
    }

    /// The form as submitted, to be rendered again.
    pub fn again(mut self) -> Self {
        self.ends = self.sent_ends();
        self
    }
    fn sent_ends(&self) -> Expiry {
        Expiry { choice: self.expiry.clone(), date: self.date.clone() }
    }

    /// Returns the request if no field has a complaint.
    pub fn check(&mut self, now: Timestamp, longest: Option<i64>) -> Option<NewToken> {
        self.ends = self.sent_ends();
        let ends = self.ends.check(now, longest);
        self.check_rest(ends)
    }

    /// [`TokenForm::check`] with an expiry of any instant, or none.
    pub fn check_until(&mut self, end: Option<Timestamp>, now: Timestamp, longest: Option<i64>) -> Option<NewToken> {
        let ends = match end {
            None => Ok(None),
            end => within_reach(end, now, longest).map(Some).map_err(|why| self.ends.date.refuse(why)),
        };
        self.check_rest(ends)
    }

    fn check_rest(&mut self, ends: Result<Option<Timestamp>, ()>) -> Option<NewToken> {
        let name = self.name.line("what it is for, such as the program that uses it", LONGEST_NAME);
        let addresses = networks(&mut self.addresses);
        let permissions = self.permissions();
        Some(NewToken {
            name: name?,
            mode: self.mode.parse().ok()?,
            expires_at: ends.ok()?,
            permissions: permissions.ok()?,
            addresses: addresses.ok()?,
        })
    }

    /// Shows a refusal at the field it concerns.
    pub fn refuse(&mut self, refusal: &TokenRefusal) {
        let text = refusal.to_string();
        match refusal {
            TokenRefusal::NameTaken | TokenRefusal::CreatedBefore(_) => self.name.refuse(text),
            TokenRefusal::TooLong(_) => self.ends.choice.refuse(text),
            TokenRefusal::TooWide(_) => {
                self.width = "narrow".into();
                self.permission_complaint = Some(text);
            }
            TokenRefusal::NotHeld(_) | TokenRefusal::NothingToRead => self.permission_complaint = Some(text),
            _ => self.complaint = Some(text),
        }
    }

    fn permissions(&mut self) -> Result<Option<Permissions>, ()> {
        match self.width.as_str() {
            "all" => return Ok(None),
            "narrow" => {}
            // Anything unknown counts as the narrower choice, never the wider.
            _ => {
                self.permission_complaint = Some("Choose one of the two.".into());
                return Err(());
            }
        }
        let all: Result<Permissions, _> = self.permission.iter().map(|text| text.parse::<Permission>()).collect();
        match all {
            Ok(all) if !all.is_empty() => Ok(Some(all)),
            _ => {
                self.permission_complaint = Some("Choose at least one permission.".into());
                Err(())
            }
        }
    }
}

/// Reads networks, one or several per line. None means that all are allowed.
fn networks(field: &mut Field) -> Result<Option<Vec<IpNet>>, ()> {
    let mut all = Vec::new();
    for word in field.value.split([',', ';', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
        let Some(network) = network(word) else {
            let word: String = word.chars().take(60).collect();
            field.refuse(format!("“{word}” is neither an address nor a network such as 10.0.0.0/8."));
            return Err(());
        };
        if !all.contains(&network) {
            all.push(network);
        }
    }
    if all.len() > MOST_NETWORKS {
        field.refuse(format!("At most {MOST_NETWORKS} networks fit here."));
        return Err(());
    }
    Ok((!all.is_empty()).then_some(all))
}

/// The form that renames a token.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct NameForm {
    pub name: Field,
}

impl NameForm {
    pub fn check(&mut self) -> Option<String> {
        self.name.line("what it is for, such as the program that uses it", LONGEST_NAME)
    }
}

/// The form that regenerates a token.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct RenewalForm {
    pub version: i64,
    /// Hours for which the old value keeps working.
    pub overlap: Field,
    expiry: Field,
    date: Field,
    #[serde(skip)]
    pub ends: Expiry,
    #[serde(skip)]
    pub complaint: Option<String>,
}

/// The overlaps to choose from, in hours.
pub const OVERLAPS: [(&str, &str); 4] = [
    ("0", "not at all: it stops working at once"),
    ("1", "1 hour"),
    ("24", "1 day"),
    ("168", "7 days"),
];

/// The choice that keeps a token's present expiry.
pub const SAME: &str = "same";

impl RenewalForm {
    /// The form as it is opened: an expiry that the organization still allows is kept.
    pub fn of(token: &Token, longest: Option<i64>, now: Timestamp) -> Self {
        let keeps = longest.is_none_or(|days| token.expires_at.is_some_and(|at| at <= now + TimeDelta::days(days)));
        let mut ends = Expiry::usual(longest);
        if keeps {
            ends.choice = Field::new(SAME);
        }
        Self { version: token.version, overlap: Field::new("24"), ends, ..Self::default() }
    }
    /// Shows a refusal at the field it concerns. `version` is the token's present one.
    pub fn refuse(&mut self, refusal: &TokenRefusal, version: i64) {
        match refusal {
            TokenRefusal::TooLong(_) => self.ends.choice.refuse(refusal.to_string()),
            other => self.complaint = Some(other.to_string()),
        }
        // The caller has now seen this warning, so the next submission goes through.
        if let TokenRefusal::RegeneratedBefore(_) = refusal {
            self.version = version;
        }
    }
    pub fn is_refused(&self) -> bool {
        self.complaint.is_some() || [&self.overlap, &self.ends.choice, &self.ends.date].into_iter().any(Field::is_refused)
    }
    /// The new expiry and the overlap, if no field has a complaint.
    pub fn check(&mut self, now: Timestamp, longest: Option<i64>, present: Option<Timestamp>) -> Option<(Option<Timestamp>, TimeDelta)> {
        self.ends = Expiry { choice: std::mem::take(&mut self.expiry), date: std::mem::take(&mut self.date) };
        let ends = if self.ends.choice.trimmed() == SAME {
            Ok(present)
        } else {
            self.ends.check(now, longest)
        };
        let known = OVERLAPS.iter().any(|(hours, _)| *hours == self.overlap.trimmed());
        let hours: Option<i64> = self.overlap.trimmed().parse().ok().filter(|_| known);
        if hours.is_none() {
            self.overlap.refuse("Choose how long the old value keeps working.");
        }
        Some((ends.ok()?, TimeDelta::hours(hours?)))
    }
}
