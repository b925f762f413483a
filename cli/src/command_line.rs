//! The command line: all commands, and where each goes.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use crate::failure::Failure;
use crate::{
    build, check, completions, demo, doctor, expand, explain, host, inf, install, interfaces,
    mailbox, new, profile,
};

/// Checks, shows, installs and runs MAPI providers.
///
/// Exit codes: 0 for success, 1 if anything is wrong with what was asked for, 2 if the command line
/// makes no sense.
#[derive(Parser)]
#[command(
    name = "cargo-mapi",
    bin_name = "cargo mapi",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  cargo mapi demo                    # everything from a manifest to messages
  cargo mapi check provider.toml     # what is wrong with a manifest
  cargo mapi host sync .             # Send/Receive, without Outlook
  cargo mapi build --release         # the DLLs to ship
  cargo mapi explain 0x80040113      # what a code means
  cargo mapi doctor                  # what is missing to build for Windows"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Build(build::Args),
    Check(check::Args),
    Completions(completions::Args),
    Demo(demo::Args),
    Doctor(doctor::Args),
    Expand(expand::Args),
    Explain(explain::Args),
    Interfaces(interfaces::Args),
    Host(host::Args),
    Inf(inf::Args),
    Install(install::Args),
    Mailbox(mailbox::Args),
    New(new::Args),
    Profile(profile::Args),
    Uninstall(install::RemovalArgs),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Build(args) => build::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Completions(args) => completions::run(&args, Cli::command),
            Command::Demo(args) => demo::run(&args),
            Command::Doctor(args) => doctor::run(&args),
            Command::Expand(args) => expand::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Interfaces(args) => interfaces::run(&args),
            Command::Host(args) => host::run(&args),
            Command::Inf(args) => inf::run(&args),
            Command::Install(args) => install::run(&args),
            Command::Mailbox(args) => mailbox::run(&args),
            Command::New(args) => new::run(&args),
            Command::Profile(args) => profile::run(&args),
            Command::Uninstall(args) => install::run_removal(&args),
        }
    }
}

/// Cargo calls `cargo-mapi mapi check …` if it is installed; a workspace's alias leaves the `mapi`
/// out.
pub(crate) fn arguments(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    args.enumerate()
        .filter(|(index, arg)| !(*index == 1 && arg == "mapi"))
        .map(|(_, arg)| arg)
}

#[cfg(test)]
mod tests {
    use super::{Cli, arguments};
    use clap::CommandFactory;
    use std::ffi::OsString;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

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
