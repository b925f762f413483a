//! Logons, the status row, the status object, logoff.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    FlushQueuesFlags, IMAPIStatus, MAPI_E_BUSY, MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER,
    MAPI_E_LOGON_FAILED, MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MAPI_E_UNKNOWN_FLAGS,
    MAPI_E_USER_CANCEL, MAPI_STATUS, ModifyStatusRowFlags, OpenStatusEntryFlags, PR_DISPLAY_NAME_W,
    PR_ENTRYID, PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID, PR_IDENTITY_SEARCH_KEY,
    PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_PROVIDER_DLL_NAME_A,
    PR_RESOURCE_FLAGS, PR_RESOURCE_METHODS, PR_RESOURCE_TYPE, PR_ROWID, PR_STATUS_CODE,
    PR_STATUS_STRING_W, S_OK, SpoolerNotifyFlags, StatusFlags, TransportLogonFlags,
    TransportNotifyFlags, UnicodeFlags, ValidateStateFlags,
};
use mapi_provider::{LogonError, transport::SendError};
use mapi_provider_host::{Host, Profile, ProviderLibrary, Spooler, TransportOptions, Value};
use windows_core::Interface;

use crate::rig::{Rig, next, next_fails, responsible, usual, value};

fn rig() -> Rig {
    Rig::new(|_, _| Ok(()))
}

fn with_flags(flags: TransportLogonFlags) -> Rig {
    let options = TransportOptions {
        flags,
        ..TransportOptions::default()
    };
    Rig::of(&usual::PROVIDER, options, |_, _| Ok(()))
}

/// Tells the transport something that needs no datum.
fn tell(rig: &Rig, flags: TransportNotifyFlags) {
    assert_eq!(rig.spooler.notify(flags, 0), (S_OK, flags, 0));
}

/// The codes that MAPI's row has had.
fn codes(spooler: &Spooler) -> impl Iterator<Item = StatusFlags> {
    let rows = spooler.record().status_rows.into_iter();
    rows.filter_map(|row| match value(&row, PR_STATUS_CODE) {
        Some(Value::Long(code)) => Some(StatusFlags::from_bits_retain(*code as u32)),
        _ => None,
    })
}

/// The code that MAPI's row has now.
fn code(spooler: &Spooler) -> StatusFlags {
    codes(spooler).last().expect("there is a row")
}

#[test]
fn xp_01_a_provider_serves_any_number_of_logons_each_with_its_own() {
    let rig = rig();
    next(|_, _| Err(SendError::later("this one is busy")));
    let other = rig.transport.logon().expect("TransportLogon");
    let message = rig.message(&["a@x"]);
    assert!(other.submit(&message).status.is_err());
    other.log_off().expect("TransportLogoff");
    assert!(other.record().released);
    assert!(!rig.spooler.record().released);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop((message, other));
    rig.finish();
}

#[test]
fn xp_02_null_pointers_are_refused() {
    let rig = rig();
    let provider = rig.transport.interface();
    let support = rig.host.support();
    let mut flags = TransportLogonFlags::empty();
    let mut logon: *mut c_void = ptr::null_mut();
    // SAFETY: what is not NULL is alive; NULL is what is tried.
    unsafe {
        let no_error = ptr::null_mut();
        let name = ptr::null_mut();
        for (support, flags, logon) in [
            (ptr::null_mut(), &raw mut flags, &raw mut logon),
            (support.as_raw(), ptr::null_mut(), &raw mut logon),
            (support.as_raw(), &raw mut flags, ptr::null_mut()),
        ] {
            let status = provider.TransportLogon(support, 0, name, flags, no_error, logon);
            assert_eq!(status, MAPI_E_INVALID_PARAMETER);
        }
        next_fails(LogonError::other("not today"));
        logon = ptr::without_provenance_mut(1);
        let (flags, logon) = (&raw mut flags, &raw mut logon);
        let status = provider.TransportLogon(support.as_raw(), 0, name, flags, no_error, logon);
        assert_eq!(status, MAPI_E_FAILONEPROVIDER);
    }
    assert!(logon.is_null());
    drop(support);
    rig.finish();
}

#[test]
fn xp_03_what_is_asked_of_the_spooler_is_what_the_manifest_says() {
    let asked = TransportLogonFlags::LOGON_SP_IDLE | TransportLogonFlags::LOGON_SP_RESOLVE;
    let rig = rig();
    assert_eq!(rig.spooler.flags(), asked);
    rig.finish();
}

#[test]
fn xp_04_a_failed_logon_disables_no_service() {
    let host = Host::new(
        ProviderLibrary::linked(&usual::PROVIDER),
        Profile::default(),
    );
    let host = host.expect("a host");
    let transport = host.init_transport().expect("XPProviderInit");
    for (error, answer, own) in [
        (
            LogonError::logon_failed("wrong password"),
            MAPI_E_FAILONEPROVIDER,
            MAPI_E_LOGON_FAILED,
        ),
        (
            LogonError::unconfigured("no server"),
            MAPI_E_UNCONFIGURED,
            MAPI_E_UNCONFIGURED,
        ),
        (
            LogonError::user_cancelled(),
            MAPI_E_USER_CANCEL,
            MAPI_E_USER_CANCEL,
        ),
        (
            LogonError::new(MAPI_E_BUSY, "busy"),
            MAPI_E_FAILONEPROVIDER,
            MAPI_E_BUSY,
        ),
    ] {
        let text = error.text().to_owned();
        next_fails(error);
        let failure = transport.logon().err().expect("it fails");
        assert_eq!(failure.status.0, answer);
        assert_eq!(failure.low_level.map(|status| status.0), Some(own));
        assert_eq!(failure.text.as_deref(), Some(&*text));
    }
    drop(transport);
    host.finish().assert_clean();
}

#[test]
fn xp_05_offline_nothing_is_sent() {
    let rig = with_flags(TransportLogonFlags::LOGON_NO_CONNECT);
    assert_eq!(rig.spooler.flags(), TransportLogonFlags::LOGON_SP_RESOLVE);
    let message = rig.message(&["a@x"]);
    let begin = TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND;
    tell(&rig, begin);
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_BUSY);
    assert!(message.calls().is_empty());
    assert_eq!(code(&rig.spooler), StatusFlags::OFFLINE);
    drop(message);
    rig.finish();
}

#[test]
fn xp_06_outbound_is_off_until_it_begins_and_after_it_ends() {
    let rig = with_flags(TransportLogonFlags::LOGON_NO_OUTBOUND);
    let message = rig.message(&["a@x"]);
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_BUSY);
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    tell(&rig, TransportNotifyFlags::NOTIFY_END_OUTBOUND);
    let other = rig.message(&["b@x"]);
    assert_eq!(rig.spooler.submit(&other).status, MAPI_E_BUSY);
    assert!(other.calls().is_empty());
    assert_eq!(responsible(&message), [true]);
    drop((message, other));
    rig.finish();
}

#[test]
fn xp_07_the_row_is_there_before_the_logon_returns() {
    let rig = rig();
    let record = rig.spooler.record();
    assert_eq!(record.status_row_flags, [ModifyStatusRowFlags::empty()]);
    let [row] = record.status_rows.as_slice() else {
        panic!("one row: {record:?}");
    };
    for tag in [
        PR_DISPLAY_NAME_W,
        PR_PROVIDER_DISPLAY_W,
        PR_STATUS_CODE,
        PR_STATUS_STRING_W,
        PR_RESOURCE_METHODS,
        PR_IDENTITY_DISPLAY_W,
        PR_IDENTITY_ENTRYID,
        PR_IDENTITY_SEARCH_KEY,
    ] {
        assert!(value(row, tag).is_some(), "{tag}");
    }
    for tag in [
        PR_RESOURCE_FLAGS,
        PR_RESOURCE_TYPE,
        PR_PROVIDER_DLL_NAME_A,
        PR_ENTRYID,
        PR_INSTANCE_KEY,
        PR_ROWID,
    ] {
        assert!(value(row, tag).is_none(), "{tag} is MAPI's own");
    }
    rig.finish();
}

#[test]
fn xp_07_without_a_row_there_is_no_logon() {
    let host = Host::new(
        ProviderLibrary::linked(&usual::PROVIDER),
        Profile::default(),
    );
    let host = host.expect("a host");
    let transport = host.init_transport().expect("XPProviderInit");
    next(|_, _| Ok(()));
    let options = TransportOptions {
        row_fails: Some(MAPI_E_NO_SUPPORT),
        ..TransportOptions::default()
    };
    let failure = transport.logon_with(&options).err().expect("it fails");
    assert_eq!(failure.status.0, MAPI_E_FAILONEPROVIDER);
    drop(transport);
    host.finish().assert_clean();
}

#[test]
fn xp_08_later_rows_have_only_what_has_changed() {
    let rig = rig();
    tell(&rig, TransportNotifyFlags::NOTIFY_END_OUTBOUND);
    let record = rig.spooler.record();
    let update = ModifyStatusRowFlags::STATUSROW_UPDATE;
    assert_eq!(record.status_row_flags[1..], [update]);
    assert_eq!(record.status_rows[1].len(), 1);
    assert_eq!(code(&rig.spooler), StatusFlags::AVAILABLE);
    // What changes nothing is not told.
    tell(&rig, TransportNotifyFlags::NOTIFY_END_OUTBOUND);
    assert_eq!(rig.spooler.record().status_rows.len(), 2);
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND);
    let both = StatusFlags::AVAILABLE | StatusFlags::OUTBOUND_ENABLED;
    assert_eq!(code(&rig.spooler), both);
    rig.finish();
}

#[test]
fn xp_09_address_types_are_the_manifest_s_and_the_same_each_time() {
    let rig = rig();
    let ask = || {
        let mut flags = UnicodeFlags::empty();
        let (mut types, mut uids) = (ptr::null_mut(), ptr::without_provenance_mut(1));
        let (mut count, mut uid_count) = (9, 9);
        // SAFETY: the places are locals.
        let status = unsafe {
            let logon = rig.spooler.interface();
            logon.AddressTypes(
                &mut flags,
                &mut count,
                &mut types,
                &mut uid_count,
                &mut uids,
            )
        };
        assert_eq!((status, flags), (S_OK, UnicodeFlags::MAPI_UNICODE));
        assert_eq!((uid_count, uids.is_null()), (0, true));
        (count, types)
    };
    let (count, types) = ask();
    // SAFETY: as many strings as the count says, each with its NUL.
    let texts: Vec<String> = unsafe {
        let types = std::slice::from_raw_parts(types, count as usize);
        let read = types.iter().map(|text| {
            let text = text.cast::<u16>();
            let length = (0..).take_while(|at| *text.add(*at) != 0).count();
            String::from_utf16_lossy(std::slice::from_raw_parts(text, length))
        });
        read.collect()
    };
    assert_eq!(texts, ["SMTP", "FAX"]);
    assert_eq!(ask(), (count, types));
    rig.finish();
}

#[test]
fn xp_10_there_are_no_options() {
    let rig = rig();
    let (mut flags, mut count) = (UnicodeFlags::MAPI_UNICODE, 9);
    let mut options = ptr::without_provenance_mut(1);
    // SAFETY: the places are locals.
    let status = unsafe {
        let logon = rig.spooler.interface();
        logon.RegisterOptions(&mut flags, &mut count, &mut options)
    };
    assert_eq!(status, S_OK);
    assert!(flags.is_empty() && count == 0 && options.is_null());
    rig.finish();
}

#[test]
fn xp_11_notify_changes_nothing_of_what_it_is_given() {
    let rig = rig();
    let all = TransportNotifyFlags::from_bits_retain(u32::MAX);
    for flags in [all, TransportNotifyFlags::from_bits_retain(0x0100_0000)] {
        assert_eq!(rig.spooler.notify(flags, 77), (S_OK, flags, 77));
    }
    let mut flags = TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND;
    // SAFETY: NULL is what is tried.
    let status = unsafe {
        let logon = rig.spooler.interface();
        logon.TransportNotify(&mut flags, ptr::null_mut())
    };
    assert_eq!(status, S_OK);
    rig.finish();
}

#[test]
fn xp_22_nothing_is_deferred() {
    let rig = rig();
    let abort = TransportNotifyFlags::NOTIFY_ABORT_DEFERRED;
    assert_eq!(rig.spooler.notify(abort, 0), (S_OK, abort, 0));
    assert!(rig.spooler.record().spooler_notifications.is_empty());
    rig.finish();
}

#[test]
fn xp_23_a_message_ends_with_no_flag() {
    let rig = rig();
    assert!(rig.spooler.end(12345).expect("S_OK").is_empty());
    // SAFETY: NULL is what is tried.
    let status = unsafe { rig.spooler.interface().EndMessage(2, ptr::null_mut()) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    rig.finish();
}

#[test]
fn xp_30_a_flush_that_nobody_serves_shows_and_is_over_at_once() {
    let rig = rig();
    let flush = |flags| {
        // SAFETY: a call without pointers but NULL.
        let status = unsafe {
            let logon = rig.spooler.interface();
            logon.FlushQueues(0, 0, ptr::null_mut(), flags)
        };
        assert_eq!(status, S_OK);
    };
    // There is no queue, and nothing comes in.
    flush(FlushQueuesFlags::FLUSH_UPLOAD | FlushQueuesFlags::FLUSH_DOWNLOAD);
    let both = StatusFlags::OUTBOUND_FLUSH | StatusFlags::INBOUND_FLUSH;
    assert_eq!(
        codes(&rig.spooler)
            .filter(|code| code.contains(both))
            .count(),
        1
    );
    assert!(!code(&rig.spooler).intersects(both));
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND_FLUSH);
    assert!(!code(&rig.spooler).intersects(both));
    tell(&rig, TransportNotifyFlags::NOTIFY_END_OUTBOUND_FLUSH);
    rig.finish();
}

#[test]
fn xp_31_states_are_validated_without_the_network() {
    let rig = rig();
    let validate = |flags| {
        let flags = ValidateStateFlags::from_bits_retain(flags);
        // SAFETY: a call without pointers.
        unsafe { rig.spooler.interface().ValidateState(0, flags) }
    };
    assert_eq!(validate(0), S_OK);
    assert_eq!(validate(1), S_OK);
    for remote in [0x1_0000, 0x2_0000, 0x4_0000, 0x8_0000, 0x20_0000] {
        assert_eq!(validate(remote), MAPI_E_NO_SUPPORT, "{remote:x}");
    }
    assert_eq!(validate(0x80), MAPI_E_UNKNOWN_FLAGS);
    assert!(rig.spooler.record().spooler_notifications.is_empty());
    assert_eq!(validate(0x10_0000), S_OK);
    let told = rig.spooler.record().spooler_notifications;
    assert_eq!(told, [SpoolerNotifyFlags::NOTIFY_CONFIG_CHANGE]);
    rig.finish();
}

fn status_object(spooler: &Spooler) -> IMAPIStatus {
    let (mut kind, mut entry) = (0, ptr::null_mut());
    let flags = OpenStatusEntryFlags::MAPI_MODIFY;
    // SAFETY: the places are locals, and the reference is ours.
    unsafe {
        let logon = spooler.interface();
        let status = logon.OpenStatusEntry(ptr::null(), flags, &mut kind, &mut entry);
        assert_eq!((status, kind), (S_OK, MAPI_STATUS));
        IMAPIStatus::from_raw(entry)
    }
}

#[test]
fn xp_32_the_status_object_has_the_methods_that_it_says() {
    let rig = rig();
    let object = status_object(&rig.spooler);
    // SAFETY: calls without pointers but NULL.
    unsafe {
        assert_eq!(object.ValidateState(0, ValidateStateFlags::empty()), S_OK);
        let upload = FlushQueuesFlags::FLUSH_UPLOAD;
        assert_eq!(object.FlushQueues(0, 0, ptr::null_mut(), upload), S_OK);
        let dialog = object.SettingsDialog(0, Default::default());
        assert_eq!(dialog, MAPI_E_NO_SUPPORT);
        let password = object.ChangePassword(ptr::null_mut(), ptr::null_mut(), Default::default());
        assert!(password.is_err());
    }
    let row = &rig.spooler.record().status_rows[0];
    assert_eq!(value(row, PR_RESOURCE_METHODS), Some(&Value::Long(1 | 8)));
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: the places are locals, and what comes is MAPI's memory.
    unsafe {
        let unicode = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(ptr::null_mut(), unicode, &mut count, &mut values);
        assert_eq!(status, S_OK);
        let told = mapi_provider_host::Property::read_all(count, values);
        let told: Vec<_> = told.into_iter().flatten().collect();
        // But for the code, which has a flush in it now, it agrees with the row.
        let same = row.iter().filter(|one| one.id != PR_STATUS_CODE.id());
        for property in same {
            assert!(told.contains(property), "{property:?}");
        }
        let kind = Value::Long(MAPI_STATUS as i32);
        assert_eq!(value(&told, PR_OBJECT_TYPE), Some(&kind));
        rig.host.allocators().free(values.cast());
    }
    drop(object);
    rig.finish();
}

#[test]
fn xp_33_after_logoff_nothing_is_done_any_more() {
    let rig = rig();
    let object = status_object(&rig.spooler);
    let message = rig.message(&["a@x"]);
    rig.spooler.log_off().expect("TransportLogoff");
    assert!(rig.spooler.record().released);
    rig.spooler.log_off().expect("a second one is the same");
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_NO_SUPPORT);
    assert!(message.calls().is_empty());
    assert!(rig.spooler.end(2).is_err());
    let any = TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND;
    assert_eq!(rig.spooler.notify(any, 0).0, MAPI_E_NO_SUPPORT);
    let logon = rig.spooler.interface();
    // SAFETY: calls without pointers.
    unsafe {
        assert_eq!(logon.Idle(0), MAPI_E_NO_SUPPORT);
        let none = ValidateStateFlags::empty();
        assert_eq!(logon.ValidateState(0, none), MAPI_E_NO_SUPPORT);
        assert_eq!(object.ValidateState(0, none), MAPI_E_NO_SUPPORT);
        let mut tags = ptr::null_mut();
        let status = object.GetPropList(UnicodeFlags::empty(), &mut tags);
        assert_eq!((status, tags.is_null()), (MAPI_E_NO_SUPPORT, true));
    }
    assert_eq!(rig.spooler.record().invalidated, 0);
    drop((message, object));
    rig.finish();
}

#[test]
fn xp_34_nothing_of_a_logon_is_left_though_its_status_object_is() {
    let Rig {
        spooler,
        transport,
        host,
    } = rig();
    let object = status_object(&spooler);
    // Release without TransportLogoff (XP-33).
    let record = spooler.forget();
    assert!(record.released);
    // SAFETY: a call without pointers.
    let status = unsafe { object.ValidateState(0, ValidateStateFlags::empty()) };
    assert_eq!(status, MAPI_E_NO_SUPPORT);
    drop(object);
    drop(transport);
    host.finish().assert_clean();
}

#[test]
fn xp_35_idle_is_answered_at_once() {
    let rig = rig();
    // SAFETY: a call without pointers.
    assert_eq!(unsafe { rig.spooler.interface().Idle(0) }, S_OK);
    rig.finish();
}
