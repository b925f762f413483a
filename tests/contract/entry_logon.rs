//! Logon and logoff (ENTRY-04 to ENTRY-06, ENTRY-09), and secrets (ENTRY-11).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use mapi_provider::abi::{
    HRESULT, IMAPIProp, IMAPISession, IMAPISync, LOGOFF_ORDERLY, LogoffFlags, MAPI_E_CALL_FAILED,
    MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS,
    MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MAPI_E_UNKNOWN_ENTRYID, MAPI_E_USER_CANCEL,
    PR_RECORD_KEY, S_OK,
};
use mapi_provider::{LogonError, SyncError};
use mapi_provider_host::{
    Host, LogonOptions, Operation, Profile, Property, SectionUid, Status, Store, SupportRecord,
    SyncRequest, Value, count,
};
use windows_core::{IUnknown, Interface};

use crate::support::script::{
    COUNT_TAG, FLAG_TAG, FOLDER_TAG, Registered, Script, Settings, TOKEN_TAG, Variant,
};
use crate::support::{Gate, Orders, Rig, SOON, bare_logon, contract_tests};

fn identity(store: &Store) -> IUnknown {
    store.interface().cast().expect("IUnknown")
}

/// The section of another account.
const ANOTHER: SectionUid = SectionUid(*b"another account\0");

/// The part of a store's entry ID after the flags.
fn record_key(store: &Store) -> Vec<u8> {
    let properties = store.properties(&[PR_RECORD_KEY]).expect("GetProps");
    match &properties[0].value {
        Value::Binary(key) => key.clone(),
        other => panic!("{other:?}"),
    }
}

/// The support object of a logon to a store that was open is left alone.
#[track_caller]
fn left_alone(support: &SupportRecord) {
    let mut untouched = SupportRecord::default();
    untouched.released = true;
    assert_eq!(*support, untouched);
}

contract_tests! {
    fn entry_04_a_second_logon_gets_the_store_and_no_logon(backend) {
        let rig = backend.rig(Orders::steps(1));
        let second = rig.provider.logon().expect("Logon");
        assert_eq!(identity(&second), identity(&rig.store));
        assert!(second.logon().is_none());
        left_alone(&second.support());
        drop(second);
        assert!(!rig.store.support().released);
        assert_eq!(rig.run(), Status(S_OK));
        rig.finish();
    }

    fn entry_04_the_interface_asked_for_is_the_one_given(backend) {
        let rig = backend.rig(Orders::steps(1));
        for iid in [IUnknown::IID, IMAPIProp::IID, IMAPISync::IID] {
            let options = LogonOptions { interface: Some(iid), ..LogonOptions::default() };
            let second = rig.provider.logon_with(&options).expect("Logon");
            assert_eq!(identity(&second), identity(&rig.store));
            assert!(second.logon().is_none());
        }
        let options = LogonOptions { interface: Some(IMAPISession::IID), ..LogonOptions::default() };
        let failure = rig.provider.logon_with(&options).err().expect("a store is no session");
        assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER), "{failure}");
        rig.finish();
    }

    fn entry_04_an_entry_id_finds_its_store(backend) {
        let rig = backend.rig(Orders::steps(1));
        let other = LogonOptions { section: ANOTHER, ..LogonOptions::default() };
        let first = rig.provider.logon_with(&other).expect("Logon");
        assert_ne!(identity(&first), identity(&rig.store));
        assert!(first.logon().is_some());
        // The first four bytes are flags; and the section is not looked at.
        let entry_id = [vec![1; 4], record_key(&first)].concat();
        let same = LogonOptions { entry_id, ..LogonOptions::default() };
        let second = rig.provider.logon_with(&same).expect("Logon");
        assert_eq!(identity(&second), identity(&first));
        left_alone(&second.support());
        drop((first, second));
        rig.finish();
    }

    fn entry_12_two_entry_ids_of_one_section_name_one_store(backend) {
        let rig = backend.rig(Orders::steps(1));
        let another = LogonOptions { section: ANOTHER, ..LogonOptions::default() };
        let key = record_key(&rig.provider.logon_with(&another).expect("Logon"));
        // That store is closed again; its entry ID comes with the section of the one that is open, as in a profile
        // that was copied.
        let options = LogonOptions { entry_id: [vec![0; 4], key].concat(), ..LogonOptions::default() };
        let second = rig.provider.logon_with(&options).expect("Logon");
        assert_eq!(identity(&second), identity(&rig.store));
        assert!(second.logon().is_none());
        drop(second);
        rig.finish();
    }

    fn entry_12_an_entry_id_of_somebody_else_is_refused(backend) {
        let rig = backend.rig(Orders::steps(1));
        let key = record_key(&rig.store);
        let mut other_provider = key.clone();
        other_provider[0] ^= 1;
        for key in [vec![0xAA, 0xBB, 0xCC], other_provider, key[..35].to_vec(), [key.clone(), vec![0]].concat()] {
            let options = LogonOptions { entry_id: [vec![0; 4], key].concat(), ..LogonOptions::default() };
            let failure = rig.provider.logon_with(&options).err().expect("it is not ours");
            assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER), "{failure}");
            assert_eq!(failure.low_level, Some(Status(MAPI_E_UNKNOWN_ENTRYID)), "{failure}");
        }
        rig.finish();
    }

    fn entry_04_the_spooler_has_a_store_of_its_own(backend) {
        let rig = backend.rig(Orders::steps(1));
        let spooler = rig.provider.spooler_logon().expect("SpoolerLogon");
        assert_ne!(identity(&spooler), identity(&rig.store));
        assert!(spooler.logon().is_some());
        let again = rig.provider.spooler_logon().expect("SpoolerLogon");
        assert_eq!(identity(&again), identity(&spooler));
        left_alone(&again.support());
        drop((again, spooler));
        rig.finish();
    }

    fn entry_04_after_the_last_release_a_logon_opens_anew(backend) {
        let rig = backend.rig(Orders::steps(1));
        drop(rig.store.logoff());
        for _ in 0..3 {
            let store = rig.provider.logon().expect("Logon");
            assert!(store.logon().is_some());
            assert_eq!(store.support().provider_uids.len(), 1);
            drop(store);
        }
        drop(rig.provider);
        rig.host.finish().assert_clean();
    }

    fn entry_05_the_store_goes_though_there_is_a_reference_to_the_logon(backend) {
        let rig = backend.rig(Orders::steps(1));
        let logon = rig.store.logon().expect("a logon");
        let logoff = rig.store.logoff();
        assert!(logoff.support.released, "the logon keeps the store, or the support object");
        assert_eq!(logoff.support.logoff_transports.len(), 1);
        // And what there is left of it does no harm.
        let mut flags = LOGOFF_ORDERLY;
        // SAFETY: a live variable.
        assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
        drop((logon, rig.provider));
        rig.host.finish().assert_clean();
    }

    fn entry_05_the_store_keeps_its_support_object(backend) {
        let rig = backend.rig(Orders::steps(1));
        assert!(!rig.store.support().released);
        assert_eq!(rig.store.support().provider_uids.len(), 1);
        rig.finish();
    }

    fn entry_05_a_logon_without_a_support_object_works(backend) {
        let rig = backend.rig(Orders::steps(1));
        let provider = rig.host.init().expect("another provider object");
        let (store, logon) = bare_logon(provider.interface());
        let unknown: IUnknown = store.into();
        assert_eq!(count(&unknown), 1);
        drop((unknown, logon, provider));
        rig.finish();
    }

    fn entry_09_transports_are_told_once_with_the_saved_flags(backend) {
        let purge_quietly = LogoffFlags::LOGOFF_PURGE | LogoffFlags::LOGOFF_QUIET;
        for flags in [LogoffFlags::LOGOFF_ORDERLY, purge_quietly, LogoffFlags::empty()] {
            let rig = backend.rig(Orders::steps(1));
            let logoff = rig.store.logoff_with(flags);
            assert_eq!(logoff.status, Status(S_OK));
            assert_eq!(logoff.support.logoff_transports, [flags]);
            drop(rig.provider);
            rig.host.finish().assert_clean();
            drop(rig.given);
        }
    }

    fn entry_09_without_store_logoff_it_is_abort(backend) {
        let rig = backend.rig(Orders::steps(1));
        let second = rig.provider.logon().expect("Logon");
        drop(second);
        assert_eq!(rig.store.support().logoff_transports, [], "not before the last Release");
        let support = rig.store.release();
        assert_eq!((support.logoff_transports, support.released), (vec![LogoffFlags::LOGOFF_ABORT], true));
        drop(rig.provider);
        rig.host.finish().assert_clean();
    }

    fn entry_09_the_last_flags_count_and_one_call_is_made(backend) {
        let rig = backend.rig(Orders::steps(1));
        rig.store.cancel().expect("StoreLogoff");
        assert_eq!(rig.store.support().logoff_transports, [], "StoreLogoff makes none");
        assert_eq!(rig.run(), Status(S_OK));
        let logoff = rig.store.logoff_with(LogoffFlags::LOGOFF_PURGE);
        assert_eq!(logoff.support.logoff_transports, [LogoffFlags::LOGOFF_PURGE]);
        drop(rig.provider);
        rig.host.finish().assert_clean();
    }
}

#[test]
fn entry_04_logons_at_once_open_one_store() {
    const THREADS: usize = 8;
    for _ in 0..10 {
        let meeting = Barrier::new(THREADS);
        let (opened, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, end) = (Arc::clone(&opened), Arc::clone(&closed));
        let registered = Script::new(|_| Ok(()))
            .on_close(move || {
                end.fetch_add(1, Ordering::SeqCst);
            })
            .on_open(move |_| {
                count.fetch_add(1, Ordering::SeqCst);
                // As long as it takes for the others to arrive.
                thread::sleep(Duration::from_millis(5));
                Ok(())
            })
            .register();
        let host = registered.host();
        let provider = host.init().expect("MSProviderInit");
        let stores: Vec<Store> = thread::scope(|scope| {
            let log_on = || {
                meeting.wait();
                provider.logon().expect("Logon")
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(log_on)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"))
                .collect()
        });
        assert!(
            stores
                .iter()
                .all(|store| identity(store) == identity(&stores[0])),
            "one store"
        );
        let (first, others): (Vec<&Store>, Vec<&Store>) =
            stores.iter().partition(|store| store.logon().is_some());
        assert_eq!(first.len(), 1, "one logon");
        others.iter().for_each(|store| left_alone(&store.support()));
        drop((first, others));
        drop((stores, provider));
        host.finish().assert_clean();
        // Logons that came too late may have opened logic that nobody needs; it is gone.
        assert_eq!(closed.load(Ordering::SeqCst), opened.load(Ordering::SeqCst));
    }
}

#[test]
fn entry_04_logons_and_releases_at_once_give_stores_that_work() {
    let registered = Script::new(|_| Ok(())).register();
    let host = registered.host();
    let provider = host.init().expect("MSProviderInit");
    let log_on = |spooler: bool| {
        let store = if spooler {
            provider.spooler_logon()
        } else {
            provider.logon()
        }
        .expect("logged on");
        let run = store.synchronize(&SyncRequest::default());
        // It may be cancelled by the last Release of another reference, but it is accepted.
        assert!(
            run.started()
                .expect("a store that was just opened")
                .wait(SOON)
        );
    };
    thread::scope(|scope| {
        for number in 0..4 {
            let log_on = &log_on;
            scope.spawn(move || (0..100).for_each(|round| log_on((number + round) % 2 == 0)));
        }
    });
    drop(provider);
    host.finish().assert_clean();
}

/// A host whose provider opens like this.
fn opening(
    open: impl Fn(&Settings) -> Result<(), LogonError> + Send + Sync + 'static,
) -> (Host, Registered) {
    let registered = Script::new(|_| Ok(())).on_open(open).register();
    (registered.host(), registered)
}

#[test]
fn entry_06_whatever_the_error_was_the_code_is_one_of_four() {
    type Error = fn() -> LogonError;
    let errors: [(Error, HRESULT, &str); 9] = [
        (
            || LogonError::unconfigured("no server"),
            MAPI_E_UNCONFIGURED,
            "no server",
        ),
        (
            || LogonError::logon_failed("wrong password"),
            MAPI_E_LOGON_FAILED,
            "wrong password",
        ),
        (LogonError::user_cancelled, MAPI_E_USER_CANCEL, "cancelled"),
        (
            || LogonError::other("on holiday"),
            MAPI_E_FAILONEPROVIDER,
            "on holiday",
        ),
        (
            || LogonError::new(MAPI_E_NO_SUPPORT, "own"),
            MAPI_E_FAILONEPROVIDER,
            "own",
        ),
        (
            || LogonError::new(MAPI_E_NETWORK_ERROR, "own"),
            MAPI_E_FAILONEPROVIDER,
            "own",
        ),
        (
            || LogonError::new(MAPI_E_LOGON_FAILED, "own"),
            MAPI_E_LOGON_FAILED,
            "own",
        ),
        (
            || LogonError::new(S_OK, "a success"),
            MAPI_E_FAILONEPROVIDER,
            "a success",
        ),
        (
            || std::fs::read("no such file").expect_err("none").into(),
            MAPI_E_FAILONEPROVIDER,
            "",
        ),
    ];
    for (error, code, text) in errors {
        let (host, _registered) = opening(move |_| Err(error()));
        let provider = host.init().expect("MSProviderInit");
        for failure in [provider.logon(), provider.spooler_logon()] {
            let failure = failure.err().expect("it fails");
            assert_eq!(failure.status, Status(code), "{text}");
            let said = failure.text.expect("a MAPIERROR with a text");
            assert!(!said.is_empty() && said.contains(text), "{said}");
        }
        drop(provider);
        host.finish().assert_clean();
    }
}

#[test]
fn entry_06_a_panic_at_logon_fails_one_provider() {
    let (host, _registered) = opening(|_| panic!("on purpose"));
    let provider = host.init().expect("MSProviderInit");
    for _ in 0..2 {
        let failure = provider.logon().err().expect("it fails");
        assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
        assert!(failure.text.expect("a text").contains("on purpose"));
    }
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_06_a_missing_setting_is_unconfigured_and_named() {
    let host = Host::new(Variant::Merge.library(), Profile::in_memory()).expect("allocators");
    let provider = host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("nothing is configured");
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
    assert!(failure.text.expect("a text").contains("`script`"));
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_06_a_profile_that_cannot_be_read_fails_one_provider() {
    for (operation, code) in [
        (Operation::GetProps, MAPI_E_FAILONEPROVIDER),
        (Operation::Open, MAPI_E_UNCONFIGURED),
    ] {
        let (host, _registered) = opening(|_| Ok(()));
        host.profile().fail(operation, MAPI_E_NO_ACCESS);
        let provider = host.init().expect("MSProviderInit");
        let failure = provider.logon().err().expect("it fails");
        assert_eq!(failure.status, Status(code), "{operation:?}");
        host.profile().heal();
        drop(provider.logon().expect("it works again"));
        drop(provider);
        host.finish().assert_clean();
    }
}

#[test]
fn entry_07_settings_arrive_as_they_are_in_the_profile() {
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let log = Arc::clone(&seen);
    let (host, _registered) = opening(move |settings| {
        let token = settings
            .token
            .as_ref()
            .map(|token| token.expose().to_owned());
        let folder = settings
            .folder
            .as_ref()
            .map(|folder| folder.display().to_string());
        let line = format!(
            "{} {:?} {folder:?} {token:?}",
            settings.count, settings.flag
        );
        log.lock().expect("not poisoned").push(line);
        Ok(())
    });
    let provider = host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    let values = [
        Property::with_id(COUNT_TAG, -3),
        Property::with_id(FLAG_TAG, true),
        Property::with_id(FOLDER_TAG, "Größe/🦀"),
        Property::with_id(TOKEN_TAG, "geheim"),
    ];
    for value in values {
        host.profile()
            .set(SectionUid::PROVIDER, value)
            .expect("set");
    }
    drop(provider.logon().expect("Logon"));
    let expected = [
        "7 None None None",
        "-3 Some(true) Some(\"Größe/🦀\") Some(\"geheim\")",
    ];
    assert_eq!(*seen.lock().expect("not poisoned"), expected);
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_11_a_secret_is_in_no_debug_output_and_no_error_text() {
    let shown = Arc::<Mutex<String>>::default();
    let log = Arc::clone(&shown);
    let (host, _registered) = opening(move |settings| {
        assert_eq!(
            settings.token.as_ref().map(|token| token.expose()),
            Some("hunter2")
        );
        *log.lock().expect("not poisoned") = format!("{settings:?} {settings:#?}");
        Err(LogonError::logon_failed(format!("refused: {settings:?}")))
    });
    host.profile()
        .set(
            SectionUid::PROVIDER,
            Property::with_id(TOKEN_TAG, "hunter2"),
        )
        .expect("set");
    let provider = host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("it fails");
    let shown = shown.lock().expect("not poisoned").clone();
    assert!(
        shown.contains("Secret(…)") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(!failure.text.expect("a text").contains("hunter2"));
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn entry_05_logic_is_dropped_when_store_and_worker_are_gone() {
    let closed = Arc::new(AtomicBool::new(false));
    let (end, gate) = (Arc::clone(&closed), Gate::default());
    let held = gate.clone();
    let rig = Script::new(move |_| {
        held.pass();
        Ok(())
    })
    .on_close(move || end.store(true, Ordering::SeqCst))
    .rig_in(Variant::Hasty);
    let run = rig.store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    drop(rig.store);
    assert!(!closed.load(Ordering::SeqCst), "the run needs it");
    gate.open();
    assert!(run.wait(SOON));
    assert!(
        closed.load(Ordering::SeqCst),
        "nobody needs it any more (SYNC-11)"
    );
    drop((run, rig.provider));
    rig.host.finish().assert_clean();
}

#[test]
fn com_04_logic_that_panics_when_it_is_dropped_harms_nobody() {
    let registered = Script::new(|_| Ok(()))
        .on_close(|| panic!("in drop"))
        .register();
    // Dropped by the last Release, and by the worker.
    let rig = Rig::open(Variant::Merge.library(), registered.profile());
    rig.finish();
    let gate = Gate::default();
    let held = gate.clone();
    let registered = Script::new(move |_| {
        held.pass();
        Err(SyncError::new(MAPI_E_CALL_FAILED, "at last"))
    })
    .on_close(|| panic!("in drop"))
    .register();
    let rig = Rig::open(Variant::Hasty.library(), registered.profile());
    let run = rig.store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    drop((rig.store, rig.provider));
    gate.open();
    assert!(run.wait(SOON));
    drop(run);
    rig.host.finish().assert_clean();
}
