//! The client side: `IMsgStore`, a `windows_core::Interface` with methods to call.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use super::docs::{gen_comment, gen_docs, gen_method_docs};
use super::names::{ident, vtbl};
use super::types::{gen_arguments, gen_params, gen_return};
use crate::ir::interface::Method;

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
    let hex = format!("{:032x}", interface.iid);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    let digits = format!("0x{}", groups.join("_"));
    let iid: Literal = digits
        .parse()
        .unwrap_or_else(|_| Literal::u128_unsuffixed(interface.iid));
    let safety =
        gen_comment("SAFETY: a transparent pointer to an object whose vtable is the one named.");
    quote! {
        #docs
        #[repr(transparent)]
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct #name(#base);

        #safety
        unsafe impl Interface for #name {
            type Vtable = #table;
            const IID: GUID = GUID::from_u128(#iid);
        }

        impl ::core::ops::Deref for #name {
            type Target = #base;
            fn deref(&self) -> &#base {
                &self.0
            }
        }
    }
}

/// From the interface to each of its bases, without QueryInterface.
fn gen_upcasts(cx: &Context) -> TokenStream {
    let name = ident(&cx.interface.name);
    let chain = cx.catalogue.chain(cx.interface);
    let bases = chain.iter().rev().skip(1).enumerate().map(|(depth, base)| {
        let base = ident(&base.name);
        // `.0` once for the nearest base, and through that base's own upcast for the others.
        let value = if depth == 0 {
            quote!(value.0)
        } else {
            quote!(value.0.into())
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
    let safety = gen_comment("SAFETY: MAPI’s rules make objects of this interface free-threaded.");
    quote! {
        #safety
        unsafe impl Send for #name {}
        #safety
        unsafe impl Sync for #name {}
    }
}

fn gen_methods(cx: &Context) -> TokenStream {
    if cx.interface.methods.is_empty() {
        return quote!();
    }
    let name = ident(&cx.interface.name);
    let methods = cx
        .interface
        .methods
        .iter()
        .map(|method| gen_method(cx, method));
    quote! {
        #[allow(non_snake_case, clippy::too_many_arguments, reason = "names and signatures are MAPI's")]
        impl #name {
            #(#methods)*
        }
    }
}

fn gen_method(cx: &Context, method: &Method) -> TokenStream {
    let docs = gen_method_docs(cx.interface, method);
    let name = ident(&method.name);
    let params = gen_params(&method.params);
    let arguments = gen_arguments(&method.params);
    let returns = gen_return(method.returns);
    let safety = gen_comment(
        "SAFETY: the vtable is the interface’s own; the caller answers for the arguments.",
    );
    quote! {
        #docs
        ///
        /// # Safety
        ///
        /// Pointers must be what Microsoft's page asks for.
        pub unsafe fn #name(&self, #params) #returns {
            #safety
            unsafe { (self.vtable().#name)(self.as_raw(), #arguments) }
        }
    }
}

/// The base's name; the checks let no interface but the external root go without one.
fn base<'a>(cx: &'a Context) -> &'a str {
    cx.interface.base.as_deref().unwrap_or("IUnknown")
}
