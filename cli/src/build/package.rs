//! Which of a workspace's packages is the provider.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value as Json;

use super::compile::cargo;
use crate::failure::Failure;

/// The runtime, which every provider depends on.
const RUNTIME: &str = "mapi-provider";

/// A provider's package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    /// Its `Cargo.toml`.
    pub(super) manifest: PathBuf,
    /// The folder of the workspace.
    pub(super) root: PathBuf,
    /// The folder that cargo builds in.
    pub(super) target: PathBuf,
}

impl Package {
    /// The package with a name, else the one in this folder, else the only provider of the
    /// workspace.
    pub(super) fn find(name: Option<&str>) -> Result<Self, Failure> {
        let here = env::current_dir()
            .map_err(|error| Failure::new(format!("can't find the current folder: {error}")))?;
        choose(&metadata()?, name, &here).map_err(Failure::new)
    }

    /// Where it lies.
    pub(super) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }
}

/// What cargo knows about the workspace around this folder. If it knows nothing, it says why.
fn metadata() -> Result<Json, Failure> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version=1"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            Failure::new(format!(
                "can't start cargo: {error}; https://rustup.rs installs it"
            ))
        })?;
    if !output.status.success() {
        return Err(Failure::new(
            "there is no crate here that cargo could build",
        ));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cargo's output is not JSON: {error}")))
}

fn choose(metadata: &Json, name: Option<&str>, here: &Path) -> Result<Package, String> {
    let packages = list(metadata, "packages");
    let providers: Vec<&str> = packages
        .iter()
        .filter(|package| is_provider(package))
        .filter_map(|package| text(package, "name"))
        .collect();
    let others = || match providers.as_slice() {
        [] => "there is none in this workspace".to_owned(),
        names => format!("`--package` must name one of {}", names.join(", ")),
    };
    let chosen = match name {
        Some(name) => {
            let mut named = packages.iter();
            let named = named.find(|package| text(package, "name") == Some(name));
            named.ok_or_else(|| {
                format!("there is no package {name} here; providers: {}", others())
            })?
        }
        None => match (around(packages, here), providers.as_slice()) {
            // The root's own package may not be a provider while a member is one.
            (Some(package), [_, _, ..] | []) => package,
            (Some(package), _) if is_provider(package) => package,
            (_, [only]) => packages
                .iter()
                .find(|package| text(package, "name") == Some(only))
                .ok_or_else(others)?,
            _ => return Err(format!("which provider should be built? {}", others())),
        },
    };
    let shown = text(chosen, "name").unwrap_or("this package");
    if !is_provider(chosen) {
        return Err(format!(
            "{shown} is not a provider: that is a library with a provider.toml and the dependency {RUNTIME}; {}",
            others()
        ));
    }
    let path = |of: &Json, key: &str| {
        let path = text(of, key).map(PathBuf::from);
        path.ok_or_else(|| format!("cargo doesn't say the {key} of {shown}"))
    };
    Ok(Package {
        name: shown.to_owned(),
        manifest: path(chosen, "manifest_path")?,
        root: path(metadata, "workspace_root")?,
        target: path(metadata, "target_directory")?,
    })
}

/// The package that a folder is in; the innermost if there are several.
fn around<'p>(packages: &'p [Json], here: &Path) -> Option<&'p Json> {
    let here = here.canonicalize().unwrap_or_else(|_| here.to_owned());
    let depth = |package: &&Json| {
        let folder = Path::new(text(package, "manifest_path")?).parent()?;
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        here.starts_with(&folder)
            .then(|| folder.components().count())
    };
    packages
        .iter()
        .filter(|package| depth(package).is_some())
        .max_by_key(depth)
}

/// Whether a package is a provider, as far as can be told before it is built.
fn is_provider(package: &Json) -> bool {
    let has = |of: &Json, key: &str, wanted: &[&str]| {
        let found = list(of, key).iter().filter_map(Json::as_str);
        found.into_iter().any(|value| wanted.contains(&value))
    };
    let mut targets = list(package, "targets").iter();
    let library = targets.find(|target| has(target, "kind", &["lib", "rlib", "cdylib", "dylib"]));
    let mut dependencies = list(package, "dependencies").iter();
    // Those with a kind are only for tests and build scripts.
    let runs = dependencies.any(|dependency| {
        text(dependency, "name") == Some(RUNTIME) && text(dependency, "kind").is_none()
    });
    let manifest = text(package, "manifest_path").map(Path::new);
    let beside = manifest.map(|manifest| manifest.with_file_name("provider.toml"));
    let says_so = beside.is_some_and(|file| file.is_file());
    library.is_some_and(|library| runs && (says_so || has(library, "crate_types", &["cdylib"])))
}

fn list<'j>(of: &'j Json, key: &str) -> &'j [Json] {
    let list = of.get(key).and_then(Json::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

fn text<'j>(of: &'j Json, key: &str) -> Option<&'j str> {
    of.get(key).and_then(Json::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, kind: &str, needs: Json) -> Json {
        json!({
            "name": name,
            "manifest_path": format!("/w/{name}/Cargo.toml"),
            "targets": [{"kind": [kind], "crate_types": [kind]}],
            "dependencies": [needs],
        })
    }

    fn provider(name: &str) -> Json {
        package(name, "cdylib", json!({"name": RUNTIME, "kind": null}))
    }

    fn chosen(packages: Json, name: Option<&str>, here: &str) -> Result<String, String> {
        let metadata =
            json!({"packages": packages, "workspace_root": "/w", "target_directory": "/w/target"});
        choose(&metadata, name, Path::new(here)).map(|package| package.name)
    }

    #[test]
    fn a_provider_is_found_by_name_by_folder_or_because_it_is_the_only_one() {
        let two = || json!([provider("one"), provider("two")]);
        assert_eq!(chosen(two(), Some("two"), "/w/one").as_deref(), Ok("two"));
        assert_eq!(chosen(two(), None, "/w/one/src").as_deref(), Ok("one"));
        let one = json!([provider("one"), package("tool", "bin", json!({}))]);
        assert_eq!(chosen(one.clone(), None, "/w").as_deref(), Ok("one"));
        assert_eq!(chosen(one, None, "/w/tool").as_deref(), Ok("one"));
        let which = chosen(two(), None, "/w").expect_err("there are two");
        assert!(
            which.ends_with("`--package` must name one of one, two"),
            "{which}"
        );
    }

    #[test]
    fn what_is_no_provider_is_told_so() {
        for wrong in [
            package("a", "bin", json!({"name": RUNTIME, "kind": null})),
            package("a", "cdylib", json!({"name": RUNTIME, "kind": "dev"})),
            package("a", "cdylib", json!({"name": "serde", "kind": null})),
            package("a", "lib", json!({"name": RUNTIME, "kind": null})),
            json!({"name": "a"}),
        ] {
            let said = chosen(json!([wrong]), Some("a"), "/w").expect_err("it is none");
            assert!(said.starts_with("a is not a provider"), "{said}");
        }
        let said = chosen(json!([provider("one")]), Some("gone"), "/w").expect_err("it is gone");
        assert_eq!(
            said,
            "there is no package gone here; providers: `--package` must name one of one"
        );
        assert!(chosen(Json::Null, None, "/w").is_err());
    }
}
