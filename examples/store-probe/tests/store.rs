//! The probe as MAPI sees it: a mailbox in a file, made by the first logon.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mapi_provider::store::{EntryId, Folder};
use mapi_provider::view::SortDirection;
use mapi_provider_host::abi::{
    HRESULT, MSG_SERVICE_CREATE, PR_BODY_W, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DISPLAY_NAME_W,
    PR_ENTRYID, PR_IPM_SUBTREE_ENTRYID, PR_MDB_PROVIDER, PR_MESSAGE_DELIVERY_TIME,
    PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_NAME_W, PR_SUBJECT_W, S_OK,
};
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::{
    Host, Profile, ProgressCallback, ProviderLibrary, Store, SyncRequest, Value,
};
use store_probe32::PROVIDER;

/// No wait of these tests is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(20);

/// What the probe reads.
const DIR: &str = "STORE_TEST_DIR";
const DELIVER: &str = "STORE_TEST_DELIVER";
const REMOVE: &str = "STORE_TEST_REMOVE";
const CHANGES: &str = "STORE_TEST_CHANGES";
const NOACK: &str = "STORE_TEST_CHANGES_NOACK";

/// A folder for the file, named in the environment. A process has one, so tests take turns.
struct Place {
    folder: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Place {
    fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Self {
            folder: tempfile::tempdir().expect("a folder"),
            _turn: turn,
        };
        for name in [DELIVER, REMOVE, CHANGES, NOACK] {
            order(name, None);
        }
        order(DIR, place.folder.path().to_str());
        order("SYNC_TEST_STEP_MS", Some("0"));
        place
    }

    /// The databases in the folder.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .filter(|path| path.extension().is_some_and(|end| end == "db"))
            .collect()
    }

    fn changes(&self) -> PathBuf {
        self.folder.path().join("changes.txt")
    }
}

/// Gives an order to the probe, or takes it back.
#[allow(unsafe_code, reason = "the environment is the process's")]
fn order(name: &str, value: Option<&str>) {
    // SAFETY: who has the turn is the only one who writes the environment, and the probe only reads it in runs and
    // logons, which this test waits for.
    unsafe {
        match value {
            Some(value) => env::set_var(name, value),
            None => env::remove_var(name),
        }
    }
}

fn host(profile: Profile) -> Host {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), profile).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[]).expect("created");
    host
}

/// A run from request to end: what `Done` was told.
fn synchronize(host: &Host, store: &Store) -> HRESULT {
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON), "the run ends");
    let results = callback.results();
    assert_eq!(results.len(), 1);
    results[0].0
}

/// The subjects in the Inbox, the oldest first.
fn subjects(store: &Store) -> Vec<String> {
    let inbox = store.client().receive_folder("").expect("the Inbox");
    let rows = inbox
        .messages()
        .columns(&[PR_SUBJECT_W])
        .sort(PR_MESSAGE_DELIVERY_TIME, SortDirection::Ascend)
        .rows()
        .expect("rows");
    rows.map(|row| row.expect("a row").text(PR_SUBJECT_W).unwrap_or_default())
        .collect()
}

fn entry_ids(folder: &Folder) -> Vec<EntryId> {
    let rows = folder
        .messages()
        .columns(&[PR_ENTRYID])
        .sort(PR_MESSAGE_DELIVERY_TIME, SortDirection::Ascend)
        .rows()
        .expect("rows");
    rows.map(|row| row.expect("a row").entry_id().expect("an entry ID"))
        .collect()
}

#[test]
fn store_02_the_first_logon_makes_the_file_with_the_folders_that_every_store_has() {
    let place = Place::new();
    let host = host(Profile::in_memory());
    let provider = host.init().expect("MSProviderInit");
    assert_eq!(place.files(), Vec::<PathBuf>::new());
    let store = provider.logon().expect("Logon");
    assert_eq!(place.files().len(), 1, "{:?}", place.files());

    let said = store
        .properties(&[PR_DISPLAY_NAME_W, PR_MDB_PROVIDER])
        .expect("properties");
    assert_eq!(said[0].value, Value::from(PROVIDER.manifest.name));
    assert_eq!(said[1].value, Value::Binary(PROVIDER.manifest.uid.to_vec()));
    assert!(store.properties(&[PR_IPM_SUBTREE_ENTRYID]).is_ok());

    let top = store.client().ipm_subtree().expect("the subtree");
    let rows = top.folders().columns(&[PR_DISPLAY_NAME_W]).rows();
    let names: Vec<_> = rows
        .expect("rows")
        .map(|row| row.expect("a row").text(PR_DISPLAY_NAME_W))
        .map(Option::unwrap_or_default)
        .collect();
    for name in ["Inbox", "Outbox", "Sent Items", "Deleted Items"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
    assert_eq!(subjects(&store), Vec::<String>::new());
    drop(top);
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn store_45_what_the_server_has_comes_into_the_inbox_once() {
    let place = Place::new();
    let host = host(Profile::in_memory());
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    order(DELIVER, Some("3"));
    order(CHANGES, place.changes().to_str());
    assert_eq!(synchronize(&host, &store), S_OK);
    let three = ["Message 1", "Message 2", "Message 3"];
    assert_eq!(subjects(&store), three);
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(subjects(&store), three, "again nothing new");
    assert!(!place.changes().exists(), "nothing of it is a local change");

    let inbox = store.client().receive_folder("").expect("the Inbox");
    let counts = inbox.get_all(&[PR_CONTENT_COUNT, PR_CONTENT_UNREAD]);
    let counts = counts.expect("counts");
    assert_eq!(counts.long(PR_CONTENT_COUNT), Some(3));
    assert_eq!(counts.long(PR_CONTENT_UNREAD), Some(3));
    let columns = [PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W, PR_BODY_W];
    let mut rows = inbox.messages().columns(&columns).rows().expect("rows");
    let first = rows.next().expect("a message").expect("a row");
    assert_eq!(first.text(PR_SENDER_NAME_W).as_deref(), Some("Server"));
    let address = first.text(PR_SENDER_EMAIL_ADDRESS_W);
    assert_eq!(address.as_deref(), Some("server@example.org"));
    let body = first.text(PR_BODY_W).unwrap_or_default();
    assert!(body.starts_with("Body "), "{body}");
    drop(rows);

    order(REMOVE, Some("m1, m3"));
    order(DELIVER, None);
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(subjects(&store), ["Message 2"]);
    drop(inbox);
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn store_45_what_clients_do_is_told_until_it_is_acknowledged() {
    let place = Place::new();
    let host = host(Profile::in_memory());
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    order(DELIVER, Some("2"));
    assert_eq!(synchronize(&host, &store), S_OK);
    order(DELIVER, None);
    order(CHANGES, place.changes().to_str());

    let inbox = store.client().receive_folder("").expect("the Inbox");
    inbox.create_folder("Projects").expect("a folder");
    let ids = entry_ids(&inbox);
    inbox.set_read(&ids[..1], true).expect("marked");
    order(NOACK, Some("1"));
    assert_eq!(synchronize(&host, &store), S_OK);
    order(NOACK, None);
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(synchronize(&host, &store), S_OK);
    let once = "created - Projects\nread m1 Message 1\n";
    let told = || fs::read_to_string(place.changes()).expect("told");
    assert_eq!(told(), once.repeat(2));

    fs::remove_file(place.changes()).expect("removed");
    inbox.set_read(&ids[..1], false).expect("marked");
    inbox.delete_messages(&ids[1..]).expect("deleted");
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(told(), "unread m1 Message 1\ndeleted m2\n");
    drop(inbox);
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn store_45_edits_and_moves_are_told_with_what_the_server_calls_the_message() {
    let place = Place::new();
    let host = host(Profile::in_memory());
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    order(DELIVER, Some("3"));
    assert_eq!(synchronize(&host, &store), S_OK);
    order(DELIVER, None);
    order(CHANGES, place.changes().to_str());

    let inbox = store.client().receive_folder("").expect("the Inbox");
    let wastebasket = store.client().wastebasket().expect("there");
    let ids = entry_ids(&inbox);
    let edit = |id: &EntryId, subject: &str| {
        let message = inbox.open_message(id).expect("it opens");
        message.set_subject(subject).expect("set");
        message.save().expect("saved");
    };
    edit(&ids[0], "Edited");
    inbox
        .move_messages(&ids[1..2], &wastebasket)
        .expect("moved");
    // All of it in one line each, in the order of the last change of a message.
    edit(&ids[2], "All at once");
    inbox.set_read(&ids[2..], true).expect("marked");
    inbox.move_messages(&ids[2..], &wastebasket).expect("moved");
    assert_eq!(synchronize(&host, &store), S_OK);
    let told = || fs::read_to_string(place.changes()).expect("told");
    let all = "edited m1 Edited\nmoved m2 Message 2\n\
               edited m3 All at once\nread m3 All at once\nmoved m3 All at once\n";
    assert_eq!(told(), all);
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(told(), all, "it is acknowledged");

    // A draft of a client's has no name there yet; its edits are part of its being new.
    let draft = inbox.create_draft().expect("made");
    draft.set_subject("Draft").expect("set");
    draft.save().expect("saved");
    draft.set_subject("Draft, edited").expect("set");
    draft.save().expect("saved");
    assert_eq!(synchronize(&host, &store), S_OK);
    assert_eq!(told(), format!("{all}created - Draft, edited\n"));
    drop((draft, inbox, wastebasket));
    drop((store, provider));
    host.finish().assert_clean();
}

#[test]
fn each_section_of_a_profile_has_a_file_of_its_own() {
    let place = Place::new();
    for _ in 0..2 {
        let host = host(Profile::in_memory());
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        order(DELIVER, Some("1"));
        assert_eq!(synchronize(&host, &store), S_OK);
        assert_eq!(subjects(&store), ["Message 1"]);
        drop((store, provider));
        host.finish().assert_clean();
    }
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
}

#[test]
fn the_contract_is_kept() {
    let _place = Place::new();
    // Each scenario is a process of its own, which cleans nothing up.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_PKG_NAME"));
    fs::create_dir_all(&folder).expect("a folder");
    // Another crate has these tests in a module.
    let test = match module_path!().split_once("::") {
        Some((_, module)) => format!("{module}::the_contract_is_kept"),
        None => "the_contract_is_kept".to_owned(),
    };
    Conformance::linked(&PROVIDER)
        .mailboxes(&folder)
        .check_in_test(&test)
        .assert_kept();
}
