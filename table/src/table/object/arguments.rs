//! What callers give, as values.

use mapi_provider_abi::mapi::{ENTRYID, PropTag, SPropTagArray, SRestriction, SSortOrderSet};
use mapi_provider_abi::view::{self, EntryId, Limits, PropTags, Restriction, SortOrderSet};

use super::super::fault::Result;

/// The most elements of an array of a call.
const MOST: u32 = 1 << 16;
/// The most bytes of an instance key or a saved state.
const MOST_BYTES: u32 = 1 << 24;

/// How much of a caller's memory is believed in.
fn limits() -> Limits {
    Limits::default().with_elements(MOST)
}

/// Tags; none at NULL.
///
/// # Safety
///
/// NULL, or an array with as many tags as it says.
pub(super) unsafe fn tags(raw: *const SPropTagArray) -> Result<Vec<PropTag>> {
    // SAFETY: the caller's word.
    let tags = unsafe { view::read_optional::<PropTags>(raw, &limits()) }?;
    Ok(tags.map(|tags| tags.to_vec()).unwrap_or_default())
}

/// A restriction; none at NULL.
///
/// # Safety
///
/// NULL, or a restriction with all that hangs from it.
pub(super) unsafe fn restriction(raw: *const SRestriction) -> Result<Option<Restriction<'static>>> {
    // SAFETY: the caller's word.
    let restriction = unsafe { view::read_optional::<Restriction<'_>>(raw, &limits()) }?;
    Ok(restriction.map(Restriction::into_owned))
}

/// An order; without columns at NULL.
///
/// # Safety
///
/// NULL, or an order with as many columns as it says.
pub(super) unsafe fn order(raw: *const SSortOrderSet) -> Result<SortOrderSet> {
    // SAFETY: the caller's word.
    let order = unsafe { view::read_optional::<SortOrderSet>(raw, &limits()) }?;
    Ok(order.unwrap_or_default())
}

/// Bytes: an instance key, or a saved state. None at NULL.
///
/// # Safety
///
/// NULL, or as many bytes as the count says.
pub(super) unsafe fn bytes(count: u32, raw: *const u8) -> Result<Vec<u8>> {
    if raw.is_null() {
        return Ok(Vec::new());
    }
    let limits = Limits::default().with_bytes(MOST_BYTES);
    // SAFETY: the caller's word. An entry ID is read as the bytes that it is.
    let bytes = unsafe { EntryId::read(count, raw.cast::<ENTRYID>(), &limits) }?;
    Ok(bytes.as_bytes().to_vec())
}
