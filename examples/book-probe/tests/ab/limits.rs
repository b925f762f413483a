//! Time, threads and the end: AB-32 to AB-34.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use mapi_provider::abi::{
    E_UNEXPECTED, GetHierarchyTableFlags, MAPI_E_NETWORK_ERROR, MAPI_E_NO_SUPPORT, MAPI_UNRESOLVED,
    PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_ENTRYID, ResolveNamesFlags, S_OK,
};
use mapi_provider::address_book::LookupError;
use mapi_provider_host::{BookObject, Profile, Property, Status, Value};
use windows_core::HRESULT;

use crate::rig::{self, Rig, few, names};

const WIDE: ResolveNamesFlags = ResolveNamesFlags::MAPI_UNICODE;

fn named(name: &str) -> Vec<Property> {
    vec![Property::new(PR_DISPLAY_NAME_W, name)]
}

/// A server that never answers, until the test is over: what drops this lets it go on.
struct Silent(#[expect(dead_code, reason = "its end is what is heard")] Sender<()>);

impl Silent {
    fn new(rig: &Rig) -> Self {
        let (end, over): (_, Receiver<()>) = mpsc::channel();
        let over = Mutex::new(over);
        rig.at_lookup(move |call| {
            if call != "containers" {
                let _ = over.lock().expect("nobody panics with it").recv();
            }
            Ok(())
        });
        Self(end)
    }
}

/// One that has a container and the entry ID of somebody, before everything goes wrong.
fn hasty() -> (Rig, BookObject, Vec<u8>) {
    let rig = Rig::of(&rig::hasty::PROVIDER, &Profile::in_memory(), few());
    let open = || {
        let listed = rig.book.containers().ok()?;
        let container = rig.book.open(&listed.first()?.entry_id).ok()?;
        let id = container.entries().ok()?.first()?.entry_id.clone();
        Some((container, id))
    };
    loop {
        // 50 ms may be too short on a busy machine.
        if let Some((container, id)) = open() {
            return (rig, container, id);
        }
    }
}

/// What each kind of call answers while nothing can be looked up.
fn answers(rig: &Rig, container: &BookObject, id: &[u8], expected: HRESULT) {
    let expected = Some(Status(expected));
    let opened = rig.book.open(id).err().map(|failure| failure.status);
    assert_eq!(opened, expected, "OpenEntry");
    let listed = container.contents().and_then(|table| table.count());
    let listed = listed.err().map(|failure| failure.status);
    assert_eq!(listed, expected, "contents");
    let mut list = rig.book.list(&[named("Ann")]);
    assert_eq!(
        container.resolve(&[], WIDE, &mut list),
        S_OK,
        "ResolveNames"
    );
    assert_eq!(list.flags(), [MAPI_UNRESOLVED]);
    let recipient = vec![Property::new(PR_ENTRYID, Value::Binary(id.to_vec()))];
    let mut list = rig.book.list(&[recipient]);
    let prepared = rig.book.prepare(&[PR_ADDRTYPE_W], &mut list);
    assert_eq!(Some(Status(prepared)), expected, "PrepareRecips");
}

#[test]
fn ab_32_a_server_that_never_answers_keeps_nobody_waiting() {
    let (rig, container, id) = hasty();
    let silent = Silent::new(&rig);
    answers(&rig, &container, &id, MAPI_E_NETWORK_ERROR);
    // More than may be left behind: they fail at once.
    for _ in 0..40 {
        let failed = rig.book.open(&id).err().map(|failure| failure.status);
        assert_eq!(failed, Some(Status(MAPI_E_NETWORK_ERROR)));
    }
    drop((silent, container));
    rig.finish();
}

#[test]
fn ab_32_a_late_answer_goes_nowhere() {
    let (rig, container, id) = hasty();
    let silent = Silent::new(&rig);
    let mut list = rig.book.list(&[named("Ann Lee")]);
    let place = list.place(0);
    assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
    let _ = rig.book.open(&id);
    // Now all of them answer.
    drop(silent);
    rig.at_lookup(|_| Ok(()));
    loop {
        // The workers are free again.
        if rig.book.open(&id).is_ok() {
            break;
        }
    }
    assert_eq!((list.flags()[0], list.place(0)), (MAPI_UNRESOLVED, place));
    drop((list, container));
    rig.finish();
}

#[test]
fn ab_32_a_lookup_that_fails_says_the_network_and_never_that_somebody_is_gone() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    rig.at_lookup(|call| match call {
        "containers" => Ok(()),
        _ => Err(LookupError::new("the server is away")),
    });
    let container = rig.container("All");
    answers(&rig, &container, &id, MAPI_E_NETWORK_ERROR);
    drop(container);
    rig.finish();
}

#[test]
fn ab_32_a_panic_is_unexpected() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    rig.at_lookup(|call| {
        assert_eq!(call, "containers", "the logic panics");
        Ok(())
    });
    let container = rig.container("All");
    answers(&rig, &container, &id, E_UNEXPECTED);
    drop(container);
    rig.at_lookup(|_| Ok(()));
    assert!(rig.book.open(&id).is_ok());
    rig.finish();
}

#[test]
fn ab_33_threads_share_a_table_and_resolve_beside_it() {
    let rig = Rig::new(few());
    let table = rig.container("All").contents().expect("contents");
    let container = rig.container("All");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..50 {
                    // The cursor is both threads': one may be set back by the other.
                    let all = names(&table);
                    assert!(all.iter().all(|name| !name.is_empty()), "{all:?}");
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..50 {
                let mut list = rig.book.list(&[named("Ann")]);
                assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
                assert_ne!(list.flags()[0], MAPI_UNRESOLVED);
            }
        });
    });
    drop((table, container));
    rig.finish();
}

#[test]
fn ab_33_lookups_run_side_by_side() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    // Each waits for the other: one after the other would wait for ever, which the manifest's 20 seconds end.
    let meet = Arc::new(Barrier::new(2));
    rig.at_lookup(move |call| {
        if call == "get" {
            meet.wait();
        }
        Ok(())
    });
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert!(rig.book.open(&id).is_ok()));
        }
    });
    rig.finish();
}

#[test]
fn ab_34_after_logoff_what_is_held_can_be_called_and_released() {
    let rig = Rig::new(few());
    let all = rig.container("All");
    let (contents, ann) = (all.contents().expect("contents"), rig.entry("Ann Lee"));
    let root = rig.book.root().expect("the root");
    let id = rig.entry_id("Ann Lee");
    assert_eq!(rig.book.log_off(), S_OK);
    assert!(rig.book.record().released);
    assert_eq!(rig.book.log_off(), S_OK);
    for failed in [
        rig.book.open(&id).err(),
        all.open(&id).err(),
        all.contents().and_then(|table| table.count()).err(),
    ] {
        let status = failed.map(|failure| failure.status);
        assert_eq!(status, Some(Status(MAPI_E_NO_SUPPORT)));
    }
    let mut list = rig.book.list(&[named("Ann")]);
    let status = all.resolve(&[], WIDE, &mut list);
    assert!(matches!(status, S_OK | MAPI_E_NO_SUPPORT), "{status:?}");
    // In memory, or not there: no crash either way.
    let _ = contents.all();
    let _ = ann.all_properties();
    let _ = root.hierarchy(GetHierarchyTableFlags::empty());
    drop((contents, ann, root, all, list));
    rig.finish();
}

#[test]
fn ab_34_logoff_waits_for_no_server() {
    let (rig, container, id) = hasty();
    let silent = Silent::new(&rig);
    assert!(rig.book.open(&id).is_err());
    assert_eq!(rig.book.log_off(), S_OK);
    drop((silent, container));
    rig.finish();
}
