//! `cargo xtask msvc`: does what teams ship still compile? A type check wants no linker of Microsoft's.

use crate::toolchain::Toolchain;
use crate::{command, workspace};

const TARGETS: [&str; 2] = ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"];

/// A target that we don't serve: x86 code that calls ARM code.
const REFUSED: &str = "arm64ec-pc-windows-msvc";

/// Type-checks the provider side for each target, with the warnings that only those targets give.
pub(crate) fn run() -> Result<(), String> {
    TARGETS.into_iter().try_for_each(check)?;
    refused()
}

/// Who builds for a target that we don't serve reads one sentence, and nothing that follows from it.
fn refused() -> Result<(), String> {
    command::say(&format!("checking for {REFUSED}, which is refused"));
    let toolchain = Toolchain::for_target(REFUSED)?;
    let mut cargo = toolchain.cargo("check", &workspace::target_dir("windows"), &[]);
    cargo.args(["--quiet", "--package", "mapi-provider"]);
    let output = cargo.output();
    let output = output.map_err(|error| format!("cargo can't be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let mut errors = said.lines().filter(|line| line.starts_with("error"));
    let first = errors.next().unwrap_or_default();
    let last = errors.next().unwrap_or_default();
    let is_said = first.contains("mapi-provider can't be built for this target")
        && last.ends_with("(lib) due to 1 previous error")
        && errors.next().is_none();
    if is_said {
        Ok(())
    } else {
        Err(format!(
            "one sentence was to be said of {REFUSED}, and this was said:\n{said}"
        ))
    }
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
