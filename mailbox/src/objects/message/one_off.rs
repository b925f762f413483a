//! Entry IDs of recipients that no address book has: they say by themselves who it is.

use mapi_provider_abi::mapi::{GUID, MAPI_ONE_OFF_UID, OneOffFlags};
use mapi_provider_abi::view::{MapiStr, PropValue};

/// Who it is.
#[derive(Debug, PartialEq)]
pub(super) struct Address {
    pub(super) name: PropValue<'static>,
    pub(super) address_type: PropValue<'static>,
    pub(super) address: PropValue<'static>,
}

impl Address {
    /// What an entry ID says; none where it is none of these, or malformed.
    pub(super) fn of(entry_id: &[u8]) -> Option<Self> {
        // Flags, MAPI's UID, version 0, flags, then three strings with their terminators.
        let (_, rest) = entry_id.split_first_chunk::<4>()?;
        let (uid, rest) = rest.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<2>()?;
        let (flags, rest) = rest.split_first_chunk::<2>()?;
        if *uid != uid_bytes(MAPI_ONE_OFF_UID) || *version != [0; 2] {
            return None;
        }
        let flags = OneOffFlags::from_bits_retain(u16::from_le_bytes(*flags).into());
        let read = if flags.contains(OneOffFlags::UNICODE) {
            wide
        } else {
            narrow
        };
        let (name, rest) = read(rest)?;
        let (address_type, rest) = read(rest)?;
        let (address, _) = read(rest)?;
        Some(Self {
            name,
            address_type,
            address,
        })
    }
}

/// A string with its terminator, and what follows.
fn wide(bytes: &[u8]) -> Option<(PropValue<'static>, &[u8])> {
    let (units, _) = bytes.as_chunks::<2>();
    let length = units.iter().position(|unit| *unit == [0; 2])?;
    let text = units[..length].iter().copied().map(u16::from_le_bytes);
    Some((
        PropValue::Unicode(text.collect()),
        &bytes[(length + 1) * 2..],
    ))
}

fn narrow(bytes: &[u8]) -> Option<(PropValue<'static>, &[u8])> {
    let length = bytes.iter().position(|byte| *byte == 0)?;
    let text = MapiStr::Ansi(bytes[..length].into()).to_string_lossy();
    Some((PropValue::from(&*text).into_owned(), &bytes[length + 1..]))
}

/// A GUID as it lies in memory.
fn uid_bytes(uid: GUID) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&uid.data1.to_le_bytes());
    bytes[4..6].copy_from_slice(&uid.data2.to_le_bytes());
    bytes[6..8].copy_from_slice(&uid.data3.to_le_bytes());
    bytes[8..].copy_from_slice(&uid.data4);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry_id(flags: u16, strings: &[u8]) -> Vec<u8> {
        let head = [&[0; 4][..], &uid_bytes(MAPI_ONE_OFF_UID), &[0, 0]].concat();
        [&head[..], &flags.to_le_bytes(), strings].concat()
    }

    #[test]
    fn an_entry_id_says_who_it_is_in_both_widths() {
        let expected = Some(Address {
            name: "Ann".into(),
            address_type: "SMTP".into(),
            address: "a@b".into(),
        });
        let narrow = b"Ann\0SMTP\0a@b\0";
        assert_eq!(Address::of(&entry_id(0, narrow)), expected);
        let wide: Vec<u8> = narrow.iter().flat_map(|byte| [*byte, 0]).collect();
        assert_eq!(Address::of(&entry_id(0x9000, &wide)), expected);
    }

    #[test]
    fn what_is_cut_or_something_else_says_nothing() {
        let whole = entry_id(0, b"Ann\0SMTP\0a@b\0");
        for length in 0..whole.len() {
            assert_eq!(Address::of(&whole[..length]), None, "{length} bytes");
        }
        let mut other = whole;
        other[5] ^= 1;
        assert_eq!(Address::of(&other), None);
        assert_eq!(Address::of(&entry_id(0x8000, b"A\0nn")), None);
    }
}
