//! Logic that works with the store does so in both kinds: around the PST provider, and around the mailbox engine.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::sync::OnceLock;

use mapi_provider::abi::{
    PR_BODY_W, PR_COMMENT_W, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ENTRYID, PR_SUBJECT_W, S_OK,
};
use mapi_provider::store::{EntryId, Folder, Recipient};
use mapi_provider::view::SortDirection;
use mapi_provider::{SyncError, SyncJob};
use mapi_provider_host::Status;

use crate::rig::{Rig, names};
use crate::support::script::{Script, Variant};

/// The simulated PST provider, loaded for the life of the process, as in Outlook (WRAP-07).
fn load_pst_provider() {
    static INNER: OnceLock<libloading::Library> = OnceLock::new();
    let program = env::current_exe().expect("a test knows where it is");
    let file = program.with_file_name(format!("{DLL_PREFIX}mspst32{DLL_SUFFIX}"));
    // SAFETY: the library is ours.
    INNER.get_or_init(|| unsafe { libloading::Library::new(file) }.expect("cargo has built it"));
}

/// What the logic of a team does in a run, whatever keeps the mail.
fn tidy_up(job: &SyncJob) -> Result<(), SyncError> {
    let store = job.store()?;
    let archive = store.ipm_subtree()?.open_or_create_folder("Archive")?;
    let years = names(&archive)?;
    let year = archive.open_or_create_folder(&format!("Year {}", years.len() + 1))?;
    year.set(PR_COMMENT_W, format!("after {years:?}").as_str())?;
    job.save_cursor(years.len().to_string())
}

/// What a run brings each time: three messages, of which one is read, one goes to the archive, and one goes.
fn deliver(job: &SyncJob) -> Result<(), SyncError> {
    let store = job.store()?;
    let inbox = store.receive_folder("IPM.Note")?;
    let archive = store.ipm_subtree()?.open_or_create_folder("Archive")?;
    let run = subjects(&archive)?.len() + 1;
    let mut ids = Vec::new();
    for what in ["read", "kept", "gone"] {
        let message = inbox.create_message()?;
        message.set_subject(&format!("{what} {run}"))?;
        message.set_from("Server", "server@example.org")?;
        message.add_recipients(&[Recipient::to("Me", "me@example.org")])?;
        message.set_body(&format!("Body of {what} {run}"))?;
        ids.push(message.save()?);
    }
    let [read, kept, gone] = ids.as_slice() else {
        return Ok(());
    };
    inbox.set_read(std::slice::from_ref(read), true)?;
    inbox.move_messages(std::slice::from_ref(kept), &archive)?;
    inbox.delete_messages(std::slice::from_ref(gone))?;
    // One that is open can be edited where it is now.
    let moved = archive.open_message(&newest(&archive)?)?;
    moved.set(PR_COMMENT_W, "archived")?;
    moved.set_read(true)?;
    moved.save()?;
    job.save_cursor(run.to_string())
}

/// The subjects in a folder, in their order.
fn subjects(folder: &Folder) -> Result<Vec<String>, SyncError> {
    let messages = folder.messages().columns(&[PR_SUBJECT_W]);
    let rows = messages.sort(PR_SUBJECT_W, SortDirection::Ascend).rows()?;
    let subjects = rows.map(|row| Ok(row?.text(PR_SUBJECT_W).unwrap_or_default()));
    subjects.collect()
}

/// The message with the last subject.
fn newest(folder: &Folder) -> Result<EntryId, SyncError> {
    let messages = folder.messages().columns(&[PR_ENTRYID]);
    let row = messages
        .sort(PR_SUBJECT_W, SortDirection::Descend)
        .first()?;
    let entry_id = row.and_then(|row| row.entry_id());
    entry_id.ok_or_else(|| SyncError::from("there is no message"))
}

fn mail_in_kind(variant: Variant) {
    let rig = Rig::of(variant, Script::new(deliver));
    let store = rig.provider.logon().expect("Logon");
    for _ in 0..2 {
        assert_eq!(rig.run(&store), Status(S_OK));
    }
    store.logoff();
    // What runs have brought outlives the store, and is seen by a client.
    let store = rig.provider.logon().expect("Logon");
    {
        let client = store.client();
        let inbox = client.receive_folder("IPM.Note").expect("the Inbox");
        assert_eq!(subjects(&inbox).expect("a table"), ["read 1", "read 2"]);
        let archive = client.ipm_subtree().expect("the subtree");
        let archive = archive.folder("Archive").expect("a table").expect("made");
        assert_eq!(subjects(&archive).expect("a table"), ["kept 1", "kept 2"]);
        for folder in [&inbox, &archive] {
            let counts = folder.get_all(&[PR_CONTENT_COUNT, PR_CONTENT_UNREAD]);
            let counts = counts.expect("counts");
            assert_eq!(counts.long(PR_CONTENT_COUNT), Some(2));
            assert_eq!(counts.long(PR_CONTENT_UNREAD), Some(0));
        }
        let moved = newest(&archive).and_then(|id| Ok(archive.open_message(&id)?));
        let moved = moved.expect("it opens");
        let told = moved.get_all(&[PR_SUBJECT_W, PR_BODY_W, PR_COMMENT_W]);
        let told = told.expect("properties");
        assert_eq!(told.text(PR_SUBJECT_W).as_deref(), Some("kept 2"));
        assert_eq!(told.text(PR_BODY_W).as_deref(), Some("Body of kept 2"));
        assert_eq!(told.text(PR_COMMENT_W).as_deref(), Some("archived"));
        assert!(moved.is_read().expect("flags"));
        assert_eq!(moved.recipients().expect("a table").len(), 1);
    }
    store.logoff();
    rig.finish();
}

fn in_kind(variant: Variant) {
    let rig = Rig::of(variant, Script::new(tidy_up));
    let store = rig.provider.logon().expect("Logon");
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(rig.run(&store), Status(S_OK));
    {
        let client = store.client();
        let top = client.ipm_subtree().expect("the subtree");
        let archive = top.folder("Archive").expect("a table").expect("made");
        let mut years = names(&archive).expect("a table");
        years.sort_unstable();
        assert_eq!(years, ["Year 1", "Year 2"]);
        let last = archive.folder("Year 2").expect("a table").expect("made");
        let comment = last.text(PR_COMMENT_W).expect("a comment");
        assert_eq!(comment.as_deref(), Some("after [\"Year 1\"]"));
    }
    store.logoff();
    rig.finish();
}

#[test]
fn the_same_logic_runs_around_the_pst_provider() {
    load_pst_provider();
    in_kind(Variant::Wrapped);
}

#[test]
fn the_same_logic_runs_around_the_mailbox_engine() {
    in_kind(Variant::Mailbox);
}

#[test]
fn the_same_mail_comes_around_the_pst_provider() {
    load_pst_provider();
    mail_in_kind(Variant::Wrapped);
}

#[test]
fn the_same_mail_comes_around_the_mailbox_engine() {
    mail_in_kind(Variant::Mailbox);
}
