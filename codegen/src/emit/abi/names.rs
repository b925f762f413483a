//! The names of generated items.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use super::hygiene::marked;
use crate::ir::interface::Interface;

/// Rust's keywords, but for those that `r#` doesn't help.
#[rustfmt::skip]
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

/// The name that a definition has; the checks have made sure that the text is one, or a keyword that `r#` makes one.
pub(super) fn ident(text: &str) -> Ident {
    marked(text)
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
    marked(&format!("{interface}_Vtbl"))
}

/// `IMsgStore_Impl`.
pub(super) fn server(interface: &str) -> Ident {
    marked(&format!("{interface}_Impl"))
}

/// `IMsgStore_Forward`.
pub(super) fn forward(interface: &str) -> Ident {
    marked(&format!("{interface}_Forward"))
}

/// `IMsgStore_Advise`: the function in the vtable of an object that implements the interface.
pub(super) fn thunk(interface: &str, method: &str) -> Ident {
    format_ident!("{interface}_{method}")
}

/// `IMsgStore_Forward_Advise`: the function in the vtable of an object that forwards the interface.
pub(super) fn forward_thunk(interface: &str, method: &str) -> Ident {
    format_ident!("{interface}_Forward_{method}")
}

/// Whether this is `IUnknown`, whose types and thunks are not generated.
pub(super) fn is_root(interface: &Interface) -> bool {
    interface.base.is_none()
}
