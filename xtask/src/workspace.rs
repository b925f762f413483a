//! Where things are in the workspace, according to `cargo metadata`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::command;

/// The folder with the workspace's `Cargo.toml`: where cargo runs us, not where we were compiled, because
/// two checkouts may share a target folder.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let running = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let xtask = running.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        xtask
            .parent()
            .expect("xtask lies in the workspace")
            .to_owned()
    });
    &ROOT
}

/// A file of the shared Windows tooling, which may be beside a checkout: `../shared/windows/NAME`.
pub(crate) fn shared_windows(name: &str) -> Option<PathBuf> {
    let path = root().parent()?.join("shared/windows").join(name);
    path.is_file().then_some(path)
}

/// The folder under cargo's target folder for a kind of build with its own flags or toolchain, so it
/// doesn't make cargo rebuild the ordinary one.
pub(crate) fn target_dir(kind: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    root()
        .join(target.map_or_else(|| PathBuf::from("target"), PathBuf::from))
        .join(kind)
}

/// A package and its integration tests.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    pub(crate) tests: Vec<String>,
}

impl Package {
    fn parse(package: &Value) -> Option<Self> {
        let tests = package["targets"]
            .as_array()?
            .iter()
            .filter(|target| target["kind"][0] == "test");
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            manifest: package["manifest_path"].as_str()?.into(),
            tests: tests
                .filter_map(|target| target["name"].as_str())
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// The packages of the workspace.
pub(crate) fn packages() -> Result<Vec<Package>, String> {
    packages_of(&root().join("Cargo.toml"))
}

/// The package that a person means by its name in the workspace, or by its folder anywhere.
pub(crate) fn find_package(name_or_folder: &str) -> Result<Package, String> {
    if let Some(package) = packages()?
        .into_iter()
        .find(|package| package.name == name_or_folder)
    {
        return Ok(package);
    }
    let manifest = Path::new(name_or_folder).join("Cargo.toml");
    let manifest = manifest.canonicalize().map_err(|_| {
        format!("`{name_or_folder}` is neither a package of the workspace nor a folder with a Cargo.toml")
    })?;
    let of_folder = packages_of(&manifest)?
        .into_iter()
        .find(|package| package.manifest == manifest);
    of_folder.ok_or_else(|| format!("{} has no [package]", manifest.display()))
}

fn packages_of(manifest: &Path) -> Result<Vec<Package>, String> {
    let mut metadata = Command::new("cargo");
    metadata
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(manifest);
    let text = command::output(&mut metadata)?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages.filter_map(Package::parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_by_its_name_and_by_its_folder() {
        let by_name = find_package("probe").expect("a member");
        let by_folder =
            find_package(root().join("examples/probe").to_str().expect("UTF-8")).expect("a folder");
        assert_eq!(by_name.manifest, by_folder.manifest);
        assert!(
            find_package("no-such-package")
                .expect_err("nothing")
                .contains("no-such-package")
        );
    }
}
