//! What the methods of both sides do.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

/// A sum: the least that a method with a state does.
///
/// The addition is checked because a body that can't panic proves nothing about a panic barrier: the
/// optimiser would remove the barrier. It is not a locked instruction, which would cost more than the call
/// and hide the difference.
#[derive(Debug)]
pub(crate) struct Tally {
    sum: AtomicU32,
    step: fn(u32) -> u32,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            sum: AtomicU32::new(0),
            step: black_box(|amount| amount),
        }
    }

    /// As [`add`](Self::add), but through a function that the optimiser doesn't know: most methods call some.
    #[inline(always)]
    pub(crate) fn add_by_call(&self, amount: u32) -> u32 {
        self.add((self.step)(amount))
    }

    #[inline(always)]
    pub(crate) fn add(&self, amount: u32) -> u32 {
        let sum = self.sum.load(Ordering::Relaxed).checked_add(amount);
        let sum = sum.expect("fewer calls than that");
        self.sum.store(sum, Ordering::Relaxed);
        sum
    }
}
