//! Bounds of work and depth. The work is counted, so that nothing here depends on a clock.

use super::*;
use crate::mail::Content;

/// No octet is looked at more often than this. Each multipart and message within another looks at what it contains, and
/// there are limits to both.
const MOST_LOOKS: u64 = 3 * (DEEPEST as u64 + 1) * (DEEPEST_MAIL as u64 + 1);

/// Reads a message, and says how often each octet was looked at.
fn looks(octets: &[u8]) -> (Mail, u64) {
    let work = Work::default();
    let mail = parse(octets, &work).expect("a message").into_mail();
    (mail, work.done() / octets.len() as u64)
}

/// How many messages lie within a message, to the deepest.
fn depth(mail: &Mail) -> usize {
    let inner = mail
        .attachments
        .iter()
        .filter_map(|attachment| match &attachment.content {
            Content::Mail(inner) => Some(1 + depth(inner)),
            Content::File(_) => None,
        });
    inner.max().unwrap_or(0)
}

fn nested(levels: usize) -> String {
    let level = |level: usize| format!("Subject: {level}\r\nContent-Type: message/rfc822\r\n\r\n");
    let text: String = (0..levels).map(level).collect();
    text + "Subject: innermost\r\n\r\ntext\r\n"
}

fn base64(text: &str) -> String {
    let mut encoded = Vec::new();
    mail_builder::encoders::base64::base64_encode_mime(text.as_bytes(), &mut encoded, false)
        .expect("memory");
    String::from_utf8(encoded).expect("ASCII")
}

#[test]
fn messages_in_messages_have_an_end_and_nothing_is_lost() {
    let (mail, _) = looks(nested(5).as_bytes());
    assert_eq!(depth(&mail), 5);
    let text = nested(50_000);
    let (mail, looks) = looks(text.as_bytes());
    assert_eq!(depth(&mail), DEEPEST_MAIL);
    assert!(looks <= MOST_LOOKS, "{looks}");
    let mut inner = &mail;
    while let Some(attachment) = inner.attachments.first() {
        match &attachment.content {
            Content::Mail(next) => inner = next,
            Content::File(rest) => {
                assert!(rest.ends_with(b"text\r\n") && rest.len() > text.len() / 2);
                return;
            }
        }
    }
    panic!("the rest is nowhere");
}

#[test]
fn messages_that_are_encoded_within_one_another_have_an_end() {
    let header = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let mut text = "Subject: innermost\r\n\r\ntext".to_owned();
    for _ in 0..20 {
        text = format!("{header}{}", base64(&text));
    }
    let (mail, looks) = looks(text.as_bytes());
    assert_eq!(depth(&mail), DEEPEST_MAIL);
    assert!(looks <= MOST_LOOKS, "{looks}");
}

#[test]
fn multiparts_in_multiparts_have_an_end() {
    let level = |level: usize| {
        format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
    };
    let text: String = (0..50_000).map(level).collect();
    let (mail, looks) = looks(text.as_bytes());
    assert!(looks <= MOST_LOOKS, "{looks}");
    let Content::File(rest) = &mail.attachments[0].content else {
        panic!("the deepest is attached as it is");
    };
    assert!(rest.len() > text.len() / 2);
}

#[test]
fn parts_by_the_hundred_thousand_cost_one_look_each_and_none_is_lost() {
    for kind in ["mixed", "alternative", "related", "digest"] {
        let mut text = format!("Content-Type: multipart/{kind}; boundary=b\r\n\r\n");
        for number in 0..200_000 {
            text += &format!("--b\r\nContent-Type: a/b\r\n\r\n{number}\r\n");
        }
        let (mail, looks) = looks(text.as_bytes());
        assert!(looks <= 10, "{kind}: {looks}");
        assert_eq!(mail.attachments.len(), MOST_PARTS + 1, "{kind}");
        let last = mail
            .attachments
            .last()
            .map(|attachment| &attachment.content);
        assert!(
            matches!(last, Some(Content::File(rest)) if rest.ends_with(b"\r\n199999\r\n")),
            "{kind}"
        );
    }
}

#[test]
fn multiparts_with_empty_parts_share_one_limit() {
    let mut text = "Content-Type: multipart/mixed; boundary=a\r\n\r\n".to_owned();
    for _ in 0..2_000 {
        text += "--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n\r\n--b--\r\n";
    }
    let (_, looks) = looks(text.as_bytes());
    assert!(looks <= 10, "{looks}");
}

/// Quadratic work on these would take hours: thousands of millions of steps, seventy times.
#[test]
fn fields_brackets_and_words_by_the_thousand_are_read_once() {
    const MANY: usize = 50_000;
    let mut texts = vec![
        "A: b\r\n".repeat(MANY),
        "Subject: a\r\n".repeat(MANY),
        format!("Subject: a\r\n{}", " b\r\n".repeat(MANY)),
        format!("References: {}", "<a@b> ".repeat(MANY)),
        format!("Message-ID: {}", "<".repeat(MANY)),
        "\r\n".repeat(MANY) + "A: b\r\n",
        " \r\n\t\r\n".repeat(MANY) + "A: b",
        "From \r\n".repeat(MANY),
        format!("X: y\r\n\r\n{}", "begin 644 a\r\n".repeat(MANY)),
        format!(
            "X: y\r\n\r\n{}",
            "begin 644 a\r\n#86)C\r\n`\r\nend\r\n".repeat(MANY / 100)
        ),
        format!(
            "Content-Transfer-Encoding: base64\r\n\r\n{}",
            "=\r\n\r\n".repeat(MANY)
        ),
        format!(
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
            "= ".repeat(MANY)
        ),
        format!(
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
            " ".repeat(MANY)
        ),
        "\0".repeat(MANY),
        format!("Subject: {}\r\n\r\n", "\0".repeat(MANY)),
        format!("X-Long: {}\r\n\r\n", "a".repeat(20 * MANY)),
        format!("X-Long: {}\r\n\r\n", "a ".repeat(10 * MANY)),
        format!("Content-Type: text/html\r\n\r\n{}", "<".repeat(MANY)),
        format!("Content-Type: text/html\r\n\r\n{}", "<!-- ".repeat(MANY)),
        format!("Content-Type: text/html\r\n\r\n{}", "cid:".repeat(MANY)),
        format!("Content-Type: text/html\r\n\r\n{}", "&".repeat(MANY)),
        format!(
            "Content-Type: text/html; charset=utf-7\r\n\r\n{}",
            "+".repeat(MANY)
        ),
    ];
    for bracket in [
        "(",
        ")",
        "<",
        "\"",
        "\\",
        ",",
        ":",
        ";",
        "@",
        "=?",
        "?=",
        "=?a?q?",
        "=?utf-8?q?a?= ",
        "((\"\\",
        "(a) ",
    ] {
        for field in ["To", "Subject", "Content-Type"] {
            texts.push(format!("{field}: {}\r\n\r\n", bracket.repeat(MANY)));
        }
    }
    for parameter in [
        "a=b;",
        "name*0=a;",
        "name*1*=%41;",
        "name=\"",
        "name=(",
        "boundary=a;",
    ] {
        texts.push(format!(
            "Content-Type: a/b; {}\r\n\r\n",
            parameter.repeat(MANY)
        ));
    }
    for field in [
        "Date",
        "Content-Disposition",
        "References",
        "Content-Transfer-Encoding",
    ] {
        texts.push(format!("{field}: {}\r\n\r\n", "(<\"".repeat(MANY)));
    }
    for text in texts {
        let (mail, looks) = looks(text.as_bytes());
        assert!(looks <= 10, "{looks} looks: {:?}", &text[..40]);
        assert!(
            mail.to_octets().expect("not too large").len() <= 10 * text.len() + 1000,
            "{:?}",
            &text[..40]
        );
    }
}

#[test]
fn what_is_empty_is_no_message() {
    for octets in [&b""[..], b"\r\n", b" \n\t\n"] {
        assert_eq!(Mail::parse(octets).err(), Some(NotMail));
    }
    assert!(Mail::parse(b"\0").is_ok());
}

#[test]
fn what_is_no_message_is_a_text_and_goes_back_as_it_came() {
    for octets in [&b""[..], b"\r\n", b" \n\t\n", b"Subject: one\r\n\r\ntwo"] {
        let parsed = Mail::read(octets);
        let original = parsed.original();
        let mail = parsed.into_mail();
        assert_eq!(mail.restore(&original).as_deref(), Some(octets));
        let edited = Mail {
            text: Some("edited".to_owned()),
            ..mail
        };
        assert_eq!(edited.restore(&original), None);
    }
}
