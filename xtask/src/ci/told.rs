//! Reports on stages: each when it has ended, and all in a table.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::stages::Stage;
use crate::{command, workspace};

/// How a stage ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Good,
    Bad,
    TooLong,
    Stopped,
    NotStarted(String),
}

/// The result of a stage.
pub(super) struct Outcome {
    pub(super) stage: &'static str,
    /// What is wrong, in one word for the table.
    trouble: Option<&'static str>,
    /// A longer explanation.
    reason: Option<String>,
    wall: Duration,
    processor: Duration,
    tests: Tests,
    log: PathBuf,
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tests {
    passed: u64,
    failed: u64,
}

impl Outcome {
    /// Judges a stage by its end and its log.
    pub(super) fn new(
        stage: &'static Stage,
        ending: Ending,
        wall: Duration,
        processor: Duration,
        log: PathBuf,
    ) -> Self {
        let text = fs::read(&log).unwrap_or_default();
        let mut tests = Tests::counted(&String::from_utf8_lossy(&text));
        let (trouble, reason) = match ending {
            Ending::Good if stage.tests && tests.passed == 0 => {
                (Some("FAILED"), Some("no test ran".to_owned()))
            }
            Ending::Good if tests.failed == 0 => (None, None),
            Ending::Good | Ending::Bad => (Some("FAILED"), None),
            Ending::TooLong => (
                Some("HUNG"),
                Some(format!("not done after {} minutes", stage.minutes)),
            ),
            Ending::Stopped => (Some("STOPPED"), Some("stopped before its end".to_owned())),
            Ending::NotStarted(why) => (Some("FAILED"), Some(why)),
        };
        if trouble.is_some() {
            // A stage that fails without a failing test counts as one.
            tests.failed = tests.failed.max(1);
        }
        Self {
            stage: stage.name,
            trouble,
            reason,
            wall,
            processor,
            tests,
            log,
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.trouble.is_none()
    }

    fn verdict(&self) -> &str {
        self.trouble.unwrap_or("ok")
    }
}

impl Tests {
    /// Adds up what Rust's test programs say and what the C++ driver says.
    fn counted(log: &str) -> Self {
        let mut all = Self::default();
        for Self { passed, failed } in log.lines().filter_map(Self::of_line) {
            all.passed += passed;
            all.failed += failed;
        }
        all
    }

    /// `test result: ok. 3 passed; 0 failed; …`, or `3 passed, 0 failed`.
    fn of_line(line: &str) -> Option<Self> {
        let line = line.trim_end();
        let (counts, separator) = match line.strip_prefix("test result: ") {
            Some(rest) => (rest.split_once(". ")?.1, "; "),
            None => (line, ", "),
        };
        let mut parts = counts.split(separator);
        let mut number = |word: &str| parts.next()?.strip_suffix(word)?.parse().ok();
        let tests = Self {
            passed: number(" passed")?,
            failed: number(" failed")?,
        };
        Some(tests)
    }
}

/// Shows the whole log of a stage that has ended, so logs of stages that run at once aren't mixed.
pub(super) fn tell(outcome: &Outcome) {
    println!(
        "\n== {}: {} after {}{}",
        outcome.stage,
        outcome.verdict(),
        duration(outcome.wall),
        free().map_or(String::new(), |free| format!("; {free} of disk left"))
    );
    let log = fs::read(&outcome.log).unwrap_or_default();
    print!("{}", String::from_utf8_lossy(&log));
    if let Some(reason) = &outcome.reason {
        println!("{}: {reason}", outcome.stage);
    }
}

/// How much room the disk has left: a full one looks like anything but that.
fn free() -> Option<String> {
    let mut df = Command::new("df");
    let told = command::output(df.args(["-h", "--output=avail"]).arg(workspace::root())).ok()?;
    told.lines().last().map(|line| line.trim().to_owned())
}

/// The table of all stages, and how long they took together.
pub(super) fn table(outcomes: &[Outcome], whole: Duration) -> String {
    let head = format!(
        "{:<10} {:<8} {:>7} {:>9} {:>7} {:>7}",
        "stage", "verdict", "seconds", "processor", "passed", "failed"
    );
    let row = |outcome: &Outcome| {
        format!(
            "{:<10} {:<8} {:>7} {:>9} {:>7} {:>7}",
            outcome.stage,
            outcome.verdict(),
            outcome.wall.as_secs(),
            outcome.processor.as_secs(),
            outcome.tests.passed,
            outcome.tests.failed
        )
    };
    let processor: Duration = outcomes.iter().map(|outcome| outcome.processor).sum();
    let foot = format!(
        "all in {}, with {} of processor time",
        duration(whole),
        duration(processor)
    );
    let rows = outcomes.iter().map(row);
    let lines: Vec<String> = std::iter::once(head).chain(rows).chain([foot]).collect();
    lines.join("\n")
}

/// What the logs of the failed stages say: a few lines, so nobody has to search for them.
pub(super) fn troubles(outcomes: &[Outcome]) -> String {
    let bad = outcomes.iter().filter(|outcome| !outcome.is_good());
    bad.map(|outcome| {
        let log = fs::read(&outcome.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: String = telling(&log)
            .take(MOST_TOLD)
            .map(|line| format!("  {line}\n"))
            .collect();
        format!(
            "{}: {}, in {}\n{lines}",
            outcome.stage,
            outcome.reason.as_deref().unwrap_or(outcome.verdict()),
            outcome.log.display()
        )
    })
    .collect()
}

/// How many lines of a log are shown a second time.
const MOST_TOLD: usize = 20;

/// The lines that say what went wrong; first those that can't be part of a test that passes.
fn telling(log: &str) -> impl Iterator<Item = &str> {
    let verdicts = log.lines().filter(|line| is_verdict(line));
    verdicts.chain(log.lines().filter(|line| is_panic(line)))
}

/// Whether a line says what went wrong in a test, a test target, a compiler, a sanitizer, or one of these commands.
fn is_verdict(line: &str) -> bool {
    let starts = [
        "error",
        "FAILED",
        "SURVIVED",
        "SUMMARY: ",
        "xtask: error",
        "Diff in ",
        "    `-p ",
    ];
    starts.iter().any(|start| line.starts_with(start)) || line.ends_with("... FAILED")
}

/// Some tests panic on purpose, so a panic alone says little.
fn is_panic(line: &str) -> bool {
    line.contains(" panicked at ")
}

/// The last line: all tests of all stages.
pub(super) fn sum(outcomes: &[Outcome]) -> String {
    let passed: u64 = outcomes.iter().map(|outcome| outcome.tests.passed).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.tests.failed).sum();
    format!("{passed} passed, {failed} failed")
}

/// A duration, as people say it.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::super::stages::STAGES;
    use super::*;

    fn tests(passed: u64, failed: u64) -> Tests {
        Tests { passed, failed }
    }

    #[test]
    fn rusts_and_the_drivers_counts_are_added_up() {
        let log = "running 3 tests\ntest a ... ok\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\r\n\
                   test result: FAILED. 1 passed; 2 failed; 0 ignored\n12 passed, 1 failed\r\n";
        assert_eq!(Tests::counted(log), tests(16, 3));
        assert_eq!(Tests::counted("so many passed, none failed\n"), tests(0, 0));
    }

    #[test]
    fn a_line_that_says_what_went_wrong_is_told_again() {
        for line in [
            "test sync::one ... FAILED",
            "error[E0308]: mismatched types",
            "error: 1 target failed:",
            "    `-p mapi-provider --test contract`",
            "SUMMARY: ThreadSanitizer: data race src/sync/engine.rs:7 in run",
            "FAILED  done_twice               expected exit code 1",
        ] {
            assert!(is_verdict(line), "{line}");
        }
        assert!(!is_verdict("test sync::an_error_is_told ... ok"));
    }

    #[test]
    fn panics_are_told_after_what_has_failed() {
        let log =
            "thread 'main' (7) panicked at tests/a.rs:3:1:\nno more\ntest sync::one ... FAILED\n";
        let told: Vec<&str> = telling(log).collect();
        assert_eq!(
            told,
            [
                "test sync::one ... FAILED",
                "thread 'main' (7) panicked at tests/a.rs:3:1:"
            ]
        );
    }

    fn outcome(name: &str, ending: Ending) -> Outcome {
        let stage = STAGES.iter().find(|stage| stage.name == name);
        let second = Duration::from_secs(61);
        let stage = stage.expect("a stage");
        Outcome::new(stage, ending, second, second, "/no/such/log".into())
    }

    #[test]
    fn a_stage_that_fails_without_a_failing_test_counts_as_one() {
        assert!(outcome("format", Ending::Good).is_good());
        for ending in [
            Ending::Bad,
            Ending::TooLong,
            Ending::Stopped,
            Ending::NotStarted("no".to_owned()),
        ] {
            let outcome = outcome("format", ending);
            assert!(!outcome.is_good());
            assert_eq!(outcome.tests, tests(0, 1));
        }
    }

    #[test]
    fn a_stage_of_tests_without_a_test_has_failed() {
        assert_eq!(outcome("test", Ending::Good).verdict(), "FAILED");
    }

    #[test]
    fn the_table_has_a_row_a_stage_and_the_sum_comes_last() {
        let outcomes = [
            outcome("format", Ending::Good),
            outcome("test", Ending::Bad),
        ];
        let table = table(&outcomes, Duration::from_secs(125));
        assert!(
            table.contains("format     ok            61        61       0       0\n"),
            "{table}"
        );
        assert!(
            table.contains("test       FAILED        61        61       0       1\n"),
            "{table}"
        );
        assert!(table.ends_with("all in 2 min 5 s, with 2 min 2 s of processor time"));
        assert_eq!(sum(&outcomes), "0 passed, 1 failed");
    }
}
