//! The generated crate: a manifest, the example's logic, and a `Cargo.toml` made for them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::ir::provider::Provider;
use mapi_provider_codegen::manifest;
use mapi_provider_templates::demo::FILES;

use crate::cargo_settings::quoted;
use crate::failure::Failure;

/// What each file of the crate is, in the order of [`FILES`].
const ABOUT: [&str; FILES.len()] = [
    "what it is, and its settings",
    "the provider: two methods",
    "the logic: what to do with each message",
    "the logic: doing it",
    "folders of messages",
    "what the last run left behind",
    "subjects",
];

/// Writes the crate, and returns a line about each file.
pub(super) fn write(folder: &Path, checkout: Option<&Path>) -> Result<Vec<String>, Failure> {
    let manifest = FILES[0];
    let source = Source::new(manifest.path, manifest.text);
    let provider = manifest::load(&source).map_err(|report| Failure::Mistakes {
        shown: manifest.path.to_owned(),
        report,
    })?;
    let cargo_toml = cargo_toml(&provider, &dependency(checkout, &[]));
    let files = FILES.iter().zip(ABOUT);
    let mut files: Vec<_> = files.map(|(it, about)| (it.path, about, it.text)).collect();
    files.push(("Cargo.toml", "for cargo", &cargo_toml));
    for (name, _, text) in &files {
        write_file(&folder.join(name), text)?;
    }
    if let Some(lock) =
        checkout.and_then(|checkout| fs::read_to_string(checkout.join("Cargo.lock")).ok())
    {
        // The same versions as in the checkout, which may be the only ones available.
        write_file(&folder.join("Cargo.lock"), &lock)?;
    }
    let describe = |(name, what, text): &(&str, &str, &str)| {
        format!("{name:<14}{:>5} lines  {what}", lines(text))
    };
    Ok(files.iter().map(describe).collect())
}

/// What was written for the crate of a wrapped store.
pub(super) struct Written {
    /// A line about each file.
    pub(super) lines: Vec<String>,
    /// How many lines of code its own files have, including the manifest.
    pub(super) own: usize,
    /// The same for those that it shares with the example of two Maildirs.
    pub(super) shared: usize,
}

/// Writes the example of a wrapped store, as it is in the checkout, and beside it what it shares with another
/// example.
pub(super) fn write_wrapped(folder: &Path, checkout: &Path) -> Result<Written, Failure> {
    let example = checkout.join(WRAPPED);
    let mut own = vec![example.join("provider.toml")];
    own.extend(rust_files(&example.join("src"))?);
    let shared = SHARED.map(|name| checkout.join("templates/maildir/src").join(name));
    let mut written = Written {
        lines: Vec::new(),
        own: 0,
        shared: 0,
    };
    for (path, is_own) in own
        .iter()
        .map(|path| (path, true))
        .chain(shared.iter().map(|path| (path, false)))
    {
        let text = read_file(path)?;
        let name = path
            .strip_prefix(checkout)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        write_file(&folder.join(&name), &text)?;
        let count = lines(&text);
        *(if is_own {
            &mut written.own
        } else {
            &mut written.shared
        }) += count;
        written.lines.push(format!("{name:<40}{count:>5} lines"));
    }
    let manifest = read_file(&own[0])?;
    let provider = manifest::load(&Source::new("provider.toml", &*manifest)).map_err(|report| {
        Failure::Mistakes {
            shown: "provider.toml".to_owned(),
            report,
        }
    })?;
    let example = read_file(&example.join("Cargo.toml"))?;
    let dependency = dependency(Some(checkout), &features(&example));
    let more = more_dependencies(&example);
    let cargo_toml = cargo_toml(&provider, &format!("{dependency}{more}"));
    let crate_folder = folder.join(WRAPPED);
    write_file(&crate_folder.join("Cargo.toml"), &cargo_toml)?;
    let lock = read_file(&checkout.join("Cargo.lock"))?;
    write_file(&crate_folder.join("Cargo.lock"), &lock)?;
    Ok(written)
}

/// The example of a wrapped store, in the checkout and in the demo's folder.
pub(super) const WRAPPED: &str = "examples/wrapped-maildir";

/// What it takes from the example of two Maildirs.
const SHARED: [&str; 2] = ["header.rs", "maildir.rs"];

/// The dependencies in an example's `Cargo.toml` that are neither ours nor for tests, as further lines.
fn more_dependencies(cargo_toml: &str) -> String {
    let lines = cargo_toml.lines();
    let lines = lines.skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let others = lines.filter(|line| line.contains('=') && !line.starts_with("mapi-provider"));
    others.map(|line| format!("\n{line}")).collect()
}

/// The Rust files in a folder, by name.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::new(format!("can't read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("can't read {}: {error}", path.display())))
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
    written.map_err(|error| Failure::new(format!("can't write {}: {error}", path.display())))
}

/// The lines of code: no empty lines, no comments, and no tests.
fn lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim);
    let lines = lines.take_while(|line| *line != "#[cfg(test)]");
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("# "))
        .count()
}

fn cargo_toml(provider: &Provider, dependency: &str) -> String {
    let id = &provider.id;
    format!(
        r#"[package]
name = "{id}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
name = "{id}32" # MAPI adds the 32
crate-type = ["cdylib"]

[dependencies]
mapi-provider = {dependency}

[workspace] # on its own, whatever folder it lies in
"#
    )
}

/// What a crate says after `mapi-provider =`.
fn dependency(checkout: Option<&Path>, features: &[String]) -> String {
    let place = match checkout {
        Some(path) => format!("path = {}", quoted(&path.to_string_lossy())),
        None => format!("version = \"={}\"", env!("CARGO_PKG_VERSION")),
    };
    let features: Vec<String> = features.iter().map(|name| quoted(name)).collect();
    match features.as_slice() {
        [] => format!("{{ {place} }}"),
        features => format!("{{ {place}, features = [{}] }}", features.join(", ")),
    }
}

/// The features that an example's `Cargo.toml` asks of `mapi-provider`.
fn features(cargo_toml: &str) -> Vec<String> {
    let features = || {
        let manifest: toml::Table = cargo_toml.parse().ok()?;
        let ours = manifest.get("dependencies")?.get("mapi-provider")?;
        let named = ours.get("features")?.as_array()?.iter();
        Some(
            named
                .filter_map(|name| Some(name.as_str()?.to_owned()))
                .collect(),
        )
    };
    features().unwrap_or_default()
}

/// The checkout that this program was built in, if it is still there: its `mapi-provider` is the one to use.
/// If cargo runs this program, cargo says which it is, because two checkouts may share a target folder.
pub(crate) fn checkout() -> Option<PathBuf> {
    let run_by_cargo =
        env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let cli = env::var_os("CARGO_MANIFEST_DIR").filter(|_| run_by_cargo);
    let cli = cli.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = cli.parent()?.to_owned();
    let cargo_toml = fs::read_to_string(root.join("Cargo.toml")).ok()?;
    cargo_toml
        .lines()
        .any(|line| line == "name = \"mapi-provider\"")
        .then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_something_are_counted() {
        assert_eq!(
            lines("//! a\n\nuse b;\n    // c\n#[d]\nlet e; // f\n# g\n"),
            3
        );
    }

    #[test]
    fn any_path_makes_a_toml_string() {
        assert_eq!(quoted("C:\\a \"b\"\n"), r#""C:\\a \"b\"\u000A""#);
    }

    #[test]
    fn the_crate_depends_on_the_checkout_or_on_what_is_published() {
        let here = Some(Path::new("/a"));
        assert_eq!(dependency(here, &[]), "{ path = \"/a\" }");
        let example = "[dependencies]\nmapi-provider = { workspace = true, features = ['mime'] }\n";
        assert_eq!(
            dependency(here, &features(example)),
            "{ path = \"/a\", features = [\"mime\"] }"
        );
        assert_eq!(
            dependency(None, &features("[dependencies]\n")),
            format!("{{ version = \"={}\" }}", env!("CARGO_PKG_VERSION"))
        );
        assert!(
            checkout()
                .expect("tests run in one")
                .join("src/lib.rs")
                .is_file()
        );
    }

    #[test]
    fn the_crate_is_complete() {
        let folder = tempfile::tempdir().expect("a folder");
        let about = write(folder.path(), None).expect("written");
        assert_eq!(about.len(), 8);
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("there");
        for module in text("src/lib.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod "))
        {
            assert!(
                !text(&format!("src/{}.rs", module.trim_end_matches(';'))).contains("#[cfg(test)]")
            );
        }
        assert!(text("Cargo.toml").contains("name = \"maildir_demo32\""));
    }
}
