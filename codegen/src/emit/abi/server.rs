//! The server side: `trait IMsgStore_Impl`, every method with a default that answers
//! `MAPI_E_NO_SUPPORT`, and the constructor of the vtable that calls it.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use super::docs::{gen_method_line, line};
use super::names::{ident, is_root, keyword_or_name, member, server, thunk, vtbl};
use super::types::{gen_params, gen_return};
use crate::ir::interface::{Interface, Method, Return};

pub(super) fn gen_server(cx: &Context) -> TokenStream {
    let server_trait = gen_trait(cx);
    let constructor = gen_constructor(cx);
    let chain = gen_chain(cx);
    quote! {
        #server_trait
        #constructor
        #chain
    }
}

fn gen_trait(cx: &Context) -> TokenStream {
    let interface = cx.interface;
    let name = server(&interface.name);
    let trait_name = keyword_or_name(&format!("{}_Impl", interface.name));
    let doc = line(&format!(
        "The methods of an object that implements [`{}`].",
        interface.name
    ));
    let missing = format!(
        "`{{Self}}` implements `{}`, but has no `impl {trait_name} for {{Self}}`",
        interface.name
    );
    let note = format!(
        "write `impl {trait_name} for {{Self}} {{{{}}}}`: methods that are not written answer MAPI_E_NO_SUPPORT"
    );
    let base = match base_of(cx) {
        Some(base) => {
            let base = server(&base.name);
            quote!(#base)
        }
        None => quote!(Class),
    };
    let methods = interface
        .methods
        .iter()
        .filter(|method| !method.placeholder)
        .map(|method| gen_default(interface, method));
    quote! {
        #[doc = #doc]
        ///
        /// A method that is not written answers `MAPI_E_NO_SUPPORT` (COM-06).
        ///
        /// # Safety
        ///
        /// Methods are called with the caller's pointers. What the catalogue calls required is not
        /// NULL, and out parameters are cleared; everything else is the caller's word.
        #[diagnostic::on_unimplemented(message = #missing, note = #note)]
        pub trait #name: #base {
            #(#methods)*
        }
    }
}

fn gen_default(interface: &Interface, method: &Method) -> TokenStream {
    let docs = gen_method_line(interface, method);
    let name = member(&method.name);
    let params = gen_params(&method.params);
    let returns = gen_return(method.returns);
    let answer = gen_no_support(method.returns); // COM-06
    quote! {
        #docs
        unsafe fn #name(this: &Object<Self>, #params) #returns {
            #answer
        }
    }
}

/// What an unimplemented method answers.
fn gen_no_support(returns: Return) -> TokenStream {
    match returns {
        Return::Unit => quote!(),
        Return::HResult => quote!(MAPI_E_NO_SUPPORT),
        Return::U32 | Return::I32 => quote!(0),
    }
}

/// `IMsgStore_Vtbl::new::<T, SLOT>()`: the vtable of the object's chain number `SLOT`.
fn gen_constructor(cx: &Context) -> TokenStream {
    let interface = cx.interface;
    let table = vtbl(&interface.name);
    let bound = server(&interface.name);
    let base = interface.base.as_deref().map(|base| {
        let base = vtbl(base);
        if base_of(cx).is_some() {
            quote!(base__: #base::new::<T, SLOT>(),)
        } else {
            quote!(base__: unknown_vtbl::<T, SLOT>(),)
        }
    });
    let slots = interface.methods.iter().map(|method| {
        let slot = member(&method.name);
        if method.placeholder {
            return quote!(#slot: PLACEHOLDER,);
        }
        let thunk = thunk(&interface.name, &method.name);
        quote!(#slot: #thunk::<T, SLOT>,)
    });
    quote! {
        impl #table {
            /// The vtable of chain number `SLOT` of an `Object<T>`.
            pub const fn new<T: #bound, const SLOT: usize>() -> Self {
                Self {
                    #base
                    #(#slots)*
                }
            }
        }
    }
}

/// The IIDs that a chain ending in this interface answers.
fn gen_chain(cx: &Context) -> TokenStream {
    let name = ident(&cx.interface.name);
    let chain = cx.catalogue.chain(cx.interface);
    let own = chain
        .iter()
        .rev()
        .filter(|interface| !is_root(interface) && interface.iid.is_some())
        .map(|interface| {
            let interface = ident(&interface.name);
            quote!(*iid == <#interface as Interface>::IID)
        });
    let own: Vec<_> = own.collect();
    // Without a published IID, there is nothing to ask for.
    let answers = if own.is_empty() {
        quote!(false)
    } else {
        quote!(#(#own)||*)
    };
    let iid = if own.is_empty() {
        quote!(_iid)
    } else {
        quote!(iid)
    };
    quote! {
        unsafe impl Chain for #name {
            #[inline]
            fn answers(#iid: &GUID) -> bool {
                #answers
            }
        }
    }
}

/// The base, unless that is `IUnknown`.
fn base_of<'a>(cx: &'a Context) -> Option<&'a Interface> {
    let base = cx.catalogue.interface(cx.interface.base.as_deref()?)?;
    (!is_root(base)).then_some(base)
}
