//! How far a long operation has come, for whoever wants to see it.

use std::ffi::c_void;

use mapi_provider_abi::mapi::{IMAPIProgress, Interface, MAPI_E_USER_CANCEL, ProgressFlags};

use super::fault::{Fault, Result};
use super::shared::StoreShared;

/// What the arguments of a method say about progress.
pub(super) struct Asked {
    /// Whether it is to be shown.
    pub(super) is_wanted: bool,
    /// Above which window MAPI's display is.
    pub(super) window: usize,
    /// The caller's display; NULL for MAPI's.
    pub(super) display: *mut c_void,
}

/// Shows progress, step by step.
pub(super) struct Progress {
    display: Option<Display>,
    total: u32,
    done: u32,
}

struct Display {
    to: IMAPIProgress,
    /// Whether it is the whole operation, and no part of another.
    is_top: bool,
    min: u32,
    max: u32,
}

impl Progress {
    /// Shows nothing.
    pub(super) fn none() -> Self {
        Self {
            display: None,
            total: 0,
            done: 0,
        }
    }

    /// Shows progress where it is asked for: on the caller's display, or on MAPI's.
    ///
    /// # Safety
    ///
    /// The display is NULL or an IMAPIProgress.
    pub(super) unsafe fn new(shared: &StoreShared, asked: &Asked) -> Self {
        if !asked.is_wanted {
            return Self::none();
        }
        // SAFETY: the caller's word.
        let given = unsafe { IMAPIProgress::from_raw_borrowed(&asked.display) }.cloned();
        let to = given.or_else(|| shared.support()?.progress(asked.window));
        Self {
            display: to.map(Display::new),
            ..Self::none()
        }
    }

    /// There are so many steps to go.
    pub(super) fn expect(&mut self, steps: usize) {
        self.total = u32::try_from(steps).unwrap_or(u32::MAX);
    }

    /// One step is done.
    ///
    /// # Errors
    ///
    /// The user does not want to go on.
    pub(super) fn step(&mut self) -> Result<()> {
        self.done = self.done.saturating_add(1).min(self.total);
        match &self.display {
            Some(display) if self.total > 0 => display.show(self.done, self.total),
            _ => Ok(()),
        }
    }

    /// All is done: nobody can give up any more.
    pub(super) fn end(&mut self) {
        if self.done < self.total {
            self.done = self.total - 1;
            let _ = self.step();
        }
    }
}

impl Display {
    fn new(to: IMAPIProgress) -> Self {
        let mut flags = ProgressFlags::empty();
        let (mut min, mut max) = (0, 0);
        // SAFETY: live variables. What can't be told stays as it is: then there is little to be seen.
        unsafe {
            let _ = to.GetFlags(&mut flags);
            let _ = to.GetMin(&mut min);
            let _ = to.GetMax(&mut max);
        }
        Self {
            to,
            is_top: flags.contains(ProgressFlags::MAPI_TOP_LEVEL),
            min,
            max: max.max(min),
        }
    }

    fn show(&self, done: u32, total: u32) -> Result<()> {
        let range = u64::from(self.max - self.min);
        let part = range * u64::from(done) / u64::from(total);
        // No more than the range, which is one of 32 bits.
        let value = self.min + part as u32;
        let (count, total) = if self.is_top { (done, total) } else { (0, 0) };
        // SAFETY: a call without pointers.
        let status = unsafe { self.to.Progress(value, count, total) };
        if status == MAPI_E_USER_CANCEL {
            return Err(Fault::new(status, "the user does not want to go on"));
        }
        Ok(())
    }
}
