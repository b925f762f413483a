//! Properties, there and back.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use mapi_provider::abi::{
    MV_FLAG, MV_INSTANCE, PR_DISPLAY_NAME_W, PT_DOUBLE, PT_LONG, PT_STRING8, PropTag, SPropValue,
};
use mapi_provider::view::{self, BuildError, FileTime, Limits, MapiStr, PropValue, Property};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::memory::{allocators, assert_nothing_left, build_and_fail, build_error, calls};
use crate::strategies::{TYPES, properties, property, value};

/// SPropValues at an odd address, as a packed structure would have them.
struct Misaligned {
    bytes: Vec<u8>,
    offset: usize,
}

impl Misaligned {
    /// Copies of values, `offset` bytes off from where they should lie.
    fn new(values: &[SPropValue], offset: usize) -> Self {
        let size = size_of_val(values);
        let mut bytes = vec![0_u8; size + 16];
        let offset = bytes.as_ptr().align_offset(8) + offset;
        // SAFETY: there is room for all values behind the offset.
        unsafe {
            let to = bytes.as_mut_ptr().add(offset);
            to.copy_from_nonoverlapping(values.as_ptr().cast(), size);
        }
        Self { bytes, offset }
    }

    fn first(&self) -> *const SPropValue {
        self.bytes[self.offset..].as_ptr().cast()
    }
}

proptest! {
    #[test]
    fn properties_come_back(properties in properties()) {
        build_and_fail(&properties[..], 1, |buffer| {
            assert_eq!(buffer.count() as usize, properties.len());
            let read: Vec<Property> = buffer.read_all(&Limits::default()).expect("well-formed");
            assert_eq!(read, properties);
        });
    }

    #[test]
    fn properties_need_not_be_aligned(properties in properties(), offset in 1..8_usize) {
        let buffer = allocators().properties(&properties).expect("memory");
        // SAFETY: the buffer has as many values.
        let values = unsafe {
            std::slice::from_raw_parts(buffer.as_ptr(), properties.len())
        };
        let copy = Misaligned::new(values, offset);
        // SAFETY: as many values, and what they point to is in the buffer.
        let read: Vec<Property> = unsafe {
            view::read_array(buffer.count(), copy.first(), &Limits::default())
        }
        .expect("well-formed");
        prop_assert_eq!(read, properties);
    }

    #[test]
    fn what_is_owned_outlives_the_buffer(property in property()) {
        let buffer = allocators().properties(std::slice::from_ref(&property)).expect("memory");
        let kept = buffer.read::<Property>(&Limits::default()).expect("well-formed").into_owned();
        drop(buffer);
        assert_nothing_left();
        prop_assert_eq!(kept, property);
    }

    #[test]
    fn a_value_goes_with_its_own_type_only(id: u16, value in value(), other in value()) {
        let tag = PropTag::new(id, other.prop_type());
        let property = Property::new(tag, value.clone());
        prop_assert_eq!(property.is_consistent(), value.prop_type() == other.prop_type());
        if !property.is_consistent() {
            let value = value.prop_type();
            prop_assert_eq!(build_error(&[property][..]), BuildError::TypeMismatch { tag, value });
        }
    }

    #[test]
    fn an_instance_of_a_list_is_one_value(id: u16, value in value()) {
        let own = value.prop_type();
        let tag = PropTag::new(id, own | MV_FLAG | MV_INSTANCE);
        let property = Property::new(tag, value);
        // Error, boolean, null, object and no type at all make no lists, and lists no lists of lists.
        let has_lists = !matches!(own, 0x0 | 0x1 | 0xA | 0xB | 0xD) && own & MV_FLAG == 0;
        prop_assert_eq!(property.is_consistent(), has_lists);
        if has_lists {
            build_and_fail(&[property.clone()][..], 1, |buffer| {
                assert_eq!(buffer.read::<Property>(&Limits::default()), Ok(property));
            });
        }
    }
}

#[test]
fn every_type_is_tried() {
    let mut runner = TestRunner::deterministic();
    let mut types = BTreeSet::new();
    for _ in 0..2000 {
        let tree = value().new_tree(&mut runner).expect("a value");
        types.insert(tree.current().prop_type());
    }
    assert_eq!(types.len(), TYPES);
}

#[test]
fn not_a_number_keeps_its_bits() {
    let bits = 0x7FF8_0000_0000_1234;
    let property = Property::new(
        PropTag::new(0x6700, PT_DOUBLE),
        PropValue::Double(f64::from_bits(bits)),
    );
    let buffer = allocators().properties(&[property]).expect("memory");
    match buffer
        .read::<Property>(&Limits::default())
        .map(|read| read.value)
    {
        Ok(PropValue::Double(number)) => assert_eq!(number.to_bits(), bits),
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_boolean_but_0_is_true() {
    let buffer = allocators()
        .properties(&[Property::with_id(0x6700, false)])
        .expect("memory");
    // SAFETY: the buffer has one value.
    let mut value = unsafe { buffer.as_ptr().read() };
    for (raw, truth) in [(0_u16, false), (1, true), (0xFFFF, true)] {
        value.Value.b = raw;
        // SAFETY: one value without pointers.
        let read: Property =
            unsafe { view::read(&raw const value, &Limits::default()) }.expect("well-formed");
        assert_eq!(read.value.as_bool(), Some(truth));
    }
}

#[test]
fn a_nul_inside_is_refused() {
    let narrow = Property::with_id(0x6700, PropValue::String8(b"a\0b"[..].into()));
    let wide = Property::with_id(0x6700, "a\0b");
    let in_list = Property::with_id(0x6700, PropValue::MvUnicode(vec![[65, 0][..].into()]));
    for property in [narrow, wide, in_list] {
        let error = build_error(&[property][..]);
        assert!(matches!(error, BuildError::InteriorNul { .. }), "{error}");
    }
}

#[test]
fn an_empty_array_is_a_root_to_be_freed() {
    let buffer = allocators().properties(&[]).expect("memory");
    assert_eq!(buffer.count(), 0);
    assert!(buffer.read::<Property>(&Limits::default()).is_err());
    assert_eq!(buffer.read_all::<Property>(&Limits::default()), Ok(vec![]));
    drop(buffer);
    assert_eq!(calls().freed, 1);
}

#[test]
fn what_is_given_away_is_adopted_again() {
    let name = Property::new(PR_DISPLAY_NAME_W, "Inbox");
    let buffer = allocators()
        .properties(std::slice::from_ref(&name))
        .expect("memory");
    let raw = buffer.into_raw();
    assert_eq!(calls().freed, 0);
    // SAFETY: one property in a root that nobody else has.
    let buffer = unsafe { allocators().adopt(raw, 1) }.expect("not NULL");
    assert_eq!(buffer.read(&Limits::default()), Ok(name));
    drop(buffer);
    assert_nothing_left();
    // SAFETY: NULL.
    assert!(unsafe { allocators().adopt(std::ptr::null_mut::<SPropValue>(), 1) }.is_none());
}

#[test]
fn rusts_own_values_become_properties() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let time = FileTime::try_from(time).expect("within the range");
    assert_eq!(PropValue::from(time).as_time(), Some(time));
    assert_eq!(PropValue::from(7).prop_type(), PT_LONG);
    assert_eq!(PropValue::from(7_i16).as_long(), Some(7));
    assert_eq!(PropValue::from(&b"x"[..]).as_binary(), Some(&b"x"[..]));
    assert_eq!(PropValue::ansi("x").prop_type(), PT_STRING8);
    assert_eq!(PropValue::ansi("x").to_text().as_deref(), Some("x"));
    assert_eq!(PropValue::from(MapiStr::wide("x")), PropValue::from("x"));
    assert_eq!(PropValue::Null.to_text(), None);
}
