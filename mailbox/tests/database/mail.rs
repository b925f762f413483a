//! Internet mail in the logic's batches.

use std::sync::Arc;

use crate::store_support;
use mapi_provider_abi::mapi::{
    PR_BODY_W, PR_HTML, PR_INTERNET_MESSAGE_ID_W, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC,
    PR_SENDER_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W,
};
use mapi_provider_mailbox::database::{
    Attachment as Attached, Error, MessageData, PropertySet, Save, Store,
};
use mapi_provider_mailbox::logic::{LocalChange, Mailbox};
use mapi_provider_mime::{Attachment, Mail, Who};
use store_support::store;

/// Mail with some of everything.
fn octets() -> Vec<u8> {
    let mut inner = Mail {
        subject: "Within".to_owned(),
        text: Some("inner text".to_owned()),
        ..Mail::default()
    };
    inner
        .attachments
        .push(Attachment::file("b.bin", "application/x-b", vec![1; 3000]));
    let mut mail = Mail {
        subject: "Größe".to_owned(),
        from: Some(Who::new("Ann", "ann@example.org")),
        text: Some("text\r\n".repeat(4000)),
        html: Some("<p>text</p>".to_owned()),
        message_id: "<a@example.org>".to_owned(),
        ..Mail::default()
    };
    mail.attachments.push(Attachment::file(
        "ä.bin",
        "application/x-a",
        vec![7; 100_000],
    ));
    mail.attachments
        .push(Attachment::mail(inner).expect("not too deep"));
    mail.to_octets().expect("not too large")
}

fn deliver(mailbox: &Mailbox, octets: &[u8]) {
    let parsed = Mail::parse(octets).expect("a message");
    let inbox = mailbox.inbox().expect("an inbox");
    let mut batch = mailbox.batch();
    batch
        .try_upsert(inbox, "1", |draft| draft.mail(&parsed))
        .expect("taken");
    batch.commit().expect("written");
}

/// What a client's edit of the message is told as.
fn edited(mailbox: &Mailbox, store: &Store, edit: impl FnOnce(&mut MessageData)) -> LocalChange {
    let id = mailbox
        .message_of_server("1")
        .expect("read")
        .expect("there");
    let message = store.open_message(id).expect("read").expect("there");
    let mut data = (*message.data).clone();
    edit(&mut data);
    let save = Save {
        id,
        folder: message.info.folder,
        associated: false,
        base: Some(message.info.version),
        force: false,
        read: false,
        keep_time: false,
        data: &data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
    let changes = mailbox.local_changes().expect("read");
    changes.into_iter().next().expect("told")
}

#[test]
fn what_nobody_has_edited_goes_back_byte_for_byte() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let octets = octets();
    deliver(&mailbox, &octets);
    // Saved again, but the same.
    let change = edited(&mailbox, &store, |data| {
        let subject = data.props.text(PR_SUBJECT_W).expect("there");
        data.props.set_tag(PR_SUBJECT_W, &*subject);
    });
    let back = change.to_mime().expect("read").expect("a message");
    assert!(back == octets, "{}", String::from_utf8_lossy(&back));
}

#[test]
fn what_was_edited_goes_out_as_it_is_now() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    deliver(&mailbox, &octets());
    let change = edited(&mailbox, &store, |data| {
        data.props.set_tag(PR_BODY_W, "new text");
    });
    let back = change.to_mime().expect("read").expect("a message");
    let mail = Mail::parse(&back).expect("a message").into_mail();
    assert_eq!(mail.text.as_deref(), Some("new text"));
    assert_eq!(mail.subject, "Größe");
    assert_eq!(mail.attachments.len(), 2);
}

#[test]
fn store_45_new_mail_in_place_of_old_leaves_nothing_of_the_old() {
    let store = store();
    let mailbox = Mailbox::new(store);
    deliver(
        &mailbox,
        b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\nContent-Type: text/html\r\n\r\n<p>old</p>\r\n",
    );
    deliver(
        &mailbox,
        b"Subject: s\r\nContent-Type: text/plain\r\n\r\nnew\r\n",
    );
    let id = mailbox.message_of_server("1").expect("read");
    let message = mailbox.message(id.expect("there")).expect("read");
    let props = message.expect("there").data.props.clone();
    for tag in [
        PR_HTML,
        PR_SENDER_EMAIL_ADDRESS_W,
        PR_SENT_REPRESENTING_NAME_W,
        PR_INTERNET_MESSAGE_ID_W,
    ] {
        assert!(!props.contains(tag.id()), "{tag:?}");
    }
    assert!(
        props
            .text(PR_BODY_W)
            .is_some_and(|text| text.starts_with("new"))
    );
}

#[test]
fn store_45_mail_that_comes_again_changes_nothing() {
    let mailbox = Mailbox::new(store());
    let octets = octets();
    deliver(&mailbox, &octets);
    let id = mailbox
        .message_of_server("1")
        .expect("read")
        .expect("there");
    let before = mailbox.message(id).expect("read").expect("there");
    deliver(&mailbox, &octets);
    let after = mailbox.message(id).expect("read").expect("there");
    assert_eq!(after.info.version, before.info.version);
    assert_eq!(after.data, before.data);
}

/// Rich text in the form that compresses nothing: lengths, mark, checksum, text.
fn rich(text: &str) -> Vec<u8> {
    let size = u32::try_from(text.len()).expect("short");
    let numbers = [size + 12, size].map(u32::to_le_bytes).concat();
    [&numbers[..], b"MELA", &[0; 4], text.as_bytes()].concat()
}

#[test]
fn a_rich_text_that_somebody_writes_is_an_edit_and_goes_out() {
    for (body, rtf, shown, attached) in [
        (Some("text"), "{\\rtf1 new {\\b text}}", "new text", true),
        (None, "{\\rtf1 new {\\b text}}", "new text", true),
        (None, "{\\rtf1\\fromtext new text}", "new text", false),
    ] {
        let store = store();
        let mailbox = Mailbox::new(store.clone());
        deliver(&mailbox, b"Subject: s\r\nX-Other: 1\r\n\r\ntext\r\n");
        let change = edited(&mailbox, &store, |data| {
            data.props.remove(PR_BODY_W.id());
            if let Some(body) = body {
                data.props.set_tag(PR_BODY_W, body);
                data.props.set_tag(PR_RTF_IN_SYNC, true);
            }
            data.props.set_tag(PR_RTF_COMPRESSED, rich(rtf));
        });
        let back = change.to_mime().expect("read").expect("a message");
        let mail = Mail::parse(&back).expect("a message").into_mail();
        assert_eq!(mail.text.as_deref().map(str::trim), Some(shown), "{rtf}");
        assert!(mail.headers.contains("X-Other: 1\r\n"));
        let file = Attachment::file("text.rtf", "application/rtf", rtf.as_bytes().to_vec());
        let files: Vec<Attachment> = attached.then_some(file).into_iter().collect();
        assert_eq!(mail.attachments, files, "{rtf}");
    }
}

/// A message as a store keeps it, with so many others in one another.
fn nested(store: &Store, levels: usize) -> MessageData {
    (0..levels).fold(MessageData::default(), |mut inner, level| {
        inner
            .props
            .set_tag(PR_SUBJECT_W, &*format!("level {level}"));
        let attachment = Attached {
            id: store.reserve_attachment().expect("an ID"),
            props: PropertySet::default(),
            embedded: Some(Arc::new(inner)),
        };
        let mut outer = MessageData::default();
        outer.attachments.insert(0, Arc::new(attachment));
        outer
    })
}

#[test]
fn every_message_in_another_goes_out_or_it_is_an_error() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let mail = mailbox.to_mail(&nested(&store, Mail::DEEPEST));
    let octets = mail.expect("not too deep").to_octets().expect("written");
    let text = String::from_utf8(octets).expect("ASCII");
    for level in 0..Mail::DEEPEST {
        assert!(
            text.contains(&format!("Subject: level {level}\r\n")),
            "{level}"
        );
    }
    let deeper = mailbox.to_mail(&nested(&store, Mail::DEEPEST + 1));
    assert!(matches!(deeper, Err(Error::TooDeep)), "{deeper:?}");
}
