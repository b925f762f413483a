//! From what the user names to a library: itself, or what cargo builds of a crate.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::failure::Failure;

/// The library of a provider: a library as it is, a crate folder or its `provider.toml` built first.
pub(super) fn library(provider: &Path, release: bool) -> Result<PathBuf, Failure> {
    if !provider.exists() {
        return Err(Failure::new(format!(
            "there is no file {}",
            provider.display()
        )));
    }
    let Some(folder) = crate_folder(provider) else {
        return Ok(provider.to_owned());
    };
    let crate_manifest = folder.join("Cargo.toml");
    if !crate_manifest.is_file() {
        let shown = provider.display();
        return Err(Failure::new(format!(
            "{shown} is neither a library nor a crate: it has no Cargo.toml beside it"
        )));
    }
    let shown = crate_manifest.display();
    let crate_manifest = crate_manifest
        .canonicalize()
        .map_err(|error| Failure::new(format!("can't read {shown}: {error}")))?;
    let messages = build(&crate_manifest, &[], release)?;
    let ours = |of: &Path| of.canonicalize().is_ok_and(|of| of == crate_manifest);
    messages
        .lines()
        .find_map(|line| built(line, ours))
        .ok_or_else(|| {
            Failure::new(format!(
                "{shown} builds no library to load: its [lib] needs crate-type = [\"cdylib\"]"
            ))
        })
}

/// The simulated PST provider, where the provider is a crate that has it among its dependencies, as those of the
/// template have for their tests.
pub(super) fn simulated_pst(provider: &Path, release: bool) -> Option<PathBuf> {
    const PACKAGE: &str = "mspst";
    let crate_manifest = crate_folder(provider)?
        .join("Cargo.toml")
        .canonicalize()
        .ok()?;
    let known = cargo()
        .args(["pkgid", "--quiet", "--manifest-path"])
        .arg(&crate_manifest)
        .arg(PACKAGE)
        .stderr(Stdio::null())
        .output();
    if !known.is_ok_and(|output| output.status.success()) {
        return None;
    }
    // With the tests, that is: cargo builds no development dependency alone.
    let messages = build(&crate_manifest, &["--tests"], release).ok()?;
    let simulated = |of: &Path| of.parent().is_some_and(|folder| folder.ends_with(PACKAGE));
    messages.lines().find_map(|line| built(line, simulated))
}

/// The folder of a crate that is named by itself or by its `provider.toml`.
fn crate_folder(provider: &Path) -> Option<&Path> {
    let is_manifest = provider
        .extension()
        .is_some_and(|extension| extension == "toml");
    match provider.parent() {
        _ if provider.is_dir() => Some(provider),
        Some(parent) if is_manifest => Some(parent),
        _ => None,
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds what is asked for of a crate; answers cargo's messages.
fn build(crate_manifest: &Path, asked: &[&str], release: bool) -> Result<String, Failure> {
    let shown = crate_manifest.display();
    let mut command = cargo();
    command
        .args([
            "build",
            "--message-format=json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(crate_manifest)
        .args(asked);
    if release {
        command.arg("--release");
    }
    // What cargo says while it builds goes to standard error as it is.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("can't start cargo to build {shown}: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{shown} could not be built")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The library in one of cargo's messages, if it is about that of a crate whose `Cargo.toml` is `ours`.
fn built(message: &str, ours: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let message: Json = serde_json::from_str(message).ok()?;
    let kinds = message.get("target")?.get("crate_types")?.as_array()?;
    let ours = message.get("reason")?.as_str()? == "compiler-artifact"
        && ours(Path::new(message.get("manifest_path")?.as_str()?))
        && kinds.iter().any(|kind| kind == "cdylib");
    let mut files = message
        .get("filenames")?
        .as_array()?
        .iter()
        .filter_map(Json::as_str)
        .map(PathBuf::from);
    files.find(|file| {
        ours && file
            .extension()
            .is_some_and(|extension| extension == env::consts::DLL_EXTENSION)
    })
}
