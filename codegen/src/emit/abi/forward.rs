//! The forwarder: `trait IMsgStore_Forward`, every method of the interface and its bases with a
//! default that calls an inner object, and the constructor of the vtable that calls it (WRAP-01).

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use super::docs::{gen_method_line, line};
use super::names::{forward, forward_thunk, ident, is_root, keyword_or_name, member, vtbl};
use super::types::{gen_arguments, gen_params, gen_return};
use crate::ir::interface::{Interface, Method, Return};

pub(super) fn gen_forwarder(cx: &Context) -> TokenStream {
    let chain: Vec<&Interface> = cx
        .catalogue
        .chain(cx.interface)
        .into_iter()
        .filter(|base| !is_root(base))
        .collect();
    let forward_trait = gen_trait(cx, &chain);
    let thunks = chain
        .iter()
        .flat_map(|base| &base.methods)
        .filter(|method| !method.placeholder)
        .map(|method| gen_thunk(cx, method));
    let constructor = gen_constructor(cx, &chain);
    let tear_off = gen_tear_off(cx);
    quote! {
        #forward_trait
        #(#thunks)*
        #constructor
        #tear_off
    }
}

fn gen_trait(cx: &Context, chain: &[&Interface]) -> TokenStream {
    let interface = &cx.interface.name;
    let name = forward(interface);
    let trait_name = keyword_or_name(&format!("{interface}_Forward"));
    let client = ident(interface);
    let doc = line(&format!(
        "The methods of an object that forwards [`{interface}`] to an inner object."
    ));
    let missing =
        format!("`{{Self}}` forwards `{interface}`, but has no `impl {trait_name} for {{Self}}`");
    let note = format!(
        "write `impl {trait_name} for {{Self}} {{{{}}}}`, also where nothing is overridden"
    );
    // A method with that name would be taken for it.
    let inner = if has_method(chain, "inner") {
        quote!(<Self as Forwards<#client>>::inner)
    } else {
        quote!(Self::inner)
    };
    let methods = chain.iter().flat_map(|base| {
        let known = base.methods.iter().filter(|method| !method.placeholder);
        known.map(|method| gen_default(base, method, &inner))
    });
    quote! {
        #[doc = #doc]
        ///
        /// A method that is not written calls the inner object with the same parameters, and its
        /// result and out parameters come back as they are (WRAP-01). So do placeholder slots, whose
        /// parameters nobody knows: they lead into the inner object's own method.
        ///
        /// # Safety
        ///
        /// Methods are called with the caller's pointers, unchecked: the inner object copes
        /// with NULL.
        #[diagnostic::on_unimplemented(message = #missing, note = #note)]
        pub trait #name: Forwards<#client> {
            #(#methods)*
        }
    }
}

fn has_method(chain: &[&Interface], name: &str) -> bool {
    let mut methods = chain.iter().flat_map(|base| &base.methods);
    methods.any(|method| method.name == name)
}

fn gen_default(interface: &Interface, method: &Method, inner: &TokenStream) -> TokenStream {
    let docs = gen_method_line(interface, method);
    let name = member(&method.name);
    let params = gen_params(&method.params);
    let arguments = gen_arguments(&method.params);
    let returns = gen_return(method.returns);
    // A base's method called with a dot could be taken for a trait's method.
    let call = if method.name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let owner = ident(&interface.name);
        quote!(#owner::#name(#inner(this), #arguments))
    } else {
        quote!(#inner(this).#name(#arguments))
    };
    quote! {
        #docs
        unsafe fn #name(this: &Object<Self>, #params) #returns {
            unsafe { #call }
        }
    }
}

/// Only the barrier: it neither checks nor clears.
fn gen_thunk(cx: &Context, method: &Method) -> TokenStream {
    let interface = &cx.interface.name;
    let thunk = forward_thunk(interface, &method.name);
    let bound = forward(interface);
    let name = member(&method.name);
    let params = gen_params(&method.params);
    let arguments = gen_arguments(&method.params);
    let returns = gen_return(method.returns);
    let barrier = match method.returns {
        Return::HResult => quote!(barrier),
        Return::Unit | Return::U32 | Return::I32 => quote!(barrier_plain),
    };
    quote! {
        unsafe extern "system" fn #thunk<T: #bound, const SLOT: usize>(this: *mut c_void, #params) #returns {
            #barrier(|| unsafe { <T as #bound>::#name(Object::from_slot::<SLOT>(this), #arguments) })
        }
    }
}

/// `IMsgStore_Vtbl::forward::<T, SLOT>()`: the forwarding vtable of chain number `SLOT`.
fn gen_constructor(cx: &Context, chain: &[&Interface]) -> TokenStream {
    let interface = &cx.interface.name;
    let table = vtbl(interface);
    let bound = forward(interface);
    let client = ident(interface);
    let value = chain
        .iter()
        .fold(quote!(unknown_vtbl::<T, SLOT>()), |inner, base| {
            let table = vtbl(&base.name);
            let slots = base.methods.iter().map(|method| {
                let slot = member(&method.name);
                if method.placeholder {
                    let number = Literal::usize_unsuffixed(method.slot);
                    return quote!(#slot: Placeholder::pass_on::<T, #client, SLOT, #number>(),);
                }
                let thunk = forward_thunk(interface, &method.name);
                quote!(#slot: #thunk::<T, SLOT>,)
            });
            quote!(#table { base__: #inner, #(#slots)* })
        });
    quote! {
        impl #table {
            /// The vtable of chain number `SLOT` of an `Object<T>` that forwards.
            pub const fn forward<T: #bound, const SLOT: usize>() -> Self {
                #value
            }
        }
    }
}

/// What makes `TearOff<IPSTX>` an object (WRAP-02). An interface of one thread can't be part of an object that any
/// thread may call.
fn gen_tear_off(cx: &Context) -> Option<TokenStream> {
    if !cx.interface.free_threaded {
        return None;
    }
    let interface = &cx.interface.name;
    let (client, table, bound) = (ident(interface), vtbl(interface), forward(interface));
    Some(quote! {
        #[diagnostic::do_not_recommend]
        impl #bound for TearOff<#client> {}

        unsafe impl Forwardable for #client {
            const VTABLE: *const c_void =
                &#table::forward::<TearOff<#client>, 0>() as *const #table as *const c_void;
        }
    })
}
