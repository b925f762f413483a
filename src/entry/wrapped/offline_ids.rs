//! The ranges of IDs from which the PST provider names what is created offline (WRAP-06).

use std::ptr;

use windows_core::{GUID, HRESULT};

use super::super::limits;
use super::super::outgoing::property;
use crate::log;
use crate::platform::random_guid;
use mapi_provider_abi::internal::Tagged;
use mapi_provider_abi::mapi::{
    IMsgStore, LTID, MAPI_E_BUSY, MAPI_E_CORRUPT_DATA, MAPI_E_NOT_FOUND, OLFI, PropTag, SBinary,
    SPropProblemArray, SPropValue, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Limits, PropProblems, PropTags, PropValue};

/// The property of a store that has them: an OLFI.
const PR_OST_OLFI: PropTag = PropTag(0x7C07_0102);

/// The version of the structure that we know.
const VERSION: u32 = 1;

/// How often it is tried against a provider that counts up meanwhile.
const ATTEMPTS: usize = 8;

/// How many IDs a range has.
const RANGE: u32 = 0x8000_0000;

/// Gives a store the ranges that it lacks. One that is in use is never changed, and a structure that we don't know
/// is left alone (WRAP-06).
///
/// # Errors
///
/// They can't be read, or not be written.
pub(super) fn keep_filled(store: &IMsgStore, allocators: Allocators) -> Result<(), HRESULT> {
    // The PST provider counts up meanwhile: what has changed while it was filled is read anew.
    for _ in 0..ATTEMPTS {
        let before = read(store, allocators)?;
        let mut ranges = match &before {
            Some(bytes) => match known(bytes)? {
                Some(ranges) => ranges,
                None => return Ok(()),
            },
            None => empty(),
        };
        if !fill(&mut ranges) {
            return Ok(());
        }
        if read(store, allocators)? == before {
            write(store, allocators, &ranges)?;
            log::info!("the store has new ranges of IDs");
            return Ok(());
        }
    }
    Err(MAPI_E_BUSY)
}

/// The structure in some bytes; none where it is of a version that we don't know.
fn known(bytes: &[u8]) -> Result<Option<OLFI>, HRESULT> {
    let version = bytes.first_chunk().copied().map(u32::from_le_bytes);
    if version.is_some_and(|version| version != VERSION) {
        log::warn!(version, "PR_OST_OLFI is of another version");
        return Ok(None);
    }
    if bytes.len() < size_of::<OLFI>() {
        return Err(MAPI_E_CORRUPT_DATA);
    }
    // SAFETY: as many bytes, and any bytes will do for numbers.
    Ok(Some(unsafe {
        bytes.as_ptr().cast::<OLFI>().read_unaligned()
    }))
}

/// Fills what is empty; true where something was. The next range is filled as soon as it is the current one: a
/// store without any takes folders and messages for one another.
fn fill(ranges: &mut OLFI) -> bool {
    let current = is_zero(&ranges.ltidAlloc);
    if current {
        ranges.ltidAlloc = new_range();
        ranges.dwAlloc = RANGE;
    }
    let next = is_zero(&ranges.ltidNextAlloc);
    if next {
        ranges.ltidNextAlloc = new_range();
        ranges.dwNextAlloc = RANGE;
    }
    current || next
}

/// A range of its own: no store has the same GUID.
fn new_range() -> LTID {
    LTID {
        guid: random_guid(),
        globcnt: [0; 6],
        wLevel: 0,
    }
}

fn is_zero(first: &LTID) -> bool {
    first.guid == GUID::zeroed() && first.globcnt == [0; 6]
}

fn empty() -> OLFI {
    // SAFETY: all zeros is a value of every field.
    let ranges: OLFI = unsafe { std::mem::zeroed() };
    OLFI {
        ulVersion: VERSION,
        ..ranges
    }
}

/// What the store has; none where it has none.
fn read(store: &IMsgStore, allocators: Allocators) -> Result<Option<Vec<u8>>, HRESULT> {
    let mut tags = PropTags::from(&[PR_OST_OLFI][..]).to_longs()?;
    let (mut count, mut values): (u32, *mut SPropValue) = (0, ptr::null_mut());
    // SAFETY: the array is one, and the variables are live.
    let result = unsafe {
        store.GetProps(
            tags.as_mut_ptr().cast(),
            UnicodeFlags::empty(),
            &raw mut count,
            &raw mut values,
        )
    };
    if result == MAPI_E_NOT_FOUND {
        return Ok(None);
    }
    if result.is_err() {
        return Err(result);
    }
    // SAFETY: GetProps has answered an array of that many.
    let Some(values) = (unsafe { allocators.adopt(values, count) }) else {
        return Err(MAPI_E_CORRUPT_DATA);
    };
    let properties: Vec<Tagged> = values.read_all(&limits::properties())?;
    let property = properties.into_iter().next().ok_or(MAPI_E_CORRUPT_DATA)?;
    let value = match property.value? {
        PropValue::Error(MAPI_E_NOT_FOUND) => return Ok(None),
        PropValue::Error(error) => return Err(error),
        value => value,
    };
    let bytes = value.as_binary().ok_or(MAPI_E_CORRUPT_DATA)?;
    Ok(Some(bytes.to_vec()))
}

fn write(store: &IMsgStore, allocators: Allocators, ranges: &OLFI) -> Result<(), HRESULT> {
    let bin = SBinary {
        cb: size_of::<OLFI>() as u32,
        lpb: ptr::from_ref(ranges).cast_mut().cast(),
    };
    let mut value = property(PR_OST_OLFI, |value| value.bin = bin);
    let mut problems: *mut SPropProblemArray = ptr::null_mut();
    // SAFETY: the value points to the ranges, which the store only reads.
    let result = unsafe { store.SetProps(1, &raw mut value, &raw mut problems) };
    if result.is_err() {
        return Err(result);
    }
    // SAFETY: SetProps has answered NULL or an array that is ours to free.
    match unsafe { allocators.adopt(problems, 1) } {
        None => Ok(()),
        Some(problems) => {
            let problems = problems.read::<PropProblems>(&Limits::default())?;
            let first = problems.0.first();
            Err(first.map_or(MAPI_E_CORRUPT_DATA, |problem| problem.status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrap_06_empty_ranges_are_filled_and_others_left() {
        let mut ranges = empty();
        assert!(fill(&mut ranges));
        assert!(!is_zero(&ranges.ltidAlloc) && !is_zero(&ranges.ltidNextAlloc));
        assert_ne!(ranges.ltidAlloc.guid, ranges.ltidNextAlloc.guid);
        assert_eq!((ranges.dwAlloc, ranges.dwNextAlloc), (RANGE, RANGE));
        let (current, next) = (ranges.ltidAlloc.guid, ranges.ltidNextAlloc.guid);
        ranges.dwAlloc = 1;
        assert!(!fill(&mut ranges), "nothing is empty");
        // The PST provider takes the next range into use.
        ranges.ltidAlloc = ranges.ltidNextAlloc;
        ranges.dwAlloc = ranges.dwNextAlloc;
        ranges.ltidNextAlloc = empty().ltidNextAlloc;
        assert!(fill(&mut ranges));
        assert_eq!(ranges.ltidAlloc.guid, next);
        assert!(![current, next].contains(&ranges.ltidNextAlloc.guid));
    }

    #[test]
    fn wrap_06_a_range_that_has_begun_with_a_zero_guid_is_in_use() {
        let mut ranges = empty();
        fill(&mut ranges);
        ranges.ltidAlloc.guid = GUID::zeroed();
        ranges.ltidAlloc.globcnt[5] = 1;
        assert!(!fill(&mut ranges));
    }
}
