//! Clean builds of a store provider for Windows beside one of `outlook-mapi-sys`, and the size of the DLL that ships.
//!
//! Each build begins with a target folder in which nothing but std is built, and with everything downloaded. All have the
//! same compiler, target, profile and number of jobs. Ours go on to a DLL: macros, runtime, provider and linker, and once
//! more the same provider with the macros' code in a file. Theirs is only the library, without a program that uses it.
//!
//! It measures the time on the clock, and the processor time of all programs that the build ran, which other work on
//! the machine disturbs less.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use self::crates::Crates;
use super::Row;
use crate::mapi_sys;
use crate::windows::Arch;
use crate::{command, workspace};

mod crates;
mod size;

/// How often each is built. Medians, like all of this.
const ROUNDS: usize = 3;

/// How many times as long as theirs our build may take, with macros and with their code in a file.
const MACROS_BAR: f64 = 0.65;
const WRITTEN_BAR: f64 = 0.4;

/// Builds in turns.
pub(super) fn measure() -> Result<Vec<Row>, String> {
    let place = Place::new()?;
    let crates = Crates::make(&workspace::target_dir("builds"))?;
    let theirs = Subject {
        manifest: workspace::root().join(mapi_sys::MANIFEST),
        package: "outlook-mapi-sys",
    };
    let [macros, written] = [&crates.macros, &crates.written].map(|folder| Subject {
        manifest: folder.join("Cargo.toml"),
        package: crates::PROVIDER,
    });
    place.build_std(&[&macros, &written, &theirs], &crates.empty)?;
    let mut with_macros = Sides::default();
    let mut with_file = Sides::default();
    for round in 0..ROUNDS {
        command::say(&format!("round {} of {ROUNDS}", round + 1));
        let theirs = place.measure(&theirs)?;
        with_macros.add(&place.measure(&macros)?, &theirs);
        with_file.add(&place.measure(&written)?, &theirs);
    }
    let mut rows = with_macros.rows("clean build with macros", MACROS_BAR);
    rows.extend(with_file.rows("clean build without macros", WRITTEN_BAR));
    rows.push(size::measure(&crates)?);
    Ok(rows)
}

/// A package to build: its workspace's manifest, and its name.
struct Subject {
    manifest: PathBuf,
    package: &'static str,
}

/// The folders of the builds.
struct Place {
    /// Where everything is built: always the same, because cargo treats moved files as stale.
    work: PathBuf,
    /// A copy of it with only std.
    std_only: PathBuf,
}

impl Place {
    fn new() -> Result<Self, String> {
        let place = |name| workspace::target_dir("builds").join(name);
        let place = Self {
            work: place("work"),
            std_only: place("std"),
        };
        remove(&place.std_only)?;
        remove(&place.work)?;
        Ok(place)
    }

    fn cargo(&self, subcommand: &str, manifest: &Path) -> Result<Command, String> {
        cargo(subcommand, &self.work, manifest)
    }

    /// Downloads everything, builds std, and keeps a copy of the result. An empty package's build brings about that of
    /// std.
    fn build_std(&self, subjects: &[&Subject], empty: &Path) -> Result<(), String> {
        for subject in subjects {
            let mut fetch = Command::new("cargo");
            fetch.args(["fetch", "--manifest-path"]);
            command::run(fetch.arg(&subject.manifest))?;
        }
        command::say("building std");
        command::run(&mut self.cargo("build", &empty.join("Cargo.toml"))?)?;
        copy(&self.work, &self.std_only)
    }

    fn measure(&self, subject: &Subject) -> Result<Times, String> {
        remove(&self.work)?;
        copy(&self.std_only, &self.work)?;
        let mut cargo = self.cargo("build", &subject.manifest)?;
        cargo.args([
            "--locked",
            "--offline",
            "--quiet",
            "--package",
            subject.package,
        ]);
        let before = children_time();
        let begin = Instant::now();
        command::run(&mut cargo)?;
        let clock = begin.elapsed();
        let processor = before
            .zip(children_time())
            .map(|(before, after)| after - before);
        Ok(Times { clock, processor })
    }
}

/// A cargo command for 64-bit Windows.
fn cargo(subcommand: &str, target_dir: &Path, manifest: &Path) -> Result<Command, String> {
    let arch = Arch::X64;
    let toolchain = arch.toolchain()?;
    let mut cargo = toolchain.cargo(subcommand, target_dir, arch.flags());
    cargo.arg("--manifest-path").arg(manifest);
    Ok(cargo)
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => Err(format!("can't remove {}: {error}", folder.display())),
        _ => Ok(()),
    }
}

/// Copies a folder with the times of its files, by which cargo knows what is fresh.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    command::run(Command::new("cp").arg("-a").arg(from).arg(to))
}

/// How long a build took.
struct Times {
    clock: Duration,
    /// `None` if the system doesn't say.
    processor: Option<Duration>,
}

/// The processor time of all programs that we ran and that have ended, including those that they ran, according to
/// Linux.
fn children_time() -> Option<Duration> {
    children_ticks(&fs::read_to_string("/proc/self/stat").ok()?)
        .map(|ticks| Duration::from_millis(ticks * 10))
}

/// User and system time of the children, in hundredths of a second, from a line of `/proc/PID/stat`.
fn children_ticks(stat: &str) -> Option<u64> {
    // The program's name comes second, in brackets, and may have spaces in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13).map(str::parse::<u64>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

/// The times of all rounds.
#[derive(Default)]
struct Sides {
    clock: Pairs,
    /// As many, or none at all.
    processor: Pairs,
}

impl Sides {
    fn add(&mut self, ours: &Times, theirs: &Times) {
        self.clock.add(ours.clock, theirs.clock);
        if let (Some(ours), Some(theirs)) = (ours.processor, theirs.processor) {
            self.processor.add(ours, theirs);
        }
    }

    fn rows(self, name: &str, bar: f64) -> Vec<Row> {
        let processor = format!("{name}, processor time");
        let rows = [(name, self.clock), (&*processor, self.processor)];
        let rows = rows.into_iter().filter(|(_, pairs)| !pairs.ours.is_empty());
        rows.map(|(name, pairs)| pairs.row(name, bar)).collect()
    }
}

/// Times of both sides, and their ratio in each round.
#[derive(Default)]
struct Pairs {
    ours: Vec<f64>,
    theirs: Vec<f64>,
    ratios: Vec<f64>,
}

impl Pairs {
    fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.push(ours.as_nanos() as f64);
        self.theirs.push(theirs.as_nanos() as f64);
        self.ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
    }

    fn row(self, name: &str, bar: f64) -> Row {
        let ratio = median(self.ratios);
        Row::of_times(name, median(self.ours), median(self.theirs), ratio, bar)
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
    fn the_childrens_time_is_found_behind_any_name() {
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194560 9 8 7 6 100 50 340 21 20 0 1 0 55";
        assert_eq!(children_ticks(stat), Some(361));
        assert_eq!(children_ticks("12 (cut) S 1"), None);
    }

    #[test]
    fn rows_are_made_of_medians() {
        let times = |clock| Times {
            clock: Duration::from_secs(clock),
            processor: None,
        };
        let mut sides = Sides::default();
        for (ours, theirs) in [(2, 10), (90, 10), (3, 10)] {
            sides.add(&times(ours), &times(theirs));
        }
        let rows = sides.rows("x", 0.4);
        assert_eq!(rows.len(), 1, "no processor time, no row");
        let row = &rows[0];
        assert_eq!(
            (row.ours, row.other, row.ratio, row.bar),
            (3e9, 10e9, 0.3, 0.4)
        );
        assert!(Row::parse(&row.line).is_ok());
    }
}
