//! Types and parameters as tokens.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::{ident, keyword_or_name, parameter};
use crate::ir::interface::{Base, Param, Return, Type};

/// A type. Interfaces are `c_void` behind their pointers: a raw interface pointer carries no
/// ownership, and to get a typed one you borrow it explicitly.
pub(super) fn gen_type(ty: &Type) -> TokenStream {
    let mut tokens = gen_base(&ty.base);
    for constant in ty.pointers.iter().rev() {
        tokens = if *constant {
            quote!(*const #tokens)
        } else {
            quote!(*mut #tokens)
        };
    }
    if let Some(length) = ty.array {
        let length = Literal::usize_unsuffixed(length);
        tokens = quote!([#tokens; #length]);
    }
    tokens
}

fn gen_base(base: &Base) -> TokenStream {
    match base {
        Base::Number(name) => {
            let name = keyword_or_name(name);
            quote!(#name)
        }
        Base::Void | Base::Interface(_) => quote!(c_void),
        Base::Guid => quote!(GUID),
        Base::HResult => quote!(HRESULT),
        Base::TChar => quote!(TCHAR),
        Base::PropTag => quote!(PropTag),
        Base::Structure(name) | Base::Flags(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Base::Callback(name) => {
            let name = ident(name);
            quote!(Option<#name>)
        }
    }
}

/// `-> HRESULT`, or nothing.
pub(super) fn gen_return(returns: Return) -> TokenStream {
    match returns {
        Return::Unit => quote!(),
        Return::HResult => quote!(-> HRESULT),
        Return::U32 => quote!(-> u32),
        Return::I32 => quote!(-> i32),
    }
}

/// `lpulFlags: *mut u32, …`.
pub(super) fn gen_params(params: &[Param]) -> TokenStream {
    let params = params.iter().map(|param| {
        let name = parameter(&param.name);
        let ty = gen_type(&param.ty);
        quote!(#name: #ty)
    });
    quote!(#(#params),*)
}

/// `lpulFlags, …`.
pub(super) fn gen_arguments(params: &[Param]) -> TokenStream {
    let names = params.iter().map(|param| parameter(&param.name));
    quote!(#(#names),*)
}
