//! Time as a value. The clock is read once per request in the HTTP layer; everything below receives the time as a
//! parameter.

use super::{numbers::count, sql::UtcSql};
use chrono::{DateTime, Datelike, Days, Month, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Timelike, Utc};
use diesel::{deserialize::FromSqlRow, expression::AsExpression};
use serde::{Deserialize, Serialize};
use std::{
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// An instant in UTC in microseconds, the precision of both database engines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = UtcSql)]
#[serde(transparent)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }
    /// Days since 1970-01-01 in UTC.
    pub fn day(self) -> i64 {
        self.0.timestamp().div_euclid(86_400)
    }
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }
    /// `2026-11-22T09:30:00Z`, for `datetime` attributes and JSON (RFC 3339).
    pub fn iso(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
    /// `22 Nov 2026, 09:30 UTC`, for people.
    pub fn exact(self) -> String {
        format!("{}, {:02}:{:02} UTC", self.date(), self.0.hour(), self.0.minute())
    }
    /// `22 Nov 2026, 09:30:05.123 UTC`, where the order of events matters.
    pub fn to_the_second(self) -> String {
        self.0.format("%-d %b %Y, %H:%M:%S%.3f UTC").to_string()
    }
    /// `22 Nov`, for chart axes.
    pub fn short_day(self) -> String {
        let month = u8::try_from(self.0.month()).ok().and_then(|month| Month::try_from(month).ok());
        format!("{} {}", self.0.day(), &month.map_or("???", |month| month.name())[..3])
    }
    /// `Sun 22 Nov`, for lists of days.
    pub fn weekday(self) -> String {
        format!("{} {}", self.0.weekday(), self.short_day())
    }
    /// `22 Nov 2026`, for people.
    pub fn date(self) -> String {
        format!("{} {}", self.short_day(), self.0.year())
    }
    /// The end of a day such as `2026-11-22` in UTC. Something that is valid through a day expires at this instant.
    pub fn end_of_day(day: &str) -> Option<Self> {
        let over = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.checked_add_days(Days::new(1))?;
        // Only years that both engines and every browser can write.
        if !(1970..9999).contains(&over.year()) {
            return None;
        }
        Some(over.and_hms_opt(0, 0, 0)?.and_utc().into())
    }
    /// `2026-11-22`: the last valid day of something that expires at this instant.
    pub fn last_day(self) -> String {
        (self.0 - TimeDelta::microseconds(1)).format("%Y-%m-%d").to_string()
    }
    /// `21 Nov 2026`: the same for people.
    pub fn last_day_told(self) -> String {
        (self - TimeDelta::microseconds(1)).date()
    }
    /// `2026-11-23`: the next day, the first that a form offers as a last one.
    pub fn next_day(self) -> String {
        (self.0 + TimeDelta::days(1)).format("%Y-%m-%d").to_string()
    }
    /// Reads the format of [`Timestamp::iso`] and of JSON.
    pub fn read(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc).into())
    }
    /// `3 hours ago`, `in 6 days`: shown where scripts do not run.
    pub fn relative_to(self, now: Timestamp) -> String {
        let seconds = (now - self).num_seconds();
        // Future times are told in days for longer than past ones, because people plan in days.
        let months_from = if seconds < 0 { 8_640_000 } else { 2_592_000 };
        let (amount, [one, many]) = match seconds.abs() {
            0..45 => return "just now".into(),
            s @ 45..5_400 => ((s + 30) / 60, ["minute", "minutes"]),
            s @ 5_400..129_600 => ((s + 1_800) / 3_600, ["hour", "hours"]),
            s @ 129_600.. if s < months_from => ((s + 43_200) / 86_400, ["day", "days"]),
            s @ ..31_536_000 => (s / 2_592_000, ["month", "months"]),
            s => (s / 31_536_000, ["year", "years"]),
        };
        let amount = count(amount, one, many);
        if seconds >= 0 {
            format!("{amount} ago")
        } else {
            format!("in {amount}")
        }
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }
}
impl Add<TimeDelta> for Timestamp {
    type Output = Self;
    fn add(self, delta: TimeDelta) -> Self {
        Self(self.0 + delta)
    }
}
impl Sub<TimeDelta> for Timestamp {
    type Output = Self;
    fn sub(self, delta: TimeDelta) -> Self {
        Self(self.0 - delta)
    }
}
impl Sub for Timestamp {
    type Output = TimeDelta;
    fn sub(self, other: Self) -> TimeDelta {
        self.0 - other.0
    }
}

/// The source of time: the machine's clock, or a frozen one that tests move.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    pub fn system() -> Self {
        Self(None)
    }
    pub fn frozen(at: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.micros()))))
    }
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Utc::now().into(),
            Some(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)).unwrap_or(Timestamp::EPOCH),
        }
    }
    /// Moves a frozen clock. Does nothing to the machine's clock.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(micros) = &self.0 {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_times_read_as_people_say_them() {
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let says = |seconds| (now - TimeDelta::seconds(seconds)).relative_to(now);
        assert_eq!(says(3), "just now");
        assert_eq!(says(60), "1 minute ago");
        assert_eq!(says(3 * 3600), "3 hours ago");
        assert_eq!(says(-6 * 86_400), "in 6 days");
        assert_eq!(says(40 * 86_400), "1 month ago");
        assert_eq!(says(-90 * 86_400 + 60), "in 90 days");
        assert_eq!(says(-101 * 86_400), "in 3 months");
        assert_eq!(says(800 * 86_400), "2 years ago");
    }

    #[test]
    fn instants_are_written_for_machines_and_for_people() {
        let at = Timestamp::read("2026-11-02T09:05:07.25Z").unwrap();
        let written = [
            at.iso(),
            at.exact(),
            at.to_the_second(),
            at.short_day(),
            at.weekday(),
            at.date(),
            at.last_day_told(),
        ];
        let expected = [
            "2026-11-02T09:05:07Z",
            "2 Nov 2026, 09:05 UTC",
            "2 Nov 2026, 09:05:07.250 UTC",
            "2 Nov",
            "Mon 2 Nov",
            "2 Nov 2026",
            "2 Nov 2026",
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn what_lasts_through_a_day_ends_when_it_is_over() {
        let end = Timestamp::end_of_day("2026-11-22").expect("a day");
        assert_eq!(end.iso(), "2026-11-23T00:00:00Z");
        assert_eq!(end.last_day(), "2026-11-22");
        for odd in ["", "2026-02-30", "22.11.2026", "9999-12-31", "-1-01-01", "999999-01-01"] {
            assert_eq!(Timestamp::end_of_day(odd), None, "{odd}");
        }
    }
}
