//! Mail as it is in the wild, each message for one thing that goes wrong easily.

mod support;

use mapi_provider_mime::Content;
use support::{all_text, day, file, files, read, text};

#[test]
fn bodies_are_shown_in_any_charset() {
    for (case, shown) in [
        ("body-cp437", "Größe"),
        ("body-cp866", "Да"),
        ("body-cp949", "안녕"),
        ("body-euc-kr", "안녕"),
        ("body-gb18030", "你好"),
        ("body-gb2312", "你好"),
        ("body-iso-2022-jp", "日本"),
        ("body-shift_jis", "日本"),
        ("body-windows-31j", "日本"),
        ("body-windows-874", "ไทย"),
        ("body-x-mac-cyrillic", "Да"),
    ] {
        assert_eq!(text(&file(case)), shown, "{case}");
    }
}

#[test]
fn bodies_without_a_true_charset_are_shown_as_every_program_shows_them() {
    for case in [
        "body-8bit-nocharset",
        "body-8bit-wrongutf8",
        "body-asciilabel-utf8",
    ] {
        assert_eq!(text(&file(case)), "Größe", "{case}");
    }
}

#[test]
fn subjects_are_shown_in_any_charset() {
    for (case, shown) in [
        ("subj-big5", "會議"),
        ("subj-gb2312", "会议通知"),
        ("subj-iso2022jp", "議事録"),
        ("subj-split-multibyte", "会议"),
        // Of fields that may be there once, the first counts.
        ("subj-dup", "first"),
        ("lead-blank", "after a blank"),
    ] {
        assert_eq!(file(case).subject, shown, "{case}");
    }
}

#[test]
fn files_have_their_names_and_their_contents() {
    for (case, name, content) in [
        ("att-2231-gb", "会议.pdf", "abc"),
        ("att-b64-junk", "a.pdf", "abcdef"),
        ("att-b64-nopad", "a.pdf", "abcd"),
        ("cte-uu", "a.bin", "abc"),
        ("x-attname-both", "Ö.pdf", "x"),
        ("y-name-8sp", "sygnatura.pdf", "x"),
        ("z-name-folded", "voice message.wav", "abc"),
        ("z-name-message", "message.pdf", "abc"),
    ] {
        assert_eq!(
            files(&file(case)),
            [(name.to_owned(), content.to_owned())],
            "{case}"
        );
    }
    let many: Vec<_> = (0..40)
        .map(|number| (format!("message {number}.csv"), "1".to_owned()))
        .collect();
    assert_eq!(files(&file("z-many-plain")), many);
}

#[test]
fn base64_is_what_can_be_decoded_of_it() {
    assert_eq!(text(&file("y-b64-text-nopad")), "hello");
    assert_eq!(text(&file("y-b64-text-footer")), "hello");
}

#[test]
fn messages_in_a_message_are_kept_apart() {
    let mail = file("att-three-rfc822");
    let subjects = mail
        .attachments
        .iter()
        .map(|attachment| match &attachment.content {
            Content::Mail(inner) => inner.subject.clone(),
            Content::File(_) => "a file".to_owned(),
        });
    assert_eq!(
        subjects.collect::<Vec<_>>(),
        ["Inner 1", "Inner 2", "Inner 3"]
    );
}

#[test]
fn every_part_that_is_text_is_somewhere() {
    for (case, pieces) in [
        ("two-html", &["first", "second"][..]),
        ("y-apple", &["plain", "first", "second", "third"]),
        ("part-noblank", &["follows at once", "so does this"]),
        ("x-ctype-text-only", &["hello"]),
        ("z-body-many", &["Content-Type: message/rfc822; n=7"]),
        ("z-body-quoted", &["Content-Type: message/rfc822"]),
        ("z-headers-kept", &["inner text"]),
    ] {
        let shown = all_text(&file(case));
        for piece in pieces {
            assert!(shown.contains(piece), "{case}: {piece}: {shown}");
        }
    }
    assert_eq!(text(&file("x-ctype-text-only")), "hello");
    assert!(
        file("z-headers-kept")
            .headers
            .contains("Content-Type: message/rfc822")
    );
}

#[test]
fn dates_are_those_on_which_it_was_sent() {
    for (case, sent) in [
        ("date-1900", "Mon, 1 Jan 1900 00:00:00 +0000"),
        ("date-noseconds-cst", "Tue, 3 Mar 2026 14:12:00 +0000"),
        ("date-nozone", "Tue, 3 Mar 2026 08:12:00 +0000"),
        ("date-z3", "Tue, 3 Mar 2026 14:12:00 +0000"),
    ] {
        assert_eq!(day(&file(case)), sent, "{case}");
    }
}

#[test]
fn senders_can_be_answered() {
    let from = file("from-obs").from.expect("somebody");
    assert_eq!(from.address, "ann@example.org");
    let from = file("from-quotedlocal").from.expect("somebody");
    assert_eq!(
        (from.shown(), &*from.address),
        ("\"Ann Other\"@example.org", "\"Ann Other\"@example.org")
    );
}

#[test]
fn what_outlook_and_exchange_send_is_read() {
    let mail = read(concat!(
        "From: \"Other, Ann\" <ann@example.org>\r\nTo: 'Bob' <bob@example.org>; carl@example.org\r\n",
        "Subject: =?iso-8859-1?Q?Re:_Gr=F6=DFe?=\r\nX-Priority: 1 (Highest)\r\nDate: Tue, 03 Mar 2026 08:12:00 GMT\r\n",
        "Content-Type: multipart/related; type=\"multipart/alternative\"; boundary=\"----=_NextPart_000\"\r\n\r\n",
        "This is a multi-part message in MIME format.\r\n\r\n------=_NextPart_000\r\n",
        "Content-Type: multipart/alternative; boundary=\"----=_NextPart_001\"\r\n\r\n",
        "------=_NextPart_001\r\nContent-Type: text/plain; charset=\"iso-8859-1\"\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=F6=DFe\r\n",
        "------=_NextPart_001\r\nContent-Type: text/html; charset=\"iso-8859-1\"\r\n\r\n",
        "<img src=\"cid:image001.png@01D\">\r\n------=_NextPart_001--\r\n",
        "------=_NextPart_000\r\nContent-Type: image/png; name=\"image001.png\"\r\nContent-ID: <image001.png@01D>\r\n",
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n------=_NextPart_000--\r\n"
    ));
    assert_eq!(mail.subject, "Re: Größe");
    assert_eq!(text(&mail), "Größe");
    assert_eq!(mail.importance, mapi_provider_mime::Importance::High);
    assert!(mail.attachments[0].inline);
    let to: Vec<&str> = mail
        .recipients
        .iter()
        .map(|one| &*one.who.address)
        .collect();
    assert_eq!(to, ["bob@example.org", "carl@example.org"]);
}

#[test]
fn invitations_keep_their_calendar() {
    let mail = read(concat!(
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ncome\r\n",
        "--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n"
    ));
    assert_eq!(text(&mail), "come");
    assert_eq!(
        files(&mail),
        [("attachment.ics".to_owned(), "BEGIN:VCALENDAR".to_owned())]
    );
}

#[test]
fn files_in_the_text_of_old_programs_are_attached() {
    let mail = read("Subject: a\n\nSee this.\nbegin 644 cat.txt\n#0V%T\n`\nend\nBye.\n");
    assert_eq!(text(&mail), "See this.\nBye.");
    assert_eq!(files(&mail), [("cat.txt".to_owned(), "Cat".to_owned())]);
}

#[test]
fn a_multipart_is_read_though_its_boundary_is_missing_or_wrong() {
    let mail = read(
        "Content-Type: multipart/mixed\n\n--abc\n\none\n--abc\nContent-Type: text/html\n\n<p>two</p>\n--abc--\n",
    );
    assert!(all_text(&mail).contains("one") && all_text(&mail).contains("two"));
    let mail = read("Content-Type: multipart/mixed; boundary=x\n\nno part at all\n");
    assert_eq!(text(&mail), "no part at all");
}

#[test]
fn html_is_read_in_the_charset_that_it_names_itself() {
    let html = b"Content-Type: text/html\n\n<meta charset=gb2312><p>\xC4\xE3\xBA\xC3".to_vec();
    let mail = mapi_provider_mime::Mail::parse(&html)
        .expect("a message")
        .into_mail();
    assert!(mail.html.is_some_and(|html| html.contains("你好")));
}

#[test]
fn header_fields_in_bare_eight_bits_are_in_the_charset_of_the_text() {
    let octets =
        b"Subject: \xC4\xE3\xBA\xC3\nContent-Type: text/plain; charset=gb2312\n\n\xC4\xE3".to_vec();
    let mail = mapi_provider_mime::Mail::parse(&octets)
        .expect("a message")
        .into_mail();
    assert_eq!(mail.subject, "你好");
    assert!(mail.headers.contains("Subject: 你好"));
}
