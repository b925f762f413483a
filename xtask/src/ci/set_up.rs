//! `cargo xtask set-up`: what Windows and the sanitizers need, and the crates that everything needs.

use std::process::Command;

use crate::{command, fuzz, mapi_sys, toolchain, workspace};

/// Installs what can be installed. Commands ask for anything else that they need.
pub(crate) fn run() -> Result<(), String> {
    if workspace::shared_windows("setup").is_some() {
        ["std", "x64", "x86"]
            .into_iter()
            .try_for_each(toolchain::set_up)?;
    } else {
        install();
    }
    command::run(&mut cargo(&["fetch", "--locked"]))?;
    [mapi_sys::MANIFEST, fuzz::MANIFEST]
        .into_iter()
        .try_for_each(|workspace| {
            let arguments = ["fetch", "--locked", "--manifest-path", workspace];
            command::run(&mut cargo(&arguments))
        })
}

fn install() {
    let nightly = command::run(&mut cargo(&["+nightly", "--version"]));
    // An installed one is not updated.
    let mut steps: Vec<&[&str]> = vec![];
    if nightly.is_err() {
        steps.push(&["toolchain", "install", "nightly", "--profile", "minimal"]);
    }
    steps.push(&[
        "component",
        "add",
        "--toolchain",
        "nightly",
        "rust-src",
        "clippy",
    ]);
    steps.push(&[
        "target",
        "add",
        "x86_64-pc-windows-gnu",
        "i686-pc-windows-gnu",
    ]);
    steps.push(&[
        "target",
        "add",
        "x86_64-pc-windows-msvc",
        "aarch64-pc-windows-msvc",
    ]);
    for step in steps {
        if let Err(why) = command::run(Command::new("rustup").args(step)) {
            command::say(&why);
        }
    }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(arguments);
    cargo
}
