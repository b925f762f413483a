//! What went wrong, as the MAPIERROR of a logon or of ServiceEntry (COM-08).

use windows_core::HRESULT;

use super::text::without_nul;
use mapi_provider_abi::mapi::{MAPIERROR, UnicodeFlags};
use mapi_provider_abi::view::{Allocators, DescribedError, Limits};

/// A described failure.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// What the method answered.
    pub(crate) result: HRESULT,
    /// Who failed: the provider's name.
    pub(crate) component: &'static str,
    /// What happened.
    pub(crate) text: String,
}

impl Failure {
    /// The failure as a MAPIERROR: one root, its strings allocated with it.
    ///
    /// # Errors
    ///
    /// There is no memory left.
    pub(crate) fn to_mapi(
        &self,
        allocators: Allocators,
        flags: UnicodeFlags,
    ) -> Result<*mut MAPIERROR, HRESULT> {
        let (text, component) = (without_nul(&self.text), without_nul(self.component));
        let error = DescribedError {
            low_level_error: self.result.0 as u32,
            ..DescribedError::new(&text, &component, flags)
        };
        Ok(allocators.build(&error)?.into_raw())
    }
}

/// The text of a MAPIERROR that somebody has left for us, which is freed.
///
/// # Safety
///
/// `error` is NULL or a root that is ours to free, with strings of the width that `flags` say.
pub(super) unsafe fn take_text(
    allocators: Allocators,
    error: *mut MAPIERROR,
    flags: UnicodeFlags,
) -> Option<String> {
    // SAFETY: the caller's word.
    let error = unsafe { allocators.adopt(error, 1) }?;
    // SAFETY: as above.
    let described = unsafe { DescribedError::read(error.as_ptr(), flags, &Limits::default()) };
    let text = described.ok()?.error?.to_string_lossy();
    (!text.is_empty()).then_some(text)
}
