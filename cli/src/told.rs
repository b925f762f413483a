//! The commands that pages and help tell people to type exist.

use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::command_line::{Cli, arguments};

/// The root of the workspace, when the test runs.
fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let parent = Path::new(&package).parent();
    parent.expect("it lies in the workspace").to_owned()
}

/// The pages in a folder and its subfolders.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

/// The lines of a page's shell blocks.
fn shell(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// The examples of a command and its subcommands.
fn examples(command: &clap::Command, found: &mut Vec<String>) {
    let help = command.get_after_help().map(ToString::to_string);
    found.extend(help.iter().flat_map(|help| help.lines()).map(str::to_owned));
    command
        .get_subcommands()
        .for_each(|below| examples(below, found));
}

/// A line's words as a shell reads them, up to a comment, a pipe or a redirection; `None` if it is not one of our
/// commands.
fn command(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let line = line.strip_prefix("source <(").unwrap_or(line);
    line.starts_with("cargo mapi").then(|| words(line))
}

fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => words.last_mut().expect("one").push(c),
            ('\'' | '"', None) => quote = Some(letter),
            ('#' | '|' | '>' | ')', None) => break,
            (' ', None) => words.push(String::new()),
            (c, None) => words.last_mut().expect("one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Why a command line makes no sense.
fn refused(line: &str) -> Option<String> {
    // `cargo` takes the place of the program's name.
    let words = command(line)?;
    let args = words.iter().skip(1);
    let error = Cli::try_parse_from(arguments(
        ["cargo-mapi"]
            .into_iter()
            .map(Into::into)
            .chain(args.map(Into::into)),
    ))
    .err()?;
    let harmless = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    (!harmless).then(|| format!("{line}\n{error}"))
}

#[test]
fn every_command_that_a_page_or_a_help_tells_makes_sense() {
    let files = [
        "README.md",
        "CONTRIBUTING.md",
        "RELEASING.md",
        "templates/README.md",
    ];
    let mut files = files.map(|file| root().join(file)).to_vec();
    pages(&root().join("docs"), &mut files);
    let mut lines = Vec::new();
    for file in files {
        lines.extend(shell(&fs::read_to_string(&file).expect("UTF-8")));
    }
    examples(&Cli::command(), &mut lines);
    let told = lines.iter().filter(|line| command(line).is_some()).count();
    assert!(told > 40, "only {told} commands: the walk is broken");
    let wrong: Vec<String> = lines.iter().filter_map(|line| refused(line)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_makes_no_sense_is_noticed() {
    assert!(refused("cargo mapi chekc provider.toml").is_some());
    assert!(refused("cargo mapi check provider.toml --colour").is_some());
    assert!(refused("cargo mapi check 'a b.toml' # a comment").is_none());
    assert_eq!(command("cargo build"), None);
}
