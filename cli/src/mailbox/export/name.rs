//! Names for files and folders that Windows and Linux can have.

use mapi_provider::abi::{PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME, PR_SUBJECT_W};
use mapi_provider_host::untrusted::is_harmful;
use mapi_provider_mailbox::database::PropertySet;

use crate::date::iso;

/// Windows has paths of 260 UTF-16 units, in which several folders lie one in the other.
const LONGEST_UNITS: usize = 60;
/// Linux has names of 255 bytes; a number and an ending follow.
const LONGEST_BYTES: usize = 180;

/// What Windows takes for devices, with any ending.
const RESERVED: [&str; 8] = [
    "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM", "LPT",
];

/// The name of a message, without its ending: the day on which it was sent or delivered, and its subject.
pub(super) fn of_message(props: &PropertySet) -> String {
    let times = [PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME];
    let date = times
        .into_iter()
        .find_map(|tag| props.time(tag))
        .and_then(iso);
    let day = date
        .as_deref()
        .and_then(|date| date.get(..10))
        .unwrap_or_default();
    let subject = props.text(PR_SUBJECT_W).unwrap_or_default();
    let subject = match subject.trim() {
        "" => "no subject",
        subject => subject,
    };
    safe(format!("{day} {subject}").trim())
}

/// A name as both systems can have it, whatever it was.
pub(super) fn safe(name: &str) -> String {
    let letter = |letter: char| match letter {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
        letter if is_harmful(letter) => '_',
        letter => letter,
    };
    let mut safe = String::new();
    let mut units = 0;
    for letter in name.trim().chars().map(letter) {
        units += letter.len_utf16();
        if units > LONGEST_UNITS || safe.len() + letter.len_utf8() > LONGEST_BYTES {
            break;
        }
        safe.push(letter);
    }
    // Windows drops them.
    safe.truncate(safe.trim_end_matches([' ', '.']).len());
    // Linux hides what begins with a dot.
    if safe.is_empty() || safe.starts_with('.') || is_reserved(&safe) {
        safe.insert(0, '_');
    }
    safe
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_uppercase();
    RESERVED
        .iter()
        .any(|device| match stem.strip_prefix(device) {
            Some("") => !matches!(*device, "COM" | "LPT"),
            Some(number) => {
                let mut digits = number.chars();
                let is_digit = digits
                    .next()
                    .is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³'));
                matches!(*device, "COM" | "LPT") && is_digit && digits.next().is_none()
            }
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use mapi_provider::view::FileTime;

    use super::*;

    #[test]
    fn names_can_be_used_everywhere() {
        for (name, expected) in [
            ("Lunch on Friday", "Lunch on Friday"),
            ("Re: a/b\\c? <x> \"y\" | *", "Re_ a_b_c_ _x_ _y_ _ _"),
            ("..", "_"),
            (".profile", "_.profile"),
            ("end. . ", "end"),
            ("", "_"),
            ("a\r\nb\0", "a__b_"),
            ("invoice\u{202E}fdp", "invoice_fdp"),
            ("con", "_con"),
            ("Nul.txt", "_Nul.txt"),
            ("aux .x", "_aux .x"),
            ("com1", "_com1"),
            ("LPT³.a", "_LPT³.a"),
            ("com", "com"),
            ("com10", "com10"),
            ("console", "console"),
            ("conin$", "_conin$"),
            ("Übung 日本", "Übung 日本"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        for letter in ["x", "é", "日", "🎉"] {
            let name = safe(&letter.repeat(300));
            assert!(name.encode_utf16().count() <= LONGEST_UNITS && name.len() <= LONGEST_BYTES);
            assert!(name.encode_utf16().count() > 40, "{name}");
        }
    }

    #[test]
    fn messages_are_named_by_day_and_subject() {
        let mut props = PropertySet::default();
        assert_eq!(of_message(&props), "no subject");
        props.set_tag(PR_SUBJECT_W, "CON");
        assert_eq!(of_message(&props), "_CON");
        props.set_tag(
            PR_MESSAGE_DELIVERY_TIME,
            FileTime::from_ticks(134_172_583_640_000_000),
        );
        assert!(
            of_message(&props).ends_with(" CON"),
            "{}",
            of_message(&props)
        );
        assert_eq!(of_message(&props).len(), "2026-03-06 CON".len());
    }
}
