//! What the methods of both sides do.

use std::sync::atomic::{AtomicU32, Ordering};

/// A sum: the least that a method with a state does.
///
/// The addition is checked because a body that can't panic proves nothing about a panic barrier: the
/// optimiser would take the barrier away. It is no locked instruction, which would cost more than the call
/// and hide what differs.
#[derive(Debug, Default)]
pub(crate) struct Tally(AtomicU32);

impl Tally {
    #[inline(always)]
    pub(crate) fn add(&self, amount: u32) -> u32 {
        let sum = self.0.load(Ordering::Relaxed).checked_add(amount);
        let sum = sum.expect("fewer calls than that");
        self.0.store(sum, Ordering::Relaxed);
        sum
    }
}
