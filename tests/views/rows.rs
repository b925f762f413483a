//! Rows and address lists, there and back.

use mapi_provider::abi::{PR_DISPLAY_NAME_W, PropTag, SRowSet};
use mapi_provider::view::{AddressList, BuildError, Limits, PropValue, Property, Row, RowSet};
use proptest::prelude::*;

use crate::memory::{allocators, assert_nothing_left, build_and_fail, build_error, calls};
use crate::strategies::rows;

/// The set is a root, and so are the properties of each row that has any.
fn roots(rows: &[Row<'_>]) -> u64 {
    1 + rows.iter().filter(|row| !row.properties.is_empty()).count() as u64
}

proptest! {
    #[test]
    fn rows_come_back(rows in rows()) {
        let roots = roots(&rows);
        let rows = RowSet(rows);
        build_and_fail(&rows, roots, |buffer| {
            assert_eq!(buffer.read::<RowSet>(&Limits::default()).as_ref(), Ok(&rows));
        });
    }

    #[test]
    fn address_lists_come_back(rows in rows()) {
        let roots = roots(&rows);
        let list = AddressList(rows);
        build_and_fail(&list, roots, |buffer| {
            let read: AddressList = buffer.read(&Limits::default()).expect("well-formed");
            assert_eq!(read, list);
        });
    }

    #[test]
    fn rows_are_kept(rows in rows()) {
        let buffer = allocators().build(&RowSet(rows.clone())).expect("memory");
        let kept = buffer.read::<RowSet>(&Limits::default()).expect("well-formed").into_owned();
        drop(buffer);
        assert_nothing_left();
        prop_assert_eq!(kept.0, rows);
    }
}

#[test]
fn a_row_that_goes_wrong_takes_the_others_with_it() {
    let good = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "a")]);
    let bad = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, PropValue::Long(1))]);
    let error = build_error(&RowSet(vec![good.clone(), good, bad]));
    assert!(matches!(error, BuildError::TypeMismatch { .. }), "{error}");
}

/// A client takes rows out of a set that it got, as MAPI allows, and frees them by themselves.
#[test]
fn a_row_can_be_taken_out() {
    let row = |text: &str| Row::from(vec![Property::new(PR_DISPLAY_NAME_W, text)]);
    let buffer = allocators()
        .build(&RowSet(vec![row("a"), row("b")]))
        .expect("memory");
    let set: *mut SRowSet = buffer.into_raw();
    calls();
    // SAFETY: a set of two rows, which is ours.
    unsafe {
        let first = &raw mut (*set).aRow[0];
        let taken = allocators().adopt((*first).lpProps, 1);
        (*first).lpProps = std::ptr::null_mut();
        (*first).cValues = 0;
        drop(taken);
        let rest = allocators().adopt(set, 1).expect("not NULL");
        let rows: RowSet = rest.read(&Limits::default()).expect("well-formed");
        assert_eq!(*rows, [Row::default(), row("b")]);
    }
    assert_eq!(calls().freed, 3);
    assert_nothing_left();
}

#[test]
fn a_value_is_found_by_its_whole_tag() {
    let row = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "a")]);
    assert_eq!(row.get(PR_DISPLAY_NAME_W), Some(&PropValue::from("a")));
    assert_eq!(row.get(PR_DISPLAY_NAME_W.ansi()), None);
    assert_eq!(row.get(PropTag(0)), None);
}
