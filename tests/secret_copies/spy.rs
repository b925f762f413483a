//! Searches all memory that is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Long enough to be found in no memory by chance, and with characters of one, two and three bytes.
pub(crate) const SECRET: &str = "correct-horse-battery-staple-\u{e9}-correct-horse-battery-staple";

/// A part of the secret, because the allocator's notes may have overwritten the beginning of the rest.
const PART: &str = "horse-battery";

struct Spy;

#[global_allocator]
static SPY: Spy = Spy;

static IS_ON: AtomicBool = AtomicBool::new(false);
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// What the spy itself frees is not searched.
    static IS_LOOKING: Cell<bool> = const { Cell::new(false) };
}

/// Searches what is freed during this, and returns where the secret was still in it.
pub(crate) fn watch(what: impl FnOnce()) -> Vec<String> {
    IS_ON.store(true, Ordering::SeqCst);
    what();
    IS_ON.store(false, Ordering::SeqCst);
    std::mem::take(&mut *SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Looks at memory that is about to be freed.
///
/// # Safety
///
/// There are as many bytes. Those that nobody has written to may be anything.
pub(crate) unsafe fn look(memory: *const c_void, size: usize) {
    if !IS_ON.load(Ordering::Relaxed) || IS_LOOKING.try_with(|is| is.replace(true)) != Ok(false) {
        return;
    }
    // SAFETY: the caller's word.
    unsafe { look_for_secret(memory.cast(), size) };
    // All that the look itself has made is gone by now.
    IS_LOOKING.with(|is| is.set(false));
}

/// # Safety
///
/// That of [`look`].
unsafe fn look_for_secret(memory: *const u8, size: usize) {
    // SAFETY: the caller's word. They are read as they are in memory, one by one, and nothing else depends on them.
    let byte = |index| unsafe { memory.add(index).read_volatile() };
    let bytes: Vec<u8> = (0..size).map(byte).collect();
    let wide: Vec<u8> = PART.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let form = match (has(PART.as_bytes()), has(&wide)) {
        (true, _) => "8 bits",
        (_, true) => "UTF-16",
        _ => return,
    };
    let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    // Traces take their time, and one is enough to begin with.
    let from = all.is_empty().then(Backtrace::force_capture);
    let from = from.map_or_else(String::new, |from| format!(", freed by\n{from}"));
    all.push(format!("{size} bytes with the secret in {form}{from}"));
}

// SAFETY: all is passed on to the system's allocator.
unsafe impl GlobalAlloc for Spy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that what an earlier owner left behind is not found again.
        // SAFETY: the caller's word.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's word.
        unsafe {
            look(memory.cast(), layout.size());
            System.dealloc(memory, layout);
        }
    }

    /// Copies, and frees the old memory: this may happen at any time, whatever this allocator would do.
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's word; the new layout has a size that it answers for.
        unsafe {
            let copy = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !copy.is_null() {
                copy.copy_from_nonoverlapping(memory, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            copy
        }
    }
}
