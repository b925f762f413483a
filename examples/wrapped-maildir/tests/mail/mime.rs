//! Internet mail in a real store: what comes in by `deliver` goes out by `to_mime`.

use mapi_provider::abi::{PR_HTML, PR_INTERNET_CPID, PR_SUBJECT_W, PT_UNICODE};
use mapi_provider::mime::Mail;
use mapi_provider::view::Property;

use crate::rig::{Place, Session};

/// Mail that goes wrong easily, which the tests of the conversion have.
fn cases() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../mime/tests/data/mail");
    let files = std::fs::read_dir(folder).expect("there");
    let mut cases: Vec<_> = files
        .map(|file| {
            let path = file.expect("a file").path();
            (
                path.display().to_string(),
                std::fs::read(&path).expect("readable"),
            )
        })
        .collect();
    cases.sort();
    assert!(cases.len() > 40);
    cases
}

#[test]
fn mail_that_nobody_edits_goes_back_byte_for_byte() {
    let place = Place::new();
    let session = place.open();
    let inbox = session.inbox();
    for (name, octets) in cases() {
        let id = inbox
            .deliver(&octets)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let message = inbox.open_message(&id).expect("it opens");
        assert!(!message.is_read().expect("readable"));
        let back = message.to_mime().expect("readable");
        assert!(back == octets, "{name}: {}", String::from_utf8_lossy(&back));
    }
    drop(inbox);
    session.close();
}

#[test]
fn large_files_go_back_byte_for_byte_and_are_kept_once() {
    let content: Vec<u8> = (0..400_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let mut mail = Mail {
        subject: "large".to_owned(),
        ..Mail::default()
    };
    mail.attachments.push(mapi_provider::mime::Attachment::file(
        "a.bin",
        "application/x-a",
        content,
    ));
    let octets = mail.to_octets().expect("not too large");
    let original = Mail::parse(&octets).expect("a message").original();
    assert!(original.len() < 2_000, "{}", original.len());
    let place = Place::new();
    let session = place.open();
    let inbox = session.inbox();
    let id = inbox.deliver(&octets).expect("delivered");
    let message = inbox.open_message(&id).expect("it opens");
    assert!(message.to_mime().expect("readable") == octets);
    drop((message, inbox));
    session.close();
}

#[test]
fn mail_that_was_edited_goes_out_as_it_is_now() {
    let octets = b"From: Ann <ann@example.org>\r\nReceived: by a\r\nSubject: old\r\n\r\ntext\r\n";
    let place = Place::new();
    let session = place.open();
    let inbox = session.inbox();
    let id = inbox.deliver(octets).expect("delivered");
    let message = inbox.open_message(&id).expect("it opens");
    message.set_subject("new").expect("set");
    message.save().expect("saved");
    let out = message.to_mime().expect("readable");
    let mail = Mail::parse(&out).expect("a message").into_mail();
    assert_eq!(mail.subject, "new");
    assert!(mail.headers.contains("Received: by a\r\n"));
    assert_eq!(mail.text.as_deref(), Some("text\r\n"));
    drop((message, inbox));
    session.close();
}

/// The HTML of what goes out, of a message with these properties.
fn html_out(session: &Session, properties: &[Property<'_>]) -> String {
    let message = session.inbox().create_message().expect("made");
    message.set(PR_SUBJECT_W, "html").expect("set");
    message.set_all(properties).expect("set");
    message.save().expect("saved");
    let out = message.to_mime().expect("readable");
    let mail = Mail::parse(&out).expect("a message").into_mail();
    mail.html.unwrap_or_default()
}

#[test]
fn html_goes_out_whatever_page_or_type_it_has() {
    let place = Place::new();
    let session = place.open();
    let japanese = [
        Property::new(PR_INTERNET_CPID, 50220),
        Property::new(PR_HTML, &b"<p>\x1B$BF|K\\\x1B(B</p>"[..]),
    ];
    assert!(html_out(&session, &japanese).contains("日本"));
    let string = [Property::new(PR_HTML.with_type(PT_UNICODE), "<p>Größe</p>")];
    assert!(html_out(&session, &string).contains("Größe"));
    session.close();
}

#[test]
fn what_is_empty_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let session = place.open();
    let inbox = session.inbox();
    assert!(inbox.deliver(b"\r\n").is_err());
    assert_eq!(session.subjects(), <[&str; 0]>::default());
    drop(inbox);
    session.close();
}
