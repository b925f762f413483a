//! Entry points, logons, the status row and object: AB-01 to AB-05, AB-34.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::LogonError;
use mapi_provider::abi::{
    AddressBookLogonFlags, CURRENT_SPI_VERSION, FlushQueuesFlags, GetHierarchyTableFlags,
    IMAPIStatus, MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED,
    MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_E_VERSION,
    ModifyStatusRowFlags, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_PROVIDER_DISPLAY_W,
    PR_PROVIDER_DLL_NAME_A, PR_RESOURCE_FLAGS, PR_RESOURCE_METHODS, PR_RESOURCE_TYPE, PR_ROWID,
    PR_STATUS_CODE, ResourceMethods, S_OK, ValidateStateFlags,
};
use mapi_provider_host::{AddressBookOptions, InitOptions, Profile, Status};
use windows_core::{GUID, IUnknown, Interface};

use crate::rig::{self, Rig, UID, binary, container_ids, few, long, next, next_fails, text, value};

const SELECT_UNICODE: GUID = GUID::from_u128(0x05EB_1EB9_E334_4EB7_AC4D_0BCE_C7C6_E0C1);

#[test]
fn ab_01_the_entry_point_says_its_version_and_keeps_no_allocator() {
    let host = rig::host(&rig::usual::PROVIDER, &Profile::in_memory());
    let older = InitOptions {
        version: CURRENT_SPI_VERSION - 1,
        ..InitOptions::default()
    };
    let refused = host.init_address_book_with(older).err();
    assert_eq!(
        refused.map(|failure| failure.status),
        Some(Status(MAPI_E_VERSION))
    );
    let before = host.session_count();
    let session: IUnknown = host.session().into();
    let init = host.library().address_book_init().expect("an address book");
    let allocators = host.allocators();
    let (mut version, mut provider) = (0, ptr::null_mut());
    // SAFETY: the session stands for an allocator, which only its counts are used of; all places are locals.
    let status = unsafe {
        init(
            ptr::null_mut(),
            session.as_raw(),
            Some(allocators.allocate_buffer()),
            Some(allocators.allocate_more()),
            Some(allocators.free_buffer()),
            0,
            CURRENT_SPI_VERSION,
            &mut version,
            &mut provider,
        )
    };
    assert_eq!((status, version), (S_OK, 0x0002_0003));
    // SAFETY: the provider's object, whose reference is ours.
    drop(unsafe { IUnknown::from_raw(provider) });
    drop(session);
    assert_eq!(host.session_count(), before);
    host.finish().assert_clean();
}

fn says_it_knows_unicode(object: &impl Interface) {
    let own = object.cast::<IUnknown>().expect("IUnknown");
    let mut out: *mut c_void = ptr::null_mut();
    // SAFETY: the place is a local.
    let status = unsafe { own.query(&SELECT_UNICODE, &mut out) };
    assert_eq!(status, S_OK);
    // SAFETY: an interface with IUnknown's slots, whose reference is ours.
    let select = unsafe { IUnknown::from_raw(out) };
    let identity = select.cast::<IUnknown>().expect("IUnknown");
    assert_eq!(identity, own);
}

#[test]
fn ab_02_every_object_says_that_it_knows_unicode() {
    let rig = Rig::new(few());
    says_it_knows_unicode(rig.provider.interface());
    says_it_knows_unicode(rig.book.interface());
    let root = rig.book.root().expect("the root");
    says_it_knows_unicode(root.interface());
    for name in ["Ann Lee", "Team"] {
        says_it_knows_unicode(rig.entry(name).interface());
    }
    let all = rig.container("All");
    says_it_knows_unicode(all.contents().expect("contents").interface());
    let hierarchy = root.hierarchy(GetHierarchyTableFlags::empty());
    says_it_knows_unicode(hierarchy.expect("hierarchy").interface());
    drop((root, all));
    rig.finish();
}

#[test]
fn ab_03_a_logon_clears_its_places_or_has_none() {
    let host = rig::host(&rig::usual::PROVIDER, &Profile::in_memory());
    let provider = host.init_address_book().expect("ABProviderInit");
    for places in [true, false] {
        for flags in [AddressBookLogonFlags::empty(), AddressBookLogonFlags::all()] {
            next(few());
            let options = AddressBookOptions {
                places,
                flags,
                ..AddressBookOptions::default()
            };
            let book = provider.logon_with(&options).expect("Logon");
            assert!(!book.record().released);
            assert_eq!(book.log_off(), S_OK);
            assert!(book.record().released);
        }
    }
    let support = host.support();
    let interface = provider.interface();
    let none = ptr::null_mut();
    let mut logon: *mut c_void = ptr::null_mut();
    // SAFETY: what is not NULL is alive; NULL is what is tried.
    unsafe {
        let flags = AddressBookLogonFlags::AB_NO_DIALOG;
        let (size, bytes, error) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        let status = interface.Logon(none, 0, none.cast(), flags, size, bytes, error, &mut logon);
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
        let (raw, place) = (support.as_raw(), ptr::null_mut());
        let status = interface.Logon(raw, 0, none.cast(), flags, size, bytes, error, place);
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    }
    drop((support, provider));
    host.finish().assert_clean();
}

#[test]
fn ab_03_a_failed_logon_disables_no_service() {
    let host = rig::host(&rig::usual::PROVIDER, &Profile::in_memory());
    let provider = host.init_address_book().expect("ABProviderInit");
    for (error, answer, own) in [
        (
            LogonError::logon_failed("wrong password"),
            MAPI_E_FAILONEPROVIDER,
            Some(Status(MAPI_E_LOGON_FAILED)),
        ),
        (
            LogonError::unconfigured("no server"),
            MAPI_E_UNCONFIGURED,
            None,
        ),
        (LogonError::user_cancelled(), MAPI_E_USER_CANCEL, None),
    ] {
        let said = error.text().to_owned();
        next_fails(error);
        let failure = provider.logon().err().expect("no logon");
        assert_eq!(failure.status, Status(answer));
        assert_eq!(failure.text.as_deref(), Some(said.as_str()));
        if own.is_some() {
            assert_eq!(failure.low_level, own);
        }
    }
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn ab_04_a_logon_registers_its_uid_once_and_every_entry_id_has_it() {
    let rig = Rig::new(few());
    assert_eq!(rig.book.record().provider_uids, [UID]);
    let root = rig.book.root().expect("the root");
    let mut ids = container_ids(&root);
    ids.push(binary(
        &root.all_properties().expect("GetProps"),
        PR_ENTRYID,
    ));
    ids.push(rig.entry_id("Ann Lee"));
    ids.push(rig.entry_id("Team"));
    for id in ids {
        assert_eq!((&id[..4], &id[4..20]), (&[0; 4][..], &UID[..]));
    }
    drop(root);
    rig.finish();
}

#[test]
fn ab_04_each_of_several_has_a_uid_of_its_own_for_its_containers() {
    let uids = |profile: &Profile| {
        let rig = Rig::of(&rig::small::PROVIDER, profile, few());
        let uids = rig.book.record().provider_uids;
        assert_eq!((uids.len(), uids[0]), (2, UID));
        let root = rig.book.root().expect("the root");
        let containers = container_ids(&root);
        assert!(!containers.is_empty());
        assert!(containers.iter().all(|id| id[4..20] == uids[1]));
        assert_eq!(rig.entry_id("Ann Lee")[4..20], UID);
        drop(root);
        rig.finish();
        uids[1]
    };
    let (one, other) = (Profile::in_memory(), Profile::in_memory());
    let first = uids(&one);
    assert_eq!(uids(&one), first);
    assert_ne!(uids(&other), first);
    assert_ne!(first, UID);
}

#[test]
fn ab_05_there_is_one_status_row_without_what_is_mapis_own() {
    let rig = Rig::new(few());
    let record = rig.book.record();
    assert_eq!(record.status_row_flags, [ModifyStatusRowFlags::empty()]);
    let row = &record.status_rows[0];
    assert_eq!(text(row, PR_DISPLAY_NAME_W), "Usual Book");
    assert_eq!(text(row, PR_PROVIDER_DISPLAY_W), "Usual Book");
    assert_eq!(
        long(row, PR_RESOURCE_METHODS),
        ResourceMethods::VALIDATE_STATE.bits()
    );
    assert!(value(row, PR_STATUS_CODE).is_some());
    for tag in [
        PR_RESOURCE_FLAGS,
        PR_RESOURCE_TYPE,
        PR_PROVIDER_DLL_NAME_A,
        PR_ENTRYID,
        PR_INSTANCE_KEY,
        PR_ROWID,
    ] {
        assert_eq!(value(row, tag), None, "{tag}");
    }
    rig.finish();
}

#[test]
fn ab_05_a_row_that_mapi_does_not_take_fails_the_logon() {
    let host = rig::host(&rig::usual::PROVIDER, &Profile::in_memory());
    let provider = host.init_address_book().expect("ABProviderInit");
    next(few());
    let options = AddressBookOptions {
        row_fails: Some(mapi_provider::abi::MAPI_E_NOT_ENOUGH_MEMORY),
        ..AddressBookOptions::default()
    };
    assert!(provider.logon_with(&options).is_err());
    drop(provider);
    host.finish().assert_clean();
}

#[test]
fn ab_05_the_status_object_validates_and_nothing_else() {
    let rig = Rig::new(few());
    let status: IMAPIStatus = rig.book.status().expect("the status object");
    // SAFETY: calls without pointers but NULL.
    unsafe {
        assert_eq!(status.ValidateState(0, ValidateStateFlags::empty()), S_OK);
        assert_eq!(
            status.SettingsDialog(0, Default::default()),
            MAPI_E_NO_SUPPORT
        );
        let none = ptr::null_mut();
        assert_eq!(
            status.ChangePassword(none, none, Default::default()),
            MAPI_E_NO_SUPPORT
        );
        let flags = FlushQueuesFlags::empty();
        assert_eq!(
            status.FlushQueues(0, 0, ptr::null_mut(), flags),
            MAPI_E_NO_SUPPORT
        );
    }
    drop(status);
    rig.finish();
}
