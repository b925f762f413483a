//! What is read of a message's header.

use maildir32::header::{field, read};

fn subject(text: &str) -> String {
    field(format!("Subject: {text}\r\n\r\n").as_bytes(), "Subject").expect("there is one")
}

#[test]
fn encoded_words_are_decoded() {
    assert_eq!(
        subject("=?UTF-8?Q?Gr=C3=BC=C3=9Fe_an?= =?utf-8?B?YWxsZQ==?= (2)"),
        "Grüße analle (2)"
    );
    assert_eq!(
        subject("=?iso-8859-1?q?caf=E9?= and =?iso-8859-1*fr?q?th=E9?="),
        "café and thé"
    );
}

#[test]
fn what_can_not_be_decoded_stays() {
    for text in [
        "=?",
        "=?utf-8?Q?",
        "=?klingon?Q?a?=",
        "=?utf-8?X?a?=",
        "=?utf-8?B?#?=",
        "a =? b ?= c",
    ] {
        assert_eq!(subject(text), text);
    }
    assert_eq!(subject("=?utf-8?Q?50=?= =?utf-8?Q?=zz=4?="), "50==zz=4");
}

#[test]
fn a_terminal_has_nothing_to_obey() {
    assert_eq!(subject("=?utf-8?Q?a=1B[31mred=0A?="), "a [31mred ");
}

#[test]
fn fields_are_unfolded_and_found_whatever_their_case() {
    let header =
        b"From: a@example.org\r\nsubject: one\r\n\ttwo\r\n three\r\nSubject: later\r\n\r\n";
    assert_eq!(field(header, "Subject").as_deref(), Some("one two three"));
    assert_eq!(field(header, "From").as_deref(), Some("a@example.org"));
    assert_eq!(field(header, "Date"), None);
}

#[test]
fn the_header_ends_with_the_first_empty_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = |text: &str| {
        let path = folder.path().join("message");
        std::fs::write(&path, text).expect("writable");
        String::from_utf8(read(&path).expect("readable")).expect("text")
    };
    assert_eq!(
        header("A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n"),
        "A: 1\r\nB: 2\r\n\r\n"
    );
    assert_eq!(header("A: 1\n\nbody\n"), "A: 1\n\n");
    assert_eq!(header("A: 1"), "A: 1");
}
