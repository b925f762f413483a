//! The crates that are built: a provider with macros, the same one with their code in a file, and one with nothing in it.
//!
//! The provider is that of the example of two Maildirs. Each crate is a workspace of its own, as a team's is: nothing of
//! ours decides its profile or its features.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::remove;
use crate::{command, workspace};

/// The provider's name, that of its library included.
pub(super) const PROVIDER: &str = "maildir";
pub(super) const PROVIDER_DLL: &str = "maildir32.dll";
pub(super) const EMPTY_DLL: &str = "empty.dll";

/// The crates' folders.
pub(super) struct Crates {
    pub(super) macros: PathBuf,
    pub(super) written: PathBuf,
    pub(super) empty: PathBuf,
}

/// What stands in the example for what a macro writes, and what stands there where a file has that.
const WITHOUT_MACROS: [(&str, &str); 2] = [
    (
        "mapi_provider::provider!(\"provider.toml\");",
        "include!(\"provider.rs\");\n\nimpl MapiSync for Maildirs {}",
    ),
    ("#[derive(MapiSync)]\n", ""),
];

impl Crates {
    /// Makes them anew in a folder.
    pub(super) fn make(folder: &Path) -> Result<Self, String> {
        let crates = Self {
            macros: folder.join("macros"),
            written: folder.join("written"),
            empty: folder.join("empty"),
        };
        for folder in [&crates.macros, &crates.written, &crates.empty] {
            remove(folder)?;
        }
        make_empty(&crates.empty)?;
        make_provider(&crates.macros, "")?;
        make_provider(
            &crates.written,
            "default-features = false, features = [\"store\", \"tags\"], ",
        )?;
        let library = crates.written.join("src/lib.rs");
        write(&library, &without_macros(&read(&library)?)?)?;
        let mut expand = Command::new(env!("CARGO"));
        expand.current_dir(workspace::root());
        expand.args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "cargo-mapi",
            "--",
        ]);
        expand
            .arg("expand")
            .arg(crates.written.join("provider.toml"))
            .arg("--write")
            .arg(crates.written.join("src/provider.rs"));
        command::run(&mut expand)?;
        Ok(crates)
    }
}

fn make_empty(folder: &Path) -> Result<(), String> {
    write(&folder.join("src/lib.rs"), "")?;
    write(
        &folder.join("Cargo.toml"),
        "[workspace]\n[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n",
    )
}

/// A crate of the example, with so much said of its dependency.
fn make_provider(folder: &Path, dependency: &str) -> Result<(), String> {
    let root = workspace::root();
    let source = root.join("templates/maildir/src");
    let files = source
        .read_dir()
        .map_err(|error| format!("can't read {}: {error}", source.display()))?;
    for file in files.flatten() {
        let to = folder.join("src").join(file.file_name());
        write(&to, &read(&file.path())?)?;
    }
    // The same versions as here; cargo takes out what is not needed.
    for (from, to) in [
        ("examples/maildir/provider.toml", "provider.toml"),
        ("Cargo.lock", "Cargo.lock"),
    ] {
        write(&folder.join(to), &read(&root.join(from))?)?;
    }
    let manifest = format!(
        r#"[workspace]

[package]
name = "{PROVIDER}"
version = "0.0.0"
edition = "2024"

[lib]
name = "maildir32"
crate-type = ["cdylib", "rlib"]

[dependencies]
mapi-provider = {{ {dependency}path = {path:?} }}
"#,
        path = root.display().to_string()
    );
    write(&folder.join("Cargo.toml"), &manifest)
}

/// The example's code, with files in the place of macros.
fn without_macros(library: &str) -> Result<String, String> {
    let mut text = library.to_owned();
    for (macros, file) in WITHOUT_MACROS {
        if !text.contains(macros) {
            return Err(format!(
                "the example of two Maildirs has no `{macros}` any more: mend WITHOUT_MACROS in {}",
                file!()
            ));
        }
        text = text.replace(macros, file);
    }
    Ok(text)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("can't read {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("can't write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_its_macros_where_they_are_looked_for() {
        let library = read(&workspace::root().join("templates/maildir/src/lib.rs"));
        let library = library.expect("the example is there");
        let text = without_macros(&library).expect("its macros are found");
        assert!(text.contains("include!") && !text.contains("derive(MapiSync)"));
        assert!(without_macros("fn nothing() {}").is_err());
    }
}
