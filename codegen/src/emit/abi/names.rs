//! The names of generated items.

use proc_macro2::{Ident, Span};

use super::marks::{Kind, marked};
use crate::ir::interface::Interface;

/// Rust's keywords, except those for which `r#` doesn't help.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// The name of a type; the checks have made sure that the text is a name, or a keyword that `r#` turns
/// into one.
pub(super) fn ident(text: &str) -> Ident {
    marked(Kind::Type, text)
}

/// The name of a method, a field, a number or a module.
pub(super) fn member(text: &str) -> Ident {
    marked(Kind::Member, text)
}

/// The name of a parameter.
pub(super) fn parameter(text: &str) -> Ident {
    marked(Kind::Parameter, text)
}

/// A name as it is in Rust.
pub(super) fn keyword_or_name(text: &str) -> Ident {
    if KEYWORDS.contains(&text) {
        return Ident::new_raw(text, Span::call_site());
    }
    Ident::new(text, Span::call_site())
}

/// `IMsgStore_Vtbl`.
pub(super) fn vtbl(interface: &str) -> Ident {
    ident(&format!("{interface}_Vtbl"))
}

/// `IMsgStore_Impl`.
pub(super) fn server(interface: &str) -> Ident {
    ident(&format!("{interface}_Impl"))
}

/// `IMsgStore_Forward`.
pub(super) fn forward(interface: &str) -> Ident {
    ident(&format!("{interface}_Forward"))
}

/// `IMsgStore_Advise`: the function in the vtable of an object that implements the interface.
pub(super) fn thunk(interface: &str, method: &str) -> Ident {
    member(&format!("{interface}_{method}"))
}

/// `IMsgStore_Forward_Advise`: the function in the vtable of an object that forwards the interface.
pub(super) fn forward_thunk(interface: &str, method: &str) -> Ident {
    member(&format!("{interface}_Forward_{method}"))
}

/// Whether this is `IUnknown`, whose types and thunks are not generated.
pub(super) fn is_root(interface: &Interface) -> bool {
    interface.base.is_none()
}
