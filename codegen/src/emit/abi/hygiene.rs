//! Names in generated code. Those of definitions carry a mark on their way, which no definition can have in a name, so
//! they are never taken for ours: where a team's own modules are written, ours become absolute paths, or make way.
//!
//! The shipped modules, whose names the compiler has seen, say ours as they are.

use std::collections::BTreeSet;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::names::keyword_or_name;

/// What a name of a definition begins with on its way: a letter, for it must be a name, but none of ASCII.
const MARK: char = 'ʘ';

/// Rust's own: names, and where they are whatever the module says.
#[rustfmt::skip]
const RUST: [(&str, &str); 6] = [
    ("From", "convert"), ("Option", "option"), ("Send", "marker"), ("Sync", "marker"), ("align_of", "mem"),
    ("size_of", "mem"),
];

/// The runtime's.
#[rustfmt::skip]
const RUNTIME: [&str; 18] = [
    "Chain", "Class", "Forwardable", "Forwards", "IUnknown_Vtbl", "Interface", "MAPI_E_INVALID_PARAMETER",
    "MAPI_E_NO_SUPPORT", "Object", "PLACEHOLDER", "Placeholder", "TearOff", "barrier", "barrier_plain", "bitflags",
    "clear", "debug_flags", "unknown_vtbl",
];

/// What generated code calls its own: another name does as well.
#[rustfmt::skip]
const OWN: [&str; 18] = [
    "SLOT", "STATUS_NAMES", "STATUS_PLACES", "T", "TAG_NAMES", "_iid", "base__", "code", "f", "hash", "iid", "known",
    "name", "place", "result", "status", "this", "value",
];

/// A name of a definition, or one made of it that people use.
pub(super) fn marked(name: &str) -> Ident {
    Ident::new(&format!("{MARK}{name}"), Span::call_site())
}

/// The names of definitions that some code says, without their mark.
pub(super) fn said(tokens: &TokenStream) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => said.extend(self::said(&group.stream())),
            TokenTree::Ident(name) => {
                said.extend(name.to_string().strip_prefix(MARK).map(str::to_owned));
            }
            _ => {}
        }
    }
    said
}

/// The shipped modules: names as they are.
pub(super) fn plain(tokens: TokenStream) -> TokenStream {
    map(tokens, &|_, token| TokenStream::from(unmark(token)))
}

/// A team's own modules: nothing that they define, and nothing that their crate says, hides a name of ours.
pub(super) fn absolute(tokens: TokenStream) -> TokenStream {
    let mut theirs = BTreeSet::new();
    gather(&tokens, &mut theirs);
    let tokens = without_attributes(tokens, &["diagnostic"]);
    map(tokens, &|inside, token| {
        let TokenTree::Ident(name) = &token else {
            return token.into();
        };
        let text = name.to_string();
        if text.starts_with(MARK) || inside {
            return unmark(token).into();
        }
        if let Some((_, module)) = RUST.iter().find(|(known, _)| *known == text) {
            let module = Ident::new(module, Span::call_site());
            return quote!(::core::#module::#name);
        }
        if RUNTIME.contains(&text.as_str()) {
            return quote!(::mapi_provider::__private::prelude::#name);
        }
        if OWN.contains(&text.as_str()) {
            return TokenTree::from(fresh(&text, &theirs)).into();
        }
        token.into()
    })
}

/// Without attributes that begin with one of some words, `#![…]` too.
pub(super) fn without_attributes(tokens: TokenStream, words: &[&str]) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(hash) if hash.as_char() == '#' => {
                let bang = tokens.next_if(|next| is(next, '!'));
                let unwanted = tokens.next_if(|next| begins_with(next, words));
                if unwanted.is_none() {
                    out.push(hash.into());
                    out.extend(bang);
                }
            }
            TokenTree::Group(group) => {
                let inside = without_attributes(group.stream(), words);
                out.push(Group::new(group.delimiter(), inside).into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn begins_with(token: &TokenTree, words: &[&str]) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if words.iter().any(|word| name == word))
}

/// The names of definitions.
fn gather(tokens: &TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(name) => {
                names.extend(name.to_string().strip_prefix(MARK).map(str::to_owned));
            }
            TokenTree::Group(group) => gather(&group.stream(), names),
            _ => {}
        }
    }
}

/// A name of ours that no definition has.
fn fresh(name: &str, theirs: &BTreeSet<String>) -> Ident {
    let mut name = name.to_owned();
    while theirs.contains(&name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

fn unmark(token: TokenTree) -> TokenTree {
    match &token {
        TokenTree::Ident(name) => match name.to_string().strip_prefix(MARK) {
            Some(name) => keyword_or_name(name).into(),
            None => token,
        },
        _ => token,
    }
}

/// Every token but groups, with whether it stands inside of a path or after the dot of a field or a method.
fn map(tokens: TokenStream, change: &impl Fn(bool, TokenTree) -> TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let (mut colons, mut dots) = (0, 0);
    for token in tokens {
        let inside = colons == 2 || dots == 1;
        colons = if is(&token, ':') { colons + 1 } else { 0 };
        dots = if is(&token, '.') { dots + 1 } else { 0 };
        match token {
            TokenTree::Group(group) => {
                let changed = map(group.stream(), change);
                out.extend([TokenTree::from(Group::new(group.delimiter(), changed))]);
            }
            other => out.extend(change(inside, other)),
        }
    }
    out
}

fn is(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{absolute, marked, plain, without_attributes};

    #[test]
    fn ours_make_way_for_theirs() {
        let (option, this) = (marked("Option"), marked("this"));
        let code = quote!(fn f(this: Option<#option>, #this: T) { clear(#this); this.clear() });
        let expected = quote!(
            fn f(this_: ::core::option::Option<Option>, this: T) {
                ::mapi_provider::__private::prelude::clear(this);
                this_.clear()
            }
        );
        assert_eq!(absolute(code).to_string(), expected.to_string());
    }

    #[test]
    fn the_shipped_ones_are_written_as_they_are() {
        let (name, keyword) = (marked("Thing"), marked("type"));
        let code = quote!(struct #name { #keyword: Option<::core::primitive::u8>, });
        let expected = quote!(
            struct Thing {
                r#type: Option<::core::primitive::u8>,
            }
        );
        assert_eq!(plain(code).to_string(), expected.to_string());
    }

    #[test]
    fn attributes_go_wherever_they_stand() {
        let code = quote!(#![allow(a)] mod m { #[allow(b)] #[repr(C)] struct S; });
        let expected = quote!(
            mod m {
                #[repr(C)]
                struct S;
            }
        );
        assert_eq!(
            without_attributes(code, &["allow"]).to_string(),
            expected.to_string()
        );
    }
}
