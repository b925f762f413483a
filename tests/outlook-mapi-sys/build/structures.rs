//! Facts on structures and unions: size, alignment, offsets and sizes of fields.

use std::collections::BTreeMap;

use mapi_provider_codegen::ir::interface::{Base, Catalogue, Structure, Type};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::shapes::missing;
use crate::theirs::{self, Field, Theirs};

/// Facts on all structures and unions.
pub(crate) fn facts(catalogue: &Catalogue, theirs: &Theirs) -> TokenStream {
    let structures = catalogue
        .modules
        .iter()
        .flat_map(|module| &module.structures);
    let all: BTreeMap<&str, &Structure> = structures
        .map(|structure| (structure.name.as_str(), structure))
        .collect();
    let pairs = pairs(&all, theirs);
    all.values()
        .map(|structure| match pairs.get(structure.name.as_str()) {
            Some((name, fields)) => on_structure(structure, name, fields),
            None => missing(&structure.name, "structure"),
        })
        .collect()
}

/// Their name and fields for each structure of ours that they have. What is anonymous in C has a name of one's
/// own making in Rust: such types are found through the fields that have them.
fn pairs<'a>(
    all: &BTreeMap<&'a str, &'a Structure>,
    theirs: &'a Theirs,
) -> BTreeMap<&'a str, (&'a str, &'a [Field])> {
    let mut pairs = BTreeMap::new();
    let mut waiting: Vec<(&str, &str)> = all.keys().map(|name| (*name, *name)).collect();
    // The header has two names for it, of which they have one.
    waiting.push(("MAPIINIT_0", "MAPIINIT"));
    while let Some((name, their_name)) = waiting.pop() {
        let (Some(structure), Some(fields)) = (all.get(name), theirs.fields(their_name)) else {
            continue;
        };
        if pairs.contains_key(name) {
            continue;
        }
        pairs.insert(structure.name.as_str(), (their_name, fields));
        for field in &structure.fields {
            let found = theirs::field(fields, &field.name);
            if let (Some(inner), Some(found)) = (contained(&field.ty), found) {
                waiting.push((inner, &found.ty));
            }
        }
    }
    pairs
}

/// The structure that a field holds, by value.
fn contained(ty: &Type) -> Option<&str> {
    match &ty.base {
        Base::Structure(name) if ty.pointers.is_empty() && ty.array.is_none() => Some(name),
        _ => None,
    }
}

fn on_structure(structure: &Structure, their_name: &str, fields: &[Field]) -> TokenStream {
    let item = &structure.name;
    let (ours, theirs) = (ident(item), ident(their_name));
    let on_fields = structure.fields.iter().map(|field| {
        let item = format!("{item}::{}", field.name);
        let Some(found) = theirs::field(fields, &field.name) else {
            return missing(&item, "field");
        };
        let (our_field, their_field) = (ident(&field.name), ident(&found.name));
        quote! {
            Fact {
                item: #item,
                what: "offset",
                ours: number(offset_of!(ours::#ours, #our_field)),
                theirs: number(offset_of!(theirs::#theirs, #their_field)),
            },
            Fact {
                item: #item,
                what: "size",
                ours: number(size_of_field(|it: *const ours::#ours| unsafe { &raw const (*it).#our_field })),
                theirs: number(size_of_field(|it: *const theirs::#theirs| unsafe { &raw const (*it).#their_field })),
            },
        }
    });
    quote! {
        Fact {
            item: #item,
            what: "size",
            ours: number(size_of::<ours::#ours>()),
            theirs: number(size_of::<theirs::#theirs>()),
        },
        Fact {
            item: #item,
            what: "alignment",
            ours: number(align_of::<ours::#ours>()),
            theirs: number(align_of::<theirs::#theirs>()),
        },
        #(#on_fields)*
    }
}

/// An identifier, raw where it is a keyword.
pub(crate) fn ident(text: &str) -> Ident {
    match syn::parse_str::<Ident>(text) {
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(text, Span::call_site()),
    }
}
