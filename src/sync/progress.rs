//! Progress: at a rate that Outlook can handle (SYNC-14), and cancellation through its answers
//! (SYNC-16).

use std::time::{Duration, Instant};

use super::batch::Batch;
use crate::log;
use crate::status::Status;
use mapi_provider_abi::mapi::{MAPI_E_USER_CANCEL, MAPI_W_ERRORS_RETURNED};

/// How many calls may come at once; after that, one in each `REFILL`.
const BURST: u32 = 32;
const REFILL: Duration = Duration::from_millis(25);

/// The same for warnings, which are for people to read.
const WARNINGS_REFILL: Duration = Duration::from_millis(500);

/// Tells the callbacks of a batch how far the run has got.
pub(super) struct Reporter {
    allowance: Allowance,
    /// Which of the batch's callbacks have asked for cancellation.
    cancelled: Vec<bool>,
    /// A position that has not been told.
    pending: Option<Position>,
}

struct Position {
    text: String,
    index: u32,
    max: u32,
}

/// What follows from a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    GoOn,
    /// Every callback has asked for cancellation.
    Cancel,
}

impl Reporter {
    pub(super) fn new(batch: &Batch) -> Self {
        Self {
            allowance: Allowance::new(Instant::now(), REFILL),
            cancelled: vec![false; batch.len()],
            pending: None,
        }
    }

    /// Tells the position now, or keeps it for later.
    pub(super) fn tell(&mut self, batch: &Batch, text: &str, done: usize, total: usize) -> Told {
        let (index, max) = scale(done, total);
        let position = Position {
            text: text.to_owned(),
            index,
            max,
        };
        if self.allowance.take(Instant::now()) {
            self.pending = None;
            self.send(batch, &position)
        } else {
            self.pending = Some(position);
            Told::GoOn
        }
    }

    /// Tells the last position, if it has not been told.
    pub(super) fn flush(mut self, batch: &Batch) {
        if let Some(position) = self.pending.take() {
            self.send(batch, &position);
        }
    }

    fn send(&mut self, batch: &Batch, position: &Position) -> Told {
        let Position { text, index, max } = position;
        let (mut heard, mut going_on) = (false, false);
        batch.for_each_callback(|place, callback| {
            let answer = callback.progress(text, *index, *max);
            let cancelled = &mut self.cancelled[place];
            *cancelled |= answer == MAPI_E_USER_CANCEL;
            if answer.is_err() && answer != MAPI_E_USER_CANCEL {
                log::warn!(status = %Status(answer), "Progress failed; the run goes on");
            }
            heard = true;
            going_on |= !*cancelled;
        });
        if heard && !going_on {
            Told::Cancel
        } else {
            Told::GoOn
        }
    }
}

/// Warnings, at a rate that people can take. What is kept back is counted.
pub(super) struct Warnings {
    allowance: Allowance,
    kept_back: u64,
}

impl Default for Warnings {
    fn default() -> Self {
        Self {
            allowance: Allowance::new(Instant::now(), WARNINGS_REFILL),
            kept_back: 0,
        }
    }
}

impl Warnings {
    pub(super) fn tell(&mut self, batch: &Batch, text: &str) {
        if self.allowance.take(Instant::now()) {
            send_warning(batch, text);
        } else {
            self.kept_back += 1;
        }
    }

    /// Tells how many were kept back.
    pub(super) fn flush(self, batch: &Batch) {
        if self.kept_back > 0 {
            let text = format!("{} more warnings are not shown", self.kept_back);
            send_warning(batch, &text);
        }
    }
}

fn send_warning(batch: &Batch, text: &str) {
    log::warn!(text, "warning");
    batch.for_each_callback(|_, callback| callback.error(MAPI_W_ERRORS_RETURNED, text));
}

/// A position in MAPI's form: it is scaled if it does not fit into 32 bits.
fn scale(done: usize, total: usize) -> (u32, u32) {
    let done = done.min(total);
    match (u32::try_from(done), u32::try_from(total)) {
        (Ok(done), Ok(total)) => (done, total),
        _ => (((done as u64) >> 32) as u32, ((total as u64) >> 32) as u32),
    }
}

/// A bucket of calls that fills up again with time.
struct Allowance {
    left: u32,
    filled: Instant,
    refill: Duration,
}

impl Allowance {
    fn new(now: Instant, refill: Duration) -> Self {
        Self {
            left: BURST,
            filled: now,
            refill,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let refills =
            now.saturating_duration_since(self.filled).as_millis() / self.refill.as_millis();
        let refills = u32::try_from(refills).unwrap_or(BURST);
        if refills > 0 {
            self.left = self.left.saturating_add(refills).min(BURST);
            self.filled = now;
        }
        let granted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sync_14_a_burst_passes_and_a_flood_does_not() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start, REFILL);
        let at_once = (0..1000).filter(|_| allowance.take(start)).count();
        assert_eq!(at_once, BURST as usize);
        let a_second = (0..1000)
            .filter(|i| allowance.take(start + Duration::from_millis(*i)))
            .count();
        assert!((30..=40).contains(&a_second), "{a_second}");
    }

    #[test]
    fn positions_fit_into_32_bits() {
        assert_eq!(scale(3, 7), (3, 7));
        assert_eq!(scale(9, 7), (7, 7));
        #[cfg(target_pointer_width = "64")]
        assert_eq!(scale(5 << 32, 10 << 32), (5, 10));
        assert_eq!(
            scale(u32::MAX as usize, u32::MAX as usize),
            (u32::MAX, u32::MAX)
        );
    }
}
