//! The chores that pages and workflows tell people and GitHub to run exist.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::command_line::{Cli, Command};
use crate::{ci, workspace};

/// Pages whose every command is meant to be typed as it is written there.
const WHOLE: [&str; 2] = ["CONTRIBUTING.md", "RELEASING.md"];

const WORKFLOW: &str = ".github/workflows/ci.yml";

fn read(path: impl AsRef<Path>) -> String {
    let path = workspace::root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages in a folder and its subfolders.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

/// A page's shell blocks, line by line, and what it has besides blocks.
fn parts(page: &str) -> (Vec<String>, String) {
    let (mut lines, mut prose) = (Vec::new(), String::new());
    let mut block = None;
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("sh")) => lines.push(line.to_owned()),
            (None, Some(_)) => {}
            (None, None) => prose = prose + line + "\n",
        }
    }
    (lines, prose)
}

/// The texts between backticks, each as one line.
fn spans(prose: &str) -> impl Iterator<Item = String> {
    let spans = prose.split('`').skip(1).step_by(2);
    spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The words of a chore without the program; `None` if the line is something else.
fn chore(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let line = line.split_once(" #").map_or(line, |(command, _)| command);
    let (first, rest) = match line.strip_prefix(".ci/run") {
        Some(rest) => (Some("ci"), rest),
        None => (None, line.strip_prefix("cargo xtask")?),
    };
    let rest = rest.split_whitespace();
    Some(first.into_iter().chain(rest).map(str::to_owned).collect())
}

/// Why a line makes no sense.
fn refused(line: &str) -> Option<String> {
    let words = chore(line)?;
    let cli = Cli::try_parse_from(["xtask".to_owned()].into_iter().chain(words));
    let wrong = match cli {
        Ok(cli) => match cli.command {
            Command::Ci(args) => ci::check(&args).err(),
            _ => None,
        },
        Err(error) => Some(error.to_string()),
    };
    wrong.map(|why| format!("{line}\n{why}"))
}

/// The chores of the workflow, and the stages of its matrix as one chore each.
fn of_workflow(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| {
        let line = line.trim_start().trim_start_matches("- ");
        match line.strip_prefix("stages: ") {
            Some(stages) => format!(".ci/run {stages}"),
            None => line.trim_start_matches("run: ").to_owned(),
        }
    });
    // The matrix has the values of variables.
    lines.filter(|line| !line.contains('$')).collect()
}

#[test]
fn every_chore_that_a_page_or_the_workflow_tells_is_one() {
    let mut files = ["README.md", "tests/README.md"]
        .into_iter()
        .chain(WHOLE)
        .map(|file| workspace::root().join(file))
        .collect();
    pages(&workspace::root().join("docs"), &mut files);
    let mut lines: Vec<String> = files.iter().flat_map(|file| parts(&read(file)).0).collect();
    for page in WHOLE {
        lines.extend(spans(&parts(&read(page)).1));
    }
    lines.extend(of_workflow(&read(WORKFLOW)));
    let told = lines.iter().filter(|line| chore(line).is_some()).count();
    assert!(told > 20, "only {told} chores: the walk is broken");
    let wrong: Vec<String> = lines.iter().filter_map(|line| refused(line)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_workflow_tries_the_oldest_compiler() {
    let oldest = format!("toolchain: \"{}\"", env!("CARGO_PKG_RUST_VERSION"));
    assert!(
        read(WORKFLOW).contains(&oldest),
        "{WORKFLOW} has no `{oldest}`, which is the workspace's `rust-version`"
    );
}

#[test]
fn what_makes_no_sense_is_noticed() {
    assert!(refused("cargo xtask sanitise address").is_some());
    assert!(refused("cargo xtask windows test --arch x65").is_some());
    assert!(refused(".ci/run no-such-stage # nor this").is_some());
    assert!(refused(".ci/run --quick # five minutes").is_none());
    assert_eq!(chore("cargo test -p xtask"), None);
    assert_eq!(
        of_workflow("  - stages: format test\n  - run: cargo xtask package\n  - run: .ci/run $X"),
        [".ci/run format test", "cargo xtask package"]
    );
    let (lines, prose) = parts("a `b\nc`\n   ```sh\n   d\n   ```\ne `f`\n");
    assert_eq!(lines, ["   d"]);
    assert_eq!(spans(&prose).collect::<Vec<_>>(), ["b c", "f"]);
}
