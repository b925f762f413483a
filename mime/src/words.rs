//! Texts of header fields: unfolded, with encoded words (RFC 2047), in any charset.

use std::ops::Range;

use crate::charset;
use crate::transfer::{base64_word, quoted_printable};

/// A field's value as a text. A charset that the message names elsewhere is what its bare 8-bit letters may be in.
pub(crate) fn text(value: &[u8], hint: Option<&str>) -> String {
    decode(&unfolded(value), hint)
}

/// A value without line ends: a fold is the white space after it.
pub(crate) fn unfolded(value: &[u8]) -> Vec<u8> {
    let inner = value.iter().filter(|octet| !matches!(octet, b'\r' | b'\n'));
    let line: Vec<u8> = inner.copied().collect();
    line.trim_ascii().to_vec()
}

/// An encoded word: its charset and what it says, still in that.
struct Word<'a> {
    charset: &'a [u8],
    says: Vec<u8>,
    place: Range<usize>,
}

/// Decodes the encoded words of a line; adjacent ones of one charset are one text, because many senders cut in the
/// middle of a character.
pub(crate) fn decode(line: &[u8], hint: Option<&str>) -> String {
    let mut text = String::new();
    // The words that wait for more of their charset.
    let mut waiting: Option<(&[u8], Vec<u8>)> = None;
    let mut done = 0;
    for word in words(line) {
        let between = &line[done..word.place.start];
        let is_adjacent = waiting.is_some() && between.iter().all(u8::is_ascii_whitespace);
        if !is_adjacent {
            flush(waiting.take(), &mut text);
            text.push_str(&bare(between, hint));
        }
        waiting = Some(match waiting {
            Some((charset, mut says)) if charset.eq_ignore_ascii_case(word.charset) => {
                says.extend_from_slice(&word.says);
                (charset, says)
            }
            other => {
                flush(other, &mut text);
                (word.charset, word.says)
            }
        });
        done = word.place.end;
    }
    flush(waiting, &mut text);
    text.push_str(&bare(&line[done..], hint));
    text
}

fn flush(waiting: Option<(&[u8], Vec<u8>)>, text: &mut String) {
    if let Some((label, says)) = waiting {
        let says = charset::decode(Some(&String::from_utf8_lossy(label)), &says);
        text.push_str(&says.replace(['\r', '\n'], " "));
    }
}

/// Letters outside of words: UTF-8 if they are (RFC 6532), else what the message says elsewhere.
fn bare(octets: &[u8], hint: Option<&str>) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) if !text.contains('\u{1B}') => text.to_owned(),
        Ok(_) => charset::guess(octets),
        Err(_) => charset::decode(hint, octets),
    }
}

/// The encoded words of a line, in order. Each place is looked at a fixed number of times.
fn words(line: &[u8]) -> impl Iterator<Item = Word<'_>> {
    let mut from = 0;
    // Where no word can end any more, none has to be looked for.
    let last_end = line.windows(2).rposition(|two| two == b"?=").unwrap_or(0);
    std::iter::from_fn(move || {
        while from < last_end {
            let start = from
                + line[from..last_end]
                    .windows(2)
                    .position(|two| two == b"=?")?;
            match word_at(line, start) {
                Ok(word) => {
                    from = word.place.end;
                    return Some(word);
                }
                Err(next) => from = next,
            }
        }
        None
    })
}

/// Longer names of charsets are none.
const LONGEST_NAME: usize = 80;

/// The word that begins at a place, or the place from which to look on.
fn word_at(line: &[u8], start: usize) -> Result<Word<'_>, usize> {
    let next = start + 2;
    let charset = &line[next..];
    let name = charset
        .iter()
        .take(LONGEST_NAME)
        .position(|octet| *octet == b'?')
        .ok_or(next)?;
    let charset = &charset[..name];
    if charset.is_empty() || charset.iter().any(|octet| !octet.is_ascii_graphic()) {
        return Err(next);
    }
    let (kind, content) = match line.get(next + name + 1..) {
        Some([kind, b'?', ..]) => (*kind, next + name + 3),
        _ => return Err(next),
    };
    let length = line[content..]
        .windows(2)
        .position(|two| two == b"?=")
        .ok_or(line.len())?;
    let (encoded, end) = (&line[content..content + length], content + length + 2);
    let says = match kind {
        b'b' | b'B' => base64_word(encoded),
        b'q' | b'Q' => quoted_printable(encoded, true),
        _ => return Err(end),
    };
    Ok(Word {
        charset,
        says,
        place: start..end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(line: &str) -> String {
        text(line.as_bytes(), None)
    }

    #[test]
    fn encoded_words_are_decoded() {
        for (line, says) in [
            ("plain", "plain"),
            ("=?utf-8?Q?Gr=C3=B6=C3=9Fe?=", "Größe"),
            ("=?UTF-8?b?R3LDtsOfZQ?=", "Größe"),
            ("=?utf-8*de?Q?a_b?= c", "a b c"),
            ("x =?utf-8?Q?a?= y", "x a y"),
            ("=?utf-8?Q?a?=  \r\n\t =?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
            ("=?iso-8859-1?Q?=F6?= =?utf-8?Q?=C3=B6?=", "öö"),
            ("=?gb2312?B?u+HS6c2o1qo=?=", "会议通知"),
            ("=?utf-8?Q?a b?=", "a b"),
            ("=?utf-8?Q?a=0D=0Ab?=", "a  b"),
            ("=?utf-8?X?a?= =?utf-8?Q?", "=?utf-8?X?a?= =?utf-8?Q?"),
            ("a\r\n b", "a b"),
            ("=?", "=?"),
            ("=??Q?a?=", "=??Q?a?="),
        ] {
            assert_eq!(decoded(line), says, "{line:?}");
        }
    }

    #[test]
    fn characters_that_are_cut_in_two_are_whole_again() {
        assert_eq!(
            decoded("=?utf-8?B?5Lya?=\r\n =?utf-8?B?6K4=?=\r\n =?utf-8?B?rg==?="),
            "会议"
        );
        assert_eq!(decoded("=?utf-8?Q?=E4=BC?= =?UTF-8?B?mg==?="), "会");
    }

    #[test]
    fn bare_letters_are_in_the_charset_that_is_named_elsewhere() {
        assert_eq!(text(b"\xC4\xE3\xBA\xC3", Some("gb2312")), "你好");
        assert_eq!(text("你好".as_bytes(), Some("gb2312")), "你好");
        assert_eq!(text(b"Gr\xF6\xDFe", None), "Größe");
        assert_eq!(text(b"\x1B$BF|K\\\x1B(B", None), "日本");
    }
}
