//! Messages and attachments, method by method.

use super::{Bench, Call, Expected::This, HUGE, INVALID, TOO_BIG, calls, check, null};
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;

const NO_INTERFACE: super::Expected = This(MAPI_E_INTERFACE_NOT_SUPPORTED);
const NOT_FOUND: super::Expected = This(MAPI_E_NOT_FOUND);

/// Some property that nobody has set.
const MISSING: PropTag = PropTag::new(0x66F0, PT_BINARY);

/// A list of tags that has none, and one that has more than there can be.
struct Tags([u32; 2], [u32; 2]);

impl Tags {
    fn new() -> Self {
        Self([0; 2], [HUGE, 0])
    }

    fn none(&mut self) -> *mut SPropTagArray {
        self.0.as_mut_ptr().cast()
    }

    fn huge(&mut self) -> *mut SPropTagArray {
        self.1.as_mut_ptr().cast()
    }
}

/// What each object with properties answers.
fn as_properties(object: &IMAPIProp) -> Vec<Call> {
    let mut tags = Tags::new();
    let (none, huge) = (tags.none(), tags.huge());
    let wide = UnicodeFlags::MAPI_UNICODE;
    let (mut count, mut values, mut error) = (0, null(), null());
    let mut given = SPropValue {
        ulPropTag: MISSING,
        dwAlignPad: HUGE,
        Value: SPropValueUnion { lpszW: null() },
    };
    let calls = unsafe {
        calls! {
            "GetLastError, no out": object.GetLastError(MAPI_E_NOT_FOUND, wide, null()) => INVALID;
            "GetLastError of nothing": object.GetLastError(HRESULT(0x1234), wide, &mut error) => This(S_OK);
            "GetProps, huge": object.GetProps(huge, wide, &mut count, &mut values) => TOO_BIG;
            "GetProps of none": object.GetProps(none, wide, &mut count, &mut values) => INVALID;
            "GetProps, no count": object.GetProps(null(), wide, null(), &mut values) => INVALID;
            "GetProps, no out": object.GetProps(null(), wide, &mut count, null()) => INVALID;
            "GetPropList, no out": object.GetPropList(wide, null()) => INVALID;
            "SetProps, huge": object.SetProps(HUGE, &mut given, null()) => TOO_BIG;
            "SetProps, huge and NULL": object.SetProps(HUGE, null(), null()) => INVALID;
            "SetProps, NULL": object.SetProps(1, null(), null()) => INVALID;
            "SetProps of none": object.SetProps(0, null(), null()) => INVALID;
            "DeleteProps, NULL": object.DeleteProps(null(), null()) => INVALID;
            "DeleteProps, huge": object.DeleteProps(huge, null()) => TOO_BIG;
            "DeleteProps of none": object.DeleteProps(none, null()) => INVALID;
        }
    };
    assert_eq!(count, 0);
    assert!(values.is_null() && error.is_null());
    calls
}

fn open_property(object: &IMAPIProp) -> Vec<Call> {
    let odd = GUID::from_u128(0x1234);
    let mut out = null::<c_void>();
    let read = OpenPropertyFlags::empty();
    let all = OpenPropertyFlags::from_bits_retain(HUGE);
    let create = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
    let mut open = |tag: PropTag, iid: &GUID, flags| unsafe {
        object.OpenProperty(tag, iid, HUGE, flags, &mut out)
    };
    let stream = IStream::IID;
    let mut calls = calls! {
        "an odd interface": open(PR_BODY_W, &odd, read) => NO_INTERFACE;
        "no interface at all": open(PR_BODY_W, &GUID::zeroed(), all) => NO_INTERFACE;
        "PT_UNSPECIFIED": open(PropTag(0), &stream, create) => NO_INTERFACE;
        "all bits": open(PropTag(HUGE), &stream, create) => NO_INTERFACE;
        "PT_NULL": open(MISSING.with_type(PT_NULL), &stream, create) => NO_INTERFACE;
        "PT_ERROR": open(MISSING.with_type(PT_ERROR), &stream, create) => NO_INTERFACE;
        "PT_OBJECT": open(MISSING.with_type(PT_OBJECT), &stream, create) => NO_INTERFACE;
        "PT_LONG": open(MISSING.with_type(PT_LONG), &stream, create) => NO_INTERFACE;
        "a list": open(MISSING.with_type(PT_MV_BINARY), &stream, create) => NO_INTERFACE;
        "a list of one": open(MISSING.with_type(PT_BINARY | MVI_FLAG), &stream, create) => NO_INTERFACE;
        "nothing": open(MISSING, &stream, read) => NOT_FOUND;
        "the largest ID": open(PropTag::new(0xFFFF, PT_BINARY), &stream, read) => NOT_FOUND;
        "the largest ID, made": open(PropTag::new(0xFFFF, PT_BINARY), &stream, create) => This(MAPI_E_COMPUTED);
        "what is computed": open(PR_RECORD_KEY, &stream, create) => This(MAPI_E_COMPUTED);
        "permissions": open(PR_ACL_TABLE, &IMAPITable::IID, read) => This(MAPI_E_NO_SUPPORT);
        "a table": open(MISSING, &IMAPITable::IID, read) => NO_INTERFACE;
        "a message": open(MISSING, &IMessage::IID, create) => NO_INTERFACE;
    };
    calls.extend(unsafe {
        calls! {
            "no interface": object.OpenProperty(PR_BODY_W, ptr::null(), 0, read, &mut out) => INVALID;
            "no out": object.OpenProperty(PR_BODY_W, &stream, 0, create, null()) => INVALID;
        }
    });
    assert!(out.is_null());
    calls
}

fn copies(object: &IMAPIProp, other: &IMAPIProp) -> Vec<Call> {
    let mut tags = Tags::new();
    let (none, huge) = (tags.none(), tags.huge());
    let mut one = [1_u32, PR_SUBJECT_W.0];
    let one = one.as_mut_ptr().cast::<SPropTagArray>();
    let (own, to, nowhere) = (object.as_raw(), other.as_raw(), null::<c_void>());
    let (odd, all) = (GUID::from_u128(0x1234), IUnknown::IID);
    let prop = IMAPIProp::IID;
    let flags = CopyFlags::from_bits_retain(HUGE).difference(CopyFlags::MAPI_DIALOG);
    let plain = CopyFlags::empty();
    let mut problems = null();
    let calls = unsafe {
        let mut copy_to = |count, iids: *const GUID, excluded, iid: *const GUID, to, flags| {
            object.CopyTo(
                count,
                iids,
                excluded,
                0,
                null(),
                iid,
                to,
                flags,
                &mut problems,
            )
        };
        let mut calls = calls! {
            "CopyTo, huge": copy_to(HUGE, &odd, null(), &prop, to, plain) => TOO_BIG;
            "CopyTo, NULL": copy_to(1, ptr::null(), null(), &prop, to, plain) => INVALID;
            "CopyTo, all but everything": copy_to(0, ptr::null(), huge, &prop, to, plain) => TOO_BIG;
            "CopyTo, all but nothing": copy_to(0, ptr::null(), none, &prop, to, plain) => INVALID;
            "CopyTo by no interface": copy_to(1, &all, null(), &prop, to, flags) => NO_INTERFACE;
            "CopyTo by another interface": copy_to(0, ptr::null(), null(), &odd, to, plain) => NO_INTERFACE;
            "CopyTo nowhere": copy_to(0, ptr::null(), null(), &prop, nowhere, flags) => INVALID;
            "CopyTo itself": copy_to(0, ptr::null(), null(), &prop, own, plain) => This(MAPI_E_NO_ACCESS);
        };
        let mut copy_props = |tags, iid: *const GUID, to, flags| {
            object.CopyProps(tags, 0, null(), iid, to, flags, &mut problems)
        };
        calls.extend(calls! {
            "CopyProps, NULL": copy_props(null(), &prop, to, plain) => INVALID;
            "CopyProps of none": copy_props(none, &prop, to, plain) => INVALID;
            "CopyProps, huge": copy_props(huge, &prop, to, flags) => TOO_BIG;
            "CopyProps by another interface": copy_props(one, &odd, to, plain) => NO_INTERFACE;
            "CopyProps nowhere": copy_props(one, &prop, nowhere, flags) => INVALID;
            "CopyProps to itself": copy_props(one, &prop, own, plain) => This(MAPI_E_NO_ACCESS);
        });
        calls
    };
    assert!(problems.is_null());
    calls
}

fn names(object: &IMAPIProp) -> Vec<Call> {
    let mut tags = Tags::new();
    let (mut none, mut huge) = (tags.none(), tags.huge());
    let create = GetIDsFromNamesFlags::MAPI_CREATE;
    let all = GetNamesFromIDsFlags::from_bits_retain(HUGE);
    let (mut count, mut found, mut ids) = (0, null(), null());
    let mut set = GUID::from_u128(0x7E57);
    let name = |set: *mut GUID, kind, text: *mut u16| MAPINAMEID {
        lpguid: set,
        ulKind: kind,
        Kind: MAPINAMEID_Kind { lpwstrName: text },
    };
    let mut setless = name(null(), MNID_ID, null());
    let mut textless = name(&raw mut set, MNID_STRING, null());
    let mut odd = name(&raw mut set, HUGE, null());
    let mut nameless = [null::<MAPINAMEID>()];
    let (mut setless, mut textless, mut odd) =
        ([&raw mut setless], [&raw mut textless], [&raw mut odd]);
    let calls = unsafe {
        calls! {
            "GetIDsFromNames, huge": object.GetIDsFromNames(HUGE, nameless.as_mut_ptr(), create, &mut ids) => TOO_BIG;
            "GetIDsFromNames, NULL": object.GetIDsFromNames(1, null(), create, &mut ids) => INVALID;
            "GetIDsFromNames, no out": object.GetIDsFromNames(0, null(), create, null()) => INVALID;
            "a name that is NULL": object.GetIDsFromNames(1, nameless.as_mut_ptr(), create, &mut ids) => INVALID;
            "a name without a set": object.GetIDsFromNames(1, setless.as_mut_ptr(), create, &mut ids) => INVALID;
            "a name without text": object.GetIDsFromNames(1, textless.as_mut_ptr(), create, &mut ids) => INVALID;
            "an odd name": object.GetIDsFromNames(1, odd.as_mut_ptr(), create, &mut ids) => This(MAPI_E_TOO_COMPLEX);
            "GetNamesFromIDs, huge": object.GetNamesFromIDs(&mut huge, null(), all, &mut count, &mut found) => TOO_BIG;
            "GetNamesFromIDs, no count": object.GetNamesFromIDs(&mut none, null(), all, null(), &mut found) => INVALID;
            "GetNamesFromIDs, no out": object.GetNamesFromIDs(&mut none, null(), all, &mut count, null()) => INVALID;
        }
    };
    assert!(found.is_null() && ids.is_null());
    assert_eq!(count, 0);
    calls
}

#[test]
fn null_and_garbage_are_refused_by_messages_and_attachments_as_properties() {
    let bench = Bench::new();
    let before = bench.seen();
    let message: &IMAPIProp = &bench.message;
    let attachment: &IMAPIProp = &bench.attachment;
    for (object, other) in [(message, attachment), (attachment, message)] {
        check(as_properties(object));
        check(open_property(object));
        check(copies(object, other));
        check(names(object));
    }
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn null_and_garbage_are_refused_by_messages() {
    let bench = Bench::new();
    let before = bench.seen();
    let message = &bench.message;
    let odd = GUID::from_u128(0x1234);
    let (mut out, mut number) = (null::<c_void>(), 77);
    let list = |entries: u32, count: u32, first: *mut SPropValue| ADRLIST {
        cEntries: entries,
        aEntries: [ADRENTRY {
            ulReserved1: HUGE,
            cValues: count,
            rgPropVals: first,
        }],
    };
    let property = |tag: PropTag| SPropValue {
        ulPropTag: tag,
        dwAlignPad: HUGE,
        Value: SPropValueUnion { lpszW: null() },
    };
    let (mut stringless, mut empty) = (
        property(PR_DISPLAY_NAME_W),
        property(PR_DISPLAY_NAME_W.with_type(PT_NULL)),
    );
    let mut rowless = property(PR_RECIPIENT_TYPE);
    let mut unknown = property(PR_ROWID);
    unknown.Value = SPropValueUnion { l: i32::MIN };
    let mut huge = list(HUGE, 0, null());
    let mut lying = list(1, HUGE, null());
    let mut crowded = list(1, HUGE, &raw mut rowless);
    let mut stringless = list(1, 1, &raw mut stringless);
    let mut empty = list(1, 1, &raw mut empty);
    let mut rowless = list(1, 1, &raw mut rowless);
    let mut unknown = list(1, 1, &raw mut unknown);
    let (replace, add) = (
        ModifyRecipientsFlags::empty(),
        ModifyRecipientsFlags::MODRECIP_ADD,
    );
    let (modify, remove) = (
        ModifyRecipientsFlags::MODRECIP_MODIFY,
        ModifyRecipientsFlags::MODRECIP_REMOVE,
    );
    let every = ModifyRecipientsFlags::from_bits_retain(HUGE);
    let (opens, makes) = (
        OpenAttachFlags::MAPI_MODIFY,
        CreateAttachFlags::from_bits_retain(HUGE),
    );
    let deletes = DeleteAttachFlags::from_bits_retain(HUGE);
    let (clear, suppress) = (ReadFlags::CLEAR_READ_FLAG, ReadFlags::SUPPRESS_RECEIPT);
    let only = ReadFlags::GENERATE_RECEIPT_ONLY;
    check(unsafe {
        calls! {
            "GetAttachmentTable": message.GetAttachmentTable(GetAttachmentTableFlags::empty(), null()) => INVALID;
            "GetRecipientTable": message.GetRecipientTable(GetRecipientTableFlags::empty(), null()) => INVALID;
            "OpenAttach, huge": message.OpenAttach(HUGE, ptr::null(), opens, &mut out) => NOT_FOUND;
            "OpenAttach of none": message.OpenAttach(1, ptr::null(), opens, &mut out) => NOT_FOUND;
            "OpenAttach, odd": message.OpenAttach(0, &odd, opens, &mut out) => NO_INTERFACE;
            "OpenAttach, no out": message.OpenAttach(0, ptr::null(), opens, null()) => INVALID;
            "CreateAttach, odd": message.CreateAttach(&odd, makes, &mut number, &mut out) => NO_INTERFACE;
            "CreateAttach, no number": message.CreateAttach(ptr::null(), makes, null(), &mut out) => INVALID;
            "CreateAttach, no out": message.CreateAttach(ptr::null(), makes, &mut number, null()) => INVALID;
            "DeleteAttach, huge": message.DeleteAttach(HUGE, usize::MAX, null(), deletes) => NOT_FOUND;
            "ModifyRecipients, NULL": message.ModifyRecipients(replace, null()) => INVALID;
            "ModifyRecipients, huge": message.ModifyRecipients(replace, &mut huge) => TOO_BIG;
            "ModifyRecipients, NULL entry": message.ModifyRecipients(add, &mut lying) => INVALID;
            "ModifyRecipients, huge entry": message.ModifyRecipients(add, &mut crowded) => TOO_BIG;
            "ModifyRecipients, no text": message.ModifyRecipients(add, &mut stringless) => INVALID;
            "ModifyRecipients, PT_NULL": message.ModifyRecipients(add, &mut empty) => INVALID;
            "ModifyRecipients, which one": message.ModifyRecipients(modify, &mut rowless) => INVALID;
            "ModifyRecipients, not there": message.ModifyRecipients(modify, &mut unknown) => NOT_FOUND;
            "ModifyRecipients, not there to go": message.ModifyRecipients(remove, &mut unknown) => NOT_FOUND;
            "ModifyRecipients, all flags": message.ModifyRecipients(every, &mut unknown) => INVALID;
            "ModifyRecipients, two flags": message.ModifyRecipients(add | remove, &mut unknown) => INVALID;
            "SubmitMessage to nobody": message.SubmitMessage(SubmitMessageFlags::from_bits_retain(HUGE))
                => This(MAPI_E_NO_RECIPIENTS);
            "SetReadFlag, all": message.SetReadFlag(ReadFlags::from_bits_retain(HUGE)) => INVALID;
            "SetReadFlag, unread and no receipt": message.SetReadFlag(clear | suppress) => INVALID;
            "SetReadFlag, unread and a receipt": message.SetReadFlag(clear | only) => INVALID;
        }
    });
    assert!(out.is_null());
    assert_eq!(bench.seen(), before);
    bench.close();
}
