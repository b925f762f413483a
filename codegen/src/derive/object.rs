//! `#[derive(MapiObject)]`: a struct becomes a COM object.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Member};

use super::Mistakes;
use super::attributes::{Attributes, ChainAttribute, Inner, read};
use crate::diag::did_you_mean;

pub(super) fn expand(input: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let attributes = read(input, &mut mistakes);
    check_shape(input, &attributes, &mut mistakes);
    match mistakes.finish() {
        Ok(()) => gen_object(input, &attributes),
        Err(mistakes) => {
            let mistakes = mistakes.to_compile_error();
            let stand_in = gen_stand_in(input, &attributes);
            quote!(#mistakes #stand_in)
        }
    }
}

fn gen_object(input: &DeriveInput, attributes: &Attributes) -> TokenStream {
    let class = gen_class(input, attributes);
    let has = attributes
        .chains
        .iter()
        .enumerate()
        .map(|(slot, chain)| gen_has(input, slot, chain));
    let forwards = attributes
        .chains
        .iter()
        .filter_map(|chain| gen_forwards(input, chain));
    quote! {
        #class
        #(#has)*
        #(#forwards)*
    }
}

/// A struct without lifetimes, with the fields that the attributes name.
fn check_shape(input: &DeriveInput, attributes: &Attributes, mistakes: &mut Mistakes) {
    for lifetime in input.generics.lifetimes() {
        mistakes.at(
            lifetime,
            "a COM object lives as long as its clients want, so it can't borrow",
        );
    }
    let Data::Struct(data) = &input.data else {
        mistakes.at(&input.ident, "only a struct can be a COM object");
        return;
    };
    for attribute in data
        .fields
        .iter()
        .flat_map(|field| super::mapi_attributes(&field.attrs))
    {
        mistakes.at(
            attribute,
            "`#[mapi(…)]` stands on the struct and names the field: `forwards(IMsgStore = field)`",
        );
    }
    let forwarded = attributes.chains.iter();
    let forwarded = forwarded.filter_map(|chain| chain.inner.as_ref());
    let torn_off = attributes.tear_offs.iter().map(|inner| &inner.field);
    for field in forwarded.chain(torn_off).chain(&attributes.outer) {
        if !data.fields.members().any(|known| known == *field) {
            mistakes.at(field, missing_field(input, data, field));
        }
    }
}

fn missing_field(input: &DeriveInput, data: &syn::DataStruct, field: &Member) -> String {
    let text = |member: &Member| member.to_token_stream().to_string();
    let known: Vec<String> = data.fields.members().map(|member| text(&member)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = did_you_mean(&text(field), &known)
        .map(|hint| format!(": {hint}"))
        .unwrap_or_default();
    format!("`{}` has no field `{}`{hint}", input.ident, text(field))
}

fn gen_class(input: &DeriveInput, attributes: &Attributes) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let count = Literal::usize_unsuffixed(attributes.chains.len());
    let vtables = attributes
        .chains
        .iter()
        .enumerate()
        .map(|(slot, chain)| gen_vtable(slot, chain));
    let answers = attributes.chains.iter().enumerate().map(|(slot, chain)| {
        let interface = &chain.interface;
        let slot = Literal::usize_unsuffixed(slot);
        quote! {
            if <#interface as ::mapi_provider::__private::Chain>::answers(iid) {
                return ::core::option::Option::Some(#slot);
            }
        }
    });
    let query = gen_query(attributes);
    let outer = attributes.outer.as_ref().map(gen_outer);
    quote! {
        // SAFETY: each vtable is made for this type and for its place in the array, and `find` answers
        // the places of the chains that answer.
        unsafe impl #generics ::mapi_provider::__private::Class for #name #arguments #bounds {
            type Vtables = [*const ::core::ffi::c_void; #count];

            const VTABLES: Self::Vtables = [#(#vtables),*];

            #[inline]
            fn find(iid: &::mapi_provider::__private::GUID) -> ::core::option::Option<usize> {
                #(#answers)*
                ::core::option::Option::None
            }

            #query
            #outer
        }
    }
}

/// The vtable of one chain. The span is the interface's, so that a missing `impl …_Impl` is shown there.
fn gen_vtable(slot: usize, chain: &ChainAttribute) -> TokenStream {
    let interface = &chain.interface;
    let slot = Literal::usize_unsuffixed(slot);
    let constructor = if chain.inner.is_some() {
        quote!(forward)
    } else {
        quote!(new)
    };
    quote_spanned! {interface.span()=>
        &<<#interface as ::mapi_provider::__private::Interface>::Vtable>::#constructor::<Self, #slot>()
            as *const <#interface as ::mapi_provider::__private::Interface>::Vtable
            as *const ::core::ffi::c_void
    }
}

/// The QueryInterface hook: first what the inner objects have, then the function.
fn gen_query(attributes: &Attributes) -> Option<TokenStream> {
    if attributes.tear_offs.is_empty() && attributes.query.is_none() {
        return None;
    }
    let tear_offs = attributes.tear_offs.iter().map(gen_tear_off);
    let rest = match &attributes.query {
        Some(function) => quote_spanned!(function.span()=> #function(this, iid)),
        None => quote!(::core::option::Option::None),
    };
    Some(quote! {
        fn query(
            this: &::mapi_provider::__private::Object<Self>,
            iid: &::mapi_provider::__private::GUID,
        ) -> ::core::option::Option<::mapi_provider::__private::IUnknown> {
            #(#tear_offs)*
            #rest
        }
    })
}

/// An interface that only the inner object has is part of this identity, or not there at all (WRAP-02).
fn gen_tear_off(inner: &Inner) -> TokenStream {
    let Inner { interface, field } = inner;
    quote_spanned! {interface.span()=>
        if *iid == <#interface as ::mapi_provider::__private::Interface>::IID {
            return ::mapi_provider::__private::tear_off::<#interface>(this.to_unknown(), &this.#field);
        }
    }
}

fn gen_outer(field: &Member) -> TokenStream {
    quote_spanned! {field.span()=>
        fn outer(
            this: &::mapi_provider::__private::Object<Self>,
        ) -> ::core::option::Option<&::mapi_provider::__private::IUnknown> {
            ::core::option::Option::Some(&this.#field)
        }
    }
}

fn gen_has(input: &DeriveInput, slot: usize, chain: &ChainAttribute) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let interface = &chain.interface;
    let slot = Literal::usize_unsuffixed(slot);
    let has = quote_spanned!(interface.span()=> ::mapi_provider::__private::Has<#interface>);
    quote! {
        // SAFETY: the chain's place in the array of vtables.
        unsafe impl #generics #has for #name #arguments #bounds {
            const SLOT: usize = #slot;
        }
    }
}

fn gen_forwards(input: &DeriveInput, chain: &ChainAttribute) -> Option<TokenStream> {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let interface = &chain.interface;
    let field = chain.inner.as_ref()?;
    // At the field, so that one of another type is shown there. Nothing is converted on the way: a raw pointer to
    // another type would not do, even where a reference to it would.
    let inner = quote_spanned!(field.span()=> &raw const this.#field);
    Some(quote! {
        // SAFETY: the place of the field that is answered.
        unsafe impl #generics ::mapi_provider::__private::Forwards<#interface> for #name #arguments #bounds {
            const INNER: usize = ::mapi_provider::__private::Object::<Self>::VALUE
                + ::core::mem::offset_of!(Self, #field);

            #[inline]
            fn inner(this: &::mapi_provider::__private::Object<Self>) -> &#interface {
                let inner: *const #interface = #inner;
                // SAFETY: a field of an object that is there.
                unsafe { &*inner }
            }
        }
    })
}

/// What stands in for the object where the derive has nothing but mistakes to show: the compiler would go on
/// to say of each `impl …_Impl for` and `impl …_Forward for` that the struct is no object. Where it borrows, that is so.
fn gen_stand_in(input: &DeriveInput, attributes: &Attributes) -> TokenStream {
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let forwarded = attributes
        .chains
        .iter()
        .filter(|chain| chain.inner.is_some());
    let forwarded = forwarded.map(|chain| &chain.interface);
    quote! {
        #(
            unsafe impl #generics ::mapi_provider::__private::Forwards<#forwarded> for #name #arguments #bounds {
                const INNER: usize = 0;

                fn inner(_: &::mapi_provider::__private::Object<Self>) -> &#forwarded {
                    loop {}
                }
            }
        )*

        // SAFETY: never compiled, for there are mistakes beside it.
        unsafe impl #generics ::mapi_provider::__private::Class for #name #arguments #bounds {
            type Vtables = [*const ::core::ffi::c_void; 0];

            const VTABLES: Self::Vtables = [];

            fn find(_: &::mapi_provider::__private::GUID) -> ::core::option::Option<usize> {
                ::core::option::Option::None
            }
        }
    }
}
