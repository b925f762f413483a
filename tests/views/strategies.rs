//! Values of all kinds.

use std::borrow::Cow;

use mapi_provider::abi::{GUID, HRESULT, PropTag};
use mapi_provider::view::{
    BitTest, Currency, DescribedError, EntryId, FileTime, MapiStr, NameId, PropName, PropTags,
    PropValue, Property, RelOp, Restriction, Row, SortDirection, SortOrder, SortOrderSet,
};
use proptest::collection::vec;
use proptest::num::{f32, f64};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

/// The longest array. Arrays are small and many.
const MOST: usize = 4;

fn guid() -> impl Strategy<Value = GUID> {
    any::<u128>().prop_map(GUID::from_u128)
}

/// Any bytes but NUL.
fn narrow() -> impl Strategy<Value = Cow<'static, [u8]>> {
    vec(1..=u8::MAX, 0..8).prop_map(Cow::Owned)
}

/// Any units but NUL, also those that are no characters.
pub(crate) fn wide() -> impl Strategy<Value = Cow<'static, [u16]>> {
    vec(1..=u16::MAX, 0..8).prop_map(Cow::Owned)
}

pub(crate) fn bytes() -> impl Strategy<Value = Cow<'static, [u8]>> {
    vec(any::<u8>(), 0..8).prop_map(Cow::Owned)
}

fn list<T: Clone + std::fmt::Debug + 'static>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = Cow<'static, [T]>> {
    vec(one, 0..MOST).prop_map(Cow::Owned)
}

/// Numbers that equal themselves.
fn real32() -> impl Strategy<Value = f32> {
    f32::POSITIVE | f32::NEGATIVE | f32::NORMAL | f32::SUBNORMAL | f32::ZERO | f32::INFINITE
}

fn real64() -> impl Strategy<Value = f64> {
    f64::POSITIVE | f64::NEGATIVE | f64::NORMAL | f64::SUBNORMAL | f64::ZERO | f64::INFINITE
}

fn currency() -> impl Strategy<Value = Currency> {
    any::<i64>().prop_map(Currency::from_ten_thousandths)
}

fn time() -> impl Strategy<Value = FileTime> {
    any::<u64>().prop_map(FileTime::from_ticks)
}

/// Values of each type that there is.
pub(crate) fn value() -> impl Strategy<Value = PropValue<'static>> {
    Union::new([
        Just(PropValue::Unspecified).boxed(),
        Just(PropValue::Null).boxed(),
        Just(PropValue::Object).boxed(),
        any::<i16>().prop_map(PropValue::I2).boxed(),
        any::<i32>().prop_map(PropValue::Long).boxed(),
        real32().prop_map(PropValue::R4).boxed(),
        real64().prop_map(PropValue::Double).boxed(),
        currency().prop_map(PropValue::Currency).boxed(),
        real64().prop_map(PropValue::AppTime).boxed(),
        any::<i32>()
            .prop_map(|code| PropValue::Error(HRESULT(code)))
            .boxed(),
        any::<bool>().prop_map(PropValue::Boolean).boxed(),
        any::<i64>().prop_map(PropValue::I8).boxed(),
        narrow().prop_map(PropValue::String8).boxed(),
        wide().prop_map(PropValue::Unicode).boxed(),
        time().prop_map(PropValue::SysTime).boxed(),
        guid().prop_map(PropValue::Clsid).boxed(),
        bytes().prop_map(PropValue::Binary).boxed(),
        list(any::<i16>()).prop_map(PropValue::MvI2).boxed(),
        list(any::<i32>()).prop_map(PropValue::MvLong).boxed(),
        list(real32()).prop_map(PropValue::MvR4).boxed(),
        list(real64()).prop_map(PropValue::MvDouble).boxed(),
        list(currency()).prop_map(PropValue::MvCurrency).boxed(),
        list(real64()).prop_map(PropValue::MvAppTime).boxed(),
        list(any::<i64>()).prop_map(PropValue::MvI8).boxed(),
        vec(narrow(), 0..MOST)
            .prop_map(PropValue::MvString8)
            .boxed(),
        vec(wide(), 0..MOST).prop_map(PropValue::MvUnicode).boxed(),
        list(time()).prop_map(PropValue::MvSysTime).boxed(),
        list(guid()).prop_map(PropValue::MvClsid).boxed(),
        vec(bytes(), 0..MOST).prop_map(PropValue::MvBinary).boxed(),
    ])
}

/// How many types [`value`] has.
pub(crate) const TYPES: usize = 29;

pub(crate) fn property() -> impl Strategy<Value = Property<'static>> {
    // An ID of 0 is reserved, and `PR_NULL` is one.
    (1..=u16::MAX, value()).prop_map(|(id, value)| Property::with_id(id, value))
}

pub(crate) fn properties() -> impl Strategy<Value = Vec<Property<'static>>> {
    vec(property(), 0..MOST)
}

pub(crate) fn tag() -> impl Strategy<Value = PropTag> {
    any::<u32>().prop_map(PropTag)
}

pub(crate) fn tags() -> impl Strategy<Value = PropTags<'static>> {
    vec(tag(), 0..MOST).prop_map(PropTags::from)
}

pub(crate) fn row() -> impl Strategy<Value = Row<'static>> {
    properties().prop_map(Row::from)
}

pub(crate) fn rows() -> impl Strategy<Value = Vec<Row<'static>>> {
    vec(row(), 0..MOST)
}

pub(crate) fn entry_id() -> impl Strategy<Value = EntryId<'static>> {
    vec(any::<u8>(), 0..24).prop_map(EntryId::from)
}

pub(crate) fn text() -> impl Strategy<Value = MapiStr<'static>> {
    prop_oneof![
        narrow().prop_map(MapiStr::Ansi),
        wide().prop_map(MapiStr::Wide)
    ]
}

pub(crate) fn name() -> impl Strategy<Value = PropName<'static>> {
    let id = prop_oneof![
        any::<i32>().prop_map(NameId::Number),
        wide().prop_map(NameId::Text)
    ];
    (guid(), id).prop_map(|(set, id)| PropName { set, id })
}

/// Errors whose strings are all of one width.
pub(crate) fn described() -> impl Strategy<Value = DescribedError<'static>> {
    let narrow = || option::of(narrow().prop_map(MapiStr::Ansi));
    let wide = || option::of(wide().prop_map(MapiStr::Wide));
    let texts = prop_oneof![(narrow(), narrow()), (wide(), wide())];
    (texts, any::<[u32; 3]>()).prop_map(|((error, component), numbers)| DescribedError {
        version: numbers[0],
        error,
        component,
        low_level_error: numbers[1],
        context: numbers[2],
    })
}

fn relop() -> impl Strategy<Value = RelOp> {
    select(vec![
        RelOp::Lt,
        RelOp::Le,
        RelOp::Gt,
        RelOp::Ge,
        RelOp::Eq,
        RelOp::Ne,
        RelOp::Re,
        RelOp::MemberOfDl,
    ])
}

fn simple_restriction() -> impl Strategy<Value = Restriction<'static>> {
    let test = select(vec![BitTest::AllClear, BitTest::AnySet]);
    Union::new([
        (any::<u32>(), tag(), property())
            .prop_map(|(fuzzy_level, tag, property)| Restriction::Content {
                fuzzy_level,
                tag,
                property,
            })
            .boxed(),
        (relop(), tag(), property())
            .prop_map(|(relop, tag, property)| Restriction::Property {
                relop,
                tag,
                property,
            })
            .boxed(),
        (relop(), tag(), tag())
            .prop_map(|(relop, left, right)| Restriction::CompareProps { relop, left, right })
            .boxed(),
        (test, tag(), any::<u32>())
            .prop_map(|(test, tag, mask)| Restriction::BitMask { test, tag, mask })
            .boxed(),
        (relop(), tag(), any::<u32>())
            .prop_map(|(relop, tag, bytes)| Restriction::Size { relop, tag, bytes })
            .boxed(),
        tag().prop_map(Restriction::Exist).boxed(),
    ])
}

/// Restrictions of each kind, no more than four deep.
pub(crate) fn restriction() -> impl Strategy<Value = Restriction<'static>> {
    simple_restriction().prop_recursive(4, 16, MOST as u32, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        let some = || vec(inner.clone(), 0..MOST);
        let optional = || option::of(one());
        Union::new([
            some().prop_map(Restriction::And).boxed(),
            some().prop_map(Restriction::Or).boxed(),
            one().prop_map(Restriction::Not).boxed(),
            (tag(), one())
                .prop_map(|(object, restriction)| Restriction::Sub {
                    object,
                    restriction,
                })
                .boxed(),
            (properties(), optional())
                .prop_map(|(properties, restriction)| Restriction::Comment {
                    properties,
                    restriction,
                })
                .boxed(),
            (any::<u32>(), one())
                .prop_map(|(count, restriction)| Restriction::Count { count, restriction })
                .boxed(),
            (properties(), optional())
                .prop_map(|(properties, restriction)| Restriction::Annotation {
                    properties,
                    restriction,
                })
                .boxed(),
        ])
    })
}

pub(crate) fn sort_orders() -> impl Strategy<Value = SortOrderSet> {
    let direction = select(vec![
        SortDirection::Ascend,
        SortDirection::Descend,
        SortDirection::Combine,
        SortDirection::CategoryMax,
        SortDirection::CategoryMin,
    ]);
    let order = (tag(), direction).prop_map(|(tag, direction)| SortOrder { tag, direction });
    (vec(order, 0..MOST), any::<[u32; 2]>()).prop_map(|(orders, [categories, expanded])| {
        let categories = categories % (orders.len() as u32 + 1);
        SortOrderSet {
            orders,
            categories,
            expanded: expanded % (categories + 1),
        }
    })
}
