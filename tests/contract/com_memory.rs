//! Memory that changes hands, and GetLastError (COM-07, COM-08).

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    HRESULT, MAPI_E_CALL_FAILED, MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPIERROR,
    MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, PR_ENTRYID,
    PR_RECORD_KEY, PT_UNSPECIFIED, S_OK, SPropTagArray, SPropValue, StoreLogonFlags, SyncFlags,
    UnicodeFlags,
};
use mapi_provider::{LogonError, SyncError};
use mapi_provider_host::{
    Host, LogonOptions, Profile, Property, SectionUid, Status, SyncRequest, Value,
};

use crate::support::script::{COUNT_TAG, Registered, Script, TOKEN_TAG, Variant};
use crate::support::{Orders, Rig, SOON, contract_tests};

/// Strings of either width.
const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;
const ANSI: UnicodeFlags = UnicodeFlags::empty();

/// More allocations than any call makes.
const MANY: u64 = 60;

/// GetProps as it is called in C, for all properties.
fn get_props(rig: &Rig) -> (HRESULT, u32, *mut SPropValue) {
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: live variables.
    let result = unsafe {
        rig.store
            .interface()
            .GetProps(ptr::null_mut(), UNICODE, &raw mut count, &raw mut values)
    };
    (result, count, values)
}

contract_tests! {
    fn com_07_what_is_handed_out_is_one_root(backend) {
        let rig = backend.rig(Orders::steps(1));
        let before = rig.host.allocators().leaks().len();
        let (result, count, values) = get_props(&rig);
        assert_eq!(result, S_OK);
        let given = rig.host.allocators().leaks();
        assert_eq!(given.len(), before + 1, "one root: {given:?}");
        let root = given.last().expect("one");
        assert_eq!(root.origin, "the provider");
        assert_eq!(root.size, count as usize * size_of::<SPropValue>());
        assert!(root.children >= 1, "strings and bytes are in its children: {root:?}");
        // SAFETY: nobody uses it any more.
        unsafe { rig.host.allocators().free(values.cast()) };
        assert_eq!(rig.host.allocators().leaks().len(), before);
        rig.finish();
    }

    fn com_07_a_list_of_tags_is_one_root(backend) {
        let rig = backend.rig(Orders::steps(1));
        let before = rig.host.allocators().leaks().len();
        let mut tags: *mut SPropTagArray = ptr::null_mut();
        // SAFETY: live variables, and what was answered is freed once.
        unsafe {
            assert_eq!(rig.store.interface().GetPropList(UNICODE, &raw mut tags), S_OK);
            assert!((*tags).cValues > 0);
            assert_eq!(rig.host.allocators().leaks().len(), before + 1);
            rig.host.allocators().free(tags.cast());
        }
        rig.finish();
    }

    fn com_07_the_callers_memory_is_left_alone(backend) {
        let rig = backend.rig(Orders::steps(1));
        // Both the tags and the block come from nowhere that could be freed or written to.
        static TAGS: [u32; 4] = [3, PR_DISPLAY_NAME_W.0, PR_ENTRYID.0, PR_RECORD_KEY.0];
        let (mut count, mut values) = (0, ptr::null_mut());
        // SAFETY: an array of tags, and live variables.
        unsafe {
            let tags = (&raw const TAGS).cast_mut().cast();
            assert_eq!(rig.store.interface().GetProps(tags, ANSI, &raw mut count, &raw mut values), S_OK);
            rig.host.allocators().free(values.cast());
        }
        assert_eq!(count, 3);
        rig.finish();
    }

    fn com_07_without_memory_get_props_fails_and_leaves_nothing(backend) {
        let rig = backend.rig(Orders::steps(1));
        let before = rig.host.allocators().leaks().len();
        let mut failures = 0;
        for n in 1..=MANY {
            rig.host.allocators().fail_nth(n);
            match get_props(&rig) {
                (S_OK, _, values) => {
                    // SAFETY: nobody uses it.
                    unsafe { rig.host.allocators().free(values.cast()) };
                    break;
                }
                answer => assert_eq!(answer, (MAPI_E_NOT_ENOUGH_MEMORY, 0, ptr::null_mut()), "request {n}"),
            }
            failures += 1;
            assert_eq!(rig.host.allocators().leaks().len(), before, "request {n}");
        }
        assert!((2..MANY).contains(&failures), "{failures}");
        // The failure to come is used up.
        (0..MANY).for_each(|_| drop(rig.store.properties(&[])));
        rig.finish();
    }

    fn com_08_there_is_nothing_to_say_about_what_went_well(backend) {
        let rig = backend.rig(Orders::steps(1));
        let logon = rig.store.logon().expect("a logon");
        for (result, flags) in [(S_OK, ANSI), (MAPI_E_CALL_FAILED, UNICODE), (MAPI_E_NO_SUPPORT, ANSI)] {
            let mut error: *mut MAPIERROR = ptr::without_provenance_mut(usize::MAX);
            // SAFETY: a live variable.
            assert_eq!(unsafe { rig.store.interface().GetLastError(result, flags, &raw mut error) }, S_OK);
            assert_eq!(error, ptr::null_mut());
            error = ptr::without_provenance_mut(usize::MAX);
            // SAFETY: as above.
            assert_eq!(unsafe { logon.GetLastError(result, flags, &raw mut error) }, S_OK);
            assert_eq!(error, ptr::null_mut());
        }
        drop(logon);
        rig.finish();
    }

    fn com_08_names_follow_the_flag(backend) {
        let rig = backend.rig(Orders::steps(1));
        let wide = rig.store.properties(&[PR_DISPLAY_NAME_W]).expect("GetProps");
        assert_eq!(wide, [Property::new(PR_DISPLAY_NAME_W, "Sync Probe")]);
        let narrow = rig.store.properties(&[PR_DISPLAY_NAME_A]).expect("GetProps");
        assert_eq!(narrow[0].value, Value::String8(b"Sync Probe".to_vec()));
        // Without a type the flag decides.
        for (flags, expected) in [(UNICODE, PR_DISPLAY_NAME_W), (ANSI, PR_DISPLAY_NAME_A)] {
            let mut tags = [1, PR_DISPLAY_NAME_W.with_type(PT_UNSPECIFIED).0];
            let (mut count, mut values) = (0, ptr::null_mut());
            // SAFETY: an array of one tag, and live variables.
            let tag = unsafe {
                let store = rig.store.interface();
                assert_eq!(store.GetProps(tags.as_mut_ptr().cast(), flags, &raw mut count, &raw mut values), S_OK);
                (*values).ulPropTag
            };
            // SAFETY: nobody uses it any more.
            unsafe { rig.host.allocators().free(values.cast::<c_void>()) };
            assert_eq!((count, tag), (1, expected));
        }
        rig.finish();
    }
}

/// A host whose provider's logon fails with this error.
fn failing_host(error: impl Fn() -> LogonError + Send + Sync + 'static) -> (Host, Registered) {
    let registered = Script::new(|_| Ok(()))
        .on_open(move |_| Err(error()))
        .register();
    (registered.host(), registered)
}

#[test]
fn com_07_without_memory_a_logon_fails_and_leaves_nothing() {
    let registered = Script::new(|_| Ok::<(), SyncError>(())).register();
    let mut went_well = 0;
    for n in 1..=MANY {
        let host = registered.host();
        let provider = host.init().expect("MSProviderInit");
        host.allocators().fail_nth(n);
        match provider.logon() {
            Ok(store) => {
                went_well += 1;
                drop(store);
            }
            Err(failure) => {
                let tolerated = [
                    MAPI_E_FAILONEPROVIDER,
                    MAPI_E_UNCONFIGURED,
                    MAPI_E_LOGON_FAILED,
                    MAPI_E_USER_CANCEL,
                ];
                assert!(tolerated.contains(&failure.status.0), "ENTRY-06: {failure}");
            }
        }
        drop(provider);
        host.finish().assert_clean();
    }
    assert!(went_well > 0);
}

#[test]
fn com_07_without_memory_for_an_error_there_is_none() {
    for n in 1..=6 {
        let (host, _registered) = failing_host(|| LogonError::logon_failed("wrong password"));
        let provider = host.init().expect("MSProviderInit");
        host.allocators().fail_nth(n);
        let failure = provider.logon().err().expect("it fails");
        assert_eq!(
            failure.status,
            Status(MAPI_E_LOGON_FAILED),
            "the answer stays"
        );
        let whole = failure.text.is_none_or(|text| text == "wrong password");
        assert!(whole, "all of the text, or none of it");
        drop(provider);
        host.finish().assert_clean();
    }
}

#[test]
fn com_07_without_memory_configuring_leaves_nothing() {
    let settings = [
        Property::with_id(COUNT_TAG, 5),
        Property::with_id(TOKEN_TAG, "hunter2"),
    ];
    for n in 1..=12 {
        let host = Host::new(Variant::Merge.library(), Profile::in_memory()).expect("allocators");
        host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        host.allocators().fail_nth(n);
        // The required one is missing: an error with a text, in memory that there may not be.
        let failure = host
            .service(MSG_SERVICE_CONFIGURE, &settings)
            .expect_err("not configured");
        assert!(failure.status == Status(MAPI_E_UNCONFIGURED), "{failure}");
        host.finish().assert_clean();
    }
}

#[test]
fn com_08_the_text_of_a_failed_logon_follows_the_flag() {
    let (host, _registered) = failing_host(|| LogonError::logon_failed("Größe überschritten"));
    let provider = host.init().expect("MSProviderInit");
    for flags in [StoreLogonFlags::empty(), StoreLogonFlags::MAPI_UNICODE] {
        let options = LogonOptions {
            flags,
            ..LogonOptions::default()
        };
        for failure in [
            provider.logon_with(&options),
            provider.spooler_logon_with(&options),
        ] {
            let failure = failure.err().expect("it fails");
            assert_eq!(
                failure.text.as_deref(),
                Some("Größe überschritten"),
                "{flags:?}"
            );
        }
    }
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn com_08_a_store_says_why_its_last_run_failed() {
    let rig = Script::new(|job| match job.raw_flags() {
        1 => Err(SyncError::new(MAPI_E_CALL_FAILED, "Größe überschritten")),
        _ => Ok(()),
    })
    .rig();
    assert_eq!(
        rig.store.last_error(MAPI_E_CALL_FAILED),
        None,
        "before there was a run"
    );
    assert!(
        rig.store
            .synchronize(&SyncRequest::new(SyncFlags::UPLOAD_HIERARCHY))
            .wait(SOON)
    );
    assert_eq!(
        rig.store.last_error(MAPI_E_CALL_FAILED).as_deref(),
        Some("Größe überschritten")
    );
    assert_eq!(
        rig.store.last_error(MAPI_E_LOGON_FAILED),
        None,
        "about another result"
    );
    assert_eq!(rig.store.last_error(S_OK), None);
    rig.finish();
}

#[test]
fn com_08_a_store_does_not_say_what_happened_to_another() {
    let registered = Script::new(|_| Ok(()))
        .on_open(|settings| match settings.count {
            7 => Ok(()),
            _ => Err(LogonError::logon_failed("wrong password")),
        })
        .register();
    let rig = Rig::open(Variant::Merge.library(), registered.profile());
    let section = SectionUid(*b"another account\0");
    registered.configure_in(rig.host.profile(), section);
    rig.host
        .profile()
        .set(section, Property::with_id(COUNT_TAG, 8))
        .expect("set");
    let options = LogonOptions {
        section,
        ..LogonOptions::default()
    };
    assert!(rig.provider.logon_with(&options).is_err());
    assert_eq!(rig.store.last_error(MAPI_E_LOGON_FAILED), None);
    rig.finish();
}
