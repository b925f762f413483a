//! The files of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder with the workspace's `Cargo.toml`. Cargo is asked when the test runs, because two checkouts may
/// share a target folder and thus the compiled test.
pub(crate) fn root() -> PathBuf {
    let xtask =
        PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests"));
    xtask
        .parent()
        .expect("xtask lies in the workspace")
        .to_owned()
}

/// A file: its path from the root, with `/` between the parts, and its bytes.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.bytes)
            .unwrap_or_else(|error| panic!("{} is not UTF-8: {error}", self.path))
    }

    /// Whether the file lies in one of the folders, or is one of the files.
    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            let rest = self.path.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether the file holds nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    }

    fn ends_with_any(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// All Rust files that people compile by hand; the `ui` tests' inputs are wrong on purpose.
pub(crate) fn rust_files() -> Vec<File> {
    let mut files = all();
    files.retain(|file| file.path.ends_with(".rs") && !file.path.contains("/ui/"));
    assert!(
        files.len() > 10,
        "only {} Rust files: the walk is broken",
        files.len()
    );
    files
}

/// All text files that people write or that our generator writes. What other tools write into files that
/// tests compare (`.stderr`, `.snap`) is theirs.
pub(crate) fn text_files() -> Vec<File> {
    const ENDINGS: [&str; 13] = [
        ".rs",
        ".toml",
        ".md",
        ".cpp",
        ".h",
        ".hpp",
        ".json",
        ".txt",
        ".yml",
        "/run",
        ".editorconfig",
        ".gitignore",
        ".gitattributes",
    ];
    let mut files = all();
    files.retain(|file| file.ends_with_any(&ENDINGS));
    files
}

fn all() -> Vec<File> {
    let mut files = Vec::new();
    walk(&root(), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Gathers the files below a folder; `prefix` is its path from the root, with a `/` at the end.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    // Cargo marks its target folders with this file, whatever their names are.
    if folder.join("CACHEDIR.TAG").exists() {
        return;
    }
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a folder entry");
        let name = entry.file_name().into_string().expect("a UTF-8 name");
        let (path, from_root) = (entry.path(), format!("{prefix}{name}"));
        if !path.is_dir() {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{from_root}: {error}"));
            files.push(File {
                path: from_root,
                bytes,
            });
        } else if name != ".git" && name != "target" {
            walk(&path, &format!("{from_root}/"), files);
        }
    }
}
