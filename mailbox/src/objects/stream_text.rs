//! Large texts in the other width, piece by piece: streams have either, the store keeps UTF-16.

use mapi_provider_abi::view::MapiStr;

use super::stream_bytes::PIECE;
use crate::database::{LargeValue, Result, StagedBlob, Store};

/// The longest character of any ANSI code page, in bytes, twice: so much of a text tells where its characters begin.
const TAIL: usize = 8;

/// A text of the store in the ANSI code page.
///
/// # Errors
///
/// The store can't be read or written.
pub(super) fn narrowed(store: &Store, text: &LargeValue) -> Result<StagedBlob> {
    let mut narrow = store.new_blob()?;
    let mut piece = vec![0; PIECE];
    let (mut from, mut to) = (0, 0);
    loop {
        let count = store.read_blob(text, from, &mut piece)?;
        let pairs = piece[..count].chunks_exact(2);
        let mut units: Vec<u16> = pairs
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let is_end = count < piece.len();
        // The other half of the last character is in the next piece.
        let is_half = units
            .last()
            .is_some_and(|unit| (0xD800..0xDC00).contains(unit));
        if is_half && !is_end {
            units.pop();
        }
        from += 2 * units.len() as u64;
        let bytes = ansi(&String::from_utf16_lossy(&units));
        narrow.write_at(to, &bytes)?;
        to += bytes.len() as u64;
        if is_end {
            return Ok(narrow);
        }
    }
}

/// A text in the ANSI code page as the store keeps it. It ends at a NUL.
///
/// # Errors
///
/// The store can't be read or written.
pub(super) fn widened(store: &Store, text: &mut StagedBlob) -> Result<StagedBlob> {
    let mut wide = store.new_blob()?;
    let mut piece = vec![0; PIECE];
    let (mut from, mut to) = (0, 0);
    loop {
        let count = text.read_at(from, &mut piece)?;
        let found = &piece[..count];
        let nul = found.iter().position(|byte| *byte == 0);
        let is_end = count < piece.len() || nul.is_some();
        let part = match nul {
            Some(end) => &found[..end],
            None if is_end => found,
            None => &found[..boundary(found)],
        };
        from += part.len() as u64;
        let unicode = unicode(part);
        let units = unicode.encode_utf16();
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        wide.write_at(to, &bytes)?;
        to += bytes.len() as u64;
        if is_end {
            return Ok(wide);
        }
    }
}

/// Takes the NULs off a text's end.
///
/// # Errors
///
/// The store can't be read or written.
pub(super) fn end(text: &mut StagedBlob) -> Result<()> {
    let size = text.size() & !1;
    let from = size.saturating_sub(PIECE as u64);
    let mut last = vec![0; (size - from) as usize];
    text.read_at(from, &mut last)?;
    let is_nul = |pair: &&[u8]| **pair == [0, 0];
    let nuls = last.rchunks_exact(2).take_while(is_nul).count() as u64;
    if nuls > 0 {
        text.set_size(size - 2 * nuls)?;
    }
    Ok(())
}

/// Where a text in the ANSI code page can be cut, near its end: what is before and what is after mean the same then as
/// both together.
fn boundary(text: &[u8]) -> usize {
    let whole = unicode(text);
    let last = text.len().saturating_sub(TAIL);
    let is_between = |cut: &usize| unicode(&text[..*cut]) + &unicode(&text[*cut..]) == whole;
    let cuts = last.saturating_sub(TAIL / 2)..=last;
    // What is malformed everywhere is as good at one place as at another.
    cuts.rev().find(is_between).unwrap_or(last)
}

fn ansi(text: &str) -> Vec<u8> {
    match MapiStr::ansi(text) {
        MapiStr::Ansi(bytes) => bytes.into_owned(),
        MapiStr::Wide(_) => Vec::new(),
    }
}

fn unicode(text: &[u8]) -> String {
    MapiStr::Ansi(text.into()).to_string_lossy()
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::PT_UNICODE;

    use crate::database::{Options, Property};

    use super::*;

    fn staged(store: &Store, bytes: &[u8]) -> StagedBlob {
        let mut staged = store.new_blob().expect("new");
        staged.write_at(0, bytes).expect("written");
        staged
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn all(staged: &mut StagedBlob) -> Vec<u8> {
        let mut bytes = vec![0; staged.size() as usize];
        assert_eq!(staged.read_at(0, &mut bytes).expect("read"), bytes.len());
        bytes
    }

    #[test]
    fn store_30_a_large_text_has_both_widths() {
        let store = Store::in_memory(Options::new()).expect("memory");
        // The piece ends between the halves of a character.
        let text = format!("x{}\u{1F600}ü", "ö".repeat(PIECE / 2 - 2)).repeat(3);
        let property = staged(&store, &utf16(&text)).property(PT_UNICODE);
        let Ok(Property::Large(large)) = property else {
            panic!("it lies apart");
        };
        let mut narrow = narrowed(&store, &large).expect("narrowed");
        assert_eq!(all(&mut narrow), ansi(&text));
        let mut wide = widened(&store, &mut narrow).expect("widened");
        assert_eq!(all(&mut wide), utf16(&unicode(&ansi(&text))));
    }

    #[test]
    fn store_30_a_text_has_no_terminator() {
        let store = Store::in_memory(Options::new()).expect("memory");
        let text = "a".repeat(PIECE);
        let mut wide = staged(&store, &utf16(&format!("{text}\0\0")));
        end(&mut wide).expect("cut");
        assert_eq!(all(&mut wide), utf16(&text));
        let mut narrow = staged(&store, format!("{text}b\0c").as_bytes());
        let mut wide = widened(&store, &mut narrow).expect("widened");
        assert_eq!(all(&mut wide), utf16(&format!("{text}b")));
    }

    #[test]
    fn a_text_is_cut_near_its_end() {
        let text = vec![b'a'; 100];
        assert_eq!(boundary(&text), 100 - TAIL);
        assert_eq!(boundary(b"ab"), 0);
    }
}
