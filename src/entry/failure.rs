//! What went wrong, as the MAPIERROR of a logon or of ServiceEntry (COM-08).

use windows_core::HRESULT;

use super::allocators::Allocators;
use super::text::copy_tstring;
use crate::abi::{MAPIERROR, UnicodeFlags};

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
        let root = allocators.root(size_of::<MAPIERROR>())?;
        let error = MAPIERROR {
            ulVersion: 0,
            lpszError: copy_tstring(&root, &self.text, flags)?,
            lpszComponent: copy_tstring(&root, self.component, flags)?,
            ulLowLevelError: self.result.0 as u32,
            ulContext: 0,
        };
        // SAFETY: the root is large enough, and new.
        unsafe { root.as_ptr::<MAPIERROR>().write(error) };
        Ok(root.give_away())
    }
}
