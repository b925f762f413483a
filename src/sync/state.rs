//! The state machine of one store: who has asked, who runs, who is told (SYNC-15, 16, 17, 22).
//!
//! `docs/sync-engine.md` draws it. One value of [`State`] lies behind the one lock of a
//! [`Line`](super::line::Line). Each method is one step; none of them calls anything foreign (SYNC-19), and what a
//! step takes out is handed to the caller, to be dropped when the lock is not held.

use std::sync::Arc;

use super::cancel::CancelToken;
use super::request::Request;
use super::world::{Bell, ThreadId};
use crate::manifest::Overlap;

/// How many requests of one store may be without their `Done` (SYNC-15).
pub(super) const MOST_REQUESTS: usize = 64;

/// Distinguishes engines, logons, requests and hands of one line. Each is given out once, and later ones are
/// greater, so "asked for before" is a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(u64);

/// A moment between two requests: a logoff waits for earlier requests, and not for later ones (SYNC-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(Number);

/// Everything about one store in this process.
#[derive(Default)]
pub(super) struct State {
    last: u64,
    /// The engines that somebody is logged on to.
    engines: Vec<Engine>,
    /// Requests that were accepted and are not settled yet, oldest first.
    requests: Vec<Entry>,
    /// Our threads that work for this store.
    hands: Vec<Hand>,
    /// The run that goes on or is about to begin: at most one (SYNC-15).
    run: Option<Run>,
    /// Who waits for a change on a caller's thread.
    bells: Vec<Arc<Bell>>,
}

/// The sync logic of one section, opened once.
struct Engine {
    number: Number,
    overlap: Overlap,
    logons: Vec<Logon>,
}

struct Logon {
    number: Number,
    is_spooler: bool,
    /// Runs use its store, which goes when it does.
    lends: bool,
}

struct Entry {
    number: Number,
    engine: Number,
    logon: Number,
    place: Place,
    /// Here until a hand takes it.
    request: Option<Request>,
}

/// Where an accepted request is. It goes down this list, and skips steps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// For the next run.
    Waiting,
    /// It was cancelled while it waited: its `Done` is due, without a run.
    Cancelled,
    /// A hand has it. `left`: its logon has left a run that goes on for others.
    Taken { hand: Number, left: bool },
    /// Its `Done` has been called, or is being called. The hand still holds what is the engine's.
    Told { hand: Number },
}

struct Hand {
    number: Number,
    engine: Number,
    thread: ThreadId,
    duty: Duty,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Duty {
    /// Serves requests, and comes for the next ones. Busy: it is in a run or a callback, so nobody knows when.
    Serves { busy: bool },
    /// A worker that has found nothing more to do, and is putting its things away.
    Leaves,
    /// Tells what a busy worker can't. Busy: it is in a callback.
    Tells { busy: bool },
}

struct Run {
    hand: Number,
    token: CancelToken,
    /// Whose store it uses.
    lender: Option<Number>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A run goes on, and the manifest says `overlap = "busy"`.
    Busy,
    /// Too many have not had their `Done`, or there is no thread to be had (SYNC-17).
    NoResources,
    /// The store has been logged off.
    LoggedOff,
}

/// A request that was accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admission {
    pub(super) number: Number,
    /// No worker will come for it unless one is started.
    pub(super) needs_worker: bool,
}

/// A request, as a hand has it.
pub(super) struct Ticket {
    pub(super) number: Number,
    pub(super) request: Request,
}

/// A request that is to be told that it is cancelled.
pub(super) struct Telling {
    pub(super) ticket: Ticket,
    /// More are to be told, and nobody is left to do it if this one's `Done` never comes back.
    pub(super) needs_teller: bool,
}

/// What a run begins with.
pub(super) struct Begun {
    pub(super) tickets: Vec<Ticket>,
    pub(super) token: CancelToken,
    /// The logon whose section and store the run uses.
    pub(super) seat: Number,
}

/// What a worker does next.
pub(super) enum Step {
    /// Tell this one that it is cancelled; then come again.
    Tell(Telling),
    /// It is this worker's turn. Nothing has begun: see [`State::begin`].
    Claimed,
    /// Somebody else's run goes on.
    Wait,
    /// Leave: there is nothing left, and the next request gets a new worker.
    Leave,
}

impl State {
    fn number(&mut self) -> Number {
        self.last += 1;
        Number(self.last)
    }

    /// This very moment.
    pub(super) fn mark(&self) -> Mark {
        Mark(Number(self.last))
    }

    // Engines and logons.

    /// A new engine with its first logon.
    pub(super) fn open(&mut self, overlap: Overlap, is_spooler: bool) -> (Number, Number) {
        let engine = self.number();
        self.engines.push(Engine {
            number: engine,
            overlap,
            logons: Vec::new(),
        });
        let logon = self.log_on(engine, is_spooler);
        (engine, logon.unwrap_or(engine))
    }

    /// One logon more; none where the last one has left: the engine is closed then, for good.
    pub(super) fn log_on(&mut self, engine: Number, is_spooler: bool) -> Option<Number> {
        let number = self.number();
        let engine = self.engines.iter_mut().find(|e| e.number == engine)?;
        engine.logons.push(Logon {
            number,
            is_spooler,
            lends: false,
        });
        Some(number)
    }

    /// Runs use the store of this logon from now on.
    pub(super) fn lend(&mut self, logon: Number) {
        let mut logons = self.engines.iter_mut().flat_map(|e| &mut e.logons);
        if let Some(logon) = logons.find(|l| l.number == logon) {
            logon.lends = true;
        }
    }

    /// SYNC-16: what a logon asked for is cancelled, and it asks for nothing more. A run that uses its store is
    /// cancelled whoever it is for.
    pub(super) fn leave(&mut self, logon: Number) {
        if let Some(run) = self.run.as_ref().filter(|run| run.lender == Some(logon)) {
            run.token.cancel();
        }
        self.cancel(logon);
        for engine in &mut self.engines {
            engine.logons.retain(|l| l.number != logon);
        }
        self.engines.retain(|engine| !engine.logons.is_empty());
    }

    /// SYNC-16: what a logon has asked for is cancelled: what waits, and the whole run where it is for nobody else.
    pub(super) fn cancel(&mut self, logon: Number) {
        let (mut mine, mut others) = (false, false);
        for entry in &mut self.requests {
            let is_mine = entry.logon == logon;
            match entry.place {
                Place::Waiting if is_mine => entry.place = Place::Cancelled,
                Place::Taken { hand, left: false }
                    if self.run.as_ref().is_some_and(|run| run.hand == hand) =>
                {
                    mine |= is_mine;
                    others |= !is_mine;
                }
                _ => {}
            }
        }
        let Some(run) = self.run.as_ref().filter(|_| mine) else {
            return;
        };
        if !others {
            run.token.cancel();
            return;
        }
        let (hand, token) = (run.hand, run.token.clone());
        for entry in self.requests.iter_mut().filter(|e| e.logon == logon) {
            if matches!(entry.place, Place::Taken { hand: of, .. } if of == hand) {
                entry.place = Place::Taken { hand, left: true };
            }
        }
        token.nudge();
    }

    // Requests, on the caller's side.

    /// Accepts a request or refuses it.
    pub(super) fn admit(
        &mut self,
        engine: Number,
        logon: Number,
        request: Request,
    ) -> Result<Admission, (Refusal, Request)> {
        let known = self.engines.iter().find(|e| e.number == engine);
        let Some(known) = known.filter(|e| e.logons.iter().any(|l| l.number == logon)) else {
            return Err((Refusal::LoggedOff, request));
        };
        if known.overlap == Overlap::Busy && self.is_busy() {
            return Err((Refusal::Busy, request));
        }
        // SYNC-15: cancelled ones count until they are told.
        if self.outstanding() >= MOST_REQUESTS {
            return Err((Refusal::NoResources, request));
        }
        let number = self.number();
        self.requests.push(Entry {
            number,
            engine,
            logon,
            place: Place::Waiting,
            request: Some(request.accept()),
        });
        let needs_worker = !self.is_served(engine);
        Ok(Admission {
            number,
            needs_worker,
        })
    }

    /// Takes back a request for which no thread could be started. None: another thread serves it, or will, and the
    /// caller is told S_OK.
    pub(super) fn withdraw(&mut self, number: Number) -> Option<Request> {
        let place = self.requests.iter().position(|e| e.number == number)?;
        if self.is_served(self.requests[place].engine) {
            return None;
        }
        if !self.requests[place].is_due() {
            return None;
        }
        self.requests.remove(place).request.map(Request::refuse)
    }

    /// Whether something that a logon asked for before a mark is still to be done: waits, runs, is being told, or is
    /// held by a hand (SYNC-16). Of a logon that has left, a run that uses its store counts too: that one is cancelled,
    /// and no other can begin with it.
    pub(super) fn owes(&self, logon: Number, Mark(mark): Mark) -> bool {
        let lends = |run: &Run| run.lender == Some(logon);
        self.run.as_ref().is_some_and(lends) && self.has_left(logon)
            || self
                .requests
                .iter()
                .any(|e| e.logon == logon && e.number <= mark)
    }

    /// Whether a logon has left, and nothing of what it asked for is still to be done.
    pub(super) fn is_over(&self, logon: Number) -> bool {
        self.has_left(logon) && !self.owes(logon, self.mark())
    }

    fn has_left(&self, logon: Number) -> bool {
        let mut logons = self.engines.iter().flat_map(|e| &e.logons);
        !logons.any(|l| l.number == logon)
    }

    // Hands.

    /// A worker comes. None: another one is there, or there is nothing to do for it.
    pub(super) fn enter(&mut self, engine: Number, thread: ThreadId) -> Option<Number> {
        let is_due = |e: &Entry| e.engine == engine && e.is_due();
        if self.is_served(engine) || !self.requests.iter().any(is_due) {
            return None;
        }
        Some(self.add_hand(engine, thread, Duty::Serves { busy: false }))
    }

    /// A thread comes that tells what a busy worker can't.
    pub(super) fn enter_to_tell(&mut self, engine: Number, thread: ThreadId) -> Number {
        self.add_hand(engine, thread, Duty::Tells { busy: false })
    }

    fn add_hand(&mut self, engine: Number, thread: ThreadId, duty: Duty) -> Number {
        let number = self.number();
        self.hands.push(Hand {
            number,
            engine,
            thread,
            duty,
        });
        number
    }

    /// Whether a thread is one of ours, in the middle of its work: it can't wait for itself (SYNC-16).
    pub(super) fn is_hand(&self, thread: ThreadId) -> bool {
        self.hands.iter().any(|hand| hand.thread == thread)
    }

    /// Whether somebody has to be started who tells what is cancelled: all hands that could are in a run or a callback
    /// and may be stuck there (SYNC-16). Where there is no hand at all, one is about to come.
    pub(super) fn needs_teller(&self, engine: Number) -> bool {
        let mut duties = self.hands.iter().filter(|h| h.engine == engine);
        let mut is_stuck = false;
        let is_free = duties.any(|hand| match hand.duty {
            Duty::Serves { busy } | Duty::Tells { busy } => {
                is_stuck |= busy;
                !busy
            }
            Duty::Leaves => false,
        });
        is_stuck && !is_free && self.has_cancelled(engine)
    }

    /// Whether something of an engine is cancelled and not being told yet.
    pub(super) fn has_cancelled(&self, engine: Number) -> bool {
        let is_cancelled = |e: &Entry| e.engine == engine && e.place == Place::Cancelled;
        self.requests.iter().any(is_cancelled)
    }

    /// What a hand has told is settled: it comes back from it, and holds nothing of it any more.
    pub(super) fn settle(&mut self, hand: Number) {
        self.requests.retain(|e| !e.is_with(hand));
        if self.run.as_ref().is_some_and(|run| run.hand == hand) {
            self.run = None;
        }
    }

    /// What a worker does next, after [`settle`](Self::settle). [`Step::Wait`] changes nothing.
    pub(super) fn next(&mut self, hand: Number) -> Step {
        let Some(engine) = self.engine_of(hand) else {
            return Step::Leave;
        };
        self.set_duty(hand, Duty::Serves { busy: false });
        if let Some(ticket) = self.take_cancelled(engine, hand) {
            self.set_duty(hand, Duty::Serves { busy: true });
            let needs_teller = self.needs_teller(engine);
            return Step::Tell(Telling {
                ticket,
                needs_teller,
            });
        }
        let Some(first) = self.first_waiting(|e| e.engine == engine) else {
            self.set_duty(hand, Duty::Leaves);
            return Step::Leave;
        };
        // Whoever has asked first among those of one file goes first.
        if self.run.is_some() || self.first_waiting(|_| true) != Some(first) {
            return Step::Wait;
        }
        self.run = Some(Run {
            hand,
            token: CancelToken::default(),
            lender: None,
        });
        Step::Claimed
    }

    /// Whether a claim is still wanted: all of its requests may have been cancelled.
    pub(super) fn is_wanted(&self, hand: Number) -> bool {
        let engine = self.engine_of(hand);
        self.first_waiting(|e| Some(e.engine) == engine).is_some()
    }

    /// The run that was claimed begins, for all that wait (SYNC-15). None: nothing waits any more, or something was
    /// cancelled since, which is told first; the claim is given up.
    pub(super) fn begin(&mut self, hand: Number) -> Option<Begun> {
        let engine = self.engine_of(hand)?;
        if self.has_cancelled(engine) {
            self.run = None;
            return None;
        }
        let mut tickets = Vec::new();
        let mut asking = Vec::new();
        for entry in self.requests.iter_mut().filter(|e| e.engine == engine) {
            if entry.place == Place::Waiting {
                tickets.extend(entry.take(hand));
                asking.push(entry.logon);
            }
        }
        let seat = self.best_seat(&asking);
        let Some(seat) = seat else {
            self.run = None;
            return None;
        };
        let lends = |l: &&Logon| l.number == seat && l.lends;
        let lender = self.engines.iter().flat_map(|e| &e.logons).find(lends);
        let run = Run {
            hand,
            token: CancelToken::default(),
            lender: lender.map(|l| l.number),
        };
        let token = run.token.clone();
        self.run = Some(run);
        self.set_duty(hand, Duty::Serves { busy: true });
        Some(Begun {
            tickets,
            token,
            seat,
        })
    }

    /// Of the logons that have asked, a client's before the spooler's.
    fn best_seat(&self, asking: &[Number]) -> Option<Number> {
        let logons = || self.engines.iter().flat_map(|e| &e.logons);
        let is_spooler = |n: &&Number| logons().any(|l| l.number == **n && l.is_spooler);
        let client = asking.iter().find(|n| !is_spooler(n));
        client.or(asking.first()).copied()
    }

    /// What a thread that tells does next, when it has waited long enough for the worker.
    pub(super) fn next_to_tell(&mut self, engine: Number, hand: Number) -> Option<Telling> {
        let ticket = self.take_cancelled(engine, hand)?;
        self.set_duty(hand, Duty::Tells { busy: true });
        let needs_teller = self.needs_teller(engine);
        Some(Telling {
            ticket,
            needs_teller,
        })
    }

    /// A thread that tells comes back from a `Done`.
    pub(super) fn told(&mut self, hand: Number) {
        self.settle(hand);
        self.set_duty(hand, Duty::Tells { busy: false });
    }

    /// The next request that is due to be told that it is cancelled.
    fn take_cancelled(&mut self, engine: Number, hand: Number) -> Option<Ticket> {
        let is_cancelled = |e: &&mut Entry| e.engine == engine && e.place == Place::Cancelled;
        self.requests.iter_mut().find(is_cancelled)?.take(hand)
    }

    /// The requests of a run whose logons have left it.
    pub(super) fn leavers(&self, hand: Number) -> Vec<Number> {
        let left =
            |e: &&Entry| matches!(e.place, Place::Taken { hand: of, left: true } if of == hand);
        self.requests
            .iter()
            .filter(left)
            .map(|e| e.number)
            .collect()
    }

    /// The `Done` of a request is called now: it counts no more (SYNC-15).
    pub(super) fn tell(&mut self, number: Number) {
        if let Some(entry) = self.requests.iter_mut().find(|e| e.number == number)
            && let Place::Taken { hand, .. } = entry.place
        {
            entry.place = Place::Told { hand };
        }
    }

    /// A request is told and released, and its run goes on without it.
    pub(super) fn settle_one(&mut self, number: Number) {
        self.requests.retain(|e| e.number != number);
    }

    /// A thread that tells has found nothing more to do.
    pub(super) fn retire(&mut self, hand: Number) {
        self.set_duty(hand, Duty::Leaves);
    }

    /// A hand is gone. A worker that went in the middle of its work leaves what nobody else will come for: that is
    /// handed out, to be ended (SYNC-22).
    pub(super) fn exit(&mut self, hand: Number) -> Vec<Request> {
        self.settle(hand);
        let Some(place) = self.hands.iter().position(|h| h.number == hand) else {
            return Vec::new();
        };
        let Hand { engine, duty, .. } = self.hands.swap_remove(place);
        if !matches!(duty, Duty::Serves { .. }) {
            return Vec::new();
        }
        let orphans = |e: &mut Entry| e.engine == engine && e.is_due();
        let orphans = self.requests.extract_if(.., orphans);
        orphans.filter_map(|entry| entry.request).collect()
    }

    // What there is.

    fn engine_of(&self, hand: Number) -> Option<Number> {
        let mut hands = self.hands.iter();
        hands.find(|h| h.number == hand).map(|h| h.engine)
    }

    fn set_duty(&mut self, hand: Number, duty: Duty) {
        if let Some(hand) = self.hands.iter_mut().find(|h| h.number == hand) {
            hand.duty = duty;
        }
    }

    /// Whether a worker of the engine will come for what is next.
    fn is_served(&self, engine: Number) -> bool {
        let serves = |h: &Hand| h.engine == engine && matches!(h.duty, Duty::Serves { .. });
        self.hands.iter().any(serves)
    }

    /// The oldest request that waits, among some.
    fn first_waiting(&self, among: impl Fn(&Entry) -> bool) -> Option<Number> {
        let mut waiting = self.requests.iter().filter(|e| e.place == Place::Waiting);
        waiting.find(|e| among(e)).map(|e| e.number)
    }

    /// How many have not had their `Done`.
    fn outstanding(&self) -> usize {
        let is_told = |e: &&Entry| matches!(e.place, Place::Told { .. });
        self.requests.len() - self.requests.iter().filter(is_told).count()
    }

    /// Whether a run goes on, or is about to.
    fn is_busy(&self) -> bool {
        self.run.is_some() || !self.requests.is_empty()
    }

    // Bells.

    pub(super) fn add_bell(&mut self, bell: Arc<Bell>) {
        self.bells.push(bell);
    }

    pub(super) fn remove_bell(&mut self, bell: &Arc<Bell>) {
        self.bells.retain(|b| !Arc::ptr_eq(b, bell));
    }

    pub(super) fn ring(&self) {
        self.bells.iter().for_each(|bell| bell.ring());
    }
}

impl Entry {
    /// Whether a hand is to come for it.
    fn is_due(&self) -> bool {
        matches!(self.place, Place::Waiting | Place::Cancelled)
    }

    fn is_with(&self, hand: Number) -> bool {
        match self.place {
            Place::Taken { hand: of, .. } | Place::Told { hand: of } => of == hand,
            Place::Waiting | Place::Cancelled => false,
        }
    }

    fn take(&mut self, hand: Number) -> Option<Ticket> {
        let (number, request) = (self.number, self.request.take()?);
        self.place = Place::Taken { hand, left: false };
        Some(Ticket { number, request })
    }
}
