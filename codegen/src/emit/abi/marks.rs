//! Names of definitions on their way through generated code: each carries a mark, which no definition can have in a name,
//! and what it is the name of. So they are never taken for names of ours.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::names::keyword_or_name;

/// What such a name begins with: a letter, for it must be a name, but none of ASCII.
const MARK: char = 'ʘ';

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A type: it lies in a module, and there is a path to it.
    Type,
    /// A method, a field, a number: it is named where it is defined, or behind what it belongs to.
    Member,
    /// A parameter: nobody outside of its function names it.
    Parameter,
}

/// The letter of each kind, behind the mark.
const KINDS: [(char, Kind); 3] = [
    ('t', Kind::Type),
    ('m', Kind::Member),
    ('p', Kind::Parameter),
];

/// A name of a definition, or one made of it that people use.
pub(super) fn marked(kind: Kind, name: &str) -> Ident {
    let letters = KINDS.iter().filter(|(_, known)| *known == kind);
    let letter: String = letters.map(|(letter, _)| *letter).collect();
    Ident::new(&format!("{MARK}{letter}{name}"), Span::call_site())
}

/// What a name is of, and the name without its mark; none for names of ours.
pub(super) fn read(name: &str) -> Option<(Kind, &str)> {
    let mut rest = name.strip_prefix(MARK)?.chars();
    let letter = rest.next()?;
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == letter)?;
    Some((*kind, rest.as_str()))
}

/// The names of definitions that some code says, of some kinds.
pub(super) fn said(tokens: &TokenStream, kinds: &[Kind]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => names.extend(said(&group.stream(), kinds)),
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let found = read(&name).filter(|(kind, _)| kinds.contains(kind));
                names.extend(found.map(|(_, name)| name.to_owned()));
            }
            _ => {}
        }
    }
    names
}

/// A token as it is in Rust.
pub(super) fn unmark(token: TokenTree) -> TokenTree {
    match &token {
        TokenTree::Ident(name) => match read(&name.to_string()) {
            Some((_, name)) => keyword_or_name(name).into(),
            None => token,
        },
        _ => token,
    }
}
