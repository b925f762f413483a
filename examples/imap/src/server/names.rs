//! How IMAP writes names of folders and of flags: in modified UTF-7 (RFC 3501, 5.1.3).

use mapi_provider::twoway::Flags;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// A name as a server has it. Printable ASCII stays as it is, but for `&` and what `is_shifted` says.
pub(crate) fn encode(name: &str, is_shifted: impl Fn(char) -> bool) -> String {
    let mut wire = String::new();
    let mut shifted: Vec<u16> = Vec::new();
    for c in name.chars() {
        if !matches!(c, ' '..='~') || is_shifted(c) {
            shifted.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        }
        flush(&mut shifted, &mut wire);
        wire.push(c);
        if c == '&' {
            wire.push('-');
        }
    }
    flush(&mut shifted, &mut wire);
    wire
}

fn flush(units: &mut Vec<u16>, wire: &mut String) {
    if units.is_empty() {
        return;
    }
    wire.push('&');
    let bytes: Vec<u8> = units.drain(..).flat_map(u16::to_be_bytes).collect();
    for some in bytes.chunks(3) {
        let bits = some
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - some.len()));
        for digit in 0..=some.len() {
            let index = bits >> (18 - 6 * digit) & 63;
            wire.push(char::from(ALPHABET[index as usize]));
        }
    }
    wire.push('-');
}

/// A name for people. What is no modified UTF-7 stays as it is: there are servers that don't know it.
pub(crate) fn decode(wire: &str) -> String {
    try_decode(wire).unwrap_or_else(|| wire.to_owned())
}

fn try_decode(wire: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (shifted, after) = shifted.split_once('-')?;
        match shifted {
            "" => name.push('&'),
            shifted => name.push_str(&unshift(shifted)?),
        }
        rest = after;
    }
    name.push_str(rest);
    Some(name)
}

fn unshift(shifted: &str) -> Option<String> {
    let (mut bits, mut count) = (0_u32, 0);
    let mut units = Vec::new();
    for digit in shifted.bytes() {
        let value = ALPHABET.iter().position(|one| *one == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count & 0xffff).ok()?);
        }
        bits &= 0xffff;
    }
    let is_padded = count < 6 && bits & ((1 << count) - 1) == 0;
    is_padded.then(|| String::from_utf16(&units).ok())?
}

/// The flags that RFC 3501 has, as they are written here.
const SYSTEM: [&str; 5] = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"];

/// A flag of the server's, or `None` for what is none of a message's own.
pub(crate) fn flag(wire: &str) -> Option<String> {
    if wire.starts_with('\\') {
        let known = SYSTEM.iter().find(|one| one.eq_ignore_ascii_case(wire));
        return known.map(|one| (*one).to_owned());
    }
    // Only what would be written the same again.
    let name = decode(wire);
    Some(if keyword(&name) == wire {
        name
    } else {
        wire.to_owned()
    })
}

/// Longer keywords are taken as they are.
const LONGEST_KEYWORD: usize = 255;

/// A flag as the server has it. Categories of Outlook's may have spaces and umlauts, and a keyword is an atom.
pub(crate) fn keyword(name: &str) -> String {
    const SPECIALS: &str = " (){%*\"\\";
    if name.starts_with('\\') || name.len() > LONGEST_KEYWORD {
        return name.to_owned();
    }
    let is_atom = name
        .chars()
        .all(|c| c.is_ascii_graphic() && !SPECIALS.contains(c));
    // What would be read as another name is written otherwise.
    let other = try_decode(name).filter(|other| other != name);
    if is_atom && other.is_none_or(|other| keyword(&other) != name) {
        return name.to_owned();
    }
    encode(name, |c| SPECIALS.contains(c))
}

/// Flags as commands have them. Those that a server has for itself can't be set.
pub(crate) fn keywords(flags: &Flags) -> Vec<String> {
    let ours = flags
        .iter()
        .filter(|name| !name.starts_with('\\') || SYSTEM.contains(name));
    ours.map(keyword).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twoway_16_names_are_written_in_modified_utf_7() {
        for (name, wire) in [
            ("Inbox", "Inbox"),
            ("Tést & Co", "T&AOk-st &- Co"),
            ("Größe", "Gr&APYA3w-e"),
            ("台北", "&U,BTFw-"),
            ("日本語", "&ZeVnLIqe-"),
            ("😀", "&2D3eAA-"),
            ("a\tb", "a&AAk-b"),
            ("&", "&-"),
        ] {
            assert_eq!(encode(name, |_| false), wire, "{name}");
            assert_eq!(decode(wire), name, "{wire}");
        }
    }

    #[test]
    fn twoway_16_what_is_no_modified_utf_7_stays_as_it_is() {
        for wire in ["R&D", "a&b-", "&AA-", "&2D0-", "&!-", "Größe", "&AOkA"] {
            assert_eq!(decode(wire), wire);
        }
    }

    #[test]
    fn twoway_11_keywords_of_either_side_survive() {
        for (name, wire) in [
            ("later", "later"),
            ("$Forwarded", "$Forwarded"),
            ("Red Category", "Red&ACA-Category"),
            ("Größe", "Gr&APYA3w-e"),
            ("R&D", "R&D"),
            ("a]b", "a]b"),
            ("\\Seen", "\\Seen"),
        ] {
            assert_eq!(keyword(name), wire);
            assert_eq!(flag(wire).as_deref(), Some(name));
        }
        assert_eq!(flag("\\SEEN").as_deref(), Some("\\Seen"));
        assert_eq!(flag("\\Recent"), None);
        assert_eq!(flag("\\*"), None);
        for odd in ["a&-b", "&AGE-", "x&AOk-"] {
            let name = flag(odd).expect("a keyword");
            assert_eq!(keyword(&name), odd, "{name}");
        }
    }
}
