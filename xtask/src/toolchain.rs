//! Which compiler builds for a target: the active one if std for the target came with it, otherwise nightly, which
//! builds std from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{command, workspace};

/// For a command without flags of its own.
pub(crate) const NO_FLAGS: &[&str] = &[];

/// A compiler that can build for one target.
#[derive(Debug)]
pub(crate) struct Toolchain {
    target: String,
    std_from_source: bool,
}

impl Toolchain {
    /// The active toolchain if it has std for the target, otherwise nightly with std from source.
    pub(crate) fn for_target(target: &str) -> Result<Self, String> {
        if has_std(&sysroot(None)?, target) {
            return Ok(Self {
                target: target.to_owned(),
                std_from_source: false,
            });
        }
        Self::from_source(target)
    }

    /// Nightly, with std built for the target with the flags of the build (sanitizers need that).
    pub(crate) fn from_source(target: &str) -> Result<Self, String> {
        if !has_std_source() {
            set_up("std")?;
        }
        if !has_std_source() {
            return Err(format!(
                "std for {target} can't be had: install it with `rustup target add {target}`, or its source with \
                 `rustup component add rust-src --toolchain nightly`"
            ));
        }
        Ok(Self {
            target: target.to_owned(),
            std_from_source: true,
        })
    }

    /// Whether std is built from source.
    pub(crate) fn std_from_source(&self) -> bool {
        self.std_from_source
    }

    /// A cargo command for the target, with `flags` for rustc after those in the environment.
    pub(crate) fn cargo(
        &self,
        subcommand: &str,
        target_dir: &Path,
        flags: &[impl AsRef<str>],
    ) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(workspace::root());
        if self.std_from_source {
            cargo
                .arg("+nightly")
                .arg(subcommand)
                .arg("-Zbuild-std=std,panic_unwind");
        } else {
            cargo.arg(subcommand);
        }
        cargo
            .args(["--target", &self.target, "--target-dir"])
            .arg(target_dir);
        let flags = rustflags(flags);
        if !flags.is_empty() {
            cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
        }
        cargo
    }
}

/// A cargo command of nightly for this machine, with the std that came with it and flags for rustc after those in the
/// environment.
pub(crate) fn nightly_cargo(
    subcommand: &str,
    target_dir: &Path,
    flags: &[impl AsRef<str>],
) -> Result<Command, String> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(workspace::root())
        .args(["+nightly", subcommand, "--target", &native_target()?])
        .arg("--target-dir")
        .arg(target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(flags));
    Ok(cargo)
}

/// Runs `../shared/windows/setup PART` if it exists; otherwise does nothing.
pub(crate) fn set_up(part: &str) -> Result<(), String> {
    let Some(script) = workspace::shared_windows("setup") else {
        return Ok(());
    };
    command::say(&format!("running {} {part}", script.display()));
    // What it prints is progress, which has no place on our stdout.
    command::run(Command::new(script).arg(part).stdout(std::io::stderr()))
}

/// The folder of the nightly toolchain, if there is one.
pub(crate) fn nightly_sysroot() -> Option<PathBuf> {
    sysroot(Some("+nightly")).ok()
}

/// The target of the machine that we run on.
pub(crate) fn native_target() -> Result<String, String> {
    let version = command::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "`rustc -vV` doesn't say which machine it is for".to_owned())
}

fn sysroot(toolchain: Option<&str>) -> Result<PathBuf, String> {
    let mut rustc = Command::new("rustc");
    let path = command::output(rustc.args(toolchain).args(["--print", "sysroot"]))?;
    Ok(path.trim_end().into())
}

fn has_std(sysroot: &Path, target: &str) -> bool {
    let Ok(files) = sysroot
        .join("lib/rustlib")
        .join(target)
        .join("lib")
        .read_dir()
    else {
        return false;
    };
    files
        .flatten()
        .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}

fn has_std_source() -> bool {
    nightly_sysroot().is_some_and(|sysroot| {
        sysroot
            .join("lib/rustlib/src/rust/library/Cargo.lock")
            .is_file()
    })
}

/// The flags in the environment and then ours, in cargo's encoding (which, if set, hides `RUSTFLAGS`).
fn rustflags(ours: &[impl AsRef<str>]) -> String {
    let encoded = std::env::var("CARGO_ENCODED_RUSTFLAGS").ok();
    let plain = || std::env::var("RUSTFLAGS").unwrap_or_default();
    let theirs =
        encoded.unwrap_or_else(|| plain().split_whitespace().collect::<Vec<_>>().join("\x1f"));
    let theirs = theirs.split('\x1f').filter(|flag| !flag.is_empty());
    theirs
        .chain(ours.iter().map(AsRef::as_ref))
        .collect::<Vec<_>>()
        .join("\x1f")
}
