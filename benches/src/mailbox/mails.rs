//! Mail that follows from a number: some 4 KB each, in no order that an index would like.

use std::error::Error;
use std::path::Path;

use mapi_provider::abi::{
    PR_CONVERSATION_ID, PR_CONVERSATION_TOPIC_W, PR_IMPORTANCE, PR_INTERNET_MESSAGE_ID_W,
    PR_SENSITIVITY,
};
use mapi_provider::view::{FileTime, PropValue};
use mapi_provider_mailbox::database::{Special, Store};
use mapi_provider_mailbox::logic::{Draft, Mailbox};

/// The folder of 100,000 messages.
pub(crate) const LARGE: &str = "Large";
/// How many people write.
pub(crate) const SENDERS: u64 = 500;
/// What a subject of a hundred has, and no other text.
pub(crate) const NEEDLE: &str = "xylophon";
/// The characters of a body: with the head it is a mail of 4 KB.
const BODY: usize = 3_600;

/// A mail as a server gives it.
pub(crate) struct Mail {
    pub(crate) server_id: String,
    subject: String,
    sender: (String, String),
    to: Vec<(String, String)>,
    body: String,
    topic: String,
    message_id: String,
    roll: u64,
}

impl Mail {
    /// The mail of a number.
    pub(crate) fn new(number: u64) -> Self {
        let roll = mixed(number);
        let word = |part: u64| WORDS[(mixed(roll ^ part) % WORDS.len() as u64) as usize];
        let topic = format!("{} {} {}", word(1), word(2), roll % 20_000);
        let prefix = if roll.is_multiple_of(3) { "RE: " } else { "" };
        let needle = if number.is_multiple_of(100) {
            NEEDLE
        } else {
            ""
        };
        let sender = roll % SENDERS;
        let person = |number: u64| {
            let name = format!(
                "{} {} {number}",
                NAMES[(number % 8) as usize],
                NAMES[(number / 8 % 8) as usize]
            );
            (name, format!("person{number}@example.org"))
        };
        let mut body = String::with_capacity(BODY + 16);
        let mut part = 100;
        while body.len() < BODY {
            body.push_str(word(part));
            body.push(if part.is_multiple_of(12) { '\n' } else { ' ' });
            part += 1;
        }
        Self {
            server_id: format!("inbox/{number}"),
            subject: format!("{prefix}{topic} {needle}"),
            sender: person(sender),
            to: vec![person(900), person(roll >> 20 & 0xFF)],
            body,
            topic,
            message_id: format!("<{roll:016x}@example.org>"),
            roll,
        }
    }

    /// Fills in what the server has.
    pub(crate) fn fill(&self, draft: &mut Draft<'_>) {
        let minutes = self.roll >> 8 & 0x3F_FFFF;
        let sent = FileTime::from_ticks(132_000_000_000_000_000 + minutes * 600_000_000);
        draft.subject(&self.subject);
        draft.class(if self.roll.is_multiple_of(50) {
            "IPM.Schedule.Meeting.Request"
        } else {
            "IPM.Note"
        });
        draft.sender(&self.sender.0, &self.sender.1);
        for (name, address) in &self.to {
            draft.to(name, address);
        }
        draft.sent(sent);
        draft.received(FileTime::from_ticks(sent.ticks() + 30_000_000));
        draft.body(&self.body);
        draft.set(PR_INTERNET_MESSAGE_ID_W, &*self.message_id);
        draft.set(PR_CONVERSATION_TOPIC_W, &*self.topic);
        draft.set(
            PR_CONVERSATION_ID,
            mixed(self.roll % 20_000).to_le_bytes().repeat(2),
        );
        draft.set(
            PR_IMPORTANCE,
            PropValue::Long((self.roll >> 3 & 3).min(2) as i32),
        );
        draft.set(
            PR_SENSITIVITY,
            PropValue::Long((self.roll >> 6 & 7).min(3) as i32),
        );
        draft.read(!self.roll.is_multiple_of(4));
    }
}

/// Puts so many messages into a folder of a store, which is made.
pub(crate) fn fill(path: &Path, name: &str, count: u64) -> Result<(), Box<dyn Error>> {
    let mailbox = Mailbox::new(Store::open(path)?);
    let top = mailbox.special(Special::IpmSubtree)?;
    let folder = mailbox
        .upsert_folder(top, name, name)?
        .ok_or("the folder was deleted")?;
    let mut batch = mailbox.batch();
    for number in 0..count {
        let mail = Mail::new(number);
        batch.upsert(folder, &format!("{name}/{number}"), |draft| {
            mail.fill(draft)
        })?;
    }
    batch.commit_with(b"all")?;
    Ok(())
}

/// A number that follows from another, and looks like none that does.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    for shift in [30, 27] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    mixed ^ (mixed >> 31)
}

const WORDS: [&str; 24] = [
    "meeting", "budget", "quarter", "please", "review", "attached", "Größe", "holiday", "invoice",
    "lunch", "project", "deadline", "server", "update", "minutes", "draft", "contract", "travel",
    "release", "question", "answer", "plan", "order", "delivery",
];
const NAMES: [&str; 8] = [
    "Anna", "Bert", "Chloé", "Dora", "Emil", "Frida", "Gustav", "Hanna",
];
