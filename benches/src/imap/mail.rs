//! The mail of the account: messages as people write them, of some three kilobytes.

use crate::client::Client;
use crate::dovecot::Dovecot;

/// Fills the Inbox, and has the server look at it once, as one that runs for long has.
pub(crate) fn fill(dovecot: &Dovecot, count: usize) {
    // Its folders are made when somebody logs on.
    Client::new(dovecot.port).open("INBOX");
    dovecot.fill(count, message);
    let mut client = Client::new(dovecot.port);
    client.open("INBOX");
    let headers = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT)]";
    client.say(&format!("UID FETCH 1:* (FLAGS RFC822.SIZE {headers})"));
}

fn message(name: &str) -> String {
    let number: usize = name.trim_start_matches('m').parse().unwrap_or_default();
    let paragraph = format!(
        "{number} people have read the minutes of the last meeting, and some of them have asked what is to become of\r\n\
         the second point. It was put off until somebody knows more, which nobody does yet; I have written to the\r\n\
         office in the other building, and they say that an answer takes until next week, or the week after that.\r\n\r\n"
    );
    let body = paragraph.repeat(5 + number % 7);
    format!(
        "Return-Path: <ada{0}@example.org>\r\nReceived: from mail.example.org by mx.example.com with ESMTPS id {number:08x}\r\n\
         \tfor <alice@example.com>; Mon, 02 Mar 2026 08:15:30 +0000\r\n\
         From: \"Ada of department {0}\" <ada{0}@example.org>\r\nTo: Alice <alice@example.com>\r\n\
         Subject: Minutes {number}, and what is to become of the second point\r\n\
         Date: Mon, 02 Mar 2026 08:15:{1:02} +0000\r\nMessage-ID: <{number:08x}.{0}@example.org>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}",
        number % 211,
        number % 60
    )
}
