//! Arguments for messages and attachments that make no sense: they are refused, and nothing is written, leaked or locked.

use crate::object_support;
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::Property;
use object_support::*;

const HUGE: u32 = u32::MAX;

fn null<T>() -> *mut T {
    ptr::null_mut()
}

/// A message with a recipient and an attachment, saved and open to be changed.
fn whole(session: &Session, folder: &IMAPIFolder) -> (IMessage, IAttach) {
    let message = create_message(folder);
    let subject = [Property::new(PR_SUBJECT_W, "whole")];
    assert_eq!(set_props(session, &message, &subject).0, S_OK);
    add_recipients(session, &message, &[(MAPI_TO, "Ann")]);
    let (mut number, mut out) = (0, null());
    let attachment = unsafe {
        let flags = CreateAttachFlags::empty();
        let status = message.CreateAttach(ptr::null(), flags, &mut number, &mut out);
        assert_eq!((status, number), (S_OK, 0));
        IAttach::from_raw(out)
    };
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    (message, attachment)
}

/// What every object with properties refuses.
fn refused_as_properties(object: &IMAPIProp) -> Vec<HRESULT> {
    let mut tags = [HUGE, 0];
    let tags = tags.as_mut_ptr().cast::<SPropTagArray>();
    let mut none = [0_u32; 2];
    let none = none.as_mut_ptr().cast::<SPropTagArray>();
    let unicode = UnicodeFlags::MAPI_UNICODE;
    let (mut count, mut values, mut out) = (0, null(), null::<c_void>());
    let odd = GUID::from_u128(0x1234);
    let open =
        |tag: u32, flags, out| unsafe { object.OpenProperty(PropTag(tag), &odd, HUGE, flags, out) };
    let writes = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
    let statuses = unsafe {
        vec![
            object.GetProps(tags, unicode, &mut count, &mut values),
            object.GetProps(none, unicode, &mut count, &mut values),
            object.GetProps(null(), unicode, null(), &mut values),
            object.GetProps(null(), unicode, &mut count, null()),
            object.GetPropList(unicode, null()),
            object.SetProps(HUGE, null(), null()),
            object.SetProps(1, null(), null()),
            object.SetProps(0, null(), null()),
            object.DeleteProps(null(), null()),
            object.DeleteProps(tags, null()),
            open(0, OpenPropertyFlags::empty(), &mut out),
            open(HUGE, writes, &mut out),
            open(PR_SUBJECT_W.0, OpenPropertyFlags::empty(), &mut out),
            object.OpenProperty(PR_SUBJECT_W, ptr::null(), 0, writes, &mut out),
            object.OpenProperty(PR_SUBJECT_W, &IStream::IID, 0, writes, null()),
            object.GetIDsFromNames(HUGE, null(), GetIDsFromNamesFlags::MAPI_CREATE, &mut null()),
        ]
    };
    assert!(values.is_null() && out.is_null());
    statuses
}

#[test]
fn null_huge_counts_and_garbage_are_refused_by_messages() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let (message, attachment) = whole(&session, &folder);
    let before = store.read(|reader| reader.last_change()).expect("a number");
    let props = get_props(&session, &message, None);
    let mut refused = refused_as_properties(&message);
    refused.extend(refused_as_properties(&attachment));
    let odd = GUID::from_u128(0x1234);
    let mut out = null::<c_void>();
    let mut number = 0;
    let mut huge = ADRLIST {
        cEntries: HUGE,
        aEntries: [ADRENTRY {
            ulReserved1: 0,
            cValues: 0,
            rgPropVals: null(),
        }],
    };
    let mut lying = ADRLIST {
        cEntries: 1,
        aEntries: [ADRENTRY {
            ulReserved1: 0,
            cValues: HUGE,
            rgPropVals: null(),
        }],
    };
    let mut bad_string = [SPropValue {
        ulPropTag: PR_DISPLAY_NAME_W,
        dwAlignPad: 0,
        Value: SPropValueUnion { lpszW: null() },
    }];
    let mut stringless = ADRLIST {
        cEntries: 1,
        aEntries: [ADRENTRY {
            ulReserved1: 0,
            cValues: 1,
            rgPropVals: bad_string.as_mut_ptr(),
        }],
    };
    let replace = ModifyRecipientsFlags::empty();
    let opened = OpenAttachFlags::MAPI_MODIFY;
    let created = CreateAttachFlags::empty();
    refused.extend(unsafe {
        [
            message.ModifyRecipients(replace, null()),
            message.ModifyRecipients(replace, &mut huge),
            message.ModifyRecipients(replace, &mut lying),
            message.ModifyRecipients(replace, &mut stringless),
            message.ModifyRecipients(ModifyRecipientsFlags::from_bits_retain(HUGE), &mut huge),
            message.OpenAttach(HUGE, ptr::null(), opened, &mut out),
            message.OpenAttach(1, ptr::null(), opened, &mut out),
            message.OpenAttach(0, &odd, opened, &mut out),
            message.OpenAttach(0, ptr::null(), opened, null()),
            message.CreateAttach(&odd, created, &mut number, &mut out),
            message.CreateAttach(ptr::null(), created, null(), &mut out),
            message.CreateAttach(ptr::null(), created, &mut number, null()),
            message.DeleteAttach(HUGE, 0, null(), DeleteAttachFlags::from_bits_retain(HUGE)),
            message.GetAttachmentTable(GetAttachmentTableFlags::empty(), null()),
            message.GetRecipientTable(GetRecipientTableFlags::empty(), null()),
            message.SetReadFlag(ReadFlags::from_bits_retain(HUGE)),
        ]
    });
    assert!(out.is_null());
    assert!(refused.iter().all(|status| status.is_err()), "{refused:?}");
    let after = store.read(|reader| reader.last_change()).expect("a number");
    assert_eq!(before, after, "nothing was written");
    assert_eq!(get_props(&session, &message, None), props);
    drop((folder, message, attachment));
    session.close();
}

#[test]
fn unknown_flags_do_no_harm() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let (message, attachment) = whole(&session, &folder);
    let all = SaveChangesFlags::from_bits_retain(HUGE);
    assert_eq!(save_changes(&attachment, all), S_OK);
    assert_eq!(save_changes(&message, all), S_OK);
    let subject = [Property::new(PR_SUBJECT_W, "still open")];
    assert_eq!(set_props(&session, &message, &subject).0, S_OK);
    let mut out = null::<c_void>();
    let opened = unsafe {
        let flags = OpenAttachFlags::from_bits_retain(HUGE);
        message.OpenAttach(0, ptr::null(), flags, &mut out)
    };
    assert_eq!(opened, S_OK);
    drop(unsafe { IAttach::from_raw(out) });
    drop((folder, message, attachment));
    session.close();
}

#[test]
fn objects_outlive_the_store_that_they_were_got_from() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let (message, attachment) = whole(&session, &folder);
    let allocators = session.allocators();
    let name = Property::new(PR_DISPLAY_NAME_W, "after").into_owned();
    let built = allocators.build(&[name][..]).expect("memory");
    let logoff = session.store.logoff();
    assert!(logoff.support.released);
    // MAPI is gone, the database is not.
    let saved = unsafe {
        assert_eq!(attachment.SetProps(1, built.as_ptr(), null()), S_OK);
        let flags = SaveChangesFlags::KEEP_OPEN_READWRITE;
        [attachment.SaveChanges(flags), message.SaveChanges(flags)]
    };
    assert_eq!(saved, [S_OK; 2]);
    let submitted = unsafe { message.SubmitMessage(SubmitMessageFlags::empty()) };
    assert_eq!(submitted, S_OK);
    let queue = store.read(|reader| reader.queue()).expect("read");
    assert_eq!(queue.len(), 1);
    drop((folder, message, attachment, built));
    session.provider.shutdown().expect("a shutdown");
    drop(session.provider);
    session.host.finish().assert_clean();
}
