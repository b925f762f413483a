//! What arrived of a call: the method's name, and its arguments as numbers.

use std::sync::{Arc, Mutex};

/// A log that an object and a test share.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Call>>>);

/// A method and its arguments.
type Call = (&'static str, Vec<u64>);

impl Log {
    /// Notes a call.
    pub(crate) fn note(&self, method: &'static str, arguments: &[u64]) {
        self.0
            .lock()
            .expect("nobody panics holding it")
            .push((method, arguments.to_vec()));
    }

    /// The calls since the last look.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics holding it"))
    }

    /// One call arrived, and this is it.
    #[track_caller]
    pub(crate) fn expect(&self, method: &'static str, arguments: &[u64]) {
        assert_eq!(self.take(), [(method, arguments.to_vec())]);
    }

    /// How many hold the log, the test included: an object that is gone holds none.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

/// An argument as a number: its bytes, and zeros where it has fewer than eight.
pub(crate) fn word<T>(argument: &T) -> u64 {
    assert!(
        size_of::<T>() <= 8,
        "an argument of {} bytes",
        size_of::<T>()
    );
    let mut word = [0_u8; 8];
    // SAFETY: numbers, flags and pointers have no padding, and at most as many bytes as the array.
    unsafe {
        std::ptr::copy_nonoverlapping(
            (&raw const *argument).cast(),
            word.as_mut_ptr(),
            size_of::<T>(),
        );
    }
    u64::from_le_bytes(word)
}

/// The words of some arguments.
macro_rules! words {
    ($($argument:expr),* $(,)?) => { &[$($crate::log::word(&$argument)),*] };
}

pub(crate) use words;
