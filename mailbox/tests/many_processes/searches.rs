//! Searches in several processes: one does the work, all see it, and another goes on where one was killed (STORE-42).
//!
//! The other process is this test program once more, which runs one test and is told by the environment what to do.

use crate::object_support;
use crate::search_stage;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider_mailbox::database::{Options, Phase, SessionId, Store};
use object_support::*;
use search_stage::*;

const STORE: &str = "MAILBOX_TEST_STORE";
const FOLDERS: &str = "MAILBOX_TEST_FOLDERS";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(text, 16).expect("digits")
    };
    pairs.map(pair).collect()
}

/// Sets criteria, and searches until it is killed. By itself it does nothing.
#[test]
fn searches_for_the_others() {
    let (Ok(path), Ok(folders)) = (std::env::var(STORE), std::env::var(FOLDERS)) else {
        return;
    };
    let (found, mail) = folders.split_once(' ').expect("two");
    let store = Store::open_with(Path::new(&path), Options::new()).expect("opened");
    let session = Session::open(Where::Open(store));
    let search = SearchFolder::of(&session, &EntryId::from(bytes(found)));
    let scope = [EntryId::from(bytes(mail))];
    let flags = SetSearchCriteriaFlags::RESTART_SEARCH;
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), flags),
        S_OK
    );
    println!("searching");
    loop {
        std::thread::park();
    }
}

/// A process that has begun to search.
fn start(path: &Path, found: &EntryId, mail: &EntryId) -> Child {
    let folders = format!("{} {}", hex(found.as_bytes()), hex(mail.as_bytes()));
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "searches::searches_for_the_others",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, path)
        .env(FOLDERS, folders)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let output = child.stdout.take().expect("piped");
    let mut lines = BufReader::new(output).lines();
    let mut next = || lines.next().expect("it says more").expect("text");
    while !next().contains("searching") {}
    child
}

#[test]
fn store_42_one_process_searches_and_another_goes_on_where_it_was_killed() {
    let (_folder, path) = place();
    let store = Store::open_with(&path, Options::new()).expect("made");
    let session = Session::open(Where::Open(store.clone()));
    let mail = session.folder("Mail").entry_id().expect("an ID");
    let mut subjects: Vec<String> = (0..2000).map(|number| format!("lunch {number}")).collect();
    fill(&store, folder_id(&mail), &subjects);
    let search = SearchFolder::new(&session, "Found");
    let table = search.table();
    let id = folder_id(&search.id);
    let progress = || {
        let progress = store.read(|r| r.search_progress(id)).expect("read");
        progress.expect("there are criteria")
    };
    let is_ours = |owner: Option<SessionId>| owner == Some(store.session());

    // While it lives it does the work, and this process sees what it finds.
    let mut child = start(&path, &search.id, &mail);
    table.until_it(|shown| shown.len() == subjects.len());
    for number in 0..5 {
        assert!(!is_ours(progress().owner), "the other one has it");
        let subject = format!("another lunch {number}");
        deliver(&store, folder_id(&mail), &subject);
        subjects.push(subject);
        table.until_it(|shown| shown.last() == subjects.last());
    }
    assert!(!is_ours(progress().owner));

    // It is killed when there is nothing to do: this process goes on when there is.
    child.kill().expect("killed");
    child.wait().expect("ended");
    deliver(&store, folder_id(&mail), "the last lunch");
    subjects.push("the last lunch".to_owned());
    table.until_it(|shown| shown == subjects);
    assert!(is_ours(progress().owner));

    // It is killed in the middle, wherever that is.
    for round in 0..6_u64 {
        let mut child = start(&path, &search.id, &mail);
        std::thread::sleep(std::time::Duration::from_millis(round * 7));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let complete = |phase: Phase| phase == Phase::Following;
        let state = || search.get(UnicodeFlags::MAPI_UNICODE).expect("set").2;
        // Somebody else's change wakes whoever waits.
        let mut number = 0;
        while !complete(progress().phase) || state().contains(SearchState::SEARCH_REBUILD) {
            let subject = format!("lunch {round} {number}");
            deliver(&store, folder_id(&mail), &subject);
            subjects.push(subject);
            number += 1;
            table.until_it(|shown| shown.last() == subjects.last());
        }
        table.until_it(|shown| shown == subjects);
        let report = store.check().expect("readable");
        assert_eq!(report.problems, Vec::<String>::new());
    }
    drop((search, table));
    session.close();
}
