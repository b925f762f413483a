//! `cargo xtask embed`: copies what packages need of other folders into them, or compares.
//!
//! A package on crates.io holds what lies in its own folder and nothing else. The command needs pages of the manual,
//! the example and the templates, which live elsewhere, so `cli/embedded` has copies of them, under the same paths.
//! And each crate has the licences.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace;

/// Files and folders, from the workspace's root.
const EMBEDDED: [&str; 7] = [
    "docs/contract.md",
    "docs/diagnostics.md",
    "docs/manual/status-codes.md",
    "examples/maildir/messages",
    "examples/maildir/provider.toml",
    "examples/maildir/src",
    "templates",
];

/// Where they go.
const FOLDER: &str = "cli/embedded";

/// What each of the crates that are published has beside its `Cargo.toml`. The root has the originals.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
const LICENSED: [&str; 4] = ["cli", "codegen", "host", "macros"];

/// Writes all copies; with `check`, fails where one differs and writes nothing.
pub(crate) fn run(check: bool) -> Result<(), String> {
    let wanted = wanted()?;
    let stale = stale(&wanted)?;
    if check && !stale.is_empty() {
        let names: Vec<String> = stale
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(format!(
            "not what the originals are: {}; run `cargo xtask embed`",
            names.join(", ")
        ));
    }
    for path in stale {
        put(&workspace::root().join(&path), wanted.get(&path))?;
        eprintln!("{}", path.display());
    }
    Ok(())
}

/// Every copy by its path from the root.
fn wanted() -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut originals = BTreeMap::new();
    for path in EMBEDDED.iter().chain(&LICENCES) {
        gather(workspace::root(), Path::new(path), &mut originals)?;
    }
    let is_licence = |path: &Path| LICENCES.iter().any(|licence| path == Path::new(licence));
    let mut copies = BTreeMap::new();
    for (path, bytes) in originals {
        if is_licence(&path) {
            let of_crates = LICENSED.iter().map(|folder| Path::new(folder).join(&path));
            copies.extend(of_crates.map(|copy| (copy, bytes.clone())));
        } else {
            copies.insert(Path::new(FOLDER).join(path), bytes);
        }
    }
    Ok(copies)
}

/// The copies that differ, are missing, or should not be there.
fn stale(wanted: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<PathBuf>, String> {
    let root = workspace::root();
    let mut found = BTreeMap::new();
    let places = wanted
        .keys()
        .map(PathBuf::as_path)
        .chain([Path::new(FOLDER)]);
    for place in places.filter(|place| root.join(place).exists()) {
        gather(root, place, &mut found)?;
    }
    let differs = |path: &&PathBuf| found.get(*path) != wanted.get(*path);
    let mut stale: Vec<PathBuf> = wanted.keys().filter(differs).cloned().collect();
    let extra = found.into_keys().filter(|path| !wanted.contains_key(path));
    stale.extend(extra);
    Ok(stale)
}

/// Gathers the file at `path` under `root`, or all files of the folder there.
fn gather(root: &Path, path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), String> {
    let place = root.join(path);
    let failed = |error| format!("can't read {}: {error}", place.display());
    if !place.is_dir() {
        files.insert(path.to_owned(), fs::read(&place).map_err(failed)?);
        return Ok(());
    }
    for entry in fs::read_dir(&place).map_err(failed)? {
        gather(root, &path.join(entry.map_err(failed)?.file_name()), files)?;
    }
    Ok(())
}

/// Puts a copy in step: its bytes, or none where it should not be there.
fn put(path: &Path, bytes: Option<&Vec<u8>>) -> Result<(), String> {
    let done = match bytes {
        Some(bytes) => {
            let folder = path.parent().unwrap_or(path);
            fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes))
        }
        None => fs::remove_file(path),
    };
    done.map_err(|error| format!("can't write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_copies_are_what_the_originals_are() {
        super::run(true).unwrap();
    }
}
