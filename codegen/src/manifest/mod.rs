//! `provider.toml`: what a team writes about its provider.
//!
//! One straight line: `raw` reads the file into what it says, `check` makes of that what it means,
//! or says why it means nothing. Both report all that they find.

mod check;
mod raw;
mod words;

use std::{fmt, fs, io, path::Path};

use crate::{
    diag::{Code, Diagnostic, Errors, Report, Source},
    ir::provider::Provider,
    toml_tree::Document,
};

/// Reads and checks a manifest.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn load(source: &Source) -> Result<Provider, Report> {
    let errors = Errors::new();
    let provider = Document::parse(source, &errors).and_then(|document| {
        let raw = raw::read(document.root(&errors));
        check::check(&raw, source, &errors)
    });
    errors.into_result(provider)
}

/// Reads and checks the manifest in a file, which is called `shown` in what is said about it.
///
/// # Errors
///
/// That there is nothing to read, or everything that is wrong with it.
pub fn load_file(file: &Path, shown: &str) -> Result<Provider, LoadError> {
    let bytes = fs::read(file).map_err(|error| LoadError::Unreadable {
        shown: shown.into(),
        error,
    })?;
    let source = decode(shown, bytes).map_err(LoadError::Wrong)?;
    load(&source).map_err(LoadError::Wrong)
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
