//! `cargo xtask test`: the tests on this machine.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out slow tests: the documentation's tests and the programs that build crates or wait for runs.
    #[arg(long)]
    quick: bool,
    /// Arguments for the test programs.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Test programs that take long, with what they do.
const SLOW: [(&str, &str); 5] = [
    (
        "catalogue_words",
        "puts every word in every place of a definition",
    ),
    ("demo", "builds two providers from nothing"),
    ("host_check", "plays every scenario against four providers"),
    ("host_sync", "waits for runs"),
    ("ui", "compiles a hundred crates"),
];

/// Runs `cargo xtask test`.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root());
    cargo.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    if args.quick {
        cargo.args(["--lib", "--bins"]);
        for test in quick_tests()? {
            cargo.args(["--test", &test]);
        }
    }
    command::run(cargo.arg("--").args(&args.args))
}

/// The names of the test programs that don't take long.
fn quick_tests() -> Result<BTreeSet<String>, String> {
    let packages = workspace::packages()?;
    let tests = packages.into_iter().flat_map(|package| package.tests);
    let is_slow = |test: &String| SLOW.iter().any(|(name, _)| name == test);
    Ok(tests.filter(|test| !is_slow(test)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_test_is_one_program_and_left_out() {
        let packages = workspace::packages().expect("cargo tells them");
        let all: Vec<String> = packages
            .into_iter()
            .flat_map(|package| package.tests)
            .collect();
        let quick = quick_tests().expect("cargo tells them");
        for (name, what) in SLOW {
            let count = all.iter().filter(|test| *test == name).count();
            assert_eq!(count, 1, "{name} {what}");
            assert!(!quick.contains(name));
        }
        assert!(quick.contains("contract"));
    }
}
