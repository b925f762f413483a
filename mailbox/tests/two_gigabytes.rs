//! More mail than a process of 32 bits has room for: what is done with it takes no more memory than with little.
//!
//! Where addresses have 64 bits, the test runs once more as another process, with a limit on them.
//! `MAILBOX_MESSAGES=32` is the long form, of two gigabytes.

#[path = "support/store_support/mod.rs"]
mod store_support;

use std::process::Command;

use mapi_provider_abi::mapi::{PR_HTML, PT_BINARY};
use mapi_provider_mailbox::database::{
    FolderId, MessageData, MessageId, Options, Property, Special, Store,
};
use store_support::{message, save};

/// What tells the program that it is the process with the limit.
const LIMITED: &str = "MAILBOX_TEST_LIMITED";

/// 400 megabytes of addresses, in the unit of `ulimit`: a fifth of what a program of 32 bits has.
const LIMIT: &str = "400000";

const PIECE: usize = 1 << 20;
/// So many pieces make a message: 64 MiB.
const PIECES: u64 = 64;

/// How many messages are brought. They have more octets than there are addresses.
fn messages() -> u64 {
    let told = std::env::var("MAILBOX_MESSAGES").ok();
    told.map_or(8, |told| told.parse().expect("a number"))
}

/// Whether this is the process that has the addresses of 32 bits, in which the body is to run. Else it has run there.
fn is_limited(test: &str) -> bool {
    if cfg!(target_pointer_width = "32") || std::env::var_os(LIMITED).is_some() {
        return true;
    }
    let program = std::env::current_exe().expect("this program");
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -v {LIMIT} && exec \"$0\" \"$@\"")])
        .arg(program)
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env(LIMITED, "1")
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: nothing here can set a limit");
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{complaint}"
    );
    false
}

/// The octets of a place: each piece of each message is another one.
fn piece(message: u64, number: u64) -> Vec<u8> {
    let start = message * PIECES + number;
    (0..PIECE as u64)
        .map(|place| (start.wrapping_mul(31) ^ place) as u8)
        .collect()
}

fn bring(store: &Store, folder: FolderId, number: u64) -> MessageId {
    let mut staged = store.new_blob().expect("new");
    for one in 0..PIECES {
        let place = one * PIECE as u64;
        staged
            .write_at(place, &piece(number, one))
            .expect("written");
    }
    let mut data = message(&format!("Message {number}"), 0);
    let value = staged.property(PT_BINARY).expect("kept");
    data.props.put(PR_HTML.id(), value);
    save(store, folder, &data).info.id
}

/// A piece of a message is what it was.
fn is_there(store: &Store, id: MessageId, number: u64, one: u64) {
    let props = store.read(|r| r.message_props(id)).expect("read");
    let Some(Property::Large(large)) = props.get(PR_HTML.id()) else {
        panic!("it lies apart");
    };
    let mut found = vec![0; PIECE];
    let mut filled = 0;
    while filled < PIECE {
        let place = one * PIECE as u64 + filled as u64;
        let read = store.read_blob(large, place, &mut found[filled..]);
        let read = read.expect("read");
        assert!(read > 0, "it ends at {place}");
        filled += read;
    }
    assert!(found == piece(number, one), "message {number}, piece {one}");
}

#[test]
fn mail_of_many_megabytes_needs_no_room_in_memory() {
    if !is_limited("mail_of_many_megabytes_needs_no_room_in_memory") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open_with(&path, Options::new()).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let all = messages();
    let ids: Vec<MessageId> = (0..all)
        .map(|number| bring(&store, inbox, number))
        .collect();
    let report = store.check().expect("readable");
    assert_eq!((report.messages, report.problems), (all, Vec::new()));
    assert!(report.bytes > all * PIECES * PIECE as u64);
    // Another process would see the same.
    drop(store);
    let store = Store::open(&path).expect("opened");
    for (number, id) in (0..).zip(&ids) {
        is_there(&store, *id, number, number * 7 % PIECES);
    }
    // A quarter of it goes, and the rest is made anew: more than there is room for, too.
    let (gone, kept) = ids.split_at(ids.len() / 4);
    store.write(|tx| tx.delete_messages(gone)).expect("deleted");
    drop(store);
    let store = Store::open(&path).expect("opened");
    store.compact().expect("compacted");
    let size = std::fs::metadata(&path).expect("there").len();
    let expected = kept.len() as u64 * PIECES * PIECE as u64;
    assert!(size < expected * 5 / 4, "{size} bytes are left");
    for (number, id) in (gone.len() as u64..).zip(kept) {
        is_there(&store, *id, number, PIECES - 1);
    }
    let report = store.check().expect("readable");
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn store_30_and_store_25_a_value_of_three_gigabytes_is_no_burden() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open_with(&folder.path().join("store.db"), Options::new()).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    // What was never written is zeros and takes no room.
    let size = 3 << 30;
    let mut staged = store.new_blob().expect("new");
    staged.set_size(size).expect("grown");
    staged.write_at(size - 4, b"last").expect("written");
    let mut data = MessageData::default();
    data.props
        .put(PR_HTML.id(), staged.property(PT_BINARY).expect("kept"));
    let saved = save(&store, inbox, &data);
    assert!(saved.info.size > u64::from(u32::MAX) / 2);
    let Some(Property::Large(large)) = saved.data.props.get(PR_HTML.id()) else {
        panic!("it lies apart");
    };
    let mut end = [1; 8];
    let read = store.read_blob(large, size - 8, &mut end).expect("read");
    assert_eq!((read, &end), (8, b"\0\0\0\0last"));
    assert_eq!(store.read_blob(large, size, &mut end).expect("read"), 0);
    // Who needs only the beginning reads only that.
    let start = store.read(|r| r.load_start(large, 1000)).expect("read");
    assert_eq!(start.as_binary().map(<[u8]>::len), Some(1000));
    // Copies share it.
    let copied = store.write(|tx| tx.copy_messages(&[saved.info.id], inbox));
    assert!(!copied.expect("copied").is_partial());
    let bytes = store.check().expect("readable").bytes;
    assert!(bytes < 4 << 20, "{bytes}");
}
