//! The vtable: `#[repr(C)] struct IMsgStore_Vtbl`, base first.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use super::docs::{gen_method_line, line};
use super::names::{member, vtbl};
use super::types::{gen_params, gen_return};
use crate::ir::interface::Method;

pub(super) fn gen_vtable(cx: &Context) -> TokenStream {
    let interface = cx.interface;
    let name = vtbl(&interface.name);
    let doc = line(&format!("The vtable of [`{}`].", interface.name));
    let base = interface.base.as_deref().map(|base| {
        let base = vtbl(base);
        quote! {
            /// The base's methods.
            pub base__: #base,
        }
    });
    let methods = interface.methods.iter().map(|method| {
        let name = member(&method.name);
        if method.placeholder {
            return gen_placeholder(method);
        }
        let docs = gen_method_line(interface, method);
        let params = gen_params(&method.params);
        let returns = gen_return(method.returns);
        quote! {
            #docs
            pub #name: unsafe extern "system" fn(this: *mut c_void, #params) #returns,
        }
    });
    quote! {
        #[doc = #doc]
        #[repr(C)]
        pub struct #name {
            #base
            #(#methods)*
        }
    }
}

/// A slot that exists, but that nobody can call.
fn gen_placeholder(method: &Method) -> TokenStream {
    let name = member(&method.name);
    quote! {
        #[doc(hidden)]
        pub #name: Placeholder,
    }
}
