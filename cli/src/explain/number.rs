//! Status codes as people meet them: in logs, debuggers and message boxes, each of which writes them
//! differently.

/// The bits of a status code that is written as a number.
///
/// `0x80040113` and `80040113`, because so many digits are hexadecimal; `2147746067` and `-2147221229`.
pub(super) fn parse(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return hexadecimal(digits);
    }
    if text.len() == 8 {
        return hexadecimal(text);
    }
    if text.starts_with('-') {
        return text.parse().ok().map(i32::cast_unsigned);
    }
    // `+5` parses too, but nobody writes it.
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let right = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    right
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The Windows error inside an `HRESULT`.
pub(super) fn windows_error(bits: u32) -> Option<u32> {
    (bits >> 16 == 0x8007).then_some(bits & 0xFFFF)
}

#[cfg(test)]
mod tests {
    use super::{parse, windows_error};

    #[test]
    fn one_code_is_written_in_many_ways() {
        for text in [
            "0x80040113",
            "0X80040113",
            "80040113",
            "2147746067",
            "-2147221229",
        ] {
            assert_eq!(parse(text), Some(0x8004_0113), "{text}");
        }
        assert_eq!(parse("8004010f"), Some(0x8004_010F));
        assert_eq!(parse("0x0"), Some(0));
        assert_eq!(parse("1"), Some(1));
    }

    #[test]
    fn what_is_no_number_of_32_bits_is_none() {
        for text in [
            "",
            "0x",
            "0x180040113",
            "0x+1",
            "+5",
            "-",
            "4294967296",
            "-2147483649",
            "8004011g",
            "80040é1",
            "unknown-key",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn errors_of_windows_are_recognised() {
        assert_eq!(windows_error(0x8007_0020), Some(32));
        assert_eq!(windows_error(0x8004_0113), None);
    }
}
