//! The header of a message (RFC 5322), and its encoded words (RFC 2047).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// No real header is longer.
const LONGEST: u64 = 256 * 1024;

/// Reads a message's header: everything up to and including the first empty line.
///
/// # Errors
///
/// The file can't be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(File::open(path)?).take(LONGEST);
    let mut header = Vec::new();
    loop {
        let start = header.len();
        reader.read_until(b'\n', &mut header)?;
        if matches!(&header[start..], b"" | b"\n" | b"\r\n") {
            return Ok(header);
        }
    }
}

/// A field's text, as people read it. If a field occurs twice, the first one counts.
pub fn field(header: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(header);
    let mut lines = text.lines();
    let first = lines.find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim_end().eq_ignore_ascii_case(name).then_some(value)
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    let unfolded: Vec<&str> = std::iter::once(first).chain(more).map(str::trim).collect();
    Some(decode(unfolded.join(" ").trim()))
}

/// Decodes encoded words: `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=`. What can't be decoded stays as it is.
fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let Some((word, end)) = encoded_word(&rest[start..]) else {
            decoded += &rest[..start + 2];
            rest = &rest[start + 2..];
            after_word = false;
            continue;
        };
        // Space between two encoded words is only there to break the line.
        if !(after_word && rest[..start].trim().is_empty()) {
            decoded += &rest[..start];
        }
        decoded += &word;
        rest = &rest[start + end..];
        after_word = true;
    }
    // No line breaks or terminal escapes from the message's author.
    (decoded + rest).replace(char::is_control, " ")
}

/// The encoded word at the start of a text, and its length.
fn encoded_word(text: &str) -> Option<(String, usize)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (content, _) = rest.split_once("?=")?;
    let bytes = match encoding {
        "Q" | "q" => quoted(content),
        "B" | "b" => base64(content)?,
        _ => return None,
    };
    let charset = charset.split('*').next()?.to_ascii_lowercase();
    let word = match charset.as_str() {
        "utf-8" | "us-ascii" => String::from_utf8_lossy(&bytes).into_owned(),
        "iso-8859-1" => bytes.into_iter().map(char::from).collect(),
        _ => return None,
    };
    let length = "=?".len() + charset_and_encoding(text)? + content.len() + "?=".len();
    Some((word, length))
}

/// How long `utf-8?Q?` is.
fn charset_and_encoding(text: &str) -> Option<usize> {
    let text = &text["=?".len()..];
    let charset = text.find('?')? + 1;
    Some(charset + text[charset..].find('?')? + 1)
}

fn quoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let code = tail.get(..2).filter(|_| *first == b'=');
        let code = code
            .and_then(|code| str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match (first, code) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'_', None) => bytes.push(b' '),
            (other, None) => bytes.push(*other),
        }
    }
    bytes
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}
