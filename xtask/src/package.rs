//! `cargo xtask package`: packs the published crates and builds the packages, as on crates.io.

use std::process::Command;

use crate::{command, workspace};

/// The published crates, in the order in which they are published.
const PUBLISHED: [&str; 10] = [
    "mapi-provider-manual",
    "mapi-provider-templates",
    "mapi-provider-abi",
    "mapi-provider-mime",
    "mapi-provider-mailbox",
    "mapi-provider-codegen",
    "mapi-provider-macros",
    "mapi-provider",
    "mapi-provider-host",
    "cargo-mapi",
];

/// Packs and builds all crates, and compares their APIs with those of the last release, if there is one.
pub(crate) fn run() -> Result<(), String> {
    // Cargo keeps what it unpacked, by the folder's path and the version: in the same folder, the next run would
    // build this run's crates.
    let folder = workspace::target_dir("package").join(std::process::id().to_string());
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(workspace::root())
        .args(["package", "--locked", "--allow-dirty", "--target-dir"])
        .arg(&folder);
    for name in PUBLISHED {
        cargo.args(["--package", name]);
    }
    let packed = command::run(&mut cargo);
    // Nobody needs what is left there.
    let _ = std::fs::remove_dir_all(folder);
    packed?;
    compatible()
}

/// Whether code that used the last release can use this version, as far as a program can tell.
fn compatible() -> Result<(), String> {
    let mut tags = Command::new("git");
    tags.current_dir(workspace::root()).args([
        "tag",
        "--list",
        "v[0-9]*",
        "--sort=-version:refname",
    ]);
    let tags = command::output(&mut tags)?;
    let Some(tag) = tags.lines().next() else {
        command::say("nothing has been released yet that this version could be incompatible with");
        return Ok(());
    };
    if !command::on_path("cargo-semver-checks") {
        return Err(
            "the interfaces can't be compared: cargo install cargo-semver-checks".to_owned(),
        );
    }
    let mut check = Command::new("cargo");
    check
        .current_dir(workspace::root())
        .args(["semver-checks", "--baseline-rev", tag]);
    // The others have no public API.
    for name in [
        "mapi-provider-abi",
        "mapi-provider-mailbox",
        "mapi-provider-mime",
        "mapi-provider",
        "mapi-provider-host",
    ] {
        check.args(["--package", name]);
    }
    command::run(&mut check)
}
