//! What to do about a value of the wrong type: usually it only lacks quotes or brackets, or has too many.

use toml::{Spanned, de::DeValue};

use crate::diag::Source;

pub(super) fn for_wrong_type(
    expected: &str,
    value: &Spanned<DeValue<'_>>,
    name: &str,
    source: &Source,
) -> String {
    let written = source.slice(value.span());
    match (expected, value.get_ref()) {
        ("an array of tables", DeValue::Table(_)) => {
            format!("write `[[{name}]]`, in double brackets: there may be several")
        }
        ("a table", DeValue::Array(_)) => {
            format!("write `[{name}]`, in single brackets: there is one")
        }
        ("an array", DeValue::String(_) | DeValue::Integer(_) | DeValue::Boolean(_)) => {
            format!("put it in brackets: `[{written}]`")
        }
        (
            "a string",
            DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Float(_) | DeValue::Datetime(_),
        ) => {
            format!("put it in quotes: `\"{written}\"`")
        }
        (_, DeValue::String(text)) if is_bare(expected, text) => {
            format!("leave the quotes out: `{}`", text.trim())
        }
        _ => format!("make it {expected}"),
    }
}

/// Whether a string would have the expected type without its quotes.
fn is_bare(expected: &str, text: &str) -> bool {
    let text = text.trim();
    if expected == "a boolean" {
        return matches!(text, "true" | "false");
    }
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    expected.starts_with("an integer") && i64::from_str_radix(digits, radix).is_ok()
}
