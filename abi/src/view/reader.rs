//! Where other people's pointers are followed. Nothing is read before its count, its pointer and the
//! limits have been checked, and nothing depends on alignment: a 32-bit compiler puts an SPropValue,
//! which Rust aligns to 8 bytes, at any multiple of 4 on its stack.

use std::borrow::Cow;
use std::cell::Cell;
use std::slice;

use super::error::ViewError;
use super::limits::Limits;
use super::reading::View;
use super::scalar::Plain;
use super::text::MapiStr;

/// Reads a member of a structure that need not be aligned.
macro_rules! field {
    ($raw:expr, $($member:tt)+) => {
        (&raw const (*$raw).$($member)+).read_unaligned()
    };
}
pub(super) use field;

/// One reading: the limits, and what is left of them.
#[derive(Debug)]
pub struct Reader<'l> {
    limits: &'l Limits,
    nodes_left: Cell<u32>,
    bytes_left: Cell<u32>,
    depth: Cell<u32>,
}

impl<'l> Reader<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            nodes_left: Cell::new(limits.nodes()),
            bytes_left: Cell::new(limits.total_bytes()),
            depth: Cell::new(0),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        self.limits
    }

    /// Counts one more part.
    fn node(&self) -> Result<(), ViewError> {
        let left = self.nodes_left.get().checked_sub(1);
        self.nodes_left.set(left.ok_or(ViewError::TooManyNodes)?);
        Ok(())
    }

    /// Counts the bytes of an array or a string. Memory may be shared, so a little of it can look
    /// like very much: a copy of the result is never larger than this.
    fn weigh<T>(&self, length: usize) -> Result<(), ViewError> {
        let bytes = length.checked_mul(size_of::<T>());
        let bytes = bytes.and_then(|bytes| u32::try_from(bytes).ok());
        let left = bytes.and_then(|bytes| self.bytes_left.get().checked_sub(bytes));
        self.bytes_left.set(left.ok_or(ViewError::TooManyBytes)?);
        Ok(())
    }

    /// Reads something one level deeper.
    pub(super) fn deeper<R>(
        &self,
        read: impl FnOnce() -> Result<R, ViewError>,
    ) -> Result<R, ViewError> {
        let depth = self.depth.get();
        if depth >= self.limits.depth() {
            return Err(ViewError::TooDeep);
        }
        self.depth.set(depth + 1);
        let result = read();
        self.depth.set(depth);
        result
    }

    /// Refuses NULL.
    pub(super) fn present<T>(&self, what: &'static str, raw: *const T) -> Result<(), ViewError> {
        if raw.is_null() {
            Err(ViewError::Null { what })
        } else {
            Ok(())
        }
    }

    /// The length of an array, after checking it.
    fn length<T>(
        what: &'static str,
        first: *const T,
        count: u32,
        limit: u32,
    ) -> Result<usize, ViewError> {
        if count > 0 && first.is_null() {
            return Err(ViewError::NullArray { what, count });
        }
        let too_many = ViewError::TooMany { what, count };
        let length = usize::try_from(count).map_err(|_| too_many)?;
        let bytes = length.checked_mul(size_of::<T>()).ok_or(too_many)?;
        if count > limit || isize::try_from(bytes).is_err() {
            return Err(too_many);
        }
        Ok(length)
    }

    /// Counted bytes.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn bytes<'a>(
        &self,
        what: &'static str,
        first: *const u8,
        count: u32,
    ) -> Result<Cow<'a, [u8]>, ViewError> {
        // SAFETY: the caller's word.
        unsafe { self.borrowed(what, first, count) }.map(Cow::Borrowed)
    }

    /// Counted bytes, which are always aligned.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn borrowed<'a>(
        &self,
        what: &'static str,
        first: *const u8,
        count: u32,
    ) -> Result<&'a [u8], ViewError> {
        let length = Self::length(what, first, count, self.limits.bytes())?;
        self.weigh::<u8>(length)?;
        if length == 0 {
            return Ok(&[]);
        }
        // SAFETY: the caller's word; not NULL, and the length is within the limits.
        Ok(unsafe { slice::from_raw_parts(first, length) })
    }

    /// Counted numbers and similar values: borrowed if they are aligned, otherwise a copy.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn array<'a, T: Plain>(
        &self,
        what: &'static str,
        first: *const T,
        count: u32,
    ) -> Result<Cow<'a, [T]>, ViewError> {
        let length = Self::length(what, first, count, self.limits.elements())?;
        self.weigh::<T>(length)?;
        // SAFETY: the caller's word, and the length is within the limits.
        Ok(unsafe { plain(first, length) })
    }

    /// What `one` returns for each element of an array.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says; `one` gets pointers to the elements.
    pub(super) unsafe fn each<T, R>(
        &self,
        what: &'static str,
        first: *const T,
        count: u32,
        one: impl Fn(*const T) -> Result<R, ViewError>,
    ) -> Result<Vec<R>, ViewError> {
        let length = Self::length(what, first, count, self.limits.elements())?;
        // Memory is allocated as elements are read successfully: a count alone is no reason to
        // reserve.
        let mut results = Vec::new();
        for index in 0..length {
            self.node()?;
            // SAFETY: within the array.
            results.push(one(unsafe { first.add(index) })?);
        }
        Ok(results)
    }

    /// The views of an array's structures.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn views<'a, V: View<'a>>(
        &self,
        what: &'static str,
        first: *const V::Raw,
        count: u32,
    ) -> Result<Vec<V>, ViewError> {
        // SAFETY: the caller's word, for each of them.
        unsafe { self.each(what, first, count, |raw| V::read_with(raw, self)) }
    }

    /// The view of one structure at a pointer that must not be NULL.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn one<'a, V: View<'a>>(
        &self,
        what: &'static str,
        raw: *const V::Raw,
    ) -> Result<V, ViewError> {
        self.present(what, raw)?;
        self.node()?;
        // SAFETY: the caller's word.
        unsafe { V::read_with(raw, self) }
    }

    /// A terminated string: bytes in the ANSI code page, or UTF-16. It is borrowed if it is aligned,
    /// otherwise a copy.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn string<'a, T: Plain + Default + PartialEq>(
        &self,
        what: &'static str,
        text: *const T,
    ) -> Result<Cow<'a, [T]>, ViewError> {
        self.present(what, text)?;
        let bytes = self.limits.bytes();
        let most = usize::try_from(bytes).unwrap_or(usize::MAX) / size_of::<T>();
        let most = most.min(isize::MAX.unsigned_abs() / size_of::<T>());
        // SAFETY: nothing beyond the terminator or the limit is read.
        let ends = |index: &usize| unsafe { text.add(*index).read_unaligned() } == T::default();
        let length = (0..most)
            .find(ends)
            .ok_or(ViewError::Unterminated { what, bytes })?;
        self.weigh::<T>(length)?;
        // SAFETY: all of these have just been read.
        Ok(unsafe { plain(text, length) })
    }

    /// A string whose width depends on a flag; `None` for NULL.
    ///
    /// # Safety
    ///
    /// As [`read`](super::read) says.
    pub(super) unsafe fn tstring<'a>(
        &self,
        what: &'static str,
        text: *const u8,
        is_unicode: bool,
    ) -> Result<Option<MapiStr<'a>>, ViewError> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's word.
        Ok(Some(unsafe {
            if is_unicode {
                MapiStr::Wide(self.string(what, text.cast::<u16>())?)
            } else {
                MapiStr::Ansi(self.string(what, text)?)
            }
        }))
    }
}

/// An array that has been checked.
///
/// # Safety
///
/// There are that many elements, in no more than `isize::MAX` bytes, unchanged for `'a`.
unsafe fn plain<'a, T: Plain>(first: *const T, length: usize) -> Cow<'a, [T]> {
    if length == 0 {
        return Cow::Borrowed(&[]);
    }
    if first.is_aligned() {
        // SAFETY: the caller's word, and aligned; if the length is above 0, the pointer is not NULL.
        return Cow::Borrowed(unsafe { slice::from_raw_parts(first, length) });
    }
    // SAFETY: the caller's word.
    let copy = (0..length).map(|index| unsafe { first.add(index).read_unaligned() });
    Cow::Owned(copy.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(limits: &Limits) -> Reader<'_> {
        Reader::new(limits)
    }

    #[test]
    fn absurd_counts_are_refused() {
        let limits = Limits::default().with_elements(u32::MAX);
        let (value, none) = (7_u32, std::ptr::null::<u32>());
        // SAFETY: one value, or a count that is refused.
        unsafe {
            let reader = reader(&limits);
            assert_eq!(*reader.array("x", &raw const value, 1).expect("one"), [7]);
            assert_eq!(*reader.array("x", none, 0).expect("empty"), []);
            assert_eq!(
                reader.array("x", none, u32::MAX),
                Err(ViewError::NullArray {
                    what: "x",
                    count: u32::MAX
                })
            );
            let limits = Limits::default();
            let too_many = Reader::new(&limits).array("x", &raw const value, u32::MAX);
            assert_eq!(
                too_many,
                Err(ViewError::TooMany {
                    what: "x",
                    count: u32::MAX
                })
            );
        }
    }

    #[test]
    fn what_is_not_aligned_is_copied() {
        #[repr(align(8))]
        struct Aligned([u8; 9]);
        let bytes = Aligned([1, 0, 0, 0, 2, 0, 0, 0, 0]);
        let limits = Limits::default();
        let values = |offset: usize| {
            let first = bytes.0[offset..].as_ptr().cast::<u32>();
            // SAFETY: eight bytes are two values.
            unsafe { reader(&limits).array("x", first, 2) }.expect("two")
        };
        assert!(matches!(values(0), Cow::Borrowed(_)));
        assert!(matches!(values(1), Cow::Owned(_)));
        assert_eq!(*values(0), [1_u32.to_le(), 2_u32.to_le()]);
        assert_eq!(
            *values(1),
            [0x0200_0000_u32.to_le(), 0_u32.to_le()],
            "{:?}",
            bytes.0
        );
    }

    #[test]
    fn a_string_ends_within_the_limits() {
        let text: Box<[u16]> = [65, 66, 67, 0].into();
        let limits = Limits::default();
        // SAFETY: no more is read than the limits allow.
        unsafe {
            let text = reader(&limits).string("x", text.as_ptr());
            assert_eq!(*text.expect("terminated"), [65, 66, 67]);
        }
        let limits = limits.with_bytes(7);
        // SAFETY: as above.
        let cut = unsafe { reader(&limits).string("x", text.as_ptr()) };
        assert_eq!(
            cut,
            Err(ViewError::Unterminated {
                what: "x",
                bytes: 7
            })
        );
    }
}
