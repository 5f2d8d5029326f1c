//! Settings page: the rules that an organization sets for itself, beside the plan that the operator sets.

mod fields;
mod mail;

use crate::{
    db::{Db, Tx},
    kit::{Fault, OperationError, OperationResult, Scope, noun, rights},
    members::{self, Seats},
    organizations::{self, ChangedMeanwhile, Settings},
    passwords::MINIMUM,
    tokens,
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, Unread, filters},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use chrono::TimeDelta;
use serde::Deserialize;
use std::fmt;

/// A shorter limit would not let people finish a form. A longer one would make the rule useless.
const SHORTEST_SESSION: i64 = 5;
const LONGEST_SESSION: i64 = 30 * 24 * 60;
/// Every password manager can make a password of this length (NIST SP 800-63B-4, 3.1.1.2).
const LONGEST_MINIMUM: i64 = 64;
/// Ten years in days.
const LONGEST_TOKEN: i64 = 3_650;

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings").route(web::get().to(show)).route(web::post().to(update)));
    mail::mount(app);
    fields::mount(app);
}

/// The form, for reading and for writing.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
struct SettingsForm {
    /// The version that the person read.
    version: i64,
    name: Field,
    idle_hours: Field,
    idle_minutes: Field,
    absolute_hours: Field,
    absolute_minutes: Field,
    password_minimum: Field,
    token_days_max: Field,
    #[serde(skip)]
    idle_complaint: Option<String>,
    #[serde(skip)]
    absolute_complaint: Option<String>,
}

impl SettingsForm {
    fn of(settings: &Settings, version: i64) -> Self {
        let number = |number: i64| Field::new(number.to_string());
        Self {
            version,
            name: Field::new(settings.name.clone()),
            idle_hours: number(settings.idle_minutes / 60),
            idle_minutes: number(settings.idle_minutes % 60),
            absolute_hours: number(settings.absolute_minutes / 60),
            absolute_minutes: number(settings.absolute_minutes % 60),
            password_minimum: Field::new(settings.password_minimum.map(|least| least.to_string()).unwrap_or_default()),
            token_days_max: Field::new(settings.token_days_max.map(|most| most.to_string()).unwrap_or_default()),
            ..Self::default()
        }
    }

    fn check(&mut self) -> Option<Settings> {
        let name = self.name.line("the name of your organization", 100);
        let idle = duration(&self.idle_hours, &self.idle_minutes);
        let absolute = duration(&self.absolute_hours, &self.absolute_minutes);
        self.idle_complaint = idle.as_ref().err().cloned();
        self.absolute_complaint = absolute.as_ref().err().cloned();
        if let (Ok(idle), Ok(absolute)) = (&idle, &absolute)
            && absolute < idle
        {
            self.absolute_complaint = Some("This cannot be shorter than the time without use.".into());
        }
        let password_minimum = self.least();
        let token_days_max = self.longest_token();
        if self.absolute_complaint.is_some() || self.password_minimum.is_refused() || self.token_days_max.is_refused() {
            return None;
        }
        Some(Settings {
            name: name?,
            idle_minutes: idle.ok()?,
            absolute_minutes: absolute.ok()?,
            password_minimum,
            token_days_max,
        })
    }

    fn longest_token(&mut self) -> Option<i64> {
        if self.token_days_max.trimmed().is_empty() {
            return None;
        }
        let most = self.token_days_max.trimmed().parse().ok();
        let most = most.filter(|most| (1..=LONGEST_TOKEN).contains(most));
        if most.is_none() {
            self.token_days_max.refuse(format!("Type a number from 1 to {LONGEST_TOKEN}, or nothing."));
        }
        most
    }

    fn least(&mut self) -> Option<i64> {
        if self.password_minimum.trimmed().is_empty() {
            return None;
        }
        let least = self.password_minimum.trimmed().parse().ok();
        let least = least.filter(|least| (i64::try_from(MINIMUM).unwrap_or(i64::MAX)..=LONGEST_MINIMUM).contains(least));
        if least.is_none() {
            self.password_minimum
                .refuse(format!("Type a number from {MINIMUM} to {LONGEST_MINIMUM}, or nothing."));
        }
        least
    }
}

/// Reads hours and minutes; an empty field counts as 0.
fn duration(hours: &Field, minutes: &Field) -> Result<i64, String> {
    let number = |field: &Field| match field.trimmed() {
        "" => Some(0),
        text => text.parse::<i64>().ok().filter(|number| (0..=LONGEST_SESSION).contains(number)),
    };
    let all = number(hours).zip(number(minutes)).map(|(hours, minutes)| hours * 60 + minutes);
    let fits = all.filter(|all| (SHORTEST_SESSION..=LONGEST_SESSION).contains(all));
    fits.ok_or_else(|| format!("Type whole numbers; together from {SHORTEST_SESSION} minutes to {} hours.", LONGEST_SESSION / 60))
}

/// `8 hours 30 minutes`
fn spoken(minutes: i64) -> String {
    let part = |amount: i64, one: &str, many: &str| (amount > 0).then(|| format!("{amount} {}", noun(amount, one, many)));
    let parts = [part(minutes / 60, "hour", "hours"), part(minutes % 60, "minute", "minutes")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// A setting that another person changed while this person was editing it.
struct Conflict {
    what: &'static str,
    now: String,
    yours: String,
}

fn conflicts(now: &Settings, yours: &Settings) -> Vec<Conflict> {
    let least = |settings: &Settings| {
        settings
            .password_minimum
            .map_or_else(|| format!("Roster’s own, {MINIMUM}"), |least| least.to_string())
    };
    let longest = |settings: &Settings| {
        settings
            .token_days_max
            .map_or_else(|| "as long as they like".to_owned(), |days| format!("{days} days"))
    };
    let all = [
        ("Name", now.name.clone(), yours.name.clone()),
        ("Without use", spoken(now.idle_minutes), spoken(yours.idle_minutes)),
        ("In any case", spoken(now.absolute_minutes), spoken(yours.absolute_minutes)),
        ("Password length", least(now), least(yours)),
        ("Life of tokens", longest(now), longest(yours)),
    ];
    let differ = all.into_iter().filter(|(_, now, yours)| now != yours);
    differ.map(|(what, now, yours)| Conflict { what, now, yours }).collect()
}

#[derive(Template)]
#[template(path = "settings/show.html")]
struct Show {
    context: MemberContext,
    form: SettingsForm,
    seats: Seats,
    /// Set when another person saved first: the settings that differ, possibly none.
    conflicts: Option<Vec<Conflict>>,
}

impl Show {
    fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ORGANIZATION_MANAGE)
    }
}

async fn load(db: &Db, context: &MemberContext) -> web::Result<(Settings, i64, Seats)> {
    let loaded = context.read(db, move |conn, scope| {
        let (settings, version) = organizations::settings(conn, scope)?;
        Ok::<_, Fault>((settings, version, members::seats(conn, scope.organization)?))
    });
    Ok(loaded.await?)
}

async fn show(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let (settings, version, seats) = load(&db, &context).await?;
    let form = context.pending_form().unwrap_or_else(|| SettingsForm::of(&settings, version));
    Show { context, form, seats, conflicts: None }.ok()
}

async fn update(db: Data<Db>, context: MemberContext, Posted(sent): Posted<Unread>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    // A rule that the form leaves out is refused, not removed.
    let mut form: SettingsForm = sent.read()?;
    let Some(wanted) = form.check() else {
        let (_, _, seats) = load(&db, &context).await?;
        return Show { context, form, seats, conflicts: None }.unprocessable();
    };
    let (new, seen) = (wanted.clone(), form.version);
    let Ok(saved) = context.write(&db, move |tx, scope| save(tx, scope, &new, seen)).await.refused()? else {
        let (now, version, seats) = load(&db, &context).await?;
        // If the person sends the form again, they have seen the current values.
        form.version = version;
        return Show { context, form, seats, conflicts: Some(conflicts(&now, &wanted)) }.with_status(StatusCode::CONFLICT);
    };
    Ok(context.redirect_with_notice(&context.path("/settings"), Notice::success(saved.to_string())))
}

/// The result of saving: whether anything changed, and how many tokens live longer than the new rule allows.
struct Saved {
    is_changed: bool,
    later: i64,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_changed, self.later) {
            (false, _) => f.write_str("Nothing was different."),
            (true, 0) => f.write_str("The settings are saved."),
            (true, 1) => {
                f.write_str("The settings are saved. One token that was made before lives longer; it works until it ends or is revoked.")
            }
            (true, many) => write!(
                f,
                "The settings are saved. {many} tokens that were made before live longer; they work until they end or are revoked."
            ),
        }
    }
}

fn save(tx: &mut Tx<'_>, scope: &Scope, wanted: &Settings, seen: i64) -> Result<Saved, OperationError<ChangedMeanwhile>> {
    let scope = &members::reauthorize(tx, scope)?;
    let is_changed = organizations::change(tx, scope, wanted, seen)?;
    let end = wanted.token_days_max.map(|days| scope.now() + TimeDelta::days(days));
    let later = end.map_or(Ok(0), |end| tokens::count_later(tx, scope.organization, end))?;
    Ok(Saved { is_changed, later })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(hours: &str, minutes: &str) -> Result<i64, String> {
        duration(&Field::new(hours), &Field::new(minutes))
    }

    #[test]
    fn durations_are_hours_and_minutes_within_bounds() {
        assert_eq!(read("8", "30"), Ok(510));
        assert_eq!(read("", " 90 "), Ok(90));
        assert_eq!(read("720", ""), Ok(LONGEST_SESSION));
        for (hours, minutes) in [
            ("", "4"),
            ("", ""),
            ("720", "1"),
            ("-1", "90"),
            ("1.5", "0"),
            ("eight", "0"),
            ("9223372036854775807", "9"),
        ] {
            assert!(read(hours, minutes).is_err(), "{hours} {minutes}");
        }
        assert_eq!([spoken(480), spoken(61), spoken(5)], ["8 hours", "1 hour 1 minute", "5 minutes"]);
    }
}
