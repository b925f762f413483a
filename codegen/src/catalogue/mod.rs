//! The interface catalogue: `interfaces/*.toml`, parsed, checked, and lowered to [`crate::ir`].
//!
//! ```text
//! *.toml ─parse→ raw::File ─check→ ir::interface::Catalogue
//! ```

mod c_types;
mod check;
mod parse;
mod raw;
mod types;

use crate::diag::{Errors, Report, Source};
use crate::ir::interface::{Catalogue, Named, Tag};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The definition files that this version ships, name and text.
        const FILES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../interfaces/", $name, ".toml")),
        )),*];
    };
}

files! {
    "accounts",
    "address_book",
    "constants",
    "container",
    "core_tags",
    "data",
    "display_values",
    "entry",
    "exchange",
    "exchange_values",
    "flags",
    "folder",
    "form_values",
    "forms",
    "guids",
    "icon_values",
    "ics",
    "message_values",
    "notifications",
    "offline",
    "outlook",
    "outlook_values",
    "property",
    "property_types",
    "provider",
    "replication",
    "rights_values",
    "rows",
    "rule_values",
    "session",
    "status",
    "status_object",
    "status_values",
    "store",
    "store_values",
    "streams",
    "structures",
    "support",
    "sync",
    "table",
    "table_values",
    "tags",
    "transport",
    "transport_values",
    "unknown",
}

/// Files that contain only numbers, which no definition needs: most of the text, and of the time to read it.
const NUMBERS: [&str; 3] = ["core_tags", "guids", "tags"];

/// The catalogue that this version ships.
///
/// # Errors
///
/// All mistakes in the definition files, each with its place.
pub fn shipped() -> Result<Catalogue, Report> {
    let sources = FILES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), shipped_source(name, text)));
    load(sources)
}

/// The status codes that this version ships. This is fast.
///
/// # Errors
///
/// All mistakes in their definitions.
pub fn shipped_statuses() -> Result<Vec<Named>, Report> {
    let statuses = FILES.iter().filter(|(name, _)| *name == "status");
    let sources = statuses.map(|(name, text)| ((*name).to_owned(), shipped_source(name, text)));
    let modules = load(sources)?.modules;
    Ok(modules
        .into_iter()
        .flat_map(|module| module.statuses)
        .collect())
}

/// The property tags that this version ships.
///
/// # Errors
///
/// All mistakes in their definitions.
pub fn shipped_tags() -> Result<Vec<Tag>, Report> {
    let tags = FILES
        .iter()
        .filter(|(name, _)| matches!(*name, "core_tags" | "tags"));
    let sources = tags.map(|(name, text)| ((*name).to_owned(), shipped_source(name, text)));
    let modules = load(sources)?.modules;
    Ok(modules.into_iter().flat_map(|module| module.tags).collect())
}

fn shipped_source(name: &str, text: &'static str) -> Source {
    Source::new(format!("codegen/interfaces/{name}.toml"), text)
}

/// The catalogue of only the given files: name of the module, text.
///
/// # Errors
///
/// All mistakes in the files, each with its place.
pub fn load(sources: impl IntoIterator<Item = (String, Source)>) -> Result<Catalogue, Report> {
    on_top_of(&[], sources)
}

/// A team's own definitions on top of the shipped ones, whose types and bases they may use. Their modules come
/// last in the catalogue.
///
/// # Errors
///
/// All mistakes in the files, each with its place.
pub fn load_own(sources: impl IntoIterator<Item = (String, Source)>) -> Result<Catalogue, Report> {
    let errors = Errors::new();
    let shipped = FILES.iter().filter(|(name, _)| !NUMBERS.contains(name));
    let shipped: Option<Vec<raw::File>> = shipped
        .map(|(name, text)| parse::file((*name).to_owned(), shipped_source(name, text), &errors))
        .collect();
    match shipped {
        Some(shipped) => on_top_of(&shipped, sources),
        None => Err(errors.into_report()),
    }
}

/// Whether a file looks like a file of definitions, right or wrong.
pub(crate) fn is_definitions(source: &Source) -> bool {
    parse::is_definitions(source)
}

fn on_top_of(
    shipped: &[raw::File],
    sources: impl IntoIterator<Item = (String, Source)>,
) -> Result<Catalogue, Report> {
    let errors = Errors::new();
    let files: Vec<Option<raw::File>> = sources
        .into_iter()
        .map(|(name, source)| parse::file(name, source, &errors))
        .collect();
    // If one file is missing, the names that it defines would be reported as unknown in all others.
    let whole: Option<Vec<raw::File>> = files.into_iter().collect();
    let catalogue = whole.map(|files| check::catalogue(shipped, &files, &errors));
    errors.into_result(catalogue)
}

#[cfg(test)]
mod tests;
