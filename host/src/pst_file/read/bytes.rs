//! Numbers in bytes, least significant byte first.

use super::{Result, damaged};

/// That many bytes from there.
pub(super) fn part(bytes: &[u8], at: usize, length: usize) -> Result<&[u8]> {
    at.checked_add(length)
        .and_then(|end| bytes.get(at..end))
        .ok_or_else(|| damaged("something ends too early"))
}

pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    let mut array = [0; N];
    array.copy_from_slice(part(bytes, at, N)?);
    Ok(array)
}

pub(super) fn u8_at(bytes: &[u8], at: usize) -> Result<u8> {
    array(bytes, at).map(|[byte]| byte)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// A number as wide as the file's format has them: 8 bytes, or 4 in the older one.
pub(super) fn word_at(bytes: &[u8], at: usize, word: usize) -> Result<u64> {
    if word == 8 {
        array(bytes, at).map(u64::from_le_bytes)
    } else {
        u32_at(bytes, at).map(u64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_an_error() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(u16_at(&bytes, 2).expect("there"), 0x0403);
        assert_eq!(word_at(&bytes, 0, 4).expect("there"), 0x0403_0201);
        assert!(word_at(&bytes, 0, 8).is_err());
        assert!(u16_at(&bytes, 3).is_err());
        assert!(part(&bytes, usize::MAX, 2).is_err());
    }
}
