//! Work that others are killed at: what is done next follows from a number and from what is there, so a model knows what
//! must be there after any number of steps.
#![allow(dead_code, reason = "each test program uses a part of this")]

use mapi_provider_abi::mapi::{
    MAPI_E_TIMEOUT, PR_COMMENT_W, PR_DISPLAY_NAME_W, PR_HTML, PR_SUBJECT_W,
};
use mapi_provider_mailbox::database::{
    FolderId, FolderKind, MessageData, MessageId, NewFolder, PropertySet, Reader, Result, Save,
    Special, Store, Transaction,
};
use mapi_provider_mailbox::logic::Mailbox;

/// A number that follows from others, and looks like none that does.
pub(crate) fn dice(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_add(1);
    for shift in [30, 27, 31] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    mixed ^ (mixed >> 29)
}

/// A message, as far as the work knows it: in which of two folders, subject, read or not, bytes of its large value.
pub(crate) type Known = (usize, String, bool, u64);

/// What a client does in a step. The number chooses among what is there, in order.
#[derive(Debug, Clone)]
enum Step {
    Create {
        at: usize,
        subject: String,
        large: u64,
    },
    Edit {
        which: usize,
        subject: String,
    },
    Mark {
        which: usize,
    },
    Move {
        which: usize,
    },
    Copy {
        which: usize,
    },
    Delete {
        which: usize,
    },
}

/// More messages than this are not made.
const MOST: usize = 25;

fn step(seed: u64, number: u64, there: usize) -> Step {
    let roll = dice(seed, number);
    let which = (roll >> 16) as usize % there.max(1);
    let subject = format!("c{seed}-{number}");
    match roll % 10 {
        5 if there > 0 => Step::Edit { which, subject },
        6 if there > 0 => Step::Mark { which },
        7 if there > 0 => Step::Move { which },
        8 if there > 0 && there < MOST => Step::Copy { which },
        9 if there > 0 => Step::Delete { which },
        _ if there >= MOST => Step::Delete { which },
        _ => Step::Create {
            at: (roll >> 8) as usize % 2,
            subject,
            large: if roll.is_multiple_of(7) { 100_000 } else { 0 },
        },
    }
}

/// What a client has after so many steps.
pub(crate) fn after(seed: u64, steps: u64) -> Vec<Known> {
    let mut all: Vec<Known> = Vec::new();
    for number in 0..steps {
        match step(seed, number, all.len()) {
            Step::Create { at, subject, large } => all.push((at, subject, false, large)),
            Step::Edit { which, subject } => all[which].1 = subject,
            Step::Mark { which } => all[which].2 = !all[which].2,
            Step::Move { which } => all[which].0 = 1 - all[which].0,
            Step::Copy { which } => all.push(all[which].clone()),
            Step::Delete { which } => drop(all.remove(which)),
        }
        all.sort();
    }
    all
}

/// A client's two folders, the second in the first. The first has the number of steps that are done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home(pub(crate) [FolderId; 2]);

impl Home {
    /// The folders of a client, made if they are not there.
    pub(crate) fn of(store: &Store, name: &str) -> Self {
        store
            .write(|tx| {
                let top = folder(tx, tx.special(Special::Inbox)?, name)?;
                Ok(Self([top, folder(tx, top, "Below")?]))
            })
            .expect("made")
    }

    /// How many steps are done, and what is there.
    pub(crate) fn look(self, reader: &Reader<'_>) -> Result<(u64, Vec<(Known, MessageId)>)> {
        let comment = reader.existing_folder(self.0[0])?.props.text(PR_COMMENT_W);
        let steps = comment.map_or(0, |text| text.parse().expect("a number"));
        let mut found = Vec::new();
        for (at, folder) in self.0.into_iter().enumerate() {
            for id in reader.message_ids(folder)? {
                let message = reader.message(id)?.expect("it is in the folder");
                let props = &message.data.props;
                let large = props.get(PR_HTML.id()).map_or(0, |value| value.size());
                let subject = props.text(PR_SUBJECT_W).expect("a subject");
                found.push(((at, subject, message.info.read, large), id));
            }
        }
        found.sort();
        Ok((steps, found))
    }

    /// Does the next step, in one transaction with the number of it. Tells how many are done.
    pub(crate) fn work(self, store: &Store, seed: u64) -> Result<u64> {
        store.write(|tx| {
            let (steps, there) = self.look(tx)?;
            self.take(tx, &step(seed, steps, there.len()), &there)?;
            tx.change_folder(self.0[0], |props| {
                props.set_tag(PR_COMMENT_W, (steps + 1).to_string().as_str());
                Ok(())
            })?;
            Ok(steps + 1)
        })
    }

    fn take(self, tx: &Transaction<'_>, step: &Step, there: &[(Known, MessageId)]) -> Result<()> {
        match step {
            Step::Create { at, subject, large } => {
                let mut data = MessageData::default();
                data.props.set_tag(PR_SUBJECT_W, &**subject);
                if *large > 0 {
                    data.props.set_tag(PR_HTML, vec![1; *large as usize]);
                }
                save(tx, tx.new_message_id(), self.0[*at], None, &data)
            }
            Step::Edit { which, subject } => {
                let message = tx.message(there[*which].1)?.expect("there");
                let mut data = MessageData::clone(&message.data);
                data.props.set_tag(PR_SUBJECT_W, &**subject);
                let (id, base) = (message.info.id, Some(message.info.version));
                save(tx, id, message.info.folder, base, &data)
            }
            Step::Mark { which } => {
                let ((_, _, read, _), id) = &there[*which];
                tx.set_read(&[*id], !read).map(drop)
            }
            Step::Move { which } => {
                let ((at, ..), id) = &there[*which];
                tx.move_messages(&[*id], self.0[1 - at]).map(drop)
            }
            Step::Copy { which } => {
                let ((at, ..), id) = &there[*which];
                tx.copy_messages(&[*id], self.0[*at]).map(drop)
            }
            Step::Delete { which } => tx.delete_messages(&[there[*which].1]).map(drop),
        }
    }
}

fn save(
    tx: &Transaction<'_>,
    id: MessageId,
    folder: FolderId,
    base: Option<mapi_provider_mailbox::database::Version>,
    data: &MessageData,
) -> Result<()> {
    let save = Save {
        id,
        folder,
        associated: false,
        base,
        force: false,
        read: false,
        keep_time: false,
        data,
    };
    tx.save_message(&save).map(drop)
}

fn folder(tx: &Transaction<'_>, parent: FolderId, name: &str) -> Result<FolderId> {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    let new = NewFolder {
        parent,
        kind: FolderKind::Generic,
        props: &props,
        open_existing: true,
    };
    Ok(tx.create_folder(&new)?.0)
}

/// How many messages a server of the work has.
const SERVED: u64 = 30;

/// What the server has after so many batches: the subjects of its messages.
pub(crate) fn served(seed: u64, batches: u64) -> Vec<String> {
    let mut all = std::collections::BTreeMap::new();
    for number in 0..batches {
        for (id, subject) in batch(seed, number) {
            match subject {
                Some(subject) => drop(all.insert(id, subject)),
                None => drop(all.remove(&id)),
            }
        }
    }
    let mut subjects: Vec<String> = all.into_values().collect();
    subjects.sort();
    subjects
}

/// A batch: what is new or different, or gone.
fn batch(seed: u64, number: u64) -> Vec<(String, Option<String>)> {
    let one = |part: u64| {
        let roll = dice(seed ^ part, number);
        let id = format!("m{}", (roll >> 8) % SERVED);
        (
            id,
            (!roll.is_multiple_of(3)).then(|| format!("s{number}-{part}")),
        )
    };
    (0..4).map(one).collect()
}

/// Brings the next batch, with its number as the cursor. Tells how many were brought.
pub(crate) fn synchronize(mailbox: &Mailbox, folder: FolderId, seed: u64) -> Result<u64> {
    let done = batches(mailbox.cursor()?);
    let mut next = mailbox.batch();
    for (id, subject) in batch(seed, done) {
        match subject {
            Some(subject) => next.upsert(folder, &id, |draft| draft.subject(&subject))?,
            None => next.remove([&id])?,
        };
    }
    next.commit_with(&(done + 1).to_le_bytes())?;
    Ok(done + 1)
}

pub(crate) fn batches(cursor: Option<Vec<u8>>) -> u64 {
    let bytes = cursor.map(|bytes| bytes.try_into().expect("8 bytes"));
    bytes.map_or(0, u64::from_le_bytes)
}

/// Puts the file in order; tells whether there is more to do. On a machine with much else to do, the others may have the
/// file for longer than anybody waits: then it is tried again. A lock that somebody has left would stay.
pub(crate) fn maintain(store: &Store) -> bool {
    for _ in 0..12 {
        match store.maintain() {
            Ok(more) => return more,
            Err(error) => assert_eq!(error.status(), MAPI_E_TIMEOUT, "{error}"),
        }
    }
    panic!("a lock is left");
}
