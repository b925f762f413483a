//! SHA-256 of what a property has. It is read piece by piece, however long it is.

use std::io::{self, BufReader, Read};
use std::iter;

use mapi_provider::abi::PropTag;
use mapi_provider::store::Properties;
use sha2::{Digest, Sha256};

use super::find::digits;

/// How many bytes are asked for at a time.
const PIECE: usize = 64 * 1024;

/// That of a binary property; none where there is no such property.
pub(super) fn of_octets(owner: &Properties, tag: PropTag) -> io::Result<Option<String>> {
    match owner.reader(tag) {
        Ok(stream) => octets(stream).map(Some),
        // What has no stream may have the value: a store need not have streams of what is short.
        Err(_) => {
            let value = owner.binary(tag)?;
            Ok(value.map(|bytes| digits(&Sha256::digest(bytes))))
        }
    }
}

/// That of a text as UTF-8, for a tag of type `PT_UNICODE`; none where there is no such property.
pub(super) fn of_text(owner: &Properties, tag: PropTag) -> io::Result<Option<String>> {
    match owner.reader(tag) {
        Ok(stream) => text(stream).map(Some),
        Err(_) => {
            // As above.
            let value = owner.text(tag)?;
            Ok(value.map(|text| digits(&Sha256::digest(text))))
        }
    }
}

fn octets(mut stream: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(digits(&hash.finalize()));
        }
        hash.update(piece.get(..count).unwrap_or_default());
    }
}

/// Of UTF-16. What is no character in it counts as U+FFFD, as it does where the text is read as a whole.
fn text(stream: impl Read) -> io::Result<String> {
    let mut failed = None;
    let mut bytes = BufReader::with_capacity(PIECE, stream).bytes();
    let mut next = || match bytes.next()? {
        Ok(byte) => Some(byte),
        Err(error) => {
            failed = Some(error);
            None
        }
    };
    let units = iter::from_fn(|| Some(u16::from_le_bytes([next()?, next()?])));
    let mut hash = Sha256::new();
    for character in char::decode_utf16(without_end(units)) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        hash.update(character.encode_utf8(&mut [0; 4]));
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(digits(&hash.finalize())),
    }
}

/// The units of a text. Some stores write a terminator, which is no part of it.
fn without_end(units: impl Iterator<Item = u16>) -> impl Iterator<Item = u16> {
    let mut units = units.peekable();
    iter::from_fn(move || {
        let unit = units.next()?;
        (unit != 0 || units.peek().is_some()).then_some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// Bytes that come in pieces of this size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(into.len());
            self.0.read(into.get_mut(..count).unwrap_or_default())
        }
    }

    /// A stream that breaks off after these bytes.
    struct Broken<'a>(&'a [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(io::Error::other("broken")),
                count => Ok(count),
            }
        }
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn octets_are_hashed_however_they_come() {
        for piece in [1, 2, PIECE] {
            assert_eq!(octets(Pieces(b"", piece)).expect("read"), OF_NOTHING);
            assert_eq!(octets(Pieces(b"abc", piece)).expect("read"), OF_ABC);
        }
        // FIPS 180-2, B.3.
        let million = octets(io::repeat(b'a').take(1_000_000));
        assert_eq!(
            million.expect("read"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }

    #[test]
    fn texts_are_hashed_as_utf_8() {
        for words in ["", "abc", "Caf\u{E9} \u{1F980}\r\n", "a\0b"] {
            let expected = digits(&Sha256::digest(words));
            for piece in [1, 3, PIECE] {
                let bytes = utf16(words);
                assert_eq!(text(Pieces(&bytes, piece)).expect("read"), expected);
                let ended = [bytes.as_slice(), &[0, 0]].concat();
                assert_eq!(text(Pieces(&ended, piece)).expect("read"), expected);
            }
        }
        // Half a character, in the middle and at the end.
        let bytes = [0x00, 0xD8, b'a', 0, 0x00, 0xD8];
        let expected = digits(&Sha256::digest("\u{FFFD}a\u{FFFD}"));
        assert_eq!(text(&bytes[..]).expect("read"), expected);
    }

    #[test]
    fn what_breaks_off_has_no_digest() {
        assert!(octets(Broken(b"abc")).is_err());
        for bytes in [&b""[..], b"a", b"a\0", b"\0\0", b"\0\xD8"] {
            assert!(text(Broken(bytes)).is_err(), "{bytes:?}");
        }
    }
}
