//! What shows only from inside: a disk that is full, statements that use their indexes, the log that is cut off.

use std::path::Path;

use mapi_provider_abi::mapi::{MAPI_E_CORRUPT_STORE, MAPI_E_NOT_ENOUGH_DISK, PR_HTML};

use mapi_provider_abi::view::FileTime;

use super::order::{Direction, Key, Order, Place};
use super::*;

impl Transaction<'_> {
    /// A message of any size, without its bytes.
    pub(crate) fn pretend_size(&self, id: MessageId, size: i64) -> Result<usize> {
        self.execute(
            "UPDATE message SET size = ?2, version = ?3 WHERE id = ?1",
            (id, size, self.version().0),
        )
    }
}

fn save(store: &Store, data: &MessageData) -> Result<Message> {
    let id = store.reserve_message()?;
    store.write(|tx| {
        let folder = tx.special(Special::Inbox)?;
        tx.save_message(&Save {
            id,
            folder,
            associated: false,
            base: None,
            force: false,
            read: false,
            keep_time: false,
            data,
        })
    })
}

fn large(bytes: usize) -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_HTML, vec![7; bytes]);
    data
}

fn open(path: &Path) -> Store {
    Store::open(path).expect("opened")
}

#[test]
fn store_43_a_full_disk_says_so_and_nothing_is_half_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = open(&path);
    save(&store, &large(100_000)).expect("room enough");
    let limit = |pages: i64| {
        let gate = store.0.gate().expect("free");
        gate.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
                row.get::<_, i64>(0)
            })
            .expect("set")
    };
    let now = limit(1);
    limit(now + 5);
    let error = save(&store, &large(1_000_000)).expect_err("full");
    assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_DISK);
    assert!(error.to_string().contains("full"), "{error}");
    let report = store.check().expect("readable");
    assert_eq!((report.messages, report.problems), (1, Vec::new()));
    limit(i64::from(u32::MAX - 1));
    save(&store, &large(1_000_000)).expect("room again");
}

#[test]
fn store_43_wherever_the_disk_is_full_what_was_committed_is_there_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("store.db"));
    let limit = |pages: i64| {
        let gate = store.0.gate().expect("free");
        let pragma = format!("PRAGMA max_page_count = {pages}");
        gate.connection
            .query_row(&pragma, [], |row| row.get::<_, i64>(0))
            .expect("set")
    };
    let mut saved = 0;
    let mut refused = 0;
    for spare in 0..24 {
        // As many pages as there are, and some more.
        let now = limit(1);
        limit(now + spare);
        let work = store.write(|tx| {
            let inbox = tx.special(Special::Inbox)?;
            let id = tx.new_message_id();
            let save = Save {
                id,
                folder: inbox,
                associated: false,
                base: None,
                force: false,
                read: false,
                keep_time: false,
                data: &large(70_000),
            };
            tx.save_message(&save)?;
            tx.copy_messages(&[id], inbox).map(drop)
        });
        match work {
            Ok(()) => saved += 2,
            Err(error) => {
                refused += 1;
                assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_DISK, "{error}");
            }
        }
        let report = store.check().expect("readable");
        assert_eq!((report.messages, report.problems), (saved, Vec::new()));
    }
    assert!(saved > 0 && refused > 0, "{saved} saved, {refused} refused");
}

#[test]
fn a_clock_that_goes_back_keeps_nothing_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let (store, _other) = (open(&path), open(&path));
    let id = save(&store, &large(100_000)).expect("saved").info.id;
    store
        .write(|tx| tx.delete_messages(&[id]))
        .expect("deleted");
    let blobs = || {
        let count = store.read(|r| {
            let mut count = r.prepared("SELECT count(*) FROM blob")?;
            Ok(count.query_row([], |row| row.get::<_, i64>(0))?)
        });
        count.expect("read")
    };
    // Another process may still read it.
    store.maintain().expect("cleaned");
    assert_eq!(blobs(), 1);
    // As if the clock had been a year ahead.
    store
        .write(|tx| tx.execute("UPDATE blob SET idle = unixepoch() + 31536000", []))
        .expect("set");
    store.maintain().expect("cleaned");
    assert_eq!(blobs(), 0);
    // Which save is the later one, no clock decides.
    let first = save(&store, &large(10)).expect("saved").info;
    store
        .write(|tx| {
            tx.execute(
                "UPDATE message SET modified = modified + 315360000000000",
                [],
            )
        })
        .expect("set");
    let again = store.write(|tx| {
        let message = tx.message(first.id)?.expect("there");
        tx.save_message(&Save {
            id: first.id,
            folder: first.folder,
            associated: false,
            base: Some(first.version),
            force: false,
            read: false,
            keep_time: false,
            data: &message.data,
        })
    });
    assert!(again.expect("no conflict").info.version > first.version);
}

#[test]
fn store_43_a_file_is_set_up_as_it_should_be_and_closed_without_a_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = open(&path);
    store
        .read(|reader| {
            let pragma = |name: &str| {
                let value = reader.connection.pragma_query_value(None, name, |row| {
                    Ok(match row.get_ref(0)? {
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        other => other.as_str().unwrap_or_default().to_owned(),
                    })
                });
                value.expect("a value")
            };
            let settings = [
                ("journal_mode", "wal"),
                ("page_size", "8192"),
                ("auto_vacuum", "2"),
                ("synchronous", "1"),
                ("foreign_keys", "1"),
                ("recursive_triggers", "1"),
                ("trusted_schema", "0"),
                ("user_version", "3"),
            ];
            for (name, value) in settings {
                assert_eq!(pragma(name), value, "{name}");
            }
            Ok(())
        })
        .expect("read");
    drop(store);
    let store = open(&path);
    assert!(!store.was_interrupted());
    drop(store);
    let left = std::fs::read_dir(folder.path()).expect("read").count();
    assert_eq!(left, 1, "the store alone");
}

#[test]
fn store_43_a_file_that_vanishes_or_is_replaced_is_not_mixed_with_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (
        folder.path().join("store.db"),
        folder.path().join("other.db"),
    );
    drop(open(&other));
    let store = open(&path);
    // Nothing is left in the log, which SQLite would take for the other file's.
    store.compact().expect("compacted");
    if std::fs::rename(&path, folder.path().join("away.db")).is_err() {
        // Where a file that is open can't be moved, this can't happen.
        return;
    }
    assert!(matches!(store.feed(), Err(Error::CantOpen(..))));
    assert!(!path.exists(), "nobody makes a new one");
    std::fs::rename(&other, &path).expect("renamed");
    let error = store.feed().map(drop).expect_err("another store");
    assert!(error.to_string().contains("another store"), "{error}");
}

#[test]
fn store_43_a_flipped_byte_is_found_or_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = open(&path);
    for _ in 0..30 {
        save(&store, &large(20_000)).expect("saved");
    }
    store.compact().expect("compacted");
    drop(store);
    let whole = std::fs::read(&path).expect("read");
    for page in (0..whole.len()).step_by(8192 * 7) {
        let mut damaged = whole.clone();
        // The header of the page, where its kind and its cells are told.
        let header = if page == 0 { 100 } else { 0 };
        damaged[page + header] ^= 0x55;
        std::fs::write(&path, &damaged).expect("written");
        let found = Store::open(&path).and_then(|store| store.check());
        match found {
            Err(error) => assert_eq!(error.status(), MAPI_E_CORRUPT_STORE, "page {page}: {error}"),
            Ok(report) => assert!(!report.problems.is_empty(), "page {page}"),
        }
    }
}

#[test]
fn store_20_pages_come_from_the_index_without_sorting() {
    let store = Store::in_memory(Options::default()).expect("made");
    store
        .read(|reader| {
            let inbox = reader.special(Special::Inbox)?;
            let contents = reader.contents(inbox, false)?;
            let place = Place {
                key: Some(Key::Number(5)),
                id: MessageId::new(9),
            };
            for order in [
                Order::Delivered,
                Order::Modified,
                Order::Submitted,
                Order::Size,
            ] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    for backward in [false, true] {
                        for from in [None, Some(&place)] {
                            let plans = reader.plans(contents, order, direction, from, backward)?;
                            let sorts = |(plan, _): &&(String, i32)| plan.contains("TEMP B-TREE");
                            // What is larger than 2 GiB is sorted: there is little of it.
                            let sorted = plans.iter().filter(sorts).count();
                            let most = usize::from(order == Order::Size);
                            assert!(sorted <= most, "{order:?}: {plans:?}");
                            for (plan, _) in plans {
                                assert!(plan.contains("USING COVERING INDEX"), "{order:?}: {plan}");
                            }
                        }
                    }
                }
            }
            Ok(())
        })
        .expect("read");
}

#[test]
fn store_20_a_page_costs_no_more_steps_in_a_large_folder() {
    let steps = |messages: usize| {
        let store = Store::in_memory(Options::default()).expect("made");
        let mailbox = crate::logic::Mailbox::new(store.clone());
        let inbox = mailbox.inbox().expect("inbox");
        let mut batch = mailbox.batch();
        for number in 0..messages {
            let fill = |draft: &mut crate::logic::Draft<'_>| {
                draft.received(FileTime::from_ticks(number as u64 * 7919 % 1000));
            };
            batch
                .upsert(inbox, &number.to_string(), fill)
                .expect("taken");
        }
        batch.commit().expect("written");
        store
            .read(|reader| {
                let contents = reader.contents(inbox, false)?;
                let (order, down) = (Order::Delivered, Direction::Descending);
                let middle = reader.nth(contents, order, down, messages as u64 / 2)?;
                let mut steps = 0;
                for from in [None, middle.as_ref()] {
                    for backward in [false, true] {
                        let plans = reader.plans(contents, order, down, from, backward)?;
                        steps += plans.iter().map(|(_, steps)| steps).sum::<i32>();
                    }
                }
                Ok(steps)
            })
            .expect("read")
    };
    let (small, large) = (steps(150), steps(3000));
    assert!(
        large <= small * 3,
        "{small} steps in a small folder, {large} in a large one"
    );
}

#[test]
fn store_41_who_asks_too_late_is_told_that_something_is_lost() {
    let store = Store::in_memory(Options::default()).expect("made");
    let message = save(&store, &large(10)).expect("saved").info.id;
    let mut feed = store.feed().expect("feed");
    store
        .write(|tx| {
            for number in 0..30_000 {
                tx.set_read(&[message], number % 2 == 0)?;
            }
            Ok(())
        })
        .expect("marked");
    let changes = feed.poll().expect("read");
    assert!(changes.lost);
    assert!(changes.list.len() < 21_000);
    assert!(!feed.poll().expect("read").lost);
}

#[test]
fn wrong_counts_are_found_and_put_right() {
    let store = Store::in_memory(Options::default()).expect("made");
    save(&store, &large(10)).expect("saved");
    store
        .write(|tx| tx.execute("UPDATE folder SET total = 7, unread = 9 WHERE role = 2", []))
        .expect("spoilt");
    let report = store.check().expect("readable");
    assert_eq!(report.problems, ["1 folders have wrong counts"]);
    assert_eq!(store.recount().expect("written"), 1);
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}

#[test]
fn store_29_messages_are_nested_32_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let mut data = MessageData::default();
        for level in 0..depth {
            let attachment = Attachment {
                id: AttachmentId::new(1000 + level as i64),
                props: PropertySet::default(),
                embedded: Some(std::sync::Arc::new(data)),
            };
            data = MessageData::default();
            data.attachments.insert(0, std::sync::Arc::new(attachment));
        }
        data
    };
    let store = Store::in_memory(Options::default()).expect("made");
    let saved = save(&store, &nested(DEEPEST)).expect("saved");
    let read = store
        .open_message(saved.info.id)
        .expect("read")
        .expect("there");
    assert_eq!(read.data.depth(), DEEPEST);
    let copied = store.write(|tx| tx.copy_messages(&[saved.info.id], saved.info.folder));
    assert_eq!(copied.expect("copied").done.len(), 1);
    store
        .write(|tx| tx.delete_messages(&[saved.info.id]))
        .expect("deleted");
    assert!(matches!(
        save(&store, &nested(DEEPEST + 1)),
        Err(Error::TooDeep)
    ));
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}
