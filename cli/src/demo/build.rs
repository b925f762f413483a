//! Builds the generated crate.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::failure::Failure;

/// A library, and how long it took.
pub(super) struct Built {
    pub(super) library: PathBuf,
    size: u64,
    time: Duration,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self
            .library
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let kilobytes = self.size / 1000;
        write!(
            f,
            "{name}, {kilobytes} kB, in {:.1} s",
            self.time.as_secs_f64()
        )
    }
}

/// Builds a crate. Cargo's output goes to standard error unchanged.
pub(super) fn build(
    folder: &Path,
    checkout: Option<&Path>,
    release: bool,
) -> Result<Built, Failure> {
    let started = Instant::now();
    let mut command = cargo();
    command.args([
        "build",
        "--message-format=json-render-diagnostics",
        "--manifest-path",
    ]);
    command.arg(folder.join("Cargo.toml"));
    if release {
        command.arg("--release");
    }
    if let Some(target) = checkout.and_then(target_folder) {
        // Kept from demo to demo: only the first one builds the dependencies. Not the checkout's own
        // target folder: the example there has the same name.
        command.arg("--target-dir").arg(target.join("demo"));
    }
    // The leftovers of one demo's crate are of no use to the next.
    command.env("CARGO_INCREMENTAL", "0");
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(no_cargo)?;
    if !output.status.success() {
        return Err(Failure::new("cargo could not build the provider"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let library = messages.lines().filter_map(library).next_back();
    let library = library.ok_or_else(|| Failure::new("cargo built no library"))?;
    let size = fs::metadata(&library).map_or(0, |file| file.len());
    Ok(Built {
        library,
        size,
        time: started.elapsed(),
    })
}

/// The cargo that runs this program, or the one on the path.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

fn no_cargo(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::new("there is no cargo on the PATH: https://rustup.rs installs it")
        }
        _ => Failure::new(format!("can't start cargo: {error}")),
    }
}

/// The checkout's target folder, wherever the user has put it.
fn target_folder(checkout: &Path) -> Option<PathBuf> {
    let mut command = cargo();
    command.args([
        "metadata",
        "--no-deps",
        "--format-version=1",
        "--manifest-path",
    ]);
    let output = command
        .arg(checkout.join("Cargo.toml"))
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let metadata: Json = serde_json::from_slice(&output.stdout).ok()?;
    metadata
        .get("target_directory")?
        .as_str()
        .map(PathBuf::from)
}

/// The dynamic library in one of cargo's messages. The provider's is the last one: it needs all others.
fn library(message: &str) -> Option<PathBuf> {
    let message: Json = serde_json::from_str(message).ok()?;
    let kinds = message.get("target")?.get("crate_types")?.as_array()?;
    if message.get("reason")? != "compiler-artifact" || !kinds.iter().any(|kind| kind == "cdylib") {
        return None;
    }
    let mut files = message
        .get("filenames")?
        .as_array()?
        .iter()
        .filter_map(Json::as_str)
        .map(PathBuf::from);
    files.find(|file| {
        file.extension()
            .is_some_and(|extension| extension == env::consts::DLL_EXTENSION)
    })
}

#[cfg(test)]
mod tests {
    use super::library;

    #[test]
    fn the_library_is_found_among_the_messages() {
        let name = format!("provider.{}", std::env::consts::DLL_EXTENSION);
        let message = |kind: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"crate_types":["{kind}"]}},"filenames":["a.d","{name}"]}}"#
            )
        };
        assert_eq!(library(&message("cdylib")), Some(name.clone().into()));
        assert_eq!(library(&message("proc-macro")), None);
        assert_eq!(library("what is this?"), None);
    }
}
