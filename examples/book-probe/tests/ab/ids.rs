//! Entry IDs and opening by them: AB-06 to AB-10.

use std::ptr;

use book_probe32::Person;
use mapi_provider::abi::{
    IABContainer, IDistList, IMAPIContainer, IMAPIProp, IMAPITable, IMailUser, MAPI_ABCONT,
    MAPI_DISTLIST, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_ENTRYID, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_FOUND, MAPI_E_UNKNOWN_ENTRYID, MAPI_MAILUSER, OpenEntryFlags, PR_ACCESS_LEVEL,
    PR_DISPLAY_NAME_W, PR_ENTRYID, PR_RECORD_KEY, S_OK,
};
use mapi_provider_host::{Property, PropertyArray, Status, Value};
use windows_core::{GUID, IUnknown, Interface};

use crate::rig::{self, Rig, binary, container_ids, few};

#[test]
fn ab_06_an_entry_id_is_the_same_everywhere_and_always() {
    let ids = || {
        let rig = Rig::new(few());
        let root = rig.book.root().expect("the root");
        let mut ids = container_ids(&root);
        ids.extend(["Ann Lee", "Team"].map(|name| rig.entry_id(name)));
        for id in &ids {
            let object = rig.book.open(id).expect("OpenEntry");
            let told = object.all_properties().expect("GetProps");
            assert_eq!(&binary(&told, PR_ENTRYID), id);
            assert_eq!(id[..4], [0; 4]);
        }
        // A list shows the same ones.
        let members = rig.entry("Team").entries().expect("its members");
        assert!(
            members
                .iter()
                .any(|member| member.entry_id == rig.entry_id("Ann Lee"))
        );
        drop(root);
        rig.finish();
        ids
    };
    assert_eq!(ids(), ids());
}

#[test]
fn ab_06_rows_and_objects_have_the_whole_of_a_long_key_and_name() {
    let mut book = few();
    let key = "k".repeat(64 * 1024);
    let name = "n".repeat(300);
    book.people.push(Person {
        key: key.clone(),
        ..rig::person(&name, "long@example.org")
    });
    let rig = Rig::new(book);
    let id = rig.entry_id(&name);
    assert!(id.ends_with(key.as_bytes()));
    let object = rig.book.open(&id).expect("OpenEntry");
    let told = object.all_properties().expect("GetProps");
    assert_eq!(binary(&told, PR_ENTRYID), id);
    drop(object);
    rig.finish();
}

#[test]
fn ab_06_the_bytes_are_those_that_profiles_and_messages_have() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    let head = [&[0; 4][..], &rig::UID, &[1, 2, 0, 0], &[7, 0, 0, 0]].concat();
    assert_eq!(id, [&head[..], b"Ann Lee"].concat());
    rig.finish();
}

#[test]
fn ab_07_what_is_no_entry_id_is_unknown_and_what_is_gone_is_not_found() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    let fails = |id: &[u8]| rig.book.open(id).err().map(|failure| failure.status);
    let unknown = Some(Status(MAPI_E_UNKNOWN_ENTRYID));
    for length in 1..id.len() {
        // Behind the last byte there is nothing that may be read.
        let cut = id[..length].to_vec().into_boxed_slice();
        assert_eq!(fails(&cut), unknown, "{length} bytes");
    }
    let padded = [&id[..], &[0; 3]].concat();
    assert_eq!(fails(&padded), unknown);
    for at in 4..id.len() {
        let mut other = id.clone();
        other[at] ^= 0x80;
        let status = fails(&other).expect("another entry ID");
        let expected = [MAPI_E_UNKNOWN_ENTRYID, MAPI_E_NOT_FOUND].map(Status);
        assert!(expected.contains(&status), "byte {at}: {status}");
        if (4..20).contains(&at) {
            assert_eq!(Some(status), unknown, "byte {at}");
        }
    }
    // The flag bytes are not compared.
    let mut flagged = id.clone();
    flagged[0] = 0x80;
    assert_eq!(fails(&flagged), None);
    rig.change(|book| book.people.clear());
    assert_eq!(fails(&id), Some(Status(MAPI_E_NOT_FOUND)));
    rig.finish();
}

#[test]
fn ab_07_no_entry_id_is_the_root() {
    let rig = Rig::new(few());
    let root = rig.book.root().expect("the root");
    let own = binary(&root.all_properties().expect("GetProps"), PR_ENTRYID);
    let (mut kind, mut out) = (0, ptr::null_mut());
    let garbage = own.as_ptr().cast_mut().cast();
    // SAFETY: the places are locals; of a size of 0 no byte is read.
    let status = unsafe {
        let flags = OpenEntryFlags::empty();
        let logon = rig.book.interface();
        logon.OpenEntry(0, garbage, ptr::null(), flags, &mut kind, &mut out)
    };
    assert_eq!((status, kind), (S_OK, MAPI_ABCONT));
    // SAFETY: the object, whose reference is ours.
    drop(unsafe { IUnknown::from_raw(out) });
    assert_eq!(rig.book.open(&own).expect("the root").kind(), MAPI_ABCONT);
    drop(root);
    rig.finish();
}

#[test]
fn ab_08_an_object_has_the_interfaces_of_its_kind() {
    let rig = Rig::new(few());
    let root = rig.book.root().expect("the root");
    let container = container_ids(&root).remove(0);
    drop(root);
    let (user, list) = (rig.entry_id("Ann Lee"), rig.entry_id("Team"));
    let common = [IUnknown::IID, IMAPIProp::IID];
    let kinds: [(_, _, &[GUID], &[GUID]); 3] = [
        (
            &container,
            MAPI_ABCONT,
            &[IABContainer::IID, IMAPIContainer::IID],
            &[IMailUser::IID, IDistList::IID, IMAPITable::IID],
        ),
        (
            &user,
            MAPI_MAILUSER,
            &[IMailUser::IID],
            &[IABContainer::IID, IDistList::IID, IMAPIContainer::IID],
        ),
        (
            &list,
            MAPI_DISTLIST,
            &[IDistList::IID, IMAPIContainer::IID],
            &[IABContainer::IID, IMailUser::IID],
        ),
    ];
    let none = OpenEntryFlags::empty();
    for (id, kind, has, has_not) in kinds {
        assert_eq!(rig.book.open(id).expect("OpenEntry").kind(), kind);
        for iid in common.iter().chain(has) {
            let (told, object) = rig.book.open_as(id, Some(iid), none).expect("OpenEntry");
            assert_eq!(told, kind, "{iid:?}");
            drop(object);
        }
        for iid in has_not {
            let failure = rig.book.open_as(id, Some(iid), none).err();
            let failure = failure.unwrap_or_else(|| panic!("{kind} is an {iid:?}"));
            assert_eq!(failure.status, Status(MAPI_E_INTERFACE_NOT_SUPPORTED));
        }
    }
    // A container opens the same.
    let all = rig.container("All");
    assert_eq!(all.open(&user).expect("OpenEntry").kind(), MAPI_MAILUSER);
    drop(all);
    rig.finish();
}

#[test]
fn ab_09_nothing_is_opened_for_writing() {
    let rig = Rig::new(few());
    for id in [vec![], rig.entry_id("Ann Lee"), rig.entry_id("Team")] {
        let failure = rig.book.open_with(&id, OpenEntryFlags::MAPI_MODIFY).err();
        let status = failure.map(|failure| failure.status);
        assert_eq!(status, Some(Status(MAPI_E_NO_ACCESS)));
        let best = rig.book.open_with(&id, OpenEntryFlags::MAPI_BEST_ACCESS);
        let best = best.expect("OpenEntry");
        assert_eq!(best.property(PR_ACCESS_LEVEL), Some(Value::Long(0)));
        let mut values = PropertyArray::new(&[Property::new(PR_DISPLAY_NAME_W, "Zoe")]);
        let mut tags = [1, PR_DISPLAY_NAME_W.0];
        // SAFETY: the arrays are as long as they say.
        unsafe {
            let object = best.interface();
            let none = ptr::null_mut();
            let status = object.SetProps(values.count(), values.as_mut_ptr(), none);
            assert_eq!(status, MAPI_E_NO_ACCESS);
            let status = object.DeleteProps(tags.as_mut_ptr().cast(), ptr::null_mut());
            assert_eq!(status, MAPI_E_NO_ACCESS);
        }
    }
    rig.finish();
}

#[test]
fn ab_10_entry_ids_are_equal_where_their_record_keys_are() {
    let rig = Rig::new(few());
    let root = rig.book.root().expect("the root");
    let mut ids = container_ids(&root);
    drop(root);
    ids.extend(["Ann Lee", "Bob Miller", "Team"].map(|name| rig.entry_id(name)));
    let key = |id: &[u8]| {
        let object = rig.book.open(id).expect("OpenEntry");
        binary(&object.all_properties().expect("GetProps"), PR_RECORD_KEY)
    };
    // Nothing is looked up for it.
    let keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
    rig.at_lookup(|call| panic!("{call} is asked"));
    for (one, own) in ids.iter().zip(&keys) {
        for (other, its) in ids.iter().zip(&keys) {
            let expected = (S_OK, u32::from(own == its));
            assert_eq!(rig.book.compare(one, other), expected);
        }
        let mut flagged = one.clone();
        flagged[0] = 0x80;
        assert_eq!(rig.book.compare(one, &flagged), (S_OK, 1));
        let mut foreign = one.clone();
        foreign[7] ^= 1;
        let cut = &one[..one.len() - 1];
        for bad in [&foreign[..], cut, &one[..3]] {
            assert_eq!(rig.book.compare(one, bad), (MAPI_E_INVALID_ENTRYID, 0));
            assert_eq!(rig.book.compare(bad, one), (MAPI_E_INVALID_ENTRYID, 0));
        }
    }
    rig.finish();
}
