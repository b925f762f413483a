//! `cargo xtask windows`: builds for Windows on another system, and tests the result under Wine.

use clap::Subcommand;

mod abi;
mod arch;
mod awake;
mod build;
mod conformance;
mod driver;
mod linker;
mod mail_server;
mod test;
mod verdict;

pub(crate) use abi::Sides;
pub(crate) use arch::{Arch, wine_path};
pub(crate) use awake::Awake;
pub(crate) use build::debug_program;
pub(crate) use test::run_by_wine;
pub(crate) use verdict::run_tests;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a crate; the last line on stdout is the path of the DLL (or program).
    Build(build::Args),
    /// Check the catalogue with a C++ compiler, as `test` does too.
    Abi(abi::Args),
    /// Check a provider in C++ against the contract, as it is and with each of many mistakes.
    Conformance(conformance::Args),
    /// Run the tests and the C++ driver under Wine.
    Test(test::Args),
}

/// Runs `cargo xtask windows …`.
pub(crate) fn run(args: Args) -> Result<(), String> {
    match args.command {
        Command::Build(args) => build::run(&args),
        Command::Abi(args) => abi::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Test(args) => test::run(&args),
    }
}
