//! `provider.toml`: what a team writes about its provider.
//!
//! One straight line: `raw` reads the file into what it says, `check` makes of that what it means,
//! or says why it means nothing. Both report all that they find.

mod check;
mod library;
mod raw;
pub mod reference;
mod words;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

pub use self::library::library_beside;

use self::check::{Checked, InterfaceFile};
use crate::{
    catalogue,
    diag::{Code, Diagnostic, Errors, Report, Source},
    ir::provider::{OwnInterfaces, Project, Provider},
    toml_tree::Document,
};

/// Reads and checks a manifest alone, without the files that it names.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn load(source: &Source) -> Result<Provider, Report> {
    let errors = Errors::new();
    let provider = check(source, None, &errors).and_then(|checked| checked.provider);
    errors.into_result(provider)
}

/// Reads and checks the manifest in a file, which is called `shown` in what is said about it, and the files that it
/// names.
///
/// # Errors
///
/// That there is nothing to read, or everything that is wrong with it and with them.
pub fn load_file(file: &Path, shown: &str) -> Result<Project, LoadError> {
    load_file_of(file, shown, None)
}

/// The same for the manifest of a crate whose library has this name: MAPI must find it by the provider's id.
///
/// # Errors
///
/// As for [`load_file`].
pub fn load_file_of(file: &Path, shown: &str, library: Option<&str>) -> Result<Project, LoadError> {
    let source = read(file, shown)?;
    let errors = Errors::new();
    let project = check(&source, library, &errors).and_then(|checked| {
        let interfaces = load_interfaces(&checked.interfaces, file, &source, &errors);
        Some(Project {
            provider: checked.provider?,
            interfaces: interfaces?,
        })
    });
    errors.into_result(project).map_err(LoadError::Wrong)
}

/// Reads a file as TOML is encoded.
///
/// # Errors
///
/// That there is nothing to read, or that it is not UTF-8.
pub fn read(file: &Path, shown: &str) -> Result<Source, LoadError> {
    let bytes = fs::read(file).map_err(|error| LoadError::Unreadable {
        shown: shown.into(),
        error,
    })?;
    decode(shown, bytes).map_err(LoadError::Wrong)
}

/// The ids that belong to MAPI, to Outlook or to Windows, and that no provider can have.
pub fn reserved_ids() -> Vec<String> {
    let taken = words::MAPI_NAMES.iter().chain(words::WINDOWS_DLLS);
    let ports = ["com", "lpt"].map(|port| (0..10).map(move |number| format!("{port}{number}")));
    let devices = ["aux", "con", "nul", "prn"].map(str::to_owned);
    let taken = taken.map(|name| (*name).to_owned()).chain(devices);
    taken.chain(ports.into_iter().flatten()).collect()
}

/// None where the file is not TOML.
fn check(source: &Source, library: Option<&str>, errors: &Errors) -> Option<Checked> {
    let document = Document::parse(source, errors)?;
    let raw = raw::read(document.root(errors));
    Some(check::check(&raw, library, source, errors))
}

/// The interfaces that a manifest names; their files lie relative to it.
fn load_interfaces(
    named: &[InterfaceFile],
    manifest: &Path,
    source: &Source,
    errors: &Errors,
) -> Option<OwnInterfaces> {
    if named.is_empty() {
        return Some(OwnInterfaces::default());
    }
    let sources: Vec<Option<Source>> = named
        .iter()
        .map(|file| read_named(file, manifest, source, errors))
        .collect();
    // Without one of the files, names of its definitions would be reported as unknown in all others.
    let sources: Option<Vec<Source>> = sources.into_iter().collect();
    let modules = named.iter().map(|file| file.module.clone());
    match catalogue::load_own(modules.zip(sources?)) {
        Ok(catalogue) => Some(OwnInterfaces {
            catalogue,
            files: named.iter().map(|file| beside(manifest, file)).collect(),
        }),
        Err(report) => {
            errors.extend(report);
            None
        }
    }
}

/// The path of a file that the manifest at `manifest` names.
fn beside(manifest: &Path, named: &InterfaceFile) -> PathBuf {
    manifest.parent().unwrap_or(Path::new("")).join(&named.path)
}

/// Reads a file that the manifest names; what is wrong is reported.
fn read_named(
    named: &InterfaceFile,
    manifest: &Path,
    source: &Source,
    errors: &Errors,
) -> Option<Source> {
    let shown = beside(Path::new(source.path()), named);
    let shown = shown.display().to_string();
    match read(&beside(manifest, named), &shown) {
        Ok(source) => return Some(source),
        Err(LoadError::Wrong(report)) => errors.extend(report),
        Err(LoadError::Unreadable { error, .. }) => {
            let shown = shown.escape_debug();
            let text = match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file `{shown}`"),
                _ => format!("can't read `{shown}`: {error}"),
            };
            let mistake = Diagnostic::new(Code::Unreadable, source, named.span.clone(), text);
            errors.push(mistake.help("paths are relative to the manifest"));
        }
    }
    None
}

/// Why there is no provider.
#[derive(Debug)]
pub enum LoadError {
    /// The file can't be read.
    Unreadable {
        /// What it is called.
        shown: String,
        /// Why.
        error: io::Error,
    },
    /// It was read, and is not right.
    Wrong(Report),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Unreadable { shown, error } => write!(f, "can't read {shown}: {error}"),
            LoadError::Wrong(report) => report.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}

/// TOML is UTF-8. A file that isn't gets its caret too.
fn decode(shown: &str, bytes: Vec<u8>) -> Result<Source, Report> {
    String::from_utf8(bytes)
        .map(|text| Source::new(shown, text))
        .map_err(|error| {
            // Up to the first wrong byte the readable version is the file, byte for byte.
            let wrong = error.utf8_error().valid_up_to();
            let source = Source::new(shown, String::from_utf8_lossy(error.as_bytes()));
            let errors = Errors::new();
            errors.push(
                Diagnostic::new(
                    Code::TomlSyntax,
                    &source,
                    wrong..wrong + 1,
                    "the file is not UTF-8",
                )
                .help("save it as UTF-8 text"),
            );
            errors.into_report()
        })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn what_is_not_utf8_has_a_caret() {
        let report = decode("a.toml", b"a = 1\nb = '\xFF'\n".to_vec()).expect_err("not UTF-8");
        let text = report.to_string();
        assert!(
            text.contains("error[toml-syntax]: the file is not UTF-8\n --> a.toml:2:6"),
            "{text}"
        );
    }
}
