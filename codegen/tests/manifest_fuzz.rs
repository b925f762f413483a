//! Whatever is in the file: a provider or a report, never a panic.

#[path = "support/survival.rs"]
mod survival;

use mapi_provider_codegen::{diag::Source, manifest};
use proptest::prelude::*;
use survival::survive;

const VALID: &str = include_str!("manifests/full.toml");

const WRAPPED: &str = include_str!("manifests/wrapped.toml");

/// Pieces that mean something to some part of the reader.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\[\\]{}=,.\"'#\\n\\r\\t 0-9a-fx_-]{0,8}",
        Just("0x67F0".to_owned()),
        Just("\"\"".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("[[service.setting]]\n".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("\0".to_owned()),
        Just(r#""\u001B[31m\u0007\u009B""#.to_owned()),
        Just("nan".to_owned()),
        Just("\"\u{202E}\u{200B}\"".to_owned()),
        Just(r#""\u202E\b\x1B""#.to_owned()),
        Just("x\n".repeat(200)),
        Just("x = [\n".repeat(60)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        survive(&text);
    }

    #[test]
    fn a_valid_manifest_with_a_part_replaced(from in 0..VALID.len(), length in 0..40_usize, piece in piece()) {
        let start = VALID.floor_char_boundary(from);
        let end = VALID.ceil_char_boundary(from + length);
        survive(&format!("{}{piece}{}", &VALID[..start], &VALID[end..]));
    }

    #[test]
    fn a_valid_manifest_with_a_value_replaced(line in 0..VALID.lines().count(), piece in piece()) {
        let lines = VALID.lines().enumerate().map(|(index, text)| match text.split_once('=') {
            Some((key, _)) if index == line => format!("{key}= {piece}"),
            _ => text.to_owned(),
        });
        survive(&lines.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn a_string_replaced_by_another(index in 0..14_usize, text in "\\PC{0,40}", wrapped: bool) {
        let keys = ["kind", "name", "id", "uid", "logic", "overlap", "unload", "logoff-wait", "description", "type", "flags", "default", "cursor-tag", "path"];
        let key = keys[index];
        let valid = if wrapped { WRAPPED } else { VALID };
        let lines = valid.lines().map(|line| match line.split_once('=') {
            Some((this, _)) if this.trim() == key => format!("{key} = {text:?}"),
            _ => line.to_owned(),
        });
        survive(&lines.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn a_path_that_is_nearly_one(path in "([A-Za-z]:|%[A-Z_%]{0,3}|\\\\)[ab.:%? /\\\\]{0,12}") {
        survive(&WRAPPED.replace(r"%LOCALAPPDATA%\Contoso\mail.nst", &path));
    }
}

#[test]
fn line_ends_of_windows_are_as_good() {
    survive(VALID);
    let source = Source::new("provider.toml", VALID.replace('\n', "\r\n"));
    assert!(manifest::load(&source).is_ok());
}
