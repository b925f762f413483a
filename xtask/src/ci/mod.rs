//! `cargo xtask ci`: every check there is, as stages, two or three at once.
//!
//! `.ci/run` is this command. The stages are in `stages`; `order` says which one begins next; `process` runs, bounds
//! and ends one; `told` reports on it.

use std::collections::HashSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::{command, workspace};

mod msrv;
mod order;
mod process;
mod set_up;
mod stages;
mod told;

pub(crate) use msrv::run as msrv;
pub(crate) use set_up::run as set_up;

use order::Order;
use process::Place;
use stages::{STAGES, Stage};
use told::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What everyday work needs, in five minutes: style, lints, generated files, and the tests on this machine.
    #[arg(long, conflicts_with = "stages")]
    quick: bool,
    /// List the stages and do nothing else.
    #[arg(long)]
    list: bool,
    /// How many stages run at once; by default one more than there are processors, because some wait most of the
    /// time.
    #[arg(long, value_name = "NUMBER")]
    at_once: Option<NonZeroUsize>,
    /// Only these stages.
    #[arg(value_name = "STAGE")]
    stages: Vec<String>,
}

/// After this long without output, people would think that we are dead.
const SILENCE: Duration = Duration::from_secs(60);

/// Runs the stages, reports each when it has ended, and then all of them as a table. The last line is the sum of all
/// tests, whatever happened.
pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let stages = chosen(args)?;
    if args.list {
        for stage in stages {
            println!("{:<10} {}", stage.name, stage.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let place = Place::prepare(args.quick, !args.quick && args.stages.is_empty())?;
    let stop = stopped_by_signals()?;
    let outcomes = run_all(&stages, at_once(args), &place, &stop);
    println!("\n{}", told::table(&outcomes, place.since.elapsed()));
    if stop.load(Ordering::Relaxed) {
        println!(
            "stopped: {} stages are missing",
            stages.len() - outcomes.len()
        );
    }
    print!("\n{}", told::troubles(&outcomes));
    println!("\n{}", told::sum(&outcomes));
    let all = outcomes.len() == stages.len();
    let good = all && outcomes.iter().all(Outcome::is_good);
    Ok(ExitCode::from(u8::from(!good)))
}

fn at_once(args: &Args) -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    args.at_once.map_or(processors + 1, NonZeroUsize::get)
}

/// The requested stages, in the order in which they begin.
fn chosen(args: &Args) -> Result<Vec<&'static Stage>, String> {
    let wanted: HashSet<&str> = args.stages.iter().map(String::as_str).collect();
    let known = |name: &&&str| STAGES.iter().any(|stage| stage.name == **name);
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        return Err(format!(
            "there is no stage `{name}`; `cargo xtask ci --list` lists them"
        ));
    }
    let is_wanted = |stage: &&Stage| match (args.quick, wanted.is_empty()) {
        (true, _) => stage.is_quick(),
        (false, true) => !stage.only_quick(),
        (false, false) => wanted.contains(stage.name),
    };
    Ok(STAGES.iter().filter(is_wanted).collect())
}

/// Whether the requested stages exist.
#[cfg(test)]
pub(crate) fn check(args: &Args) -> Result<(), String> {
    chosen(args).map(drop)
}

/// Set by Ctrl-C and by a signal to end.
fn stopped_by_signals() -> Result<Arc<AtomicBool>, String> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .map_err(|error| format!("can't listen to Ctrl-C: {error}"))?;
    Ok(stop)
}

/// Runs that many stages at once; returns their results, in the order in which they ended.
fn run_all(
    stages: &[&'static Stage],
    at_once: usize,
    place: &Place,
    stop: &AtomicBool,
) -> Vec<Outcome> {
    let mut order = Order::new(stages.iter().copied());
    let mut outcomes = Vec::new();
    let (ended, ends) = channel();
    thread::scope(|scope| {
        loop {
            while order.running().len() < at_once && !stop.load(Ordering::Relaxed) {
                let Some(stage) = order.begin() else { break };
                let ended: Sender<Outcome> = ended.clone();
                // Only we listen, until all have ended.
                scope.spawn(move || ended.send(process::run(stage, place, stop)).is_ok());
            }
            if order.running().is_empty() {
                return;
            }
            let outcome = next_end(&ends, &order, place);
            order.end(outcome.stage);
            told::tell(&outcome);
            outcomes.push(outcome);
        }
    });
    outcomes
}

/// Waits for a stage to end, and says from time to time that we are still there.
fn next_end(ends: &Receiver<Outcome>, order: &Order, place: &Place) -> Outcome {
    loop {
        match ends.recv_timeout(SILENCE) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Timeout) => command::say(&format!(
                "after {}: at {}; {} to come",
                told::duration(place.since.elapsed()),
                order.running().join(", "),
                order.waiting()
            )),
            // The sender beside this receiver is ours.
            Err(RecvTimeoutError::Disconnected) => unreachable!("we hold a sender"),
        }
    }
}

/// Where the logs of the stages are.
fn log_folder() -> Result<PathBuf, String> {
    let folder = workspace::target_dir("ci");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    Ok(folder)
}
