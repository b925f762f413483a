//! What runs have of a mailbox.

use std::sync::{Arc, Mutex};
use std::thread;

use mapi_provider::abi::{IMAPISync, IMsgStore, MAPI_E_NO_SUPPORT, PR_SUBJECT_W, S_OK};
use mapi_provider::mailbox::database::{Options, Store};
use mapi_provider::mailbox::logic::{Local, LocalChange, Mailbox};
use mapi_provider::{SyncError, SyncJob};
use mapi_provider_host::{ProgressCallback, Status, SyncRequest};
use windows_core::{IUnknown, Interface};

use crate::rig::Rig;
use crate::support::script::{Script, Variant};
use crate::support::{Gate, SOON, progress_only};

/// Brings in one message more each time, with the number of those that there are as the cursor.
fn one_more(mailbox: &Mailbox) -> Result<(), SyncError> {
    let before: usize = match mailbox.cursor()? {
        Some(cursor) => std::str::from_utf8(&cursor)?.parse()?,
        None => 0,
    };
    let mut batch = mailbox.batch();
    batch.upsert(mailbox.inbox()?, &format!("m{before}"), |message| {
        message.subject(&format!("Message {before}"));
    })?;
    batch.commit_with((before + 1).to_string().as_bytes())?;
    Ok(())
}

fn count(store: &mapi_provider_host::Store) -> usize {
    let inbox = store.client().receive_folder("").expect("the Inbox");
    inbox.messages().count().expect("a table")
}

#[test]
fn store_45_messages_and_cursor_come_together_and_outlive_the_store() {
    let rig = Rig::new(Script::new(|job| one_more(&job.mailbox()?)));
    for expected in 1..=3 {
        let store = rig.provider.logon().expect("Logon");
        assert_eq!(rig.run(&store), Status(S_OK));
        assert_eq!(count(&store), expected);
        store.logoff();
    }
    rig.finish();
}

#[test]
fn store_41_a_table_that_is_open_has_what_a_run_brings() {
    let rig = Rig::new(Script::new(|job| one_more(&job.mailbox()?)));
    let store = rig.provider.logon().expect("Logon");
    {
        let client = store.client();
        let inbox = client.receive_folder("").expect("the Inbox");
        let query = inbox.messages().columns(&[PR_SUBJECT_W]);
        assert_eq!(query.count().expect("a table"), 0);
        assert_eq!(rig.run(&store), Status(S_OK));
        assert_eq!(query.count().expect("a table"), 1);
        let row = query.first().expect("a table").expect("a row");
        assert_eq!(row.text(PR_SUBJECT_W).as_deref(), Some("Message 0"));
    }
    store.logoff();
    rig.finish();
}

#[test]
fn store_45_what_runs_do_is_no_local_change_by_either_api() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let rig = Rig::new(Script::new(move |job| {
        let mailbox = job.mailbox()?;
        for change in mailbox.local_changes()? {
            noted.lock().expect("no panic").push(change.what.clone());
            change.acknowledge()?;
        }
        one_more(&mailbox)?;
        let top = job.store()?.ipm_subtree()?;
        top.open_or_create_folder("By the logic")?;
        Ok(())
    }));
    let store = rig.provider.logon().expect("Logon");
    assert_eq!(rig.run(&store), Status(S_OK));
    let top = store.client().ipm_subtree().map(drop);
    top.expect("the subtree");
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(*told.lock().expect("no panic"), []);
    {
        let client = store.client();
        let top = client.ipm_subtree().expect("the subtree");
        top.create_folder("By a client").expect("created");
    }
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(*told.lock().expect("no panic"), [Local::Created]);
    store.logoff();
    rig.finish();
}

#[test]
fn other_threads_may_use_the_mailbox() {
    fn assert_send<T: Send>() {}
    assert_send::<(Mailbox, LocalChange)>();
    let rig = Rig::new(Script::new(|job| {
        let mailbox = job.mailbox()?;
        thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|number| {
                    let mailbox = mailbox.clone();
                    scope.spawn(move || {
                        let mut batch = mailbox.batch();
                        let id = format!("m{number}");
                        batch.upsert(mailbox.inbox()?, &id, |message| message.subject(&id))?;
                        batch.commit()
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no panic")?;
            }
            Ok(())
        })
    }));
    let store = rig.provider.logon().expect("Logon");
    assert_eq!(rig.run(&store), Status(S_OK));
    assert_eq!(count(&store), 4);
    store.logoff();
    rig.finish();
}

#[test]
fn a_unit_test_of_logic_has_a_mailbox_in_memory() {
    let store = Store::in_memory(Options::new()).expect("a store");
    let mailbox = Mailbox::new(store);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    let fetched = test.job().mailbox().and_then(|mailbox| one_more(&mailbox));
    fetched.expect("fetched");
    let message = mailbox.message_of_server("m0").expect("read");
    assert!(message.is_some());
    let without = SyncJob::for_test();
    let error = without.job().mailbox().expect_err("none was given");
    assert_eq!(error.code(), MAPI_E_NO_SUPPORT);
}

#[test]
fn no_other_kind_has_a_mailbox() {
    let rig = Rig::of(
        Variant::Merge,
        Script::new(|job: &SyncJob| job.mailbox().map(drop)),
    );
    let store = rig.provider.logon().expect("Logon");
    assert_eq!(rig.run(&store), Status(MAPI_E_NO_SUPPORT));
    store.logoff();
    rig.finish();
}

#[test]
fn sync_21_a_run_has_the_mailbox_until_it_ends_and_nothing_keeps_the_store() {
    let gate = Gate::default();
    let rig = Rig::new(Script::new(|job| {
        let mailbox = job.mailbox()?;
        let _ = job.progress("held up", 0, 1);
        // Whatever has become of the store meanwhile.
        one_more(&mailbox)
    }));
    let store = rig.provider.logon().expect("Logon");
    let callback = {
        let gate = gate.clone();
        rig.host.callback(progress_only(move || {
            gate.pass();
            S_OK
        }))
    };
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    gate.wait_for_arrival();
    // ENTRY-05: the support object goes with the store, whatever the run holds.
    let opener = gate.clone();
    let opening = thread::spawn(move || opener.open());
    let record = store.release();
    assert!(record.released);
    opening.join().expect("no panic");
    assert!(run.started().expect("accepted").wait(SOON));
    drop((run, callback));

    let store = rig.provider.logon().expect("Logon");
    assert_eq!(count(&store), 1);
    store.logoff();
    rig.finish();
}

#[test]
fn com_01_the_store_and_its_synchronisation_are_one_object() {
    let rig = Rig::new(Script::new(|_| Ok(())));
    let store = rig.provider.logon().expect("Logon");
    let identity = |unknown: &IUnknown| unknown.cast::<IUnknown>().expect("IUnknown");
    let sync: IMAPISync = store.sync().expect("IMAPISync");
    assert_eq!(identity(&sync), identity(store.interface()));
    let back: IMsgStore = sync.cast().expect("IMsgStore");
    assert_eq!(identity(&back), identity(&sync));
    drop((sync, back));
    let callback = rig.host.callback(ProgressCallback::builder());
    drop(callback);
    store.logoff();
    rig.finish();
}
