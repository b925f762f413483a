//! Checks that the compiler makes: slot order and size of vtables, size, alignment and offsets of
//! structures, on 64 and on 32 bits. An index that is off by anything does not compile, and the
//! string says what it is that lies elsewhere.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use super::names::{ident, member, vtbl};
use crate::ir::interface::Structure;

/// Each method of the interface lies in its slot, and no slot is without a method.
pub(super) fn gen_vtable_asserts(cx: &Context) -> TokenStream {
    let table = vtbl(&cx.interface.name);
    let slots: usize = cx
        .catalogue
        .chain(cx.interface)
        .iter()
        .map(|base| base.methods.len())
        .sum();
    let what = format!("number of slots of {}", cx.interface.name);
    let size = minus(&quote!(size_of::<#table>() / SLOT), slots);
    let offsets = cx.interface.methods.iter().map(|method| {
        let name = member(&method.name);
        let what = format!("slot of {}::{}", cx.interface.name, method.name);
        let found = quote!(::core::mem::offset_of!(#table, #name) / SLOT);
        let index = minus(&found, method.slot);
        quote!([#what][#index];)
    });
    quote! {
        const _: () = {
            const SLOT: usize = size_of::<*const c_void>();
            [#what][#size];
            #(#offsets)*
        };
    }
}

/// The structure is laid out as the C compilers lay it out for Windows.
pub(super) fn gen_layout_asserts(structure: &Structure) -> TokenStream {
    let wide = gen_layout(structure, 0);
    let narrow = gen_layout(structure, 1);
    quote! {
        #[cfg(target_pointer_width = "64")]
        const _: () = { #wide };
        #[cfg(target_pointer_width = "32")]
        const _: () = { #narrow };
    }
}

fn gen_layout(structure: &Structure, width: usize) -> TokenStream {
    let name = ident(&structure.name);
    let size_of = format!("size of {}", structure.name);
    let align_of = format!("alignment of {}", structure.name);
    let size = Literal::usize_unsuffixed(structure.layout[width].size);
    let align = Literal::usize_unsuffixed(structure.layout[width].align);
    let offsets = structure.fields.iter().map(|field| {
        let field_name = member(&field.name);
        let offset = field.offsets[width];
        let what = format!("offset of {}::{}", structure.name, field.name);
        let found = quote!(::core::mem::offset_of!(#name, #field_name));
        let index = minus(&found, offset);
        quote!([#what][#index];)
    });
    quote! {
        [#size_of][size_of::<#name>() - #size];
        [#align_of][align_of::<#name>() - #align];
        #(#offsets)*
    }
}

/// The index that is 0 where a number is as expected, and out of bounds otherwise.
fn minus(found: &TokenStream, expected: usize) -> TokenStream {
    if expected == 0 {
        return found.clone();
    }
    let expected = Literal::usize_unsuffixed(expected);
    quote!(#found - #expected)
}
