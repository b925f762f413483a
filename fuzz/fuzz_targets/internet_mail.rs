//! Internet mail: any octets are a message or none; one that was read can be put together again and written anew.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mapi_provider_mime::Mail;

fuzz_target!(|octets: &[u8]| {
    let Ok(parsed) = Mail::parse(octets) else {
        assert!(octets.trim_ascii().is_empty());
        return;
    };
    let original = parsed.original();
    let mail = parsed.into_mail();
    assert_eq!(mail.restore(&original).as_deref(), Some(octets));
    let written = mail.to_octets().expect("not too large");
    let again = Mail::parse(&written).map(|parsed| parsed.into_mail());
    assert!(again.is_ok_and(|again| again.sent == mail.sent));
});
