//! Facts on constants: status codes, property tags, flags, GUIDs and other numbers.

use mapi_provider_codegen::ir::interface::{Catalogue, Module};
use proc_macro2::TokenStream;
use quote::quote;

use crate::structures::ident;
use crate::theirs::Theirs;

/// Facts on the constants that they have too. That they lack many is no mistake.
pub(crate) fn facts(catalogue: &Catalogue, theirs: &Theirs) -> TokenStream {
    catalogue
        .modules
        .iter()
        .map(|module| on_module(module, theirs))
        .collect()
}

fn on_module(module: &Module, theirs: &Theirs) -> TokenStream {
    let statuses = module.statuses.iter().map(|status| {
        let name = ident(&status.name);
        on_number(&status.name, quote!(ours::#name.0 as u32 as usize), theirs)
    });
    let constants = module.constants.iter().map(|constant| {
        let name = ident(&constant.name);
        on_number(&constant.name, quote!(ours::#name as usize), theirs)
    });
    let tags = module.tags.iter().map(|tag| {
        let name = ident(&tag.named.name);
        on_number(&tag.named.name, quote!(ours::#name.0 as usize), theirs)
    });
    let bits = module.flags.iter().flat_map(|family| {
        let family_name = ident(&family.name);
        family.values.iter().map(move |bit| {
            let name = ident(bit.name.strip_prefix(&family.prefix).unwrap_or(&bit.name));
            on_number(
                &bit.name,
                quote!(ours::#family_name::#name.bits() as usize),
                theirs,
            )
        })
    });
    let guids = module.guids.iter().map(|guid| on_guid(&guid.name, theirs));
    quote!(#(#statuses)* #(#constants)* #(#tags)* #(#bits)* #(#guids)*)
}

fn on_number(item: &str, ours: TokenStream, theirs: &Theirs) -> TokenStream {
    let name = ident(item);
    let their_value = match theirs.constant(item) {
        None => return TokenStream::new(),
        Some("u32") => quote!(theirs::#name as usize),
        Some("i32") => quote!(theirs::#name as u32 as usize),
        // An HRESULT, or an enumeration of C: a type around an i32.
        Some(_) => quote!(theirs::#name.0 as u32 as usize),
    };
    quote!(Fact { item: #item, what: "value", ours: number(#ours), theirs: number(#their_value) },)
}

fn on_guid(item: &str, theirs: &Theirs) -> TokenStream {
    let name = ident(item);
    let their_value = match theirs.constant(item) {
        None => return TokenStream::new(),
        // The header has some as strings of sixteen bytes.
        Some("PCSTR") => quote!(guid_at(theirs::#name)),
        Some(_) => quote!(theirs::#name),
    };
    quote! {
        Fact { item: #item, what: "value", ours: Value::Guid(ours::#name), theirs: Value::Guid(#their_value) },
    }
}
