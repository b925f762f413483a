//! What is ready for the spooler, between the worker that receives and the thread that saves (XP-25, XP-26, XP-29).

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::failures::Failures;
use super::inbox::Arrival;
use super::received::Received;
use super::receiver::Teller;
use crate::log;
use crate::platform::Bell;
use crate::sync::CancelToken;
use crate::transport::queue::ReportId;

/// Between two notifications of new mail (XP-29).
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What is ready. No lock is held while anything foreign is called.
#[derive(Debug)]
pub(in crate::transport) struct Ready {
    state: Mutex<State>,
    changed: Condvar,
    retries: u32,
}

#[derive(Debug)]
struct State {
    /// Whether inbound is on (XP-06).
    is_on: bool,
    is_closed: bool,
    has_worker: bool,
    /// Somebody wants a round at once.
    is_asked: bool,
    /// The round that runs.
    round: Option<CancelToken>,
    offered: Option<Waiting>,
    /// Reports of the queue's.
    reports: VecDeque<Waiting>,
    /// What could not be saved before its round was over.
    failed: Failures,
    /// Rung when the worker is gone.
    bell: Option<Arc<Bell>>,
    /// Something has become ready that MAPI was not told of.
    is_news: bool,
    told: Option<Instant>,
}

/// A message that waits to be saved.
#[derive(Debug)]
struct Waiting {
    mail: Arc<Received>,
    report: Option<ReportId>,
    /// StartMessage has it.
    is_taken: bool,
    failures: u32,
    arrival: Option<Arrival>,
}

impl Waiting {
    fn new(mail: Received, report: Option<ReportId>) -> Self {
        Self {
            mail: Arc::new(mail),
            report,
            is_taken: false,
            failures: 0,
            arrival: None,
        }
    }

    fn is_ready(&self) -> bool {
        !self.is_taken && self.arrival.is_none()
    }

    /// Notes how a StartMessage ended. True if it is over with the message.
    fn ended(&mut self, is_saved: bool, retries: u32) -> bool {
        self.is_taken = false;
        if is_saved {
            self.arrival = Some(Arrival::Saved);
        } else {
            self.failures += 1;
            // XP-26: it has come once, and so often again.
            if self.failures > retries {
                self.arrival = Some(Arrival::SetAside);
            }
        }
        self.arrival.is_some()
    }
}

/// What the worker does next.
pub(super) enum Next {
    Round(CancelToken),
    End,
}

impl Ready {
    pub(in crate::transport) fn new(is_on: bool, retries: u32) -> Self {
        let state = State {
            is_on,
            is_closed: false,
            has_worker: false,
            is_asked: true,
            round: None,
            offered: None,
            reports: VecDeque::new(),
            failed: Failures::default(),
            bell: None,
            is_news: false,
            told: None,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            retries,
        }
    }

    /// XP-25: how many messages StartMessage would give now.
    pub(in crate::transport) fn count(&self) -> u32 {
        self.lock().count()
    }

    /// XP-06: the direction begins or ends. With its end the round is over.
    pub(in crate::transport) fn turn(&self, is_on: bool) {
        let round = {
            let mut state = self.lock();
            state.is_on = is_on;
            state.is_asked |= is_on;
            state.is_news |= is_on && state.count() > 0;
            (!is_on).then(|| state.round.clone()).flatten()
        };
        self.stop(round);
    }

    /// Whether inbound is on.
    pub(super) fn is_on(&self) -> bool {
        self.lock().is_on
    }

    /// Asks for a round at once (XP-30).
    pub(in crate::transport) fn ask(&self) {
        self.lock().is_asked = true;
        self.changed.notify_all();
    }

    /// No round begins any more, and the one that runs is over.
    pub(in crate::transport) fn close(&self) {
        let round = {
            let mut state = self.lock();
            state.is_closed = true;
            state.round.clone()
        };
        self.stop(round);
    }

    fn stop(&self, round: Option<CancelToken>) {
        if let Some(round) = round {
            round.cancel();
        }
        // After the token: who waits looks at it when he wakes.
        drop(self.lock());
        self.changed.notify_all();
    }

    /// A worker comes. False if there is one already, or all is over.
    pub(super) fn enter(&self) -> bool {
        let mut state = self.lock();
        !state.is_closed && !std::mem::replace(&mut state.has_worker, true)
    }

    /// The worker goes.
    pub(super) fn leave(&self) {
        let bell = {
            let mut state = self.lock();
            state.has_worker = false;
            state.bell.clone()
        };
        if let Some(bell) = bell {
            bell.ring();
        }
    }

    /// Waits until the worker is gone, at most until then. False if it is still there.
    pub(super) fn wait_for_leave(&self, end: Option<Instant>) -> bool {
        // XP-33: messages that are sent to this thread are answered meanwhile (SYNC-16).
        let bell = Arc::new(Bell::new());
        {
            let mut state = self.lock();
            if !state.has_worker {
                return true;
            }
            state.bell = Some(Arc::clone(&bell));
        }
        while bell.wait_until(end) {
            if !self.lock().has_worker {
                return true;
            }
        }
        false
    }

    /// Waits for the next round: until this time, or until somebody asks; there is none without a time. Tells MAPI meanwhile
    /// what has become ready.
    pub(super) fn next_round(&self, at: Option<Instant>, teller: &dyn Teller) -> Next {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return Next::End;
            }
            let at = at.filter(|_| state.is_on);
            if at.is_some_and(|at| state.is_asked || Instant::now() >= at) {
                state.is_asked = false;
                let cancel = CancelToken::default();
                state.round = Some(cancel.clone());
                return Next::Round(cancel);
            }
            state = match self.tell(state, teller) {
                Ok(state) => state,
                Err((state, soon)) => {
                    let left = at.map(|at| at.saturating_duration_since(Instant::now()));
                    let left = left.into_iter().chain(soon).min();
                    self.wait(state, left)
                }
            };
        }
    }

    /// A round is over. True if nobody has asked for another one meanwhile.
    pub(super) fn round_over(&self) -> bool {
        let mut state = self.lock();
        state.round = None;
        !state.is_asked
    }

    /// Offers a message to the spooler, and waits for what becomes of it; none if the round was over before.
    pub(super) fn offer(
        &self,
        mail: Received,
        cancel: &CancelToken,
        teller: &dyn Teller,
    ) -> Option<Arrival> {
        let mark = mail.mark();
        let mut state = self.lock();
        let mut waiting = Waiting::new(mail, None);
        waiting.failures = state.failed.take(mark);
        state.offered = Some(waiting);
        state.is_news |= state.count() == 1;
        loop {
            let offered = state.offered.as_ref()?;
            let is_over = cancel.is_cancelled() && !offered.is_taken;
            if offered.arrival.is_some() || is_over {
                let offered = state.offered.take();
                if let Some(one) = offered.as_ref().filter(|one| one.arrival.is_none()) {
                    // XP-26: it comes again in another round, and what has failed counts there too.
                    state.failed.note(mark, one.failures);
                }
                drop(state);
                return offered.and_then(|offered| offered.arrival);
            }
            state = match self.tell(state, teller) {
                Ok(state) => state,
                Err((state, soon)) => self.wait(state, soon),
            };
        }
    }

    /// Adds a report of the queue's, which nobody waits for.
    pub(in crate::transport) fn add_report(&self, report: ReportId, mail: Received) {
        let mut state = self.lock();
        let known = |one: &Waiting| one.report == Some(report);
        if state.reports.iter().any(known) {
            return;
        }
        state.reports.push_back(Waiting::new(mail, Some(report)));
        state.is_news |= state.count() == 1;
        drop(state);
        self.changed.notify_all();
    }

    /// Gives a message to StartMessage, if one is ready.
    pub(super) fn take(&self) -> Option<Taken<'_>> {
        let mut state = self.lock();
        if !state.is_on {
            return None; // XP-06
        }
        let waiting = state.all_mut().find(|one| one.is_ready())?;
        waiting.is_taken = true;
        let (mail, report) = (Arc::clone(&waiting.mail), waiting.report);
        Some(Taken {
            ready: self,
            mail,
            report,
            is_over: false,
        })
    }

    /// Notes how a StartMessage ended. True if it is over with the message.
    fn ended(&self, mail: &Arc<Received>, is_saved: bool) -> bool {
        let mut state = self.lock();
        let mut all = state.all_mut();
        let waiting = all.find(|one| Arc::ptr_eq(&one.mail, mail));
        let ended = waiting.map(|one| one.ended(is_saved, self.retries));
        drop(all);
        let (is_over, is_aside) = (ended.unwrap_or(true), ended == Some(true) && !is_saved);
        state.reports.retain(|one| one.arrival.is_none());
        // XP-29: what comes again is news, if nothing else is ready.
        state.is_news |= !is_over && state.count() == 1;
        drop(state);
        self.changed.notify_all();
        if is_aside {
            // SYNC-19: without the lock.
            log::error!("a message that came in can't be saved: it is set aside");
        }
        is_over
    }

    /// XP-29: tells MAPI that something has become ready, unlocked. `Err` if there is nothing to be told, or not yet: then
    /// in what time there is.
    fn tell<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        teller: &dyn Teller,
    ) -> Result<MutexGuard<'a, State>, (MutexGuard<'a, State>, Option<Duration>)> {
        if !state.is_news || state.is_closed || state.count() == 0 {
            return Err((state, None));
        }
        let soon = state.told.map(|told| told + TELL_EVERY);
        let left = soon.map(|soon| soon.saturating_duration_since(Instant::now()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Err((state, Some(left)));
        }
        state.is_news = false;
        state.told = Some(Instant::now());
        drop(state);
        teller.new_mail();
        Ok(self.lock())
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        most: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match most {
            Some(most) => {
                let waited = self.changed.wait_timeout(state, most);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.changed.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&self) -> u32 {
        match self.is_on {
            true => {
                let all = self.reports.iter().chain(&self.offered);
                all.filter(|one| one.is_ready()).count() as u32
            }
            false => 0,
        }
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Waiting> {
        self.reports.iter_mut().chain(&mut self.offered)
    }
}

/// A message in the hands of StartMessage. It comes again unless it was saved, whatever else happened.
pub(super) struct Taken<'a> {
    ready: &'a Ready,
    pub(super) mail: Arc<Received>,
    /// Which report of the queue's it is, if it is one.
    pub(super) report: Option<ReportId>,
    is_over: bool,
}

impl Taken<'_> {
    /// It is in the store.
    pub(super) fn saved(mut self) {
        self.is_over = true;
        self.ready.ended(&self.mail, true);
    }

    /// It is not in the store. True if it is set aside now.
    pub(super) fn failed(mut self) -> bool {
        self.is_over = true;
        self.ready.ended(&self.mail, false)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.ready.ended(&self.mail, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::{Ready, Received};

    /// A log of somebody's that asks what is ready, whatever it is told.
    struct Asks(Arc<Ready>, Arc<AtomicUsize>);

    impl Subscriber for Asks {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            // Waiting for the lock would last for ever.
            if self.0.state.try_lock().is_ok() {
                self.1.fetch_add(1, Ordering::SeqCst);
            }
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn sync_19_what_is_set_aside_is_logged_without_the_lock() {
        let ready = Arc::new(Ready::new(true, 0));
        ready.add_report(1, Received::new(crate::mime::Mail::default()));
        let asked = Arc::new(AtomicUsize::new(0));
        let log = Asks(Arc::clone(&ready), Arc::clone(&asked));
        tracing::subscriber::with_default(log, || {
            let taken = ready.take().expect("a report");
            assert!(taken.failed(), "it does not come again");
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(ready.count(), 0);
    }

    #[test]
    fn xp_19_a_report_comes_in_once() {
        let ready = Ready::new(true, 0);
        for report in [1, 2, 1] {
            ready.add_report(report, Received::new(crate::mime::Mail::default()));
        }
        assert_eq!(ready.count(), 2);
    }
}
