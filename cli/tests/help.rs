//! The help of each command: `help/<command>.txt` has it, word for word. `BLESS=1 cargo test -p cargo-mapi --test
//! help` writes the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn help(path: &[String]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .args(path)
        .arg("--help")
        // The width of a terminal is nobody's business here.
        .env_remove("COLUMNS")
        .output()
        .expect("it runs");
    assert_eq!(out.status.code(), Some(0), "{path:?}");
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    // Clap leaves blanks at the end of lines between the paragraphs of an option.
    let lines = text.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// The commands that a help lists, without `help` itself.
fn commands(help: &str) -> Vec<String> {
    let list = help
        .split_once("\nCommands:\n")
        .map_or("", |(_, rest)| rest);
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines
        // What goes on below a name is further to the right.
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))
        })
        .filter_map(|line| line.split(' ').next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The help of each command by the name of its file, from the command itself downwards.
fn all() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![Vec::new()];
    while let Some(path) = waiting.pop() {
        let text = help(&path);
        let below = commands(&text).into_iter();
        waiting.extend(below.map(|name| [path.as_slice(), &[name]].concat()));
        let name = [&["mapi".to_owned()], path.as_slice()].concat().join("-");
        found.insert(format!("{name}.txt"), text);
    }
    found
}

fn folder() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&package).join("tests/help")
}

#[test]
fn every_command_has_its_help_in_a_file() {
    let all = all();
    assert!(
        all.len() >= 11,
        "only {} commands: the walk is broken",
        all.len()
    );
    if env::var_os("BLESS").is_some() {
        for (name, text) in &all {
            fs::write(folder().join(name), text).expect("the folder is writable");
        }
    }
    let mut wrong = Vec::new();
    for (name, text) in &all {
        let golden = fs::read_to_string(folder().join(name)).unwrap_or_default();
        if golden.replace("\r\n", "\n") != *text {
            wrong.push(format!("{name}:\n{text}"));
        }
    }
    let files = fs::read_dir(folder()).expect("the folder is there");
    let files = files.map(|file| file.expect("readable").file_name());
    let names = files.map(|name| name.to_string_lossy().into_owned());
    let stale = names.filter(|name| !all.contains_key(name));
    wrong.extend(stale.map(|name| format!("{name} is of no command")));
    assert!(
        wrong.is_empty(),
        "these say something else now (BLESS=1 accepts it):\n\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_help_has_examples_of_its_own_command() {
    for (name, text) in all() {
        // Of one it is `Example:`.
        let Some((_, examples)) = text.split_once("\nExample") else {
            panic!("{name} has no examples");
        };
        let command = name.trim_end_matches(".txt").replace('-', " ");
        assert!(examples.contains(&format!("cargo {command} ")), "{name}");
    }
}
