//! The compression of rich text: \[MS-OXRTFCP\].

/// What every text may refer to from its beginning.
const KNOWN: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\
\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// How far back a text can refer.
const WINDOW: usize = 4096;

const COMPRESSED: &[u8] = b"LZFu";
const STORED: &[u8] = b"MELA";

/// The text; `None` if it is damaged. It has at most nine times as many bytes.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (header, rest) = packed.split_at_checked(16)?;
    let number = |place: usize| {
        let four = header.get(place..place + 4)?;
        usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
    };
    let (packed_size, size) = (number(0)?, number(4)?);
    // The first number counts what follows it.
    let rest = &rest[..packed_size.saturating_sub(12).min(rest.len())];
    match &header[8..12] {
        STORED => rest.get(..size).map(<[u8]>::to_vec),
        COMPRESSED => inflate(rest, size),
        _ => None,
    }
}

fn inflate(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut text = KNOWN.to_vec();
    let mut octets = packed.iter().copied();
    'all: while let Some(control) = octets.next() {
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                match octets.next() {
                    Some(octet) => text.push(octet),
                    None => break 'all,
                }
                continue;
            }
            let (Some(high), Some(low)) = (octets.next(), octets.next()) else {
                break 'all;
            };
            let reference = usize::from(u16::from_be_bytes([high, low]));
            let (place, length) = (reference >> 4, (reference & 0xF) + 2);
            let now = text.len() % WINDOW;
            if place == now {
                return Some(text.split_off(KNOWN.len()));
            }
            // The place is one of the window that ends here, and may reach into what it makes.
            let back = (now + WINDOW - place) % WINDOW;
            let from = text.len().checked_sub(back)?;
            for place in from..from + length {
                text.push(*text.get(place)?);
            }
        }
    }
    // It has no end, but all that it says it has.
    let text = text.split_off(KNOWN.len());
    (text.len() >= size).then_some(text)
}

#[cfg(test)]
pub(super) fn stored(text: &[u8]) -> Vec<u8> {
    let size = u32::try_from(text.len()).expect("short");
    let mut packed = (size + 12).to_le_bytes().to_vec();
    packed.extend(size.to_le_bytes());
    packed.extend(STORED);
    packed.extend([0; 4]);
    packed.extend(text);
    packed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of the specification.
    #[test]
    fn texts_are_read_as_specified() {
        let hello = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        let text = &b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"[..];
        assert_eq!(unpack(&hello).as_deref(), Some(text));
        let overlapping = [
            0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0,
            0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
        ];
        let text = &b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"[..];
        assert_eq!(unpack(&overlapping).as_deref(), Some(text));
        assert_eq!(unpack(&overlapping[..25]), None, "cut off");
        assert_eq!(unpack(&overlapping[..10]), None);
        assert_eq!(
            unpack(&stored(b"{\\rtf1}")).as_deref(),
            Some(&b"{\\rtf1}"[..])
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_not_much_longer(content: Vec<u8>, size: u8) {
            let mut packed = stored(&content);
            packed[4] = size;
            packed[8..12].copy_from_slice(COMPRESSED);
            let text = unpack(&packed).unwrap_or_default();
            prop_assert!(text.len() <= 9 * content.len());
        }
    }
}
