//! Any order of steps ends each accepted request exactly once (SYNC-15, SYNC-17).

use proptest::prelude::*;

use super::super::state::{MOST_REQUESTS, Number, State, Step, Ticket};
use super::*;
use crate::platform::current_thread;
use mapi_provider_abi::mapi::MAPI_E_USER_CANCEL;

/// What happens to a store. The number says which of the logons does it.
#[derive(Clone, Copy, Debug)]
enum Move {
    Submit(usize),
    /// No thread was to be had for the request before.
    Withdraw,
    /// A thread arrives that was started for an engine.
    Enter(usize),
    /// The worker of an engine comes for what is next, and serves it.
    Serve(usize),
    /// The run under way looks who has left.
    Attend,
    /// A thread tells one that was cancelled.
    Tell(usize),
    Cancel(usize),
    Leave(usize),
    /// The worker of an engine goes in the middle of its work.
    Crash(usize),
}

/// Two engines of one store, with two logons each.
const LOGONS: usize = 4;

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let which = 0..LOGONS;
    let step = prop_oneof![
        8 => which.clone().prop_map(Move::Submit),
        1 => Just(Move::Withdraw),
        4 => which.clone().prop_map(Move::Enter),
        6 => which.clone().prop_map(Move::Serve),
        2 => Just(Move::Attend),
        1 => which.clone().prop_map(Move::Tell),
        2 => which.clone().prop_map(Move::Cancel),
        1 => which.clone().prop_map(Move::Leave),
        1 => which.prop_map(Move::Crash),
    ];
    prop::collection::vec(step, 0..250)
}

/// A state, and what must be true of it.
struct Model {
    state: State,
    overlap: Overlap,
    engines: [Number; 2],
    logons: [Number; LOGONS],
    dones: Dones,
    events: Vec<Event>,
    accepted: Vec<usize>,
    /// The last request, where no thread may have been started for it.
    last: Option<(usize, Number)>,
    workers: [Option<Worker>; 2],
}

/// A worker, and the requests of the run that it has under way.
struct Worker {
    hand: Number,
    batch: Option<Vec<Ticket>>,
}

impl Model {
    fn new(overlap: Overlap) -> Self {
        let mut state = State::default();
        let (first, a) = state.open(overlap, false);
        let (second, b) = state.open(overlap, false);
        let c = state.log_on(first, true).expect("it is open");
        let d = state.log_on(second, true).expect("it is open");
        Self {
            state,
            overlap,
            engines: [first, second],
            logons: [a, b, c, d],
            dones: Dones::default(),
            events: Vec::new(),
            accepted: Vec::new(),
            last: None,
            workers: [None, None],
        }
    }

    fn make(&mut self, step: Move) {
        let last = self.last.take();
        match step {
            Move::Submit(logon) => self.submit(logon),
            Move::Withdraw => self.withdraw(last),
            Move::Enter(which) => self.enter(which % 2),
            Move::Serve(which) => self.serve(which % 2),
            Move::Attend => self.attend(),
            Move::Tell(which) => self.tell(which % 2),
            Move::Cancel(logon) => self.state.cancel(self.logons[logon]),
            Move::Leave(logon) => self.state.leave(self.logons[logon]),
            Move::Crash(which) => self.crash(which % 2),
        }
    }

    fn submit(&mut self, logon: usize) {
        let number = self.events.len();
        let (request, event) = request(number, &self.dones);
        self.events.push(event);
        let (engine, logon) = (self.engines[logon % 2], self.logons[logon]);
        let outstanding = self.accepted.len() - results(&self.dones).len();
        match self.state.admit(engine, logon, request) {
            Ok(admission) => {
                assert!(outstanding < MOST_REQUESTS);
                self.accepted.push(number);
                self.last = admission.needs_worker.then_some((number, admission.number));
            }
            Err((Refusal::NoResources, _)) => assert!(outstanding >= MOST_REQUESTS),
            Err((Refusal::Busy, _)) => assert_eq!(self.overlap, Overlap::Busy),
            Err((Refusal::LoggedOff, _)) => {}
        }
    }

    fn withdraw(&mut self, last: Option<(usize, Number)>) {
        let Some((request, number)) = last else {
            return;
        };
        if self.state.withdraw(number).is_some() {
            self.accepted.retain(|accepted| *accepted != request);
        }
    }

    fn enter(&mut self, which: usize) {
        if let Some(hand) = self.state.enter(self.engines[which], current_thread()) {
            assert!(self.workers[which].is_none(), "one worker of an engine");
            self.workers[which] = Some(Worker { hand, batch: None });
        }
    }

    /// The run under way ends, and the next step is taken.
    fn serve(&mut self, which: usize) {
        let Some(Worker { hand, batch }) = self.workers[which].take() else {
            return;
        };
        for ticket in batch.into_iter().flatten() {
            self.end(ticket, S_OK);
        }
        self.state.settle(hand);
        let batch = match self.state.next(hand) {
            Step::Leave => {
                let orphans = self.state.exit(hand);
                assert!(orphans.is_empty(), "nothing is left behind");
                return;
            }
            Step::Tell(telling) => {
                self.end(telling.ticket, MAPI_E_USER_CANCEL);
                None
            }
            Step::Wait => None,
            Step::Claimed => {
                let others = self.workers.iter().flatten().all(|w| w.batch.is_none());
                assert!(others, "one run of a store at a time");
                let begun = self.state.begin(hand).expect("it was claimed for somebody");
                assert!(
                    !begun.token.is_cancelled(),
                    "every run has a token of its own"
                );
                Some(begun.tickets)
            }
        };
        self.workers[which] = Some(Worker { hand, batch });
    }

    fn attend(&mut self) {
        for which in 0..2 {
            let Some(mut worker) = self.workers[which].take() else {
                continue;
            };
            for number in self.state.leavers(worker.hand) {
                let batch = worker.batch.as_mut().expect("a run under way");
                let place = batch.iter().position(|ticket| ticket.number == number);
                let ticket = batch.swap_remove(place.expect("it is in the run"));
                self.end(ticket, MAPI_E_USER_CANCEL);
                self.state.settle_one(number);
            }
            self.workers[which] = Some(worker);
        }
    }

    fn tell(&mut self, which: usize) {
        let engine = self.engines[which];
        if !self.state.needs_teller(engine) {
            return;
        }
        let hand = self.state.enter_to_tell(engine, current_thread());
        while let Some(telling) = self.state.next_to_tell(engine, hand) {
            self.end(telling.ticket, MAPI_E_USER_CANCEL);
            self.state.told(hand);
        }
        self.state.retire(hand);
        assert!(self.state.exit(hand).is_empty());
    }

    fn crash(&mut self, which: usize) {
        if let Some(Worker { hand, batch }) = self.workers[which].take() {
            // The requests of a run, and those that nobody will come for, end with their drop.
            drop(batch);
            drop(self.state.exit(hand));
        }
    }

    fn end(&mut self, Ticket { number, request }: Ticket, result: HRESULT) {
        self.state.tell(number);
        if let Some(event) = request.finish(result) {
            event.signal();
        }
    }

    /// The workers do what is left; then every request has had what it was promised.
    fn finish(mut self) {
        self.attend();
        for _ in 0..MOST_REQUESTS * 4 {
            (0..2).for_each(|which| {
                self.enter(which);
                self.serve(which);
            });
        }
        assert!(self.workers.iter().all(Option::is_none), "nobody is left");
        let mark = self.state.mark();
        assert!(
            self.logons
                .iter()
                .all(|logon| !self.state.owes(*logon, mark))
        );
        let mut done: Vec<usize> = results(&self.dones).iter().map(|(n, _)| *n).collect();
        done.sort_unstable();
        assert_eq!(
            done, self.accepted,
            "accepted ends exactly once, refused never"
        );
        for (number, event) in self.events.iter().enumerate() {
            assert_eq!(is_signalled(event), self.accepted.contains(&number));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sync_15_sync_17_what_is_accepted_is_finished_exactly_once(moves in moves(), busy in any::<bool>()) {
        let mut model = Model::new(if busy { Overlap::Busy } else { Overlap::Merge });
        moves.into_iter().for_each(|step| model.make(step));
        model.finish();
    }
}
