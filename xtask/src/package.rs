//! `cargo xtask package`: packs the published crates and checks the packages, as they would be on crates.io.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{command, workspace};

/// The published crates, in the order in which they are published.
const PUBLISHED: [&str; 12] = [
    "mapi-provider-manual",
    "mapi-provider-templates",
    "mapi-provider-abi",
    "mapi-provider-mime",
    "mapi-provider-twoway",
    "mapi-provider-table",
    "mapi-provider-mailbox",
    "mapi-provider-codegen",
    "mapi-provider-macros",
    "mapi-provider",
    "mapi-provider-host",
    "cargo-mapi",
];

/// Packs all crates, checks each package by itself, and compares their APIs with those of the last release, if there
/// is one.
pub(crate) fn run() -> Result<(), String> {
    let folder = workspace::target_dir("package");
    // Crates that are no longer published would be checked too.
    let _ = fs::remove_dir_all(&folder);
    pack(&folder)?;
    let packages = unpack(&folder.join("package"), &folder.join("unpacked"))?;
    for name in PUBLISHED {
        command::say(&format!("checking the package {name}"));
        check(&packages, name)?;
    }
    compatible()
}

/// Packs the crates. To verify them cargo would build each from nothing; [`check`] shows the same in less time.
fn pack(folder: &Path) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(workspace::root())
        .args(["package", "--locked", "--allow-dirty", "--no-verify"])
        .arg("--target-dir")
        .arg(folder);
    for name in PUBLISHED {
        cargo.args(["--package", name]);
    }
    command::run(&mut cargo)
}

/// Unpacks the packages into a workspace, where each takes the others in place of what is published.
fn unpack(packages: &Path, to: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("can't unpack into {}: {error}", to.display());
    fs::create_dir_all(to).map_err(failed)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut patches = String::new();
    for name in PUBLISHED {
        let mut tar = Command::new("tar");
        // All files of a package have one old date, by which cargo would take those of the next run for these. `-m` gives
        // them today's.
        tar.arg("-xmzf")
            .arg(packages.join(format!("{name}-{version}.crate")));
        command::run(tar.arg("-C").arg(to))?;
        patches += &format!("{name} = {{ path = \"{name}-{version}\" }}\n");
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"*-{version}\"]\n\n[patch.crates-io]\n{patches}"
    );
    fs::write(to.join("Cargo.toml"), manifest).map_err(failed)?;
    // The versions of everything else are those that all tests have.
    let lock = workspace::root().join("Cargo.lock");
    fs::copy(lock, to.join("Cargo.lock")).map_err(failed)?;
    Ok(to.to_owned())
}

/// Does a package compile with the features that it asks for, and from the files that it has?
fn check(packages: &Path, name: &str) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(packages)
        .args(["check", "--quiet", "--offline", "--package", name]);
    // What others depend on is there already if the stage `features` was here before.
    command::run(
        cargo
            .arg("--target-dir")
            .arg(workspace::target_dir("features")),
    )
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
        "mapi-provider-table",
        "mapi-provider-twoway",
        "mapi-provider",
        "mapi-provider-host",
    ] {
        check.args(["--package", name]);
    }
    command::run(&mut check)
}
