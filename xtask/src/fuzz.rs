//! `cargo xtask fuzz`: the targets in `fuzz/`, built as cargo-fuzz builds them, without that program.
//!
//! Everything that a run makes is in `fuzz` in the target folder: `seeds`, copied from the tests' inputs; `corpus`,
//! which grows from run to run; `findings`; and one log per target.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::ValueEnum;

use crate::{command, toolchain, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Type-check the targets, and run none.
    #[arg(long, conflicts_with_all = ["seconds", "targets"])]
    check: bool,
    /// How many seconds each target is tried for.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Which targets; all by default.
    #[arg(value_name = "TARGET")]
    targets: Vec<Target>,
}

/// A program in `fuzz/fuzz_targets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Target {
    /// `provider.toml`.
    Manifest,
    /// Definitions of interfaces.
    Catalogue,
    /// `mapisvc.inf`, by the installer.
    MapisvcInf,
    /// MAPI's structures in memory.
    PropertyViews,
    /// What the process that runs a provider tells the checker.
    CheckerWire,
    /// Mail as servers send it.
    InternetMail,
}

/// A separate workspace, because it needs nightly.
pub(crate) const MANIFEST: &str = "fuzz/Cargo.toml";

/// What cargo-fuzz passes to rustc: the coverage that libFuzzer uses, and a check of every memory access.
const FLAGS: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Zsanitizer=address",
    "--cfg=fuzzing",
];

/// The longest input, in bytes. Longer ones only make a run slower.
const LONGEST: u64 = 1 << 14;

/// An input that takes more seconds is a finding. They are wall-clock seconds: on a busy machine, half a second
/// becomes many.
const SLOWEST: u32 = 120;

/// Builds the targets once, runs each, and reports the results.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    if args.check {
        command::say("checking the fuzz targets");
        return command::run(&mut cargo("check")?);
    }
    let targets = if args.targets.is_empty() {
        Target::value_variants()
    } else {
        &args.targets
    };
    let programs = build()?;
    println!(
        "{:<16}{:>12}{:>9}  finding",
        "target", "executions", "seconds"
    );
    let mut found = 0;
    for target in targets {
        let outcome = Run::new(*target)?.start(&programs, args.seconds)?;
        println!("{:<16}{outcome}", target.name());
        found += usize::from(outcome.finding.is_some());
    }
    match found {
        0 => Ok(()),
        1 => Err("a target has a finding".to_owned()),
        more => Err(format!("{more} targets have findings")),
    }
}

/// A cargo command for all targets, with what cargo-fuzz passes to rustc.
fn cargo(subcommand: &str) -> Result<Command, String> {
    if toolchain::nightly_sysroot().is_none() {
        return Err(
            "fuzz targets need a nightly compiler: `rustup toolchain install nightly`".to_owned(),
        );
    }
    let mut cargo = toolchain::nightly_cargo(subcommand, &workspace::target_dir("fuzz"), &FLAGS)?;
    cargo
        .args(["--locked", "--manifest-path"])
        .arg(workspace::root().join(MANIFEST));
    Ok(cargo)
}

/// Builds all targets; returns the folder that they are in.
fn build() -> Result<PathBuf, String> {
    command::say("building the fuzz targets");
    command::run(cargo("build")?.arg("--release"))?;
    let folder = workspace::target_dir("fuzz");
    Ok(folder.join(toolchain::native_target()?).join("release"))
}

impl Target {
    fn name(self) -> String {
        let value = self.to_possible_value().expect("none is skipped");
        value.get_name().to_owned()
    }

    /// The folders of our own test inputs, and how the names of those files end.
    fn seeds(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Manifest => &[
                ("codegen/tests/ui", "toml"),
                ("codegen/tests/manifests", "toml"),
                ("examples/maildir", "toml"),
                ("examples/probe", "toml"),
                ("examples/store-probe", "toml"),
                ("examples/wrapped-maildir", "toml"),
                ("examples/wrapped-probe", "toml"),
            ],
            Self::Catalogue => &[
                ("codegen/interfaces", "toml"),
                ("codegen/tests/ui-catalogue", "toml"),
                ("codegen/tests/ui-catalogue/own", "toml"),
                ("tests/interfaces", "toml"),
            ],
            Self::MapisvcInf => &[("fuzz/seeds/mapisvc_inf", "inf")],
            // It uses any bytes as dice.
            Self::PropertyViews => &[("codegen/tests/manifests", "toml")],
            Self::CheckerWire => &[("fuzz/seeds/checker_wire", "wire")],
            Self::InternetMail => &[
                ("mime/tests/data/mail", "eml"),
                ("templates/maildir/messages", "eml"),
            ],
        }
    }
}

/// A run of a target, with the folders that it needs.
struct Run {
    target: Target,
    seeds: PathBuf,
    corpus: PathBuf,
    findings: PathBuf,
    log: PathBuf,
}

impl Run {
    /// Makes the folders, and copies the seeds.
    fn new(target: Target) -> Result<Self, String> {
        let name = target.name();
        let fuzz = workspace::target_dir("fuzz");
        let run = Self {
            target,
            seeds: fuzz.join("seeds").join(&name),
            corpus: fuzz.join("corpus").join(&name),
            findings: fuzz.join("findings").join(&name),
            log: fuzz.join(format!("{name}.log")),
        };
        for folder in [&run.seeds, &run.corpus, &run.findings] {
            fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        }
        for (folder, ending) in target.seeds() {
            copy_seeds(folder, ending, &run.seeds)?;
        }
        Ok(run)
    }

    fn start(&self, programs: &Path, seconds: u32) -> Result<Outcome, String> {
        let name = self.target.name();
        command::say(&format!(
            "{name}: {seconds} s; its output is in {}",
            self.log.display()
        ));
        let begin = Instant::now();
        let log = File::create(&self.log).map_err(|error| failed(&self.log, &error))?;
        let both = log.try_clone().map_err(|error| failed(&self.log, &error))?;
        let status = Command::new(programs.join(&name))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-timeout={SLOWEST}"))
            .arg("-print_final_stats=1")
            .arg(format!("-artifact_prefix={}/", self.findings.display()))
            .args([&self.corpus, &self.seeds])
            .env("RUST_BACKTRACE", "1")
            .stdout(log)
            .stderr(both)
            .status()
            .map_err(|error| format!("can't start {name}: {error}"))?;
        let seconds = begin.elapsed().as_secs();
        let log = fs::read(&self.log).map_err(|error| failed(&self.log, &error))?;
        let log = String::from_utf8_lossy(&log);
        let finding = (!status.success()).then(|| input(&log).unwrap_or_else(|| self.log.clone()));
        Ok(Outcome {
            executions: executions(&log),
            seconds,
            finding,
        })
    }
}

/// The result of a run.
struct Outcome {
    executions: Option<u64>,
    seconds: u64,
    /// The input, or the log if there is none.
    finding: Option<PathBuf>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let executions = self.executions.map(|count| count.to_string());
        let executions = executions.as_deref().unwrap_or("?");
        write!(f, "{executions:>12}{:>9}  ", self.seconds)?;
        match &self.finding {
            Some(path) => path.display().fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// Copies a folder's files with this ending, except those that are too long.
fn copy_seeds(folder: &str, ending: &str, to: &Path) -> Result<(), String> {
    let from = workspace::root().join(folder);
    let files = from.read_dir().map_err(|error| failed(&from, &error))?;
    let prefix = folder.replace('/', "-");
    for file in files {
        let file = file.map_err(|error| failed(&from, &error))?;
        let path = file.path();
        let length = file
            .metadata()
            .map_err(|error| failed(&path, &error))?
            .len();
        if path.extension().is_some_and(|found| found == ending) && length <= LONGEST {
            let name = format!("{prefix}-{}", file.file_name().to_string_lossy());
            fs::copy(&path, to.join(name)).map_err(|error| failed(&path, &error))?;
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// How many inputs libFuzzer says that it has tried. It says so at the end, and on the way with `#` before it.
fn executions(log: &str) -> Option<u64> {
    let at_end = log
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let on_the_way = log.lines().rev().find_map(|line| {
        let (number, _) = line.strip_prefix('#')?.split_once('\t')?;
        number.parse().ok()
    });
    at_end
        .and_then(|number| number.trim().parse().ok())
        .or(on_the_way)
}

/// The last input that libFuzzer says it has kept, because slow inputs, which are not findings, are kept too.
fn input(log: &str) -> Option<PathBuf> {
    log.lines()
        .rev()
        .find_map(|line| line.split_once("Test unit written to "))
        .map(|(_, path)| PathBuf::from(path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_is_understood() {
        let log = "#2\tINITED cov: 7\n#1024\tpulse  cov: 9\nartifact_prefix='x/'; Test unit written to x/crash-1\n";
        assert_eq!(executions(log), Some(1024));
        assert_eq!(input(log), Some("x/crash-1".into()));
        let slow = format!("artifact_prefix='x/'; Test unit written to x/slow-unit-1\n{log}");
        assert_eq!(input(&slow), Some("x/crash-1".into()));
        let log = "#2\tINITED cov: 7\nDone 12 runs\nstat::number_of_executed_units: 4711\n";
        assert_eq!(executions(log), Some(4711));
        assert_eq!(input(log), None);
        assert_eq!(executions(""), None);
    }

    #[test]
    fn each_target_is_a_program_with_seeds() {
        let root = workspace::root();
        let manifest = fs::read_to_string(root.join(MANIFEST)).expect("it is there");
        let programs = manifest.matches("[[bin]]").count();
        assert_eq!(programs, Target::value_variants().len());
        for target in Target::value_variants() {
            let path = format!("fuzz_targets/{}.rs", target.name());
            assert!(manifest.contains(&path), "{path}");
            assert!(root.join("fuzz").join(&path).is_file(), "{path}");
            for (folder, ending) in target.seeds() {
                let mut files = root.join(folder).read_dir().expect("a folder").flatten();
                assert!(
                    files.any(|file| file
                        .path()
                        .extension()
                        .is_some_and(|found| found == *ending)),
                    "{folder}"
                );
            }
        }
    }
}
