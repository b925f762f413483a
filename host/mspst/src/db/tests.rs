//! A store is what was committed, whatever happens to its process or its disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_E_CORRUPT_STORE, MAPI_E_NOT_ENOUGH_DISK, MAPI_E_VERSION, PR_DISPLAY_NAME_W, PR_SUBJECT_W,
};
use mapi_provider::view::{NameId, PropName};
use proptest::prelude::*;

use super::change::{Change, encode};
use super::database::Database;
use super::id::{Id, Kind};
use super::props::PropSet;
use super::state::{Attachment, Message, MessageData, Recipient, State};
use crate::fault::{Fault, Result};

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.ost");
    (folder, path)
}

/// The state as bytes: two that are the same have the same.
fn image(database: &Database) -> Vec<u8> {
    database.read(|state| encode(&state.changes()))
}

/// What tests do to a store.
#[derive(Debug, Clone)]
enum Step {
    Folder { parent: usize, name: u8 },
    Message { folder: usize, size: u16 },
    Again { message: usize },
    Mark { message: usize, read: bool },
    Move { message: usize, folder: usize },
    Delete { message: usize },
    DeleteFolder { folder: usize },
    Name(u8),
    Receive { folder: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = || any::<prop::sample::Index>().prop_map(|index| index.index(64));
    let step = prop_oneof![
        2 => (which(), any::<u8>()).prop_map(|(parent, name)| Step::Folder { parent, name }),
        6 => (which(), any::<u16>()).prop_map(|(folder, size)| Step::Message { folder, size }),
        2 => which().prop_map(|message| Step::Again { message }),
        2 => (which(), any::<bool>()).prop_map(|(message, read)| Step::Mark { message, read }),
        2 => (which(), which()).prop_map(|(message, folder)| Step::Move { message, folder }),
        2 => which().prop_map(|message| Step::Delete { message }),
        1 => which().prop_map(|folder| Step::DeleteFolder { folder }),
        1 => any::<u8>().prop_map(Step::Name),
        1 => which().prop_map(|folder| Step::Receive { folder }),
    ];
    prop::collection::vec(step, 1..24)
}

fn nth<T: Copy>(mut all: impl Iterator<Item = T> + Clone, number: usize) -> Option<T> {
    let count = all.clone().count();
    all.nth(number.checked_rem(count)?)
}

fn message_data(size: u16) -> MessageData {
    let mut props = PropSet::default();
    props.put(PR_SUBJECT_W, &*"x".repeat(usize::from(size % 700)));
    let recipient = Recipient {
        row: u32::from(size),
        props: Arc::new(PropSet::default()),
    };
    let attachment = Attachment {
        props: props.clone(),
        embedded: size.is_multiple_of(3).then(Arc::default),
    };
    MessageData {
        props,
        recipients: vec![recipient],
        attachments: BTreeMap::from([(u32::from(size), Arc::new(attachment))]),
    }
}

fn plan(database: &Database, state: &State, step: &Step) -> Result<Vec<Change>> {
    let folder = |number| nth(state.folders.keys().copied(), number).expect("there is the root");
    let mut ids: Vec<Id> = state.places.keys().copied().collect();
    ids.sort_unstable();
    let message = |number| {
        let id = nth(ids.iter().copied(), number)?;
        state.message(id)
    };
    let change = match *step {
        Step::Folder { parent, name } => {
            let mut props = PropSet::default();
            props.put(PR_DISPLAY_NAME_W, &*name.to_string());
            Some(Change::Folder {
                id: database.new_id(Kind::Folder)?,
                parent: Some(folder(parent)),
                props: Arc::new(props),
            })
        }
        Step::Message {
            folder: place,
            size,
        } => {
            let kind = if size.is_multiple_of(5) {
                Kind::Associated
            } else {
                Kind::Message
            };
            Some(Change::Message(Arc::new(Message {
                id: database.new_id(kind)?,
                folder: folder(place),
                read: false,
                status: 0,
                data: Arc::new(message_data(size)),
            })))
        }
        Step::Again { message: number } => message(number).map(|message| {
            Change::Message(Arc::new(Message {
                data: Arc::new(message_data(7)),
                ..Message::clone(message)
            }))
        }),
        Step::Mark {
            message: number,
            read,
        } => message(number).map(|message| Change::Marked {
            id: message.id,
            read,
            status: 4,
        }),
        Step::Move {
            message: number,
            folder: place,
        } => message(number).map(|message| Change::Moved {
            id: message.id,
            folder: folder(place),
        }),
        Step::Delete { message: number } => {
            message(number).map(|message| Change::MessageGone(message.id))
        }
        Step::DeleteFolder { folder: number } => {
            let id = folder(number);
            (id != Id::ROOT).then_some(Change::FolderGone(id))
        }
        Step::Name(name) => {
            let set = mapi_provider::abi::GUID::from_u128(3);
            let name = PropName {
                set,
                id: NameId::Number(i32::from(name)),
            };
            state
                .names
                .id(&name)
                .is_none()
                .then_some(Change::Name(name))
        }
        Step::Receive { folder: number } => Some(Change::Receive {
            class: "IPM".to_owned(),
            folder: Some(folder(number)),
        }),
    };
    Ok(change.into_iter().collect())
}

fn run(database: &Database, step: &Step) -> Result<()> {
    database
        .commit(|state| Ok((plan(database, state, step)?, ())))
        .map(drop)
}

/// Folders' counts match their contents.
fn check_counts(state: &State) {
    let mut places = 0;
    for (id, folder) in &state.folders {
        let unread = folder
            .messages
            .values()
            .filter(|message| !message.read)
            .count();
        assert_eq!(folder.unread, unread, "{id:?}");
        for message in folder.messages.values().chain(folder.associated.values()) {
            assert_eq!(
                (message.folder, state.places.get(&message.id)),
                (*id, Some(id))
            );
            places += 1;
        }
        for child in &folder.children {
            assert_eq!(
                state.folders.get(child).and_then(|child| child.parent),
                Some(*id)
            );
        }
    }
    assert_eq!(state.places.len(), places);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever the file is cut off, the store is as it was after the last complete change.
    #[test]
    fn a_file_that_is_cut_off_is_the_store_before(steps in steps(), cut in any::<prop::sample::Index>()) {
        let (_folder, path) = place();
        let mut history = Vec::new();
        {
            let database = Database::open(&path).expect("a store");
            history.push((file_length(&path), image(&database)));
            for step in &steps {
                run(&database, step).expect("it fits");
                database.read(check_counts);
                history.push((file_length(&path), image(&database)));
            }
        }
        let database = Database::open(&path).expect("whole");
        prop_assert_eq!(&image(&database), &history[steps.len()].1);
        drop(database);
        let (first, last) = (history[0].0, history[steps.len()].0);
        let length = first + cut.index((last - first + 1) as usize) as u64;
        let file = fs::OpenOptions::new().write(true).open(&path).expect("there");
        file.set_len(length).expect("cut off");
        drop(file);
        let database = Database::open(&path).expect("what is cut off is left out");
        let (whole, expected) =
            history.iter().rfind(|(end, _)| *end <= length).expect("the first is whole");
        prop_assert_eq!(&image(&database), expected);
        prop_assert_eq!(file_length(&path), *whole);
        run(&database, &Step::Name(1)).expect("it goes on from there");
        database.read(check_counts);
    }

    /// Whatever is in a file, opening it ends well or says why not.
    #[test]
    fn no_file_makes_the_reader_panic(at in any::<prop::sample::Index>(), byte: u8, bytes: Vec<u8>) {
        let (_folder, path) = place();
        drop(Database::open(&path).expect("a store"));
        let mut content = fs::read(&path).expect("there");
        let at = at.index(content.len());
        content[at] ^= byte;
        content.extend(bytes);
        fs::write(&path, &content).expect("written");
        if let Ok(database) = Database::open(&path) {
            database.read(check_counts);
        }
    }
}

fn file_length(path: &Path) -> u64 {
    fs::metadata(path).expect("there").len()
}

#[test]
fn a_maker_that_was_killed_leaves_a_new_store() {
    let (_folder, path) = place();
    drop(Database::open(&path).expect("a store"));
    let whole = fs::read(&path).expect("there");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let database = Database::open(&path).expect("a new store");
        assert_eq!(
            database.read(|state| state.folders.len()),
            4,
            "{length} bytes"
        );
    }
}

fn status(path: &Path) -> mapi_provider::abi::HRESULT {
    Database::open(path).map(drop).expect_err("no store").status
}

#[test]
fn damage_in_the_middle_is_told_and_not_cut_off() {
    let (_folder, path) = place();
    let database = Database::open(&path).expect("a store");
    run(&database, &Step::Name(1)).expect("named");
    run(&database, &Step::Name(2)).expect("named");
    drop(database);
    let mut content = fs::read(&path).expect("there");
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&path, &content).expect("written");
    assert_eq!(status(&path), MAPI_E_CORRUPT_STORE);
    assert_eq!(
        fs::read(&path).expect("there"),
        content,
        "nothing was touched"
    );
}

#[test]
fn another_version_is_told() {
    let (_folder, path) = place();
    let mut head = b"simulated store\n".to_vec();
    head.extend(7_u32.to_le_bytes());
    head.extend([0; 16]);
    head.extend(super::checksum::checksum(&head).to_le_bytes());
    fs::write(&path, head).expect("written");
    assert_eq!(status(&path), MAPI_E_VERSION);
}

#[test]
fn on_a_full_disk_nothing_has_happened() {
    let (_folder, path) = place();
    let database = Database::open(&path).expect("a store");
    let (before, length) = (image(&database), file_length(&path));
    database.set_limit(length + 100);
    let large = Step::Message {
        folder: 0,
        size: 699,
    };
    let full: Fault = run(&database, &large).expect_err("no room");
    database.set_limit(u64::MAX);
    assert_eq!(full.status, MAPI_E_NOT_ENOUGH_DISK);
    assert!(full.text.contains("store.ost"), "{}", full.text);
    assert_eq!((image(&database), file_length(&path)), (before, length));
    run(&database, &large).expect("there is room again");
    let after = image(&database);
    drop(database);
    assert_eq!(image(&Database::open(&path).expect("whole")), after);
}

/// Whether a file that is open can be replaced by another one that is open too.
fn can_replace_open_files() -> bool {
    let (folder, path) = place();
    let other = folder.path().join("other");
    let _files = [&path, &other].map(|path| fs::File::create(path).expect("made"));
    fs::rename(&other, &path).is_ok()
}

#[test]
fn a_file_that_is_mostly_outdated_is_written_anew() {
    let (_folder, path) = place();
    let database = Database::open(&path).expect("a store");
    run(
        &database,
        &Step::Message {
            folder: 0,
            size: 699,
        },
    )
    .expect("made");
    for _ in 0..1500 {
        run(
            &database,
            &Step::Message {
                folder: 0,
                size: 699,
            },
        )
        .expect("made");
        run(&database, &Step::Delete { message: 1 }).expect("deleted");
    }
    let before = image(&database);
    drop(database);
    let long = file_length(&path);
    assert!(long > 1 << 20, "{long}");
    let database = Database::open(&path).expect("a store");
    assert_eq!(image(&database), before);
    run(&database, &Step::Name(1)).expect("it goes on");
    let after = image(&database);
    drop(database);
    if can_replace_open_files() {
        assert!(file_length(&path) < long / 4);
    } else {
        eprintln!("the file stays as it is: this system does not let open files be replaced");
        assert!(file_length(&path) > long);
    }
    let files = fs::read_dir(path.parent().expect("a folder"))
        .expect("a folder")
        .count();
    assert_eq!(files, 1, "nothing is left over");
    assert_eq!(image(&Database::open(&path).expect("whole")), after);
}
