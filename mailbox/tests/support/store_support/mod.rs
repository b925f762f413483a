//! What the tests have in common.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    PR_ATTACH_FILENAME_W, PR_BODY_W, PR_DISPLAY_NAME_W, PR_MESSAGE_DELIVERY_TIME,
    PR_RECIPIENT_TYPE, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W,
};
use mapi_provider_abi::view::{FileTime, PropValue};
use mapi_provider_mailbox::database::{
    Attachment, AttachmentId, FolderId, Message, MessageData, MessageId, Options, PropertySet,
    Recipient, Result, Save, Special, Store, Version,
};

/// A store in memory.
pub(crate) fn store() -> Store {
    Store::in_memory(Options::default()).expect("a store")
}

/// A message with some of everything.
pub(crate) fn message(subject: &str, attachments: u32) -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, subject);
    data.props.set_tag(PR_BODY_W, "Hello");
    data.props.set_tag(PR_SENT_REPRESENTING_NAME_W, "Sender");
    data.props
        .set_tag(PR_MESSAGE_DELIVERY_TIME, FileTime::from_ticks(1000));
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, "Recipient");
    props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(1));
    data.recipients.push(Recipient {
        row: 7,
        props: Arc::new(props),
    });
    for number in 0..attachments {
        let mut props = PropertySet::default();
        props.set_tag(PR_ATTACH_FILENAME_W, "file.txt");
        let attachment = Attachment {
            id: attachment_id(),
            props,
            embedded: (number == 1).then(|| Arc::new(message("Inner", 0))),
        };
        data.attachments.insert(number, Arc::new(attachment));
    }
    data
}

/// IDs that no store of a test gives out.
fn attachment_id() -> AttachmentId {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1 << 60);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Each process of a test has its own.
    AttachmentId::from_number(number + (u64::from(std::process::id()) << 24)).expect("a number")
}

/// Saves a new message.
pub(crate) fn save(store: &Store, folder: FolderId, data: &MessageData) -> Message {
    let id = store.reserve_message().expect("an ID");
    let save = Save {
        id,
        folder,
        associated: false,
        base: None,
        force: false,
        read: false,
        keep_time: false,
        data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved")
}

/// A working copy.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) id: MessageId,
    pub(crate) folder: FolderId,
    pub(crate) base: Option<Version>,
    pub(crate) data: MessageData,
}

impl Work {
    pub(crate) fn new(store: &Store, folder: Special, data: MessageData) -> Self {
        Self {
            id: store.reserve_message().expect("an ID"),
            folder: store.read(|r| r.special(folder)).expect("a folder"),
            base: None,
            data,
        }
    }

    pub(crate) fn save(&mut self, store: &Store, force: bool) -> Result<Message> {
        let saved = store.write(|tx| {
            tx.save_message(&Save {
                id: self.id,
                folder: self.folder,
                associated: false,
                base: self.base,
                force,
                read: false,
                keep_time: false,
                data: &self.data,
            })
        })?;
        self.base = Some(saved.info.version);
        self.data = MessageData::clone(&saved.data);
        Ok(saved)
    }
}
