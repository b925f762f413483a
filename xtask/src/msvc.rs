//! `cargo xtask msvc`: does what teams ship still compile? A type check wants no linker of Microsoft's.

use crate::toolchain::Toolchain;
use crate::{command, workspace};

const TARGETS: [&str; 2] = ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"];

/// Type-checks the provider side for each target, with the warnings that only those targets give.
pub(crate) fn run() -> Result<(), String> {
    TARGETS.into_iter().try_for_each(check)
}

fn check(target: &str) -> Result<(), String> {
    command::say(&format!("checking for {target}"));
    let toolchain = Toolchain::for_target(target)?;
    let mut cargo = toolchain.cargo("clippy", &workspace::target_dir("windows"), &[]);
    cargo.args([
        "--package",
        "mapi-provider",
        "--package",
        "probe",
        "--package",
        "maildir",
    ]);
    // Clippy, since code for Windows alone must document its unsafe blocks too. Matters of style are left to
    // the ordinary run: this one may be nightly's, whose opinions change.
    command::run(cargo.args(["--", "-D", "warnings", "-A", "clippy::all"]))
}
