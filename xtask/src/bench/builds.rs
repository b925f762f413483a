//! A clean build of a store provider for Windows compared with one of `outlook-mapi-sys`.
//!
//! Each build begins with a target folder in which nothing but std is built, and with everything downloaded. Both
//! have the same compiler, target, profile and number of jobs. Ours goes on to a DLL: macros, runtime, provider and
//! linker. Theirs is only the library, without a program that uses it.
//!
//! It measures the time on the clock, and the processor time of all programs that the build ran, which other work
//! on the machine disturbs less.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Row;
use crate::mapi_sys;
use crate::windows::Arch;
use crate::{command, workspace};

/// How often each is built. Medians, like all of this.
const ROUNDS: usize = 3;

/// The ratio of our build's time to theirs that is allowed.
const BAR: f64 = 0.25;

/// Builds in turns.
pub(super) fn measure() -> Result<Vec<Row>, String> {
    let place = Place::new()?;
    place.build_std()?;
    let (mut clock, mut processor) = (Sides::default(), Sides::default());
    for round in 0..ROUNDS {
        command::say(&format!("round {} of {ROUNDS}", round + 1));
        let ours = place.measure(&OURS)?;
        let theirs = place.measure(&THEIRS)?;
        clock.add(ours.clock, theirs.clock);
        if let (Some(ours), Some(theirs)) = (ours.processor, theirs.processor) {
            processor.add(ours, theirs);
        }
    }
    let rows = [
        ("clean build for Windows", clock),
        ("clean build for Windows, processor time", processor),
    ];
    let rows = rows.into_iter().filter(|(_, sides)| !sides.ours.is_empty());
    Ok(rows.map(|(name, sides)| sides.row(name)).collect())
}

/// A package to build: its workspace's manifest, from the root, and its name.
struct Subject {
    manifest: &'static str,
    package: &'static str,
}

const OURS: Subject = Subject {
    manifest: "Cargo.toml",
    package: "maildir",
};

const THEIRS: Subject = Subject {
    manifest: mapi_sys::MANIFEST,
    package: "outlook-mapi-sys",
};

/// The folders of the builds.
struct Place {
    /// Where everything is built: always the same, because cargo treats moved files as stale.
    work: PathBuf,
    /// A copy of it with only std.
    std_only: PathBuf,
    /// An empty package, whose build causes that of std.
    empty: PathBuf,
}

impl Place {
    fn new() -> Result<Self, String> {
        let place = |name| workspace::target_dir("builds").join(name);
        let place = Self {
            work: place("work"),
            std_only: place("std"),
            empty: place("empty"),
        };
        remove(&place.std_only)?;
        remove(&place.work)?;
        Ok(place)
    }

    fn cargo(&self, subcommand: &str, manifest: &Path) -> Result<Command, String> {
        let arch = Arch::X64;
        let toolchain = arch.toolchain()?;
        let mut cargo = toolchain.cargo(subcommand, &self.work, arch.flags());
        cargo.arg("--manifest-path").arg(manifest);
        Ok(cargo)
    }

    /// Downloads everything, builds std, and keeps a copy of the result.
    fn build_std(&self) -> Result<(), String> {
        for subject in [&OURS, &THEIRS] {
            let mut fetch = Command::new("cargo");
            fetch.args(["fetch", "--locked", "--manifest-path"]);
            command::run(fetch.arg(workspace::root().join(subject.manifest)))?;
        }
        let source = self.empty.join("src");
        let manifest = self.empty.join("Cargo.toml");
        let written = fs::create_dir_all(&source)
            .and_then(|()| fs::write(source.join("lib.rs"), ""))
            .and_then(|()| fs::write(&manifest, EMPTY));
        written.map_err(|error| format!("can't write {}: {error}", self.empty.display()))?;
        command::say("building std");
        command::run(&mut self.cargo("build", &manifest)?)?;
        copy(&self.work, &self.std_only)
    }

    fn measure(&self, subject: &Subject) -> Result<Times, String> {
        remove(&self.work)?;
        copy(&self.std_only, &self.work)?;
        let mut cargo = self.cargo("build", &workspace::root().join(subject.manifest))?;
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

/// The package that only has std.
const EMPTY: &str =
    "[workspace]\n[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";

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
    ours: Vec<f64>,
    theirs: Vec<f64>,
    ratios: Vec<f64>,
}

impl Sides {
    fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.push(ours.as_nanos() as f64);
        self.theirs.push(theirs.as_nanos() as f64);
        self.ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
    }

    fn row(self, name: &str) -> Row {
        Row::new(
            name,
            median(self.ours),
            median(self.theirs),
            median(self.ratios),
            BAR,
        )
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
    fn a_row_is_made_of_medians() {
        let mut sides = Sides::default();
        for (ours, theirs) in [(2, 10), (90, 10), (3, 10)] {
            sides.add(Duration::from_secs(ours), Duration::from_secs(theirs));
        }
        let row = sides.row("x");
        assert_eq!(
            (row.ours_ns, row.other_ns, row.ratio, row.bar),
            (3e9, 10e9, 0.3, 0.25)
        );
        assert!(Row::parse(&row.line).is_ok());
    }
}
