//! The objects that a provider is given keep MAPI's rules.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered"
)]

mod fake;

use std::ffi::c_void;
use std::{ptr, slice};

use fake::host;
use mapi_provider::abi::*;
use mapi_provider_host::*;
use windows_core::{HRESULT, IUnknown, Interface};

const UID: SectionUid = SectionUid::PROVIDER;
const READ: OpenProfileSectionFlags = OpenProfileSectionFlags::empty();
const WRITE: OpenProfileSectionFlags = OpenProfileSectionFlags::MAPI_MODIFY;
const ANSI: UnicodeFlags = UnicodeFlags::empty();
const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;

/// A section, opened through the support object under its NULL name.
fn open(host: &Host, flags: OpenProfileSectionFlags) -> Result<IProfSect, HRESULT> {
    let support = host.support();
    let mut out = ptr::null_mut();
    let status = unsafe { support.OpenProfileSection(ptr::null_mut(), flags, &mut out) };
    if status.is_err() {
        assert!(out.is_null());
        return Err(status);
    }
    Ok(unsafe { IProfSect::from_raw(out) })
}

fn tags(tags: &[PropTag]) -> Vec<u32> {
    let count = tags.len() as u32;
    std::iter::once(count)
        .chain(tags.iter().map(|tag| tag.0))
        .collect()
}

type Row = Vec<(PropTag, Value)>;

/// `GetProps`; no tags stand for NULL.
fn get(
    host: &Host,
    section: &IProfSect,
    wanted: &[PropTag],
    flags: UnicodeFlags,
) -> (HRESULT, Row) {
    let mut array = tags(wanted);
    let array = if wanted.is_empty() {
        ptr::null_mut()
    } else {
        array.as_mut_ptr().cast()
    };
    let (mut count, mut properties) = (0, ptr::null_mut());
    let status = unsafe { section.GetProps(array, flags, &mut count, &mut properties) };
    let read = unsafe { Property::read_all(count, properties) };
    let read = read
        .into_iter()
        .map(|property| property.expect("readable"))
        .map(|p| (p.tag(), p.value))
        .collect();
    unsafe { host.allocators().free(properties.cast()) };
    (status, read)
}

fn set(section: &IProfSect, properties: &[Property]) -> HRESULT {
    let mut array = PropertyArray::new(properties);
    unsafe { section.SetProps(array.count(), array.as_mut_ptr(), ptr::null_mut()) }
}

fn text(text: &str) -> Value {
    Value::from(text)
}

#[test]
fn a_section_must_be_there_unless_it_is_opened_for_writing() {
    let host = host();
    assert_eq!(open(&host, READ).map(drop), Err(MAPI_E_NOT_FOUND));
    drop(open(&host, WRITE).expect("made"));
    drop(open(&host, READ).expect("there"));
    host.finish().assert_clean();
}

#[test]
fn what_is_set_is_seen_here_and_saved_for_others() {
    let host = host();
    let (one, other) = (
        open(&host, WRITE).expect("one"),
        open(&host, READ).expect("other"),
    );
    assert_eq!(set(&one, &[Property::with_id(0x6601, "a")]), S_OK);
    assert_eq!(
        get(&host, &one, &[PropTag::new(0x6601, PT_UNICODE)], ANSI),
        (S_OK, vec![(PropTag::new(0x6601, PT_UNICODE), text("a"))])
    );
    assert_eq!(host.profile().get(UID, 0x6601), None, "not yet");
    assert_eq!(
        unsafe { one.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE) },
        S_OK
    );
    assert_eq!(host.profile().get(UID, 0x6601), Some(text("a")));
    assert_eq!(
        get(&host, &other, &[PropTag::new(0x6601, PT_UNICODE)], ANSI).0,
        MAPI_W_ERRORS_RETURNED,
        "a copy from before"
    );
    assert_eq!(set(&one, &[Property::with_id(0x6601, "b")]), S_OK);
    drop(one);
    assert_eq!(
        host.profile().get(UID, 0x6601),
        Some(text("a")),
        "what isn't saved is lost"
    );
    drop(other);
    host.finish().assert_clean();
}

#[test]
fn get_props_has_an_entry_for_every_tag() {
    let host = host();
    let section = open(&host, WRITE).expect("a section");
    assert_eq!(
        set(
            &section,
            &[Property::with_id(0x6601, "ü"), Property::with_id(0x6602, 7)]
        ),
        S_OK
    );
    let asked = [
        PropTag::new(0x6602, PT_LONG),
        PropTag::new(0x6603, PT_LONG),
        PropTag::new(0x6601, PT_UNSPECIFIED),
        PropTag::new(0x6602, PT_UNICODE),
    ];
    let expected = |strings: Value| {
        let tag = PropTag::new(0x6601, strings.kind());
        vec![
            (PropTag::new(0x6602, PT_LONG), Value::Long(7)),
            (
                PropTag::new(0x6603, PT_ERROR),
                Value::Error(MAPI_E_NOT_FOUND),
            ),
            (tag, strings),
            (
                PropTag::new(0x6602, PT_ERROR),
                Value::Error(MAPI_E_UNEXPECTED_TYPE),
            ),
        ]
    };
    assert_eq!(
        get(&host, &section, &asked, UNICODE),
        (MAPI_W_ERRORS_RETURNED, expected(text("ü")))
    );
    let ansi = expected(Value::String8(b"\xFC".to_vec()));
    assert_eq!(
        get(&host, &section, &asked, ANSI),
        (MAPI_W_ERRORS_RETURNED, ansi)
    );
    drop(section);
    host.finish().assert_clean();
}

#[test]
fn lists_leave_secrets_out() {
    let host = host();
    let section = open(&host, WRITE).expect("a section");
    assert_eq!(
        set(
            &section,
            &[
                Property::with_id(0x6602, 7),
                Property::with_id(0x67F0, "hush")
            ]
        ),
        S_OK
    );
    assert_eq!(
        get(&host, &section, &[], UNICODE),
        (S_OK, vec![(PropTag::new(0x6602, PT_LONG), Value::Long(7))])
    );
    assert_eq!(
        get(&host, &section, &[PropTag::new(0x67F0, PT_UNICODE)], ANSI),
        (S_OK, vec![(PropTag::new(0x67F0, PT_UNICODE), text("hush"))])
    );
    let mut list = ptr::null_mut();
    assert_eq!(unsafe { section.GetPropList(UNICODE, &mut list) }, S_OK);
    assert_eq!(
        unsafe { slice::from_raw_parts(list.cast::<u32>(), 2) },
        [1, PropTag::new(0x6602, PT_LONG).0]
    );
    unsafe { host.allocators().free(list.cast()) };
    drop(section);
    host.finish().assert_clean();
}

#[test]
fn a_read_only_section_can_not_be_changed() {
    let host = host();
    host.profile()
        .set(UID, Property::with_id(0x6601, 1))
        .expect("set");
    let section = open(&host, READ).expect("a section");
    assert_eq!(
        set(&section, &[Property::with_id(0x6601, 2)]),
        MAPI_E_NO_ACCESS
    );
    let mut array = tags(&[PropTag::new(0x6601, PT_LONG)]);
    let deleted = unsafe { section.DeleteProps(array.as_mut_ptr().cast(), ptr::null_mut()) };
    assert_eq!(deleted, MAPI_E_NO_ACCESS);
    assert_eq!(
        unsafe { section.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE) },
        MAPI_E_NO_ACCESS
    );
    assert_eq!(host.profile().get(UID, 0x6601), Some(Value::Long(1)));
    drop(section);
    let section = open(&host, WRITE).expect("a section");
    assert_eq!(
        unsafe { section.SaveChanges(SaveChangesFlags::empty()) },
        S_OK
    );
    assert_eq!(
        set(&section, &[Property::with_id(0x6601, 2)]),
        MAPI_E_NO_ACCESS,
        "SaveChanges has closed it"
    );
}

#[test]
fn properties_are_deleted_and_problems_told() {
    let host = host();
    let section = open(&host, WRITE).expect("a section");
    assert_eq!(set(&section, &[Property::with_id(0x6601, 1)]), S_OK);
    let mut array = tags(&[PropTag::new(0x6601, PT_LONG), PropTag::new(0x6609, PT_LONG)]);
    let mut problems: *mut SPropProblemArray = ptr::null_mut();
    assert_eq!(
        unsafe { section.DeleteProps(array.as_mut_ptr().cast(), &mut problems) },
        S_OK
    );
    let (count, first) = unsafe { ((*problems).cProblem, (*problems).aProblem[0]) };
    assert_eq!(
        (count, first.ulIndex, first.ulPropTag),
        (1, 1, PropTag::new(0x6609, PT_LONG))
    );
    assert_eq!(HRESULT(first.scode), MAPI_E_NOT_FOUND);
    unsafe { host.allocators().free(problems.cast()) };
    assert_eq!(
        get(&host, &section, &[PropTag::new(0x6601, PT_LONG)], ANSI).0,
        MAPI_W_ERRORS_RETURNED
    );
    assert_eq!(
        unsafe { section.SaveChanges(SaveChangesFlags::empty()) },
        S_OK
    );
    assert_eq!(host.profile().section(UID), Section::new());
    drop(section);
    host.finish().assert_clean();
}

#[test]
fn a_property_of_an_unknown_type_is_a_problem() {
    let host = host();
    let section = open(&host, WRITE).expect("a section");
    let mut value = SPropValue {
        ulPropTag: PropTag::new(0x6601, MV_FLAG | PT_UNICODE),
        dwAlignPad: 0,
        Value: SPropValueUnion { li: 0 },
    };
    let mut problems: *mut SPropProblemArray = ptr::null_mut();
    assert_eq!(
        unsafe { section.SetProps(1, &mut value, &mut problems) },
        S_OK
    );
    assert_eq!(
        HRESULT(unsafe { (*problems).aProblem[0] }.scode),
        MAPI_E_TYPE_NO_SUPPORT
    );
    unsafe { host.allocators().free(problems.cast()) };
    drop(section);
    host.finish().assert_clean();
}

#[test]
fn every_failure_on_purpose_comes() {
    let host = host();
    let section = open(&host, WRITE).expect("a section");
    let fails = |operation, call: &dyn Fn() -> HRESULT| {
        host.profile().fail(operation, MAPI_E_NETWORK_ERROR);
        assert_eq!(call(), MAPI_E_NETWORK_ERROR, "{operation:?}");
        host.profile().heal();
        assert_ne!(call(), MAPI_E_NETWORK_ERROR, "{operation:?}");
    };
    fails(Operation::Open, &|| {
        open(&host, WRITE).map_or_else(|status| status, |_| S_OK)
    });
    fails(Operation::SetProps, &|| {
        set(&section, &[Property::with_id(0x6601, 1)])
    });
    fails(Operation::GetProps, &|| {
        get(&host, &section, &[PropTag::new(0x6601, PT_LONG)], ANSI).0
    });
    fails(Operation::DeleteProps, &|| {
        let mut array = tags(&[PropTag::new(0x6601, PT_LONG)]);
        unsafe { section.DeleteProps(array.as_mut_ptr().cast(), ptr::null_mut()) }
    });
    fails(Operation::SaveChanges, &|| unsafe {
        section.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE)
    });
}

#[test]
fn the_provider_table_has_one_row() {
    let host = host();
    let admin = host.provider_admin();
    let mut out = ptr::null_mut();
    assert_eq!(unsafe { admin.GetProviderTable(ANSI, &mut out) }, S_OK);
    let table = unsafe { IMAPITable::from_raw(out) };
    let mut count = 0;
    assert_eq!(unsafe { table.GetRowCount(0, &mut count) }, S_OK);
    assert_eq!(count, 1);
    let mut columns = tags(&[PR_PROVIDER_UID, PR_DISPLAY_NAME_W]);
    assert_eq!(
        unsafe { table.SetColumns(columns.as_mut_ptr().cast(), TableFlags::empty()) },
        S_OK
    );
    assert_eq!(
        rows(&host, &table, 10),
        [vec![
            (PR_PROVIDER_UID, Value::Binary(UID.0.to_vec())),
            (
                PR_DISPLAY_NAME_W.with_type(PT_ERROR),
                Value::Error(MAPI_E_NOT_FOUND)
            ),
        ]]
    );
    assert_eq!(rows(&host, &table, 10), Vec::<Row>::new(), "the end");
    let mut sought = 0;
    assert_eq!(unsafe { table.SeekRow(0, 0, &mut sought) }, S_OK);
    assert_eq!(rows(&host, &table, 1).len(), 1);
    assert_eq!(unsafe { table.SeekRow(2, -1, &mut sought) }, S_OK);
    assert_eq!((sought, rows(&host, &table, 1).len()), (-1, 1));
    assert_eq!(
        unsafe { table.SeekRow(9, 0, &mut sought) },
        MAPI_E_INVALID_BOOKMARK
    );
    let mut restriction = ptr::null_mut::<c_void>();
    let restricted = unsafe { table.Restrict((&raw mut restriction).cast(), TableFlags::empty()) };
    assert_eq!(restricted, MAPI_E_NO_SUPPORT);
    drop((table, admin));
    host.finish().assert_clean();
}

fn rows(host: &Host, table: &IMAPITable, count: i32) -> Vec<Row> {
    let mut set: *mut SRowSet = ptr::null_mut();
    assert_eq!(
        unsafe { table.QueryRows(count, QueryRowsFlags::empty(), &mut set) },
        S_OK
    );
    let all = unsafe {
        slice::from_raw_parts(
            (&raw const (*set).aRow).cast::<SRow>(),
            (*set).cRows as usize,
        )
    };
    let read = |row: &SRow| {
        let properties = unsafe { Property::read_all(row.cValues, row.lpProps) };
        unsafe { host.allocators().free(row.lpProps.cast()) };
        properties
            .into_iter()
            .map(|property| property.expect("readable"))
            .map(|p| (p.tag(), p.value))
            .collect()
    };
    let rows = all.iter().map(read).collect();
    unsafe { host.allocators().free(set.cast()) };
    rows
}

#[test]
fn the_session_opens_sections_and_the_table_of_stores() {
    let host = host();
    let session = host.session();
    assert_eq!(host.session_count(), 2);
    let mut uid = MAPIUID { ab: UID.0 };
    let mut out = ptr::null_mut();
    assert_eq!(
        unsafe { session.OpenProfileSection(&mut uid, ptr::null(), WRITE, &mut out) },
        S_OK
    );
    drop(unsafe { IProfSect::from_raw(out) });
    assert_eq!(unsafe { session.GetMsgStoresTable(ANSI, &mut out) }, S_OK);
    drop(unsafe { IMAPITable::from_raw(out) });
    assert_eq!(
        unsafe { session.GetStatusTable(ANSI, &mut out) },
        MAPI_E_NO_SUPPORT
    );
    assert!(out.is_null());
    drop(session);
    assert_eq!(host.session_count(), 1);
    host.finish().assert_clean();
}

#[test]
fn the_support_object_wraps_entry_ids_and_tells_the_allocators() {
    let host = host();
    let support = host.support();
    let mut entry = *b"\0\0\0\0provider's own";
    let (mut count, mut wrapped) = (0, ptr::null_mut());
    let status = unsafe {
        support.WrapStoreEntryID(
            entry.len() as u32,
            entry.as_mut_ptr().cast(),
            &mut count,
            &mut wrapped,
        )
    };
    assert_eq!(status, S_OK);
    let whole = unsafe { slice::from_raw_parts(wrapped.cast::<u8>(), count as usize) };
    assert!(whole.ends_with(&entry) && whole.len() > entry.len());
    assert_eq!(
        host.allocators().leaks()[0].origin,
        "IMAPISupport::WrapStoreEntryID"
    );
    unsafe { host.allocators().free(wrapped.cast()) };
    let (mut allocate, mut more, mut free) = (None, None, None);
    assert_eq!(
        unsafe { support.GetMemAllocRoutines(&mut allocate, &mut more, &mut free) },
        S_OK
    );
    assert_eq!(
        free.map(|free| free as usize),
        Some(host.allocators().free_buffer() as usize)
    );
    drop(support);
    host.finish().assert_clean();
}

#[test]
fn what_the_host_does_not_play_has_no_support() {
    let host = host();
    let support = host.support();
    assert_eq!(
        unsafe { support.ModifyProfile(ModifyProfileFlags::empty()) },
        MAPI_E_NO_SUPPORT
    );
    assert_eq!(count(&IUnknown::from(support)), 1);
}
