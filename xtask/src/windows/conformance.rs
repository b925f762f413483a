//! `cargo xtask windows conformance`: the conformance check against a provider that is none of ours.
//!
//! `tests/cpp-provider` is a message store provider in C++ that keeps the contract, and that can be compiled with one of
//! many mistakes. `cargo mapi host check` must find no broken rule in the one, and in each of the others the rule that
//! the mistake breaks.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::arch::Arch;
use super::build;
use crate::command;

mod checker;
mod mistakes;
mod provider;

use checker::Checker;
use mistakes::Mistake;
use provider::Compiler;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Look at the mistakes of these names alone.
    #[arg(value_name = "MISTAKE")]
    mistakes: Vec<String>,
}

/// Compiles the provider and its mistakes, as many at once as there are processors, and checks each when it is there.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let subjects = subjects(&args.mistakes)?;
    let program = build::debug_program(args.arch, "cargo-mapi", "cargo-mapi")?;
    let compiler = Compiler::prepare(args.arch)?;
    let checker = Checker::new(args.arch, program)?;
    command::say(&format!(
        "checking the provider in C++ and {} mistakes of it ({})",
        subjects.len() - 1,
        args.arch.name()
    ));
    let (mut passed, mut failed) = (0, 0);
    let waiting = Mutex::new(subjects.iter());
    thread::scope(|scope| -> Result<(), String> {
        let (compiled, ready) = channel();
        let at_once = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..at_once {
            let compiled = compiled.clone();
            scope.spawn(|| compile_all(&compiler, &waiting, compiled));
        }
        drop(compiled);
        // One after another: a check has clocks in it.
        for (subject, dll) in ready {
            match checker.judge(&dll?, subject) {
                Ok(what) => {
                    passed += 1;
                    println!("ok      {:<24} {what}", name(subject));
                }
                Err(why) => {
                    failed += 1;
                    println!("FAILED  {:<24} {why}", name(subject));
                }
            }
        }
        Ok(())
    })?;
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 {
        Ok(())
    } else {
        Err("the conformance check doesn't see what it should".to_owned())
    }
}

/// What is compiled and checked: the provider as it is, or with a mistake.
type Subject = Option<Mistake>;

fn name(subject: &Subject) -> &str {
    subject
        .as_ref()
        .map_or("no mistake", |mistake| &mistake.name)
}

/// The provider as it is and with each mistake, or with those that are named.
fn subjects(wanted: &[String]) -> Result<Vec<Subject>, String> {
    let mistakes = mistakes::read(&provider::folder().join("broken.h"))?;
    let is_there = |name: &&String| mistakes.iter().any(|mistake| mistake.name == **name);
    if let Some(name) = wanted.iter().find(|name| !is_there(name)) {
        return Err(format!("broken.h has no mistake `{name}`"));
    }
    let is_wanted = |mistake: &Mistake| wanted.is_empty() || wanted.contains(&mistake.name);
    let chosen = mistakes.into_iter().filter(is_wanted).map(Some);
    Ok(std::iter::once(None).chain(chosen).collect())
}

/// Compiles what nobody else compiles, until nothing is left.
fn compile_all<'a>(
    compiler: &Compiler,
    waiting: &Mutex<impl Iterator<Item = &'a Subject>>,
    compiled: Sender<(&'a Subject, Result<std::path::PathBuf, String>)>,
) {
    loop {
        let next = waiting.lock().map_or(None, |mut waiting| waiting.next());
        let Some(subject) = next else { return };
        let dll = compiler.compile(subject.as_ref());
        if compiled.send((subject, dll)).is_err() {
            return; // A failure before this has ended everything.
        }
    }
}
