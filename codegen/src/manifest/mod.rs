//! `provider.toml`: what a team writes about its provider.
//!
//! One straight line: `raw` reads what the file says, `check` turns that into what it means, or says why it means
//! nothing. Both report everything that they find.

mod check;
mod library;
mod own;
mod raw;
mod read;
pub mod reference;
mod words;

use std::{fmt, io, path::Path};

pub use self::{library::library_beside, read::read};

use self::check::Checked;
use crate::{
    diag::{Errors, Report, Source, visible},
    ir::provider::{Project, Provider},
    toml_tree::{Document, Home},
};

/// Reads and checks only a manifest, without the files that it names.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn load(source: &Source) -> Result<Provider, Report> {
    let errors = Errors::new();
    let provider = check(source, None, &[], &errors).and_then(|checked| checked.provider);
    errors.into_result(provider)
}

/// Reads and checks the manifest in a file, and the files that it names. Messages call the file `shown`.
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
    let crates = library::crates_beside(file);
    let project = check(&source, library, &crates, &errors).and_then(|checked| {
        let interfaces = own::load(&checked.interfaces, file, &source, &errors);
        Some(Project {
            provider: checked.provider?,
            interfaces: interfaces?,
        })
    });
    errors.into_result(project).map_err(LoadError::Wrong)
}

/// The ids that belong to MAPI, to Outlook or to Windows, and that no provider can have.
pub fn reserved_ids() -> Vec<String> {
    let taken = words::MAPI_NAMES.iter().chain(words::WINDOWS_DLLS);
    let ports = ["com", "lpt"].map(|port| (0..10).map(move |number| format!("{port}{number}")));
    let devices = ["aux", "con", "nul", "prn"].map(str::to_owned);
    let taken = taken.map(|name| (*name).to_owned()).chain(devices);
    taken.chain(ports.into_iter().flatten()).collect()
}

/// Why a text can't be the `name`, `id` or `uid` of a provider, in words that follow "it", and what to do. `None` if
/// nothing is wrong with it, or if the key is another one.
pub fn why_not(key: &str, text: &str) -> Option<String> {
    check::why_not(key, text)
}

/// `None` if the file is not TOML.
fn check(
    source: &Source,
    library: Option<&str>,
    crates: &[String],
    errors: &Errors,
) -> Option<Checked> {
    let document = Document::parse(source, errors)?;
    let homes = homes();
    let raw = raw::read(document.root_with(errors, &homes));
    Some(check::check(&raw, library, crates, source, errors))
}

/// The table that each key belongs in, and how each table is written, for keys in the wrong table.
fn homes() -> Vec<Home> {
    let homes = reference::tables().into_iter().flat_map(|table| {
        let written = if table.repeated {
            format!("[[{}]]", table.path)
        } else {
            format!("[{}]", table.path)
        };
        let own: &[&str] = match table.path {
            "service.setting" => &["setting", "settings"],
            "address-book.details" => &["detail"],
            _ => &[],
        };
        let home = |key: &'static str, is_itself| Home {
            key,
            table: written.clone(),
            is_itself,
        };
        let keys = table.keys.iter().filter(|key| key.name != "setting");
        let keys = keys.map(|key| home(key.name, false));
        keys.chain(own.iter().map(|name| home(name, true)))
            .collect::<Vec<_>>()
    });
    homes.collect()
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
    /// It was read, and it is wrong.
    Wrong(Report),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Unreadable { shown, error } => {
                write!(f, "can't read {}: {error}", visible(shown))
            }
            LoadError::Wrong(report) => report.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
