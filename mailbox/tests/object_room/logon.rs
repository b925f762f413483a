//! Logon and logoff, and what the store says of itself.

use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

fn identity(store: &mapi_provider_host::Store) -> *mut std::ffi::c_void {
    let unknown: IUnknown = store.interface().cast().expect("an identity");
    unknown.as_raw()
}

#[test]
fn entry_04_an_open_store_is_given_again() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let second = session.provider.logon().expect("the same store");
    assert_eq!(identity(&session.store), identity(&second));
    assert!(session.store.logon().is_some() && second.logon().is_none());
    let spooler = session.provider.spooler_logon().expect("a logon");
    assert_ne!(identity(&session.store), identity(&spooler));
    assert!(
        second.logoff().support.logoff_transports.is_empty(),
        "the first is still there"
    );
    let logoff = spooler.logoff();
    assert_eq!(logoff.support.logoff_transports.len(), 1);
    session.close();
}

#[test]
fn store_05_mapi_is_told_the_uid_of_all_entry_ids() {
    let (session, store) = Session::in_memory();
    assert_eq!(session.store.support().provider_uids, [store.uid()]);
    let inbox = session.client().ipm_subtree().expect("there");
    let id = inbox.entry_id().expect("an ID");
    assert_eq!(id.as_bytes()[..4], [0; 4]);
    assert_eq!(id.as_bytes()[4..20], store.uid());
    drop(inbox);
    session.close();
}

#[test]
fn store_01_the_store_says_what_it_is() {
    let (session, store) = Session::in_memory();
    let object: IMAPIProp = session.store.interface().cast().expect("properties");
    let all = get_props(&session, &object, None);
    let value = |tag: PropTag| {
        let found = all.iter().find(|one: &&Property<'_>| one.tag == tag);
        found.map(|one| one.value.clone()).expect("listed")
    };
    assert_eq!(value(PR_DISPLAY_NAME_W), PropValue::from("Mail of a test"));
    assert_eq!(value(PR_ENTRYID), value(PR_STORE_ENTRYID));
    assert_eq!(value(PR_OBJECT_TYPE), PropValue::Long(MAPI_STORE as i32));
    assert_eq!(value(PR_RECORD_KEY), PropValue::from(store.uid().to_vec()));
    assert_eq!(value(PR_STORE_RECORD_KEY), value(PR_RECORD_KEY));
    assert_eq!(value(PR_MDB_PROVIDER), PropValue::from(PROVIDER.to_vec()));
    assert_eq!(value(PR_VALID_FOLDER_MASK), PropValue::Long(0xFF));
    // STORE-02: each folder of the mask opens.
    for tag in [
        PR_IPM_SUBTREE_ENTRYID,
        PR_IPM_OUTBOX_ENTRYID,
        PR_IPM_WASTEBASKET_ENTRYID,
        PR_IPM_SENTMAIL_ENTRYID,
        PR_VIEWS_ENTRYID,
        PR_COMMON_VIEWS_ENTRYID,
        PR_FINDER_ENTRYID,
    ] {
        let id = value(tag);
        let opened = open_entry(&session, id.as_binary().expect("bytes"));
        assert!(opened.is_ok(), "{tag}");
    }
    let refused = set_props(
        &session,
        &object,
        &[
            Property::new(PR_MDB_PROVIDER, &[1_u8][..]),
            Property::new(PR_COMMENT_W, "mine"),
        ],
    );
    assert_eq!(refused, (S_OK, vec![(0, MAPI_E_COMPUTED)]));
    let comment = get_props(&session, &object, Some(&[PR_COMMENT_W]));
    assert_eq!(comment[0].value, PropValue::from("mine"));
    drop(object);
    session.close();
}

#[test]
fn store_04_the_mask_is_the_same_everywhere_and_honest() {
    let (session, _store) = Session::in_memory();
    let store: IMAPIProp = session.store.interface().cast().expect("properties");
    let folder = session.client().ipm_subtree().expect("there");
    let id = folder.entry_id().expect("an ID");
    let folder: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let mask = |object: &IMAPIProp| {
        let mask = get_props(&session, object, Some(&[PR_STORE_SUPPORT_MASK]));
        StoreSupportMask::from_bits_retain(mask[0].value.as_long().expect("a mask") as u32)
    };
    assert_eq!(mask(&store), mask(&folder));
    // What a default store needs, and nothing else: RTF_OK, LOCALSTORE and PUSHER_OK would promise what is not there.
    let expected = StoreSupportMask::SUBMIT_OK
        | StoreSupportMask::CREATE_OK
        | StoreSupportMask::MODIFY_OK
        | StoreSupportMask::ATTACH_OK
        | StoreSupportMask::NOTIFY_OK
        | StoreSupportMask::MV_PROPS_OK
        | StoreSupportMask::CATEGORIZE_OK
        | StoreSupportMask::RESTRICTION_OK
        | StoreSupportMask::SORT_OK
        | StoreSupportMask::SEARCH_OK
        | StoreSupportMask::ENTRYID_UNIQUE
        | StoreSupportMask::UNICODE_OK
        | StoreSupportMask::HTML_OK;
    assert_eq!(mask(&store), expected);
    drop((store, folder));
    session.close();
}

#[test]
fn store_05_ids_are_compared_and_foreign_ones_refused() {
    let (session, store) = Session::in_memory();
    let subtree = session.client().ipm_subtree().expect("there");
    let id = subtree.entry_id().expect("an ID").as_bytes().to_vec();
    drop(subtree);
    let compare = |one: &[u8], other: &[u8]| {
        let (mut one, mut other, mut result) = (one.to_vec(), other.to_vec(), 9);
        let status = unsafe {
            session.store.interface().CompareEntryIDs(
                one.len() as u32,
                one.as_mut_ptr().cast(),
                other.len() as u32,
                other.as_mut_ptr().cast(),
                0,
                &mut result,
            )
        };
        (status, result)
    };
    assert_eq!(compare(&id, &id), (S_OK, 1));
    let missing = entry_id(
        &store,
        database::MessageId::from_number(1 << 40).expect("an ID"),
    );
    assert_eq!(compare(&id, &missing), (S_OK, 0));
    assert_eq!(compare(&id, &id[..20]).0, MAPI_E_INVALID_ENTRYID);
    let mut foreign = id.clone();
    foreign[7] ^= 1;
    // NULL is the root; and what is no object of ours is not even the same as itself.
    let root = store.read(|reader| reader.special(database::Special::Root));
    let mut root_id = id.clone();
    root_id[24..].copy_from_slice(&root.expect("there").number().to_le_bytes());
    assert_eq!(compare(&[], &[]), (S_OK, 1));
    assert_eq!(compare(&[], &root_id), (S_OK, 1));
    assert_eq!(compare(&id, &[]), (S_OK, 0));
    for (bad, expected) in [
        (&id[..20], MAPI_E_INVALID_ENTRYID),
        (&foreign[..], MAPI_E_UNKNOWN_ENTRYID),
    ] {
        for (one, other) in [(bad, bad), (bad, &id[..]), (&[][..], bad)] {
            assert_eq!(compare(one, other).0, expected);
            assert_eq!(compare(other, one).0, expected);
        }
    }
    let open = |id: &[u8]| open_entry(&session, id).map(drop);
    assert_eq!(open(&foreign), Err(MAPI_E_UNKNOWN_ENTRYID));
    assert_eq!(open(&id[..31]), Err(MAPI_E_INVALID_ENTRYID));
    // NULL is the root, also by the logon.
    let (mut kind, mut out) = (0, ptr::null_mut());
    let status = unsafe {
        let logon = session.store.logon().expect("a logon");
        let flags = OpenEntryFlags::empty();
        logon.OpenEntry(0, ptr::null_mut(), ptr::null(), flags, &mut kind, &mut out)
    };
    assert_eq!((status, kind), (S_OK, MAPI_FOLDER));
    drop(unsafe { IUnknown::from_raw(out) });
    let mut gone = id.clone();
    gone[30] = 1;
    assert_eq!(open(&gone), Err(MAPI_E_NOT_FOUND));
    session.close();
}

#[test]
fn store_43_what_is_wrong_with_the_file_is_told_at_logon() {
    let (folder, path) = place();
    std::fs::write(&path, b"this is no database, and never was one").expect("written");
    let failure = Session::try_open(file(&path)).map(Session::close);
    let failure = failure.expect_err("no store");
    assert_eq!(failure.status.0, MAPI_E_CORRUPT_STORE);
    assert!(failure.text.expect("a text").contains("damaged"));
    assert_eq!(
        std::fs::read(&path).expect("there").len(),
        38,
        "left as it is"
    );
    drop(folder);
}

#[test]
fn store_05_ids_open_after_the_process_has_come_back() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    drop(folder);
    session.close();
    let again = Session::open(file(&path));
    let folder = raw_folder(&again, &id);
    let properties: IMAPIProp = folder.cast().expect("properties");
    let name = get_props(&again, &properties, Some(&[PR_DISPLAY_NAME_W]));
    assert_eq!(name[0].value, PropValue::from("Mail"));
    drop((folder, properties));
    again.close();
}

#[test]
fn the_status_says_who_it_is() {
    let (session, _store) = Session::in_memory();
    let row = &session.store.support().status_rows[0];
    let has = |tag: PropTag| row.iter().any(|one| one.tag() == tag);
    assert!(has(PR_MDB_PROVIDER) && has(PR_STATUS_CODE) && has(PR_RESOURCE_METHODS));
    let (mut kind, mut out) = (0, ptr::null_mut());
    let status = unsafe {
        let logon = session.store.logon().expect("a logon");
        let flags = OpenStatusEntryFlags::empty();
        logon.OpenStatusEntry(ptr::null(), flags, &mut kind, &mut out)
    };
    assert_eq!((status, kind), (S_OK, MAPI_STATUS));
    let object = unsafe { IMAPIStatus::from_raw(out) };
    unsafe {
        assert_eq!(object.ValidateState(0, ValidateStateFlags::empty()), S_OK);
        assert_eq!(
            object.FlushQueues(0, 0, ptr::null_mut(), FlushQueuesFlags::empty()),
            MAPI_E_NO_SUPPORT
        );
    }
    let properties: IMAPIProp = object.cast().expect("properties");
    let name = get_props(&session, &properties, Some(&[PR_PROVIDER_DISPLAY_W]));
    assert_eq!(name[0].value, PropValue::from("Test Mail"));
    drop((object, properties));
    session.close();
}
