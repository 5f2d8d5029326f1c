//! When people of the demo are active: on weekdays, in the daytime, and less in holiday seasons.

use super::rng::Rng;
use crate::kit::Timestamp;
use chrono::{Datelike, TimeDelta};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How long ago the organization was founded.
pub(super) const AGE: TimeDelta = TimeDelta::days(1_100);
/// The people of the first days were imported from the previous directory.
pub(super) const MIGRATION: TimeDelta = TimeDelta::days(60);
/// How far back sign-ins go.
pub(super) const YEAR: TimeDelta = TimeDelta::days(365);

/// How busy a day is, from 0 to 1.
fn busyness(day: i64) -> f64 {
    // 1 January 1970 was a Thursday.
    let of_week = match (day + 3).rem_euclid(7) {
        0 => 1.0,
        1 | 2 => 0.95,
        3 => 0.9,
        4 => 0.75,
        5 => 0.12,
        _ => 0.08,
    };
    let date = start(day).utc();
    let of_year = match (date.month(), date.day()) {
        (12, 23..) | (1, ..=2) => 0.25,
        (7 | 8, _) => 0.8,
        _ => 1.0,
    };
    of_week * of_year
}

fn start(day: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY).unwrap_or(Timestamp::EPOCH)
}

/// Two o'clock in the night of that day.
pub(super) fn night(of: Timestamp) -> Timestamp {
    start(of.day()) + TimeDelta::hours(2)
}

/// A random instant from `from` and before `to`, at any hour; `from` if the range is empty.
pub(super) fn moment(rng: &mut Rng, from: Timestamp, to: Timestamp) -> Timestamp {
    from + TimeDelta::microseconds(rng.between(0, (to - from).num_microseconds().unwrap_or(0)))
}

/// A random instant from `from` and before `to`, most likely in working hours.
pub(super) fn working_moment(rng: &mut Rng, from: Timestamp, to: Timestamp) -> Timestamp {
    // Only a few tries: if the range is a night or a holiday, any instant is taken.
    for _ in 0..12 {
        let day = rng.between(from.day(), to.day() + 1);
        if !rng.chance(busyness(day)) {
            continue;
        }
        // The sum of three parts makes a bell shape: from five in the morning to eight in the evening, mostly about
        // noon.
        let since_five: i64 = (0..3).map(|_| rng.between(0, 5 * HOUR)).sum();
        let at = start(day) + TimeDelta::microseconds(5 * HOUR + since_five);
        if from <= at && at < to {
            return at;
        }
    }
    moment(rng, from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::rng::Part;

    #[test]
    fn weekends_are_quiet_and_nothing_happens_outside_the_time_asked_for() {
        let mut rng = Rng::of(1, Part::SignIns);
        let to = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let from = to - TimeDelta::days(70);
        let mut weekend = 0;
        for _ in 0..2_000 {
            let at = working_moment(&mut rng, from, to);
            assert!(from <= at && at < to);
            weekend += i32::from((at.day() + 3).rem_euclid(7) >= 5);
        }
        assert!((20..200).contains(&weekend), "{weekend}");
        assert_eq!(working_moment(&mut rng, to, to), to);
    }
}
