//! Lays families of flags out. The formatter leaves the body of a macro as one heap of tokens; this reads the
//! body of each `bitflags!` again and writes it as a person would.

use std::fmt::Write;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const OPENING: &str = "bitflags::bitflags! {\n";

/// Formatted code with its flags laid out. What is no family of flags stays as it is.
pub(super) fn lay_out_flags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        // The formatter indents all of a body, so the first brace at the margin ends it.
        let Some((body, after)) = after.split_once("\n}\n") else {
            break;
        };
        out.push_str(before);
        out.push_str(OPENING);
        match TokenStream::from_str(body).ok().and_then(family) {
            Some(family) => out.push_str(&family),
            None => {
                out.push_str(body);
                out.push('\n');
            }
        }
        out.push_str("}\n");
        rest = after;
    }
    out + rest
}

/// Attributes, `pub struct NAME: u32`, and the flags in braces.
fn family(tokens: TokenStream) -> Option<String> {
    let mut out = String::new();
    let mut head = Vec::new();
    let mut tokens = tokens.into_iter();
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
    use super::lay_out_flags;

    #[test]
    fn a_heap_of_tokens_becomes_lines() {
        let heap = "fn a() {}\nbitflags::bitflags! {\n    #[doc = \" How.\"] #[repr(transparent)]\n    #[derive(Clone, Copy)] pub struct F : u32 { #[doc =\n    \" “One”.\"] const A_B = 0x00000001; const _ = ! 0; }\n}\nfn b() {}\n";
        let lines = "fn a() {}\nbitflags::bitflags! {\n    /// How.\n    #[repr(transparent)]\n    #[derive(Clone, Copy)]\n    pub struct F: u32 {\n        /// “One”.\n        const A_B = 0x00000001;\n        const _ = !0;\n    }\n}\nfn b() {}\n";
        assert_eq!(lay_out_flags(heap), lines);
    }

    #[test]
    fn what_is_none_stays() {
        for text in [
            "bitflags::bitflags! {\n    x y z\n}\n",
            "bitflags::bitflags! {\n",
            "",
        ] {
            assert_eq!(lay_out_flags(text), text);
        }
    }
}
