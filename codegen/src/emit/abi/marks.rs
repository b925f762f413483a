//! Names of definitions on their way through generated code: each carries a mark, which no definition can have in a
//! name, and says what it names. So they are never taken for our names.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::names::keyword_or_name;

/// What such a name begins with: a letter, because it must be a name, but not an ASCII one.
const MARK: char = 'ʘ';

/// What a name refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A type: it is in a module, and has a path.
    Type,
    /// A method, a field, a number: it is named where it is defined, or after what it belongs to.
    Member,
    /// A parameter: nobody outside its function names it.
    Parameter,
}

/// The letter of each kind, after the mark.
const KINDS: [(char, Kind); 3] = [
    ('t', Kind::Type),
    ('m', Kind::Member),
    ('p', Kind::Parameter),
];

/// The name of a definition, or one made from it that people use.
pub(super) fn marked(kind: Kind, name: &str) -> Ident {
    let letters = KINDS.iter().filter(|(_, known)| *known == kind);
    let letter: String = letters.map(|(letter, _)| *letter).collect();
    Ident::new(&format!("{MARK}{letter}{name}"), Span::call_site())
}

/// What a name refers to, and the name without its mark; `None` for our own names.
pub(super) fn read(name: &str) -> Option<(Kind, &str)> {
    let mut rest = name.strip_prefix(MARK)?.chars();
    let letter = rest.next()?;
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == letter)?;
    Some((*kind, rest.as_str()))
}

/// The names of definitions, of some kinds, that some code uses.
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
