//! Malformed data is an error: NULL with a count, absurd counts, unterminated strings, unknown kinds.

use std::ptr;

use mapi_provider::abi::{
    ADRLIST, ENTRYID, FLATENTRYLIST, GUID, HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE,
    MAPI_E_STRING_TOO_LONG, MAPI_E_TOO_BIG, MAPI_E_TOO_COMPLEX, MAPI_E_TYPE_NO_SUPPORT, MAPIERROR,
    MAPINAMEID, NOTIFICATION, NotificationEvents, PropTag, SBinary, SBinaryArray,
    SPropProblemArray, SPropTagArray, SPropValue, SRestriction, SRow, SRowSet, SSortOrderSet,
    UnicodeFlags,
};
use mapi_provider::view::{
    self, AddressList, DescribedError, EntryId, EntryList, FlatEntryList, Limits, Notification,
    PropName, PropProblems, PropTags, PropValue, Property, Restriction, RowSet, SortOrderSet, View,
    ViewError,
};

/// A structure that is all zeros.
fn zeroed<T: Copy>() -> T {
    // SAFETY: MAPI's structures are numbers and pointers, and zero is a value of both.
    unsafe { std::mem::zeroed() }
}

fn read<'a, V: View<'a>>(raw: &V::Raw) -> Result<V, ViewError> {
    // SAFETY: the tests make structures whose pointers are NULL, or good for all that the limits allow.
    unsafe { view::read(raw, &Limits::default()) }
}

fn status<T>(result: Result<T, ViewError>) -> HRESULT {
    result.map(drop).expect_err("malformed").status()
}

/// The types of arrays: all lists, and binary values.
const COUNTED: [u32; 13] = [
    0x0102, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1014, 0x101E, 0x101F, 0x1040, 0x1048,
    0x1102,
];

/// A property whose value is a count and a pointer.
fn counted(prop_type: u32, count: u32, first: *mut u8) -> SPropValue {
    let mut property: SPropValue = zeroed();
    property.ulPropTag = PropTag::new(0x6700, prop_type);
    property.Value.bin = SBinary {
        cb: count,
        lpb: first,
    };
    property
}

#[test]
fn null_with_a_count_is_an_error() {
    for prop_type in COUNTED {
        for count in [1, u32::MAX] {
            let property = counted(prop_type, count, ptr::null_mut());
            let result = read::<Property>(&property);
            assert!(
                matches!(result, Err(ViewError::NullArray { count: told, .. }) if told == count),
                "{prop_type:04X}: {result:?}"
            );
            assert_eq!(status(result), MAPI_E_INVALID_PARAMETER);
        }
        let empty = counted(prop_type, 0, ptr::null_mut());
        assert!(read::<Property>(&empty).is_ok(), "{prop_type:04X}");
    }
}

#[test]
fn absurd_counts_are_errors() {
    let mut somewhere = [0_u64; 2];
    let first = somewhere.as_mut_ptr().cast();
    for prop_type in COUNTED {
        for count in [u32::MAX, 0x8000_0000, 0x1000_0001] {
            let result = read::<Property>(&counted(prop_type, count, first));
            assert!(
                matches!(result, Err(ViewError::TooMany { count: told, .. }) if told == count),
                "{prop_type:04X}: {result:?}"
            );
            assert_eq!(status(result), MAPI_E_TOO_BIG);
        }
    }
}

/// Even with infinite limits, an array can't be larger than memory.
#[test]
fn a_count_beyond_memory_is_an_error_whatever_the_limits() {
    let limits = Limits::default()
        .with_elements(u32::MAX)
        .with_bytes(u32::MAX);
    if size_of::<usize>() > size_of::<u32>() {
        // There 2³² elements are no more than there may be.
        return;
    }
    let mut somewhere = 0_u64;
    let property = counted(0x1014, u32::MAX, (&raw mut somewhere).cast());
    // SAFETY: the count is refused.
    let result = unsafe { view::read::<Property>(&raw const property, &limits) };
    assert_eq!(status(result), MAPI_E_TOO_BIG);
}

#[test]
fn pointers_that_must_be_there() {
    // Strings, GUIDs.
    for prop_type in [0x001E, 0x001F, 0x0048] {
        let result = read::<Property>(&counted(prop_type, 0, ptr::null_mut()));
        let result =
            result.map_err(|error| (error.status(), matches!(error, ViewError::Null { .. })));
        assert_eq!(
            result,
            Err((MAPI_E_INVALID_PARAMETER, true)),
            "{prop_type:04X}"
        );
    }
    // A NULL among strings.
    let mut nowhere: *mut u16 = ptr::null_mut();
    let strings = counted(0x101F, 1, (&raw mut nowhere).cast());
    assert!(matches!(
        read::<Property>(&strings),
        Err(ViewError::Null { .. })
    ));
    // SAFETY: NULL.
    let rows = unsafe { view::read::<RowSet>(ptr::null(), &Limits::default()) };
    assert_eq!(status(rows), MAPI_E_INVALID_PARAMETER);
    // SAFETY: NULL.
    let none = unsafe { view::read_optional::<PropTags>(ptr::null(), &Limits::default()) };
    assert_eq!(none, Ok(None));
    // SAFETY: NULL, with a count that it can't have.
    let all = unsafe { view::read_array::<Property>(3, ptr::null(), &Limits::default()) };
    assert!(matches!(all, Err(ViewError::NullArray { count: 3, .. })));
}

#[test]
fn a_string_has_an_end_within_the_limits() {
    // Just as long as the limits: a sanitizer sees anybody who reads further.
    let mut narrow: Box<[u8]> = vec![b'x'; 32].into();
    let mut wide: Box<[u16]> = vec![120; 16].into();
    let limits = Limits::default().with_bytes(32);
    let text = |property: &SPropValue| {
        // SAFETY: the strings are as long as the limits.
        unsafe { view::read::<Property>(property, &limits) }
    };
    for property in [
        counted_string(0x001E, narrow.as_mut_ptr()),
        counted_string(0x001F, wide.as_mut_ptr().cast()),
    ] {
        let result = text(&property).map(drop);
        assert!(
            matches!(result, Err(ViewError::Unterminated { bytes: 32, .. })),
            "{result:?}"
        );
        assert_eq!(status(result), MAPI_E_STRING_TOO_LONG);
    }
    narrow[31] = 0;
    let property = counted_string(0x001E, narrow.as_mut_ptr());
    let read = text(&property).expect("terminated in time");
    assert_eq!(read.value.to_text().map(|text| text.len()), Some(31));
}

fn counted_string(prop_type: u32, text: *mut u8) -> SPropValue {
    let mut property: SPropValue = zeroed();
    property.ulPropTag = PropTag::new(0x6700, prop_type);
    property.Value.lpszA = text;
    property
}

#[test]
fn types_that_are_none() {
    let typed = |prop_type| {
        let mut property: SPropValue = zeroed();
        property.ulPropTag = PropTag::new(0x6700, prop_type);
        read::<Property>(&property)
    };
    for unknown in [
        0x0008, 0x0009, 0x000C, 0x0100, 0x0104, 0x1000, 0x1001, 0x100A, 0x100B, 0x100D, 0x2003,
        0x3001, 0x4003, 0xFFFF,
    ] {
        let result = typed(unknown);
        assert!(
            matches!(result, Err(ViewError::UnknownType(_))),
            "{result:?}"
        );
        assert_eq!(status(result), MAPI_E_INVALID_TYPE);
    }
    for unsupported in [0x00FD, 0x00FE, 0x0103] {
        let result = typed(unsupported);
        assert!(
            matches!(result, Err(ViewError::UnsupportedType(_))),
            "{result:?}"
        );
        assert_eq!(status(result), MAPI_E_TYPE_NO_SUPPORT);
    }
}

/// Sets each of the counts of counted structures to 2³²−1.
#[test]
fn structures_with_absurd_counts() {
    let mut tags: SPropTagArray = zeroed();
    tags.cValues = u32::MAX;
    assert_eq!(status(read::<PropTags>(&tags)), MAPI_E_TOO_BIG);
    let mut problems: SPropProblemArray = zeroed();
    problems.cProblem = u32::MAX;
    assert_eq!(status(read::<PropProblems>(&problems)), MAPI_E_TOO_BIG);
    let mut rows: SRowSet = zeroed();
    rows.cRows = u32::MAX;
    assert_eq!(status(read::<RowSet>(&rows)), MAPI_E_TOO_BIG);
    let mut list: ADRLIST = zeroed();
    list.cEntries = u32::MAX;
    assert_eq!(status(read::<AddressList>(&list)), MAPI_E_TOO_BIG);
    let mut sort: SSortOrderSet = zeroed();
    sort.cSorts = u32::MAX;
    assert_eq!(status(read::<SortOrderSet>(&sort)), MAPI_E_TOO_BIG);
    let mut entries: SBinaryArray = zeroed();
    entries.cValues = u32::MAX;
    assert_eq!(
        status(read::<EntryList>(&entries)),
        MAPI_E_INVALID_PARAMETER
    );
    let mut flat: FLATENTRYLIST = zeroed();
    flat.cbEntries = u32::MAX;
    assert_eq!(status(read::<FlatEntryList>(&flat)), MAPI_E_TOO_BIG);
    let mut id: ENTRYID = zeroed();
    // SAFETY: the count is refused.
    let id = unsafe { EntryId::read(u32::MAX, &raw mut id, &Limits::default()) };
    assert_eq!(status(id), MAPI_E_TOO_BIG);
}

#[test]
fn a_row_without_its_properties() {
    let mut rows: SRowSet = zeroed();
    rows.cRows = 1;
    rows.aRow[0] = SRow {
        ulAdrEntryPad: 0,
        cValues: 2,
        lpProps: ptr::null_mut(),
    };
    let result = read::<RowSet>(&rows);
    assert!(
        matches!(result, Err(ViewError::NullArray { count: 2, .. })),
        "{result:?}"
    );
}

fn restriction(rt: u32) -> SRestriction {
    SRestriction { rt, ..zeroed() }
}

#[test]
fn restrictions_that_are_none() {
    for unknown in [13, 0xFFFF_FFFF] {
        let result = read::<Restriction>(&restriction(unknown));
        assert!(
            matches!(result, Err(ViewError::UnknownKind { value, .. }) if value == unknown),
            "{result:?}"
        );
        assert_eq!(status(result), MAPI_E_TOO_COMPLEX);
    }
    // Not, content, property, sub, count: NULL where there must be something.
    for rt in [2, 3, 4, 9, 11] {
        let result = read::<Restriction>(&restriction(rt));
        assert!(
            matches!(result, Err(ViewError::Null { .. })),
            "{rt}: {result:?}"
        );
    }
    // A comment need not have one.
    for rt in [10, 12] {
        assert!(read::<Restriction>(&restriction(rt)).is_ok());
    }
    let mut size = restriction(7);
    size.res.resSize.relop = 99;
    assert!(matches!(
        read::<Restriction>(&size),
        Err(ViewError::UnknownKind { value: 99, .. })
    ));
    let mut mask = restriction(6);
    mask.res.resBitMask.relBMR = 2;
    assert!(matches!(
        read::<Restriction>(&mask),
        Err(ViewError::UnknownKind { value: 2, .. })
    ));
    let mut all = restriction(0);
    all.res.resAnd.cRes = 5;
    assert!(matches!(
        read::<Restriction>(&all),
        Err(ViewError::NullArray { count: 5, .. })
    ));
}

#[test]
fn a_restriction_within_itself_is_too_deep() {
    let mut itself = restriction(2);
    itself.res.resNot.lpRes = &raw mut itself;
    let result = read::<Restriction>(&itself);
    assert_eq!(result, Err(ViewError::TooDeep));
    assert_eq!(status(result), MAPI_E_TOO_COMPLEX);
}

/// Twenty levels that share their parts, and so look like a million restrictions.
#[test]
fn what_is_shared_is_counted_each_time() {
    let mut levels = vec![[restriction(8); 2]; 20];
    for level in 1..levels.len() {
        let below = levels[level - 1].as_mut_ptr();
        for part in &mut levels[level] {
            part.rt = 0;
            part.res.resAnd.cRes = 2;
            part.res.resAnd.lpRes = below;
        }
    }
    let limits = Limits::default().with_nodes(10_000);
    // SAFETY: each level points to two restrictions that live as long.
    let result = unsafe { view::read::<Restriction>(&raw const levels[19][0], &limits) };
    assert_eq!(result, Err(ViewError::TooManyNodes));
}

#[test]
fn sort_orders_that_contradict_themselves() {
    let mut set: SSortOrderSet = zeroed();
    set.cSorts = 1;
    assert!(read::<SortOrderSet>(&set).is_ok());
    set.cCategories = 2;
    let result = read::<SortOrderSet>(&set);
    assert!(matches!(result, Err(ViewError::Contradiction { .. })));
    set.cCategories = 1;
    set.cExpanded = 2;
    let result = read::<SortOrderSet>(&set);
    assert!(matches!(result, Err(ViewError::Contradiction { .. })));
    set.cExpanded = 1;
    set.aSort[0].ulOrder = 3;
    let result = read::<SortOrderSet>(&set);
    assert!(matches!(
        result,
        Err(ViewError::UnknownKind { value: 3, .. })
    ));
}

#[test]
fn names_that_are_none() {
    let mut guid = GUID::zeroed();
    let mut name: MAPINAMEID = zeroed();
    assert!(matches!(
        read::<PropName>(&name),
        Err(ViewError::Null { .. })
    ));
    name.lpguid = &raw mut guid;
    assert!(read::<PropName>(&name).is_ok());
    name.ulKind = 1;
    assert!(matches!(
        read::<PropName>(&name),
        Err(ViewError::Null { .. })
    ));
    name.ulKind = 2;
    assert!(matches!(
        read::<PropName>(&name),
        Err(ViewError::UnknownKind { value: 2, .. })
    ));
}

#[test]
fn notifications_that_are_none() {
    // None, two at once, MAPI's own, one that nobody knows.
    for events in [0, 0x6, 0x4000_0000, 0x400] {
        let mut notification: NOTIFICATION = zeroed();
        notification.ulEventType = NotificationEvents::from_bits_retain(events);
        let result = read::<Notification>(&notification);
        assert!(
            matches!(result, Err(ViewError::UnknownKind { value, .. }) if value == events),
            "{result:?}"
        );
    }
    for event in [0, 10] {
        let mut notification: NOTIFICATION = zeroed();
        notification.ulEventType = NotificationEvents::from_bits_retain(0x100);
        notification.info.tab.ulTableEvent = event;
        let result = read::<Notification>(&notification);
        assert!(
            matches!(result, Err(ViewError::UnknownKind { value, .. }) if value == event),
            "{result:?}"
        );
    }
}

#[test]
fn an_error_whose_text_has_no_end() {
    let mut text: Box<[u8]> = vec![b'x'; 16].into();
    let mut error: MAPIERROR = zeroed();
    error.lpszComponent = text.as_mut_ptr();
    let limits = Limits::default().with_bytes(16);
    // SAFETY: the text is as long as the limits.
    let result = unsafe { DescribedError::read(&raw const error, UnicodeFlags::empty(), &limits) };
    assert_eq!(status(result), MAPI_E_STRING_TOO_LONG);
    // SAFETY: NULL.
    let result = unsafe { DescribedError::read(ptr::null(), UnicodeFlags::empty(), &limits) };
    assert_eq!(status(result), MAPI_E_INVALID_PARAMETER);
}

/// A list of strings whose pointers all lead to one text: little memory that looks like very much.
fn shared<T: Copy>(prop_type: u32, pointers: &mut [*mut T]) -> SPropValue {
    let count = u32::try_from(pointers.len()).expect("a few");
    counted(prop_type, count, pointers.as_mut_ptr().cast())
}

/// What reading a list with at most a mebibyte of content in all comes to: the bytes of a copy of it.
fn copied(raw: &SPropValue) -> Result<usize, ViewError> {
    let limits = Limits::default().with_total_bytes(1 << 20);
    // SAFETY: the pointers lead into memory that is as long as the counts say, or ends.
    let property = unsafe { view::read::<Property>(raw, &limits) }?.into_owned();
    Ok(match property.value {
        PropValue::MvString8(texts) => texts.iter().map(|text| text.len()).sum(),
        PropValue::MvUnicode(texts) => texts.iter().map(|text| 2 * text.len()).sum(),
        PropValue::MvBinary(all) => all.iter().map(|bytes| bytes.len()).sum(),
        value => panic!("no list: {value:?}"),
    })
}

#[test]
fn what_is_shared_by_many_is_read_and_copied_within_limits() {
    const LENGTH: usize = 1 << 16;
    let mut memory = vec![b'x'; LENGTH + 4];
    memory[LENGTH..].fill(0);
    let start = memory.as_mut_ptr();
    // One of the two is at an odd address, whatever the allocator gives.
    for text in [start, start.wrapping_add(1)] {
        let length = LENGTH - (text.addr() - start.addr());
        for prop_type in [0x101E, 0x101F] {
            let few = copied(&shared(prop_type, &mut [text; 10]));
            // Half a character at the end may be there or not.
            assert!(few.is_ok_and(|few| (10 * (length - 1)..=10 * (length + 1)).contains(&few)));
            let many = copied(&shared(prop_type, &mut [text; 4096]));
            assert_eq!(many, Err(ViewError::TooManyBytes));
        }
    }
    let binary = SBinary {
        cb: LENGTH as u32,
        lpb: start,
    };
    let list = |all: &mut [SBinary]| counted(0x1102, all.len() as u32, all.as_mut_ptr().cast());
    assert_eq!(copied(&list(&mut [binary; 16])), Ok(1 << 20));
    let many = copied(&list(&mut [binary; 17]));
    assert_eq!(many, Err(ViewError::TooManyBytes));
    assert_eq!(status(many), MAPI_E_TOO_BIG);
}

/// A row set of a fixed size.
#[repr(C)]
struct RowsOf<const N: usize> {
    count: u32,
    rows: [SRow; N],
}

/// Rows that have their properties in common, and those an array.
#[test]
fn arrays_that_rows_share_are_counted_each_time() {
    let mut numbers = vec![0_i64; 1 << 14];
    let mut property = counted(0x1014, 1 << 14, numbers.as_mut_ptr().cast());
    let row = SRow {
        ulAdrEntryPad: 0,
        cValues: 1,
        lpProps: &raw mut property,
    };
    let limits = Limits::default().with_total_bytes(1 << 20);
    let set = |count: u32| RowsOf::<9> {
        count,
        rows: [row; 9],
    };
    // SAFETY: as many rows as the count says, and as many numbers.
    let read = |set: RowsOf<9>| unsafe {
        view::read::<RowSet>((&raw const set).cast(), &limits).map(|rows| rows.len())
    };
    assert_eq!(read(set(8)), Ok(8));
    assert_eq!(read(set(9)), Err(ViewError::TooManyBytes));
}
