//! Limits for data in MAPI's calls. A table may be large, but data in an entry point is not, so these
//! limits are narrower than those of views.

use mapi_provider_abi::mapi::SPropValue;
use mapi_provider_abi::view::Limits;

/// The most bytes that one array may have: more is a count gone wrong.
const MOST_BYTES: u32 = 1 << 24;

/// More tags than any serious caller asks for: a larger count is a mistake.
const MOST_TAGS: u32 = 1 << 16;

/// For an array of properties. Their strings and binary values may be as large as those of any property.
pub(super) fn properties() -> Limits {
    Limits::default().with_elements(MOST_BYTES / size_of::<SPropValue>() as u32)
}

/// For an entry ID.
pub(super) fn entry_id() -> Limits {
    Limits::default().with_bytes(MOST_BYTES)
}

/// For the tags of the properties that are asked for.
pub(super) fn tags() -> Limits {
    Limits::default().with_elements(MOST_TAGS)
}
