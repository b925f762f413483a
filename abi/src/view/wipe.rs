//! Memory that contained a secret (ENTRY-11): overwritten before it is freed.

use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{Ordering, compiler_fence};

use super::buffer::MapiBuffer;
use super::error::ViewError;
use super::limits::Limits;
use super::property::Tagged;
use super::reader::{Reader, field};
use super::reading::View;
use super::value::PropValue;
use crate::mapi::{PropTag, SPropValue};

/// Types that are overwritten by zero: bytes and UTF-16.
pub trait Wipe: Copy + Default {}

impl Wipe for u8 {}
impl Wipe for u16 {}

/// Overwrites all of a vector's memory, also beyond its length, where old data may still be.
///
/// It leaves an empty vector. Only its current memory is reached: a vector that has grown has left copies behind, so a
/// vector for a secret is made with the capacity that it needs.
pub fn wipe<T: Wipe>(values: &mut Vec<T>) {
    values.clear();
    for place in values.spare_capacity_mut() {
        // SAFETY: a place in the vector's own memory. Volatile, because nobody reads it any more, and the write still
        // has to happen.
        unsafe { ptr::write_volatile(place, MaybeUninit::new(T::default())) };
    }
    // Freeing it comes after that.
    compiler_fence(Ordering::SeqCst);
}

/// Properties that another object allocated for us: the texts and bytes that can be read are overwritten before they are
/// freed.
pub struct Wiped {
    properties: MapiBuffer<SPropValue>,
    limits: Limits,
}

impl Wiped {
    /// # Safety
    ///
    /// The texts and bytes are in the buffer's own memory, as `GetProps` returns them.
    pub unsafe fn new(properties: MapiBuffer<SPropValue>, limits: Limits) -> Self {
        Self { properties, limits }
    }

    /// The properties.
    ///
    /// # Errors
    ///
    /// There are more than the limits allow.
    pub fn read(&self) -> Result<Vec<Confidential<'_>>, ViewError> {
        self.properties.read_all(&self.limits)
    }

    /// The address of the text or the bytes of each property.
    fn places(&self) -> Vec<(*mut u8, usize)> {
        let properties = self.read().unwrap_or_default();
        let place = |(index, property): (usize, &Confidential<'_>)| {
            // SAFETY: as many properties as were read, and the member is the one that the value was read from.
            unsafe {
                let raw = self.properties.as_ptr().add(index);
                Some(match property.value()? {
                    PropValue::String8(bytes) => (field!(raw, Value.lpszA), bytes.len()),
                    PropValue::Unicode(units) => (field!(raw, Value.lpszW).cast(), 2 * units.len()),
                    PropValue::Binary(bytes) => (field!(raw, Value.bin.lpb), bytes.len()),
                    _ => return None,
                })
            }
        };
        properties.iter().enumerate().filter_map(place).collect()
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        for (first, length) in self.places() {
            for index in 0..length {
                // SAFETY: a byte of what has just been read, in memory that is ours by the promise given to `adopt` and
                // `new`; no view of it is left.
                unsafe { ptr::write_volatile(first.add(index), 0) };
            }
        }
        compiler_fence(Ordering::SeqCst);
    }
}

/// A property that may be secret. If it had to be copied because it was not aligned, the copy is overwritten.
pub struct Confidential<'a>(Tagged<'a>);

impl Confidential<'_> {
    /// Which property it is.
    pub fn tag(&self) -> PropTag {
        self.0.tag
    }

    /// The value; `None` if it is malformed.
    pub fn value(&self) -> Option<&PropValue<'_>> {
        self.0.value.as_ref().ok()
    }
}

impl<'a> View<'a> for Confidential<'a> {
    type Raw = SPropValue;

    unsafe fn read_with(raw: *const SPropValue, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe { Tagged::read_with(raw, reader) }.map(Self)
    }
}

impl Drop for Confidential<'_> {
    fn drop(&mut self) {
        match &mut self.0.value {
            Ok(PropValue::Unicode(Cow::Owned(units))) => wipe(units),
            Ok(PropValue::String8(Cow::Owned(bytes)) | PropValue::Binary(Cow::Owned(bytes))) => {
                wipe(bytes);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contents of a vector's memory, also beyond its length.
    fn memory<T: Wipe>(values: &Vec<T>) -> Vec<T> {
        // SAFETY: all of the capacity has been written to.
        unsafe { std::slice::from_raw_parts(values.as_ptr(), values.capacity()) }.to_vec()
    }

    #[test]
    fn entry_11_all_of_a_vectors_memory_is_wiped() {
        let mut units: Vec<u16> = "hunter2 and more".encode_utf16().collect();
        units.resize(units.capacity(), 7);
        units.truncate(3);
        wipe(&mut units);
        assert!(units.is_empty());
        assert_eq!(memory(&units), vec![0; units.capacity()]);
        let mut nothing = Vec::<u8>::new();
        wipe(&mut nothing);
    }
}
