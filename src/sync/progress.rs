//! Progress: at a rate that Outlook can take (SYNC-14), and cancellation through its answers (SYNC-16).

use std::time::{Duration, Instant};

use super::request::Request;
use crate::abi::MAPI_E_USER_CANCEL;
use crate::error::Status;

/// How many calls may come at once; after that, one in each `REFILL`.
const BURST: u32 = 32;
const REFILL: Duration = Duration::from_millis(25);

/// Tells the callbacks of a batch where the run stands.
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
    pub(super) fn new(batch: &[Request]) -> Self {
        Self {
            allowance: Allowance::new(Instant::now()),
            cancelled: vec![false; batch.len()],
            pending: None,
        }
    }

    /// Tells the position now, or keeps it for later.
    pub(super) fn tell(
        &mut self,
        batch: &[Request],
        text: &str,
        done: usize,
        total: usize,
    ) -> Told {
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
    pub(super) fn flush(mut self, batch: &[Request]) {
        if let Some(position) = self.pending.take() {
            self.send(batch, &position);
        }
    }

    fn send(&mut self, batch: &[Request], position: &Position) -> Told {
        let Position { text, index, max } = position;
        let callbacks = batch.iter().zip(&mut self.cancelled);
        for (callback, cancelled) in
            callbacks.filter_map(|(request, c)| Some((request.callback.as_ref()?, c)))
        {
            let answer = callback.progress(text, *index, *max);
            *cancelled |= answer == MAPI_E_USER_CANCEL;
            if answer.is_err() && answer != MAPI_E_USER_CANCEL {
                tracing::warn!(status = %Status(answer), "Progress failed; the run goes on");
            }
        }
        let mut heard = batch
            .iter()
            .zip(&self.cancelled)
            .filter(|(request, _)| request.callback.is_some());
        let all = heard.clone().next().is_some() && heard.all(|(_, cancelled)| *cancelled);
        if all { Told::Cancel } else { Told::GoOn }
    }
}

/// A position as MAPI takes it: what does not fit into 32 bits is scaled.
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
}

impl Allowance {
    fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            filled: now,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let refills = now.saturating_duration_since(self.filled).as_millis() / REFILL.as_millis();
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
        let mut allowance = Allowance::new(start);
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
