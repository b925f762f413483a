//! Errors with a description.

use super::buffer::MapiBuffer;
use super::builder::Build;
use super::error::{BuildError, ViewError};
use super::limits::Limits;
use super::memory::{Allocators, Root};
use super::reader::{Reader, field};
use super::text::MapiStr;
use crate::mapi::{MAPIERROR, TCHAR, UnicodeFlags};

/// An error with a description, as returned by `GetLastError`: a `MAPIERROR`.
///
/// ```
/// use mapi_provider::abi::{MAPIERROR, UnicodeFlags};
/// use mapi_provider::view::{Allocators, BuildError, DescribedError, MapiBuffer};
///
/// fn last_error(
///     allocators: Allocators,
///     flags: UnicodeFlags,
/// ) -> Result<MapiBuffer<MAPIERROR>, BuildError> {
///     allocators.build(&DescribedError::new("The server is gone.", "Contoso Mail", flags))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DescribedError<'a> {
    /// `MAPI_ERROR_VERSION`: 0.
    pub version: u32,
    /// What happened.
    pub error: Option<MapiStr<'a>>,
    /// The component that reports it: a name of at most 30 characters.
    pub component: Option<MapiStr<'a>>,
    /// A low-level status code, or 0.
    pub low_level_error: u32,
    /// Where in the component it happened.
    pub context: u32,
}

impl<'a> DescribedError<'a> {
    /// An error with strings of the width that a call's flags ask for.
    pub fn new(error: &str, component: &str, flags: UnicodeFlags) -> DescribedError<'static> {
        DescribedError {
            error: Some(MapiStr::with_flags(error, flags)),
            component: Some(MapiStr::with_flags(component, flags)),
            ..DescribedError::default()
        }
    }

    /// An error that a method returned. `flags` are those of the call: `MAPI_UNICODE`
    /// determines the width of the strings.
    ///
    /// # Errors
    ///
    /// The pointer is NULL, or a string does not end within the limits.
    ///
    /// # Safety
    ///
    /// That of [`read`](super::read).
    pub unsafe fn read(
        raw: *const MAPIERROR,
        flags: UnicodeFlags,
        limits: &Limits,
    ) -> Result<Self, ViewError> {
        let reader = Reader::new(limits);
        reader.present("the error", raw)?;
        // SAFETY: the caller's word, and not NULL.
        unsafe { Self::read_with(raw, flags, &reader) }
    }

    /// # Safety
    ///
    /// That of [`DescribedError::read`]; the pointer is not NULL.
    pub(super) unsafe fn read_with(
        raw: *const MAPIERROR,
        flags: UnicodeFlags,
        reader: &Reader<'_>,
    ) -> Result<Self, ViewError> {
        let is_unicode = flags.contains(UnicodeFlags::MAPI_UNICODE);
        // SAFETY: the caller's word.
        unsafe {
            let text = |what, text: *mut TCHAR| reader.tstring(what, text, is_unicode);
            Ok(Self {
                version: field!(raw, ulVersion),
                error: text("MAPIERROR::lpszError", field!(raw, lpszError))?,
                component: text("MAPIERROR::lpszComponent", field!(raw, lpszComponent))?,
                low_level_error: field!(raw, ulLowLevelError),
                context: field!(raw, ulContext),
            })
        }
    }

    /// The flags for the width of the strings: `MAPI_UNICODE` or 0.
    ///
    /// # Errors
    ///
    /// There are strings of both widths.
    pub fn flags(&self) -> Result<UnicodeFlags, BuildError> {
        let mut widths = [&self.error, &self.component]
            .into_iter()
            .flatten()
            .map(MapiStr::is_wide);
        let is_wide = widths.next().unwrap_or(false);
        if widths.any(|other| other != is_wide) {
            return Err(BuildError::MixedWidths);
        }
        Ok(width(is_wide))
    }

    /// MAPI's structure, with the strings in a root's memory.
    pub(super) fn in_memory(&self, root: &Root) -> Result<MAPIERROR, BuildError> {
        self.flags()?;
        let text = |what, text: &Option<MapiStr<'_>>| match text {
            Some(text) => text.build(root, what),
            None => Ok(std::ptr::null_mut()),
        };
        Ok(MAPIERROR {
            ulVersion: self.version,
            lpszError: text("MAPIERROR::lpszError", &self.error)?,
            lpszComponent: text("MAPIERROR::lpszComponent", &self.component)?,
            ulLowLevelError: self.low_level_error,
            ulContext: self.context,
        })
    }
}

/// The flag for the width of strings.
pub(super) fn width(is_wide: bool) -> UnicodeFlags {
    if is_wide {
        UnicodeFlags::MAPI_UNICODE
    } else {
        UnicodeFlags::empty()
    }
}

impl Build for DescribedError<'_> {
    type Raw = MAPIERROR;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<MAPIERROR>, BuildError> {
        let root = allocators.root(size_of::<MAPIERROR>())?;
        root.put(0, self.in_memory(&root)?);
        Ok(MapiBuffer::of(root, 1))
    }
}
