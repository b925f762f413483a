//! The cursor: kept across runs, logons and processes, and the old one intact if a new one can't be
//! saved.

use std::sync::{Arc, Mutex};

use mapi_provider::SyncError;
use mapi_provider::abi::{HRESULT, MAPI_E_DISK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG, S_OK};
use mapi_provider_host::{
    Host, Operation, Profile, Property, SectionUid, Status, SyncRequest, Value,
};

use crate::support::script::{CURSOR_TAG, Registered, Script, Variant};
use crate::support::{Rig, SOON};

/// The most bytes that a cursor has.
const MOST: usize = 16 << 10;

type Seen = Arc<Mutex<Vec<Option<Vec<u8>>>>>;

/// Logic that notes the cursor it finds, and saves the next one that it is given.
struct Told {
    seen: Seen,
    next: Arc<Mutex<Vec<u8>>>,
    registered: Registered,
}

impl Told {
    fn new() -> Self {
        let (seen, next) = (Seen::default(), Arc::<Mutex<Vec<u8>>>::default());
        let (log, save) = (Arc::clone(&seen), Arc::clone(&next));
        let script = Script::new(move |job| {
            log.lock()
                .expect("not poisoned")
                .push(job.cursor().map(<[u8]>::to_vec));
            job.save_cursor(&*save.lock().expect("not poisoned"))
        });
        Self {
            seen,
            next,
            registered: script.register(),
        }
    }

    fn rig(&self) -> Rig {
        Rig::open(Variant::Merge.library(), self.registered.profile())
    }

    /// A run that saves this; what Done got.
    fn save(&self, rig: &Rig, cursor: &[u8]) -> Status {
        *self.next.lock().expect("not poisoned") = cursor.to_vec();
        rig.run()
    }

    /// The cursor that the last run found.
    fn last(&self) -> Option<Vec<u8>> {
        self.seen
            .lock()
            .expect("not poisoned")
            .last()
            .cloned()
            .expect("there was a run")
    }
}

fn kept(profile: &Profile) -> Option<Value> {
    profile.get(SectionUid::PROVIDER, CURSOR_TAG)
}

fn binary(bytes: &[u8]) -> Option<Value> {
    Some(Value::Binary(bytes.to_vec()))
}

#[test]
fn a_cursor_is_found_by_the_next_run() {
    let told = Told::new();
    let rig = told.rig();
    assert_eq!(told.save(&rig, b"one"), Status(S_OK));
    assert_eq!(told.last(), None, "none before the first time");
    assert_eq!(told.save(&rig, &[0, 255, 0]), Status(S_OK));
    assert_eq!(told.last(), Some(b"one".to_vec()));
    assert_eq!(told.save(&rig, b""), Status(S_OK));
    assert_eq!(told.last(), Some(vec![0, 255, 0]));
    rig.finish();
}

#[test]
fn a_cursor_is_found_by_the_next_logon() {
    let told = Told::new();
    let rig = told.rig();
    let profile = rig.host.profile().clone();
    told.save(&rig, b"one");
    rig.finish();
    assert_eq!(kept(&profile), binary(b"one"), "it was saved, not only set");
    let rig = Rig::open(Variant::Merge.library(), profile);
    told.save(&rig, b"two");
    assert_eq!(told.last(), Some(b"one".to_vec()));
    rig.finish();
}

#[test]
fn a_cursor_is_found_by_the_next_process() {
    let told = Told::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("profile");
    for (cursor, before) in [(b"one".as_slice(), None), (b"two", Some(b"one".to_vec()))] {
        // All that a new process has is the file.
        let profile = Profile::open(&file).expect("a profile");
        told.registered.configure(&profile);
        let rig = Rig::open(Variant::Merge.library(), profile);
        assert_eq!(told.save(&rig, cursor), Status(S_OK));
        assert_eq!(told.last(), before);
        rig.finish();
    }
}

#[test]
fn a_cursor_has_sixteen_kib_at_the_most() {
    let told = Told::new();
    let rig = told.rig();
    assert_eq!(told.save(&rig, &[7; MOST]), Status(S_OK));
    assert_eq!(told.save(&rig, &[8; MOST + 1]), Status(MAPI_E_TOO_BIG));
    assert_eq!(kept(rig.host.profile()), binary(&[7; MOST]));
    assert_eq!(told.save(&rig, b"small"), Status(S_OK));
    assert_eq!(told.last(), Some(vec![7; MOST]));
    rig.finish();
}

#[test]
fn the_old_cursor_is_intact_where_the_new_one_cannot_be_saved() {
    for operation in [
        Operation::SetProps,
        Operation::SaveChanges,
        Operation::GetProps,
    ] {
        for old in [None, Some(b"old".as_slice())] {
            let told = Told::new();
            let rig = told.rig();
            if let Some(old) = old {
                told.save(&rig, old);
            }
            let profile = rig.host.profile().clone();
            profile.fail(operation, MAPI_E_DISK_ERROR);
            assert_eq!(
                told.save(&rig, b"new"),
                Status(MAPI_E_DISK_ERROR),
                "{operation:?}"
            );
            assert_eq!(
                kept(&profile),
                old.map(|old| Value::Binary(old.to_vec())),
                "{operation:?}, in the profile"
            );
            profile.heal();
            // The section stays open: unsaved data must not be found in it, nor saved later by
            // accident.
            assert_eq!(told.save(&rig, b"next"), Status(S_OK));
            assert_eq!(
                told.last(),
                old.map(<[u8]>::to_vec),
                "{operation:?}, in the open section"
            );
            assert_eq!(kept(&profile), binary(b"next"));
            rig.finish();
        }
    }
}

#[test]
fn what_was_not_saved_is_not_saved_with_something_else() {
    let told = Told::new();
    let rig = told.rig();
    let profile = rig.host.profile().clone();
    told.save(&rig, b"old");
    profile.fail(Operation::SaveChanges, MAPI_E_DISK_ERROR);
    told.save(&rig, b"new");
    profile.heal();
    // It fails before it writes anything, so anything that is saved was left in the section.
    assert_eq!(told.save(&rig, &[0; MOST + 1]), Status(MAPI_E_TOO_BIG));
    assert_eq!(kept(&profile), binary(b"old"));
    rig.finish();
}

#[test]
fn the_last_cursor_of_a_run_counts() {
    let registered = Script::new(|job| {
        for cursor in ["one", "two", "three"] {
            job.save_cursor(cursor)?;
            assert_eq!(job.cursor(), None, "it is where the last run left off");
        }
        Err(SyncError::new(
            HRESULT(0x8004_0115_u32 as i32),
            "then it failed",
        ))
    })
    .register();
    let rig = Rig::open(Variant::Merge.library(), registered.profile());
    assert_eq!(rig.run(), Status(HRESULT(0x8004_0115_u32 as i32)));
    assert_eq!(
        kept(rig.host.profile()),
        binary(b"three"),
        "what failed later takes nothing back"
    );
    rig.finish();
}

#[test]
fn a_cursor_that_cannot_be_read_counts_as_none() {
    let told = Told::new();
    let rig = told.rig();
    told.save(&rig, b"old");
    rig.host
        .profile()
        .set(
            SectionUid::PROVIDER,
            Property::with_id(CURSOR_TAG, "a text"),
        )
        .expect("set");
    rig.finish();
    let profile = told.registered.profile();
    profile
        .set(
            SectionUid::PROVIDER,
            Property::with_id(CURSOR_TAG, "a text"),
        )
        .expect("set");
    let rig = Rig::open(Variant::Merge.library(), profile);
    assert_eq!(told.save(&rig, b"new"), Status(S_OK));
    assert_eq!(told.last(), None);
    rig.finish();
}

#[test]
fn a_read_only_profile_keeps_no_cursor_and_says_so() {
    let told = Told::new();
    let profile = told.registered.profile();
    let host = Host::new(Variant::Merge.library(), profile.clone()).expect("allocators");
    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    profile.fail(Operation::SetProps, MAPI_E_NO_ACCESS);
    let callback = host.callback(mapi_provider_host::ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_NO_ACCESS)));
    assert!(
        callback.errors()[0].1.contains("cursor"),
        "{:?}",
        callback.errors()
    );
    drop((run, callback, store, provider));
    host.finish().assert_clean();
}
