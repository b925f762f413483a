//! Comments in generated code. Tokens carry none, and SAFETY lines must not be lost: they travel as
//! `comment!("…");` and become comments in a file, or nothing in a macro's expansion.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What a comment begins with on its way.
const MARK: &str = "comment!(";

/// Turns each `comment!("…");` of formatted code into `// …`. It stands at the beginning of a line, as nothing in a
/// doc comment does; the formatter breaks a long one into three lines, so its end is found by its brackets.
pub(super) fn restore_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        out.push_str(before);
        let indent = out.rsplit('\n').next().unwrap_or_default();
        rest = match after.split_once(");\n") {
            Some((argument, after)) if indent.trim().is_empty() => {
                out.push_str("// ");
                out.push_str(argument.trim().trim_matches('"'));
                out.push('\n');
                after
            }
            _ => {
                out.push_str(MARK);
                after
            }
        };
    }
    out + rest
}

/// Takes every `comment!("…");` out.
pub(super) fn strip_comments(tokens: TokenStream) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name == "comment" && is_bang(tokens.peek()) => {
                // The `!`, the argument and the `;`.
                tokens.by_ref().take(3).for_each(drop);
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                let inside = strip_comments(group.stream());
                let mut stripped = Group::new(group.delimiter(), inside);
                stripped.set_span(group.span());
                out.push(stripped.into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn is_bang(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{restore_comments, strip_comments};

    #[test]
    fn comments_become_comments() {
        let short = "    comment!(\"SAFETY: so.\");\n    x\n";
        let long = "    comment!(\n        \"SAFETY: so.\"\n    );\n    x\n";
        for text in [short, long] {
            assert_eq!(restore_comments(text), "    // SAFETY: so.\n    x\n");
        }
    }

    #[test]
    fn what_looks_like_one_in_a_doc_comment_stays() {
        let text = "/// As comment!(\"x\");\nfn f() {}\n";
        assert_eq!(restore_comments(text), text);
    }

    #[test]
    fn in_an_expansion_they_are_gone() {
        let tokens = quote!(comment!("a"); fn f() { comment!("b"); let comment = 1; g(comment) });
        let expected = quote!(
            fn f() {
                let comment = 1;
                g(comment)
            }
        );
        assert_eq!(strip_comments(tokens).to_string(), expected.to_string());
    }
}
