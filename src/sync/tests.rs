//! The laws of the queue and the worker, with callbacks that only take notes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use windows_core::HRESULT;

use super::cursor::CursorStore;
use super::queue::{Admission, MAX_WAITING, Next, Queue};
use super::{
    BackgroundSync, Callback, CallerHandle, EngineOptions, Refusal, Request, SyncEngine, SyncJob,
};
use crate::abi::{E_UNEXPECTED, MAPI_E_USER_CANCEL, S_OK, SyncFlags};
use crate::error::{LogonError, SyncError};
use crate::manifest::{Overlap, Unload};
use crate::platform::Event;

/// More than anything here takes that goes well.
const SOON: Duration = Duration::from_secs(20);

/// What the callbacks of a test heard: which request, and how it ended.
type Dones = Arc<Mutex<Vec<(usize, HRESULT)>>>;

struct Notes {
    number: usize,
    dones: Dones,
}

impl Callback for Notes {
    fn progress(&self, _: &str, _: u32, _: u32) -> HRESULT {
        S_OK
    }

    fn error(&self, _: HRESULT, _: &str) {}

    fn done(&self, handle: CallerHandle, result: HRESULT) {
        assert_eq!(handle.as_raw() as usize, self.number, "its own handle");
        self.dones
            .lock()
            .expect("not poisoned")
            .push((self.number, result));
    }
}

/// A request whose handle is its number, and the caller's event.
fn request(number: usize, dones: &Dones) -> (Request, Event) {
    let event = Event::create().expect("an event");
    let ours = event.duplicate().expect("an event");
    let notes = Notes {
        number,
        dones: Arc::clone(dones),
    };
    let handle = CallerHandle::new(number as *mut _);
    let flags = SyncFlags::from_bits_retain(1 << (number % 32));
    (
        Request::new(flags, None, Some(Box::new(notes)), handle, ours),
        event,
    )
}

fn is_signalled(event: &Event) -> bool {
    event.wait(Some(Duration::ZERO))
}

/// What happens to a queue.
#[derive(Clone, Copy, Debug)]
enum Step {
    Submit,
    /// The worker comes for what there is, serves it and comes again.
    Serve,
    Cancel,
    /// No thread was to be had for the worker that is due.
    Withdraw,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Submit),
        2 => Just(Step::Serve),
        1 => Just(Step::Cancel),
        1 => Just(Step::Withdraw),
    ];
    prop::collection::vec(step, 0..200)
}

/// A queue, and what must be true of it.
struct Model {
    queue: Queue,
    overlap: Overlap,
    dones: Dones,
    events: Vec<Event>,
    accepted: Vec<usize>,
    refused: Vec<usize>,
    /// The latch of a worker that was asked for and has not begun.
    due: Option<Arc<crate::platform::Latch>>,
    is_running: bool,
}

impl Model {
    fn new(overlap: Overlap) -> Self {
        Self {
            queue: Queue::default(),
            overlap,
            dones: Dones::default(),
            events: Vec::new(),
            accepted: Vec::new(),
            refused: Vec::new(),
            due: None,
            is_running: false,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Submit => self.submit(),
            Step::Serve => self.serve(),
            Step::Cancel => self.queue.cancel(false),
            Step::Withdraw => self.withdraw(),
        }
    }

    fn submit(&mut self) {
        let number = self.events.len();
        let (request, event) = request(number, &self.dones);
        self.events.push(event);
        match self.queue.admit(request, self.overlap) {
            Ok(Admission::Waits) => {
                assert!(self.is_running, "a worker comes for it");
                assert_eq!(self.overlap, Overlap::Merge);
                self.accepted.push(number);
            }
            Ok(Admission::NeedsWorker(latch)) => {
                assert!(!self.is_running, "one worker at a time");
                (self.is_running, self.due) = (true, Some(latch));
                self.accepted.push(number);
            }
            Err((refusal, request)) => {
                let expected = if self.overlap == Overlap::Busy {
                    Refusal::Busy
                } else {
                    Refusal::NoResources
                };
                assert_eq!(refusal, expected);
                assert!(self.is_running);
                drop(request);
                self.refused.push(number);
            }
        }
    }

    /// One turn of the worker.
    fn serve(&mut self) {
        if !self.is_running {
            return;
        }
        self.due = None;
        match self.queue.next() {
            Next::Leave => self.is_running = false,
            Next::Work {
                batch,
                cancelled,
                token,
            } => {
                assert!(!token.is_cancelled(), "every run has a token of its own");
                assert!(batch.len() + cancelled.len() > 0 && batch.len() <= MAX_WAITING);
                let end = |request: Request, result| {
                    if let Some(event) = request.finish(result) {
                        event.signal();
                    }
                };
                cancelled
                    .into_iter()
                    .for_each(|request| end(request, MAPI_E_USER_CANCEL));
                batch.into_iter().for_each(|request| end(request, S_OK));
            }
        }
    }

    fn withdraw(&mut self) {
        // Only right after the admission, as in the engine: the lock is held between the two.
        let Some(latch) = self
            .due
            .take()
            .filter(|_| self.accepted.last() == self.events.len().checked_sub(1).as_ref())
        else {
            return;
        };
        if let Some(request) = self.queue.withdraw(&latch) {
            drop(request);
            self.refused.extend(self.accepted.pop());
        }
        self.is_running = false;
    }

    /// The worker does what is left; then every request has had what it was promised.
    fn finish(mut self) {
        while self.is_running {
            self.serve();
        }
        assert!(self.queue.is_idle());
        let mut done: Vec<usize> = self
            .dones
            .lock()
            .expect("not poisoned")
            .iter()
            .map(|(number, _)| *number)
            .collect();
        done.sort_unstable();
        assert_eq!(
            done, self.accepted,
            "accepted is finished exactly once, refused never"
        );
        assert!(
            self.accepted
                .iter()
                .all(|number| is_signalled(&self.events[*number]))
        );
        assert!(
            self.refused
                .iter()
                .all(|number| !is_signalled(&self.events[*number]))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sync_15_sync_17_what_is_accepted_is_finished_exactly_once(steps in steps(), busy in any::<bool>()) {
        let mut model = Model::new(if busy { Overlap::Busy } else { Overlap::Merge });
        let mut earlier = None;
        for step in steps {
            // A worker that is not withdrawn at once has been started.
            if !matches!(step, Step::Withdraw) || !matches!(earlier, Some(Step::Submit)) {
                model.due = None;
            }
            model.take(step);
            earlier = Some(step);
        }
        model.finish();
    }
}

#[test]
fn sync_16_a_closed_queue_accepts_nothing() {
    let (mut queue, dones) = (Queue::default(), Dones::default());
    queue.cancel(true);
    let refused = queue
        .admit(request(0, &dones).0, Overlap::Merge)
        .err()
        .map(|(refusal, _)| refusal);
    assert_eq!(refused, Some(Refusal::LoggedOff));
    assert!(matches!(queue.next(), Next::Leave));
}

#[test]
fn sync_10_an_accepted_request_that_gets_lost_is_told_and_signalled() {
    let dones = Dones::default();
    let (lost, event) = request(1, &dones);
    drop(lost.accept());
    assert_eq!(*dones.lock().expect("not poisoned"), [(1, E_UNEXPECTED)]);
    assert!(is_signalled(&event));
    let (refused, event) = request(2, &dones);
    drop(refused.accept().refuse());
    assert_eq!(dones.lock().expect("not poisoned").len(), 1);
    assert!(!is_signalled(&event));
}

/// Logic that does what a function says.
struct Logic(fn(&SyncJob) -> Result<(), SyncError>);

impl BackgroundSync for Logic {
    type Settings = ();

    fn open((): ()) -> Result<Self, LogonError> {
        Ok(Self(|_| Ok(())))
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        self.0(job)
    }
}

fn engine(logic: fn(&SyncJob) -> Result<(), SyncError>) -> SyncEngine<Logic> {
    let options = EngineOptions {
        overlap: Overlap::Merge,
        unload: Unload::AfterRun,
        logoff_wait: Duration::from_secs(5),
    };
    SyncEngine::new(Logic(logic), CursorStore::new(None, 0x67E0), options)
}

#[test]
fn a_run_without_a_profile_has_no_cursor_and_can_keep_none() {
    let engine = engine(|job| {
        assert_eq!(job.cursor(), None);
        job.save_cursor(b"somewhere")
    });
    let dones = Dones::default();
    let (request, event) = request(3, &dones);
    engine.submit(request).expect("accepted");
    assert!(event.wait(Some(SOON)));
    assert_eq!(
        *dones.lock().expect("not poisoned"),
        [(3, crate::abi::MAPI_E_NO_ACCESS)]
    );
}

#[test]
fn sync_16_stopping_an_idle_engine_waits_for_nobody() {
    let engine = engine(|_| Ok(()));
    engine.stop(false);
    let dones = Dones::default();
    let (one, event) = request(1, &dones);
    engine.submit(one).expect("it is open");
    assert!(event.wait(Some(SOON)));
    engine.stop(true);
    assert_eq!(engine.submit(request(2, &dones).0), Err(Refusal::LoggedOff));
    assert_eq!(*dones.lock().expect("not poisoned"), [(1, S_OK)]);
}
