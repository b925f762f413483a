//! What went wrong, for GetLastError and the MAPIERROR of logons (COM-08).

use std::ptr;
use std::sync::{Mutex, PoisonError};

use windows_core::HRESULT;

use super::allocators::Allocators;
use super::text::copy_tstring;
use crate::abi::{MAPIERROR, S_OK};

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
        flags: u32,
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

/// The last failure of one object: GetLastError belongs to the object that failed (COM-08).
#[derive(Default)]
pub(crate) struct LastFailure(Mutex<Option<Failure>>);

impl LastFailure {
    /// GetLastError: S_OK with NULL where there is nothing to say about this result (COM-08).
    ///
    /// # Safety
    ///
    /// `out` is valid for a write.
    pub(crate) unsafe fn get(
        &self,
        result: HRESULT,
        flags: u32,
        allocators: Allocators,
        out: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let failure = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let described = failure.filter(|failure| failure.result == result);
        let error = match described.map(|failure| failure.to_mapi(allocators, flags)) {
            None => ptr::null_mut(),
            Some(Ok(error)) => error,
            Some(Err(result)) => return result,
        };
        // SAFETY: the caller's word.
        unsafe { *out = error };
        S_OK
    }
}
