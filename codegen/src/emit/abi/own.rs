//! The modules of a team's own definitions, which are on top of ours and hide our names.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::hygiene::{absolute, without_attributes};
use super::marks::{Kind, said};
use super::names::keyword_or_name;
use super::prose::in_prose;
use super::scope::{Scope, types};
use super::{Place, allowed, docs, gen_items};
use crate::ir::interface::{Catalogue, Module};

/// The Rust of a module of a team's own, as a file of its own.
pub fn own_module(catalogue: &Catalogue, definitions: &Module) -> TokenStream {
    gen_own(catalogue, definitions, &[])
}

/// A module, beside others of the same team.
fn gen_own(catalogue: &Catalogue, definitions: &Module, team: &[Module]) -> TokenStream {
    let is_own = |module: &&Module| std::ptr::eq(*module, definitions);
    let beside = team.iter().filter(|module| !is_own(module));
    let shipped = catalogue.modules.len() - team.len();
    let ours = catalogue.modules[..shipped].iter();
    let ours: Vec<&Module> = ours.filter(|module| !is_own(module)).collect();
    let scope = Scope::new(definitions, beside, ours.iter().copied());

    let feature = definitions
        .feature
        .as_ref()
        .map(|feature| quote!(#![cfg(feature = #feature)]));
    let definitions = in_prose(definitions);
    let doc = docs::lines(&definitions.doc);
    let items = gen_items(catalogue, &definitions, Place::Own);
    let allowed = allowed();
    let needs = gen_needs(&ours, &items);
    let module = quote! {
        #feature
        #![allow(dead_code, unreachable_pub, reason = "nobody need call everything")]
        #allowed
        #![allow(rustdoc::broken_intra_doc_links, reason = "not all that stands in brackets is a name")]
        #(#![doc = #doc])*
        #items
        #needs
        // Its methods, whatever the team calls by that name.
        #[allow(unused_imports, reason = "a module need not call any")]
        use Interface as _;
    };
    absolute(module, &scope)
}

/// The families of our interfaces that are features of the runtime. If one is off, its macro with that name says
/// so.
const FAMILIES: [&str; 6] = [
    "store",
    "transport",
    "address-book",
    "forms",
    "exchange",
    "outlook",
];

/// What the definitions need from the runtime: each family once, with the first of its names that they use.
fn gen_needs(ours: &[&Module], items: &TokenStream) -> TokenStream {
    let said = said(items, &[Kind::Type]);
    let needs = FAMILIES.iter().filter_map(|family| {
        let of_family = ours.iter();
        let of_family = of_family.filter(|module| module.feature.as_deref() == Some(family));
        let mut names = of_family.flat_map(|module| types(module));
        let name = names.find(|name| said.contains(name))?;
        let macro_name = format_ident!("needs_{}", family.replace('-', "_"));
        Some(quote!(::mapi_provider::__private::#macro_name! { #name }))
    });
    quote!(#(#needs)*)
}

/// The Rust of a team's own definitions, for a macro's expansion: a module for each file. They are the last
/// `own` modules of the catalogue.
pub fn own_modules(catalogue: &Catalogue, own: usize) -> TokenStream {
    let own = catalogue.last_modules(own);
    let modules = own.iter().map(|definitions| {
        let name = keyword_or_name(&definitions.name);
        let body = gen_own(catalogue, definitions, own);
        quote!(pub mod #name { #body })
    });
    // The expansion of another crate's macro is not linted; and if a team forbids a lint, it can't be allowed.
    without_attributes(quote!(#(#modules)*), &["allow"])
}
