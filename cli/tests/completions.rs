//! What bash completes with the script that `cargo mapi completions bash` prints. Only where there is a bash.

use std::fs;
use std::process::{Command, Output, Stdio};

/// Bash, after it has read the script twice and, before that, a completion of cargo's own.
fn bash(commands: &str) -> Option<Output> {
    Command::new("bash")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .ok()?;
    let printed = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .args(["completions", "bash"])
        .output()
        .expect("it runs");
    assert_eq!(printed.status.code(), Some(0));
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("cargo-mapi.bash");
    fs::write(&script, printed.stdout).expect("writable");
    let program = format!(
        "_cargo() {{ COMPREPLY=(own \"$@\"); }}\ncomplete -F _cargo cargo\nsource \"$1\" && source \"$1\"\n\
         try() {{ COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); \
         $(complete -p \"$1\" | sed 's/.* -F \\([^ ]*\\) .*/\\1/') \"$1\" \"${{!#}}\" \"${{@: -2:1}}\"; \
         echo \"${{COMPREPLY[@]}}\"; }}\n{commands}"
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &program, "bash"])
        .arg(&script)
        .output();
    Some(output.expect("bash runs"))
}

/// What each command line is completed to.
fn completed(lines: &[&str]) -> Option<Vec<String>> {
    let commands: Vec<String> = lines.iter().map(|line| format!("try {line}")).collect();
    let output = bash(&commands.join("\n"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.is_empty(), "{error}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn the_subcommand_of_cargo_is_completed_like_the_program() {
    let lines = [
        "cargo mapi expl",
        "cargo-mapi expl",
        "cargo mapi host sy",
        "cargo mapi host sync --on-",
        "cargo mapi doctor --arch x",
        "cargo mapi completions z",
    ];
    let Some(found) = completed(&lines) else {
        return;
    };
    let wanted = [
        "explain",
        "explain",
        "sync",
        "--on-demand",
        "x64 x86",
        "zsh",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn all_else_goes_to_the_completion_that_cargo_had() {
    let Some(found) = completed(&["cargo bui", "cargo build ma"]) else {
        return;
    };
    assert_eq!(found, ["own cargo bui cargo", "own cargo ma build"]);
}
