//! When things happen where people work: on weekdays, by day, and less when many are away.

use super::rng::Chance;
use crate::kit::Timestamp;
use chrono::{Datelike, TimeDelta};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How long ago the organization was founded.
pub(super) const AGE: TimeDelta = TimeDelta::days(1_100);
/// The people of the first days came from the directory that was before.
pub(super) const MOVING_IN: TimeDelta = TimeDelta::days(60);
/// How far back sign-ins go.
pub(super) const YEAR: TimeDelta = TimeDelta::days(365);

/// How busy a day is, of 1.
fn busyness(day: i64) -> f64 {
    // The first of January 1970 was a Thursday.
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

/// Two o'clock of that day.
pub(super) fn night(of: Timestamp) -> Timestamp {
    start(of.day()) + TimeDelta::hours(2)
}

/// Some instant from `from` on and before `to`, at any hour; `from` where there is none.
pub(super) fn moment(chance: &mut Chance, from: Timestamp, to: Timestamp) -> Timestamp {
    from + TimeDelta::microseconds(chance.between(0, (to - from).num_microseconds().unwrap_or(0)))
}

/// Some instant from `from` on and before `to`, most likely one at which people work.
pub(super) fn working_moment(chance: &mut Chance, from: Timestamp, to: Timestamp) -> Timestamp {
    // Few tries: who has only a night or a holiday works then.
    for _ in 0..12 {
        let day = chance.between(from.day(), to.day() + 1);
        if !chance.is(busyness(day)) {
            continue;
        }
        // Three parts of a day together: from five in the morning to eight in the evening, and most of it about noon.
        let since_five: i64 = (0..3).map(|_| chance.between(0, 5 * HOUR)).sum();
        let at = start(day) + TimeDelta::microseconds(5 * HOUR + since_five);
        if from <= at && at < to {
            return at;
        }
    }
    moment(chance, from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::rng::Part;

    #[test]
    fn weekends_are_quiet_and_nothing_happens_outside_the_time_asked_for() {
        let mut chance = Chance::of(1, Part::SignIns);
        let to = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let from = to - TimeDelta::days(70);
        let mut weekend = 0;
        for _ in 0..2_000 {
            let at = working_moment(&mut chance, from, to);
            assert!(from <= at && at < to);
            weekend += i32::from((at.day() + 3).rem_euclid(7) >= 5);
        }
        assert!((20..200).contains(&weekend), "{weekend}");
        assert_eq!(working_moment(&mut chance, to, to), to);
    }
}
