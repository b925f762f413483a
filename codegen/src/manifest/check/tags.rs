//! IDs of profile properties.

use std::ops::Range;

use super::Check;
use crate::{
    diag::Code,
    ir::provider::{CONTAINERS_UID_TAG, Kind, WRAPPED_UID_TAG},
    manifest::words,
    toml_tree::Spanned,
};

/// What a profile section leaves to its provider.
const PRIVATE: std::ops::RangeInclusive<i64> = 0x6600..=0x67FF;

/// The part of it that MAPI encrypts.
const SECURE: std::ops::RangeInclusive<u16> = 0x67F0..=0x67FF;

/// A tag that is taken, and where.
pub(super) struct Taken {
    pub(super) tag: u16,
    pub(super) span: Range<usize>,
    pub(super) name: String,
}

/// Is the property kept encrypted?
pub(super) fn is_secure(tag: u16) -> bool {
    SECURE.contains(&tag)
}

impl Check<'_> {
    /// A property ID in the private range that neither MAPI nor the generated code uses itself.
    pub(super) fn private_tag(&self, tag: &Spanned<i64>) -> Option<u16> {
        let id = u16::try_from(tag.value)
            .ok()
            .filter(|_| PRIVATE.contains(&tag.value));
        let Some(id) = id else {
            self.push(
                self.error(
                    Code::TagOutsideRange,
                    &tag.span,
                    format!(
                        "`{}` is outside a provider's private range",
                        self.source.slice(tag.span.clone())
                    ),
                )
                .help(range_help(tag.value, self.source.slice(tag.span.clone()))),
            );
            return None;
        };
        if let Some((_, owner)) = words::MAPI_TAGS
            .iter()
            .find(|(reserved, _)| *reserved == id)
        {
            self.push(
                self.error(
                    Code::ReservedTag,
                    &tag.span,
                    format!("{id:#06X} is MAPI's own: `{owner}`"),
                )
                .help("use another one from 0x6600 to 0x67EF"),
            );
            return None;
        }
        if id == WRAPPED_UID_TAG && self.has_store(Kind::WrappedStore) {
            self.push(
                self.error(
                    Code::ReservedTag,
                    &tag.span,
                    format!("{id:#06X} is where a wrapped store's section has the provider's uid"),
                )
                .help("use another one from 0x6600 to 0x67EF"),
            );
            return None;
        }
        if id == CONTAINERS_UID_TAG && self.kinds.is_some_and(|kinds| kinds.address_book) {
            self.push(
                self.error(
                    Code::ReservedTag,
                    &tag.span,
                    format!(
                        "{id:#06X} is where an address book's section has the uid of its containers"
                    ),
                )
                .help("use another one from 0x6600 to 0x67EF"),
            );
            return None;
        }
        Some(id)
    }

    /// Reports a tag that something else already has.
    pub(super) fn tag_taken(&self, tag: u16, span: &Range<usize>, by: &Taken) {
        self.push(
            self.error(
                Code::DuplicateTag,
                span,
                format!("tag {tag:#06X} is used twice"),
            )
            .context(
                self.source,
                by.span.clone(),
                format!("`{}` has it", by.name),
            )
            .help("give each property its own tag; never give an old tag a new meaning"),
        );
    }
}

fn range_help(tag: i64, written: &str) -> String {
    // People who leave out the `0x` still write the digits.
    let meant = i64::from_str_radix(written, 16);
    if meant.is_ok_and(|meant| PRIVATE.contains(&meant)) {
        return format!("hexadecimal numbers begin with `0x`: `0x{written}`");
    }
    match tag >> 16 {
        id if PRIVATE.contains(&id) => {
            format!("write the property's ID alone, without its type: `{id:#06X}`")
        }
        _ => "use an ID from 0x6600 to 0x67EF, or 0x67F0 to 0x67FF for a secret".into(),
    }
}
