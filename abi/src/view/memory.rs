//! The allocators that MAPI gives to a provider, and memory allocated with them (COM-07).

use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::error::BuildError;
use crate::mapi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, HRESULT, S_OK};

/// MAPI's three allocators: memory that is handed to a caller comes only from these (COM-07).
///
/// [`build`](Self::build) makes structures from values, and [`adopt`](Self::adopt) takes over what others
/// allocated.
#[derive(Clone, Copy, Debug)]
pub struct Allocators {
    allocate: ALLOCATEBUFFER,
    more: ALLOCATEMORE,
    free: FREEBUFFER,
}

impl Allocators {
    /// The three of them, if all are there.
    ///
    /// # Safety
    ///
    /// They are MAPI's allocators, or keep to the same rules, as long as they or what they allocated is used:
    /// `allocate` and `more` return as many bytes as requested, which belong to nobody else and live until their
    /// root is freed, or they fail. They may be called on any thread, and on several at once. `free` also frees
    /// what MAPI objects that are used together with them allocate for their callers: a process has one MAPI.
    pub unsafe fn new(
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

    /// A root that is freed unless it is given away.
    ///
    /// # Errors
    ///
    /// There is no memory left.
    pub(super) fn root(self, size: usize) -> Result<Root, BuildError> {
        let bytes = counted("a root", size)?;
        let mut memory = ptr::null_mut();
        // SAFETY: MAPI's own function, and a live variable.
        let result = unsafe { (self.allocate)(bytes, &raw mut memory) };
        Ok(Root::new(self, allocated(result, memory, size)?, size))
    }

    /// The same, with a block of so many bytes for what is freed with it: one block takes a fraction of the time of many
    /// small ones. What does not fit has blocks of its own.
    pub(super) fn root_with_block(self, size: usize, block: usize) -> Result<Root, BuildError> {
        let root = self.root(size)?;
        if block > 0 {
            root.begin.set(root.more(block)?.as_ptr().cast());
            root.left.set(block);
        }
        Ok(root)
    }

    /// Takes over a root that somebody else allocated.
    ///
    /// # Safety
    ///
    /// The memory is a root of these allocators, nobody else frees it, and `size` bytes of it may be used.
    pub(super) unsafe fn take_over(self, memory: NonNull<c_void>, size: usize) -> Root {
        Root::new(self, memory, size)
    }

    /// Frees what another object allocated for us.
    ///
    /// # Safety
    ///
    /// `memory` is NULL or a MAPI root that nobody uses any more.
    pub(super) unsafe fn free(self, memory: *mut c_void) {
        if !memory.is_null() {
            // SAFETY: the caller's word.
            unsafe { (self.free)(memory) };
        }
    }
}

/// The bytes that this many values take.
///
/// # Errors
///
/// Neither a `ULONG` nor Rust's pointers can count them.
pub(super) fn bytes_of<T>(what: &'static str, count: usize) -> Result<usize, BuildError> {
    let bytes = size_of::<T>().checked_mul(count);
    let bytes = bytes.filter(|bytes| isize::try_from(*bytes).is_ok());
    let bytes = bytes.ok_or(BuildError::TooBig { what })?;
    counted(what, bytes)?;
    Ok(bytes)
}

/// A number of elements or bytes as MAPI counts them.
///
/// # Errors
///
/// There are 2³² or more.
pub(super) fn counted(what: &'static str, count: usize) -> Result<u32, BuildError> {
    u32::try_from(count).map_err(|_| BuildError::TooBig { what })
}

/// New memory, zeroed, so the rest of a union beside its member doesn't reveal what was there before. Padding
/// inside a structure that is written as a whole may be anything.
fn allocated(result: i32, memory: *mut c_void, size: usize) -> Result<NonNull<c_void>, BuildError> {
    match NonNull::new(memory) {
        Some(memory) if HRESULT(result) == S_OK => {
            // SAFETY: that many bytes were asked for and given, and nobody else knows them.
            unsafe { ptr::write_bytes(memory.as_ptr().cast::<u8>(), 0, size) };
            Ok(memory)
        }
        _ => Err(BuildError::NoMemory),
    }
}

/// A root allocation, and what is allocated with it.
#[derive(Debug)]
pub(super) struct Root {
    allocators: Allocators,
    memory: NonNull<c_void>,
    size: usize,
    /// Of a block that is freed with it: where the part begins that nobody has, and how many bytes that is.
    begin: Cell<*mut u8>,
    left: Cell<usize>,
}

/// What parts of a block begin at a multiple of.
const ALIGNED: usize = 8;

/// How many bytes of a block a part takes, at most.
pub(super) fn part(size: usize) -> usize {
    size.saturating_add(ALIGNED - 1)
}

impl Root {
    fn new(allocators: Allocators, memory: NonNull<c_void>, size: usize) -> Self {
        Self {
            allocators,
            memory,
            size,
            begin: Cell::new(ptr::null_mut()),
            left: Cell::new(0),
        }
    }

    /// Memory that is freed with the root.
    fn more(&self, size: usize) -> Result<NonNull<c_void>, BuildError> {
        if let Some(memory) = self.of_block(size) {
            return Ok(memory);
        }
        let bytes = counted("memory", size)?;
        let mut memory = ptr::null_mut();
        // SAFETY: MAPI's own function, a live root of its own, and a live variable.
        let result =
            unsafe { (self.allocators.more)(bytes, self.memory.as_ptr(), &raw mut memory) };
        allocated(result, memory, size)
    }

    /// The same from the block; none where it has no such room left.
    fn of_block(&self, size: usize) -> Option<NonNull<c_void>> {
        let begin = NonNull::new(self.begin.get())?;
        // MAPI's blocks are aligned, so that parts of whole steps are.
        let step = size.checked_next_multiple_of(ALIGNED)?;
        let left = self.left.get();
        if size > left {
            return None;
        }
        let step = step.min(left);
        // SAFETY: within the block or at its end.
        self.begin.set(unsafe { begin.as_ptr().add(step) });
        self.left.set(left - step);
        Some(begin.cast())
    }

    /// Room for that many values, freed with the root.
    pub(super) fn room<T: Copy>(&self, count: usize) -> Result<Room<'_, T>, BuildError> {
        let size = bytes_of::<T>("an array", count)?;
        let first = match count {
            0 => ptr::null_mut(),
            _ => self.more(size)?.as_ptr().cast(),
        };
        Ok(Room {
            first,
            count,
            root: PhantomData,
        })
    }

    /// The root as room for that many values, after its first bytes.
    ///
    /// # Panics
    ///
    /// The root has no such room.
    pub(super) fn rest<T: Copy>(&self, offset: usize, count: usize) -> Room<'_, T> {
        let end = size_of::<T>()
            .checked_mul(count)
            .and_then(|size| size.checked_add(offset));
        assert!(
            end.is_some_and(|end| end <= self.size),
            "the root has {} bytes",
            self.size
        );
        Room {
            // SAFETY: the offset is within the root.
            first: unsafe { self.as_ptr::<u8>().add(offset) }.cast(),
            count,
            root: PhantomData,
        }
    }

    /// Writes a value into the root.
    ///
    /// # Panics
    ///
    /// The root has no room for it.
    pub(super) fn put<T: Copy>(&self, offset: usize, value: T) {
        self.rest(offset, 1).set(0, value);
    }

    /// A copy of values, freed with the root; NULL if there are none.
    pub(super) fn copy<T: Copy>(&self, values: &[T]) -> Result<*mut T, BuildError> {
        let room = self.room(values.len())?;
        room.copy_from(values);
        Ok(room.as_ptr())
    }

    /// The root's address.
    pub(super) fn as_ptr<T>(&self) -> *mut T {
        self.memory.as_ptr().cast()
    }

    /// The allocators of the memory.
    pub(super) fn allocators(&self) -> Allocators {
        self.allocators
    }

    /// Gives the root to a caller, who must free it.
    pub(super) fn give_away<T>(self) -> *mut T {
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

/// Room for values in memory of a root that is being built.
pub(super) struct Room<'r, T> {
    first: *mut T,
    count: usize,
    root: PhantomData<&'r Root>,
}

impl<T: Copy> Room<'_, T> {
    /// Writes one of the values.
    ///
    /// # Panics
    ///
    /// There is no room with that number.
    pub(super) fn set(&self, index: usize, value: T) {
        assert!(index < self.count, "{index} of {}", self.count);
        // SAFETY: within the memory allocated for these values, which lives as long as the borrowed root.
        // MAPI aligns it; nothing here depends on that.
        unsafe { self.first.add(index).write_unaligned(value) };
    }

    /// Writes all values.
    ///
    /// # Panics
    ///
    /// There is no room for that many.
    pub(super) fn copy_from(&self, values: &[T]) {
        assert!(
            values.len() <= self.count,
            "{} of {}",
            values.len(),
            self.count
        );
        if !values.is_empty() {
            // SAFETY: as above. Bytes need no alignment, and a slice has no more of them than can be.
            unsafe {
                let (from, to) = (values.as_ptr().cast::<u8>(), self.first.cast::<u8>());
                ptr::copy_nonoverlapping(from, to, size_of_val(values));
            }
        }
    }

    /// The address of the first value; NULL if there is no room.
    pub(super) fn as_ptr(&self) -> *mut T {
        self.first
    }
}
