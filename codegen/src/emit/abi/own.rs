//! The modules of a team's own definitions, which lie on top of ours and hide names of ours.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::comments::strip_comments;
use super::hygiene::{absolute, said, without_attributes};
use super::names::{forward, ident, server, vtbl};
use super::prose::in_prose;
use super::{gen_feature, gen_module};
use crate::ir::interface::{Catalogue, Module};

/// The Rust of a module of a team's own, as a file of its own.
pub fn own_module(catalogue: &Catalogue, definitions: &Module) -> TokenStream {
    absolute(gen_own(catalogue, definitions))
}

fn gen_own(catalogue: &Catalogue, definitions: &Module) -> TokenStream {
    let feature = definitions
        .feature
        .as_ref()
        .map(|feature| quote!(#![cfg(feature = #feature)]));
    let body = gen_module(catalogue, &in_prose(definitions));
    let needs = gen_needs(catalogue, definitions, &body);
    quote! {
        #feature
        #![allow(dead_code, unreachable_pub, reason = "nobody need call everything")]
        #![allow(non_camel_case_types, reason = "names are as the definitions have them")]
        #![allow(rustdoc::broken_intra_doc_links, reason = "not all that stands in brackets is a name")]
        #body
        #needs
        // Its methods, whatever the team calls by its name.
        #[allow(unused_imports, reason = "a module need not use every name")]
        use Interface as _;
    }
}

/// The families of our interfaces that are features of the runtime. Its macro of the name says so where one is off.
const FAMILIES: [&str; 6] = [
    "store",
    "transport",
    "address-book",
    "forms",
    "exchange",
    "outlook",
];

/// What the definitions need of the runtime: each family once, with the first name of it that they say.
fn gen_needs(catalogue: &Catalogue, definitions: &Module, body: &TokenStream) -> TokenStream {
    let said = said(body);
    let needs = FAMILIES.iter().filter_map(|family| {
        let of_family = |module: &&Module| {
            module.feature.as_deref() == Some(family) && module.name != definitions.name
        };
        let mut names = catalogue.modules.iter().filter(of_family).flat_map(types);
        let name = names.find_map(|name| {
            let name = name.to_string();
            let name = name.trim_start_matches(|letter: char| !letter.is_ascii());
            said.contains(name).then(|| name.to_owned())
        })?;
        let macro_name = format_ident!("needs_{}", family.replace('-', "_"));
        Some(quote!(::mapi_provider::__private::#macro_name! { #name }))
    });
    quote!(#(#needs)*)
}

/// The Rust of a team's own definitions, for a macro to put where it stands: a module for each file. They are
/// the last `own` modules of the catalogue.
pub fn own_modules(catalogue: &Catalogue, own: usize) -> TokenStream {
    let own = catalogue.last_modules(own);
    let shipped = &catalogue.modules[..catalogue.modules.len() - own.len()];
    let shipped: HashSet<Ident> = shipped.iter().flat_map(types).collect();
    let modules = own.iter().map(|definitions| {
        let name = ident(&definitions.name);
        let body = gen_own(catalogue, definitions);
        let others = own.iter().filter(|other| other.name != definitions.name);
        let imports = others.map(|other| gen_import(other, &shipped));
        quote! {
            pub mod #name {
                #body
                #(#imports)*
            }
        }
    });
    // What a macro of another crate makes is not linted; and where a team forbids a lint, it can't be allowed.
    let modules = without_attributes(quote!(#(#modules)*), &["allow"]);
    strip_comments(absolute(modules))
}

/// All that another module of the team's defines. What hides a name of ours must be named: of two globs none wins.
fn gen_import(other: &Module, shipped: &HashSet<Ident>) -> TokenStream {
    let feature = gen_feature(other);
    let name = ident(&other.name);
    let hiding: Vec<Ident> = types(other).filter(|ty| shipped.contains(ty)).collect();
    let named = (!hiding.is_empty()).then(|| {
        quote! {
            #feature
            #[allow(unused_imports, reason = "a module need not use every name")]
            use super::#name::{#(#hiding),*};
        }
    });
    quote! {
        #feature
        #[allow(unused_imports, reason = "a module need not use every name")]
        use super::#name::*;
        #named
    }
}

/// The types that a module has: what generated code says of other modules.
fn types(module: &Module) -> impl Iterator<Item = Ident> {
    let interfaces = module.interfaces.iter().filter(|i| i.external.is_none());
    let interfaces = interfaces.flat_map(|interface| {
        let name = &interface.name;
        [ident(name), vtbl(name), server(name), forward(name)]
    });
    let structures = module.structures.iter().map(|structure| &structure.name);
    let opaques = module.opaques.iter().filter(|opaque| !opaque.interface);
    let opaques = opaques.map(|opaque| &opaque.name);
    let callbacks = module.callbacks.iter().map(|callback| &callback.name);
    let flags = module.flags.iter().map(|flags| &flags.name);
    let others = structures.chain(opaques).chain(callbacks).chain(flags);
    interfaces.chain(others.map(|name| ident(name)))
}
