//! What is in a row of a table of profiles or services.

use mapi_provider_abi::mapi::PropTag;
use mapi_provider_abi::view::Row;

/// A text, of the one width or the other. Where there is none a row has an error in its place.
pub(super) fn text_in(row: &Row<'_>, wide: PropTag, ansi: PropTag) -> Option<String> {
    let text = |tag| row.get(tag)?.to_text();
    text(wide).or_else(|| text(ansi))
}

/// A MAPIUID.
pub(super) fn uid_in(row: &Row<'_>, tag: PropTag) -> Option<[u8; 16]> {
    row.get(tag)?.as_binary()?.try_into().ok()
}
