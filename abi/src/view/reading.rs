//! Reading a structure: where `unsafe` begins and ends.

use super::error::ViewError;
use super::limits::Limits;
use super::reader::Reader;

/// Rust's view of a MAPI structure. Views are read by [`read`], [`read_optional`] and [`read_array`].
pub trait View<'a>: Sized {
    /// The structure.
    type Raw;

    /// Reads the structure.
    ///
    /// # Errors
    ///
    /// It is malformed.
    ///
    /// # Safety
    ///
    /// As [`read`] says; the pointer is not NULL.
    #[doc(hidden)]
    unsafe fn read_with(raw: *const Self::Raw, reader: &Reader<'_>) -> Result<Self, ViewError>;
}

/// A view of a structure.
///
/// ```
/// use mapi_provider::abi::{MAPI_E_INVALID_PARAMETER, S_OK, SRowSet};
/// use mapi_provider::abi::HRESULT;
/// use mapi_provider::view::{self, Limits, RowSet};
///
/// unsafe fn rows_arrived(rows: *const SRowSet) -> HRESULT {
///     // SAFETY: the caller gives a row set, as the method says.
///     let rows: RowSet = match unsafe { view::read(rows, &Limits::default()) } {
///         Ok(rows) => rows,
///         Err(error) => return error.status(),
///     };
///     println!("{} rows", rows.len());
///     S_OK
/// }
/// # assert_eq!(unsafe { rows_arrived(std::ptr::null()) }, MAPI_E_INVALID_PARAMETER);
/// ```
///
/// # Errors
///
/// The pointer is NULL, or the structure is malformed.
///
/// # Safety
///
/// The pointer is NULL or points to a structure of this type, which need not be aligned. Each pointer in
/// it that isn't NULL points to as many elements as the count beside it says, unless that is beyond the
/// limits; a string is terminated, or as long as the limits allow. All of it stays unchanged for `'a`.
pub unsafe fn read<'a, V: View<'a>>(raw: *const V::Raw, limits: &Limits) -> Result<V, ViewError> {
    let reader = Reader::new(limits);
    reader.present("the structure", raw)?;
    // SAFETY: the caller's word, and not NULL.
    unsafe { V::read_with(raw, &reader) }
}

/// A view of an optional structure: restrictions, tags, sort orders.
///
/// # Errors
///
/// The structure is malformed.
///
/// # Safety
///
/// That of [`read`].
pub unsafe fn read_optional<'a, V: View<'a>>(
    raw: *const V::Raw,
    limits: &Limits,
) -> Result<Option<V>, ViewError> {
    if raw.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's word.
    unsafe { read(raw, limits) }.map(Some)
}

/// Views of the structures of an array: properties, notifications, names.
///
/// # Errors
///
/// There is a count but no array, the count exceeds the limits, or one of the structures is malformed.
///
/// # Safety
///
/// That of [`read`], for each of the structures.
pub unsafe fn read_array<'a, V: View<'a>>(
    count: u32,
    first: *const V::Raw,
    limits: &Limits,
) -> Result<Vec<V>, ViewError> {
    // SAFETY: the caller's word.
    unsafe { Reader::new(limits).views("the array", first, count) }
}
