//! The first minute of somebody who has made a mailbox: `cargo mapi host sync` and `host show` bring the folders and
//! messages that the README shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::windows::{Arch, Awake, debug_program, wine_path};
use crate::{command, workspace};

/// The file in the new crate that plays the server.
const SERVER: &str = "messages.txt";

/// On this machine, where the command builds the crate.
pub(super) fn on_this_machine(program: &Path, folder: &Path) -> Result<(), String> {
    let target = workspace::target_dir("templates");
    let start = || {
        let mut command = Command::new(program);
        command.env("CARGO_TARGET_DIR", &target);
        command
    };
    check(start, ".", folder)
}

/// Under Wine, with the DLL that is built for the crate's tests. Everything lies in one folder: a Wine with its own
/// root sees no more.
pub(super) fn on_windows(folder: &Path, arch: Arch) -> Result<(), String> {
    let program = debug_program(arch, "cargo-mapi", "cargo-mapi")?;
    let mut cargo = arch
        .toolchain()?
        .cargo("build", &Arch::target_dir(), arch.flags());
    command::run(cargo.current_dir(folder).arg("--quiet"))?;
    let name = library(folder)?;
    let built = Arch::target_dir().join(arch.target()).join("debug");
    let place = folder.join(arch.name());
    let copy = |from: PathBuf, name: &str| {
        let failed = |error| format!("can't copy {}: {error}", from.display());
        fs::copy(&from, place.join(name)).map_err(failed)
    };
    fs::create_dir_all(&place)
        .map_err(|error| format!("can't make {}: {error}", place.display()))?;
    copy(built.join(&name), &name)?;
    copy(folder.join(SERVER), SERVER)?;
    copy(program, PROGRAM)?;
    let runner = arch.runner()?;
    let _awake = Awake::keep(arch)?;
    let start = || {
        let mut command = Command::new(&runner);
        command.arg(place.join(PROGRAM)).env("WINEDEBUG", "-all");
        command
    };
    check(start, &wine_path(&place.join(&name)), &place)
}

const PROGRAM: &str = "cargo-mapi.exe";

/// The DLL's name on Windows.
fn library(folder: &Path) -> Result<String, String> {
    let manifest = fs::read_to_string(folder.join("provider.toml")).unwrap_or_default();
    let manifest = manifest.parse::<toml::Table>().ok();
    let id =
        manifest.and_then(|table| Some(table.get("provider")?.get("id")?.as_str()?.to_owned()));
    let id = id.ok_or("provider.toml has no id")?;
    Ok(format!("{id}32.dll"))
}

/// Synchronises and shows a provider, in a folder that has the server's file.
fn check(start: impl Fn() -> Command, provider: &str, folder: &Path) -> Result<(), String> {
    let run = |what: &str, setting: &[&str]| {
        let mut command = start();
        command.args(["host", what, provider, "--profile", "first.profile"]);
        command::output(command.args(setting).current_dir(folder))
    };
    let server = format!("server={SERVER}");
    let said = run("sync", &["--set", &server])?;
    if !said.contains("S_OK") || !said.contains("nothing was left behind") {
        return Err(format!("`cargo mapi host sync` said:\n{said}"));
    }
    let said = run("show", &[])?;
    let shown: Vec<String> = said.lines().map(undated).collect();
    let promised = promised()?;
    if shown == promised {
        return Ok(());
    }
    Err(format!(
        "`cargo mapi host show` said:\n{said}\nand the README promises:\n{}",
        promised.join("\n")
    ))
}

/// What the README says that `host show` shows.
fn promised() -> Result<Vec<String>, String> {
    let file = workspace::root().join("README.md");
    let text =
        fs::read_to_string(file).map_err(|error| format!("can't read README.md: {error}"))?;
    let mut lines = text.lines();
    lines
        .find(|line| line.starts_with("$ cargo mapi host show"))
        .ok_or("README.md shows no `cargo mapi host show`")?;
    Ok(lines
        .take_while(|line| !line.starts_with("```"))
        .map(undated)
        .collect())
}

/// A line without the day of a message, which is today, and with one space between words.
fn undated(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let indent = line.len() - line.trim_start().len();
    let is_time = |word: &&str| {
        let (hour, minute) = word.split_once(':').unwrap_or_default();
        [hour, minute].iter().all(|part| part.parse::<u8>().is_ok())
    };
    // Day, month, time.
    let date = words
        .iter()
        .position(is_time)
        .map_or(0..0, |time| time.saturating_sub(2)..time + 1);
    let kept = words
        .iter()
        .enumerate()
        .filter(|(number, _)| !date.contains(number))
        .map(|(_, word)| *word);
    let kept: Vec<&str> = kept.collect();
    format!("{}{}", " ".repeat(indent), kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_readme_promises_has_folders_and_messages_and_no_date() {
        let promised = promised().expect("it promises something");
        assert!(
            promised.contains(&"  Inbox (2, 2 unread)".to_owned()),
            "{promised:?}"
        );
        let message = "     U The server Lunch on Friday?";
        assert!(promised.contains(&message.to_owned()), "{promised:?}");
    }

    #[test]
    fn a_line_without_a_date_is_kept() {
        assert_eq!(undated("  Sent  Items"), "  Sent Items");
        assert_eq!(undated("  3 Mar 1:5 x"), "  x");
        assert_eq!(undated("a: b"), "a: b");
    }
}
