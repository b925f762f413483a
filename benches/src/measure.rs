//! Two ways to do a thing, in turns, so whatever disturbs one also disturbs the other.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

/// One way to do a thing: does it that many times, and returns how long that took.
pub type Side<'a> = Box<dyn FnMut(u32) -> Duration + 'a>;

/// Two ways to do a thing.
pub struct Pair<'a> {
    /// What is done.
    pub name: &'static str,
    /// The allowed ratio of our time to the other's; infinite where there is no bar.
    pub bar: f64,
    /// Our way.
    pub ours: Side<'a>,
    /// The other way.
    pub other: Side<'a>,
}

/// The result.
#[derive(Debug)]
pub struct Row {
    name: String,
    ours_ns: f64,
    other_ns: f64,
    ratio: f64,
    bar: f64,
}

impl Row {
    /// What many rounds have taken, each with ours and the other, in nanoseconds.
    pub fn of_rounds(name: &str, rounds: impl Iterator<Item = (f64, f64)>, bar: f64) -> Self {
        let (mut ours, mut other, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for (a, b) in rounds {
            ours.push(a);
            other.push(b);
            ratios.push(a / b);
        }
        Self {
            name: name.to_owned(),
            ours_ns: median(ours),
            other_ns: median(other),
            ratio: median(ratios),
            bar,
        }
    }

    /// Prints it as a JSON object on a line. By hand, so the fields come in the order in which people read them.
    ///
    /// # Errors
    ///
    /// Nobody reads the output.
    pub fn print(&self) -> io::Result<()> {
        let Self {
            name,
            ours_ns,
            other_ns,
            ratio,
            bar,
        } = self;
        let bar = told(*bar);
        writeln!(
            io::stdout(),
            r#"{{"name":"{name}","ours_ns":{ours_ns:.2},"other_ns":{other_ns:.2},"ratio":{ratio:.3},"bar":{bar}}}"#
        )
    }
}

/// Prints a size beside the one that is allowed, as [`Row::print`] does two times.
///
/// # Errors
///
/// Nobody reads the output.
pub fn print_bytes(name: &str, ours: u64, allowed: u64) -> io::Result<()> {
    print_sizes(name, ours, allowed, 1.0)
}

/// The same for the sizes of two ways to do a thing.
///
/// # Errors
///
/// Nobody reads the output.
pub fn print_sizes(name: &str, ours: u64, other: u64, bar: f64) -> io::Result<()> {
    let ratio = ours as f64 / other as f64;
    let bar = told(bar);
    writeln!(
        io::stdout(),
        r#"{{"name":"{name}","ours_bytes":{ours},"other_bytes":{other},"ratio":{ratio:.3},"bar":{bar}}}"#
    )
}

/// A bar in JSON, which has no infinity.
fn told(bar: f64) -> String {
    if bar.is_finite() {
        bar.to_string()
    } else {
        "null".to_owned()
    }
}

/// How much to do. Many short rounds: a round that the system interrupts is an outlier, which the median
/// doesn't see.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Rounds that don't count.
    pub warm_up: usize,
    /// Rounds that do.
    pub rounds: usize,
    /// How many times a side does its thing in a round.
    pub batch: u32,
}

impl Plan {
    /// For things that take nanoseconds.
    pub const CALLS: Self = Self {
        warm_up: 20,
        rounds: 1001,
        batch: 50_000,
    };
    /// For things that take microseconds, and a pause after each.
    pub const RUNS: Self = Self {
        warm_up: 20,
        rounds: 1001,
        batch: 2,
    };
    /// For things that take a good part of a second.
    pub const WHOLE: Self = Self {
        warm_up: 1,
        rounds: 11,
        batch: 1,
    };
}

/// A side that is a loop.
pub fn timed<'a>(mut body: impl FnMut(u32) + 'a) -> Side<'a> {
    Box::new(move |times| {
        let start = Instant::now();
        body(times);
        start.elapsed()
    })
}

/// The same by the processor time of this thread, which other work on the machine disturbs less.
pub fn processor_timed<'a>(mut body: impl FnMut(u32) + 'a) -> Side<'a> {
    Box::new(move |times| {
        let start = ThreadTime::now();
        body(times);
        start.elapsed()
    })
}

/// Measures a pair. The ratio is the median of the rounds' ratios, not the ratio of the medians: both sides
/// of a round see the same machine.
pub fn measure(mut pair: Pair, plan: Plan) -> Row {
    let rounds = (0..plan.warm_up + plan.rounds).map(|round| {
        let both = in_turns(&mut pair, plan.batch, round % 2 == 1);
        (round >= plan.warm_up).then_some(both)
    });
    let rounds: Vec<(f64, f64)> = rounds.flatten().collect();
    Row::of_rounds(pair.name, rounds.into_iter(), pair.bar)
}

/// A round: nanoseconds of ours and of the other. The sides take turns to go first.
fn in_turns(pair: &mut Pair, batch: u32, other_first: bool) -> (f64, f64) {
    let each = |side: &mut Side| side(batch).as_nanos() as f64 / f64::from(batch);
    if other_first {
        let other = each(&mut pair.other);
        (each(&mut pair.ours), other)
    } else {
        (each(&mut pair.ours), each(&mut pair.other))
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bar_is_null_in_json() {
        assert_eq!(
            (told(1.2), told(f64::INFINITY)),
            ("1.2".into(), "null".into())
        );
    }

    #[test]
    fn the_median_does_not_see_outliers() {
        assert_eq!(median(vec![2.0, 900.0, 1.0, 3.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn the_ratio_is_ours_to_the_other_whoever_goes_first() {
        let takes = |nanos: u64| -> Side<'static> {
            Box::new(move |times| Duration::from_nanos(nanos) * times)
        };
        let pair = Pair {
            name: "x",
            bar: 1.0,
            ours: takes(30),
            other: takes(20),
        };
        let row = measure(
            pair,
            Plan {
                warm_up: 1,
                rounds: 3,
                batch: 10,
            },
        );
        assert_eq!((row.ours_ns, row.other_ns, row.ratio), (30.0, 20.0, 1.5));
    }
}
