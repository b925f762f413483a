//! Tags, problems, entry IDs, names and errors, there and back.

use mapi_provider::abi::{HRESULT, UnicodeFlags};
use mapi_provider::view::{
    BuildError, DescribedError, EntryId, EntryList, FlatEntryList, Limits, MapiStr, PropName,
    PropProblem, PropProblems, PropTags, ViewError,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::memory::{build_and_fail, build_error};
use crate::strategies::{described, entry_id, name, tag, tags};

proptest! {
    #[test]
    fn tags_come_back(tags in tags()) {
        build_and_fail(&tags, 1, |buffer| {
            assert_eq!(buffer.read::<PropTags>(&Limits::default()).as_ref(), Ok(&tags));
        });
    }

    #[test]
    fn problems_come_back(raw in vec((any::<u32>(), tag(), any::<i32>()), 0..4)) {
        let problem = |(index, tag, code)| PropProblem { index, tag, status: HRESULT(code) };
        let problems = PropProblems(raw.into_iter().map(problem).collect());
        build_and_fail(&problems, 1, |buffer| {
            assert_eq!(buffer.read::<PropProblems>(&Limits::default()).as_ref(), Ok(&problems));
        });
    }

    #[test]
    fn entry_ids_come_back(id in entry_id()) {
        build_and_fail(&id, 1, |buffer| {
            // SAFETY: the buffer is borrowed for as long.
            let read = unsafe { EntryId::read(buffer.count(), buffer.as_ptr(), &Limits::default()) };
            assert_eq!(read.as_ref(), Ok(&id));
        });
        let parts = [id.flags().is_some(), id.provider().is_some(), !id.rest().is_empty()];
        let length = id.as_bytes().len();
        prop_assert_eq!(parts, [length >= 4, length >= 20, length > 20]);
    }

    #[test]
    fn entry_lists_come_back(ids in vec(entry_id(), 0..4)) {
        let list = EntryList(ids);
        build_and_fail(&list, 1, |buffer| {
            assert_eq!(buffer.read::<EntryList>(&Limits::default()).as_ref(), Ok(&list));
        });
    }

    #[test]
    fn flat_lists_come_back(ids in vec(entry_id(), 0..4)) {
        let list = FlatEntryList(ids);
        build_and_fail(&list, 1, |buffer| {
            assert_eq!(buffer.read::<FlatEntryList>(&Limits::default()).as_ref(), Ok(&list));
        });
        let bytes = list.to_bytes().expect("short");
        prop_assert_eq!(bytes.len() % 4, 0);
        prop_assert_eq!(FlatEntryList::parse(&bytes, &Limits::default()), Ok(list));
    }

    #[test]
    fn any_bytes_are_a_flat_list_or_an_error(bytes in vec(0..12_u8, 0..64)) {
        let limits = Limits::default();
        if let Ok(list) = FlatEntryList::parse(&bytes, &limits) {
            let again = list.to_bytes().expect("short");
            prop_assert_eq!(FlatEntryList::parse(&again, &limits), Ok(list));
        }
    }

    #[test]
    fn names_come_back(names in vec(option::of(name()), 0..4)) {
        build_and_fail(&names[..], 1, |buffer| {
            let read: Vec<Option<PropName>> =
                buffer.read_all(&Limits::default()).expect("well-formed");
            assert_eq!(read, names);
        });
        let all: Vec<PropName> = names.iter().flatten().cloned().collect();
        build_and_fail(&all[..], 1, |buffer| {
            let read: Vec<Option<PropName>> =
                buffer.read_all(&Limits::default()).expect("well-formed");
            let kept: Vec<_> = read.into_iter().flatten().map(PropName::into_owned).collect();
            assert_eq!(kept, all);
        });
    }

    #[test]
    fn described_errors_come_back(error in described()) {
        let flags = error.flags().expect("one width");
        build_and_fail(&error, 1, |buffer| {
            // SAFETY: the buffer is borrowed for as long.
            let read = unsafe { DescribedError::read(buffer.as_ptr(), flags, &Limits::default()) };
            assert_eq!(read.as_ref(), Ok(&error));
        });
    }
}

#[test]
fn one_flag_tells_the_width_of_both_strings() {
    let mixed = DescribedError {
        error: Some(MapiStr::wide("x")),
        component: Some(MapiStr::ansi("y")),
        ..DescribedError::default()
    };
    assert_eq!(build_error(&mixed), BuildError::MixedWidths);
    let wide = DescribedError::new("x", "y", UnicodeFlags::MAPI_UNICODE);
    assert_eq!(wide.flags(), Ok(UnicodeFlags::MAPI_UNICODE));
    let narrow = DescribedError::new("x", "y", UnicodeFlags::empty());
    assert_eq!(narrow.flags(), Ok(UnicodeFlags::empty()));
}

#[test]
fn a_flat_list_ends_where_its_bytes_end() {
    let list = FlatEntryList(vec![EntryId::from(vec![1; 6]), EntryId::from(vec![2; 3])]);
    let bytes = list.to_bytes().expect("short");
    for length in 0..bytes.len() {
        let cut = FlatEntryList::parse(&bytes[..length], &Limits::default());
        assert!(
            matches!(cut, Err(ViewError::Contradiction { .. })),
            "{cut:?}"
        );
    }
    let limits = Limits::default().with_bytes(8);
    let long = FlatEntryList::parse(&bytes, &limits);
    assert!(matches!(long, Err(ViewError::TooMany { .. })), "{long:?}");
    let limits = Limits::default().with_elements(1);
    let many = FlatEntryList::parse(&bytes, &limits);
    assert!(
        matches!(many, Err(ViewError::TooMany { count: 2, .. })),
        "{many:?}"
    );
}
