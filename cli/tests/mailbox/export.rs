//! Everything as files of mail.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use mail_parser::{Address, MessageParser, MimeHeaders};
use mapi_provider::abi::{
    MessageFlags, PR_ATTACH_DATA_BIN, PR_ATTACH_LONG_FILENAME_W, PR_BODY_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_HTML, PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_FLAGS, PR_RECIPIENT_TYPE,
    PR_RTF_COMPRESSED, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_SMTP_ADDRESS_W, PR_SMTP_ADDRESS_W,
};
use mapi_provider::mime::Mail;
use mapi_provider::view::PropValue;
use mapi_provider_mailbox::database::{
    Attachment, FolderId, FolderKind, MessageData, NewFolder, Property, PropertySet, Recipient,
    Special, Store,
};
use mapi_provider_mailbox::logic::{Draft, Mailbox};
use serde_json::json;

use crate::stage::{Stage, message, save, special};

fn recipient(kind: i32, name: &str, address: &str) -> Recipient {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    props.set_tag(PR_EMAIL_ADDRESS_W, address);
    props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(kind));
    Recipient {
        row: kind.cast_unsigned(),
        props: Arc::new(props),
    }
}

/// A message with all that one may have, large values among it.
fn letter(store: &Store) -> MessageData {
    let mut data = message("Grüße: 1/2?");
    data.props
        .set_tag(PR_SENT_REPRESENTING_NAME_W, "Ada Example");
    data.props
        .set_tag(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "ada@example.com");
    data.props
        .set_tag(PR_INTERNET_MESSAGE_ID_W, "<1@example.com>");
    data.props.set_tag(PR_BODY_W, "Tea & cake");
    data.props
        .set_tag(PR_HTML, "<p>Tea &amp; cake</p>".as_bytes().to_vec());
    data.recipients = vec![
        recipient(1, "Bo\r\nBcc: all@example.org", "bo@example.org"),
        recipient(2, "", "cy@example.org"),
    ];
    let mut blob = store.new_blob().expect("made");
    blob.write_at(0, &[7; 100_000]).expect("written");
    let large = blob.property(0x0102).expect("flushed");
    assert!(matches!(large, Property::Large(_)));
    let mut file = PropertySet::default();
    file.set_tag(PR_ATTACH_LONG_FILENAME_W, "list.bin");
    file.put(PR_ATTACH_DATA_BIN.id(), large);
    let attachment = |props: PropertySet, embedded: Option<MessageData>| {
        Arc::new(Attachment {
            id: store.reserve_attachment().expect("an ID"),
            props,
            embedded: embedded.map(Arc::new),
        })
    };
    data.attachments.insert(0, attachment(file, None));
    let inner = attachment(PropertySet::default(), Some(message("Inner")));
    data.attachments.insert(1, inner);
    data
}

#[test]
fn a_message_becomes_mail_with_all_that_is_in_it() {
    let stage = Stage::empty();
    let store = stage.open();
    save(&store, special(&store, Special::Inbox), &letter(&store));
    let mut draft = message("Draft");
    let unsent = MessageFlags::UNSENT.bits().cast_signed();
    draft.props.set_tag(PR_MESSAGE_FLAGS, unsent);
    draft.props.remove(PR_BODY_W.id());
    draft
        .props
        .set_tag(PR_RTF_COMPRESSED, b"compressed".to_vec());
    save(&store, special(&store, Special::Outbox), &draft);
    drop(store);
    let (said, _) = stage.ended(0, "export", &["mail.db", "saved"]);
    assert_eq!(said, "saved: 2 messages in 4 folders\n");
    let files = stage.files("saved");
    let letter = &files["Inbox/2026-03-06 Grüße_ 1_2_.eml"];
    let mail = MessageParser::default().parse(letter).expect("mail");
    assert_eq!(mail.subject(), Some("Grüße: 1/2?"));
    assert_eq!(mail.message_id(), Some("1@example.com"));
    let from = mail.from().and_then(|from| from.first()).expect("a sender");
    assert_eq!(
        (from.name(), from.address()),
        (Some("Ada Example"), Some("ada@example.com"))
    );
    assert!(mail.bcc().is_none(), "nobody gets in by a name");
    assert_eq!(
        mail.cc()
            .and_then(|cc| cc.first())
            .and_then(|cc| cc.address()),
        Some("cy@example.org")
    );
    assert_eq!(
        mail.date().map(|date| date.to_rfc3339()),
        Some("2026-03-06T08:12:44Z".to_owned())
    );
    assert_eq!(
        mail.body_text(0).as_deref().map(str::trim),
        Some("Tea & cake")
    );
    assert_eq!(
        mail.body_html(0).as_deref().map(str::trim),
        Some("<p>Tea &amp; cake</p>")
    );
    let attached: Vec<_> = mail.attachments().collect();
    assert_eq!(attached.len(), 2);
    assert_eq!(attached[0].attachment_name(), Some("list.bin"));
    assert_eq!(attached[0].contents(), [7; 100_000]);
    assert_eq!(
        attached[1].message().and_then(|inner| inner.subject()),
        Some("Inner")
    );
    let draft = MessageParser::default()
        .parse(&files["Outbox/2026-03-06 Draft.eml"])
        .expect("mail");
    assert_eq!(draft.header_raw("X-Unsent").map(str::trim), Some("1"));
    let rtf = draft.attachments().next().expect("attached");
    assert_eq!(rtf.contents(), b"compressed");
}

/// Mail with old charsets and without any, a name in pieces, and a message in a message that is a draft.
const AWKWARD: &[u8] = b"\
From: \xd1\xe5\xf0\xe3\xe5\xe9 <s@example.com>\n\
Subject: =?koi8-r?B?8PLp9+X0?=\n\
Content-Type: multipart/mixed; charset=windows-1251; boundary=x\n\
\n\
--x\n\
Content-Type: text/plain; charset=big5\n\
\n\
\xa7A\xa6n\n\
--x\n\
Content-Type: application/octet-stream\n\
Content-Disposition: attachment; filename*0*=utf-8''Stra%C3%9Fe; filename*1=\".bin\"\n\
Content-Transfer-Encoding: quoted-printable\n\
\n\
=00=01\n\
--x\n\
Content-Type: message/rfc822\n\
\n\
Subject: Inner\n\
X-Unsent: 1\n\
\n\
--x--\n";

#[test]
fn mail_goes_out_as_it_came_and_once_it_is_edited_as_its_sender_meant_it() {
    let stage = Stage::empty();
    let store = stage.open();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("there");
    let parsed = Mail::parse(AWKWARD).expect("mail");
    for subject in [None, Some("Другой")] {
        let mut batch = mailbox.batch();
        let server_id = subject.unwrap_or_default();
        let fill = |draft: &mut Draft<'_>| {
            draft.mail(&parsed)?;
            if let Some(subject) = subject {
                draft.subject(subject);
            }
            Ok(())
        };
        batch.try_upsert(inbox, server_id, fill).expect("filled");
        batch.commit().expect("kept");
    }
    drop((mailbox, store));
    stage.ended(0, "export", &["mail.db", "saved"]);
    let files = stage.files("saved");
    let file = |subject: &str| {
        let mut found = files.iter().filter(|(name, _)| name.contains(subject));
        found
            .next()
            .unwrap_or_else(|| panic!("{subject}: {files:?}"))
            .1
    };
    assert_eq!(file("ПРИВЕТ"), AWKWARD);

    // Another reader than ours.
    let edited = MessageParser::default()
        .parse(file("Другой"))
        .expect("mail");
    assert_eq!(edited.subject(), Some("Другой"));
    let from = edited.from().and_then(|from| from.first());
    assert_eq!(from.and_then(|from| from.name()), Some("Сергей"));
    assert_eq!(edited.body_text(0).as_deref().map(str::trim), Some("你好"));
    assert_eq!(edited.header_raw("X-Unsent"), None);
    let attached: Vec<_> = edited.attachments().collect();
    assert_eq!(attached.len(), 2);
    assert_eq!(attached[0].attachment_name(), Some("Straße.bin"));
    assert_eq!(attached[0].contents(), [0, 1]);
    let inner = attached[1].message().expect("a message");
    assert_eq!(inner.subject(), Some("Inner"));
    // Only what is unsent says so.
    assert_eq!(inner.header_raw("X-Unsent"), None);
}

/// What Exchange's clients leave: addresses that are none of the Internet beside those that are, and flags in the type.
#[test]
fn people_have_their_internet_addresses() {
    let stage = Stage::empty();
    let store = stage.open();
    let mut data = message("Lunch");
    let ada = "/o=Example/cn=ada";
    data.props.set_tag(PR_SENT_REPRESENTING_NAME_W, "Ada");
    data.props
        .set_tag(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, ada);
    data.props
        .set_tag(PR_SENT_REPRESENTING_SMTP_ADDRESS_W, "ada@example.com");
    // MAPI_SUBMITTED | MAPI_CC
    let mut bo = recipient(0x8000_0002_u32.cast_signed(), "Bo", "/o=Example/cn=bo");
    Arc::make_mut(&mut bo.props).set_tag(PR_SMTP_ADDRESS_W, "bo@example.com");
    data.recipients = vec![bo];
    save(&store, special(&store, Special::Inbox), &data);
    drop(store);
    stage.ended(0, "export", &["mail.db", "saved"]);
    let files = stage.files("saved");
    let mail = MessageParser::default().parse(&files["Inbox/2026-03-06 Lunch.eml"]);
    let mail = mail.expect("mail");
    let address = |people: Option<&Address<'_>>| {
        let first = people.and_then(|people| people.first());
        first.and_then(|one| one.address()).map(str::to_owned)
    };
    assert_eq!(address(mail.from()).as_deref(), Some("ada@example.com"));
    assert_eq!(address(mail.cc()).as_deref(), Some("bo@example.com"));
}

#[test]
fn names_are_safe_and_none_is_taken_twice() {
    let stage = Stage::empty();
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    let new_folder = |parent: FolderId, name: &str| {
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        let (props, kind) = (&props, FolderKind::Generic);
        let new = NewFolder {
            parent,
            kind,
            props,
            open_existing: false,
        };
        store.write(|tx| tx.create_folder(&new)).expect("made").0
    };
    let odd = new_folder(inbox, "a/b: c");
    let other = new_folder(inbox, "a_b_ c");
    new_folder(inbox, "NUL");
    for subject in ["../../x", "Tea?", "tea*", ""] {
        save(&store, odd, &message(subject));
    }
    save(&store, other, &message(&"long ".repeat(100)));
    drop(store);
    let saved = stage.json(0, "export", &["mail.db", "saved"]);
    assert_eq!(saved["messages"], 5);
    assert_eq!(saved["left_out"], json!([]));
    let files = stage.files("saved");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names[1..],
        [
            "Inbox/a_b_ c/2026-03-06 .._.._x.eml",
            "Inbox/a_b_ c/2026-03-06 Tea_.eml",
            "Inbox/a_b_ c/2026-03-06 no subject.eml",
            "Inbox/a_b_ c/2026-03-06 tea_ (2).eml",
        ]
    );
    assert!(names[0].starts_with("Inbox/a_b_ c (2)/2026-03-06 long long") && names[0].len() < 90);
    assert!(
        stage.folder.path().join("saved/Inbox/_NUL").is_dir(),
        "an empty one is there too"
    );
}

#[test]
fn nothing_is_overwritten() {
    let stage = Stage::filled(1);
    let saved = stage.folder.path().join("saved");
    fs::create_dir(&saved).expect("made");
    fs::write(saved.join("mine"), "mine").expect("written");
    let (_, complained) = stage.ended(1, "export", &["mail.db", "saved"]);
    assert!(complained.contains("saved is not empty"), "{complained}");
    assert_eq!(stage.files("saved").len(), 1);
    fs::remove_file(saved.join("mine")).expect("there");
    stage.ended(0, "export", &["mail.db", "saved"]);
    assert_eq!(stage.files("saved").len(), 1);
    let (_, complained) = stage.ended(1, "export", &["mail.db", "mail.db"]);
    assert!(
        complained.starts_with("error: can't write mail.db: "),
        "{complained}"
    );
}

#[test]
fn what_can_not_be_read_is_left_out_and_told() {
    let stage = Stage::filled(4);
    stage.tamper("UPDATE rest SET props = x'FFFFFFFF' WHERE id = (SELECT min(id) FROM message)");
    let (said, complained) = stage.ended(1, "export", &["mail.db", "saved"]);
    assert!(said.starts_with("left out: message "), "{said}");
    assert!(
        said.contains(" of Top of Outlook data file / Inbox: "),
        "{said}"
    );
    assert!(
        said.ends_with("\nsaved: 3 messages in 4 folders\n"),
        "{said}"
    );
    assert_eq!(
        complained,
        "error: 1 message or folder could not be exported\n"
    );
    let told = stage.json(1, "export", &["mail.db", "again"]);
    assert_eq!(told["messages"], 3);
    assert!(told["left_out"][0]["message"].is_u64());
}

#[test]
fn others_may_write_while_it_is_exported() {
    let stage = Stage::filled(50);
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    thread::scope(|scope| {
        let exported = scope.spawn(|| stage.json(0, "export", &["mail.db", "saved"]));
        while !exported.is_finished() {
            save(&store, inbox, &message("More"));
        }
        let exported = exported.join().expect("it ends");
        assert!(
            exported["messages"].as_u64().expect("a number") >= 50,
            "{exported}"
        );
    });
    assert!(Path::new(&stage.path()).is_file());
}
