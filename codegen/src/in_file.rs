//! Generated code that goes into a file instead of a macro's expansion.

use proc_macro2::TokenStream;
use syn::{Attribute, Item};

/// Generated code as a file that a crate can `include!` or use as a module. It allows the lints that the compiler and
/// clippy don't apply to an expansion.
///
/// # Errors
///
/// The tokens are not Rust, which would be a mistake of the generator.
pub fn in_file(tokens: TokenStream) -> syn::Result<syn::File> {
    let mut file: syn::File = syn::parse2(tokens)?;
    for item in &mut file.items {
        let attributes: &mut Vec<Attribute> = match item {
            Item::Fn(function) => &mut function.attrs,
            Item::Impl(implementation) => &mut implementation.attrs,
            Item::Mod(module) => &mut module.attrs,
            _ => continue,
        };
        // MAPI names things as it likes, what a method of an interface is given it need not use, and tokens carry no
        // comments.
        attributes.push(syn::parse_quote! {
            #[allow(nonstandard_style, unused, clippy::all, clippy::undocumented_unsafe_blocks, reason = "generated")]
        });
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::in_file;

    #[test]
    fn what_is_generated_is_not_linted() {
        let file = in_file(quote!(
            const A: u8 = 0;
            unsafe impl B for C {}
        ));
        let text = file.expect("Rust").to_token_stream().to_string();
        assert_eq!(text.matches("allow").count(), 1, "{text}");
        assert!(in_file(quote!(fn)).is_err());
    }
}
