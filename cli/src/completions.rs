//! `cargo mapi completions`: what a shell needs to complete the command line.

use clap::Command;
use clap_complete::{Shell, generate};

use crate::failure::Failure;
use crate::output;

/// Tells bash that `cargo mapi` is `cargo-mapi`.
const BASH_BRIDGE: &str = include_str!("completions/bridge.bash");

/// Print a script that lets a shell complete this command
///
/// Bash, zsh and fish complete `cargo mapi …`, the others `cargo-mapi …`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  source <(cargo mapi completions bash)                       # in ~/.bashrc
  cargo mapi completions zsh > ~/.zfunc/_cargo-mapi           # a folder of $fpath
  cargo mapi completions fish | source                        # in ~/.config/fish/config.fish
  cargo mapi completions powershell | Out-String | Invoke-Expression   # in $PROFILE")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// `command` makes the whole command line, which is above this.
pub(crate) fn run(args: &Args, command: fn() -> Command) -> Result<(), Failure> {
    output::print(&script(args.shell, command))
}

fn script(shell: Shell, command: fn() -> Command) -> Vec<u8> {
    // Bash's functions and their states are named after the command, and a hyphen in it would separate
    // the two.
    let name = match shell {
        Shell::Bash => "cargo_mapi",
        _ => "cargo-mapi",
    };
    let mut script = Vec::new();
    generate(shell, &mut command().bin_name(name), name, &mut script);
    match shell {
        Shell::Bash => script.extend_from_slice(BASH_BRIDGE.as_bytes()),
        // Fish combines what several scripts say about a command, so this does not harm cargo's own.
        Shell::Fish => generate(shell, &mut within_cargo(command()), "cargo", &mut script),
        // Cargo's script for zsh calls `_cargo-mapi` by itself.
        _ => {}
    }
    script
}

/// The command as a cargo subcommand.
fn within_cargo(command: Command) -> Command {
    let mapi = command.name("mapi").bin_name("cargo mapi");
    Command::new("cargo")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .subcommand(mapi)
}

#[cfg(test)]
mod tests {
    use super::script;
    use crate::command_line::Cli;
    use clap::{CommandFactory, ValueEnum};
    use clap_complete::Shell;

    #[test]
    fn every_shell_has_a_script_that_knows_every_command() {
        let cli = Cli::command();
        let commands: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
        assert!(commands.contains(&"completions"));
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell, Cli::command)).expect("UTF-8");
            for command in &commands {
                assert!(script.contains(command), "{shell} lacks {command}");
            }
        }
    }

    #[test]
    fn fish_completes_the_subcommand_of_cargo() {
        let script = String::from_utf8(script(Shell::Fish, Cli::command)).expect("UTF-8");
        let lines = script
            .lines()
            .filter(|line| line.starts_with("complete -c cargo "));
        let ours = lines.filter(|line| line.contains("explain")).count();
        assert!(ours > 0, "{script}");
    }
}
