//! The line of one store: its state behind one lock, and those who wait for it to change.
//!
//! A line is shared by everything that is the same store in this process: logons, provider objects, two sections
//! that name one file (SYNC-15). Nothing foreign is called with its lock held (SYNC-19).

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::request::Request;
use super::state::{Admission, Begun, Mark, Number, Refusal, State, Step, Telling};
use super::world::{
    Bell, Condvar, Mutex, MutexGuard, ProcessLock, current_thread, doze, is_past, lock, wait,
    wait_until,
};
use crate::log;
use crate::manifest::Overlap;

/// Everything about one store in this process.
pub(crate) struct Line {
    state: Mutex<State>,
    changed: Condvar,
    /// The lock that other processes see; `None` for a store that only this one knows.
    lock_name: Option<String>,
}

/// What a worker does next.
pub(super) enum Next {
    /// Tell this one that it is cancelled.
    Tell(Telling),
    /// A run, and the lock of the store as long as it goes on.
    Run(Begun, Option<ProcessLock>),
    Leave,
}

/// A thread of ours at work for a line. However it ends, what it held is settled and whoever waits for it is woken
/// (SYNC-22).
pub(super) struct Hand {
    line: Arc<Line>,
    pub(super) number: Number,
}

impl Line {
    pub(super) fn new(lock_name: Option<String>) -> Self {
        Self {
            state: Mutex::new(State::default()),
            changed: Condvar::new(),
            lock_name,
        }
    }

    /// One step; then everybody who waits checks again.
    fn step<R>(&self, step: impl FnOnce(&mut State) -> R) -> R {
        let mut state = lock(&self.state);
        let result = step(&mut state);
        self.tell_all(&state);
        result
    }

    fn tell_all(&self, state: &State) {
        self.changed.notify_all();
        state.ring();
    }

    /// A read that changes nothing for waiters.
    fn look<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut lock(&self.state))
    }

    // The caller's side.

    /// A new engine with its first logon.
    pub(super) fn open(&self, overlap: Overlap, is_spooler: bool) -> (Number, Number) {
        self.look(|state| state.open(overlap, is_spooler))
    }

    /// One more logon to an engine; `None` if it has been closed.
    pub(super) fn log_on(&self, engine: Number, is_spooler: bool) -> Option<Number> {
        self.look(|state| state.log_on(engine, is_spooler))
    }

    /// Runs use the store of this logon from now on.
    pub(super) fn lend(&self, logon: Number) {
        self.look(|state| state.lend(logon));
    }

    pub(super) fn admit(
        &self,
        engine: Number,
        logon: Number,
        request: Request,
    ) -> Result<Admission, (Refusal, Request)> {
        self.step(|state| state.admit(engine, logon, request))
    }

    pub(super) fn withdraw(&self, number: Number) -> Option<Request> {
        self.step(|state| state.withdraw(number))
    }

    /// Cancels what a logon has requested so far, and with `leave` ends the logon. True if a thread must be started
    /// to tell it, because the worker may be stuck.
    pub(super) fn cancel(&self, engine: Number, logon: Number, leave: bool) -> (Mark, bool) {
        self.step(|state| {
            if leave {
                state.leave(logon);
            } else {
                state.cancel(logon);
            }
            (state.mark(), state.needs_teller(engine))
        })
    }

    /// Whether a logon has left, and nothing that it requested is still to be done.
    pub(super) fn is_over(&self, logon: Number) -> bool {
        self.look(|state| state.is_over(logon))
    }

    /// Waits for what a logon had requested until a mark, until a point in time at most, and not at all on a thread
    /// of ours (SYNC-16). False if it was not done in time.
    ///
    /// It is the caller's thread that waits: it answers messages that are sent to it meanwhile.
    pub(super) fn wait(&self, logon: Number, mark: Mark, deadline: Option<Instant>) -> bool {
        let bell = {
            let mut state = lock(&self.state);
            if state.is_hand(current_thread()) || !state.owes(logon, mark) {
                return true;
            }
            let bell = Arc::new(Bell::new());
            state.add_bell(Arc::clone(&bell));
            bell
        };
        let listener = Listener { line: self, bell };
        loop {
            let has_rung = listener.bell.wait_until(deadline);
            if !self.look(|state| state.owes(logon, mark)) {
                return true;
            }
            if !has_rung {
                return false;
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_hand(&self, thread: super::world::ThreadId) -> bool {
        self.look(|state| state.is_hand(thread))
    }

    // The worker's side.

    /// The calling thread becomes the worker of an engine. `None`: there is another one, or nothing to do.
    pub(super) fn enter(self: &Arc<Self>, engine: Number) -> Option<Hand> {
        let number = self.step(|state| state.enter(engine, current_thread()))?;
        Some(self.hand(number))
    }

    /// The calling thread tells what a busy worker can't.
    pub(super) fn enter_to_tell(self: &Arc<Self>, engine: Number) -> Hand {
        self.hand(self.step(|state| state.enter_to_tell(engine, current_thread())))
    }

    fn hand(self: &Arc<Self>, number: Number) -> Hand {
        Hand {
            line: Arc::clone(self),
            number,
        }
    }

    /// What the worker does next: waits for its turn, then for the lock that other processes see.
    pub(super) fn next(&self, hand: &Hand) -> Next {
        let mut state = lock(&self.state);
        state.settle(hand.number);
        self.tell_all(&state);
        loop {
            match state.next(hand.number) {
                Step::Tell(telling) => return Next::Tell(telling),
                Step::Leave => return Next::Leave,
                Step::Wait => state = wait(&self.changed, state),
                Step::Claimed => {
                    let (guard, held) = self.lock_store(hand, state);
                    state = guard;
                    if let Some(begun) = state.begin(hand.number) {
                        return Next::Run(begun, held);
                    }
                    self.tell_all(&state);
                    // The lock is given back at once, and what was cancelled is told.
                    drop(held);
                }
            }
        }
    }

    /// Waits for another process that runs this store, as long as the claim is wanted.
    fn lock_store<'a>(
        &'a self,
        hand: &Hand,
        mut state: MutexGuard<'a, State>,
    ) -> (MutexGuard<'a, State>, Option<ProcessLock>) {
        let Some(name) = &self.lock_name else {
            return (state, None);
        };
        while state.is_wanted(hand.number) {
            drop(state);
            let taken = ProcessLock::try_take(name);
            state = lock(&self.state);
            match taken {
                Ok(Some(held)) => return (state, Some(held)),
                Ok(None) => state = doze(&self.state, &self.changed, state),
                Err(error) => {
                    drop(state);
                    // Two processes at once are rare; a user whose mail never comes is not better off.
                    log::warn!(%error, "the store can't be locked against other processes");
                    return (lock(&self.state), None);
                }
            }
        }
        (state, None)
    }

    /// The requests whose logons have left the current run.
    pub(super) fn leavers(&self, hand: Number) -> Vec<Number> {
        self.look(|state| state.leavers(hand))
    }

    /// The `Done` of a request is about to be called: there is one more place (SYNC-15).
    pub(super) fn tell(&self, number: Number) {
        self.look(|state| state.tell(number));
    }

    /// A request is told and released, and its run goes on without it.
    pub(super) fn settle_one(&self, number: Number) {
        self.step(|state| state.settle_one(number));
    }

    /// For a thread that tells: what is cancelled and has not been told by the worker until a point in time, one after
    /// another.
    pub(super) fn next_to_tell(
        &self,
        engine: Number,
        hand: &Hand,
        deadline: Option<Instant>,
    ) -> Option<Telling> {
        let mut state = lock(&self.state);
        state.told(hand.number);
        self.tell_all(&state);
        while state.has_cancelled(engine) {
            if is_past(deadline) {
                return state.next_to_tell(engine, hand.number);
            }
            state = wait_until(&self.state, &self.changed, state, deadline);
        }
        // Under the same lock: whoever cancels from now on sees that nobody is here.
        state.retire(hand.number);
        None
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // What was lost with a worker that panicked ends here, when the lock is not held (SYNC-22).
        let orphans = self.line.step(|state| state.exit(self.number));
        orphans.into_iter().for_each(Request::end_lost);
    }
}

/// Somebody who waits; removed from the list however the wait ends.
struct Listener<'a> {
    line: &'a Line,
    bell: Arc<Bell>,
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        self.line.look(|state| state.remove_bell(&self.bell));
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("lock_name", &self.lock_name)
            .finish_non_exhaustive()
    }
}
