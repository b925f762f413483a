//! The derive macros: tokens in, tokens out. All mistakes are shown at once, each at its place.

mod attributes;
mod object;
mod sync;

use proc_macro2::TokenStream;

/// `#[derive(MapiObject)]`.
pub fn mapi_object(input: TokenStream) -> TokenStream {
    expand(input, object::expand)
}

/// `#[derive(MapiSync)]`.
pub fn mapi_sync(input: TokenStream) -> TokenStream {
    expand(input, sync::expand)
}

fn expand(input: TokenStream, expand: fn(&syn::DeriveInput) -> TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => expand(&input),
        Err(mistake) => mistake.to_compile_error(),
    }
}

/// The `#[mapi(…)]` among some attributes.
fn mapi_attributes(attributes: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("mapi"))
}

/// Mistakes that are gathered and shown together.
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
