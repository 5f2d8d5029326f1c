//! Geometry of the SVG chart of sign-ins, or of credential uses, per day. The template draws it. Horizontal values are
//! in percent, so that the chart is as wide as its container while its text keeps its size.

use crate::kit::{Timestamp, grouped};

/// Days that the chart shows.
pub const DAYS: i64 = 30;

/// Pixels from the top to the base line of the bars, and to the highest grid line.
const FLOOR: f64 = 100.0;
const TOP: f64 = 8.0;
/// Height of the lowest visible bar.
const LEAST: f64 = 2.0;
/// Percentage of a day's width that its bar takes.
const FILLED: f64 = 68.0;

/// What happened on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    pub succeeded: i64,
    pub failed: i64,
}

impl DayCount {
    pub fn sum(self) -> i64 {
        self.succeeded + self.failed
    }
    fn plus(self, other: Self) -> Self {
        Self { succeeded: self.succeeded + other.succeeded, failed: self.failed + other.failed }
    }
}

/// One part of a bar, in pixels from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub y: String,
    pub height: String,
}

/// One day's bar: the succeeded part, with the failed part on top.
#[derive(Clone, Debug)]
pub struct Bar {
    pub day: String,
    pub tally: DayCount,
    /// In percent: where the day begins, and where its bar does. The style sheet holds their widths.
    pub slot: String,
    pub x: String,
    pub succeeded: Option<Block>,
    pub failed: Option<Block>,
}

/// A mark on one of the axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub label: String,
    pub at: String,
}

#[derive(Clone, Debug)]
pub struct Chart {
    pub bars: Vec<Bar>,
    /// Horizontal grid lines with the number each stands for, lowest first.
    pub grid: Vec<Mark>,
    /// Days that are labelled below the chart.
    pub days: Vec<Mark>,
    pub total: DayCount,
    pub first_day: String,
    pub last_day: String,
}

impl Chart {
    /// Draws the thirty days that end with `today`, from (day, tally) pairs in any order. Days without a pair are
    /// empty.
    pub fn draw(today: Timestamp, tallies: &[(i64, DayCount)]) -> Self {
        let last = today.day();
        let of = |day: i64| {
            tallies
                .iter()
                .filter(|(d, _)| *d == day)
                .fold(DayCount::default(), |sum, (_, tally)| sum.plus(*tally))
        };
        let days: Vec<(i64, DayCount)> = (last - DAYS + 1..=last).map(|day| (day, of(day))).collect();
        let ceiling = ceiling(days.iter().map(|(_, tally)| tally.sum()).max().unwrap_or(0));
        let slot = 100.0 / days.len() as f64;
        let bars = days
            .iter()
            .enumerate()
            .map(|(at, (day, tally))| bar(at as f64 * slot, slot, *day, *tally, ceiling))
            .collect();
        let grid = [0, ceiling / 2, ceiling].map(|value| Mark { label: grouped(value), at: pixels(FLOOR - height(value, ceiling)) });
        let marked = days.iter().enumerate().filter(|(at, _)| at % 7 == 0);
        Self {
            bars,
            grid: grid.into(),
            days: marked
                .map(|(at, (day, _))| Mark { label: instant(*day).short_day(), at: percent((at as f64 + 0.5) * slot) })
                .collect(),
            total: days.iter().fold(DayCount::default(), |sum, (_, tally)| sum.plus(*tally)),
            first_day: instant(last - DAYS + 1).short_day(),
            last_day: instant(last).short_day(),
        }
    }
    pub fn is_empty(&self) -> bool {
        self.total.sum() == 0
    }
}

fn bar(x: f64, slot: f64, day: i64, tally: DayCount, ceiling: i64) -> Bar {
    let low = height(tally.succeeded, ceiling);
    let high = height(tally.failed, ceiling).min(FLOOR - TOP - low);
    // A small gap separates the two parts.
    let gap = if tally.succeeded > 0 && high > LEAST { 1.0 } else { 0.0 };
    let block = |amount: i64, y: f64, height: f64| (amount > 0).then(|| Block { y: pixels(y), height: pixels(height) });
    Bar {
        day: instant(day).weekday(),
        tally,
        slot: percent(x),
        x: percent(x + slot * (1.0 - FILLED / 100.0) / 2.0),
        succeeded: block(tally.succeeded, FLOOR - low, low),
        failed: block(tally.failed, FLOOR - low - high, high - gap),
    }
}

fn height(amount: i64, ceiling: i64) -> f64 {
    if amount == 0 {
        0.0
    } else {
        // Whole pixels, so that edges are sharp.
        ((FLOOR - TOP) * amount as f64 / ceiling as f64).max(LEAST).round()
    }
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

fn pixels(value: f64) -> String {
    format!("{value:.0}")
}

fn instant(day: i64) -> Timestamp {
    Timestamp::from_micros(day * 86_400_000_000).unwrap_or(Timestamp::EPOCH)
}

/// The next round even number, so that the axis and its half are easy to read.
fn ceiling(highest: i64) -> i64 {
    if let Some(small) = [2, 4, 6, 8].into_iter().find(|step| highest <= *step) {
        return small;
    }
    let mut unit = 1;
    loop {
        // The highest bar fills at least four fifths of the height.
        for step in [10, 12, 14, 16, 18, 20, 24, 30, 36, 40, 50, 60, 70, 80, 100] {
            if highest <= step * unit {
                return step * unit;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number_above_the_highest_day() {
        assert_eq!([0, 2, 3, 7, 11, 95, 130, 1601, 2450].map(ceiling), [2, 2, 4, 8, 12, 100, 140, 1800, 3000]);
    }

    #[test]
    fn thirty_days_end_today_and_every_bar_stays_inside() {
        let one = |succeeded, failed| DayCount { succeeded, failed };
        let chart = Chart::draw(instant(20_000), &[(20_000, one(90, 10)), (19_971, one(0, 1)), (19_970, one(500, 0))]);
        assert_eq!(chart.bars.len(), 30);
        assert_eq!(chart.total, one(90, 11), "what is older does not count");
        let number = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap();
        for bar in &chart.bars {
            assert!(number(&bar.x) + FILLED / 30.0 <= 100.0);
            for block in [&bar.succeeded, &bar.failed].into_iter().flatten() {
                assert!(number(&block.y) >= TOP && number(&block.y) + number(&block.height) <= FLOOR + 0.1);
            }
        }
        assert_eq!(
            chart.bars[0].failed.as_ref().map(|block| block.height.as_str()),
            Some("2"),
            "a single failure shows"
        );
        assert!(Chart::draw(instant(20_000), &[]).is_empty());
        let style = include_str!("../../static/roster.css");
        for width in [format!("calc(100% / {DAYS})"), format!("calc({FILLED}% / {DAYS})")] {
            assert!(style.contains(&width), "{width}");
        }
    }
}
