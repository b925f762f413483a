//! Names in generated code: in a team's own modules, each is either an unambiguous path, or makes way for the team's
//! names ([`marks`](super::marks) tells them apart).
//!
//! In the shipped modules, whose names the compiler has seen, all names stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::marks::{Kind, read, said, unmark};
use super::names::keyword_or_name;
use super::scope::Scope;

/// Rust's own names, and the paths where they always are.
const RUST: [(&str, &str); 12] = [
    ("Clone", "clone"),
    ("Copy", "marker"),
    ("Debug", "fmt"),
    ("Default", "default"),
    ("Eq", "cmp"),
    ("From", "convert"),
    ("Hash", "hash"),
    ("Option", "option"),
    ("PartialEq", "cmp"),
    ("Send", "marker"),
    ("Sync", "marker"),
    ("c_void", "ffi"),
];

/// The runtime's.
const RUNTIME: [&str; 23] = [
    "Chain",
    "Class",
    "Forwardable",
    "Forwards",
    "GUID",
    "HRESULT",
    "Interface",
    "MAPI_E_INVALID_PARAMETER",
    "MAPI_E_NO_SUPPORT",
    "Object",
    "PLACEHOLDER",
    "Placeholder",
    "PropTag",
    "TCHAR",
    "TearOff",
    "assert_layout",
    "assert_slots",
    "barrier",
    "barrier_plain",
    "bitflags",
    "clear",
    "debug_flags",
    "unknown_vtbl",
];

/// Generated code's own names, which could just as well be others.
const OWN: [&str; 18] = [
    "SLOT",
    "STATUS_NAMES",
    "STATUS_PLACES",
    "T",
    "TAG_NAMES",
    "_iid",
    "base__",
    "code",
    "f",
    "hash",
    "iid",
    "known",
    "name",
    "place",
    "result",
    "status",
    "this",
    "value",
];

/// The shipped modules: names as they are.
pub(super) fn plain(tokens: TokenStream) -> TokenStream {
    map(tokens, &|_, token| TokenStream::from(unmark(token)))
}

/// A team's own module: nothing in their definitions or their crate can hide a name of ours; only Rust's own names and
/// the module's are in scope.
pub(super) fn absolute(tokens: TokenStream, scope: &Scope) -> TokenStream {
    let theirs = said(&tokens, &[Kind::Type, Kind::Member, Kind::Parameter]);
    let ours: BTreeMap<&str, String> = OWN.map(|name| (name, fresh(name, &theirs))).into();
    let taken = theirs.into_iter().chain(ours.values().cloned()).collect();
    let tokens = without_attributes(tokens, &["diagnostic"]);
    map(tokens, &|inside, token| match &token {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            let path = match read(&name) {
                Some((kind, name)) => their_name(kind, name, inside, scope, &taken),
                None if inside => None,
                None => our_name(&name, &ours),
            };
            path.unwrap_or_else(|| unmark(token).into())
        }
        TokenTree::Literal(text) => match scope.linked(text) {
            Some(linked) => TokenTree::from(linked).into(),
            None => token.into(),
        },
        _ => token.into(),
    })
}

/// One of their names, if it can't be used unchanged.
fn their_name(
    kind: Kind,
    name: &str,
    inside: bool,
    scope: &Scope,
    taken: &BTreeSet<String>,
) -> Option<TokenStream> {
    match kind {
        Kind::Type if !inside => {
            let path = scope.path(name)?;
            let name = keyword_or_name(name);
            Some(quote!(#path::#name))
        }
        // It would be a pattern that matches the value.
        Kind::Parameter if scope.is_value(name) => Some(word(&fresh(&format!("{name}_"), taken))),
        _ => None,
    }
}

/// One of our names, if it can't be used unchanged.
fn our_name(name: &str, own: &BTreeMap<&str, String>) -> Option<TokenStream> {
    if let Some((_, module)) = RUST.iter().find(|(known, _)| *known == name) {
        let (module, name) = (word(module), word(name));
        return Some(quote!(::core::#module::#name));
    }
    if RUNTIME.contains(&name) {
        let name = word(name);
        return Some(quote!(::mapi_provider::__private::prelude::#name));
    }
    own.get(name).map(|name| word(name))
}

/// Without attributes that begin with one of some words, including `#![…]`.
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

/// A name like this one that is free.
fn fresh(name: &str, taken: &BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    name
}

fn word(name: &str) -> TokenStream {
    TokenTree::from(Ident::new(name, Span::call_site())).into()
}

/// Every token except groups, and whether it is inside a path or after the dot of a field or a method.
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

    use super::{absolute, plain, without_attributes};
    use crate::emit::abi::names::{ident, member, parameter};
    use crate::emit::abi::scope::Scope;
    use crate::ir::interface::{Module, Named};

    /// A module with a constant with this name.
    fn module(constant: &str) -> Module {
        let constant = Named {
            name: constant.into(),
            value: 1,
            summary: None,
        };
        Module {
            name: "other".into(),
            constants: vec![constant],
            ..Module::default()
        }
    }

    #[test]
    fn ours_make_way_for_theirs() {
        let (option, this) = (ident("Option"), parameter("this"));
        let code = quote!(fn f(this: Option<#option>, #this: T) { clear(#this); this.clear() });
        let expected = quote!(
            fn f(this_: ::core::option::Option<Option>, this: T) {
                ::mapi_provider::__private::prelude::clear(this);
                this_.clear()
            }
        );
        let found = absolute(code, &Scope::default());
        assert_eq!(found.to_string(), expected.to_string());
    }

    #[test]
    fn no_parameter_is_called_as_a_value_that_is_in_scope() {
        let names = ["None", "None_", "T", "THERE"];
        let [none, free, here, there] = names.map(parameter);
        let code = quote!(fn f<T>(#none: HRESULT, #free: u32, #here: T, #there: u32,) { #none });
        let expected = quote!(
            fn f<T_>(
                None__: ::mapi_provider::__private::prelude::HRESULT,
                None_: u32,
                T__: T_,
                THERE: u32,
            ) {
                None__
            }
        );
        let there = module("THERE");
        let scope = Scope::new(&module("T"), [].into_iter(), [&there].into_iter());
        assert_eq!(absolute(code, &scope).to_string(), expected.to_string());
    }

    #[test]
    fn a_name_of_another_module_is_a_path_and_a_member_of_that_name_is_none() {
        let (there, member) = (ident("THERE"), member("THERE"));
        let code = quote!(fn #member(x: #there) { x.#member(); <T as #there>::#member() });
        let expected = quote!(
            fn THERE(x: super::other::THERE) {
                x.THERE();
                <T as super::other::THERE>::THERE()
            }
        );
        let there = module("THERE");
        let scope = Scope::new(&module("HERE"), [&there].into_iter(), [].into_iter());
        assert_eq!(absolute(code, &scope).to_string(), expected.to_string());
    }

    #[test]
    fn the_shipped_ones_are_written_as_they_are() {
        let (name, keyword) = (ident("Thing"), member("type"));
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
