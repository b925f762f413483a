//! The client side: `IMsgStore`, a `windows_core::Interface` with methods to call.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use super::docs::{gen_docs, gen_method_docs};
use super::names::{ident, member, vtbl};
use super::types::{gen_arguments, gen_params, gen_return};
use super::values::gen_guid;
use crate::ir::interface::{Interface, Method};

pub(super) fn gen_client(cx: &Context) -> TokenStream {
    let declaration = gen_declaration(cx);
    let upcasts = gen_upcasts(cx);
    let threads = gen_threads(cx);
    let methods = gen_methods(cx);
    quote! {
        #declaration
        #upcasts
        #threads
        #methods
    }
}

/// The type and its `Interface`.
fn gen_declaration(cx: &Context) -> TokenStream {
    let interface = cx.interface;
    let name = ident(&interface.name);
    let table = vtbl(&interface.name);
    let base = ident(base(cx));
    let docs = gen_docs(&interface.docs, &interface.name);
    let iid = gen_iid(interface);
    quote! {
        #docs
        ///
        /// # Safety
        ///
        /// Of each method: pointers must be what Microsoft's page asks for.
        #[repr(transparent)]
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct #name(#base);

        unsafe impl Interface for #name {
            type Vtable = #table;
            const IID: GUID = #iid;
        }

        impl ::core::ops::Deref for #name {
            type Target = #base;
            fn deref(&self) -> &#base {
                &self.0
            }
        }
    }
}

/// The IID; if nobody has published it, zeros, which no object answers.
fn gen_iid(interface: &Interface) -> TokenStream {
    match interface.iid {
        Some(iid) => gen_guid(iid),
        None => quote!(GUID::zeroed()),
    }
}

/// From the interface to each of its bases, without QueryInterface.
fn gen_upcasts(cx: &Context) -> TokenStream {
    let name = ident(&cx.interface.name);
    let chain = cx.catalogue.chain(cx.interface);
    let bases = chain.iter().rev().skip(1).enumerate().map(|(depth, base)| {
        let base = ident(&base.name);
        // `.0` for the nearest base, and that base's own upcast for the others.
        let value = if depth == 0 {
            quote!(value.0)
        } else {
            quote!(From::from(value.0))
        };
        quote! {
            impl From<#name> for #base {
                fn from(value: #name) -> Self {
                    #value
                }
            }
        }
    });
    quote!(#(#bases)*)
}

fn gen_threads(cx: &Context) -> TokenStream {
    if !cx.interface.free_threaded {
        return quote!();
    }
    let name = ident(&cx.interface.name);
    quote! {
        unsafe impl Send for #name {}
        unsafe impl Sync for #name {}
    }
}

fn gen_methods(cx: &Context) -> TokenStream {
    let name = ident(&cx.interface.name);
    let callable = cx
        .interface
        .methods
        .iter()
        .filter(|method| !method.placeholder);
    let methods: Vec<_> = callable.map(|method| gen_method(cx, method)).collect();
    if methods.is_empty() {
        return quote!();
    }
    quote! {
        impl #name {
            #(#methods)*
        }
    }
}

fn gen_method(cx: &Context, method: &Method) -> TokenStream {
    let docs = gen_method_docs(cx.interface, method);
    let name = member(&method.name);
    let params = gen_params(&method.params);
    let arguments = gen_arguments(&method.params);
    let returns = gen_return(method.returns);
    // A method with that name would be taken for the one of `Interface`.
    let mut methods = cx.interface.methods.iter();
    let (vtable, this) =
        if methods.any(|method| matches!(method.name.as_str(), "vtable" | "as_raw")) {
            (
                quote!(Interface::vtable(self)),
                quote!(Interface::as_raw(self)),
            )
        } else {
            (quote!(self.vtable()), quote!(self.as_raw()))
        };
    quote! {
        #docs
        #[inline]
        pub unsafe fn #name(&self, #params) #returns {
            unsafe { (#vtable.#name)(#this, #arguments) }
        }
    }
}

/// The base's name; the checks allow only the external root to have none.
fn base<'a>(cx: &'a Context) -> &'a str {
    cx.interface.base.as_deref().unwrap_or("IUnknown")
}
