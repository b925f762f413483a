//! Messages that somebody has made to do harm.

use mapi_provider::abi::S_OK;
use mapi_provider_host::Status;

use crate::both_ways::{mail, there};
use crate::rig::{FULL, Place};

#[test]
fn what_is_empty_is_a_message_without_anything() {
    let place = Place::new();
    place.deliver("1.empty", "");
    place.deliver("2.good", mail("good"));
    let session = place.open();
    session.ok(FULL);
    assert_eq!(session.subjects(), ["", "good"]);
    session.ok(FULL);
    assert_eq!(there(&place), ": good:");
    session.close();
}

#[test]
fn rubbish_is_a_message_or_none_and_harms_nobody() {
    let place = Place::new();
    for (number, text) in [
        &b"\0\0\0\0"[..],
        b"\xFF\xFE\xFD",
        b"Subject: a\0b\r\nFrom: \0 <\0@\0>\r\nMessage-ID: <a\0b>\r\n\r\nte\0xt",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n--",
        b"Content-Type: text/html; charset=nonsense\r\n\r\n\x80<p>",
        b"Content-Type: image/png; name=\"\"\r\nContent-ID: <\0>\r\n\r\nx",
        b"From: a, b, c: ;;; <>\r\nTo: :;\r\nDate: the day before\r\nReferences: >><<\r\n\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        place.deliver(&format!("{number}.rubbish"), text);
    }
    place.deliver("9.good", mail("good"));
    let session = place.open();
    let told = session.synchronise(FULL);
    assert_eq!(told.status, Status(S_OK), "{told:?}");
    assert!(session.subjects().iter().any(|subject| subject == "good"));
    session.close();
}

fn base64(bytes: &[u8]) -> String {
    let mut encoded = Vec::new();
    mail_builder::encoders::base64::base64_encode_mime(bytes, &mut encoded, false)
        .expect("into memory");
    String::from_utf8(encoded).expect("ASCII")
}

/// A message in a message in a message…
fn nested(depth: usize) -> String {
    let mut text = String::new();
    for level in 0..depth {
        text += &format!("Subject: {level}\r\nContent-Type: message/rfc822\r\n\r\n");
    }
    text + &mail("innermost")
}

#[test]
fn messages_in_messages_have_an_end() {
    let place = Place::new();
    place.deliver("1.deep", nested(20));
    place.deliver("2.deeper", nested(20_000));
    // In base64 nobody sees how deep it is.
    let encoded = base64(nested(20_000).as_bytes());
    let header = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n";
    place.deliver(
        "3.hidden",
        format!("Subject: hidden\r\n{header}\r\n{encoded}"),
    );
    let session = place.open();
    let told = session.synchronise(FULL);
    assert_eq!(told.status, Status(S_OK), "{told:?}");
    assert_eq!(session.subjects(), ["0", "0", "hidden"]);
    session.close();
}

#[test]
fn multiparts_in_multiparts_have_an_end() {
    let mut text = "Subject: deep\r\n".to_owned();
    for level in 0..50_000 {
        text += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    let place = Place::new();
    place.deliver("1.deep", text);
    let session = place.open();
    let told = session.synchronise(FULL);
    assert_eq!(told.status, Status(S_OK), "{told:?}");
    session.close();
}
