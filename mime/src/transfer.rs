//! Contents as they travel: base64, quoted-printable, uuencode. What can be decoded of them is the content.

use std::borrow::Cow;

/// How a part's content is encoded: `Content-Transfer-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// 7bit, 8bit, binary, and what nobody knows.
    None,
    Base64,
    QuotedPrintable,
    Uuencode,
}

impl Encoding {
    /// What the field says: comments, quotes and case don't matter.
    pub(crate) fn of(value: &str) -> Self {
        let word = value.split(['(', ';']).next().unwrap_or_default();
        let word = word
            .trim()
            .trim_matches(['"', '\''])
            .trim()
            .to_ascii_lowercase();
        match word.as_str() {
            "base64" | "base-64" | "b64" | "x-base64" => Self::Base64,
            "quoted-printable" | "quotedprintable" | "quoted printable" | "qp" => {
                Self::QuotedPrintable
            }
            "uuencode" | "x-uuencode" | "uue" | "x-uue" | "uu" => Self::Uuencode,
            _ => Self::None,
        }
    }

    /// The content itself.
    pub(crate) fn decode(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::None => Cow::Borrowed(octets),
            Self::Base64 => base64(octets).map_or(Cow::Borrowed(octets), Cow::Owned),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(octets, false)),
            Self::Uuencode => match uuencoded(octets) {
                Some(file) => Cow::Owned(file.content),
                None => Cow::Borrowed(octets),
            },
        }
    }
}

/// The value of a letter of base64.
fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Letters of base64 becoming octets.
#[derive(Default)]
struct Sextets {
    octets: Vec<u8>,
    bits: u32,
    count: u32,
}

impl Sextets {
    fn push(&mut self, sextet: u8) {
        self.bits = self.bits << 6 | u32::from(sextet);
        self.count += 6;
        if self.count >= 8 {
            self.count -= 8;
            self.octets.push((self.bits >> self.count) as u8);
            self.bits &= (1 << self.count) - 1;
        }
    }

    /// What is left over belongs to no octet.
    fn pad(&mut self) {
        (self.bits, self.count) = (0, 0);
    }
}

/// What a word of a header, which has nothing but base64, says.
pub(crate) fn base64_word(word: &[u8]) -> Vec<u8> {
    let mut sextets = Sextets::default();
    for letter in word {
        match sextet(*letter) {
            Some(value) => sextets.push(value),
            None if *letter == b'=' => sextets.pad(),
            None => {}
        }
    }
    sextets.octets
}

/// Decodes base64: other letters are ignored (RFC 2045, 6.8), padding may be missing, and what others have put below
/// the end is no part of it. `None` if it isn't base64 at all.
pub(crate) fn base64(octets: &[u8]) -> Option<Vec<u8>> {
    let mut lines = octets
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii);
    let first = lines.clone().find(|line| !line.is_empty());
    if first.is_some_and(is_prose) {
        return None;
    }
    let mut sextets = Sextets {
        octets: Vec::with_capacity(octets.len() / 4 * 3),
        ..Sextets::default()
    };
    let mut so_far = SoFar::default();
    for line in &mut lines {
        if line.is_empty() {
            so_far.is_empty_line |= so_far.longest > 0;
            continue;
        }
        if so_far.may_be_over() && !so_far.goes_on(line) {
            break;
        }
        so_far.takes(line);
        for letter in line {
            match sextet(*letter) {
                Some(value) => sextets.push(value),
                None if *letter == b'=' => {
                    sextets.pad();
                    so_far.is_padded = true;
                }
                None => {}
            }
        }
    }
    Some(sextets.octets)
}

/// Whether a line is words, which base64 has none of.
fn is_prose(line: &[u8]) -> bool {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let is_split = words.clone().nth(1).is_some();
    is_split && !words.all(|word| word.len() % 4 == 0 && is_base64(word))
}

fn is_base64(word: &[u8]) -> bool {
    let padding = word
        .iter()
        .rev()
        .take_while(|letter| **letter == b'=')
        .count();
    let (letters, _) = word.split_at(word.len() - padding.min(2));
    letters.iter().all(|letter| sextet(*letter).is_some())
}

/// What the lines of base64 until now say of the next one.
#[derive(Default)]
struct SoFar {
    /// How long the longest is.
    longest: usize,
    /// The last has padding.
    is_padded: bool,
    /// After the last there is an empty line.
    is_empty_line: bool,
    /// Between two of them there was an empty line.
    is_spaced: bool,
}

impl SoFar {
    fn may_be_over(&self) -> bool {
        self.is_padded || self.is_empty_line
    }

    /// Whether a line, after one where the content may have ended, is more of it: a whole number of letters, or as long
    /// as the longest before it. Few letters could be a name below, unless they have padding, or all lines are apart.
    fn goes_on(&self, line: &[u8]) -> bool {
        let is_enough =
            line.len() >= 8 || line.ends_with(b"=") || self.is_spaced && !self.is_padded;
        let is_whole = line.len().is_multiple_of(4) && is_enough;
        is_base64(line) && (is_whole || line.len() == self.longest)
    }

    fn takes(&mut self, line: &[u8]) {
        self.is_spaced |= self.is_empty_line;
        (self.is_padded, self.is_empty_line) = (false, false);
        self.longest = self.longest.max(line.len());
    }
}

/// Decodes quoted-printable; what isn't, stays as it is. In a word of a header, `_` is a space.
pub(crate) fn quoted_printable(octets: &[u8], in_word: bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [b'=', high, low, tail @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                decoded.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                tail
            }
            [b'=', tail @ ..] if !in_word => match after_soft_break(tail) {
                Some(next) => next,
                None => {
                    decoded.push(b'=');
                    tail
                }
            },
            [b'_', tail @ ..] if in_word => {
                decoded.push(b' ');
                tail
            }
            // White space at the end of a line was put there on the way.
            [b' ' | b'\t', ..] if !in_word => {
                let blank = rest
                    .iter()
                    .take_while(|octet| matches!(octet, b' ' | b'\t'))
                    .count();
                let (blanks, next) = rest.split_at(blank);
                if !matches!(next, [b'\n', ..] | [b'\r', b'\n', ..] | []) {
                    decoded.extend_from_slice(blanks);
                }
                next
            }
            _ => {
                decoded.push(*first);
                tail
            }
        };
    }
    decoded
}

/// What follows a line's end that is none in the content.
fn after_soft_break(after: &[u8]) -> Option<&[u8]> {
    let blank = after
        .iter()
        .take_while(|octet| matches!(octet, b' ' | b'\t'))
        .count();
    match &after[blank..] {
        [b'\r', b'\n', next @ ..] | [b'\n', next @ ..] => Some(next),
        [] => Some(&[]),
        _ => None,
    }
}

pub(crate) fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// A file in uuencode, as it stood in a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Uuencoded {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    /// How many octets it took, from `begin` to the end of the line with `end`.
    length: usize,
}

/// The first file of a part that is uuencode by its own word; it may be cut off.
pub(crate) fn uuencoded(octets: &[u8]) -> Option<Uuencoded> {
    let start = begins(octets).next()?;
    uuencode_at(&octets[start..], false)
}

/// The files in uuencode that stand in a text, and the text without them. Only those that are whole.
pub(crate) fn take_uuencoded(text: &[u8]) -> Option<(Vec<u8>, Vec<Uuencoded>)> {
    let (mut rest, mut files) = (Vec::new(), Vec::new());
    let mut done = 0;
    for start in begins(text) {
        if start < done {
            continue;
        }
        if let Some(file) = uuencode_at(&text[start..], true) {
            rest.extend_from_slice(&text[done..start]);
            done = start + file.length;
            files.push(file);
        }
    }
    rest.extend_from_slice(&text[done..]);
    (!files.is_empty()).then_some((rest, files))
}

/// Where lines begin with `begin 644 name`.
fn begins(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut start = 0;
    text.split_inclusive(|octet| *octet == b'\n')
        .filter_map(move |line| {
            let place = start;
            start += line.len();
            name_in_begin(line).map(|_| place)
        })
}

fn name_in_begin(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?.trim_ascii_end();
    let digits = rest
        .iter()
        .take_while(|octet| matches!(octet, b'0'..=b'7'))
        .count();
    let name = rest.get(digits..)?.strip_prefix(b" ")?.trim_ascii();
    (matches!(digits, 3 | 4) && !name.is_empty()).then_some(name)
}

/// The file whose `begin` is the first line. If it must be whole, each line has to be as long as it says, and `end` has
/// to be there: a text may say `begin 100 metres further on`. Reading stops at the first line that is wrong, so that many
/// a `begin` costs no more than the lines between them.
fn uuencode_at(text: &[u8], must_be_whole: bool) -> Option<Uuencoded> {
    let mut lines = text.split_inclusive(|octet| *octet == b'\n');
    let begin = lines.next()?;
    let name = name_in_begin(begin)?.to_vec();
    let (mut content, mut length) = (Vec::new(), begin.len());
    let mut is_whole = false;
    for line in lines {
        length += line.len();
        let letters = line.strip_suffix(b"\n").unwrap_or(line);
        let letters = letters.strip_suffix(b"\r").unwrap_or(letters);
        if letters.trim_ascii_end() == b"end" {
            is_whole = true;
            break;
        }
        if !uudecode_line(letters, &mut content) {
            if must_be_whole {
                return None;
            }
            break;
        }
    }
    let file = Uuencoded {
        name,
        content,
        length,
    };
    (is_whole || !must_be_whole).then_some(file)
}

/// Adds what a line of uuencode says; false if it is none.
fn uudecode_line(line: &[u8], content: &mut Vec<u8>) -> bool {
    let Some((count, letters)) = line.split_first() else {
        return true;
    };
    let value = |letter: &u8| matches!(letter, b' '..=b'`').then(|| (letter - b' ') & 63);
    let Some(count) = value(count).map(usize::from) else {
        return false;
    };
    // Spaces at the end of a line are lost on the way, and some programs write one letter more, as a sum.
    let needed = (count * 4).div_ceil(3);
    let most = count.div_ceil(3) * 4 + 2;
    if letters.len() > most || !letters.iter().all(|letter| value(letter).is_some()) {
        return false;
    }
    let mut sextets = Sextets::default();
    let values = letters.iter().filter_map(value).chain(std::iter::repeat(0));
    values.take(needed).for_each(|value| sextets.push(value));
    sextets.octets.truncate(count);
    content.append(&mut sextets.octets);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> String {
        let octets = base64(text.as_bytes()).expect("base64");
        String::from_utf8_lossy(&octets).into_owned()
    }

    #[test]
    fn base64_is_decoded_as_it_comes() {
        for (text, content) in [
            ("YWJjZA==", "abcd"),
            ("YWJjZA", "abcd"),
            ("YWJjZGU", "abcde"),
            ("YWJj\r\nZGVm\r\n", "abcdef"),
            ("YWJj\r\n\r\nZGVm\r\n", "abcdef"),
            ("YW!J*j\nZG-Vm", "abcdef"),
            ("YWJj ZGVm", "abcdef"),
            ("  YWJj", "abc"),
            ("YWJjZA==YWJjZA==", "abcdabcd"),
            ("YWJjZA==\nYWJjZA==", "abcdabcd"),
            // Programs that write `\r\r\n` make every other line empty.
            ("YWJjZGVm\r\n\r\nYWJjZGVm\r\n\r\nWA==\r\n", "abcdefabcdefX"),
            ("YWJjZGVm\n\nYWJjZGVm\n\nYWJj\n", "abcdefabcdefabc"),
            ("YWJjZGVm\n\nWA==\n\nAnna\n", "abcdefX"),
            ("YWJjZ", "abc"),
            ("", ""),
        ] {
            assert_eq!(decoded(text), content, "{text:?}");
        }
    }

    #[test]
    fn what_others_put_below_is_no_part_of_it() {
        for footer in [
            "-- \nlist footer",
            "____________\nlist",
            "This is a footer",
            "footer",
            "-- \nYWJj",
        ] {
            assert_eq!(
                decoded(&format!("YWJj\nZGVm\n\n{footer}")),
                "abcdef",
                "{footer}"
            );
            assert_eq!(decoded(&format!("YWJjZA==\n{footer}")), "abcd", "{footer}");
        }
    }

    #[test]
    fn prose_is_no_base64() {
        assert_eq!(base64(b"Hello, this is no base64 at all."), None);
        assert_eq!(Encoding::Base64.decode(b"Hello you"), &b"Hello you"[..]);
    }

    #[test]
    fn quoted_printable_is_decoded_as_it_comes() {
        for (text, content) in [
            ("a=3Db", "a=b"),
            ("a=3db", "a=b"),
            ("a=\r\nb=\nc", "abc"),
            ("a=  \r\nb", "ab"),
            ("a  \r\nb", "a\r\nb"),
            ("a b", "a b"),
            ("1=1, =ZZ =", "1=1, =ZZ "),
        ] {
            let octets = quoted_printable(text.as_bytes(), false);
            assert_eq!(String::from_utf8_lossy(&octets), content, "{text:?}");
        }
        assert_eq!(quoted_printable(b"a_b=5F", true), b"a b_");
    }

    #[test]
    fn encodings_are_known_by_any_spelling() {
        for (value, encoding) in [
            ("BASE64", Encoding::Base64),
            ("base64 (a comment)", Encoding::Base64),
            ("\"base64\";", Encoding::Base64),
            ("X-UUencode", Encoding::Uuencode),
            ("Quoted-Printable", Encoding::QuotedPrintable),
            ("8bit", Encoding::None),
            ("nonsense", Encoding::None),
        ] {
            assert_eq!(Encoding::of(value), encoding, "{value}");
        }
    }

    #[test]
    fn files_in_a_text_are_found_if_they_are_whole() {
        let text = b"before\r\nbegin 644 a.bin\r\n#86)C\r\n`\r\nend\r\nafter\r\n";
        let (rest, files) = take_uuencoded(text).expect("a file");
        assert_eq!(rest, b"before\r\nafter\r\n");
        assert_eq!(
            (&*files[0].name, &*files[0].content),
            (&b"a.bin"[..], &b"abc"[..])
        );
        for text in [
            "begin 100 metres further on\n\nWe saw it.\n",
            "begin 644 a\n#86)C\n",
            "begin  644 a\nend",
        ] {
            assert_eq!(take_uuencoded(text.as_bytes()), None, "{text}");
        }
        // By its own word it may be cut off.
        let file = uuencoded(b"begin 644 a\n#86)C\n").expect("a file");
        assert_eq!(file.content, b"abc");
    }
}
