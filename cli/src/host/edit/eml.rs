//! A file of Internet mail as a message. What the mail says, `mapi-provider-mime` reads; here it is decided what becomes of it.

use std::time::SystemTime;

use mapi_provider::mime::{Mail, MimeError};
use mapi_provider::store::{EntryId, Folder};

use crate::unsent;

/// Whether the octets are mail.
pub(in crate::host) fn check(octets: &[u8]) -> Result<(), String> {
    let parsed = Mail::parse(octets).ok();
    // Nothing else is an error to the reader. But who names a file that has no header names the wrong one.
    let is_mail = parsed.is_some_and(|parsed| !parsed.mail().headers.trim().is_empty());
    is_mail.then_some(()).ok_or_else(|| {
        "it is no Internet message: it has no header, as in `Subject: Hello`".to_owned()
    })
}

/// Makes a message of octets that were [checked](check), in a folder. One that is to be sent is a draft, and so is one whose
/// header has `X-Unsent: 1`; all else has arrived, when it was sent.
pub(super) fn deliver(folder: &Folder, octets: &[u8], draft: bool) -> Result<EntryId, MimeError> {
    let parsed = Mail::parse(octets)?;
    let mail = parsed.mail();
    let message = match draft || unsent::is_set(&mail.headers) {
        true => folder.create_draft()?,
        false => folder.create_message()?,
    };
    let sent = mail.sent.and_then(|sent| SystemTime::try_from(sent).ok());
    message.set_mail(&parsed, sent.unwrap_or_else(SystemTime::now))?;
    Ok(message.save()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mail_is_told() {
        for octets in [&b""[..], b"\r\n\r\n", b"\r\n\r\nHello", b"Hello, Ann"] {
            assert!(check(octets).is_err(), "{octets:?}");
        }
        assert_eq!(check(b"Subject: Hello\r\n\r\nHello"), Ok(()));
        assert_eq!(check(b"Subject: Hello"), Ok(()));
    }

    #[test]
    fn how_deep_mail_is_nested_is_bounded_by_its_reader() {
        for piece in [
            "Content-Type: message/rfc822\r\n\r\n",
            "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n",
        ] {
            assert_eq!(check(piece.repeat(5_000).as_bytes()), Ok(()));
        }
    }
}
