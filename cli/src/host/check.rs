//! `cargo mapi host check`: checks a provider against the contract, rule by rule.

mod job;
mod json;
mod junit;
mod manifest;

use std::env;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider_host::conformance::{Conformance, RULES, Results, SCENARIOS};

use self::job::Job;
pub(super) use self::job::{Args as ScenarioArgs, run as run_scenario};
use super::bar::Bar;
use super::locate::Built;
use super::{locate, process as process_of_provider, settings, wrapped};
use crate::demo::Folder;
use crate::failure::Failure;
use crate::output;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Check a provider against MAPI's contract, rule by rule
///
/// Plays what MAPI and Outlook do, well-behaved and not, and says for each rule whether it was kept, what was seen if
/// it was broken, or why it could not be observed. It works with any provider's library, in any language. Each scenario
/// runs in its own process with a time limit: a crash or a hang is a finding. A scenario asks for one run or a few, so
/// choose settings with which a run is short and may be repeated. Of a library with a store and a transport, both are
/// checked.
///
/// The exit code is 0 if no rule was broken. `cargo mapi explain RULE` says what a rule requires.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host check . --set server=mail.example.org --failing server=nowhere.example
  cargo mapi host check contoso32.dll --set 0x6601001F=mail.example.org
  cargo mapi host check . --to ann@example.org --refused nobody@example.org
  cargo mapi host check . --only SYNC-16,COM --junit target/conformance.xml
  cargo mapi host check . --json | jq '.rules[] | select(.verdict == \"fail\")'")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    #[arg(required_unless_present = "list")]
    provider: Option<PathBuf>,

    /// Set one of the provider's settings, by its name or by a property tag; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// A setting with which a run fails, to see what the user is told then; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    failing: Vec<String>,

    /// For a transport: send messages to this address, as often as it takes; may be repeated. Without one, nothing is sent
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,

    /// For a transport: an address that it refuses, to see what the sender is told then; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    refused: Vec<String>,

    /// Check only these: rules, or families of rules such as SYNC, separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = rule)]
    only: Vec<String>,

    /// The provider wraps a store; one that was made with `provider.toml` says so itself
    #[arg(long)]
    wrapped: bool,

    /// For a wrapped store: the library of the inner provider, mspst32 or msmapi32; by default the simulated one if the
    /// crate depends on it, one beside the provider, or what the provider finds itself
    #[arg(long, value_name = "FILE")]
    inner: Option<PathBuf>,

    /// How long each step of a scenario may take; a single run may take a third of it
    #[arg(long, value_name = "SECS", default_value = "30", value_parser = super::sync::seconds)]
    timeout: Duration,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print the results as a JSON object
    #[arg(long)]
    json: bool,

    /// Also write the results to a file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// List the scenarios with the rules that they check, and check nothing
    #[arg(long)]
    list: bool,
}

/// An existing rule or family of rules.
fn rule(text: &str) -> Result<String, String> {
    let wanted = text.trim().to_uppercase();
    let family = |id: &str| id.split('-').next() == Some(wanted.as_str());
    if RULES
        .iter()
        .any(|rule| rule.id == wanted || family(rule.id))
    {
        Ok(wanted)
    } else {
        Err(format!(
            "there is no rule `{text}` that can be checked; `cargo mapi explain --list` has all rules"
        ))
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Some(provider) = args.provider.as_ref().filter(|_| !args.list) else {
        return output::print(list().as_bytes());
    };
    let mut built = locate::library(provider, args.release, args.inner.as_deref())?;
    built.library = absolute(&built.library)
        .map_err(|error| Failure::new(format!("{}: {error}", built.library.display())))?;
    let library = &built.library;
    let prepared = Prepared::of(args, &built)?;
    let begin = Instant::now();
    let results = check(&prepared, library)?;
    let took = begin.elapsed();
    if args.json {
        output::json(&json::of(&results, library, took))?;
    } else {
        output::print(shown(&results, took).as_bytes())?;
    }
    // The results took long, so they are shown even if the file can't be written.
    if let Some(file) = &args.junit {
        output::write(file, junit::of(&results, took).as_bytes())?;
    }
    verdict(&results)
}

/// All scenarios, for people.
fn list() -> String {
    let line = |scenario: &mapi_provider_host::conformance::Scenario| {
        format!("{:<30}  {}\n", scenario.name, scenario.rules.join(", "))
    };
    SCENARIOS.iter().map(line).collect()
}

/// Everything that the scenarios' processes are told.
struct Prepared {
    job: Job,
    /// What stands for `%LOCALAPPDATA%`: a queue of this check's is nobody else's, and ends with it.
    data: Option<PathBuf>,
    /// Where the files of stores and queues are. Held, and then removed.
    _folder: Option<Folder>,
}

impl Prepared {
    fn of(args: &Args, built: &Built) -> Result<Self, Failure> {
        let manifest = manifest::of(&built.library, args.timeout)?;
        let resolve = |assignments: &[String]| {
            settings::resolve(assignments, manifest.as_deref()).map_err(Failure::new)
        };
        let wraps = args.wrapped
            || args.inner.is_some()
            || manifest.as_deref().is_some_and(wrapped::is_wrapped);
        let has_file = wraps || manifest.as_deref().is_some_and(wrapped::has_file);
        let has_queue = manifest.as_deref().is_some_and(wrapped::has_queue);
        let folder = (has_file || has_queue)
            .then(|| Folder::create(None, false))
            .transpose()?;
        if let Some(folder) = &folder {
            remove_when_interrupted(folder.path().to_owned());
        }
        let files = folder.as_ref().map(|folder| folder.path().to_owned());
        let data = files.clone().filter(|_| has_queue);
        let files = files.filter(|_| has_file);
        let inner = || wrapped::inner(args.inner.as_deref(), built);
        let inner = wraps.then(inner).flatten();
        let inner = inner.map(absolute).transpose();
        Ok(Self {
            job: Job {
                settings: resolve(&args.set)?,
                failing: resolve(&args.failing)?,
                stores: files.clone().filter(|_| wraps),
                mailboxes: files.filter(|_| !wraps),
                inner: inner.map_err(|error| Failure::new(format!("`--inner`: {error}")))?,
                to: args.to.clone(),
                refused: args.refused.clone(),
                timeout: args.timeout,
                only: args.only.clone(),
            },
            data,
            _folder: folder,
        })
    }
}

/// Ctrl-C ends the scenario that is played and this program, and the folder goes too.
fn remove_when_interrupted(folder: PathBuf) {
    // If there can be no handler, the folder stays among temporary files.
    let _ = ctrlc::set_handler(move || {
        // The scenario's process may be about to end, and still have files in there.
        let end = Instant::now() + Duration::from_secs(2);
        while fs::remove_dir_all(&folder).is_err() && folder.exists() && Instant::now() < end {
            thread::sleep(Duration::from_millis(50));
        }
        process::exit(INTERRUPTED);
    });
}

/// Plays all scenarios, each in a process of this very program.
fn check(prepared: &Prepared, library: &Path) -> Result<Results, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::new(format!("can't find this program: {error}")))?;
    let subject = prepared.job.subject(library);
    let input = format!("{}\n", prepared.job.to_json());
    let mut start = |scenario: &mapi_provider_host::conformance::Scenario| {
        let mut command = Command::new(&program);
        command
            .args(["host", "scenario", scenario.name])
            .arg(library);
        if let Some(data) = &prepared.data {
            command.env(process_of_provider::DATA, data);
        }
        (command, input.clone().into_bytes())
    };
    let bar = Bar::new();
    let (mut begun, all) = (0, subject.scenarios().count() as u64);
    let results = subject.check(&mut start, &mut |scenario| {
        begun += 1;
        bar.show(&scenario.name.into(), begun, all);
    });
    // The table says more than where it stood.
    let _ = bar.finish();
    Ok(results)
}

/// The table for people: failures stand out if possible.
fn shown(results: &Results, took: Duration) -> String {
    let table = results.to_string();
    let lines = table.lines().map(|line| match line.get(10..14) {
        Some("fail") if !line.starts_with(' ') => output::bold(line),
        _ => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    format!("{} ({:.1} s)\n", lines.join("\n"), took.as_secs_f32())
}

fn verdict(results: &Results) -> Result<(), Failure> {
    if results.is_kept() {
        return Ok(());
    }
    if results.stopped.is_some() {
        return Err(Failure::new(
            "the provider could not be checked: it must load, log on, and, if it is a store, end a run; are there settings that it needs?",
        ));
    }
    Err(Failure::new(match results.count("fail") {
        1 => "a rule of the contract is broken".to_owned(),
        count => format!("{count} rules of the contract are broken"),
    }))
}

impl Job {
    /// The check that a scenario's process and this one have in common.
    fn subject(&self, library: &Path) -> Conformance {
        let mut subject = Conformance::library(library)
            .settings(self.settings.clone())
            .failing(self.failing.clone())
            .to(self.to.clone())
            .refused(self.refused.clone())
            .only(self.only.clone())
            .time_limit(self.timeout);
        if let Some(folder) = &self.stores {
            subject = subject.wrapped(folder);
        }
        if let Some(folder) = &self.mailboxes {
            subject = subject.mailboxes(folder);
        }
        if let Some(inner) = &self.inner {
            subject = subject.inner(inner);
        }
        subject
    }
}
