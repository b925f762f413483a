//! Internet mail: any octets are a message or none; one that was read can be put together again, written anew, and edited
//! without losing what was not. The same octets as rich text are read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mapi_provider::abi::PR_RTF_COMPRESSED;
use mapi_provider::view::Property;
use mapi_provider_mime::Mail;

fuzz_target!(|octets: &[u8]| {
    rich_text(octets);
    let Ok(parsed) = Mail::parse(octets) else {
        assert!(octets.trim_ascii().is_empty());
        return;
    };
    let original = parsed.original();
    let mut mail = parsed.into_mail();
    assert_eq!(mail.restore(&original).as_deref(), Some(octets));
    let again = written(&mail);
    assert_eq!(again.sent, mail.sent);
    mail.subject = "edited".to_owned();
    let again = written(&mail);
    assert_eq!(again.subject, mail.subject);
    assert_eq!(again.sent, mail.sent);
    assert_eq!(again.importance, mail.importance);
    assert_eq!(again.attachments.len(), mail.attachments.len());
});

/// A message as it is read after it was written.
fn written(mail: &Mail) -> Mail {
    let octets = mail.to_octets().expect("not too large");
    let parsed = Mail::parse(&octets).expect("a message");
    parsed.into_mail()
}

/// The octets as they are, and with what says that they are compressed before them.
fn rich_text(octets: &[u8]) {
    let size = (octets.len() as u32 + 12).to_le_bytes();
    let header = [size, [0; 4], *b"LZFu", [0; 4]].concat();
    let stored = [size, (octets.len() as u32).to_le_bytes(), *b"MELA", [0; 4]].concat();
    for packed in [
        octets.to_vec(),
        [&header, octets].concat(),
        [&stored, &b"{\\rtf1 "[..], octets].concat(),
        [&stored, &b"{\\rtf1\\fromhtml1 "[..], octets].concat(),
    ] {
        let mail = Mail::from_properties([Property::new(PR_RTF_COMPRESSED, packed)]);
        let text = mail.text.as_deref().map_or(0, str::len);
        // A byte of a code page is three of UTF-8 at most, and compression makes nine of one.
        assert!(text <= 64 * (octets.len() + 64));
        written(&mail);
    }
}
