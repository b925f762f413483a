//! [`Property`] to SPropValue.

use std::borrow::Cow;

use super::super::buffer::MapiBuffer;
use super::super::builder::Build;
use super::super::entries::binary_in;
use super::super::error::BuildError;
use super::super::memory::{Allocators, Root, bytes_of, counted, part};
use super::super::scalar::Plain;
use super::super::text::terminated;
use super::super::value::PropValue;
use super::Property;
use crate::mapi::{SBinary, SPropValue, SPropValueUnion};

impl Build for [Property<'_>] {
    type Raw = SPropValue;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<SPropValue>, BuildError> {
        let count = counted("properties", self.len())?;
        Ok(MapiBuffer::of(properties_root(allocators, self)?, count))
    }
}

impl Allocators {
    /// An array of properties, as `GetProps` returns it: one root, with strings and binary values in it where they are
    /// not long, everything else by `AllocateMore`.
    ///
    /// ```
    /// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_OBJECT_TYPE, SPropValue};
    /// use mapi_provider::view::{Allocators, BuildError, MapiBuffer, Property};
    ///
    /// fn about(allocators: Allocators) -> Result<MapiBuffer<SPropValue>, BuildError> {
    ///     allocators.properties(&[
    ///         Property::new(PR_OBJECT_TYPE, 3),
    ///         Property::new(PR_DISPLAY_NAME_W, "Inbox"),
    ///     ])
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build).
    pub fn properties(
        self,
        properties: &[Property<'_>],
    ) -> Result<MapiBuffer<SPropValue>, BuildError> {
        self.build(properties)
    }
}

/// The most bytes of the block of an array of properties.
const LARGEST_BLOCK: usize = 64 * 1024;

/// How many bytes of such a block a value takes, at most. Lists have blocks of their own.
fn parts(value: &PropValue<'_>) -> usize {
    match value {
        PropValue::String8(text) => part(text.len() + 1),
        PropValue::Unicode(text) => part(size_of_val(&**text) + size_of::<u16>()),
        PropValue::Binary(bytes) => part(bytes.len()),
        PropValue::Clsid(guid) => part(size_of_val(guid)),
        _ => 0,
    }
}

/// A root with an array of properties, and a block with their strings and binary values.
pub(in super::super) fn properties_root(
    allocators: Allocators,
    properties: &[Property<'_>],
) -> Result<Root, BuildError> {
    let parts: usize = properties
        .iter()
        .map(|one| parts(&one.value))
        .fold(0, usize::saturating_add);
    // In a block of its own, a long value is not moved together with others, nor found no place for.
    let block = if parts <= LARGEST_BLOCK { parts } else { 0 };
    let size = bytes_of::<SPropValue>("an array", properties.len().max(1))?;
    let root = allocators.root_with_block(size, block)?;
    let room = root.rest(0, properties.len());
    for (index, property) in properties.iter().enumerate() {
        room.set(index, property_in(&root, property)?);
    }
    Ok(root)
}

/// An array of properties in a root's memory; NULL if there are none.
pub(in super::super) fn properties_in(
    root: &Root,
    properties: &[Property<'_>],
) -> Result<*mut SPropValue, BuildError> {
    let room = root.room(properties.len())?;
    for (index, property) in properties.iter().enumerate() {
        room.set(index, property_in(root, property)?);
    }
    Ok(room.as_ptr())
}

/// MAPI's structure for a property, with what it points to in a root's memory.
pub(in super::super) fn property_in(
    root: &Root,
    property: &Property<'_>,
) -> Result<SPropValue, BuildError> {
    let tag = property.tag;
    if !property.is_consistent() {
        let value = property.value.prop_type();
        return Err(BuildError::TypeMismatch { tag, value });
    }
    let mut value = nothing();
    set(&mut value, root, &property.value)?;
    Ok(SPropValue {
        ulPropTag: tag,
        dwAlignPad: 0,
        Value: value,
    })
}

fn nothing() -> SPropValueUnion {
    // SAFETY: all zeros is a value of every member.
    unsafe { std::mem::zeroed() }
}

/// Sets the member for a value's type, in a zeroed union.
fn set(to: &mut SPropValueUnion, root: &Root, value: &PropValue<'_>) -> Result<(), BuildError> {
    /// Sets a member that is a count and a pointer.
    macro_rules! list {
        ($list:ident.$first:ident = $count:expr, $pointer:expr) => {{
            to.$list.cValues = counted("a list", $count)?;
            to.$list.$first = $pointer;
        }};
    }
    match value {
        PropValue::Unspecified | PropValue::Null | PropValue::Object => {}
        PropValue::I2(value) => to.i = *value,
        PropValue::Long(value) => to.l = *value,
        PropValue::R4(value) => to.flt = *value,
        PropValue::Double(value) => to.dbl = *value,
        PropValue::Currency(value) => to.li = value.ten_thousandths(),
        PropValue::AppTime(value) => to.at = *value,
        PropValue::Error(status) => to.err = status.0,
        PropValue::Boolean(truth) => to.b = u16::from(*truth),
        PropValue::I8(value) => to.li = *value,
        PropValue::String8(text) => to.lpszA = terminated(root, "SPropValue::lpszA", text)?,
        PropValue::Unicode(text) => to.lpszW = terminated(root, "SPropValue::lpszW", text)?,
        PropValue::SysTime(time) => to.ft = time.raw(),
        PropValue::Clsid(guid) => to.lpguid = root.copy(&[*guid])?,
        PropValue::Binary(bytes) => to.bin = binary_in(root, bytes)?,
        PropValue::MvI2(all) => list!(MVi.lpi = all.len(), root.copy(all)?),
        PropValue::MvLong(all) => list!(MVl.lpl = all.len(), root.copy(all)?),
        PropValue::MvR4(all) => list!(MVflt.lpflt = all.len(), root.copy(all)?),
        PropValue::MvDouble(all) => list!(MVdbl.lpdbl = all.len(), root.copy(all)?),
        PropValue::MvCurrency(all) => list!(MVcur.lpcur = all.len(), root.copy(all)?.cast()),
        PropValue::MvAppTime(all) => list!(MVat.lpat = all.len(), root.copy(all)?),
        PropValue::MvI8(all) => list!(MVli.lpli = all.len(), root.copy(all)?),
        PropValue::MvSysTime(all) => list!(MVft.lpft = all.len(), root.copy(all)?.cast()),
        PropValue::MvClsid(all) => list!(MVguid.lpguid = all.len(), root.copy(all)?),
        PropValue::MvString8(all) => list!(MVszA.lppszA = all.len(), strings(root, all)?),
        PropValue::MvUnicode(all) => list!(MVszW.lppszW = all.len(), strings(root, all)?),
        PropValue::MvBinary(all) => list!(MVbin.lpbin = all.len(), binaries(root, all)?),
    }
    Ok(())
}

fn strings<T: Plain + Default + PartialEq>(
    root: &Root,
    texts: &[Cow<'_, [T]>],
) -> Result<*mut *mut T, BuildError> {
    let room = root.room(texts.len())?;
    for (index, text) in texts.iter().enumerate() {
        room.set(index, terminated(root, "a string in a list", text)?);
    }
    Ok(room.as_ptr())
}

fn binaries(root: &Root, values: &[Cow<'_, [u8]>]) -> Result<*mut SBinary, BuildError> {
    let room = root.room(values.len())?;
    for (index, bytes) in values.iter().enumerate() {
        room.set(index, binary_in(root, bytes)?);
    }
    Ok(room.as_ptr())
}
