//! The MAPI that is installed, for programs that are in no session: started, and ended again.

use std::ffi::CStr;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use windows_core::Interface;

use super::ProfileError;
use crate::platform::{self, Library, NoMapi};
use mapi_provider_abi::mapi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IProfAdmin, MAPI_E_CALL_FAILED, MAPIADMINPROFILES,
    MAPIINITIALIZE, MAPIUNINITIALIZE,
};
use mapi_provider_abi::view::Allocators;

/// MAPI, started for this thread. It is ended, and its library let go, when this is dropped: after everything that it
/// has given out.
pub(super) struct Mapi {
    uninitialize: MAPIUNINITIALIZE,
    library: Library,
    /// What was started on a thread is ended on it.
    _thread: PhantomData<*mut ()>,
}

impl Mapi {
    /// Finds the MAPI that is installed, loads and starts it.
    ///
    /// # Errors
    ///
    /// There is none, it has another width, or it doesn't start.
    pub(super) fn start() -> Result<Self, ProfileError> {
        let library = platform::find_mapi()?;
        // SAFETY: the types are those of MAPI's functions, and the library stays for longer than they.
        let (initialize, uninitialize) = unsafe {
            (
                function::<MAPIINITIALIZE>(&library, c"MAPIInitialize")?,
                function::<MAPIUNINITIALIZE>(&library, c"MAPIUninitialize")?,
            )
        };
        // SAFETY: NULL asks for the usual: COM is initialised too.
        let started = unsafe { initialize(ptr::null_mut()) };
        if started.is_err() {
            return Err(ProfileError::NotStarted(started));
        }
        Ok(Self {
            uninitialize,
            library,
            _thread: PhantomData,
        })
    }

    /// `MAPIAdminProfiles`.
    ///
    /// # Errors
    ///
    /// It fails.
    pub(super) fn admin_profiles(&self) -> Result<IProfAdmin, ProfileError> {
        // SAFETY: the type is that of MAPI's function.
        let open = unsafe { function::<MAPIADMINPROFILES>(&self.library, c"MAPIAdminProfiles")? };
        let mut admin: *mut c_void = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe { open(0, (&raw mut admin).cast()) };
        if result.is_err() || admin.is_null() {
            return Err(ProfileError::Refused {
                what: "the profiles can't be opened".to_owned(),
                status: if result.is_err() {
                    result
                } else {
                    MAPI_E_CALL_FAILED
                },
                said: None,
            });
        }
        // SAFETY: an IProfAdmin, and the reference is ours.
        Ok(unsafe { IProfAdmin::from_raw(admin) })
    }

    /// MAPI's allocators, which its objects allocate with.
    ///
    /// # Errors
    ///
    /// It lacks one.
    pub(super) fn allocators(&self) -> Result<Allocators, ProfileError> {
        // SAFETY: MAPI's own three functions, of the one MAPI of the process. They are used for as long as this at most.
        let allocators = unsafe {
            let allocate = function::<ALLOCATEBUFFER>(&self.library, c"MAPIAllocateBuffer")?;
            let more = function::<ALLOCATEMORE>(&self.library, c"MAPIAllocateMore")?;
            let free = function::<FREEBUFFER>(&self.library, c"MAPIFreeBuffer")?;
            Allocators::new(Some(allocate), Some(more), Some(free))
        };
        allocators.ok_or(ProfileError::NoFunction("MAPIAllocateBuffer"))
    }
}

impl Drop for Mapi {
    fn drop(&mut self) {
        // SAFETY: it was initialised, on this thread, and this is the one time that it is taken back.
        unsafe { (self.uninitialize)() };
    }
}

impl From<NoMapi> for ProfileError {
    fn from(none: NoMapi) -> Self {
        match none {
            NoMapi::NotHere => Self::NotHere,
            NoMapi::NotFound(seen) => Self::NoMapi(seen),
            NoMapi::OnlyStub(path) => Self::OnlyStub(path),
            NoMapi::OtherWidth(path) => Self::OtherWidth(path),
        }
    }
}

/// A function of MAPI's.
///
/// # Errors
///
/// There is none.
///
/// # Safety
///
/// `F` is the type of a pointer to the function of this name, which is called while the library is loaded.
unsafe fn function<F: Copy>(library: &Library, name: &'static CStr) -> Result<F, ProfileError> {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    let missing = || ProfileError::NoFunction(name.to_str().unwrap_or_default());
    let symbol = library.symbol(name).ok_or_else(missing)?;
    // SAFETY: the sizes are the same, and the caller's word.
    Ok(unsafe { std::mem::transmute_copy::<*const c_void, F>(&symbol) })
}
