//! Counting allocators, one set for each thread, because a test runs on one thread.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::c_void;

use mapi_provider::abi::{MAPI_E_NOT_ENOUGH_MEMORY, S_OK};
use mapi_provider::view::{Allocators, Build, BuildError, MapiBuffer};

/// What memory contains before anybody has written to it.
const FRESH: u8 = 0xCD;

#[derive(Default)]
struct Ledger {
    blocks: BTreeMap<usize, Block>,
    calls: Calls,
    /// Which of the next allocations fails; 1 is the very next.
    fails: Option<u64>,
    faults: Vec<String>,
}

struct Block {
    layout: Layout,
    root: Option<usize>,
}

/// How often each of the allocators was called with success.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) roots: u64,
    pub(crate) more: u64,
    pub(crate) freed: u64,
}

impl Calls {
    fn allocations(self) -> u64 {
        self.roots + self.more
    }
}

thread_local! {
    static LEDGER: RefCell<Ledger> = RefCell::default();
}

impl Ledger {
    /// A block of exactly that size, so a sanitizer sees the first byte beyond it.
    fn allocate(&mut self, size: u32, root: Option<usize>) -> Option<usize> {
        if let Some(left) = &mut self.fails {
            *left -= 1;
            if *left == 0 {
                self.fails = None;
                return None;
            }
        }
        if size == 0 {
            self.faults.push("an allocation of no bytes".to_owned());
            return None;
        }
        let layout = Layout::from_size_align(size as usize, 16).ok()?;
        // SAFETY: the layout has a size.
        let memory = unsafe { alloc(layout) };
        // SAFETY: as large, and new.
        unsafe { memory.write_bytes(FRESH, layout.size()) };
        self.blocks.insert(memory as usize, Block { layout, root });
        Some(memory as usize)
    }

    fn free(&mut self, memory: usize) {
        match self.blocks.get(&memory) {
            Some(Block { root: None, .. }) => {}
            Some(_) => return self.faults.push("a child was freed".to_owned()),
            None => {
                return self
                    .faults
                    .push("what is not allocated was freed".to_owned());
            }
        }
        self.calls.freed += 1;
        self.blocks.retain(|address, block| {
            let goes = *address == memory || block.root == Some(memory);
            if goes {
                // SAFETY: allocated with this layout, and forgotten now.
                unsafe { dealloc(*address as *mut u8, block.layout) };
            }
            !goes
        });
    }
}

/// Returns an allocation; a failed one leaves a pointer that must not be used.
unsafe fn answer(memory: Option<usize>, out: *mut *mut c_void) -> i32 {
    // SAFETY: the caller's variable.
    unsafe { *out = memory.unwrap_or(usize::MAX) as *mut c_void };
    match memory {
        Some(_) => S_OK.0,
        None => MAPI_E_NOT_ENOUGH_MEMORY.0,
    }
}

unsafe extern "system" fn allocate_buffer(size: u32, out: *mut *mut c_void) -> i32 {
    let memory = LEDGER.with_borrow_mut(|ledger| {
        let memory = ledger.allocate(size, None)?;
        ledger.calls.roots += 1;
        Some(memory)
    });
    // SAFETY: the caller's variable.
    unsafe { answer(memory, out) }
}

unsafe extern "system" fn allocate_more(
    size: u32,
    object: *mut c_void,
    out: *mut *mut c_void,
) -> i32 {
    let memory = LEDGER.with_borrow_mut(|ledger| {
        let root = object as usize;
        let is_root = ledger
            .blocks
            .get(&root)
            .is_some_and(|block| block.root.is_none());
        if !is_root {
            ledger.faults.push("a child of what is no root".to_owned());
        }
        let memory = ledger.allocate(size, Some(root))?;
        ledger.calls.more += 1;
        Some(memory)
    });
    // SAFETY: the caller's variable.
    unsafe { answer(memory, out) }
}

unsafe extern "system" fn free_buffer(memory: *mut c_void) -> u32 {
    LEDGER.with_borrow_mut(|ledger| ledger.free(memory as usize));
    0
}

/// The allocators of this thread.
pub(crate) fn allocators() -> Allocators {
    // SAFETY: they allocate what they are asked for, or fail.
    let allocators = unsafe {
        Allocators::new(
            Some(allocate_buffer),
            Some(allocate_more),
            Some(free_buffer),
        )
    };
    allocators.expect("all three")
}

/// What was called since this was last asked, and that nothing was done wrong.
pub(crate) fn calls() -> Calls {
    LEDGER.with_borrow_mut(|ledger| {
        assert_eq!(ledger.faults, Vec::<String>::new());
        std::mem::take(&mut ledger.calls)
    })
}

/// Nothing is allocated.
#[track_caller]
pub(crate) fn assert_nothing_left() {
    let left = LEDGER.with_borrow(|ledger| ledger.blocks.len());
    assert_eq!(left, 0, "blocks are left");
}

/// Builds a value, looks at it, and then builds it again with each of its allocations failing once.
#[track_caller]
pub(crate) fn build_and_fail<B: Build + ?Sized>(
    value: &B,
    roots: u64,
    look: impl FnOnce(&MapiBuffer<B::Raw>),
) {
    calls();
    let buffer = allocators().build(value).expect("memory for all");
    let built = calls();
    assert_eq!(built.roots, roots, "{built:?}");
    look(&buffer);
    drop(buffer);
    assert_eq!(calls().freed, roots);
    assert_nothing_left();
    for nth in 1..=built.allocations() {
        LEDGER.with_borrow_mut(|ledger| ledger.fails = Some(nth));
        let failed = allocators().build(value);
        assert_eq!(failed.expect_err("out of memory"), BuildError::NoMemory);
        let calls = calls();
        assert_eq!((calls.allocations(), calls.freed), (nth - 1, calls.roots));
        assert_nothing_left();
    }
}

/// Building a value fails, and nothing is left of it.
#[track_caller]
pub(crate) fn build_error<B: Build + ?Sized>(value: &B) -> BuildError {
    let error = allocators().build(value).map(drop);
    calls();
    assert_nothing_left();
    error.expect_err("a value that can't be built")
}
