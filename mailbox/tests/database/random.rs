//! Whatever is done, in whatever order: counts are what is there, and the log tells all of it.

use crate::store_support;
use std::collections::{BTreeMap, BTreeSet};

use mapi_provider_abi::mapi::PR_DISPLAY_NAME_W;
use mapi_provider_mailbox::database::{
    Changes, DeleteFolder, FolderId, FolderKind, MessageId, NewFolder, ObjectId, PropertySet, Save,
    Special, Store, What,
};
use proptest::prelude::*;
use store_support::{message, store};

/// Something that a client does. The numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Create {
        folder: usize,
        associated: bool,
        read: bool,
        attachments: u32,
    },
    SaveAgain {
        message: usize,
    },
    Read {
        message: usize,
        read: bool,
    },
    Status {
        message: usize,
    },
    Move {
        message: usize,
        folder: usize,
    },
    Copy {
        message: usize,
        folder: usize,
    },
    Delete {
        message: usize,
    },
    Submit {
        message: usize,
    },
    Abort {
        message: usize,
    },
    NewFolder {
        parent: usize,
        name: u8,
    },
    MoveFolder {
        folder: usize,
        parent: usize,
    },
    CopyFolder {
        folder: usize,
        parent: usize,
        name: u8,
    },
    DeleteFolder {
        folder: usize,
    },
    EmptyFolder {
        folder: usize,
    },
    /// A transaction that does all this and fails at its end.
    Undone {
        message: usize,
        folder: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (message, folder) = (0..40_usize, 0..12_usize);
    let name = 0..6_u8;
    prop_oneof![
        4 => (folder.clone(), any::<bool>(), any::<bool>(), 0..3_u32).prop_map(
            |(folder, associated, read, attachments)| Step::Create { folder, associated, read, attachments }
        ),
        1 => message.clone().prop_map(|message| Step::SaveAgain { message }),
        2 => (message.clone(), any::<bool>()).prop_map(|(message, read)| Step::Read { message, read }),
        1 => message.clone().prop_map(|message| Step::Status { message }),
        2 => (message.clone(), folder.clone()).prop_map(|(message, folder)| Step::Move { message, folder }),
        2 => (message.clone(), folder.clone()).prop_map(|(message, folder)| Step::Copy { message, folder }),
        1 => message.clone().prop_map(|message| Step::Delete { message }),
        1 => message.clone().prop_map(|message| Step::Submit { message }),
        1 => message.clone().prop_map(|message| Step::Abort { message }),
        2 => (folder.clone(), name.clone()).prop_map(|(parent, name)| Step::NewFolder { parent, name }),
        1 => (folder.clone(), folder.clone()).prop_map(|(folder, parent)| Step::MoveFolder { folder, parent }),
        1 => (folder.clone(), folder.clone(), name).prop_map(
            |(folder, parent, name)| Step::CopyFolder { folder, parent, name }
        ),
        1 => folder.clone().prop_map(|folder| Step::DeleteFolder { folder }),
        1 => folder.clone().prop_map(|folder| Step::EmptyFolder { folder }),
        1 => (message, folder).prop_map(|(message, folder)| Step::Undone { message, folder }),
    ]
}

/// What somebody knows who reads the log alone.
#[derive(Debug, Default, PartialEq)]
struct Known {
    folders: BTreeMap<FolderId, FolderId>,
    messages: BTreeMap<MessageId, (FolderId, bool)>,
    queue: BTreeSet<MessageId>,
}

impl Known {
    fn learn(&mut self, changes: &Changes) {
        assert!(!changes.lost);
        for change in &changes.list {
            match (change.what, change.object) {
                (What::Created | What::Copied { .. }, Some(ObjectId::Folder(id))) => {
                    self.folders.insert(id, change.folder.expect("a parent"));
                }
                (What::Created | What::Copied { .. }, Some(ObjectId::Message(id))) => {
                    let place = (change.folder.expect("a folder"), change.associated);
                    assert!(self.messages.insert(id, place).is_none());
                }
                (What::Moved { from }, Some(ObjectId::Folder(id))) => {
                    let to = change.folder.expect("a parent");
                    assert_eq!(self.folders.insert(id, to), Some(from));
                }
                (What::Moved { from }, Some(ObjectId::Message(id))) => {
                    let place = (change.folder.expect("a folder"), change.associated);
                    let before = self.messages.insert(id, place);
                    assert_eq!(before.map(|(folder, _)| folder), Some(from));
                }
                (What::Deleted, Some(ObjectId::Folder(id))) => {
                    assert!(self.folders.remove(&id).is_some());
                }
                (What::Deleted, Some(ObjectId::Message(id))) => {
                    assert!(self.messages.remove(&id).is_some());
                }
                (What::Queued, Some(ObjectId::Message(id))) => assert!(self.queue.insert(id)),
                (What::Unqueued, Some(ObjectId::Message(id))) => assert!(self.queue.remove(&id)),
                _ => {}
            }
        }
    }

    fn of(store: &Store, special: &[FolderId]) -> Self {
        store
            .read(|r| {
                let mut known = Self::default();
                let root = r.special(Special::Root)?;
                let mut all = vec![root];
                for (_, folder) in r.tree(root)? {
                    all.push(folder.id);
                    if !special.contains(&folder.id) {
                        known
                            .folders
                            .insert(folder.id, folder.parent.expect("a parent"));
                    }
                }
                for folder in all {
                    for id in r.message_ids(folder)? {
                        let info = r.existing_message(id)?;
                        known.messages.insert(id, (folder, info.associated));
                    }
                }
                known.queue = r.queue()?.into_iter().map(|one| one.message).collect();
                Ok(known)
            })
            .expect("read")
    }
}

fn pick<T: Copy>(all: &[T], number: usize) -> Option<T> {
    (!all.is_empty()).then(|| all[number % all.len()])
}

/// What a step may not do is refused, and that is no failure here.
fn take(store: &Store, step: &Step, folders: &[FolderId], messages: &[MessageId]) {
    let folder = |number: usize| pick(folders, number).expect("there are some");
    let Some(message_of) =
        pick(messages, 0).map(|_| |number: usize| pick(messages, number).expect("some"))
    else {
        if !matches!(step, Step::Create { .. }) {
            return;
        }
        let Step::Create {
            folder: number,
            associated,
            read,
            attachments,
        } = step
        else {
            return;
        };
        create(store, folder(*number), *associated, *read, *attachments);
        return;
    };
    let name = |number: u8| {
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, &*format!("Folder {number}"));
        props
    };
    let _ = match step {
        Step::Create {
            folder: number,
            associated,
            read,
            attachments,
        } => {
            create(store, folder(*number), *associated, *read, *attachments);
            Ok(())
        }
        Step::SaveAgain { message } => {
            let open = store
                .open_message(message_of(*message))
                .expect("read")
                .expect("there");
            store.write(|tx| {
                tx.save_message(&Save {
                    id: open.info.id,
                    folder: open.info.folder,
                    associated: false,
                    base: Some(open.info.version),
                    force: false,
                    read: false,
                    keep_time: false,
                    data: &open.data,
                })
                .map(drop)
            })
        }
        Step::Read { message, read } => {
            store.write(|tx| tx.set_read(&[message_of(*message)], *read).map(drop))
        }
        Step::Status { message } => {
            store.write(|tx| tx.set_status(message_of(*message), 5, 4).map(drop))
        }
        Step::Move {
            message,
            folder: to,
        } => store.write(|tx| {
            tx.move_messages(&[message_of(*message)], folder(*to))
                .map(drop)
        }),
        Step::Copy {
            message,
            folder: to,
        } => store.write(|tx| {
            tx.copy_messages(&[message_of(*message)], folder(*to))
                .map(drop)
        }),
        Step::Delete { message } => {
            store.write(|tx| tx.delete_messages(&[message_of(*message)]).map(drop))
        }
        Step::Submit { message } => store.write(|tx| tx.submit(message_of(*message), tx.now(), 0)),
        Step::Abort { message } => store.write(|tx| tx.abort_submit(message_of(*message))),
        Step::NewFolder {
            parent,
            name: number,
        } => {
            let props = name(*number);
            let new = NewFolder {
                parent: folder(*parent),
                kind: FolderKind::Generic,
                props: &props,
                open_existing: false,
            };
            store.write(|tx| tx.create_folder(&new).map(drop))
        }
        Step::MoveFolder {
            folder: which,
            parent,
        } => store.write(|tx| tx.move_folder(folder(*which), folder(*parent), None)),
        Step::CopyFolder {
            folder: which,
            parent,
            name: number,
        } => {
            let name = format!("Folder {number}");
            store.write(|tx| {
                tx.copy_folder(folder(*which), folder(*parent), Some(&name), true)
                    .map(drop)
            })
        }
        Step::DeleteFolder { folder: which } => {
            let all = DeleteFolder {
                messages: true,
                folders: true,
            };
            store.write(|tx| tx.delete_folder(folder(*which), all).map(drop))
        }
        Step::EmptyFolder { folder: which } => {
            store.write(|tx| tx.empty_folder(folder(*which), false).map(drop))
        }
        Step::Undone {
            message,
            folder: to,
        } => store.write(|tx| {
            tx.copy_messages(&[message_of(*message)], folder(*to))?;
            tx.delete_messages(&[message_of(*message)])?;
            tx.empty_folder(folder(*to), true)?;
            Err(mapi_provider_mailbox::database::Error::Invalid("undone"))
        }),
    };
}

fn create(store: &Store, folder: FolderId, associated: bool, read: bool, attachments: u32) {
    let id = store.reserve_message().expect("an ID");
    let data = message("Something", attachments);
    let save = Save {
        id,
        folder,
        associated,
        base: None,
        force: false,
        read,
        keep_time: false,
        data: &data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn store_03_and_store_39_counts_agree_and_the_log_tells_everything(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let store = store();
        let special: Vec<FolderId> =
            store.read(|r| Special::ALL.iter().map(|one| r.special(*one)).collect()).expect("read");
        let mut feed = store.feed().expect("feed");
        let mut known = Known::default();
        for step in &steps {
            let here = Known::of(&store, &special);
            let folders: Vec<FolderId> =
                special[1..6].iter().copied().chain(here.folders.keys().copied()).collect();
            let messages: Vec<MessageId> = here.messages.keys().copied().collect();
            if messages.len() > 60 {
                break;
            }
            take(&store, step, &folders, &messages);
            known.learn(&feed.poll().expect("read"));
            prop_assert_eq!(&known, &Known::of(&store, &special));
        }
        let report = store.check().expect("readable");
        prop_assert_eq!(report.problems, Vec::<String>::new());
    }
}
