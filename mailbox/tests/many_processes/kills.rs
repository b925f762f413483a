//! Two clients and the logic at work in one file, killed at random moments (STORE-43): all that was committed is there,
//! nothing else is, counts and tables agree, and nobody is kept waiting by the dead.
//!
//! The other processes are this test program once more, which runs one test and is told by the environment what to do.

use crate::kill_stage;
use crate::object_support;
use crate::search_stage;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use kill_stage::{Home, after, batches, dice, maintain, served, synchronize};
use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::PropValue;
use mapi_provider_mailbox::database::{FolderId, Options, Phase, Reader, Result, Special, Store};
use mapi_provider_mailbox::logic::Mailbox;
use object_support::*;
use search_stage::{LiveTable, SearchFolder, contains, query_all};

const STORE: &str = "MAILBOX_TEST_STORE";
const WORK: &str = "MAILBOX_TEST_WORK";

/// Who works, and with which seed.
const WORKERS: [(&str, u64); 3] = [("anna", 1), ("bert", 2), ("sync", 3)];

/// How many processes are killed. `MAILBOX_KILLS=1000` is the long form.
fn kills() -> u64 {
    let told = std::env::var("MAILBOX_KILLS").ok();
    told.map_or(20, |told| told.parse().expect("a number"))
}

/// What the other processes do until they are killed. By itself it does nothing.
#[test]
fn works_for_the_others() {
    let (Ok(path), Ok(work)) = (std::env::var(STORE), std::env::var(WORK)) else {
        return;
    };
    let store = Store::open(Path::new(&path)).expect("opened");
    let (name, seed) = WORKERS
        .into_iter()
        .find(|(name, _)| *name == work)
        .expect("known work");
    if name == "sync" {
        let mailbox = Mailbox::new(store);
        let folder = mailbox.special(Special::DeletedItems).expect("a folder");
        loop {
            tell(synchronize(&mailbox, folder, seed));
        }
    }
    let home = Home::of(&store, name);
    loop {
        tell(home.work(&store, seed));
    }
}

/// Says which step was committed. On a machine with much else to do, the others may have the file for longer than anybody
/// waits: then nothing was, and the step is tried again.
fn tell(done: Result<u64>) {
    match done {
        Ok(done) => println!("committed {done}"),
        Err(error) => assert_eq!(error.status(), MAPI_E_TIMEOUT, "{error}"),
    }
}

/// A process at work.
struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The last step that it said it had committed.
    committed: Option<u64>,
}

impl Worker {
    fn start(path: &Path, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "kills::works_for_the_others",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(STORE, path)
            .env(WORK, name)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let output = child.stdout.take().expect("piped");
        Self {
            child,
            lines: BufReader::new(output).lines(),
            committed: None,
        }
    }

    fn hear(&mut self) -> bool {
        let Some(Ok(line)) = self.lines.next() else {
            return false;
        };
        if let Some((_, number)) = line.split_once("committed ") {
            self.committed = Some(number.trim().parse().expect("a number"));
        }
        true
    }

    /// Kills it some steps and some moments later, in the middle of whatever it does. Tells the last step that it said it
    /// had committed.
    fn kill(mut self, roll: u64) -> u64 {
        let mut left = 1 + roll % 12;
        while left > 0 {
            let before = self.committed;
            assert!(self.hear(), "it goes on");
            left -= u64::from(self.committed != before);
        }
        std::thread::sleep(Duration::from_micros(roll >> 8 & 0x7FF));
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        while self.hear() {}
        self.committed.expect("it has said something")
    }
}

/// What the logic has brought: how many batches, and the subjects.
fn brought(reader: &Reader<'_>, folder: FolderId) -> (u64, Vec<String>) {
    let subjects = reader.message_ids(folder).expect("read").into_iter();
    let subject = |id| {
        let props = reader.message_props(id).expect("read");
        props.text(PR_SUBJECT_W).expect("a subject")
    };
    let mut subjects: Vec<String> = subjects.map(subject).collect();
    subjects.sort();
    (batches(reader.cursor("sync").expect("read")), subjects)
}

fn is_just_after(committed: u64, steps: u64, who: &str) {
    assert!(
        (committed..=committed + 1).contains(&steps),
        "{who} said {committed}, and {steps} are there"
    );
}

#[test]
fn store_43_whoever_is_killed_leaves_all_that_was_committed_and_nothing_else() {
    let (folder, path) = place();
    let store = Store::open_with(&path, Options::new()).expect("made");
    let session = Session::open(file(&path));
    let homes = WORKERS.map(|(name, _)| match name {
        "sync" => None,
        name => Some(Home::of(&store, name)),
    });
    let synced = store
        .read(|r| r.special(Special::DeletedItems))
        .expect("there");
    let top = homes[0].expect("a home").0[0];
    let id = entry_id_of(&store, top);
    // What a client of this process has open all the time.
    let table = SearchFolder::of(&session, &id).table();
    let search = SearchFolder::new(&session, "With a seven");
    let found = search.table();
    let scope = [entry_id_of(
        &store,
        store.read(|r| r.special(Special::Root)).expect("there"),
    )];
    let flags = SetSearchCriteriaFlags::RECURSIVE_SEARCH;
    assert_eq!(search.set(Some(&contains("7")), Some(&scope), flags), S_OK);

    let mut workers = WORKERS.map(|(name, _)| Some(Worker::start(&path, name)));
    for round in 0..kills() {
        let roll = dice(round, 77);
        let which = (roll % 3) as usize;
        let (name, seed) = WORKERS[which];
        let committed = workers[which].take().expect("it works").kill(roll >> 2);
        // Exactly what the steps make, up to the last one that was told or the one after it.
        match homes[which] {
            Some(home) => {
                let (steps, there) = store.read(|r| home.look(r)).expect("read");
                let there: Vec<_> = there.into_iter().map(|(known, _)| known).collect();
                is_just_after(committed, steps, name);
                assert_eq!(there, after(seed, steps), "{name} after {steps} steps");
            }
            None => {
                let (steps, there) = store.read(|r| Ok(brought(r, synced))).expect("read");
                is_just_after(committed, steps, name);
                assert_eq!(there, served(seed, steps), "{steps} batches");
            }
        }
        let report = store.check().expect("readable");
        assert_eq!(report.problems, Vec::<String>::new(), "after kill {round}");
        // No lock is left: this process writes, and buries the dead.
        maintain(&store);
        workers[which] = Some(Worker::start(&path, name));
    }
    for worker in workers.into_iter().flatten() {
        worker.kill(0);
    }
    let done = homes.map(|home| match home {
        Some(home) => store.read(|r| home.look(r)).expect("read").0,
        None => store.read(|r| Ok(brought(r, synced).0)).expect("read"),
    });
    println!(
        "{} kills: {} and {} steps of two clients, {} batches of the logic, none lost",
        kills(),
        done[0],
        done[1],
        done[2]
    );
    agree(&session, &store, &table, top);
    // The search has found what all of them made, up to the last word.
    let expected = with_a_seven(&store);
    found.until_it(|shown| {
        let mut shown = shown.to_vec();
        shown.sort();
        shown == expected
    });
    let id = folder_id(&search.id);
    let progress = store.read(|r| r.search_progress(id)).expect("read");
    assert_eq!(progress.expect("there").phase, Phase::Following);
    drop((table, search, found));
    session.close();
    while maintain(&store) {}
    drop(store);
    let left = std::fs::read_dir(folder.path()).expect("read").count();
    assert_eq!(left, 1, "the store alone");
}

/// A table that was open all the time shows what one that is opened now does.
fn agree(session: &Session, store: &Store, table: &LiveTable<'_>, folder: FolderId) {
    let fresh = contents(&raw_folder(session, &entry_id_of(store, folder)));
    let rows = query_all(session, &fresh, &[PR_SUBJECT_W, PR_MESSAGE_FLAGS]);
    let subject =
        |row: &mapi_provider::view::Row<'_>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
    let fresh: Vec<String> = rows.iter().filter_map(subject).collect();
    table.until_it(|shown| shown == fresh);
}

fn with_a_seven(store: &Store) -> Vec<String> {
    let all = store.export().expect("read");
    let subject = |exported: mapi_provider_mailbox::database::Exported| {
        exported.message.data.props.text(PR_SUBJECT_W)
    };
    let subjects = all.filter_map(|one| subject(one.expect("read")));
    let mut subjects: Vec<String> = subjects.filter(|one| one.contains('7')).collect();
    subjects.sort();
    subjects
}

/// What a folder is called by MAPI.
fn entry_id_of(store: &Store, folder: FolderId) -> EntryId {
    let number = folder.number().to_le_bytes();
    EntryId::from([&[0; 4][..], &store.uid(), &[1, 1, 0, 0], &number].concat())
}
