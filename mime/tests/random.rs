//! Laws for any message and any octets.

use mapi_provider_abi::view::FileTime;
use mapi_provider_mime::{
    AttachedMail, Attachment, Content, Importance, Line, Mail, Recipient, Who,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Lines that messages are made of, good and bad.
const LINES: [&str; 34] = [
    "",
    "",
    "",
    "--b",
    "--b--",
    "--c",
    "--c--",
    "--",
    "Subject: =?utf-8?B?5Lya6K6u?=",
    "Subject: =?utf-8?Q?=E4=BC?= =?utf-8?Q?=9A",
    "From: \"A, B\" <a@b>, (c) d@e; x: y;",
    "To: <<<\"",
    "Date: Tue, 3 Mar 2026 08:12:00 -600",
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/alternative; boundary=\"c\"",
    "Content-Type: multipart/related; boundary=c; start=\"<a>\"",
    "Content-Type: multipart/digest; boundary=b",
    "Content-Type: multipart/mixed",
    "Content-Type: message/rfc822",
    "Content-Type: text/html; charset=utf-8",
    "Content-Type: text/plain; charset=iso-2022-jp",
    "Content-Type: text/plain; name*0*=utf-8''%C3%; name*1=x",
    "Content-Type: image/png; name=\"a.png\"",
    "Content-Disposition: attachment; filename=a",
    "Content-ID: <a>",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Transfer-Encoding: x-uuencode",
    "begin 644 a",
    "#86)C",
    "end",
    "U3ViamVjdDogYQoKYg==",
    "<img src=cid:a> =C3=B6 \u{1B}$BF|",
    " folded",
];

fn like_mail() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        8 => proptest::sample::select(&LINES[..]).prop_map(|line| line.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
    ];
    let end = prop_oneof![Just(&b"\n"[..]), Just(&b"\r\n"[..])];
    vec((line, end), 0..40).prop_map(|lines| {
        let octets = lines
            .into_iter()
            .flat_map(|(line, end)| [line, end.to_vec()].concat());
        octets.collect()
    })
}

/// A text of a line of the header: without blanks around it.
fn line() -> impl Strategy<Value = String> {
    "[ -~äöß会\u{1F600}]{0,60}".prop_map(|text| text.trim().to_owned())
}

fn body() -> impl Strategy<Value = String> {
    vec("[ -~äß会]{0,90}", 0..6).prop_map(|lines| lines.join("\r\n"))
}

fn who() -> impl Strategy<Value = Who> {
    let address = prop_oneof![
        Just(String::new()),
        "[a-z.]{1,9}x@[a-z]{1,9}\\.org",
        Just("\"a b\"@c".to_owned())
    ];
    (line(), address).prop_map(|(name, address)| Who::new(name, address))
}

fn somebody() -> impl Strategy<Value = Who> {
    who().prop_filter("somebody", |who| !who.address.is_empty())
}

fn attachment() -> impl Strategy<Value = Attachment> {
    let name = "[a-zä会 .()]{0,20}[a-z]";
    (
        name,
        vec(any::<u8>(), 0..900),
        option::of("[a-z]{1,5}@[a-z]{1,5}"),
    )
        .prop_map(|(name, content, id)| {
            let mut file = Attachment::file(name.trim(), "application/pdf", content);
            file.content_id = id.unwrap_or_default();
            file
        })
}

prop_compose! {
    fn mail()(
        subject in line(),
        from in option::of(somebody()),
        people in vec((proptest::sample::select(&[Line::To, Line::Cc, Line::Bcc][..]), somebody()), 0..5),
        sent in option::of(0..200_000_000_000_u64),
        importance in proptest::sample::select(&[Importance::Low, Importance::Normal, Importance::High][..]),
        ids in vec("<[a-z]{1,9}@[a-z]{1,9}>", 0..4),
        text in body(),
        html in option::of("[ -~ä会]{1,90}"),
        attachments in vec(attachment(), 0..4),
    ) -> Mail {
        let mut recipients: Vec<Recipient> = people.into_iter().map(|(line, who)| Recipient { line, who }).collect();
        recipients.sort_by_key(|recipient| recipient.line);
        Mail {
            subject,
            from,
            recipients,
            sent: sent.map(|seconds| FileTime::from_ticks(seconds * 10_000_000)),
            importance,
            message_id: ids.first().cloned().unwrap_or_default(),
            references: ids.join(" "),
            // An empty text beside HTML is not sent.
            text: Some(if html.is_some() { format!("text {text}") } else { text }),
            html,
            attachments,
            ..Mail::default()
        }
    }
}

/// What is the same before and after: a name that is the address is none.
fn plain(mut mail: Mail) -> Mail {
    mail.headers.clear();
    let people = mail
        .recipients
        .iter_mut()
        .map(|recipient| &mut recipient.who);
    for who in people.chain(&mut mail.from).chain(&mut mail.sender) {
        if who.name == who.address {
            who.name.clear();
        }
    }
    for attachment in &mut mail.attachments {
        attachment.inline = false;
        if let Content::Mail(inner) = &mut attachment.content {
            let plain = plain((**inner).clone());
            *inner = AttachedMail::new(plain).expect("as deep as before");
        }
    }
    mail
}

/// A header as it may have come: fields of all folds, none of which another member of a message says. No last line is
/// blank, because that would end the header.
fn odd_header() -> impl Strategy<Value = (usize, String)> {
    let piece = prop_oneof![
        "[ \t]{0,3}",
        "[ \t]?[a-z:]{0,9}",
        Just("\u{3000}".to_owned()),
        Just("\u{B} \u{85}".to_owned()),
        (0..2500_usize).prop_map(|count| "x".repeat(count)),
        (0..900_usize).prop_map(|count| "ä ".repeat(count)),
    ];
    let field = vec(piece, 1..5).prop_map(|lines| lines.join("\r\n "));
    vec(field, 0..5).prop_map(|values| {
        let fields = values
            .iter()
            .enumerate()
            .map(|(number, value)| format!("X-Odd-{number}:{value}.\r\n"));
        (values.len(), fields.collect())
    })
}

/// The names of a message's header fields, and how long the longest line is.
fn written_header(octets: &[u8]) -> (Vec<String>, usize) {
    let text = String::from_utf8_lossy(octets);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let names = header
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
    let longest = header.split("\r\n").map(str::len).max();
    (names.collect(), longest.unwrap_or_default())
}

/// Dates in other zones than ours.
const DATES: [&str; 3] = [
    "Tue, 3 Mar 2026 08:12:00 -0600 (CST)",
    "3 Mar 26 08:12 EST",
    "Tue, 03 Mar 2026 08:12:00 GMT",
];

/// What somebody does to a message.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Subject,
    Text,
    Html,
    From,
    Recipients,
    Importance,
    OneFileLess,
    OneFileMore,
    Nothing,
}

const EDITS: [Edit; 9] = [
    Edit::Subject,
    Edit::Text,
    Edit::Html,
    Edit::From,
    Edit::Recipients,
    Edit::Importance,
    Edit::OneFileLess,
    Edit::OneFileMore,
    Edit::Nothing,
];

impl Edit {
    fn make(self, mail: &mut Mail) {
        match self {
            Self::Subject => mail.subject = "edited".to_owned(),
            Self::Text => mail.text = Some("edited".to_owned()),
            Self::Html => {
                mail.html = Some("<p>edited</p>".to_owned());
                // An empty one beside HTML is not sent.
                mail.text = Some("edited".to_owned());
            }
            Self::From => mail.from = Some(Who::new("Edited", "edited@example.org")),
            Self::Recipients => {
                mail.recipients.pop();
            }
            Self::Importance => {
                mail.importance = match mail.importance {
                    Importance::High => Importance::Low,
                    _ => Importance::High,
                }
            }
            Self::OneFileLess => {
                mail.attachments.pop();
            }
            Self::OneFileMore => mail.attachments.insert(
                0,
                Attachment::file("edited.txt", "text/csv", b"edited".to_vec()),
            ),
            Self::Nothing => {}
        }
        // As readers find it.
        let html = mail.html.clone().unwrap_or_default();
        for attachment in &mut mail.attachments {
            let id = &attachment.content_id;
            attachment.inline = !id.is_empty() && html.contains(&format!("cid:{id}\""));
        }
    }

    /// The fields that say it.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Subject => &["Subject"],
            Self::From => &["From"],
            Self::Recipients => &["To", "Cc", "Bcc"],
            Self::Importance => &["Importance"],
            _ => &[],
        }
    }
}

/// The octets that a message came as: with fields of others before its own, a date as others write it, and HTML that shows
/// the last file.
fn arrived(mut mail: Mail, odd: &str, date: Option<&str>, shown: bool) -> Vec<u8> {
    if let Some(last) = mail.attachments.last_mut().filter(|_| shown) {
        last.content_id = "shown@here".to_owned();
        mail.html = Some("<img src=\"cid:shown@here\">".to_owned());
        mail.text = Some("text".to_owned());
    }
    mail.sent = mail.sent.filter(|_| date.is_none());
    let octets = mail.to_octets().expect("not too large");
    let date = date.map(|date| format!("Date: {date}\r\n"));
    // As the writer itself writes them, so that they can be compared.
    let odd = Mail {
        headers: odd.to_owned(),
        ..Mail::default()
    };
    let odd = odd.to_octets().expect("not too large");
    let odd = String::from_utf8(odd).expect("text");
    let odd = odd.split("MIME-Version").next().unwrap_or_default();
    [odd.as_bytes(), date.unwrap_or_default().as_bytes(), &octets].concat()
}

/// A message whose shown files go before the others.
fn in_order(mut mail: Mail) -> Mail {
    mail.attachments
        .sort_by_key(|attachment| !attachment.inline);
    mail
}

/// Names and values of a message's header fields, in order.
fn header_fields(octets: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(octets);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split("\r\n") {
        match (fields.last_mut(), line.split_once(':')) {
            (Some((_, value)), _) if line.starts_with([' ', '\t']) => value.push_str(line),
            (_, Some((name, value))) => fields.push((name.to_owned(), value.to_owned())),
            _ => {}
        }
    }
    fields
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_octets_are_a_message_or_none(octets: Vec<u8>) {
        let _ = Mail::parse(&octets);
    }

    #[test]
    fn what_was_not_edited_goes_back_byte_for_byte(octets in like_mail()) {
        if let Ok(parsed) = Mail::parse(&octets) {
            let original = parsed.original();
            let mail = parsed.into_mail();
            prop_assert_eq!(mail.restore(&original), Some(octets));
        }
    }

    #[test]
    fn what_is_like_mail_can_be_written_and_read_again(octets in like_mail()) {
        if let Ok(parsed) = Mail::parse(&octets) {
            let mail = parsed.into_mail();
            let again = Mail::parse(&mail.to_octets().expect("not too large")).expect("a message").into_mail();
            let subject = mail.subject.replace(char::is_control, " ");
            prop_assert_eq!(again.subject.trim(), subject.trim());
            prop_assert_eq!(again.sent, mail.sent);
        }
    }

    #[test]
    fn a_message_that_is_written_is_read_the_same(mail in mail(), inner in option::of(mail())) {
        let mut mail = mail;
        mail.attachments.extend(inner.map(|inner| Attachment::mail(inner).expect("not too deep")));
        let octets = mail.to_octets().expect("not too large");
        prop_assert_eq!(&octets, &mail.to_octets().expect("not too large"), "the same each time");
        let read = Mail::parse(&octets).expect("a message").into_mail();
        prop_assert_eq!(plain(read), plain(mail), "{}", String::from_utf8_lossy(&octets));
    }

    #[test]
    fn what_was_not_edited_survives_an_edit(
        mail in mail(),
        (count, odd) in odd_header(),
        date in option::of(proptest::sample::select(&DATES[..])),
        shown in any::<bool>(),
        edit in proptest::sample::select(&EDITS[..]),
    ) {
        let octets = arrived(mail, &odd, date, shown);
        let before = Mail::parse(&octets).expect("a message").into_mail();
        let mut edited = before.clone();
        edit.make(&mut edited);
        let written = edited.to_octets().expect("not too large");
        let after = Mail::parse(&written).expect("a message").into_mail();
        // Files that the HTML shows go before the others; within both the order stays.
        prop_assert_eq!(plain(in_order(after)), plain(in_order(edited)), "{}", String::from_utf8_lossy(&written));
        let kept = |octets: &[u8]| {
            let fields = header_fields(octets).into_iter();
            let is_kept = |(name, _): &(String, String)| !edit.fields().contains(&&**name) && name != "Content-Type" && name != "Content-Transfer-Encoding";
            fields.filter(is_kept).collect::<Vec<_>>()
        };
        prop_assert_eq!(kept(&written), kept(&octets));
        prop_assert!(header_fields(&written).iter().filter(|(name, _)| name.starts_with("X-Odd")).count() == count);
    }

    #[test]
    fn what_is_like_mail_loses_nothing_when_its_subject_is_edited(octets in like_mail()) {
        if let Ok(parsed) = Mail::parse(&octets) {
            let mut mail = parsed.into_mail();
            mail.subject = "edited".to_owned();
            let again = Mail::parse(&mail.to_octets().expect("not too large")).expect("a message").into_mail();
            prop_assert_eq!(&again.subject, "edited");
            prop_assert_eq!(again.sent, mail.sent);
            prop_assert_eq!(&again.message_id, &mail.message_id);
            prop_assert_eq!(again.importance, mail.importance);
            let addresses = |mail: &Mail| {
                let people = mail.recipients.iter();
                let people = people.filter(|one| !one.who.address.is_empty());
                people.map(|one| (one.line, one.who.address.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(addresses(&again), addresses(&mail));
            let files = |mail: Mail| {
                let files = in_order(mail).attachments.into_iter();
                files.map(|one| match one.content {
                    Content::File(content) => (content, 0),
                    Content::Mail(inner) => (Vec::new(), inner.attachments.len()),
                }).collect::<Vec<_>>()
            };
            prop_assert_eq!(files(again), files(mail));
        }
    }

    #[test]
    fn no_old_field_is_lost_or_ends_the_header((count, headers) in odd_header(), from in somebody()) {
        let mail = Mail { headers, from: Some(from), text: Some("text".to_owned()), ..Mail::default() };
        let octets = mail.to_octets().expect("not too large");
        let (names, longest) = written_header(&octets);
        let mut expected: Vec<String> = (0..count).map(|number| format!("X-Odd-{number}")).collect();
        expected.extend(["From", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"].map(str::to_owned));
        prop_assert_eq!(names, expected, "{}", String::from_utf8_lossy(&octets));
        prop_assert!(longest <= 998, "{}", longest);
        let read = plain(Mail::parse(&octets).expect("a message").into_mail());
        prop_assert_eq!((read.from, read.text), (plain(mail.clone()).from, mail.text));
    }

    #[test]
    fn nobody_gets_a_message_by_the_address_of_another(
        names in vec("[\"\\\\<>,;:() @a\r\n]{0,12}", 3),
        addresses in vec("[\"\\\\<>,;() @ab.\r\n]{0,24}", 3),
    ) {
        let people = names.iter().zip(&addresses).map(|(name, address)| Who::new(name, address));
        let recipients = people.map(|who| Recipient { line: Line::To, who });
        let mail = Mail { recipients: recipients.collect(), ..Mail::default() };
        let octets = mail.to_octets().expect("not too large");
        let read = Mail::parse(&octets).expect("a message").into_mail();
        prop_assert!(read.recipients.len() <= 3, "{}", String::from_utf8_lossy(&octets));
        prop_assert_eq!(read.from, None);
    }

    #[test]
    fn properties_say_what_a_message_says(mail in mail()) {
        let said = Mail::from_properties(mail.properties());
        prop_assert_eq!(&said.subject, &mail.subject);
        prop_assert_eq!(&said.text, &mail.text);
        prop_assert_eq!(&said.html, &mail.html);
        prop_assert_eq!(said.importance, mail.importance);
        prop_assert_eq!(&said.references, &mail.references);
    }
}

#[test]
fn every_message_beside_the_tests_goes_back_byte_for_byte() {
    let folder = format!("{}/tests/data/mail", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let octets = std::fs::read(entry.expect("an entry").path()).expect("the file");
        let parsed = Mail::parse(&octets).expect("a message");
        let original = parsed.original();
        assert_eq!(parsed.into_mail().restore(&original), Some(octets));
        count += 1;
    }
    assert!(count > 40);
}
