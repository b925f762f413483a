//! From what the user names to a library: the file itself, or what cargo builds from a crate.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::failure::Failure;

/// What cargo calls the simulated PST provider.
const SIMULATED: &str = "mspst";

/// What there is to load.
pub(super) struct Built {
    /// The provider's library.
    pub(super) library: PathBuf,
    /// The simulated PST provider, if the provider is a crate that depends on it, as the template's crates do for their
    /// tests.
    pub(super) simulated: Option<PathBuf>,
}

/// The library of a provider: a library as it is, a crate folder or its `provider.toml` built first, with the simulated
/// PST provider unless another is `named`.
pub(super) fn library(
    provider: &Path,
    release: bool,
    named: Option<&Path>,
) -> Result<Built, Failure> {
    if !provider.exists() {
        return Err(Failure::new(format!(
            "there is no file {}",
            provider.display()
        )));
    }
    let Some(folder) = crate_folder(provider) else {
        return Ok(Built {
            library: provider.to_owned(),
            simulated: None,
        });
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
    // Cargo can't build a development dependency alone.
    let tests = named.is_none() && has_simulated_for_tests(&crate_manifest);
    let messages = build(&crate_manifest, tests, release)?;
    let ours = |of: &Path| of.canonicalize().is_ok_and(|of| of == crate_manifest);
    let simulated = |of: &Path| {
        of.parent()
            .is_some_and(|folder| folder.ends_with(SIMULATED))
    };
    let library = messages
        .lines()
        .find_map(|line| built(line, ours))
        .ok_or_else(|| {
            Failure::new(format!(
                "{shown} builds no library to load: its [lib] needs crate-type = [\"cdylib\"]"
            ))
        })?;
    Ok(Built {
        library,
        simulated: messages.lines().find_map(|line| built(line, simulated)),
    })
}

/// Whether the simulated PST provider is a development dependency of a crate. If cargo can't tell, the build says why.
fn has_simulated_for_tests(crate_manifest: &Path) -> bool {
    let output = cargo()
        .args(["metadata", "--no-deps", "--quiet", "--format-version=1"])
        .arg("--manifest-path")
        .arg(crate_manifest)
        .stderr(Stdio::null())
        .output();
    let output = output.ok().filter(|output| output.status.success());
    let metadata = output.and_then(|output| serde_json::from_slice::<Json>(&output.stdout).ok());
    metadata.is_some_and(|metadata| lists_simulated(&metadata, crate_manifest))
}

fn lists_simulated(metadata: &Json, crate_manifest: &Path) -> bool {
    let list = |of: &Json, key: &str| of.get(key).and_then(Json::as_array).cloned();
    let is_ours = |package: &&Json| {
        let path = package.get("manifest_path").and_then(Json::as_str);
        let path = path.and_then(|path| Path::new(path).canonicalize().ok());
        path.as_deref() == Some(crate_manifest)
    };
    let packages = list(metadata, "packages").unwrap_or_default();
    let dependencies = packages
        .iter()
        .find(is_ours)
        .and_then(|package| list(package, "dependencies"));
    let simulated = |dependency: &Json| {
        let is = |key: &str, value: &str| dependency.get(key).is_some_and(|is| is == value);
        is("name", SIMULATED) && is("kind", "dev")
    };
    dependencies.unwrap_or_default().iter().any(simulated)
}

/// The folder of a crate that is named directly or by its `provider.toml`.
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

/// Builds the library of a crate, and if asked to, its tests with everything that they need; returns cargo's messages.
///
/// It is always the library of `cargo test`. Where a development dependency asks others for more features, that is not the
/// one of `cargo build`. A library of this kind has no hash in its file's name, so each would take the other's place, and
/// be built anew whenever the other was asked for. With `--examples` cargo chooses features as with `--tests`.
fn build(crate_manifest: &Path, tests: bool, release: bool) -> Result<String, Failure> {
    let shown = crate_manifest.display();
    let mut command = cargo();
    command
        .args([
            "build",
            "--message-format=json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(crate_manifest)
        .args(["--lib", if tests { "--tests" } else { "--examples" }]);
    if release {
        command.arg("--release");
    }
    // Cargo's output during the build goes to standard error unchanged.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("can't start cargo to build {shown}: {error}")))?;
    match (output.status.success(), tests) {
        (true, _) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        (false, false) => Err(Failure::new(format!("{shown} could not be built"))),
        (false, true) => Err(Failure::new(format!(
            "{shown} could not be built with its tests, which bring the simulated PST provider; `--inner FILE` names \
             another one, and then the tests aren't built"
        ))),
    }
}

/// The library in one of cargo's messages, if it belongs to the crate whose `Cargo.toml` is `ours`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_pst_provider_among_the_tests_dependencies_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let [ours, other] = ["Cargo.toml", "Other.toml"].map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, "").expect("written");
            path.canonicalize().expect("there")
        });
        let listed = |of: &Path, name: &str, kind: Option<&str>| {
            let dependency = serde_json::json!({"name": name, "kind": kind});
            let package = serde_json::json!({"manifest_path": of, "dependencies": [dependency]});
            lists_simulated(&serde_json::json!({"packages": [package]}), &ours)
        };
        assert!(listed(&ours, "mspst", Some("dev")));
        // One that is needed anyway is built anyway.
        assert!(!listed(&ours, "mspst", None));
        assert!(!listed(&ours, "tempfile", Some("dev")));
        assert!(!listed(&other, "mspst", Some("dev")), "of another member");
        assert!(!lists_simulated(&Json::Null, &ours));
    }
}
