//! Charsets that switch between alphabets within the text, and that the Encoding Standard has given up.

/// Whether text without any name is Japanese, as it was sent before there were names.
pub(super) fn is_japanese(bytes: &[u8]) -> bool {
    const DOUBLE: [&[u8]; 2] = [b"\x1B$B", b"\x1B$@"];
    bytes.is_ascii() && bytes.windows(3).any(|three| DOUBLE.contains(&three))
}

/// ISO-2022-KR: what lies between SO and SI is KS X 1001, which is EUC-KR with the high bits cleared.
pub(super) fn korean(bytes: &[u8]) -> String {
    encoding_rs::EUC_KR
        .decode_without_bom_handling(&shifted(bytes))
        .0
        .into_owned()
}

/// ISO-2022-CN, as far as it is GB 2312.
pub(super) fn chinese(bytes: &[u8]) -> String {
    encoding_rs::GBK
        .decode_without_bom_handling(&shifted(bytes))
        .0
        .into_owned()
}

/// HZ (RFC 1843): GB 2312 between `~{` and `~}`.
pub(super) fn hz(bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut is_double = false;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        (is_double, rest) = match rest {
            [b'~', b'{', tail @ ..] => (true, tail),
            [b'~', b'}', tail @ ..] => (false, tail),
            [b'~', b'~', tail @ ..] if !is_double => {
                plain.push(b'~');
                (false, tail)
            }
            // A line that goes on.
            [b'~', b'\n', tail @ ..] if !is_double => (false, tail),
            // Each line begins in ASCII.
            [b'\n', tail @ ..] => {
                plain.push(b'\n');
                (false, tail)
            }
            _ => {
                plain.push(raised(*first, is_double));
                (is_double, tail)
            }
        };
    }
    encoding_rs::GBK
        .decode_without_bom_handling(&plain)
        .0
        .into_owned()
}

/// The text with the high bit set between SO and SI, and without escapes, which only say what is known.
fn shifted(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut is_shifted = false;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [0x1B, b'$', b')' | b'*', _, tail @ ..] => tail,
            [0x0E, tail @ ..] => {
                is_shifted = true;
                tail
            }
            [0x0F, tail @ ..] => {
                is_shifted = false;
                tail
            }
            _ => {
                // Each line begins in ASCII.
                is_shifted &= *first != b'\n';
                plain.push(raised(*first, is_shifted));
                tail
            }
        };
    }
    plain
}

fn raised(byte: u8, is_double: bool) -> u8 {
    if is_double && byte > b' ' {
        byte | 0x80
    } else {
        byte
    }
}
