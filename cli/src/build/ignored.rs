//! Which settings of a crate in a workspace cargo ignores, and what to do about it.
//!
//! Cargo takes profiles only from the root's `Cargo.toml`, and settings from the folder that it is started in and those
//! above it.

use std::path::Path;

use toml::{Table, Value};

use super::package::Package;
use crate::cargo_settings::{FILE, links_runtime, quoted, table};
use crate::doctor::Route;

/// How the C runtime gets into a DLL, in a file of settings.
pub(super) const STATIC_RUNTIME: &str = "`[target.'cfg(all(windows, target_env = \"msvc\"))']` with `rustflags = [\"-C\", \
     \"target-feature=+crt-static\"]` in .cargo/config.toml";

/// The ignored settings of a package, in sentences without a full stop.
pub(super) fn notes(package: &Package, routes: &[Route]) -> Vec<String> {
    let (folder, root) = (package.folder(), package.root.as_path());
    if same(folder, root) {
        return Vec::new();
    }
    let mut notes = Vec::new();
    notes.extend(profiles(&package.manifest, &root.join("Cargo.toml")));
    notes.extend(settings(folder, root));
    let msvc = routes.iter().any(|route| route.target.ends_with("-msvc"));
    if msvc && links_runtime(folder) {
        notes.extend(variable());
    }
    notes
}

/// The profiles of a crate that the root doesn't have in the same form.
fn profiles(manifest: &Path, root: &Path) -> Option<String> {
    let ours = table(manifest)?.remove("profile")?;
    let root_table = table(root).unwrap_or_default();
    let ignored = missing(&ours, root_table.get("profile"))?;
    let mut lines = Vec::new();
    write("profile", ignored.as_table()?, &mut lines);
    Some(format!(
        "cargo takes profiles only from the workspace's root, and ignores these in {}: move them to {}
{}",
        manifest.display(),
        root.display(),
        lines.join("\n")
    ))
}

/// A table as lines of TOML, with its name over them, and the tables in it.
fn write(name: &str, table: &Table, lines: &mut Vec<String>) {
    let is_table = |value: &Value| value.is_table();
    if table.values().any(|value| !is_table(value)) {
        lines.push(format!("   [{name}]"));
    }
    for (key, value) in table.iter().filter(|(_, value)| !is_table(value)) {
        // Everything that a profile may contain looks the same in both.
        let value = serde_json::to_string(value).unwrap_or_default();
        lines.push(format!("   {} = {value}", key_of(key)));
    }
    for (key, value) in table {
        if let Value::Table(table) = value {
            write(&format!("{name}.{}", key_of(key)), table, lines);
        }
    }
}

/// A key as TOML has it.
fn key_of(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// What is in a value and is missing or different in another one.
fn missing(ours: &Value, theirs: Option<&Value>) -> Option<Value> {
    match (ours, theirs) {
        (Value::Table(ours), Some(Value::Table(theirs))) => {
            let missing = ours
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), missing(value, theirs.get(key))?)));
            let missing: Table = missing.collect();
            (!missing.is_empty()).then_some(Value::Table(missing))
        }
        (ours, theirs) => (theirs != Some(ours)).then(|| ours.clone()),
    }
}

/// The static C runtime, if the crate's settings ask for it and the root's don't.
fn settings(folder: &Path, root: &Path) -> Option<String> {
    if !links_runtime(folder) || links_runtime(root) {
        return None;
    }
    let file = |folder: &Path| folder.join(FILE).display().to_string();
    Some(format!(
        "cargo started at the workspace's root ignores {}, which links the C runtime into the DLL. This build is started \
         in the crate and heeds it; any other needs vcruntime140.dll, which not every Windows has. Put the same lines into {}",
        file(folder),
        file(root)
    ))
}

/// `RUSTFLAGS` overrides all files of settings.
fn variable() -> Option<String> {
    let names = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"];
    let set = names.map(|name| Some((name, std::env::var(name).ok()?)));
    let (name, flags) = set.into_iter().flatten().next()?;
    (!flags.contains("crt-static")).then(|| {
        format!(
            "{name} in the environment takes the place of the crate's settings, which link the C runtime into the DLL: add \
             -Ctarget-feature=+crt-static to it"
        )
    })
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STATIC: &str = "[target.'cfg(windows)']\nrustflags = ['-Ctarget-feature=+crt-static']\n";

    /// The notes on the crate in a folder of a workspace with these files.
    fn told(files: &[(&str, &str)], within: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        }
        let package = Package {
            name: "a".to_owned(),
            manifest: folder.path().join(within).join("Cargo.toml"),
            root: folder.path().to_owned(),
            target: folder.path().join("target"),
        };
        let root = folder.path().display().to_string();
        let notes = notes(&package, &[]).into_iter();
        notes
            .map(|note| note.replace(&root, "ROOT").replace('\\', "/"))
            .collect()
    }

    #[test]
    fn what_the_root_ignores_is_told_with_how_to_mend_it() {
        let told = told(
            &[
                (
                    "Cargo.toml",
                    "[workspace]\n[profile.release]\nstrip = true\n",
                ),
                (
                    "a/Cargo.toml",
                    "[profile.release]\nlto = 'fat'\nstrip = true\n[profile.release.package.'*']\nopt-level = 3\n",
                ),
                ("a/.cargo/config.toml", STATIC),
            ],
            "a",
        );
        let [profile, settings] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(profile.contains("in ROOT/a/Cargo.toml: move them to ROOT/Cargo.toml\n"));
        let lines = [
            "",
            "[profile.release]",
            "lto = \"fat\"",
            "[profile.release.package.\"*\"]",
            "opt-level = 3",
        ];
        assert!(profile.ends_with(&lines.join("\n   ")), "{profile}");
        assert!(settings.contains("ignores ROOT/a/.cargo/config.toml"));
        assert!(settings.ends_with("into ROOT/.cargo/config.toml"));
    }

    #[test]
    fn where_the_root_says_the_same_nothing_is_told() {
        let profile = "[profile.release]\nstrip = true\n";
        let files = [
            ("Cargo.toml", profile),
            (".cargo/config", STATIC),
            ("a/Cargo.toml", profile),
            ("a/.cargo/config.toml", STATIC),
        ];
        assert!(told(&files, "a").is_empty());
        // Nor of a crate that is the root.
        assert!(told(&files[2..], "").is_empty());
        assert!(told(&[("Cargo.toml", "["), ("a/Cargo.toml", "[")], "a").is_empty());
    }
}
