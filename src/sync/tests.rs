//! The laws of the engine, with callbacks that only take notes.

mod cancelling;
mod laws;
mod panics;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use windows_core::HRESULT;

use super::line::Line;
use super::{
    BackgroundSync, Callback, CallerHandle, EngineOptions, LogonPart, Refusal, Request, SyncEngine,
    SyncJob,
};
use crate::error::{LogonError, SyncError};
use crate::manifest::{Overlap, Unload};
use crate::platform::Event;
use mapi_provider_abi::mapi::{E_UNEXPECTED, S_OK, SyncFlags};

/// More than anything here takes that goes well.
const SOON: Duration = Duration::from_secs(20);

/// What the callbacks of a test heard: which request, and how it ended.
type Dones = Arc<Mutex<Vec<(usize, HRESULT)>>>;

type Hook = Box<dyn Fn() + Send>;

struct Notes {
    number: usize,
    dones: Dones,
    on_done: Hook,
}

impl Callback for Notes {
    fn progress(&self, _: &str, _: u32, _: u32) -> HRESULT {
        S_OK
    }

    fn error(&self, _: HRESULT, _: &str) {}

    fn done(&self, handle: CallerHandle, result: HRESULT) {
        assert_eq!(handle.as_raw() as usize, self.number, "its own handle");
        let mut dones = self.dones.lock().expect("not poisoned");
        dones.push((self.number, result));
        drop(dones);
        (self.on_done)();
    }
}

/// A request whose handle is its number, and the caller's event.
fn request(number: usize, dones: &Dones) -> (Request, Event) {
    hooked(number, dones, || ())
}

/// A request whose Done does something.
fn hooked(number: usize, dones: &Dones, on_done: impl Fn() + Send + 'static) -> (Request, Event) {
    let event = Event::create().expect("an event");
    let ours = event.duplicate().expect("an event");
    let notes = Notes {
        number,
        dones: Arc::clone(dones),
        on_done: Box::new(on_done),
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

type Run = Box<dyn Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync>;

/// Logic that does what a function says.
struct Logic(Run);

impl BackgroundSync for Logic {
    type Settings = ();

    fn open((): ()) -> Result<Self, LogonError> {
        Ok(Self(Box::new(|_| Ok(()))))
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        (self.0)(job)
    }
}

const OPTIONS: EngineOptions = EngineOptions {
    overlap: Overlap::Merge,
    unload: Unload::AfterRun,
    logoff_wait: Duration::from_secs(5),
    cursor_tag: 0x67E0,
    is_service: false,
};

fn part(is_spooler: bool) -> LogonPart {
    LogonPart {
        section: None,
        is_spooler,
    }
}

fn engine(
    logic: impl Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync + 'static,
) -> SyncEngine<Logic> {
    engine_with(OPTIONS, logic)
}

fn engine_with(
    options: EngineOptions,
    logic: impl Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync + 'static,
) -> SyncEngine<Logic> {
    engine_on(&Arc::new(Line::new(None)), options, logic)
}

/// An engine of a store that others may have too.
fn engine_on(
    line: &Arc<Line>,
    options: EngineOptions,
    logic: impl Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync + 'static,
) -> SyncEngine<Logic> {
    SyncEngine::open(
        Arc::clone(line),
        Logic(Box::new(logic)),
        options,
        part(false),
    )
}

/// StoreLogoff.
fn cancel(engine: &SyncEngine<Logic>) {
    let logon = engine.logon();
    logon.wait_until(logon.cancel(), logon.deadline());
}

/// Logoff.
fn log_off(engine: &SyncEngine<Logic>) {
    let logon = engine.logon();
    logon.wait_until(engine.leave(), logon.deadline());
}

/// A door that logic waits at.
#[derive(Clone, Default)]
struct Door(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Door {
    fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().expect("not poisoned");
        state.0 += 1;
        changed.notify_all();
        drop(
            changed
                .wait_while(state, |(_, open)| !*open)
                .expect("not poisoned"),
        );
    }

    fn wait_for_arrivals(&self, count: usize) {
        let (state, changed) = &*self.0;
        let state = state.lock().expect("not poisoned");
        let (state, late) = changed
            .wait_timeout_while(state, SOON, |(arrived, _)| *arrived < count)
            .expect("not poisoned");
        assert!(!late.timed_out(), "{} arrived", state.0);
    }

    fn open(&self) {
        let (state, changed) = &*self.0;
        state.lock().expect("not poisoned").1 = true;
        changed.notify_all();
    }
}

fn results(dones: &Dones) -> Vec<(usize, HRESULT)> {
    dones.lock().expect("not poisoned").clone()
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
        results(&dones),
        [(3, mapi_provider_abi::mapi::MAPI_E_NO_ACCESS)]
    );
}

#[test]
fn sync_10_an_accepted_request_that_gets_lost_is_told_and_signalled() {
    let dones = Dones::default();
    let (lost, event) = request(1, &dones);
    drop(lost.accept());
    assert_eq!(results(&dones), [(1, E_UNEXPECTED)]);
    assert!(is_signalled(&event));
    let (refused, event) = request(2, &dones);
    drop(refused.accept().refuse());
    assert_eq!(results(&dones).len(), 1);
    assert!(!is_signalled(&event));
}

#[test]
fn sync_16_stopping_an_idle_engine_waits_for_nobody() {
    let engine = engine(|_| Ok(()));
    cancel(&engine);
    let dones = Dones::default();
    let (one, event) = request(1, &dones);
    engine.submit(one).expect("it is open");
    assert!(event.wait(Some(SOON)));
    log_off(&engine);
    assert_eq!(engine.submit(request(2, &dones).0), Err(Refusal::LoggedOff));
    assert_eq!(results(&dones), [(1, S_OK)]);
}
