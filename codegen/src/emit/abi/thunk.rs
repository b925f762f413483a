//! The thunks: the functions in the vtable of an object that implements an interface.
//!
//! Each clears the out parameters, checks the required pointers (COM-05), and calls the trait behind
//! the panic barrier (COM-04).

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use super::names::{member, parameter, server, thunk};
use super::types::{gen_arguments, gen_params, gen_return};
use crate::ir::interface::{Base, Direction, Method, Param, Return};

pub(super) fn gen_thunks(cx: &Context) -> TokenStream {
    let thunks = cx
        .interface
        .methods
        .iter()
        .filter(|method| !method.placeholder)
        .map(|method| gen_thunk(cx, method));
    quote!(#(#thunks)*)
}

fn gen_thunk(cx: &Context, method: &Method) -> TokenStream {
    let interface = &cx.interface.name;
    let name = thunk(interface, &method.name);
    let bound = server(interface);
    let params = gen_params(&method.params);
    let returns = gen_return(method.returns);
    let clear = gen_clear(method.params.iter().filter(|param| is_cleared(param)));
    let check = gen_check(method);
    let call = gen_call(cx, method);
    quote! {
        unsafe extern "system" fn #name<T: #bound, const SLOT: usize>(this: *mut c_void, #params) #returns {
            #clear
            #check
            #call
        }
    }
}

/// COM-05: out parameters that the method may not get to set are NULL or 0.
fn gen_clear<'a>(params: impl Iterator<Item = &'a Param>) -> TokenStream {
    let names: Vec<_> = params.map(|param| parameter(&param.name)).collect();
    if names.is_empty() {
        return quote!();
    }
    quote!(unsafe { #(clear(#names);)* })
}

/// Out parameters that hold a number or a pointer; a structure stays as the caller made it.
fn is_cleared(param: &Param) -> bool {
    let plain = match &param.ty.base {
        Base::Number(_)
        | Base::HResult
        | Base::TChar
        | Base::PropTag
        | Base::Flags(_)
        | Base::Callback(_) => true,
        Base::Void | Base::Interface(_) | Base::Structure(_) | Base::Guid => {
            param.ty.pointers.len() > 1
        }
    };
    param.direction == Direction::Out && !param.ty.pointers.is_empty() && plain
}

/// COM-05: a required pointer that is NULL never reaches the method.
fn gen_check(method: &Method) -> TokenStream {
    let required = method.params.iter().filter(|param| param.required);
    let nulls: Vec<_> = required
        .map(|param| {
            let name = parameter(&param.name);
            quote!(#name.is_null())
        })
        .collect();
    if nulls.is_empty() || method.returns != Return::HResult {
        return quote!();
    }
    quote! {
        if #(#nulls)||* {
            return MAPI_E_INVALID_PARAMETER;
        }
    }
}

/// The call behind the barrier, and the clean-up if it fails.
fn gen_call(cx: &Context, method: &Method) -> TokenStream {
    let server = server(&cx.interface.name);
    let name = member(&method.name);
    let arguments = gen_arguments(&method.params);
    let call = quote! {
        unsafe { <T as #server>::#name(Object::from_slot::<SLOT>(this), #arguments) }
    };
    match method.returns {
        Return::HResult => gen_fallible(method, &call),
        Return::Unit | Return::U32 | Return::I32 => quote!(barrier_plain(|| #call)),
    }
}

fn gen_fallible(method: &Method, call: &TokenStream) -> TokenStream {
    let kept_out = |param: &&Param| is_cleared(param) && !param.kept_on_failure;
    let outs: Vec<_> = method.params.iter().filter(kept_out).collect();
    if outs.is_empty() {
        return quote!(barrier(|| #call));
    }
    let clear = gen_clear(outs.into_iter());
    quote! {
        let result = barrier(|| #call);
        if result.is_err() {
            #clear
        }
        result
    }
}
