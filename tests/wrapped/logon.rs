//! Logon and SpoolerLogon (WRAP-03, WRAP-04, WRAP-05), and ENTRY-04 to ENTRY-06 for wrapped stores.

use std::ptr;

use mapi_provider::abi::{
    E_NOINTERFACE, HRESULT, IMAPIProp, IMAPISession, IMAPISync, IMSLogon, IMsgStore, IPSTX, IPSTX2,
    MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_W_ERRORS_RETURNED,
    PR_SERVICE_UID, S_OK, StoreLogonFlags,
};
use mapi_provider::view::{DescribedError, Limits};
use mapi_provider_host::{LogonOptions, Operation, Property, SectionUid, Status, Value};
use windows_core::{IUnknown, Interface};

use crate::inner::{Inner, PATH, Rig, instance};
use crate::support::script::{Script, Variant};

fn identity(store: &impl Interface) -> IUnknown {
    store.cast().expect("IUnknown")
}

#[test]
fn wrap_05_the_inner_provider_is_given_its_own_module() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    assert_eq!(rig.inner.value("MSProviderInit", "instance"), instance());
    drop(provider);
    rig.finish();
}

#[test]
fn wrap_03_both_logons_make_the_inner_store_a_unicode_offline_store() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let flags = StoreLogonFlags::MDB_WRITE | StoreLogonFlags::MDB_OST_LOGON_ANSI;
    let options = LogonOptions {
        flags,
        ..LogonOptions::default()
    };
    let store = provider.logon_with(&options).expect("Logon");
    let spooler = provider.spooler_logon_with(&options).expect("SpoolerLogon");
    let expected = format!("{:x}", (StoreLogonFlags::MDB_WRITE.bits()) | 0x800);
    assert_eq!(rig.inner.value("Logon", "flags"), expected);
    assert_eq!(rig.inner.value("SpoolerLogon", "flags"), expected);
    // Both are wrapped.
    for store in [&store, &spooler] {
        assert!(store.sync().is_ok(), "an IMAPISync of ours");
    }
    drop((store, spooler, provider));
    rig.finish();
}

#[test]
fn wrap_03_the_entry_id_reaches_the_inner_provider_and_the_interface_is_ours() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let options = LogonOptions {
        entry_id: (0..30).collect(),
        interface: Some(IMAPISync::IID),
        ..LogonOptions::default()
    };
    let store = provider.logon_with(&options).expect("Logon");
    let bytes: String = (0..30).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(rig.inner.value("Logon", "entry-id"), bytes);
    assert_eq!(rig.inner.value("Logon", "interface"), "0x0");
    drop((store, provider));
    rig.finish();
}

#[test]
fn wrap_03_a_failed_inner_logon_leaves_nothing() {
    let codes: [(&str, HRESULT, HRESULT); 4] = [
        ("8004010f", MAPI_E_NOT_FOUND, MAPI_E_FAILONEPROVIDER),
        ("80040111", MAPI_E_LOGON_FAILED, MAPI_E_LOGON_FAILED),
        ("8004011c", MAPI_E_UNCONFIGURED, MAPI_E_UNCONFIGURED),
        ("80040113", MAPI_E_USER_CANCEL, MAPI_E_USER_CANCEL),
    ];
    for (order, code, answer) in codes {
        let rig = Rig::new();
        rig.inner.order(&format!("logon={order}"));
        let provider = rig.host.init().expect("MSProviderInit");
        // The host checks that all places are NULL then (WRAP-03), and that the code is one of the four (ENTRY-06).
        for failure in [provider.logon(), provider.spooler_logon()] {
            let failure = failure.err().expect("it fails");
            assert_eq!(failure.status, Status(answer));
            let text = failure.text.expect("a text");
            assert!(text.contains(&Status(code).to_string()), "{text}");
        }
        drop(provider);
        rig.finish();
    }
}

/// A logon by hand: its result, and the text that comes with it. The store is released again.
fn bare_logon(
    rig: &Rig,
    provider: &mapi_provider_host::Provider,
    spooler: bool,
) -> (HRESULT, String) {
    let (support, flags) = (rig.host.support(), StoreLogonFlags::empty());
    let (mut error, mut logon, mut store) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: live variables, and NULL for what may be left out; what is answered is ours.
    unsafe {
        let provider = provider.interface();
        let result = if spooler {
            provider.SpoolerLogon(
                support.as_raw(),
                0,
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                flags,
                ptr::null(),
                0,
                ptr::null_mut(),
                &raw mut error,
                &raw mut logon,
                &raw mut store,
            )
        } else {
            provider.Logon(
                support.as_raw(),
                0,
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                flags,
                ptr::null(),
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut error,
                &raw mut logon,
                &raw mut store,
            )
        };
        let memory = rig.host.allocators().for_views();
        let error = memory.adopt(error, 1).expect("a MAPIERROR");
        let width = mapi_provider::abi::UnicodeFlags::empty();
        let text = DescribedError::read(error.as_ptr(), width, &Limits::default());
        let text = text
            .expect("readable")
            .error
            .expect("a text")
            .to_string_lossy();
        drop(IMsgStore::from_raw(store));
        assert_eq!(IMSLogon::from_raw(logon).Logoff(&mut 0), S_OK);
        (result, text)
    }
}

#[test]
fn wrap_03_a_warning_comes_back_with_the_store() {
    for spooler in [false, true] {
        let rig = Rig::new();
        rig.inner.order("logon=00040380");
        rig.inner.order("logon-text=some folders are read-only");
        let provider = rig.host.init().expect("MSProviderInit");
        let answer = bare_logon(&rig, &provider, spooler);
        let text = "some folders are read-only".to_owned();
        assert_eq!(answer, (MAPI_W_ERRORS_RETURNED, text));
        drop(provider);
        rig.finish();
    }
}

#[test]
fn entry_06_what_the_inner_provider_says_is_passed_on_in_both_widths() {
    for flags in [StoreLogonFlags::MAPI_UNICODE, StoreLogonFlags::empty()] {
        let rig = Rig::new();
        rig.inner.order("logon=8004010f");
        rig.inner.order("logon-text=the file is locked");
        let provider = rig.host.init().expect("MSProviderInit");
        let options = LogonOptions {
            flags,
            ..LogonOptions::default()
        };
        let failure = provider.logon_with(&options).err().expect("it fails");
        let text = failure.text.expect("a text");
        assert!(text.contains("the file is locked"), "{text}");
        drop(provider);
        rig.finish();
    }
}

#[test]
fn entry_06_an_inner_provider_that_fails_at_any_step_fails_one_provider() {
    let steps = [
        (
            "init=80040110",
            "could not be started: MAPI_E_VERSION (0x80040110)",
        ),
        ("init-null=1", "made no provider object"),
        ("version=0000ffff", "too old: it speaks version 0x0000FFFF"),
        ("logon-null=1", "has opened no store"),
        ("read-ids=80004005", "ranges of IDs"),
        ("write-ids=80004005", "ranges of IDs"),
        ("ids=01000000", "ranges of IDs"),
    ];
    for (order, said) in steps {
        let rig = Rig::new();
        rig.inner.order(order);
        let provider = rig.host.init().expect("MSProviderInit");
        for _ in 0..2 {
            let failure = provider.logon().err().expect("it fails");
            assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER), "{order}");
            let text = failure.text.expect("a text");
            assert!(text.contains(said), "{order}: {text}");
        }
        drop(provider);
        rig.finish();
    }
}

#[test]
fn entry_06_without_a_path_the_store_is_unconfigured() {
    let rig = Rig::unconfigured(Variant::Wrapped.library(), Script::new(|_| Ok(())));
    let provider = rig.host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("it fails");
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
    assert!(
        failure
            .text
            .expect("a text")
            .contains("PR_PROFILE_OFFLINE_STORE_PATH")
    );
    assert!(
        rig.inner.lines("Logon").is_empty(),
        "the inner provider is not bothered"
    );
    drop(provider);
    rig.finish();
}

#[test]
fn entry_06_a_path_of_the_wrong_type_is_no_path() {
    let rig = Rig::unconfigured(Variant::Wrapped.library(), Script::new(|_| Ok(())));
    let profile = rig.host.profile();
    profile
        .set(SectionUid::PROVIDER, Property::with_id(PATH, 7))
        .expect("set");
    let provider = rig.host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("it fails");
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
    drop(provider);
    rig.finish();
}

#[test]
fn entry_06_a_profile_that_cannot_be_read_fails_the_logon() {
    for (operation, code) in [
        (Operation::GetProps, MAPI_E_FAILONEPROVIDER),
        (Operation::Open, MAPI_E_UNCONFIGURED),
    ] {
        let rig = Rig::new();
        rig.host.profile().fail(operation, MAPI_E_NO_ACCESS);
        let provider = rig.host.init().expect("MSProviderInit");
        let failure = provider.logon().err().expect("it fails");
        assert_eq!(failure.status, Status(code), "{operation:?}");
        rig.host.profile().heal();
        drop(provider.logon().expect("it works again"));
        drop(provider);
        rig.finish();
    }
}

#[test]
fn entry_06_logic_that_does_not_open_leaves_the_inner_provider_alone() {
    let script = Script::new(|_| Ok(())).on_open(|_| panic!("on purpose"));
    let rig = Rig::with(script);
    let provider = rig.host.init().expect("MSProviderInit");
    let failure = provider.logon().err().expect("it fails");
    assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
    assert!(rig.inner.lines("Logon").is_empty());
    drop(provider);
    rig.finish();
}

#[test]
fn com_05_a_null_place_for_store_or_logon_is_refused() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let interface = provider.interface();
    let mut place = ptr::null_mut();
    for spooler in [false, true] {
        for (logon, store) in [
            (ptr::null_mut(), &raw mut place),
            (&raw mut place, ptr::null_mut()),
        ] {
            let (null, flags) = (ptr::null_mut(), StoreLogonFlags::empty());
            // SAFETY: NULL is what is tested.
            let result = unsafe {
                if spooler {
                    interface.SpoolerLogon(
                        null,
                        0,
                        null.cast(),
                        0,
                        null.cast(),
                        flags,
                        ptr::null(),
                        0,
                        null.cast(),
                        null.cast(),
                        logon,
                        store,
                    )
                } else {
                    interface.Logon(
                        null,
                        0,
                        null.cast(),
                        0,
                        null.cast(),
                        flags,
                        ptr::null(),
                        null.cast(),
                        null.cast(),
                        null.cast(),
                        logon,
                        store,
                    )
                }
            };
            assert_eq!(result, MAPI_E_INVALID_PARAMETER);
        }
    }
    drop(provider);
    rig.finish();
}

#[test]
fn wrap_04_the_nst_section_is_that_of_the_service() {
    let rig = Rig::unconfigured(Variant::Wrapped.library(), Script::new(|_| Ok(())));
    let profile = rig.host.profile();
    // As MAPI has it: the provider's section names the service's, and the path is there.
    let uid = Value::Binary(SectionUid::SERVICE.0.to_vec());
    profile
        .set(SectionUid::PROVIDER, Property::new(PR_SERVICE_UID, uid))
        .expect("set");
    profile
        .set(
            SectionUid::SERVICE,
            Property::with_id(PATH, "/mail/contoso.nst"),
        )
        .expect("set");
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    assert_eq!(rig.inner.lines("global section"), ["global section opened"]);
    drop((store, provider));
    rig.finish();
}

#[test]
fn wrap_04_the_status_row_has_no_identity() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let rows = store.support().status_rows;
    assert_eq!(rows.len(), 1);
    let ids: Vec<u16> = rows[0].iter().map(|property| property.id).collect();
    for identity in [0x3E00, 0x3E01, 0x3E05] {
        assert!(!ids.contains(&identity), "{ids:04X?}");
    }
    for other in [0x3001, 0x3E04] {
        assert!(ids.contains(&other), "{ids:04X?}");
    }
    assert_eq!(
        rig.inner.lines("ModifyStatusRow"),
        ["ModifyStatusRow=00000000 unchanged=true"],
        "the columns are the inner provider's own"
    );
    drop((store, provider));
    rig.finish();
}

#[test]
fn wrap_02_the_store_has_its_own_table_of_interfaces() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let ours = store.interface();
    for same in [
        identity(&ours.cast::<IMAPIProp>().expect("IMAPIProp")),
        identity(&ours.cast::<IMAPISync>().expect("IMAPISync")),
        identity(&ours.cast::<IPSTX>().expect("the inner store's")),
    ] {
        assert_eq!(same, identity(ours));
    }
    let back: IMsgStore = ours
        .cast::<IPSTX>()
        .expect("IPSTX")
        .cast()
        .expect("IMsgStore");
    assert_eq!(&back, ours);
    for iid in [IPSTX2::IID, IMAPISession::IID] {
        let mut found = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe { ours.query(&raw const iid, &raw mut found) };
        assert_eq!((result, found.is_null()), (E_NOINTERFACE, true));
    }
    drop((back, store, provider));
    rig.finish();
}

#[test]
fn entry_04_a_second_logon_gets_the_store_and_no_logon() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let second = provider.logon().expect("Logon");
    assert_eq!(identity(second.interface()), identity(store.interface()));
    assert!(store.logon().is_some() && second.logon().is_none());
    assert_eq!(
        rig.inner.lines("Logon").len(),
        1,
        "the inner provider is not asked"
    );
    drop((second, store, provider));
    rig.finish();
}

#[test]
fn entry_04_a_store_that_the_inner_provider_had_open_has_no_logon_of_its_own() {
    let rig = Rig::new();
    rig.inner.order("no-logon=1");
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    assert!(store.logon().is_none());
    drop((store, provider));
    rig.finish();
}

#[test]
fn compare_store_ids_is_the_inner_providers_affair() {
    let rig = Rig::new();
    rig.inner.order("compare=80040107");
    let provider = rig.host.init().expect("MSProviderInit");
    let mut result = 3;
    // SAFETY: live variables.
    let status = unsafe {
        let null = ptr::null_mut();
        provider
            .interface()
            .CompareStoreIDs(1, null, 2, null, 5, &raw mut result)
    };
    assert_eq!(status, HRESULT(0x8004_0107_u32 as i32));
    let line = format!("CompareStoreIDs 1 0x0 2 0x0 5 {:?}", &raw mut result);
    assert_eq!(rig.inner.lines("CompareStoreIDs"), [line]);
    assert_ne!(status, S_OK);
    drop(provider);
    rig.finish();
}

#[test]
fn an_order_that_is_taken_back_is_gone() {
    let inner = Inner::take();
    inner.order("logon=80040111");
    inner.order("logon");
    drop(inner);
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    drop(provider);
    rig.finish();
}

#[test]
fn a_store_that_is_opened_for_reading_is_opened() {
    let rig = Rig::new();
    rig.inner.order("write-ids=80070005");
    let provider = rig.host.init().expect("MSProviderInit");
    drop(provider.logon().expect("Logon"));
    drop(provider);
    rig.finish();
}

#[test]
fn a_logon_that_fails_late_logs_the_inner_provider_off() {
    let orders = ["", "write-ids=80004005"];
    for order in orders {
        let rig = Rig::new();
        rig.inner.order(order);
        let provider = rig.host.init().expect("MSProviderInit");
        let options = LogonOptions {
            interface: Some(IMAPISession::IID),
            ..LogonOptions::default()
        };
        let failure = provider
            .logon_with(&options)
            .err()
            .expect("a store is no session");
        assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
        let record = rig.inner.record();
        let last: Vec<&str> = record
            .iter()
            .rev()
            .take(3)
            .rev()
            .map(String::as_str)
            .collect();
        assert_eq!(last, ["the store is gone", "Logoff", "the logon is gone"]);
        drop(provider);
        rig.finish();
    }
}
