//! `cargo mapi`: checks, shows, installs and runs MAPI providers.

mod assign;
mod build;
mod bytes;
mod cargo_settings;
mod check;
mod command_line;
mod completions;
mod date;
mod demo;
mod doctor;
mod expand;
mod explain;
mod failure;
mod host;
mod inf;
mod install;
mod interfaces;
mod mailbox;
mod new;
mod output;
mod profile;
#[cfg(test)]
mod told;
mod unsent;
mod width;

use std::{env, process::ExitCode};

use clap::Parser;

use self::command_line::{Cli, arguments};

fn main() -> ExitCode {
    match Cli::parse_from(arguments(env::args_os())).command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            failure.exit_code()
        }
    }
}
