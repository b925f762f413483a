//! The allocators that MAPI gives to a provider, and memory made with them (COM-07).

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use windows_core::HRESULT;

use crate::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, MAPI_E_NOT_ENOUGH_MEMORY, S_OK};

/// MAPI's three allocators: what is handed to a caller comes from these and no others (COM-07).
#[derive(Clone, Copy)]
pub(crate) struct Allocators {
    allocate: ALLOCATEBUFFER,
    more: ALLOCATEMORE,
    free: FREEBUFFER,
}

impl Allocators {
    /// The three of them, if all are there.
    pub(crate) fn new(
        allocate: Option<ALLOCATEBUFFER>,
        more: Option<ALLOCATEMORE>,
        free: Option<FREEBUFFER>,
    ) -> Option<Self> {
        Some(Self {
            allocate: allocate?,
            more: more?,
            free: free?,
        })
    }

    /// A root that is freed again unless it is given away.
    ///
    /// # Errors
    ///
    /// There is no memory left.
    pub(crate) fn root(self, size: usize) -> Result<Root, HRESULT> {
        let size = u32::try_from(size).map_err(|_| MAPI_E_NOT_ENOUGH_MEMORY)?;
        let mut memory = ptr::null_mut();
        // SAFETY: MAPI's own function, and a live variable.
        let result = unsafe { (self.allocate)(size, &raw mut memory) };
        let memory = checked(result, memory)?;
        Ok(Root {
            allocators: self,
            memory,
        })
    }

    /// Frees what another object allocated for us.
    ///
    /// # Safety
    ///
    /// `memory` is NULL or a root of MAPI's that nobody uses any more.
    pub(crate) unsafe fn free(self, memory: *mut c_void) {
        if !memory.is_null() {
            // SAFETY: the caller's word.
            unsafe { (self.free)(memory) };
        }
    }
}

/// A root allocation, and what is allocated with it.
pub(crate) struct Root {
    allocators: Allocators,
    memory: NonNull<c_void>,
}

impl Root {
    /// Memory that is freed with the root.
    pub(crate) fn more(&self, size: usize) -> Result<NonNull<c_void>, HRESULT> {
        let size = u32::try_from(size).map_err(|_| MAPI_E_NOT_ENOUGH_MEMORY)?;
        let mut memory = ptr::null_mut();
        // SAFETY: MAPI's own function, a live root of its own, and a live variable.
        let result = unsafe { (self.allocators.more)(size, self.memory.as_ptr(), &raw mut memory) };
        checked(result, memory)
    }

    /// A copy of values, freed with the root.
    pub(crate) fn copy<T: Copy>(&self, values: &[T]) -> Result<*mut T, HRESULT> {
        let memory = self.more(size_of_val(values))?.cast::<T>().as_ptr();
        // SAFETY: as large as the values, and new.
        unsafe { ptr::copy_nonoverlapping(values.as_ptr(), memory, values.len()) };
        Ok(memory)
    }

    /// Where the root lies.
    pub(crate) fn as_ptr<T>(&self) -> *mut T {
        self.memory.as_ptr().cast()
    }

    /// Gives the root to a caller, who frees it.
    pub(crate) fn give_away<T>(self) -> *mut T {
        let memory = self.as_ptr();
        std::mem::forget(self);
        memory
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // SAFETY: the root is ours, and nobody has it.
        unsafe { self.allocators.free(self.memory.as_ptr()) };
    }
}

fn checked(result: i32, memory: *mut c_void) -> Result<NonNull<c_void>, HRESULT> {
    match NonNull::new(memory) {
        Some(memory) if HRESULT(result) == S_OK => Ok(memory),
        _ => Err(MAPI_E_NOT_ENOUGH_MEMORY),
    }
}
