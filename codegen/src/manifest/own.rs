//! The files with definitions of interfaces that a manifest names.
//!
//! A manifest may come from anybody, and what it names is read and quoted. So it may only name files of definitions:
//! relative to itself, called `.toml`, regular, of at most a mebibyte, and with a definition in them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{LoadError, check::InterfaceFile, read::read_regular};
use crate::{
    catalogue,
    diag::{Code, Diagnostic, Errors, Report, Source, visible},
    ir::provider::OwnInterfaces,
};

/// The interfaces that a manifest names; their files are relative to it.
pub(super) fn load(
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
    // If one file is missing, the names that it defines would be reported as unknown in all others.
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
    let shown = beside(Path::new(source.path()), named)
        .display()
        .to_string();
    let found = definitions(&beside(manifest, named), &shown);
    found
        .map_err(|(problem, help)| {
            let mistake = Diagnostic::new(Code::Unreadable, source, named.span.clone(), problem);
            errors.push(mistake.help(help));
        })
        .ok()
}

/// A file of definitions, or why it is not one and what to do. Nothing in a file that is not one is quoted.
fn definitions(file: &Path, shown: &str) -> Result<Source, (String, &'static str)> {
    let name = visible(shown);
    if leads_elsewhere(file) {
        let problem = format!("`{name}` is a link to something that is not a `.toml` file");
        return Err((problem, "name the file itself"));
    }
    match read_regular(file, shown) {
        Ok(source) if catalogue::is_definitions(&source) => Ok(source),
        Ok(_) => Err((
            format!("`{name}` contains no definitions"),
            "a file of definitions has an `[[interface]]`, a `[[struct]]` or similar",
        )),
        Err(LoadError::Wrong(report)) => Err((
            format!("`{name}` can't be read: {}", first_message(&report)),
            "save it as UTF-8 text",
        )),
        Err(LoadError::Unreadable { error, .. }) => Err((
            match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file `{name}`"),
                _ => format!("can't read `{name}`: {error}"),
            },
            "paths are relative to the manifest",
        )),
    }
}

/// Whether a file is a link to one of another kind. A missing file leads nowhere.
fn leads_elsewhere(file: &Path) -> bool {
    let target = fs::canonicalize(file).ok();
    target.is_some_and(|target| target.extension().is_none_or(|end| end != "toml"))
}

fn first_message(report: &Report) -> &str {
    let first = report.diagnostics().first();
    first.map_or("", |mistake| mistake.message.as_str())
}
