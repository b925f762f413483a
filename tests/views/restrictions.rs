//! Restrictions and sort orders, there and back.

use mapi_provider::abi::PropTag;
use mapi_provider::view::{
    BuildError, Limits, Restriction, SortDirection, SortOrder, SortOrderSet, ViewError,
};
use proptest::prelude::*;

use crate::memory::{allocators, assert_nothing_left, build_and_fail, build_error};
use crate::strategies::{restriction, sort_orders};

proptest! {
    #[test]
    fn restrictions_come_back(restriction in restriction()) {
        build_and_fail(&restriction, 1, |buffer| {
            let read: Restriction = buffer.read(&Limits::default()).expect("well-formed");
            assert_eq!(read, restriction);
        });
    }

    #[test]
    fn restrictions_are_kept(restriction in restriction()) {
        let buffer = allocators().build(&restriction).expect("memory");
        let read: Restriction = buffer.read(&Limits::default()).expect("well-formed");
        let kept = read.into_owned();
        drop(buffer);
        assert_nothing_left();
        prop_assert_eq!(kept, restriction);
    }

    #[test]
    fn sort_orders_come_back(orders in sort_orders()) {
        build_and_fail(&orders, 1, |buffer| {
            assert_eq!(buffer.read::<SortOrderSet>(&Limits::default()).as_ref(), Ok(&orders));
        });
    }
}

/// That many restrictions, each within the next.
fn nested(depth: u32) -> Restriction<'static> {
    (1..depth).fold(Restriction::Exist(PropTag(1)), |inner, _| {
        Restriction::Not(Box::new(inner))
    })
}

#[test]
fn depth_has_an_end() {
    let limits = Limits::default().with_depth(128);
    let deepest = allocators().build(&nested(128)).expect("128 deep");
    assert_eq!(deepest.read::<Restriction>(&limits), Ok(nested(128)));
    assert_eq!(
        deepest.read::<Restriction>(&limits.with_depth(127)),
        Err(ViewError::TooDeep)
    );
    drop(deepest);
    assert_eq!(build_error(&nested(129)), BuildError::TooDeep);
}

#[test]
fn categories_are_columns() {
    let order = SortOrder {
        tag: PropTag(1),
        direction: SortDirection::Ascend,
    };
    for (categories, expanded) in [(2, 0), (1, 2), (u32::MAX, u32::MAX)] {
        let set = SortOrderSet {
            orders: vec![order],
            categories,
            expanded,
        };
        let error = build_error(&set);
        assert!(matches!(error, BuildError::Contradiction { .. }), "{error}");
    }
}
