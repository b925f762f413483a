//! What a message looks like on the other side.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use mail_parser::{MessageParser, MimeHeaders};
use mapi_provider::abi::*;
use mapi_provider::store::{FileAttachment, Recipient, RecipientKind};
use mapi_provider::view::FileTime;
use wrapped_maildir32::maildir::Maildir;

use crate::rig::{FULL, HEADERS, Place, Session};

const PICTURE: &str = concat!(
    "From: Ann <ann@example.org>\r\nSender: Secretary <sec@example.org>\r\n",
    "To: Bob <bob@example.org>, carol@example.org\r\nCc: \"D, Dan\" <dan@example.org>\r\n",
    "Bcc: eve@example.org\r\nSubject: A picture\r\nDate: Wed, 04 Mar 2026 10:00:00 +0100\r\n",
    "Message-ID: <picture@example.org>\r\nIn-Reply-To: <question@example.org>\r\n",
    "References: <first@example.org>\r\n <question@example.org>\r\nMIME-Version: 1.0\r\n",
    "Content-Type: multipart/mixed; boundary=mixed\r\n\r\n",
    "--mixed\r\nContent-Type: multipart/related; boundary=related\r\n\r\n",
    "--related\r\nContent-Type: text/html; charset=iso-8859-1\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
    "<p>Sch=F6n: <img src=3D\"cid:pic@example.org\"></p>\r\n",
    "--related\r\nContent-Type: image/png\r\nContent-ID: <pic@example.org>\r\n",
    "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--related--\r\n",
    "--mixed\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"../a b.txt\"\r\n\r\n",
    "Line\r\n--mixed--\r\n",
);

fn text(message: &mapi_provider::store::Message, tag: PropTag) -> String {
    message.text(tag).expect("readable").unwrap_or_default()
}

#[test]
fn all_that_a_message_says_arrives() {
    let place = Place::new();
    place.deliver("1.a", PICTURE);
    let session = place.open();
    session.ok(FULL);
    let message = session.message("A picture");
    for (tag, expected) in [
        (PR_MESSAGE_CLASS_W, "IPM.Note"),
        (PR_SENT_REPRESENTING_NAME_W, "Ann"),
        (PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "ann@example.org"),
        (PR_SENT_REPRESENTING_ADDRTYPE_W, "SMTP"),
        (PR_SENDER_NAME_W, "Secretary"),
        (PR_SENDER_EMAIL_ADDRESS_W, "sec@example.org"),
        (PR_DISPLAY_TO_W, "Bob; carol@example.org"),
        (PR_DISPLAY_CC_W, "D, Dan"),
        (PR_INTERNET_MESSAGE_ID_W, "<picture@example.org>"),
        (PR_IN_REPLY_TO_W, "<question@example.org>"),
        (
            PR_INTERNET_REFERENCES_W,
            "<first@example.org> <question@example.org>",
        ),
    ] {
        assert_eq!(text(&message, tag), expected, "{tag}");
    }
    let kinds: Vec<RecipientKind> = message
        .recipients()
        .expect("readable")
        .iter()
        .map(|recipient| recipient.kind)
        .collect();
    let [to, cc, bcc] = [RecipientKind::To, RecipientKind::Cc, RecipientKind::Bcc];
    assert_eq!(kinds, [to, to, cc, bcc]);
    let headers = text(&message, PR_TRANSPORT_MESSAGE_HEADERS_W);
    assert!(
        headers.starts_with("From: Ann") && headers.ends_with("boundary=mixed\r\n"),
        "{headers}"
    );

    let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_614_800);
    let row = message.get_all(&[PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME]);
    let row = row.expect("readable");
    assert_eq!(
        row.time(PR_CLIENT_SUBMIT_TIME),
        FileTime::try_from(sent).ok()
    );
    assert!(row.time(PR_MESSAGE_DELIVERY_TIME) > row.time(PR_CLIENT_SUBMIT_TIME));

    let html = message.binary(PR_HTML).expect("readable").expect("HTML");
    let html = String::from_utf8(html).expect("UTF-8");
    assert!(
        html.contains("Schön: <img src=\"cid:pic@example.org\">"),
        "{html}"
    );
    assert!(
        text(&message, PR_BODY_W).contains("Schön"),
        "made of the HTML"
    );
    let attachments = message.attachments().expect("readable");
    let mut files: Vec<(String, String, Vec<u8>)> = attachments
        .iter()
        .map(|file| {
            let id = file.text(PR_ATTACH_CONTENT_ID_W).expect("readable");
            let content = file.read_to_vec().expect("readable");
            (
                file.name().expect("readable"),
                id.unwrap_or_default(),
                content,
            )
        })
        .collect();
    files.sort();
    assert_eq!(
        files[0],
        ("a b.txt".into(), String::new(), b"Line".to_vec())
    );
    assert_eq!(files[1].1, "pic@example.org");
    assert_eq!(files[1].2, b"\x89PNG\r\n\x1A\n");
    drop((message, attachments));
    session.close();
}

/// The messages that come with the example of two Maildirs.
fn samples() -> impl Iterator<Item = (String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/maildir/messages");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("there")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    files.sort();
    files.into_iter().map(|path| {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, fs::read(path).expect("readable"))
    })
}

#[test]
fn the_samples_are_shown_and_a_bounce_has_its_message_in_it() {
    let place = Place::new();
    for (name, content) in samples() {
        place.deliver(&name, content);
    }
    let session = place.open();
    session.ok(FULL);
    let subjects = session.subjects();
    assert_eq!(subjects.len(), 12, "{subjects:?}");
    for subject in [
        "Café à la crème et déjà vu",
        "This week: fog, foghorns – and a quiz",
    ] {
        assert!(
            subjects.iter().any(|one| one == subject),
            "{subject}: {subjects:?}"
        );
    }
    let bounce = session.message("Undelivered Mail Returned to Sender");
    let attachments = bounce.attachments().expect("readable");
    let inner = attachments
        .iter()
        .find_map(|one| one.message().expect("readable"));
    let inner = inner.expect("the message that came back");
    assert_eq!(text(&inner, PR_SUBJECT_W), "Is anybody there?");
    assert_eq!(text(&inner, PR_BODY_W).trim_end(), "Hello?");
    let photo = session.message("The test picture, 320 by 230");
    let rings = photo.attachments().expect("readable")[0].read_to_vec();
    assert_eq!(rings.expect("readable").len(), 0x123B6);
    drop((bounce, attachments, inner, photo));
    session.close();
}

/// The one message of the server.
fn only_message(place: &Place) -> Vec<u8> {
    let messages = Maildir::new(place.server())
        .messages(|_| {})
        .expect("readable");
    let mut files = messages.values();
    let file = files.next().expect("a message");
    assert!(files.next().is_none(), "one message");
    fs::read(file.path()).expect("readable")
}

fn write_here(session: &Session) {
    let message = session.inbox().create_message().expect("made");
    message.set_subject("Grüße").expect("set");
    message
        .set_from("Jürgen", "juergen@example.org")
        .expect("set");
    let recipients = [
        Recipient::to("Bob", "bob@example.org"),
        Recipient::bcc("", "eve@example.org"),
    ];
    message.add_recipients(&recipients).expect("added");
    message.set_body("Plain – text.\r\n").expect("set");
    message
        .set_html("<p>Rich – <img src=\"cid:pic@x\"></p>")
        .expect("set");
    let picture = FileAttachment::new("p.png", "image/png", b"\x89PNG").inline("pic@x");
    message.attach(&picture).expect("attached");
    let notes = FileAttachment::new("Notizen ä.txt", "text/plain", b"one\ntwo\r\n\xFF");
    message.attach(&notes).expect("attached");
    let attached = message.attach_message("Inner", |inner| {
        inner.set_subject("Inner")?;
        inner.set_body("Within.")
    });
    attached.expect("attached");
    message.set_read(true).expect("set");
    message.save().expect("saved");
}

#[test]
fn what_is_written_here_is_mail_on_the_server() {
    let place = Place::new();
    let session = place.open();
    write_here(&session);
    session.ok(FULL);
    let content = only_message(&place);
    let mail = MessageParser::default().parse(&content).expect("a message");
    assert_eq!(mail.subject(), Some("Grüße"));
    let from = mail.from().and_then(|from| from.first()).expect("from");
    assert_eq!(
        (from.name(), from.address()),
        (Some("Jürgen"), Some("juergen@example.org"))
    );
    assert!(mail.bcc().expect("bcc").contains("eve@example.org"));
    assert_eq!(mail.body_text(0).as_deref(), Some("Plain – text.\r\n"));
    assert_eq!(
        mail.body_html(0).as_deref(),
        Some("<p>Rich – <img src=\"cid:pic@x\"></p>")
    );
    let names: Vec<_> = mail
        .attachments()
        .map(|part| part.attachment_name())
        .collect();
    assert!(names.contains(&Some("Notizen ä.txt")), "{names:?}");
    let picture = mail
        .attachments()
        .find(|part| part.content_id() == Some("pic@x"));
    assert_eq!(picture.expect("there").contents(), b"\x89PNG");
    let inner = mail
        .attachments()
        .find_map(|part| part.message())
        .expect("there");
    assert_eq!(inner.subject(), Some("Inner"));
    assert_eq!(
        inner.body_text(0).as_deref().map(str::trim_end),
        Some("Within.")
    );
    session.close();
}

#[test]
fn what_goes_there_and_comes_back_is_the_same() {
    let (first, second) = (Place::new(), Place::new());
    let session = first.open();
    write_here(&session);
    session.ok(FULL);
    session.close();
    second.deliver("1.x", only_message(&first));
    let session = second.open();
    session.ok(FULL);
    let message = session.message("Grüße");
    assert_eq!(text(&message, PR_BODY_W), "Plain – text.\r\n");
    assert_eq!(text(&message, PR_SENDER_NAME_W), "Jürgen");
    let attachments = message.attachments().expect("readable");
    assert_eq!(attachments.len(), 3);
    let notes = attachments
        .iter()
        .find(|one| one.name().expect("readable") == "Notizen ä.txt");
    let notes = notes.expect("there").read_to_vec().expect("readable");
    assert_eq!(notes, b"one\ntwo\r\n\xFF", "of a file each byte counts");
    drop((message, attachments));
    session.close();
}

#[test]
fn of_headers_the_rest_comes_later() {
    let place = Place::new();
    place.deliver("1.a", PICTURE);
    let session = place.open();
    session.ok(HEADERS);
    let message = session.message("A picture");
    assert_eq!(text(&message, PR_SENDER_NAME_W), "Secretary");
    assert_eq!(message.get(PR_HTML).expect("readable"), None);
    assert_eq!(message.attachments().expect("readable").len(), 0);
    drop(message);
    session.ok(FULL);
    let message = session.message("A picture");
    assert_eq!(message.attachments().expect("readable").len(), 2);
    assert_eq!(message.recipients().expect("readable").len(), 4);
    drop(message);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}
