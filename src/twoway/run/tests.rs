//! Runs of jobs with a server that is a list.

use std::cell::{Cell, RefCell};
use std::hash::Hasher;

use mapi_provider_abi::mapi::{MAPI_E_NETWORK_ERROR, SyncFlags};
use mapi_provider_mailbox::database::{Options as StoreOptions, Store};
use mapi_provider_mailbox::logic::Mailbox;
use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Feed, ItemKey, ItemRef, Listed, Listing, Part, Proof, RemoteEntry,
    Session, Trouble,
};

use super::*;
use crate::sync::TestRun;

/// A server that is only read, with these contents.
#[derive(Default)]
struct ListServer {
    account: &'static str,
    password: Cell<u64>,
    items: RefCell<Vec<String>>,
    stop: RefCell<Option<Stop>>,
    logons: Cell<u32>,
}

impl ListServer {
    fn new(account: &'static str, items: &[&'static str]) -> Self {
        Self {
            account,
            items: RefCell::new(items.iter().map(ToString::to_string).collect()),
            ..Self::default()
        }
    }
}

impl Remote for ListServer {
    fn account(&self) -> String {
        self.account.to_owned()
    }

    fn hash_logon(&self, hasher: &mut dyn Hasher) {
        hasher.write_u64(self.password.get());
    }

    fn connect<'r>(&'r self, _: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        self.logons.set(self.logons.get() + 1);
        match &*self.stop.borrow() {
            Some(stop) => Err(stop.clone().into()),
            None => Ok(Box::new(ListSession(self))),
        }
    }
}

struct ListSession<'r>(&'r ListServer);

impl Session for ListSession<'_> {
    fn abilities(&self) -> Abilities {
        Abilities::read_only()
    }

    fn changes(
        &mut self,
        _: Feed<'_>,
        _: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let items = self.0.items.borrow();
        for (number, item) in items.iter().enumerate() {
            let mut entry =
                RemoteEntry::new(ItemKey::new(item), i64::try_from(number).unwrap_or(0));
            entry
                .folders
                .insert(mapi_provider_twoway::FolderKey::new("INBOX"));
            entry.title = match &**item {
                "encoded" => {
                    "=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus\r\n =?iso-8859-1?q?K=F6ln?=".to_owned()
                }
                item => item.to_owned(),
            };
            listing.entry(entry)?;
        }
        Ok(Listed {
            proof: Proof::Complete {
                count: items.len() as u64,
            },
            cursor: None,
        })
    }

    fn fetch(&mut self, item: &ItemRef, _: Part) -> Answer<Vec<u8>> {
        if item.key.as_str() == "panics" {
            std::panic::resume_unwind(Box::new("a mistake"));
        }
        if ["bad", "encoded"].contains(&item.key.as_str()) {
            return Err(Trouble::refused("no"));
        }
        Ok(format!("Subject: {}\r\n\r\nText\r\n", item.key.as_str()).into_bytes())
    }
}

fn mailbox(folder: &tempfile::TempDir) -> Mailbox {
    let options = StoreOptions::new().track_local_changes(true);
    let store = Store::open_with(&folder.path().join("store.db"), options);
    Mailbox::new(store.expect("a new store"))
}

fn count(mailbox: &Mailbox) -> u64 {
    let inbox = mailbox.inbox().expect("there");
    let inbox = mailbox.folder(inbox).expect("readable");
    inbox.expect("there").total
}

#[test]
fn a_run_brings_the_mail_and_the_next_one_goes_on_from_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:a", &["one", "two", "three", "four"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    let report = synchronize(&server, &test.job()).expect("done");
    assert_eq!((report.downloaded, count(&mailbox)), (4, 4));
    // The folders that every mailbox has are no server's business while they are empty.
    assert_eq!(report.warnings, [], "{report}");
    // What is gone at the server is gone here: so the state was kept.
    server.items.borrow_mut().pop();
    let report = synchronize(&server, &test.job()).expect("done");
    assert_eq!((report.deleted_local, count(&mailbox)), (1, 3));
    let report = synchronize(&server, &test.job()).expect("done");
    assert!(report.is_nothing(), "{report}");
}

#[test]
fn twoway_27_a_server_whose_code_panics_ends_its_run_and_harms_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:p", &["one"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    synchronize(&server, &test.job()).expect("done");
    server.items.borrow_mut().push("panics".to_owned());
    server.items.borrow_mut().push("two".to_owned());
    let run = || synchronize(&server, &test.job());
    // As the worker does it.
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    server.items.borrow_mut().retain(|item| item != "panics");
    synchronize(&server, &test.job()).expect("done");
    assert_eq!(count(&mailbox), 2);
    let report = synchronize(&server, &test.job()).expect("done");
    assert!(report.is_nothing(), "{report}");
}

#[test]
fn the_job_says_what_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:b", &["one"]);
    let test = SyncJob::for_test()
        .mailbox(mailbox.clone())
        .flags(SyncFlags::UPLOAD_CONTENTS);
    synchronize(&server, &test.job()).expect("done");
    assert_eq!(count(&mailbox), 0);
}

#[test]
fn twoway_21_a_cancelled_job_ends_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:c", &["one", "two"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone()).cancelled();
    let error = synchronize(&server, &test.job()).expect_err("cancelled");
    assert!(error.is_cancelled());
    // In the midst of a run: the batch under way is the last one.
    let names = (0..250).map(|number| format!("item {number}")).collect();
    server.items.replace(names);
    let test = SyncJob::for_test().mailbox(mailbox.clone()).cancel_at(0);
    let error = synchronize(&server, &test.job()).expect_err("cancelled");
    assert!(error.is_cancelled());
    let here = count(&mailbox);
    assert!(here < 250, "{here}");
}

#[test]
fn twoway_30_what_is_left_undone_is_a_warning_of_the_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:d", &["bad", "good"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    synchronize(&server, &test.job()).expect("done");
    assert_eq!(count(&mailbox), 1);
    let warnings = test.warnings();
    assert!(
        warnings.iter().any(|warning| warning.contains("\"bad\"")),
        "{warnings:?}"
    );
}

#[test]
fn twoway_30_who_is_told_of_an_item_can_read_its_subject() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:i", &["encoded"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    let plan = plan(&server, &test.job(), &Options::default()).expect("a plan");
    assert!(plan.to_string().contains("Grüße aus Köln"), "{plan}");
    synchronize(&server, &test.job()).expect("done");
    let warnings = test.warnings();
    assert!(warnings[0].contains("\"Grüße aus Köln\""), "{warnings:?}");
}

#[test]
fn twoway_23_a_refused_password_is_tried_again_when_it_changes_or_the_user_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:e", &[]);
    let refused = Stop::Logon("no".to_owned());
    server.stop.replace(Some(refused));
    let run = |test: TestRun<'_>| {
        let test = test.mailbox(mailbox.clone());
        synchronize(&server, &test.job()).map_err(|error| error.code())
    };
    for _ in 0..3 {
        assert_eq!(run(SyncJob::for_test()), Err(MAPI_E_LOGON_FAILED));
    }
    assert_eq!(server.logons.get(), 1);
    let by_user = || SyncJob::for_test().flags(SyncFlags::ON_DEMAND);
    assert_eq!(run(by_user()), Err(MAPI_E_LOGON_FAILED));
    assert_eq!(server.logons.get(), 2);
    server.password.set(1);
    assert_eq!(run(SyncJob::for_test()), Err(MAPI_E_LOGON_FAILED));
    assert_eq!(server.logons.get(), 3);
    // It was right after all.
    server.stop.replace(None);
    run(by_user()).expect("let in");
    run(SyncJob::for_test()).expect("let in");
}

#[test]
fn a_lost_connection_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = ListServer::new("list:f", &[]);
    server.stop.replace(Some(Stop::Lost("cut".to_owned())));
    let test = SyncJob::for_test().mailbox(mailbox(&folder));
    let error = synchronize(&server, &test.job()).expect_err("no connection");
    assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
}

#[test]
fn a_plan_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = mailbox(&folder);
    let server = ListServer::new("list:g", &["one"]);
    let test = SyncJob::for_test().mailbox(mailbox.clone());
    let plan = plan(&server, &test.job(), &Options::default()).expect("a plan");
    assert!(plan.to_string().contains("download"), "{plan}");
    assert_eq!(count(&mailbox), 0);
}

#[test]
fn a_job_without_a_store_of_ours_is_refused() {
    let server = ListServer::new("list:h", &[]);
    let test = SyncJob::for_test();
    let error = synchronize(&server, &test.job()).expect_err("no store");
    assert_eq!(error.code(), mapi_provider_abi::mapi::MAPI_E_NO_SUPPORT);
    assert_eq!(server.logons.get(), 0);
}
