//! The interface catalogue: `interfaces/*.toml`, parsed, checked, and lowered to [`crate::ir`].
//!
//! ```text
//! *.toml ─parse→ raw::File ─check→ ir::interface::Catalogue
//! ```

mod check;
mod parse;
mod raw;
mod types;

use crate::diag::{Errors, Report, Source};
use crate::ir::interface::Catalogue;

/// The definition files that this version ships, name and text.
const FILES: &[(&str, &str)] = &[
    ("constants", include_str!("../../interfaces/constants.toml")),
    ("entry", include_str!("../../interfaces/entry.toml")),
    ("property", include_str!("../../interfaces/property.toml")),
    ("provider", include_str!("../../interfaces/provider.toml")),
    ("session", include_str!("../../interfaces/session.toml")),
    ("status", include_str!("../../interfaces/status.toml")),
    ("store", include_str!("../../interfaces/store.toml")),
    (
        "structures",
        include_str!("../../interfaces/structures.toml"),
    ),
    ("support", include_str!("../../interfaces/support.toml")),
    ("sync", include_str!("../../interfaces/sync.toml")),
    ("table", include_str!("../../interfaces/table.toml")),
    ("unknown", include_str!("../../interfaces/unknown.toml")),
];

/// The catalogue that this version ships.
///
/// # Errors
///
/// All mistakes in the definition files, each with its place.
pub fn shipped() -> Result<Catalogue, Report> {
    let sources = FILES.iter().map(|(name, text)| {
        (
            name.to_string(),
            Source::new(format!("codegen/interfaces/{name}.toml"), *text),
        )
    });
    load(sources)
}

/// The catalogue of the given files: name of the module, text.
///
/// # Errors
///
/// All mistakes in the files, each with its place.
pub fn load(sources: impl IntoIterator<Item = (String, Source)>) -> Result<Catalogue, Report> {
    let errors = Errors::new();
    let files: Vec<Option<raw::File>> = sources
        .into_iter()
        .map(|(name, source)| parse::file(name, source, &errors))
        .collect();
    // Without one of the files, names of its definitions would be reported as unknown in all others.
    let whole: Option<Vec<raw::File>> = files.into_iter().collect();
    let catalogue = whole.map(|files| check::catalogue(&files, &errors));
    errors.into_result(catalogue)
}

#[cfg(test)]
mod tests;
