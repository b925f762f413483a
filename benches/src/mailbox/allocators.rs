//! MAPI's memory as MAPI has it: blocks of the heap, and a root with a list of what is freed with it.
//!
//! The host's allocators keep a ledger of every block, to find mistakes with them, and that would be measured with the
//! engine. They are used until [`plain`] is called, and after what it answers is dropped.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use mapi_provider::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, MAPI_E_NOT_ENOUGH_MEMORY};
use mapi_provider::view::Allocators;

/// The host's.
type Functions = (ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER);

static HOST: Mutex<Option<Functions>> = Mutex::new(None);
static IS_PLAIN: AtomicBool = AtomicBool::new(false);

/// What stands before a block.
#[repr(C, align(16))]
struct Header {
    /// The next block of the same root.
    next: *mut Header,
    /// The bytes of the block with its header.
    size: usize,
}

/// Allocators that are the host's while memory is not plain.
pub(crate) fn around(host: Functions) -> Allocators {
    *HOST.lock().unwrap_or_else(PoisonError::into_inner) = Some(host);
    // SAFETY: they keep MAPI's rules, here as there.
    let allocators = unsafe { Allocators::new(Some(allocate), Some(more), Some(free)) };
    allocators.expect("all three are there")
}

/// While this is there, memory is plain: nothing that was allocated before may be freed meanwhile, nor the other way round.
pub(crate) struct Plain;

/// Makes memory plain.
pub(crate) fn plain() -> Plain {
    IS_PLAIN.store(true, Ordering::SeqCst);
    Plain
}

impl Drop for Plain {
    fn drop(&mut self) {
        IS_PLAIN.store(false, Ordering::SeqCst);
    }
}

fn host() -> Option<Functions> {
    if IS_PLAIN.load(Ordering::Relaxed) {
        return None;
    }
    *HOST.lock().unwrap_or_else(PoisonError::into_inner)
}

fn block(bytes: u32, next: *mut Header) -> Option<*mut Header> {
    let size = size_of::<Header>() + bytes as usize;
    let layout = Layout::from_size_align(size, align_of::<Header>()).ok()?;
    // SAFETY: the size is not 0; what is written is within the block.
    unsafe {
        let header = alloc(layout).cast::<Header>();
        if header.is_null() {
            return None;
        }
        header.write(Header { next, size });
        Some(header)
    }
}

unsafe extern "system" fn allocate(bytes: u32, out: *mut *mut c_void) -> i32 {
    if let Some((allocate, _, _)) = host() {
        // SAFETY: the caller's word.
        return unsafe { allocate(bytes, out) };
    }
    let Some(header) = block(bytes, ptr::null_mut()) else {
        return MAPI_E_NOT_ENOUGH_MEMORY.0;
    };
    // SAFETY: a variable of the caller; the block is behind its header.
    unsafe { *out = header.add(1).cast() };
    0
}

unsafe extern "system" fn more(bytes: u32, root: *mut c_void, out: *mut *mut c_void) -> i32 {
    if let Some((_, more, _)) = host() {
        // SAFETY: the caller's word.
        return unsafe { more(bytes, root, out) };
    }
    // SAFETY: a root, by the caller's word, and a variable of his.
    unsafe {
        let root = root.cast::<Header>().sub(1);
        let Some(header) = block(bytes, (*root).next) else {
            return MAPI_E_NOT_ENOUGH_MEMORY.0;
        };
        (*root).next = header;
        *out = header.add(1).cast();
    }
    0
}

unsafe extern "system" fn free(root: *mut c_void) -> u32 {
    if let Some((_, _, free)) = host() {
        // SAFETY: the caller's word.
        return unsafe { free(root) };
    }
    if root.is_null() {
        return 0;
    }
    // SAFETY: a root, by the caller's word, and what was allocated with it.
    unsafe {
        let mut next = root.cast::<Header>().sub(1);
        while !next.is_null() {
            let header = next.read();
            let layout = Layout::from_size_align_unchecked(header.size, align_of::<Header>());
            dealloc(next.cast(), layout);
            next = header.next;
        }
    }
    0
}
