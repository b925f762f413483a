//! Reading TOML with every mistake reported, each at its place.
//!
//! The parser's tree stays in here. Readers ask a [`Table`] for the keys that they know; wrong types,
//! missing keys and keys that nobody asked for are reported, and reading goes on, so one run shows
//! everything.

mod given;
mod help;
mod syntax;
mod table;
mod text;
mod value;

use toml::{Spanned as TomlSpanned, de::DeTable};

pub use self::{
    given::Given,
    syntax::SINGLE_QUOTES,
    table::{Home, Table},
    value::{Scalar, Spanned, TomlValue},
};
use crate::diag::{Errors, Source};

/// A parsed file.
pub struct Document<'s> {
    source: &'s Source,
    root: TomlSpanned<DeTable<'s>>,
}

impl<'s> Document<'s> {
    /// Parses a file. If it isn't TOML, all places of syntax errors are reported, and nothing else:
    /// what a reader would say about the rest would be guesswork.
    pub fn parse(source: &'s Source, errors: &Errors) -> Option<Self> {
        let (root, mistakes) = DeTable::parse_recoverable(source.text());
        let found = mistakes
            .iter()
            .map(|mistake| (mistake.span(), mistake.message()));
        syntax::report(found, source, errors);
        mistakes.is_empty().then_some(Document { source, root })
    }

    /// The keys at the top of a file, as far as the parser could make sense of it.
    pub fn keys_of(source: &Source) -> Vec<String> {
        let (root, _) = DeTable::parse_recoverable(source.text());
        let keys = root.get_ref().keys();
        keys.map(|key| key.get_ref().to_string()).collect()
    }

    /// The table that the file as a whole is.
    pub fn root<'t>(&'t self, errors: &'t Errors) -> Table<'t> {
        self.root_with(errors, &[])
    }

    /// The same, with the tables that keys belong in, so a key in the wrong table can be reported.
    pub fn root_with<'t>(&'t self, errors: &'t Errors, homes: &'t [Home]) -> Table<'t> {
        Table::root(self.root.get_ref(), homes, self.source, errors)
    }
}

#[cfg(test)]
mod tests;
