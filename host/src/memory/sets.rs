//! The pool of compiled-in sets of functions.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};

use mapi_provider::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER};

use super::ledger::Ledger;
use crate::locks::lock;

/// How many sets there are.
pub(super) const COUNT: usize = 64;

/// The three functions of a set.
pub(super) type Functions = (ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER);

static LEDGERS: LazyLock<[Ledger; COUNT]> =
    LazyLock::new(|| std::array::from_fn(|_| Ledger::default()));

/// The free sets; the one that has been free longest comes first.
static FREE: LazyLock<Mutex<Vec<usize>>> = LazyLock::new(|| Mutex::new((0..COUNT).collect()));

/// A set that is taken.
pub(super) struct Set {
    index: usize,
    abandoned: AtomicBool,
}

impl Set {
    pub(super) fn take() -> Option<Self> {
        let mut free = lock(&FREE);
        if free.is_empty() {
            return None;
        }
        let index = free.remove(0);
        LEDGERS[index].reset();
        Some(Self {
            index,
            abandoned: AtomicBool::new(false),
        })
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    pub(super) fn functions(&self) -> Functions {
        FUNCTIONS[self.index]
    }

    pub(super) fn ledger(&self) -> &'static Ledger {
        &LEDGERS[self.index]
    }

    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        if !self.abandoned.load(Ordering::Relaxed) {
            lock(&FREE).push(self.index);
        }
    }
}

unsafe extern "system" fn allocate_buffer<const SET: usize>(
    size: u32,
    out: *mut *mut c_void,
) -> i32 {
    // SAFETY: `out` is the caller's to be written to, or NULL.
    unsafe { LEDGERS[SET].provider_buffer(size, out) }.0
}

unsafe extern "system" fn allocate_more<const SET: usize>(
    size: u32,
    root: *mut c_void,
    out: *mut *mut c_void,
) -> i32 {
    // SAFETY: `out` is the caller's to be written to, or NULL.
    unsafe { LEDGERS[SET].provider_more(size, root, out) }.0
}

unsafe extern "system" fn free_buffer<const SET: usize>(buffer: *mut c_void) -> u32 {
    LEDGERS[SET].free(buffer).0.cast_unsigned()
}

const fn functions<const SET: usize>() -> Functions {
    (
        allocate_buffer::<SET>,
        allocate_more::<SET>,
        free_buffer::<SET>,
    )
}

/// The functions of eight sets, the first of which has the number `$first`.
macro_rules! eight {
    ($($first:literal)*) => {
        [$(
            functions::<{ $first }>(), functions::<{ $first + 1 }>(),
            functions::<{ $first + 2 }>(), functions::<{ $first + 3 }>(),
            functions::<{ $first + 4 }>(), functions::<{ $first + 5 }>(),
            functions::<{ $first + 6 }>(), functions::<{ $first + 7 }>(),
        )*]
    };
}

static FUNCTIONS: [Functions; COUNT] = eight!(0 8 16 24 32 40 48 56);
