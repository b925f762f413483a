//! Development chores: `cargo xtask COMMAND`.
//!
//! One module per command. Progress and errors go to stderr, so scripts can use what a command prints on
//! stdout.

use std::process::ExitCode;

use clap::Parser;

use self::command_line::{Cli, Command};

mod abi_cpp;
mod bench;
mod ci;
mod codegen;
mod command;
mod command_line;
mod features;
mod fuzz;
mod interleave;
mod manual;
mod mapi_sys;
mod msvc;
mod mutants;
mod package;
mod picture;
mod portable;
mod sanitize;
mod templates;
mod test;
#[cfg(test)]
mod told;
mod toolchain;
mod windows;
mod workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Development chores of mapi-provider",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write abi/src/generated from the interface catalogue.
    Codegen {
        /// Write nothing; fail where a file differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Measure calls, references and the start of a run, each beside the same done otherwise.
    Bench(bench::Args),
    /// Run all checks: what `.ci/run` does.
    Ci(ci::Args),
    /// Compile and document the runtime with each of its features alone and with all, and lint it with all.
    Features,
    /// Throw arbitrary input at everything that reads what others wrote.
    ///
    /// Builds the fuzz targets with nightly, which must be installed, and tries each in turn. A finding's input is
    /// kept, and its path is shown.
    Fuzz(fuzz::Args),
    /// Try many interleavings of the sync engine under a model checker.
    Interleave(interleave::Args),
    /// Write the chapters of the manual that the generator has the words of: `provider.toml`, and its diagnostics.
    Manual {
        /// Write nothing; fail where a chapter differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Compare the catalogue with Microsoft's Rust bindings, for Windows.
    MapiSys(mapi_sys::Args),
    /// Type-check everything with the compiler that `rust-version` names.
    Msrv,
    /// Pack what is published, and build the packages.
    Package,
    /// Draw the picture of the demo anew that the README shows.
    Picture,
    /// Run the object, sync and host tests under a sanitizer.
    Sanitize(sanitize::Args),
    /// Install what Windows and the sanitizers need, and fetch every crate that is used.
    SetUp,
    /// Type-check the provider side for the targets that teams ship.
    Msvc,
    /// Break each rule of the contract on purpose and look whether its tests notice.
    Mutants(mutants::Args),
    /// Make crates of the template, for every two choices, and test them.
    Templates(templates::Args),
    /// Run the tests on this machine.
    Test(test::Args),
    /// Build and test for Windows.
    Windows(windows::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Ci(args) => match ci::run(&args) {
            Ok(code) => return code,
            Err(why) => Err(why),
        },
        Command::Codegen { check } => codegen::run(check),
        Command::Bench(args) => bench::run(&args),
        Command::Features => features::run(),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Interleave(args) => interleave::run(&args),
        Command::Manual { check } => manual::run(check),
        Command::MapiSys(args) => mapi_sys::run(&args),
        Command::Msrv => ci::msrv(),
        Command::Package => package::run(),
        Command::Picture => picture::run(),
        Command::Sanitize(args) => sanitize::run(args),
        Command::SetUp => ci::set_up(),
        Command::Msvc => msvc::run(),
        Command::Mutants(args) => mutants::run(&args),
        Command::Templates(args) => templates::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Windows(args) => windows::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
