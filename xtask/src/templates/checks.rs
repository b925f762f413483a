//! What a generated crate must pass without changes.

use std::path::Path;
use std::process::Command;

use crate::windows::{Arch, run_by_wine, run_tests};
use crate::{command, workspace};

/// Formats, lints, builds and tests a crate. All crates share a target folder: the first one pays for the
/// dependencies.
pub(super) fn on_this_machine(folder: &Path) -> Result<(), String> {
    let target = workspace::target_dir("templates");
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &target)
            .args(args);
        cargo
    };
    command::run(&mut cargo(&["fmt", "--check"]))?;
    command::run(&mut cargo(&[
        "clippy",
        "--quiet",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    command::run(&mut cargo(&["build", "--quiet"]))?;
    run_tests(&mut cargo(&["test", "--quiet"]))
}

/// Builds a crate for Windows and runs its tests under Wine.
pub(super) fn on_windows(folder: &Path, arch: Arch) -> Result<(), String> {
    let mut cargo = arch
        .toolchain()?
        .cargo("test", &Arch::target_dir(), arch.flags());
    cargo.current_dir(folder);
    let _awake = run_by_wine(&mut cargo, arch)?;
    cargo.args(["--quiet", "--tests"]);
    run_tests(&mut cargo)
}
