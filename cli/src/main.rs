//! `cargo mapi`: checks, shows, installs and runs MAPI providers.

mod build;
mod check;
mod command_line;
mod completions;
mod demo;
mod doctor;
mod expand;
mod explain;
mod failure;
mod host;
mod inf;
mod install;
mod interfaces;
mod new;
mod output;
#[cfg(test)]
mod told;

use std::{env, ffi::OsString, process::ExitCode};

use clap::Parser;

use self::command_line::Cli;

fn main() -> ExitCode {
    match Cli::parse_from(arguments(env::args_os())).command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            failure.exit_code()
        }
    }
}

/// Cargo calls `cargo-mapi mapi check …` where it is installed; the alias of a workspace leaves the
/// `mapi` out.
fn arguments(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    args.enumerate()
        .filter(|(index, arg)| !(*index == 1 && arg == "mapi"))
        .map(|(_, arg)| arg)
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use std::ffi::OsString;

    #[test]
    fn cargo_may_repeat_the_name_of_the_command_but_files_may_have_it_too() {
        let strip = |args: &[&str]| arguments(args.iter().map(OsString::from)).collect::<Vec<_>>();
        assert_eq!(
            strip(&["cargo-mapi", "mapi", "check", "mapi"]),
            ["cargo-mapi", "check", "mapi"]
        );
        assert_eq!(
            strip(&["cargo-mapi", "check", "mapi"]),
            ["cargo-mapi", "check", "mapi"]
        );
    }
}
