//! The text of a message, whatever it is kept as.

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mapi_provider::abi::{PR_BODY_W, PR_HTML, PR_INTERNET_CPID, PR_RTF_COMPRESSED};
use mapi_provider::store::{Message, StoreError};
use regex_lite::Regex;

use crate::host::protocol::BodyFormat;

/// The text of a message, and of what it was made: the plain one where there is one, else HTML's. Of RTF none is made.
pub(super) fn of(message: &Message) -> Result<Option<(BodyFormat, String)>, StoreError> {
    let plain = message.text(PR_BODY_W)?;
    let plain = plain.map(|text| (BodyFormat::Text, text));
    if plain.as_ref().is_some_and(|(_, text)| !text.is_empty()) {
        return Ok(plain);
    }
    if let Some(html) = message.binary(PR_HTML)? {
        let html = decoded(html, message.long(PR_INTERNET_CPID)?);
        return Ok(Some((BodyFormat::Html, text_of(&html))));
    }
    let rtf = message.tags()?.contains(&PR_RTF_COMPRESSED);
    Ok(rtf.then(|| (BodyFormat::Rtf, String::new())).or(plain))
}

/// Text in the code page of this number; where that is not known, what can be read of it.
fn decoded(bytes: Vec<u8>, code_page: Option<i32>) -> String {
    let charset = match code_page {
        Some(page @ 1250..=1258) => format!("windows-{page}"),
        Some(page @ 28591..=28606) => format!("iso-8859-{}", page - 28590),
        Some(20866) => "koi8-r".to_owned(),
        _ => "utf-8".to_owned(),
    };
    match charset_decoder(charset.as_bytes()) {
        Some(decode) => decode(&bytes),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The ends of what stands on lines of its own.
const BLOCKS: &str = "(?i)</(div|li|tr|h[1-6]|blockquote|ul|ol|table|pre)\\s*>";

fn text_of(html: &str) -> String {
    // Paragraphs and `<br>` are lines already.
    let lines = Regex::new(BLOCKS).map(|blocks| blocks.replace_all(html, "$0<br>").into_owned());
    html_to_text(lines.as_deref().unwrap_or(html))
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_as_text() {
        let html = "<html><head><style>p { color: red }</style></head><body><div>Caf&eacute; &amp; tea</div>\
                    <ul><li>one</li><li>two</li></ul><p>x<br>y</p></body></html>";
        let text = text_of(html);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        assert_eq!(lines, ["Café & tea", "one", "two", "x", "y"]);
    }

    #[test]
    fn other_code_pages_are_read() {
        assert_eq!(decoded(b"caf\xe9".to_vec(), Some(1252)), "café");
        assert_eq!(decoded(b"caf\xe9".to_vec(), Some(28591)), "café");
        assert_eq!(decoded("café".into(), Some(65001)), "café");
        assert_eq!(decoded("café".into(), None), "café");
        assert_eq!(decoded(b"caf\xe9".to_vec(), Some(-1)), "caf\u{FFFD}");
    }

    #[test]
    fn whatever_html_there_is_it_becomes_some_text() {
        for html in [
            "",
            "<",
            "&",
            "&#xFFFFFFFF;",
            "<!--",
            "é<é>é&é;",
            "</div",
            "<p",
            "\0",
            "&#;",
        ] {
            let _ = text_of(html);
        }
    }
}
