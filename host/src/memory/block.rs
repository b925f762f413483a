//! A piece of memory between two canaries.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, NonNull};
use std::slice;

use super::fault::MemoryFault;

/// What memory contains before anybody has written to it.
pub(super) const FRESH: u8 = 0xCD;
/// What freed memory contains.
pub(super) const FREED: u8 = 0xDD;
/// What is before and after a buffer.
const CANARY: u8 = 0xFD;
/// The length of a canary: an overrun beyond a page is rare, one by a few elements is not.
const GUARD: usize = 32;
/// The alignment of what `AllocateBuffer` gives out.
const ALIGN: usize = 16;

/// A buffer, its canaries and what is known about it.
pub(super) struct Block {
    /// The start of the canary before the buffer.
    base: NonNull<u8>,
    /// The size of the buffer.
    pub(super) size: usize,
    /// The buffer that this one is freed with, if it is a child.
    pub(super) root: Option<usize>,
    /// The buffers that are freed with this one.
    pub(super) children: Vec<usize>,
    /// Who allocated it.
    pub(super) origin: &'static str,
    /// The number of the allocation.
    pub(super) number: u64,
}

// SAFETY: the block owns its memory, and the ledger's lock guards all our access.
unsafe impl Send for Block {}

impl Block {
    /// Allocates a buffer; `None` if there is no memory.
    pub(super) fn new(size: usize, origin: &'static str, number: u64) -> Option<Self> {
        let layout = layout(size)?;
        // SAFETY: the layout has a size, that of the canaries at least.
        let base = NonNull::new(unsafe { alloc(layout) })?;
        // SAFETY: the whole allocation is ours and writable.
        unsafe {
            ptr::write_bytes(base.as_ptr(), CANARY, layout.size());
            ptr::write_bytes(base.as_ptr().add(GUARD), FRESH, size);
        }
        Some(Self {
            base,
            size,
            root: None,
            children: Vec::new(),
            origin,
            number,
        })
    }

    /// How much memory it takes in all.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.size + 2 * GUARD
    }

    /// Where the buffer starts.
    pub(super) fn address(&self) -> usize {
        self.buffer().as_ptr() as usize
    }

    /// The buffer.
    pub(super) fn buffer(&self) -> NonNull<u8> {
        // SAFETY: the buffer begins within the allocation, right after the canary.
        unsafe { self.base.add(GUARD) }
    }

    /// What is wrong with the canaries.
    pub(super) fn canary_faults(&self) -> impl Iterator<Item = MemoryFault> + use<> {
        let (size, origin) = (self.size, self.origin);
        let under = !self.all(0, GUARD, CANARY);
        let over = !self.all(GUARD + size, GUARD, CANARY);
        let under = under.then_some(MemoryFault::Underrun { size, origin });
        under
            .into_iter()
            .chain(over.then_some(MemoryFault::Overrun { size, origin }))
    }

    /// Makes the buffer look freed.
    pub(super) fn bury(&mut self) {
        // SAFETY: the whole allocation is ours and writable.
        unsafe {
            ptr::write_bytes(self.base.as_ptr(), CANARY, GUARD);
            ptr::write_bytes(self.base.as_ptr().add(GUARD), FREED, self.size);
            ptr::write_bytes(self.base.as_ptr().add(GUARD + self.size), CANARY, GUARD);
        }
    }

    /// Whether a buried buffer is unchanged.
    pub(super) fn rests(&self) -> bool {
        self.all(0, GUARD, CANARY)
            && self.all(GUARD, self.size, FREED)
            && self.all(GUARD + self.size, GUARD, CANARY)
    }

    fn all(&self, from: usize, length: usize, byte: u8) -> bool {
        // SAFETY: within the allocation, all of which is initialised.
        let bytes = unsafe { slice::from_raw_parts(self.base.as_ptr().add(from), length) };
        bytes.iter().all(|b| *b == byte)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(layout) = layout(self.size) {
            // SAFETY: allocated with this very layout, and freed here only.
            unsafe { dealloc(self.base.as_ptr(), layout) };
        }
    }
}

/// The layout of a buffer of this size with its canaries.
fn layout(size: usize) -> Option<Layout> {
    let total = size.checked_add(2 * GUARD)?;
    Layout::from_size_align(total, ALIGN).ok()
}
