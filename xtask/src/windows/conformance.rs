//! `cargo xtask windows conformance`: the conformance check against a provider that is not ours.
//!
//! `tests/cpp-provider` is a message store provider and a transport in C++ that keep the contract, and that can make one of
//! many mistakes. `cargo mapi host check` must find no broken rule in the first, and in each of the others the rule
//! that the mistake breaks.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::arch::Arch;
use super::build;
use crate::command;

mod checker;
mod mistakes;
mod provider;

use checker::Checker;
use mistakes::Mistake;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Only check every third mistake.
    #[arg(long, conflicts_with = "mistakes")]
    sample: bool,
    /// Only check the mistakes with these names.
    #[arg(value_name = "MISTAKE")]
    mistakes: Vec<String>,
}

/// Compiles the provider and checks it as it is and with each mistake, several at once.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let subjects = subjects(&args.mistakes, if args.sample { SAMPLED } else { 1 })?;
    let program = build::debug_program(args.arch, "cargo-mapi", "cargo-mapi")?;
    args.arch.many_at_once(&program)?;
    let checker = Checker::new(args.arch, program, provider::compile(args.arch)?)?;
    command::say(&format!(
        "checking the provider in C++, each kind, and {} of its mistakes ({})",
        subjects.len() - 2,
        args.arch.name()
    ));
    let waiting = Mutex::new(subjects.iter());
    let tally = Mutex::<Tally>::default();
    thread::scope(|scope| {
        for _ in 0..CHECKS_AT_ONCE {
            scope.spawn(|| judge_all(&checker, &waiting, &tally));
        }
    });
    let Tally { passed, failed } = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 && passed == subjects.len() {
        Ok(())
    } else {
        Err("the conformance check doesn't see what it should".to_owned())
    }
}

/// A sample has one of this many mistakes.
const SAMPLED: usize = 3;

/// Most of a check is waiting: for runs that are held, and for processes to start.
const CHECKS_AT_ONCE: usize = 3;

/// How many checks saw what they should.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Checks what nobody else is checking, until nothing is left.
fn judge_all<'a>(
    checker: &Checker,
    waiting: &Mutex<impl Iterator<Item = &'a Subject>>,
    tally: &Mutex<Tally>,
) {
    loop {
        let next = waiting.lock().map_or(None, |mut waiting| waiting.next());
        let Some(subject) = next else { return };
        let judged = checker.judge(subject);
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        match judged {
            Ok(what) => {
                tally.passed += 1;
                println!("ok      {:<24} {what}", name(subject));
            }
            Err(why) => {
                tally.failed += 1;
                println!("FAILED  {:<24} {why}", name(subject));
            }
        }
    }
}

/// What to check: the provider as it is, or with a mistake.
enum Subject {
    Store,
    Transport,
    Mistake(Mistake),
}

impl Subject {
    /// The rule that it breaks.
    fn rule(&self) -> Option<&str> {
        match self {
            Self::Store | Self::Transport => None,
            Self::Mistake(mistake) => Some(&mistake.rule),
        }
    }
}

fn name(subject: &Subject) -> &str {
    match subject {
        Subject::Store => "no mistake",
        Subject::Transport => "no mistake (transport)",
        Subject::Mistake(mistake) => &mistake.name,
    }
}

/// The provider as it is, each kind, and with each mistake, or with those that are named, or with a sample.
fn subjects(wanted: &[String], of: usize) -> Result<Vec<Subject>, String> {
    let mistakes = mistakes::read(&provider::folder().join("broken.h"))?;
    let is_there = |name: &&String| mistakes.iter().any(|mistake| mistake.name == **name);
    if let Some(name) = wanted.iter().find(|name| !is_there(name)) {
        return Err(format!("broken.h has no mistake `{name}`"));
    }
    let is_wanted = |mistake: &Mistake| wanted.is_empty() || wanted.contains(&mistake.name);
    let chosen = mistakes.into_iter().filter(is_wanted).step_by(of);
    let as_it_is = [Subject::Store, Subject::Transport];
    Ok(as_it_is
        .into_iter()
        .chain(chosen.map(Subject::Mistake))
        .collect())
}
