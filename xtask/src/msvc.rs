//! `cargo xtask msvc`: does what teams ship still compile? A type check doesn't need Microsoft's linker.

use crate::toolchain::{NO_FLAGS, Toolchain};
use crate::{command, workspace};

const TARGETS: [&str; 2] = ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"];

/// A target that we don't support: x86 code that calls ARM code.
const REFUSED: &str = "arm64ec-pc-windows-msvc";

/// Type-checks the provider side for each target, with the warnings that only those targets give.
pub(crate) fn run() -> Result<(), String> {
    TARGETS.into_iter().try_for_each(check)?;
    refused()
}

/// Somebody who builds for an unsupported target should read one sentence, and no errors that follow from
/// it.
fn refused() -> Result<(), String> {
    command::say(&format!("checking for {REFUSED}, which is refused"));
    let toolchain = Toolchain::for_target(REFUSED)?;
    let mut cargo = toolchain.cargo("check", &workspace::target_dir("windows"), NO_FLAGS);
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
            "there should be one sentence about {REFUSED}, but this was said:
{said}"
        ))
    }
}

fn check(target: &str) -> Result<(), String> {
    command::say(&format!("checking for {target}"));
    let toolchain = Toolchain::for_target(target)?;
    let mut cargo = toolchain.cargo("clippy", &workspace::target_dir("windows"), NO_FLAGS);
    cargo.args([
        "--package",
        "mapi-provider",
        "--package",
        "probe",
        "--package",
        "maildir",
        "--package",
        "store_probe",
        "--package",
        "imap",
        "--package",
        "smtp",
        "--package",
        "mail_account",
    ]);
    // SQLite is C code, which would need Microsoft's compiler. Nothing is linked, so a folder without it will do.
    cargo
        .env("LIBSQLITE3_SYS_USE_PKG_CONFIG", "1")
        .env("SQLITE3_LIB_DIR", workspace::target_dir("windows"));
    // Clippy, because code only for Windows must document its unsafe blocks too. Style is left to the
    // ordinary run: this one may use nightly's Clippy, whose opinions change.
    command::run(cargo.args(["--", "-D", "warnings", "-A", "clippy::all"]))
}
