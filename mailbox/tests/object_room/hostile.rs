//! Arguments that make no sense: they are refused, and nothing is written, leaked or locked.

use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider_mailbox::database;
use object_support::*;

/// Entry IDs that are none of this store, and what they are.
pub(crate) fn bad_ids(store: &database::Store) -> Vec<(Vec<u8>, HRESULT)> {
    let good = entry_id(store, database::MessageId::from_number(1).expect("an ID"));
    let changed = |index: usize, to: u8| {
        let mut id = good.clone();
        id[index] = to;
        id
    };
    vec![
        (vec![0], MAPI_E_INVALID_ENTRYID),
        (vec![0; 19], MAPI_E_INVALID_ENTRYID),
        (good[..20].to_vec(), MAPI_E_INVALID_ENTRYID),
        (good[..31].to_vec(), MAPI_E_INVALID_ENTRYID),
        ([&good[..], &[0]].concat(), MAPI_E_INVALID_ENTRYID),
        (changed(0, 0x80), MAPI_E_INVALID_ENTRYID),
        (changed(20, 9), MAPI_E_INVALID_ENTRYID),
        (changed(21, 9), MAPI_E_INVALID_ENTRYID),
        (changed(31, 0x80), MAPI_E_INVALID_ENTRYID),
        (changed(24, 0), MAPI_E_INVALID_ENTRYID),
        (changed(19, good[19] ^ 1), MAPI_E_UNKNOWN_ENTRYID),
        (vec![7; 400], MAPI_E_UNKNOWN_ENTRYID),
    ]
}

#[test]
fn store_05_bad_entry_ids_are_refused_by_every_method_that_takes_one() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let folder = raw_folder(&session, &id);
    let interface = session.store.interface();
    let logon = session.store.logon().expect("a logon").clone();
    let before = store.read(|reader| reader.last_change()).expect("a number");
    for (mut id, expected) in bad_ids(&store) {
        let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
        let (mut out, mut kind) = (ptr::null_mut(), 0);
        let (flags, none) = (OpenEntryFlags::MAPI_MODIFY, ptr::null());
        let mut status = MessageStatus::empty();
        let statuses = unsafe {
            [
                interface.OpenEntry(count, bytes, none, flags, &mut kind, &mut out),
                logon.OpenEntry(count, bytes, none, flags, &mut kind, &mut out),
                folder.OpenEntry(count, bytes, none, flags, &mut kind, &mut out),
                interface.AbortSubmit(count, bytes, 0),
                interface.FinishedMsg(0, count, bytes),
                interface.SetReceiveFolder(ptr::null_mut(), UnicodeFlags::empty(), count, bytes),
                folder.DeleteFolder(count, bytes, 0, ptr::null_mut(), DeleteFolderFlags::empty()),
                folder.GetMessageStatus(count, bytes, 0, &mut status),
                folder.SetMessageStatus(count, bytes, status, status, &mut status),
            ]
        };
        assert!(out.is_null());
        assert_eq!(statuses, [expected; 9], "{id:?}");
    }
    let after = store.read(|reader| reader.last_change()).expect("a number");
    assert_eq!(before, after, "nothing was written");
    drop((folder, logon));
    session.close();
}

#[test]
fn null_and_huge_counts_are_refused() {
    let (session, _store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let folder = raw_folder(&session, &id);
    let interface = session.store.interface();
    let (null, huge) = (ptr::null_mut::<std::ffi::c_void>(), u32::MAX);
    let mut byte = [0_u8; 64];
    let mut connection = 0;
    let mut refused = unsafe {
        vec![
            interface.OpenEntry(
                huge,
                byte.as_mut_ptr().cast(),
                ptr::null(),
                OpenEntryFlags::empty(),
                &mut 0,
                &mut ptr::null_mut(),
            ),
            interface.Advise(
                0,
                null.cast(),
                NotificationEvents::all(),
                null,
                &mut connection,
            ),
            interface.Unadvise(usize::MAX),
            interface.AbortSubmit(0, null.cast(), 0),
            interface.FinishedMsg(0, 0, null.cast()),
            interface.SetLockState(null, MSG_LOCKED),
            interface.NotifyNewMail(ptr::null_mut()),
            interface.DeleteProps(ptr::null_mut(), ptr::null_mut()),
            folder.SetProps(huge, ptr::null_mut(), ptr::null_mut()),
            folder.SetProps(1, ptr::null_mut(), ptr::null_mut()),
            folder.SetProps(0, ptr::null_mut(), ptr::null_mut()),
            folder.CopyMessages(
                ptr::null_mut(),
                ptr::null(),
                null,
                0,
                null,
                CopyMessagesFlags::empty(),
            ),
            folder.CreateFolder(
                FOLDER_GENERIC,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
                CreateFolderFlags::empty(),
                &mut ptr::null_mut(),
            ),
            folder.CreateFolder(
                99,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
                CreateFolderFlags::empty(),
                &mut ptr::null_mut(),
            ),
        ]
    };
    let mut lying = SBinaryArray {
        cValues: huge,
        lpbin: ptr::null_mut(),
    };
    refused
        .push(unsafe { folder.DeleteMessages(&mut lying, 0, null, DeleteMessagesFlags::empty()) });
    refused.push(unsafe { folder.SetReadFlags(&mut lying, 0, null, ReadFlags::empty()) });
    assert!(refused.iter().all(|status| status.is_err()), "{refused:?}");
    // Foreign interfaces.
    let mut out = ptr::null_mut();
    let odd = GUID::from_u128(0x1234);
    let status = unsafe {
        let flags = OpenEntryFlags::empty();
        let bytes = id.as_bytes();
        let (count, bytes) = (bytes.len() as u32, bytes.as_ptr().cast_mut().cast());
        interface.OpenEntry(count, bytes, &odd, flags, &mut 0, &mut out)
    };
    assert_eq!(
        (status, out),
        (MAPI_E_INTERFACE_NOT_SUPPORTED, ptr::null_mut())
    );
    drop(folder);
    session.close();
}

#[test]
fn store_44_what_is_not_promised_is_refused() {
    let (session, _store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let folder = raw_folder(&session, &id);
    let message = create_message(&folder);
    let store: IMAPIProp = session.store.interface().cast().expect("properties");
    let objects: [&IMAPIProp; 3] = [&folder, &message, &store];
    for (object, iid) in objects
        .into_iter()
        .flat_map(|object| [(object, IMAPITable::IID), (object, IStream::IID)])
    {
        let mut out = ptr::null_mut();
        let status = unsafe {
            let flags = OpenPropertyFlags::empty();
            object.OpenProperty(PR_ACL_TABLE, &iid, 0, flags, &mut out)
        };
        assert_eq!((status, out.is_null()), (MAPI_E_NO_SUPPORT, true));
    }
    // Whoever asks has every right.
    let folder_access = value(&session, &folder, PR_ACCESS).as_long();
    assert_eq!(folder_access, Some(0x3F));
    let message_access = value(&session, &message, PR_ACCESS).as_long();
    assert_eq!(message_access, Some(0x7));
    // Replication is another provider's affair.
    for iid in [IPSTX::IID, IPSTX2::IID] {
        let mut out = ptr::null_mut();
        let status = unsafe { store.query(&iid, &mut out) };
        assert_eq!((status, out.is_null()), (E_NOINTERFACE, true));
    }
    // The folder's last error has a text, of this very code.
    let mut error = ptr::null_mut();
    let told = unsafe {
        let status = folder.GetLastError(MAPI_E_NO_SUPPORT, UnicodeFlags::MAPI_UNICODE, &mut error);
        let error = session.allocators().adopt(error, 1);
        (status, error.is_some())
    };
    assert_eq!(told, (S_OK, true));
    drop((folder, message, store));
    session.close();
}
