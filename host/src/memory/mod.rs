//! MAPI's three allocators, with a ledger that finds a provider's mistakes with them.
//!
//! `AllocateBuffer`, `AllocateMore` and `FreeBuffer` have no context parameter, so a pool of sets of
//! functions is compiled in and each [`Allocators`] takes one: hosts that live at the same time, as in
//! tests that run in parallel, each have a ledger of their own.

mod block;
mod fault;
mod ledger;
mod sets;

use std::ffi::c_void;
use std::fmt;

use mapi_provider::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER};

pub use self::fault::{Leak, MemoryFault};
pub(crate) use self::ledger::Ledger;
use self::sets::Set;

/// All sets of allocators are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "all {} sets of allocators are in use: finish other hosts first",
    sets::COUNT
)]
pub struct OutOfSets;

/// One set of MAPI's allocators and the ledger behind it.
///
/// The set returns to the pool on drop. It is reused as late as possible, so if a provider goes on
/// using it, another host's ledger seldom sees that.
pub struct Allocators {
    set: Set,
}

impl Allocators {
    /// Takes a set, with an empty ledger.
    ///
    /// # Errors
    ///
    /// All sets are taken.
    pub fn take() -> Result<Self, OutOfSets> {
        Ok(Self {
            set: Set::take().ok_or(OutOfSets)?,
        })
    }

    /// The function that allocates a root.
    pub fn allocate_buffer(&self) -> ALLOCATEBUFFER {
        self.set.functions().0
    }

    /// The function that allocates a child of a root.
    pub fn allocate_more(&self) -> ALLOCATEMORE {
        self.set.functions().1
    }

    /// The function that frees a root and its children.
    pub fn free_buffer(&self) -> FREEBUFFER {
        self.set.functions().2
    }

    /// Makes the `n`-th next allocation of the provider fail with `MAPI_E_NOT_ENOUGH_MEMORY`; 1 is the
    /// very next. The host's own allocations don't count.
    pub fn fail_nth(&self, n: u64) {
        self.ledger().fail_nth(n);
    }

    /// How often the provider has asked for memory.
    pub fn requests(&self) -> u64 {
        self.ledger().requests()
    }

    /// What is allocated and not freed, oldest first.
    pub fn leaks(&self) -> Vec<Leak> {
        self.ledger().leaks()
    }

    /// The faults so far. This checks the canaries of buffers that still exist.
    pub fn faults(&self) -> Vec<MemoryFault> {
        self.ledger().faults()
    }

    /// The three functions, for views of MAPI's structures.
    pub fn for_views(&self) -> mapi_provider::view::Allocators {
        let (allocate, more, free) = self.set.functions();
        // SAFETY: they keep MAPI's rules. They are compiled in, so they exist forever; a buffer that
        // is freed after the set went back to the pool is no longer in its ledger, and is not touched.
        let allocators =
            unsafe { mapi_provider::view::Allocators::new(Some(allocate), Some(more), Some(free)) };
        allocators.unwrap_or_else(|| unreachable!("all three are there"))
    }

    /// Frees a buffer that the provider handed to the host.
    ///
    /// # Safety
    ///
    /// Nobody uses the buffer after this.
    pub unsafe fn free(&self, buffer: *mut c_void) {
        // A failure is in the ledger.
        let _ = self.ledger().free(buffer);
    }

    /// Never gives the set back, because somebody may still be using it.
    pub(crate) fn abandon(&self) {
        self.set.abandon();
    }

    pub(crate) fn ledger(&self) -> &'static Ledger {
        self.set.ledger()
    }
}

impl fmt::Debug for Allocators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allocators")
            .field("set", &self.set.index())
            .field("leaks", &self.leaks())
            .finish()
    }
}

#[cfg(test)]
mod tests;
