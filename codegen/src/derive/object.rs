//! `#[derive(MapiObject)]`: a struct becomes a COM object.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Member};

use super::attributes::{Attributes, ChainAttribute, Inner, read};
use super::tokens::{here, local, our_error, ours, split};
use super::{Mistakes, gen_unwinds};
use crate::diag::did_you_mean;

pub(super) fn expand(input: &DeriveInput) -> TokenStream {
    let (attributes, mistakes) = look(input);
    match mistakes.finish() {
        Ok(()) => gen_object(input, &attributes),
        Err(mistakes) => {
            let mistakes = our_error(mistakes.to_compile_error());
            let stand_in = gen_stand_in(input, &attributes);
            quote!(#mistakes #stand_in)
        }
    }
}

/// The same, if no compiler shows the mistakes.
pub(super) fn try_expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let (attributes, mistakes) = look(input);
    mistakes.finish()?;
    Ok(gen_object(input, &attributes))
}

fn look(input: &DeriveInput) -> (Attributes, Mistakes) {
    let mut mistakes = Mistakes::default();
    let attributes = read(input, &mut mistakes);
    check_shape(input, &attributes, &mut mistakes);
    (attributes, mistakes)
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
    let unwinds = gen_unwinds();
    quote! {
        #class
        #(#has)*
        #(#forwards)*
        #unwinds
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
    for repr in input.attrs.iter().filter(|attribute| is_packed(attribute)) {
        mistakes.at(
            repr,
            "an object can't be packed: its fields are used by reference, and so must be aligned",
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
            "`#[mapi(…)]` goes on the struct and names the field: `forwards(IMsgStore = field)`",
        );
    }
    let forwarded = attributes.chains.iter();
    let forwarded = forwarded.filter_map(|chain| chain.inner.as_ref());
    let torn_off = attributes.tear_offs.iter().map(|inner| &inner.field);
    for field in forwarded.chain(torn_off).chain(&attributes.outer) {
        if !data.fields.members().any(|known| is_same(&known, field)) {
            mistakes.at(field, missing_field(input, data, field));
        }
    }
}

/// Whether an attribute is a `#[repr(…, packed)]`.
fn is_packed(attribute: &syn::Attribute) -> bool {
    let mut packed = false;
    if attribute.path().is_ident("repr") {
        // The compiler reports its mistakes.
        let _ = attribute.parse_nested_meta(|word| {
            packed |= word.path.is_ident("packed");
            if word.input.peek(syn::token::Paren) {
                word.input.parse::<proc_macro2::TokenTree>()?;
            }
            Ok(())
        });
    }
    packed
}

/// Whether two fields are the same: `r#inner` is `inner`.
fn is_same(one: &Member, other: &Member) -> bool {
    match (one, other) {
        (Member::Named(one), Member::Named(other)) => one.unraw() == other.unraw(),
        (one, other) => one == other,
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
    let name = ours(&input.ident);
    let (generics, arguments, bounds) = split(&input.generics);
    let iid = local("iid");
    let count = Literal::usize_unsuffixed(attributes.chains.len());
    let vtables = attributes
        .chains
        .iter()
        .enumerate()
        .map(|(slot, chain)| gen_vtable(slot, chain));
    let answers = attributes.chains.iter().enumerate().map(|(slot, chain)| {
        let interface = ours(&chain.interface);
        let slot = Literal::usize_unsuffixed(slot);
        quote! {
            if <#interface as ::mapi_provider::__private::Chain>::answers(#iid) {
                return ::core::option::Option::Some(#slot);
            }
        }
    });
    let query = gen_query(attributes);
    let outer = attributes.outer.as_ref().map(gen_outer);
    quote! {
        // SAFETY: each vtable is made for this type and for its place in the array, and `find` answers
        // the places of the chains that answer.
        #[automatically_derived]
        unsafe impl #generics ::mapi_provider::__private::Class for #name #arguments #bounds {
            type Vtables = [*const ::core::ffi::c_void; #count];

            const VTABLES: Self::Vtables = [#(#vtables),*];

            #[inline]
            fn find(#iid: &::mapi_provider::__private::GUID) -> ::core::option::Option<::core::primitive::usize> {
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
    let place = here(chain.interface.span());
    let interface = ours(&chain.interface);
    let slot = Literal::usize_unsuffixed(slot);
    let constructor = if chain.inner.is_some() {
        quote!(forward)
    } else {
        quote!(new)
    };
    quote_spanned! {place=>
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
    let (this, query) = (local("this"), local("query"));
    let tear_offs = attributes.tear_offs.iter();
    let tear_offs = tear_offs.map(|inner| gen_tear_off(inner, &this, &query));
    let rest = attributes.query.as_ref().map(|function| {
        let place = here(function.span());
        let function = ours(function);
        // At the function, so a wrong type is shown there.
        let [this, query] = [&this, &query]
            .map(|name| Ident::new(&name.to_string(), name.span().located_at(place)));
        quote_spanned!(place=> #function(#this, #query);)
    });
    Some(quote! {
        fn query(
            #this: &::mapi_provider::__private::Object<Self>,
            #query: &mut ::mapi_provider::__private::Query<'_>,
        ) {
            #(#tear_offs)*
            #rest
        }
    })
}

/// An interface that only the inner object has is part of this identity, or is not there at all (WRAP-02).
fn gen_tear_off(inner: &Inner, this: &Ident, query: &Ident) -> TokenStream {
    let place = here(inner.interface.span());
    let (interface, field) = (ours(&inner.interface), ours(&inner.field));
    quote_spanned! {place=>
        ::mapi_provider::__private::Query::answer::<#interface>(#query, || {
            ::mapi_provider::__private::tear_off::<#interface>(#this, &#this.#field)
        });
    }
}

fn gen_outer(field: &Member) -> TokenStream {
    let this = local("this");
    let place = here(field.span());
    let field = ours(field);
    quote_spanned! {place=>
        fn outer(
            #this: &::mapi_provider::__private::Object<Self>,
        ) -> ::core::option::Option<&::mapi_provider::__private::IUnknown> {
            ::core::option::Option::Some(&#this.#field)
        }
    }
}

fn gen_has(input: &DeriveInput, slot: usize, chain: &ChainAttribute) -> TokenStream {
    let name = ours(&input.ident);
    let (generics, arguments, bounds) = split(&input.generics);
    let place = here(chain.interface.span());
    let interface = ours(&chain.interface);
    let slot = Literal::usize_unsuffixed(slot);
    let has = quote_spanned!(place=> ::mapi_provider::__private::Has<#interface>);
    quote! {
        // SAFETY: the chain's place in the array of vtables.
        #[automatically_derived]
        unsafe impl #generics #has for #name #arguments #bounds {
            const SLOT: ::core::primitive::usize = #slot;
        }
    }
}

fn gen_forwards(input: &DeriveInput, chain: &ChainAttribute) -> Option<TokenStream> {
    let name = ours(&input.ident);
    let (generics, arguments, bounds) = split(&input.generics);
    let (this, inner) = (local("this"), local("inner"));
    let interface = ours(&chain.interface);
    let field = chain.inner.as_ref()?;
    let place = here(field.span());
    let field = ours(field);
    // At the field, so a wrong type is shown there. Nothing is converted on the way: a raw pointer to another
    // type would not do, even if a reference to it would.
    let pointer = quote_spanned!(place=> &raw const #this.#field);
    // The compiler gives no reference into a packed struct, whatever packed it.
    let aligned = quote_spanned!(place=> &#this.#field);
    Some(quote! {
        // SAFETY: the place of the field that is answered.
        #[automatically_derived]
        unsafe impl #generics ::mapi_provider::__private::Forwards<#interface> for #name #arguments #bounds {
            const INNER: ::core::primitive::usize = ::mapi_provider::__private::Object::<Self>::VALUE
                + ::core::mem::offset_of!(Self, #field);

            #[inline]
            fn inner(#this: &::mapi_provider::__private::Object<Self>) -> &#interface {
                let _ = #aligned;
                let #inner: *const #interface = #pointer;
                // SAFETY: a field of an object that is there.
                unsafe { &*#inner }
            }
        }
    })
}

/// Stands in for the object if the derive has only mistakes to show: otherwise the compiler would also say
/// for each `impl …_Impl for` and `impl …_Forward for` that the struct is not an object. If it borrows, that
/// is true.
fn gen_stand_in(input: &DeriveInput, attributes: &Attributes) -> TokenStream {
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let name = ours(&input.ident);
    let (generics, arguments, bounds) = split(&input.generics);
    let forwarded = attributes
        .chains
        .iter()
        .filter(|chain| chain.inner.is_some());
    let forwarded = forwarded.map(|chain| ours(&chain.interface));
    quote! {
        #(
            unsafe impl #generics ::mapi_provider::__private::Forwards<#forwarded> for #name #arguments #bounds {
                const INNER: ::core::primitive::usize = 0;

                fn inner(_: &::mapi_provider::__private::Object<Self>) -> &#forwarded {
                    loop {}
                }
            }
        )*

        // SAFETY: never compiled, because there are mistakes beside it.
        unsafe impl #generics ::mapi_provider::__private::Class for #name #arguments #bounds {
            type Vtables = [*const ::core::ffi::c_void; 0];

            const VTABLES: Self::Vtables = [];

            fn find(_: &::mapi_provider::__private::GUID) -> ::core::option::Option<::core::primitive::usize> {
                ::core::option::Option::None
            }
        }
    }
}
