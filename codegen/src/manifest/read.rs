//! Reading the text of a file: up to a limit, and only if it is text.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::LoadError;
use crate::diag::{Code, Diagnostic, Errors, Report, Source};

/// Larger files are not read: nobody writes a manifest or definitions of a megabyte, and some files have no end.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// Reads a file in TOML's encoding. It may have at most a mebibyte.
///
/// # Errors
///
/// That there is nothing to read, or too much, or that it is not UTF-8.
pub fn read(file: &Path, shown: &str) -> Result<Source, LoadError> {
    let bytes = bytes(file).map_err(|error| LoadError::Unreadable {
        shown: shown.into(),
        error,
    })?;
    decode(shown, bytes).map_err(LoadError::Wrong)
}

/// The same for a file that somebody else named: it must not be a device, a pipe or a folder.
pub(super) fn read_regular(file: &Path, shown: &str) -> Result<Source, LoadError> {
    // Before it is opened: opening a pipe waits for somebody to write to it.
    match file.metadata() {
        Ok(found) if !found.is_file() => Err(LoadError::Unreadable {
            shown: shown.into(),
            error: io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"),
        }),
        _ => read(file, shown),
    }
}

fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than 1 MiB",
        ));
    }
    Ok(bytes)
}

/// TOML is UTF-8. A file that isn't gets its caret too.
fn decode(shown: &str, bytes: Vec<u8>) -> Result<Source, Report> {
    if let Some(text) = utf_16(&bytes) {
        let source = Source::new(shown, text);
        let message = "the file is UTF-16, and TOML is UTF-8";
        let mistake = Diagnostic::new(Code::TomlSyntax, &source, 0..0, message);
        return Err(alone(mistake.help(
            "save it as UTF-8 text: editors have that under “Save as”, or “Encoding”",
        )));
    }
    String::from_utf8(bytes)
        .map(|text| Source::new(shown, text))
        .map_err(|error| {
            // Up to the first wrong byte the readable version is the file, byte for byte.
            let wrong = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[wrong];
            let source = Source::new(shown, String::from_utf8_lossy(error.as_bytes()));
            let mistake = Diagnostic::new(
                Code::TomlSyntax,
                &source,
                wrong..wrong + 1,
                "the file is not UTF-8",
            );
            alone(mistake.help(match byte {
                0xA0.. => format!(
                    "save it as UTF-8 text: here is the byte 0x{byte:X}, `{}` in Windows' code page 1252",
                    char::from(byte)
                ),
                _ => "save it as UTF-8 text".into(),
            }))
        })
}

/// The text of a file that says by its first bytes, or by a zero in each of its first characters, that it is UTF-16.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let (text, little) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        [1..=0xFF, 0, 1..=0xFF, 0, ..] => (bytes, true),
        [0, 1..=0xFF, 0, 1..=0xFF, ..] => (bytes, false),
        _ => return None,
    };
    let (pairs, _) = text.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match little {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    };
    let units: Vec<u16> = pairs.iter().map(unit).collect();
    Some(String::from_utf16_lossy(&units))
}

fn alone(mistake: Diagnostic) -> Report {
    let errors = Errors::new();
    errors.push(mistake);
    errors.into_report()
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn said(bytes: &[u8]) -> String {
        let report = decode("a.toml", bytes.to_vec()).expect_err("not UTF-8");
        report.to_string()
    }

    #[test]
    fn what_is_not_utf8_has_a_caret() {
        let text = said(b"a = 1\nb = '\xFC'\n");
        assert!(
            text.contains("error[toml-syntax]: the file is not UTF-8\n --> a.toml:2:6"),
            "{text}"
        );
        assert!(text.contains("0xFC, `ü`"), "{text}");
    }

    #[test]
    fn utf_16_is_known_by_its_mark_or_its_zeros() {
        for bytes in [
            &b"\xFF\xFEa\0 \0"[..],
            b"\xFE\xFF\0a\0 ",
            b"a\0 \0=\0",
            b"\0a\0 \0=",
        ] {
            let text = said(bytes);
            assert!(
                text.contains("the file is UTF-16") && text.contains("1 | a"),
                "{text}"
            );
        }
    }
}
