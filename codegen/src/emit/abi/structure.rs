//! Structures, unions, opaque structures and function types.

use proc_macro2::TokenStream;
use quote::quote;

use super::asserts::gen_layout_asserts;
use super::docs::{gen_docs, line};
use super::names::{ident, member};
use super::types::{gen_params, gen_return, gen_type};
use crate::ir::interface::{Callback, Opaque, Structure};

pub(super) fn gen_structure(structure: &Structure) -> TokenStream {
    let name = ident(&structure.name);
    let docs = gen_docs(&structure.docs, &format!("`{}`.", structure.name));
    let keyword = if structure.union {
        quote!(union)
    } else {
        quote!(struct)
    };
    let fields = structure.fields.iter().map(|field| {
        let named = || format!("`{}`.", field.name);
        let doc = line(&field.doc.clone().unwrap_or_else(named));
        let name = member(&field.name);
        let ty = gen_type(&field.ty);
        quote!(#[doc = #doc] pub #name: #ty,)
    });
    let asserts = gen_layout_asserts(structure);
    let layout = if structure.packed {
        quote!(C, packed)
    } else {
        quote!(C)
    };
    quote! {
        #docs
        #[repr(#layout)]
        #[derive(Clone, Copy)]
        pub #keyword #name {
            #(#fields)*
        }
        #asserts
    }
}

pub(super) fn gen_opaque(opaque: &Opaque) -> TokenStream {
    let name = ident(&opaque.name);
    let docs = gen_docs(
        &opaque.docs,
        &format!("`{}`, passed through by pointer.", opaque.name),
    );
    quote! {
        #docs
        #[repr(C)]
        pub struct #name {
            opaque: [u8; 0],
        }
    }
}

pub(super) fn gen_callback(callback: &Callback) -> TokenStream {
    let name = ident(&callback.name);
    let docs = gen_docs(&callback.docs, &format!("`{}`.", callback.name));
    let convention = if callback.cdecl { "C" } else { "system" };
    let params = gen_params(&callback.params);
    let returns = gen_return(callback.returns);
    quote! {
        #docs
        pub type #name = unsafe extern #convention fn(#params) #returns;
    }
}
