//! Checks that the compiler makes: slot order and size of vtables, size, alignment and offsets of structures, on 64 and
//! on 32 bits. The runtime's macros write them; if one does not compile, it says what is in the wrong place.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use super::names::{ident, member, vtbl};
use crate::ir::interface::Structure;

/// Each method of the interface lies in its slot, and no slot is without a method.
pub(super) fn gen_vtable_asserts(cx: &Context) -> TokenStream {
    let table = vtbl(&cx.interface.name);
    let chain = cx.catalogue.chain(cx.interface);
    let slots = number(chain.iter().map(|base| base.methods.len()).sum());
    let methods = cx.interface.methods.iter().map(|method| {
        let (name, slot) = (member(&method.name), number(method.slot));
        quote!(, #name #slot)
    });
    quote!(assert_slots!(#table #slots #(#methods)*);)
}

/// The structure is laid out as the C compilers lay it out for Windows.
pub(super) fn gen_layout_asserts(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let [wide, narrow] = structure.layout;
    let sizes = [wide.size, narrow.size].map(number);
    let alignments = [wide.align, narrow.align].map(number);
    let fields = structure.fields.iter().map(|field| {
        let name = member(&field.name);
        let offsets = field.offsets.map(number);
        quote!(, #name #(#offsets)*)
    });
    quote!(assert_layout!(#name #(#sizes)* #(#alignments)* #(#fields)*);)
}

fn number(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}
