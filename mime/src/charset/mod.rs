//! Text in any charset, with a true name, a false one or none.

mod iso2022;
mod pages;

use std::borrow::Cow;

use encoding_rs::Encoding;
use mail_parser::decoders::charsets::map::charset_decoder;

/// The names that mail uses and the Encoding Standard doesn't have.
const ALIASES: [(&str, &str); 34] = [
    ("ansi-x3.4-1986", "us-ascii"),
    ("big5-hkscs-2004", "big5"),
    ("cp50220", "iso-2022-jp"),
    ("cp50221", "iso-2022-jp"),
    ("cp51932", "euc-jp"),
    ("cp51949", "euc-kr"),
    ("cp65001", "utf-8"),
    ("cp874", "windows-874"),
    ("cp932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp943", "shift_jis"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("cswindows31j", "shift_jis"),
    ("euc-cn", "gbk"),
    ("eucjp", "euc-jp"),
    ("eucjp-ms", "euc-jp"),
    ("euckr", "euc-kr"),
    ("gb-2312", "gbk"),
    ("ibm-943", "shift_jis"),
    ("iso-2022-jp-1", "iso-2022-jp"),
    ("iso-2022-jp-2", "iso-2022-jp"),
    ("iso-2022-jp-ms", "iso-2022-jp"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
    ("mac-cyrillic", "x-mac-cyrillic"),
    ("mac-roman", "macintosh"),
    ("macroman", "macintosh"),
    ("ms932", "shift_jis"),
    ("ms936", "gbk"),
    ("ms949", "euc-kr"),
    ("uhc", "euc-kr"),
    ("unicode-1-1-utf-8", "utf-8"),
    ("utf-8-mac", "utf-8"),
];

/// Decodes text that says it is in a charset. What can't be right is decoded as what it is instead: UTF-8 where it is
/// valid, else Windows-1252, else the characters of U+FFFD.
pub(crate) fn decode(label: Option<&str>, bytes: &[u8]) -> String {
    let label = label.map(normal).unwrap_or_default();
    if let Some(text) = marked(bytes) {
        return text;
    }
    if says_nothing(&label) {
        return guess(bytes);
    }
    match named(&label, bytes) {
        Some(text) if !text.contains('\u{FFFD}') => text,
        // A wrong name, or some bytes that are spoilt.
        Some(text) => valid_utf8(bytes).map_or(text, str::to_owned),
        None => guess(bytes),
    }
}

/// Decodes text in the code page that Windows has this number for; `None` if there is no such page here.
pub(crate) fn decode_page(page: i32, bytes: &[u8]) -> Option<String> {
    let label = match page {
        1200 => "utf-16le".to_owned(),
        1201 => "utf-16be".to_owned(),
        10000 => "macintosh".to_owned(),
        10006 => "x-mac-greek".to_owned(),
        10007 => "x-mac-cyrillic".to_owned(),
        10029 => "x-mac-ce".to_owned(),
        10079 => "x-mac-icelandic".to_owned(),
        10081 => "x-mac-turkish".to_owned(),
        10082 => "x-mac-croatian".to_owned(),
        20127 => "us-ascii".to_owned(),
        20866 => "koi8-r".to_owned(),
        20932 | 51932 => "euc-jp".to_owned(),
        20936 | 51936 => "gbk".to_owned(),
        20949 | 51949 => "euc-kr".to_owned(),
        21866 => "koi8-u".to_owned(),
        28591..=28606 => format!("iso-8859-{}", page - 28590),
        38598 => "iso-8859-8-i".to_owned(),
        50220..=50222 => "iso-2022-jp".to_owned(),
        50225 => "iso-2022-kr".to_owned(),
        52936 => "hz-gb-2312".to_owned(),
        54936 => "gb18030".to_owned(),
        65000 => "utf-7".to_owned(),
        65001 => "utf-8".to_owned(),
        1250..=1258 => format!("windows-{page}"),
        874 => "windows-874".to_owned(),
        437..=1006 => format!("cp{page}"),
        _ => return None,
    };
    is_known(&label).then(|| decode(Some(&label), bytes))
}

/// Decodes text of which nobody says the charset.
pub(crate) fn guess(bytes: &[u8]) -> String {
    if iso2022::is_japanese(bytes) {
        return encoding_rs::ISO_2022_JP
            .decode_without_bom_handling(bytes)
            .0
            .into_owned();
    }
    utf8_or_western(bytes)
}

/// A charset's name as it is looked up: small letters, no quotes, `-` between the words.
fn normal(label: &str) -> String {
    let label = label.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let label = label.to_ascii_lowercase().replace(['_', ' '], "-");
    // RFC 2231 lets a language follow; registered names have the year of their standard.
    label
        .split(['*', ':'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Whether a name tells nothing about bytes above 127.
fn says_nothing(label: &str) -> bool {
    matches!(
        label,
        "" | "us-ascii"
            | "ascii"
            | "ansi-x3.4-1968"
            | "ansi-x3.4-1986"
            | "iso646-us"
            | "utf-8"
            | "utf8"
            | "cp65001"
            | "default"
            | "unknown"
            | "unknown-8bit"
            | "x-unknown"
            | "8bit"
            | "7bit"
            | "binary"
            | "none"
            | "iso-10646"
            | "x-user-defined"
            | "unicode-1-1-utf-8"
            | "utf-8-mac"
            | "utf8mb4"
            | "ansi"
            | "charset"
            | "us"
    )
}

fn is_known(label: &str) -> bool {
    says_nothing(label) || named(label, b"").is_some()
}

/// Decodes by a charset's name; `None` if nobody knows it.
fn named(label: &str, bytes: &[u8]) -> Option<String> {
    let alias = ALIASES.iter().find(|(name, _)| *name == label);
    let label = alias.map_or(label, |(_, known)| known);
    match label {
        "us-ascii" | "utf-8" => return Some(utf8_or_western(bytes)),
        "iso-2022-kr" | "csiso2022kr" => return Some(iso2022::korean(bytes)),
        "iso-2022-cn" | "iso-2022-cn-ext" => return Some(iso2022::chinese(bytes)),
        "hz-gb-2312" | "hz" => return Some(iso2022::hz(bytes)),
        "utf-32" | "utf-32le" | "utf-32be" => return Some(utf32(label, bytes)),
        _ => {}
    }
    if let Some(decode) = pages::decoder(label) {
        return Some(bytes.iter().map(|byte| decode(*byte)).collect());
    }
    // The standard knows some names with `_`, others with `-`.
    let labels = [
        label.to_owned(),
        label.replace('-', "_"),
        label.replace('-', ""),
    ];
    let known = |label: &String| Encoding::for_label_no_replacement(label.as_bytes());
    if let Some(encoding) = labels.iter().find_map(known) {
        return Some(encoding.decode_without_bom_handling(bytes).0.into_owned());
    }
    let number = label.strip_prefix("cp").or(label.strip_prefix("windows-"));
    let number = number.or(label
        .strip_prefix("ibm")
        .map(|rest| rest.trim_start_matches('-')));
    if let Some(page) = number.filter(|number| !number.is_empty() && label.len() > number.len()) {
        let encoding = Encoding::for_label_no_replacement(format!("windows-{page}").as_bytes());
        if let Some(encoding) = encoding {
            return Some(encoding.decode_without_bom_handling(bytes).0.into_owned());
        }
    }
    // What is left: UTF-7, and parts of ISO 8859 that the standard leaves out.
    let short: String = label.chars().take(45).collect();
    charset_decoder(short.as_bytes()).map(|decode| decode(bytes))
}

/// Text that begins with a byte order mark.
fn marked(bytes: &[u8]) -> Option<String> {
    let (encoding, mark) = Encoding::for_bom(bytes)?;
    let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
    Some(text.into_owned())
}

fn utf32(label: &str, bytes: &[u8]) -> String {
    let (little, rest) = match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => (true, rest),
        [0, 0, 0xFE, 0xFF, rest @ ..] => (false, rest),
        _ => (label == "utf-32le", bytes),
    };
    let letters = rest.chunks(4).map(|chunk| {
        let Ok(four) = <[u8; 4]>::try_from(chunk) else {
            return '\u{FFFD}';
        };
        let number = if little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        };
        char::from_u32(number).unwrap_or('\u{FFFD}')
    });
    letters.collect()
}

fn valid_utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_ascii())
}

/// UTF-8, and each byte that is none as Windows-1252: so every mail program shows such text, and so one byte that is
/// spoilt, or a footer that others have put below, spoils nothing else.
fn utf8_or_western(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            // The beginning of a character whose rest is lost.
            [0xE0..=0xF4, _, ..] if is_foreign(&text) => text.push('\u{FFFD}'),
            western => text.push_str(
                &encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(western)
                    .0,
            ),
        }
    }
    text
}

/// Whether the last characters are some that no text of Windows-1252 looks like.
fn is_foreign(text: &str) -> bool {
    text.chars()
        .next_back()
        .is_some_and(|letter| u32::from(letter) > 0x2FF)
}

/// The charset that HTML itself names: in a `meta` element near its beginning.
pub(crate) fn html_label(html: &[u8]) -> Option<String> {
    let head = &html[..html.len().min(2048)];
    let head: Cow<'_, str> = String::from_utf8_lossy(head);
    let lower = head.to_ascii_lowercase();
    let meta = lower.find("<meta")?;
    let place = meta + lower[meta..].find("charset")?;
    let value = lower[place + "charset".len()..].trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end =
        value.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_:.".contains(letter)));
    let label = &value[..end.unwrap_or(value.len())];
    // A page that says this of itself is read by those who can't tell; it is none of both.
    let wide = label.starts_with("utf-16") || label.starts_with("utf-32");
    (!label.is_empty() && !wide).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_that_mail_programs_send_are_decoded() {
        let cases: [(&str, &[u8], &str); 22] = [
            ("utf-8", "Größe".as_bytes(), "Größe"),
            ("\"UTF-8\"", "Größe".as_bytes(), "Größe"),
            ("iso-8859-1", b"Gr\xF6\xDFe", "Größe"),
            ("ISO_8859-15:1998", b"\xA4", "€"),
            ("iso8859-2", b"\xB1", "ą"),
            ("cp1250", b"\xB9", "ą"),
            ("cp437", b"Gr\x94\xE1e", "Größe"),
            ("IBM852", b"\xA5", "ą"),
            ("cp866", b"\x84\xA0", "Да"),
            ("koi8-r", b"\xE4\xC1", "Да"),
            ("gb2312", b"\xC4\xE3\xBA\xC3", "你好"),
            ("big5", b"\xB7\x7C\xC4\xB3", "會議"),
            ("cp949", b"\xBE\xC8\xB3\xE7", "안녕"),
            ("ks_c_5601-1987", b"\xBE\xC8\xB3\xE7", "안녕"),
            ("iso-2022-kr", b"\x1B$)C\x0E>H3g\x0F!", "안녕!"),
            ("hz-gb-2312", b"a~{Dc:C~}b~~", "a你好b~"),
            ("cp932", b"\x93\xFA\x96\x7B", "日本"),
            ("x-sjis", b"\x93\xFA\x96\x7B", "日本"),
            ("iso-2022-jp", b"\x1B$BF|K\\\x1B(B", "日本"),
            ("windows-874", b"\xE4\xB7\xC2", "ไทย"),
            ("utf-7", b"Gr+APYA3w-e", "Größe"),
            ("x-mac-ce", b"\x88", "ą"),
        ];
        for (label, bytes, text) in cases {
            assert_eq!(decode(Some(label), bytes), text, "{label}");
        }
    }

    #[test]
    fn wrong_names_do_no_harm() {
        for label in [
            None,
            Some("utf-8"),
            Some("us-ascii"),
            Some("x-nonsense"),
            Some(""),
        ] {
            assert_eq!(decode(label, b"Gr\xF6\xDFe"), "Größe", "{label:?}");
            assert_eq!(decode(label, "Größe".as_bytes()), "Größe", "{label:?}");
        }
        assert_eq!(decode(Some("gb2312"), "会议会".as_bytes()), "会议会");
        assert_eq!(decode(None, b"\x1B$BF|K\\\x1B(B"), "日本");
        // One spoilt byte spoils nothing else.
        assert_eq!(decode(Some("utf-8"), b"\xE4\xBC\x9A \xF6"), "会 ö");
        assert_eq!(decode(Some("utf-8"), b"\xE4\xBC\x9A\xE4\xBC"), "会\u{FFFD}");
    }

    #[test]
    fn marks_of_the_byte_order_count_more_than_names() {
        assert_eq!(decode(Some("utf-8"), b"\xFF\xFEa\0"), "a");
        assert_eq!(decode(None, b"\xEF\xBB\xBFa"), "a");
    }

    #[test]
    fn pages_that_windows_numbers_are_decoded() {
        let cases: [(i32, &[u8], &str); 10] = [
            (936, b"\xC4\xE3", "你"),
            (932, b"\x93\xFA", "日"),
            (950, b"\xB7\x7C", "會"),
            (949, b"\xBE\xC8", "안"),
            (50220, b"\x1B$BF|\x1B(B", "日"),
            (874, b"\xE4", "ไ"),
            (21866, b"\xE4", "Д"),
            (437, b"\x94", "ö"),
            (54936, b"\xC4\xE3", "你"),
            (28605, b"\xA4", "€"),
        ];
        for (page, bytes, text) in cases {
            assert_eq!(decode_page(page, bytes).as_deref(), Some(text), "{page}");
        }
        assert_eq!(decode_page(1, b"a"), None);
        assert_eq!(decode_page(-5, b"a"), None);
        assert_eq!(decode_page(999, b"a"), None);
    }

    #[test]
    fn html_says_its_charset_itself() {
        let html =
            b"<html><head><META http-equiv=Content-Type content=\"text/html; charset=GB2312\">";
        assert_eq!(html_label(html).as_deref(), Some("gb2312"));
        assert_eq!(
            html_label(b"<meta charset='koi8-r'>").as_deref(),
            Some("koi8-r")
        );
        assert_eq!(html_label(b"<meta charset=utf-16>"), None);
        assert_eq!(html_label(b"charset=a"), None);
    }
}
