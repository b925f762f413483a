//! A file of Rust as text.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::flags_layout::lay_out;

/// The text of a module: items as `format` writes them, each `bitflags!` on lines of its own between them, because
/// formatters have no rule for it.
pub fn render(file: syn::File, format: impl Fn(&syn::File) -> String) -> String {
    let mut out = String::new();
    let mut plain = syn::File {
        items: Vec::new(),
        ..file
    };
    for item in file.items {
        let Some(flags) = family(&item) else {
            plain.items.push(item);
            continue;
        };
        out += &format(&plain);
        out += &flags;
        plain = syn::File {
            shebang: None,
            attrs: Vec::new(),
            items: Vec::new(),
        };
    }
    out + &format(&plain)
}

/// The text of a `bitflags!`; `None` for other items.
fn family(item: &syn::Item) -> Option<String> {
    let syn::Item::Macro(item) = item else {
        return None;
    };
    let path = &item.mac.path;
    if path.segments.last()?.ident != "bitflags" {
        return None;
    }
    let body = lay_out(item.mac.tokens.clone())?;
    let path = without_spaces(path.to_token_stream());
    Some(format!("{path}! {{\n{body}}}\n"))
}

fn without_spaces(path: TokenStream) -> String {
    path.into_iter()
        .map(|token: TokenTree| token.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::render;

    #[test]
    fn flags_stand_between_what_is_formatted() {
        let tokens = quote! {
            #![allow(dead_code)]
            struct A;
            bitflags::bitflags! { impl A: u32 { const B = 1; } }
            struct C;
            other!(x);
        };
        let file = syn::parse2(tokens).expect("it is Rust");
        let text = render(file, |file| format!("{}\n", file.to_token_stream()));
        assert_eq!(
            text,
            "# ! [allow (dead_code)] struct A ;\nbitflags::bitflags! {\n    impl A: u32 {\n        const B = 1;\n    }\n}\nstruct C ; other ! (x) ;\n"
        );
    }
}
