//! The requests of one run, and how each of them hears of its end (SYNC-10, 11, 15, 16).

use std::cell::RefCell;
use std::sync::Arc;

use windows_core::HRESULT;

use super::cancel::CancelToken;
use super::line::Line;
use super::request::{Callback, Request};
use super::state::{Begun, Number, Ticket};
use super::world::{Event, LastWords};
use mapi_provider_abi::mapi::{IMAPISession, MAPI_E_USER_CANCEL, SyncFlags};

/// The requests that a run serves. It stays on the worker.
pub(super) struct Batch {
    line: Arc<Line>,
    hand: Number,
    token: CancelToken,
    /// The logon whose section and store the run uses.
    seat: Number,
    flags: Vec<SyncFlags>,
    slots: Vec<RefCell<Slot>>,
}

/// A request, until it has ended.
struct Slot {
    number: Number,
    request: Option<Request>,
}

impl Batch {
    pub(super) fn new(line: &Arc<Line>, hand: Number, begun: Begun) -> Self {
        let Begun {
            tickets,
            token,
            seat,
        } = begun;
        let flags = tickets.iter().map(|ticket| ticket.request.flags).collect();
        let slot = |Ticket { number, request }| {
            RefCell::new(Slot {
                number,
                request: Some(request),
            })
        };
        Self {
            line: Arc::clone(line),
            hand,
            token,
            seat,
            flags,
            slots: tickets.into_iter().map(slot).collect(),
        }
    }

    pub(super) fn token(&self) -> &CancelToken {
        &self.token
    }

    pub(super) fn seat(&self) -> Number {
        self.seat
    }

    /// What each of the requests asked for.
    pub(super) fn flags(&self) -> impl Iterator<Item = SyncFlags> {
        self.flags.iter().copied()
    }

    /// How many requests the run began with.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A session, of the first request that has one.
    pub(super) fn session(&self) -> Option<IMAPISession> {
        let of = |slot: &RefCell<Slot>| slot.try_borrow().ok()?.request.as_ref()?.session.clone();
        self.slots.iter().find_map(of)
    }

    /// Calls a function for each callback of the requests that are still in the run, with the request's place.
    pub(super) fn for_each_callback(&self, mut call: impl FnMut(usize, &dyn Callback)) {
        for (place, slot) in self.slots.iter().enumerate() {
            // A slot that is in use is in the middle of a call: that callback has come back to us by a detour.
            if let Ok(slot) = slot.try_borrow()
                && let Some(callback) = slot.request.as_ref().and_then(|r| r.callback.as_deref())
            {
                call(place, callback);
            }
        }
    }

    /// Ends the requests whose logons have left the run (SYNC-16): the run goes on for the others.
    pub(super) fn attend(&self) {
        if !self.token.take_nudge() {
            return;
        }
        for number in self.line.leavers(self.hand) {
            let slots = self
                .slots
                .iter()
                .filter_map(|slot| slot.try_borrow_mut().ok());
            let request = slots
                .filter(|slot| slot.number == number)
                .find_map(|mut slot| slot.request.take());
            if let Some(request) = request {
                self.end_one(number, request, MAPI_E_USER_CANCEL)
                    .iter()
                    .for_each(Event::signal);
                self.line.settle_one(number);
            }
        }
    }

    /// Ends what is left of the batch: each `Done` before its release, and all releases before any signal (SYNC-11).
    pub(super) fn end(self, result: HRESULT, events: &mut LastWords) {
        self.attend();
        for slot in &self.slots {
            let (number, request) = {
                let mut slot = slot.borrow_mut();
                (slot.number, slot.request.take())
            };
            if let Some(request) = request {
                events.push(self.end_one(number, request, result));
            }
        }
    }

    fn end_one(&self, number: Number, request: Request, result: HRESULT) -> Option<Event> {
        self.line.tell(number);
        request.finish(result)
    }
}
