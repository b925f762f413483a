//! The derive macros: tokens in, tokens out. All mistakes are shown at once, each at its place.

mod attributes;
mod file;
mod object;
mod sync;
mod tokens;

use proc_macro2::TokenStream;
use quote::quote;

use crate::runtime_name;

pub use self::file::expand_file;

/// `#[derive(MapiObject)]`.
pub fn mapi_object(input: TokenStream) -> TokenStream {
    expand(input, object::expand)
}

/// `#[derive(MapiSync)]`.
pub fn mapi_sync(input: TokenStream) -> TokenStream {
    expand(input, sync::expand)
}

fn expand(input: TokenStream, expand: fn(&syn::DeriveInput) -> TokenStream) -> TokenStream {
    runtime_name::localize(match syn::parse2(input) {
        Ok(input) => expand(&input),
        Err(mistake) => tokens::our_error(mistake.to_compile_error()),
    })
}

/// The `#[mapi(…)]` among some attributes.
fn mapi_attributes(attributes: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("mapi"))
}

/// COM-04: a panic must unwind to the barrier, which a process that aborts never reaches.
pub(crate) fn gen_unwinds() -> TokenStream {
    quote! {
        #[cfg(not(panic = "unwind"))]
        ::core::compile_error!(
            "a panic in a MAPI provider must not end Outlook: build it with `panic = \"unwind\"` (COM-04)"
        );
    }
}

/// Mistakes that are collected and shown together.
#[derive(Default)]
struct Mistakes(Option<syn::Error>);

impl Mistakes {
    fn push(&mut self, mistake: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(mistake),
            none => *none = Some(mistake),
        }
    }

    fn at(&mut self, place: &dyn quote::ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(place, message));
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests;
