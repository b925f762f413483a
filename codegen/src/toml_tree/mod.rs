//! Reading TOML with every mistake reported, each at its place.
//!
//! The parser's tree stays in here. Readers ask a [`Table`] for the keys that they know; what has the
//! wrong type, what is missing and what nobody asked for is reported, and reading goes on, so that one
//! run shows everything.

mod table;
mod value;

use toml::{Spanned as TomlSpanned, de::DeTable};

pub use self::{
    table::Table,
    value::{Scalar, Spanned, TomlValue},
};
use crate::diag::{Code, Diagnostic, Errors, Source};

/// A parsed file.
pub struct Document<'s> {
    source: &'s Source,
    root: TomlSpanned<DeTable<'s>>,
}

impl<'s> Document<'s> {
    /// Parses a file. Where it isn't TOML all the places are reported, and nothing else about it: what
    /// a reader would say of the rest would be guesswork.
    pub fn parse(source: &'s Source, errors: &Errors) -> Option<Self> {
        let (root, mistakes) = DeTable::parse_recoverable(source.text());
        for mistake in &mistakes {
            let end = source.text().len();
            errors.push(
                Diagnostic::new(
                    Code::TomlSyntax,
                    source,
                    mistake.span().unwrap_or(end..end),
                    mistake.message(),
                )
                .help("the file must be TOML: https://toml.io tells how it is written"),
            );
        }
        mistakes.is_empty().then_some(Document { source, root })
    }

    /// The table that the file as a whole is.
    pub fn root<'t>(&'t self, errors: &'t Errors) -> Table<'t> {
        Table::new(
            self.root.get_ref(),
            0..0,
            String::new(),
            self.source,
            errors,
        )
    }
}

#[cfg(test)]
mod tests;
