//! `#[derive(MapiSync)]`: a type with sync logic gets its `IMAPISync`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::tokens::{our_error, ours, split};
use super::{Mistakes, gen_unwinds};

pub(super) fn expand(input: &DeriveInput) -> TokenStream {
    try_expand(input).unwrap_or_else(|mistakes| our_error(mistakes.to_compile_error()))
}

/// The same, if no compiler shows the mistakes.
pub(super) fn try_expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    check_shape(input)?;
    Ok(gen_sync(input))
}

fn gen_sync(input: &DeriveInput) -> TokenStream {
    let name = ours(&input.ident);
    let (generics, arguments, bounds) = split(&input.generics);
    let unwinds = gen_unwinds();
    quote! {
        #[automatically_derived]
        impl #generics ::mapi_provider::__private::MapiSync for #name #arguments #bounds {
            fn sync_interface(
                engine: &::mapi_provider::__private::SyncEngine<Self>,
                store: &::mapi_provider::__private::Object<impl ::mapi_provider::__private::Class>,
            ) -> ::mapi_provider::__private::IMAPISync {
                ::mapi_provider::__private::sync_interface(engine, store)
            }
        }

        #unwinds
    }
}

fn check_shape(input: &DeriveInput) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    if let syn::Data::Union(_) = input.data {
        mistakes.at(&input.ident, "sync logic must be a struct or an enum");
    }
    for lifetime in input.generics.lifetimes() {
        mistakes.at(
            lifetime,
            "sync logic outlives the call that opens it, so it can't borrow",
        );
    }
    for attribute in super::mapi_attributes(&input.attrs) {
        mistakes.at(
            attribute,
            "`MapiSync` has no options: the `[sync]` table of provider.toml has them, and an object with \
             interfaces (`MapiObject`) is a struct of its own",
        );
    }
    mistakes.finish()
}
