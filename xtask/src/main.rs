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

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Ci(args) => match ci::run(&args) {
            Ok(code) => return code,
            Err(why) => Err(why),
        },
        Command::Codegen { check } => codegen::run(check),
        Command::Bench(args) => bench::run(&args),
        Command::Features(args) => features::run(&args),
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
