//! What is still taken for data where MAPI calls us. A table may be large; what goes through an entry
//! point is not, so these are narrower than what views let through by themselves.

use mapi_provider_abi::mapi::SPropValue;
use mapi_provider_abi::view::Limits;

/// The most bytes that one array may have: more is a count gone wrong.
const MOST_BYTES: u32 = 1 << 24;

/// More tags than any caller asks for in earnest: a count beyond is a mistake, not a wish.
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
