//! Files that are damaged, or go: an error with a text, or all that was saved; never less without a word (STORE-43).

use crate::store_support;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mapi_provider_abi::mapi::{
    MAPI_E_CORRUPT_STORE, MAPI_E_DISK_ERROR, MAPI_E_NOT_FOUND, PR_HTML, PR_SUBJECT_W,
};
use mapi_provider_mailbox::database::{Error, MessageId, Property, Result, Special, Store};
use store_support::{message, save};

/// All messages of a store by their IDs, with subjects, sizes, counts of recipients and attachments.
type Content = BTreeMap<MessageId, (Option<String>, u64, usize, usize)>;

/// How many messages the file has.
const MESSAGES: usize = 16;

/// A file with some of everything, written back into itself.
fn filled(path: &Path) -> Content {
    let store = Store::open(path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    for number in 0..MESSAGES {
        let mut data = message(&format!("Message {number}"), number as u32 % 3);
        if number % 8 == 0 {
            data.props.set_tag(PR_HTML, vec![number as u8; 30_000]);
        }
        save(&store, inbox, &data);
    }
    store.compact().expect("compacted");
    content(&store).expect("readable")
}

/// All that can be read, message by message, large values included.
fn content(store: &Store) -> Result<Content> {
    let mut all = Content::new();
    for exported in store.export()? {
        let message = exported.map_err(|unreadable| unreadable.error)?.message;
        let data = &message.data;
        if let Some(Property::Large(large)) = data.props.get(PR_HTML.id()) {
            store.load_large(large)?;
        }
        let shown = (
            data.props.text(PR_SUBJECT_W),
            data.size(),
            data.recipients.len(),
            data.attachments.len(),
        );
        all.insert(message.info.id, shown);
    }
    Ok(all)
}

/// What there is of a damaged file: its content if nothing is known to be wrong with it, else what is told.
fn look(path: &Path) -> std::result::Result<Content, String> {
    let told = |error: Error| {
        let text = error.to_string();
        // Whoever asks for a value by a number that was never one hears that there is none of it.
        let is_of_number = error.status() == MAPI_E_NOT_FOUND && text.contains("large value");
        let is_of_damage = error.status() == MAPI_E_CORRUPT_STORE && text.contains("damaged");
        assert!(is_of_damage || is_of_number, "{error:?}: {text}");
        text
    };
    let store = Store::open(path).map_err(told)?;
    let found = content(&store).map_err(told)?;
    let report = store.check().map_err(told)?;
    match report.problems.is_empty() {
        true => Ok(found),
        false => Err(report.problems.join("; ")),
    }
}

#[test]
fn store_43_a_file_that_is_cut_anywhere_is_an_error_and_never_a_smaller_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, cut) = (folder.path().join("whole.db"), folder.path().join("cut.db"));
    let before = filled(&path);
    assert_eq!(before.len(), MESSAGES);
    let whole = fs::read(&path).expect("read");
    let pages = whole.len() / 8192;
    let ends = (1..pages).flat_map(|page| [page * 8192 - 1, page * 8192, page * 8192 + 1]);
    let heads = [1, 2, 15, 16, 17, 99, 100, 101, 108, 511, 512, 513, 4096];
    let lengths = heads.into_iter().chain(ends).chain([whole.len() - 1]);
    for length in lengths {
        fs::write(&cut, &whole[..length]).expect("cut");
        let found = look(&cut);
        let told = found.expect_err(&format!("{length} of {} bytes are no store", whole.len()));
        assert!(!told.is_empty());
        let after = fs::read(&cut).expect("there").len();
        assert!(after >= length, "{length} bytes became {after}");
        let _ = fs::remove_file(format!("{}-wal", cut.display()));
        let _ = fs::remove_file(format!("{}-shm", cut.display()));
    }
}

#[test]
fn store_43_a_file_that_was_cut_to_nothing_beside_its_log_is_no_new_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, cut) = (folder.path().join("whole.db"), folder.path().join("cut.db"));
    let log = |path: &Path| format!("{}-wal", path.display());
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    save(&store, inbox, &message("One", 0));
    fs::write(&cut, b"").expect("empty");
    let whole = fs::read(log(&path)).expect("a log");
    assert!(!whole.is_empty());
    fs::write(log(&cut), &whole).expect("copied");
    let error = Store::open(&cut).map(drop).expect_err("it had a store");
    assert_eq!(error.status(), MAPI_E_CORRUPT_STORE);
    assert!(error.to_string().contains("its log is not"), "{error}");
    assert_eq!(fs::read(&cut).expect("there"), b"", "it is as it was");
    assert_eq!(
        fs::read(log(&cut)).expect("there"),
        whole,
        "and so is its log"
    );
    // An empty file by itself is one that somebody has made for a store.
    fs::remove_file(log(&cut)).expect("removed");
    drop(Store::open(&cut).expect("made"));
}

#[test]
fn store_43_a_byte_that_is_another_one_is_an_error_or_loses_no_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, damaged) = (
        folder.path().join("whole.db"),
        folder.path().join("damaged.db"),
    );
    let before = filled(&path);
    let whole = fs::read(&path).expect("read");
    let (mut told, mut same, mut other) = (0, 0, 0);
    for page in 0..whole.len() / 8192 {
        // What kind of page it is, where its cells are, how many, where they begin; cells at the end; something between.
        let random = (page * 2_654_435_761) % 8192;
        let flips = [
            (0, 0x07),
            (4, 0x01),
            (6, 0xFF),
            (9, 0x04),
            (13, 0x80),
            (8150, 0xFF),
            (8191, 0x01),
            (random, 0x20),
        ];
        // Each page is damaged in other places than the one before.
        for flip in 0..3 {
            let (place, mask) = flips[(page + flip * 3) % flips.len()];
            let mut bytes = whole.clone();
            bytes[page * 8192 + place] ^= mask;
            fs::write(&damaged, &bytes).expect("written");
            match look(&damaged) {
                Err(_) => told += 1,
                Ok(found) if found == before => same += 1,
                Ok(found) => {
                    // A letter of a text can be any: no file of SQLite's tells. But it is one, and no message is lost.
                    let ids = |content: &Content| content.keys().copied().collect::<Vec<_>>();
                    assert_eq!(ids(&found), ids(&before), "page {page}, byte {place}");
                    let differ = before.iter().filter(|(id, one)| found[id] != **one);
                    assert_eq!(differ.count(), 1, "page {page}, byte {place}");
                    other += 1;
                }
            }
            let _ = fs::remove_file(format!("{}-wal", damaged.display()));
            let _ = fs::remove_file(format!("{}-shm", damaged.display()));
        }
    }
    assert!(
        told > 20 && same > 0,
        "{told} told, {same} same, {other} other"
    );
}

/// The size of a page.
const PAGE: usize = 8192;

/// Four octets of the file as a number.
fn number(bytes: &[u8], place: usize) -> usize {
    let four = bytes[place..place + 4].try_into().expect("four");
    u32::from_be_bytes(four) as usize
}

/// What each page of a file is, as SQLite's description of its format says; pages are counted from 1.
fn kinds(bytes: &[u8]) -> BTreeMap<&'static str, Vec<usize>> {
    let mut free = Vec::new();
    let mut trunk = number(bytes, 32);
    let mut kinds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    while trunk != 0 {
        let start = (trunk - 1) * PAGE;
        kinds.entry("list of free pages").or_default().push(trunk);
        let leaves = number(bytes, start + 4);
        free.extend((0..leaves).map(|leaf| number(bytes, start + 8 + leaf * 4)));
        trunk = number(bytes, start);
    }
    let trunks: Vec<usize> = kinds.values().flatten().copied().collect();
    for page in (1..=bytes.len() / PAGE).filter(|page| !trunks.contains(page)) {
        let head = if page == 1 { 100 } else { (page - 1) * PAGE };
        let kind = match bytes[head] {
            _ if page == 2 => "map of pages",
            _ if free.contains(&page) => "free page",
            2 => "index, within",
            5 => "table, within",
            10 => "index, leaf",
            13 => "table, leaf",
            _ => "overflow",
        };
        kinds.entry(kind).or_default().push(page);
    }
    kinds
}

#[test]
fn store_43_a_byte_that_is_another_one_in_each_kind_of_page_loses_no_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, damaged) = (
        folder.path().join("whole.db"),
        folder.path().join("damaged.db"),
    );
    filled(&path);
    let store = Store::open(&path).expect("opened");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    // Their subjects are long, so that an index of them has more than one page.
    let ids: Vec<MessageId> = (0..240)
        .map(|number| {
            save(&store, inbox, &message(&format!("More {number:0>90}"), 0))
                .info
                .id
        })
        .collect();
    // So that there are free pages, too.
    let deleted = store.write(|tx| tx.delete_messages(&ids[..120]));
    deleted.expect("deleted");
    let before = content(&store).expect("readable");
    drop(store);
    let whole = fs::read(&path).expect("read");
    let kinds = kinds(&whole);
    let found: Vec<&str> = kinds.keys().copied().collect();
    let all = [
        "free page",
        "index, leaf",
        "index, within",
        "list of free pages",
        "map of pages",
        "overflow",
        "table, leaf",
        "table, within",
    ];
    assert_eq!(found, all, "the file has each kind");
    for (kind, pages) in kinds {
        // The first, the last, and one between.
        let mut some = vec![pages[0], pages[pages.len() / 2], pages[pages.len() - 1]];
        some.dedup();
        for page in some {
            for (place, mask) in [(0, 0x07), (5, 0x10), (11, 0x04), (4096, 0x80), (8191, 0x01)] {
                let mut bytes = whole.clone();
                bytes[(page - 1) * PAGE + place] ^= mask;
                fs::write(&damaged, &bytes).expect("written");
                if let Ok(found) = look(&damaged) {
                    let ids = |content: &Content| content.keys().copied().collect::<Vec<_>>();
                    assert_eq!(ids(&found), ids(&before), "{kind} {page}, byte {place}");
                    // A letter of a text can be any: of one message.
                    let differ = before.iter().filter(|(id, one)| found[id] != **one);
                    assert!(differ.count() <= 1, "{kind} {page}, byte {place}");
                }
                let _ = fs::remove_file(format!("{}-wal", damaged.display()));
                let _ = fs::remove_file(format!("{}-shm", damaged.display()));
            }
        }
    }
}

#[test]
fn store_43_what_is_saved_into_a_file_that_was_taken_away_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, away) = (
        folder.path().join("store.db"),
        folder.path().join("away.db"),
    );
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    save(&store, inbox, &message("Before", 0));
    store.reserve_message().expect("an ID");
    if fs::rename(&path, &away).is_err() {
        // Where a file that is open can't be moved, this can't happen.
        return;
    }
    let refused = store.write(|tx| tx.set_receive_folder("X", Some(inbox)));
    let error = refused.expect_err("nobody would find it again");
    assert_eq!(error.status(), MAPI_E_DISK_ERROR);
    assert!(
        error.to_string().contains("deleted or moved away"),
        "{error}"
    );
    assert!(!path.exists(), "nothing takes its place");
    fs::rename(&away, &path).expect("back");
    save(&store, inbox, &message("After", 0));
    drop(store);
    let store = Store::open(&path).expect("the same");
    assert_eq!(content(&store).expect("readable").len(), 2);
}

#[test]
fn store_43_what_is_saved_into_a_file_that_another_one_has_replaced_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    save(&store, inbox, &message("Before", 0));
    store.reserve_message().expect("an ID");
    let files = fs::read_dir(folder.path()).expect("read");
    for file in files {
        // Where a file that is open can't be deleted, this can't happen.
        if fs::remove_file(file.expect("read").path()).is_err() {
            return;
        }
    }
    let new = Store::open(&path).expect("made anew");
    let refused = store.write(|tx| tx.set_receive_folder("X", Some(inbox)));
    let error = refused.expect_err("nobody would find it again");
    assert_eq!(error.status(), MAPI_E_DISK_ERROR);
    assert!(error.to_string().contains("taken its place"), "{error}");
    drop(store);
    save(&new, inbox, &message("After", 0));
    drop(new);
    let store = Store::open(&path).expect("the new one");
    assert_eq!(content(&store).expect("readable").len(), 1);
}
