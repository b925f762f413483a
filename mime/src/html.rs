//! HTML as far as mail needs it.

use std::collections::BTreeSet;

/// HTML as plain text.
pub(crate) fn to_text(html: &str) -> String {
    mail_parser::decoders::html::html_to_text(html)
}

/// Plain text as a piece of HTML.
pub(crate) fn from_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    html.push_str("<div style=\"white-space:pre-wrap\">");
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\r' => {}
            '\n' => html.push_str("<br>\r\n"),
            letter => html.push(letter),
        }
    }
    html.push_str("</div>");
    html
}

/// Several pieces of HTML as one document: the first, with what the others' bodies contain at its end.
pub(crate) fn joined(pieces: &[String]) -> String {
    let Some((first, others)) = pieces.split_first() else {
        return String::new();
    };
    if others.is_empty() {
        return first.clone();
    }
    let (start, end) = first.split_at(body(first).1);
    let mut html = start.to_owned();
    for piece in others {
        let (inner, close) = body(piece);
        html.push_str("\r\n");
        html.push_str(&piece[inner..close.max(inner)]);
    }
    html.push_str(end);
    html
}

/// Where the content of the body begins and ends.
fn body(html: &str) -> (usize, usize) {
    let lower = html.to_ascii_lowercase();
    let opened = lower
        .find("<body")
        .and_then(|tag| Some(tag + lower[tag..].find('>')? + 1));
    let closed = lower.rfind("</body").or_else(|| lower.rfind("</html"));
    (opened.unwrap_or(0), closed.unwrap_or(html.len()))
}

/// Longer identifiers are none.
const LONGEST_ID: usize = 300;

/// The identifiers of the parts that HTML refers to. What has been looked at as one is not looked at again.
pub(crate) fn content_ids(html: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let is_end = |octet: &u8| octet.is_ascii_whitespace() || b"\"'<>()`\\".contains(octet);
    let mut rest = html.as_bytes();
    while let Some(place) = rest
        .windows(4)
        .position(|four| four.eq_ignore_ascii_case(b"cid:"))
    {
        rest = &rest[place + 4..];
        let most = &rest[..rest.len().min(LONGEST_ID)];
        let length = most.iter().position(is_end).unwrap_or(most.len());
        if length < LONGEST_ID {
            let id = &rest[..length];
            ids.insert(String::from_utf8_lossy(id).into_owned());
            ids.insert(unescaped(id));
        }
        rest = &rest[length..];
    }
    ids
}

/// An identifier as it is written in a URL.
fn unescaped(id: &[u8]) -> String {
    let mut octets = Vec::with_capacity(id.len());
    let mut rest = id;
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [b'%', high, low, tail @ ..] => {
                match (crate::transfer::hex(*high), crate::transfer::hex(*low)) {
                    (Some(high), Some(low)) => {
                        octets.push(high << 4 | low);
                        tail
                    }
                    _ => {
                        octets.push(b'%');
                        &rest[1..]
                    }
                }
            }
            _ => {
                octets.push(*first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&octets).replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_one_document() {
        let pieces = [
            "<html><BODY class=a><p>1</p></body></html>",
            "<p>2</p>",
            "<html><body>3</body></html>",
        ];
        let pieces = pieces.map(str::to_owned);
        assert_eq!(
            joined(&pieces),
            "<html><BODY class=a><p>1</p>\r\n<p>2</p>\r\n3</body></html>"
        );
        assert_eq!(joined(&[]), "");
        let odd = ["</body><body>", "</body>x<body>"].map(str::to_owned);
        assert_eq!(joined(&odd), "\r\n</body><body>");
    }

    #[test]
    fn what_html_shows_is_known() {
        let ids = content_ids("<img src=\"cid:a@b\"><img src=CID:c%40d><div style='url(cid:e)'>");
        for id in ["a@b", "c@d", "e"] {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn text_is_shown_as_it_is() {
        assert_eq!(
            from_text("a<b\r\n&c"),
            "<div style=\"white-space:pre-wrap\">a&lt;b<br>\r\n&amp;c</div>"
        );
        assert_eq!(to_text("<p>a &amp; b</p>").trim(), "a & b");
    }
}
