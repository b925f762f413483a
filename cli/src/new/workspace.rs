//! The workspace around a new crate, and what has to be done there.
//!
//! Cargo takes profiles only from the workspace's `Cargo.toml`, and settings from the folder that it is started in and
//! those above it. So if the workspace is built at its root, the template's profiles and settings have no effect, and
//! without a warning the DLL would need a C runtime that a user's Windows may not have.

use std::fs;
use std::path::{self, Component, Path, PathBuf};

use toml::Table;

use crate::cargo_settings::{FILE as SETTINGS, links_runtime};

const MANIFEST: &str = "Cargo.toml";

/// The path with each `..` done: `here/../there` is not below `here`.
fn without_parents(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
    }
    whole
}

/// A workspace around a folder.
pub(super) struct Workspace {
    root: PathBuf,
    manifest: Table,
}

impl Workspace {
    /// The workspace that a folder is in, if any.
    pub(super) fn around(folder: &Path) -> Option<Self> {
        let whole = without_parents(&path::absolute(folder).ok()?);
        whole.ancestors().skip(1).find_map(|root| {
            let text = fs::read_to_string(root.join(MANIFEST)).ok()?;
            let manifest = text.parse::<Table>().ok()?;
            let root = root.to_owned();
            manifest
                .contains_key("workspace")
                .then_some(Self { root, manifest })
        })
    }

    /// What has to be done at its root for a crate with these files, in whole lines.
    pub(super) fn what_to_do(&self, files: &[(&str, String)]) -> String {
        let text = |wanted: &str| {
            let mut files = files.iter();
            let file = files.find(|(name, _)| *name == wanted);
            file.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        let manifest = self.root.join(MANIFEST);
        let manifest = manifest.display();
        let mut said = format!("Add it to the members of the workspace in {manifest}\n");
        let settings = statements(text(SETTINGS).lines());
        if !settings.is_empty() && !links_runtime(&self.root) {
            let file = self.root.join(SETTINGS);
            said += &format!(
                "Built at the workspace's root, the DLL would need a C runtime that a user's Windows may not have: cargo\n\
                 reads {SETTINGS} of the crate only where it is started in the crate. Add to {}\n{}",
                file.display(),
                indented(&settings)
            );
        }
        let profile = profile(text(MANIFEST));
        if !profile.is_empty() && !self.manifest.contains_key("profile") {
            said += &format!(
                "Cargo takes profiles only from the workspace: move this from the crate's {MANIFEST} to {manifest}\n{}",
                indented(&profile)
            );
        }
        said
    }
}

/// The profiles of a manifest, line by line.
fn profile(manifest: &str) -> Vec<&str> {
    let mut within = false;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            within = line.starts_with("[profile");
        }
        within
    });
    statements(lines)
}

/// Lines without comments and without empty ones.
fn statements<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.collect()
}

fn indented(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("   {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &str); 2] = [
        (
            SETTINGS,
            "# Why.\n\n[target.x]\nrustflags = [\"+crt-static\"]\n",
        ),
        (
            MANIFEST,
            "[package]\nname = \"a\"\n\n[profile.release]\n# Why.\nstrip = true\n\n[lints]\nx = 1\n",
        ),
    ];

    /// What has to be done at a root with these files.
    fn told(root: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in root {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        }
        let files = FILES.map(|(name, text)| (name, text.to_owned()));
        let workspace = Workspace::around(&folder.path().join("deep/crate"));
        let told = workspace.map(|workspace| workspace.what_to_do(&files));
        let root = path::absolute(folder.path()).expect("a path");
        told.unwrap_or_default()
            .replace(&root.display().to_string(), "ROOT")
            .replace('\\', "/")
    }

    #[test]
    fn what_cargo_does_not_read_at_the_root_is_told() {
        let told = told(&[(MANIFEST, "[workspace] # ours\nmembers = []\n")]);
        assert!(told.starts_with("Add it to the members of the workspace in ROOT/Cargo.toml\n"));
        assert!(told.contains(
            "Add to ROOT/.cargo/config.toml\n   [target.x]\n   rustflags = [\"+crt-static\"]\n"
        ));
        assert!(told.ends_with("to ROOT/Cargo.toml\n   [profile.release]\n   strip = true\n"));
    }

    #[test]
    fn a_crate_beside_a_workspace_is_not_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let checkout = folder.path().join("checkout");
        fs::create_dir(&checkout).expect("made");
        fs::write(checkout.join(MANIFEST), "[workspace]\n").expect("written");
        assert!(Workspace::around(&checkout.join("crate")).is_some());
        assert!(Workspace::around(&checkout.join("../crate")).is_none());
    }

    #[test]
    fn what_is_there_is_not_asked_for() {
        let told = told(&[
            (MANIFEST, "[workspace]\n[profile.release]\nstrip = false\n"),
            (
                SETTINGS,
                "[build]\nrustflags = \"-Ctarget-feature=-crt-static\"\n",
            ),
        ]);
        assert_eq!(
            told,
            "Add it to the members of the workspace in ROOT/Cargo.toml\n"
        );
    }

    #[test]
    fn a_crate_alone_has_no_workspace() {
        assert_eq!(told(&[(MANIFEST, "[package]\nname = \"workspace\"\n")]), "");
        assert_eq!(
            told(&[(MANIFEST, "[workspace")]),
            "",
            "and nothing is wrong with ours"
        );
    }
}
