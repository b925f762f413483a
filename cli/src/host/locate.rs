//! From what the user names to a library: itself, or what cargo builds of a crate.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::failure::Failure;

/// The library of a provider: a library as it is, a crate folder or its `provider.toml` built first.
pub(super) fn library(provider: &Path, release: bool) -> Result<PathBuf, Failure> {
    let is_manifest = provider
        .extension()
        .is_some_and(|extension| extension == "toml");
    let folder = match provider.parent() {
        _ if provider.is_dir() => provider,
        Some(parent) if is_manifest && provider.exists() => parent,
        _ if !provider.exists() => {
            return Err(Failure::new(format!(
                "there is no file {}",
                provider.display()
            )));
        }
        _ => return Ok(provider.to_owned()),
    };
    let crate_manifest = folder.join("Cargo.toml");
    if !crate_manifest.is_file() {
        let shown = provider.display();
        return Err(Failure::new(format!(
            "{shown} is neither a library nor a crate: it has no Cargo.toml beside it"
        )));
    }
    build(&crate_manifest, release)
}

fn build(crate_manifest: &Path, release: bool) -> Result<PathBuf, Failure> {
    let shown = crate_manifest.display();
    let crate_manifest = crate_manifest
        .canonicalize()
        .map_err(|error| Failure::new(format!("can't read {shown}: {error}")))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--message-format=json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(&crate_manifest);
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
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .find_map(|line| built(line, &crate_manifest))
        .ok_or_else(|| {
            Failure::new(format!(
                "{shown} builds no library to load: its [lib] needs crate-type = [\"cdylib\"]"
            ))
        })
}

/// The library in one of cargo's messages, if it is about that of this crate.
fn built(message: &str, crate_manifest: &Path) -> Option<PathBuf> {
    let message: Json = serde_json::from_str(message).ok()?;
    let kinds = message.get("target")?.get("crate_types")?.as_array()?;
    let ours = message.get("reason")?.as_str()? == "compiler-artifact"
        && Path::new(message.get("manifest_path")?.as_str()?)
            .canonicalize()
            .ok()?
            == crate_manifest
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
