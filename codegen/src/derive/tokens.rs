//! The user's tokens in our code.
//!
//! A token that keeps its original span is read in the user's edition, linted as the user's own code, and has the
//! hygiene of the macro that it may come from. Our tokens are read in our edition and not linted. So a user's token
//! becomes one of ours in the same place: errors are still shown there.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The user's tokens as ours. Tokens that say in which crate or edition a path begins stay as they are.
pub(super) fn ours(tokens: impl ToTokens) -> TokenStream {
    let tokens = tokens.into_token_stream().into_iter();
    tokens.map(our_token).collect()
}

/// The generics of an `impl`, as ours: its own, those that the type is given, and their bounds.
pub(super) fn split(generics: &syn::Generics) -> (TokenStream, TokenStream, TokenStream) {
    let (generics, arguments, bounds) = generics.split_for_impl();
    (ours(generics), ours(arguments), ours(bounds))
}

/// An error that every edition can read: it is in the user's code, where before 2018 there is no `::core`, but a
/// `::std`.
pub(super) fn our_error(error: TokenStream) -> TokenStream {
    let tokens = error.into_iter().map(|token| match token {
        TokenTree::Ident(name) if name == "core" => Ident::new("std", name.span()).into(),
        other => other,
    });
    tokens.collect()
}

/// A name of ours that can't clash with the user's names, for parameters and variables. The underscores are there
/// because no parameter can have the name of a static or constant.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// A place in the user's code, for tokens of ours.
pub(super) fn here(place: Span) -> Span {
    Span::call_site().located_at(place)
}

fn our_token(token: TokenTree) -> TokenTree {
    match token {
        TokenTree::Ident(mut name) if name != "$crate" => {
            name.set_span(here(name.span()));
            name.into()
        }
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), ours(group.stream()));
            inside.set_span(group.span());
            inside.into()
        }
        other => other,
    }
}
