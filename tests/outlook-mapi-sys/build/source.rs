//! Where cargo keeps their source.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use crate::Error;

/// The text of their bindings, of the version in `Cargo.lock`.
pub(crate) fn bindings() -> Result<String, Error> {
    let file = folder()?.join("src/bindings.rs");
    Ok(fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?)
}

fn folder() -> Result<PathBuf, Error> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"] == "outlook-mapi-sys")
        .find_map(|package| package["manifest_path"].as_str())
        .ok_or("outlook-mapi-sys isn't among the dependencies")?;
    let folder = PathBuf::from(manifest).parent().map(PathBuf::from);
    Ok(folder.ok_or("a manifest without a folder")?)
}

/// What cargo says of this package's dependencies, for the target alone: others need not have been downloaded.
fn metadata() -> Result<Value, Error> {
    let output = Command::new(env::var_os("CARGO").ok_or("cargo gives no CARGO")?)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .arg("--filter-platform")
        .arg(env::var_os("TARGET").ok_or("cargo gives no TARGET")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
