//! Lays out families of flags. The formatter leaves the body of a macro as a heap of tokens; this writes the body of a
//! `bitflags!` as a person would.

use std::fmt::Write;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The body of a `bitflags!` on lines of its own; `None` if it is not a family of flags.
///
/// That is attributes, `impl NAME: u32`, and the flags in braces.
pub(super) fn lay_out(body: TokenStream) -> Option<String> {
    let mut out = String::new();
    let mut head = Vec::new();
    let mut tokens = body.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                attribute(&mut out, 1, tokens.next()?)?;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                writeln!(out, "{}{} {{", indent(1), join(&head)).ok()?;
                flags(&mut out, group.stream())?;
                writeln!(out, "{}}}", indent(1)).ok()?;
                return tokens.next().is_none().then_some(out);
            }
            other => head.push(other),
        }
    }
    None
}

/// The constants of a family.
fn flags(out: &mut String, tokens: TokenStream) -> Option<()> {
    let mut constant = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                attribute(out, 2, tokens.next()?)?;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                writeln!(out, "{}{};", indent(2), join(&constant)).ok()?;
                constant.clear();
            }
            other => constant.push(other),
        }
    }
    constant.is_empty().then_some(())
}

/// A doc comment as one, any other attribute as it is.
fn attribute(out: &mut String, depth: usize, bracket: TokenTree) -> Option<()> {
    let TokenTree::Group(group) = bracket else {
        return None;
    };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let indent = indent(depth);
    match tokens.as_slice() {
        [TokenTree::Ident(name), _, TokenTree::Literal(text)] if name == "doc" => {
            let text = syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?;
            writeln!(out, "{indent}///{}", text.value()).ok()
        }
        tokens => writeln!(out, "{indent}#[{}]", join(tokens)).ok(),
    }
}

/// Tokens with the spaces that people put between them.
fn join(tokens: &[TokenTree]) -> String {
    let tokens: TokenStream = tokens.iter().cloned().collect();
    let text = tokens.to_string();
    let tight = [
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" :", ":"),
        ("! ", "!"),
    ];
    tight
        .into_iter()
        .fold(text, |text, (loose, tight)| text.replace(loose, tight))
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::lay_out;

    #[test]
    fn tokens_become_lines() {
        let body = quote! {
            /// How.
            #[repr(transparent)]
            #[derive(Clone, Copy)]
            pub struct F: u32 {
                /// “One”.
                const A_B = 0x00000001;
                const _ = !0;
            }
        };
        let lines = "    /// How.\n    #[repr(transparent)]\n    #[derive(Clone, Copy)]\n    pub struct F: u32 {\n        /// “One”.\n        const A_B = 0x00000001;\n        const _ = !0;\n    }\n";
        assert_eq!(lay_out(body).as_deref(), Some(lines));
    }

    #[test]
    fn what_is_none_is_none() {
        for body in [quote!(x y z), quote!()] {
            assert_eq!(lay_out(body), None);
        }
    }
}
