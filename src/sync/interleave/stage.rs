//! What a check plays with: a store, logons to it, requests, and logic that is watched.

use std::sync::Arc;
use std::time::Duration;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::Mutex;
use shuttle::{Config, FailurePersistence, MaxSteps, Runner, thread};
use windows_core::HRESULT;

use super::batch::Batch;
use super::cancel::Woken;
use super::crew::{Crew, Service};
use super::line::Line;
use super::logons::LogonHandle;
use super::open::{Joinable, Open};
use super::request::{Callback, CallerHandle, Request};
use super::state::{Mark, Number, Refusal};
use super::world::{Event, LastWords, Weather, lock, reset_process_lock, set_weather};
use crate::manifest::{Overlap, Unload};
use crate::platform::trusted_variable;
use mapi_provider_abi::mapi::{MAPI_E_USER_CANCEL, S_OK, SyncFlags};

/// Tries a check in many interleavings: half of them at random, half as PCT chooses them, which switches seldom and
/// late, and so finds what needs a rare order. `INTERLEAVE` says how many instead of the given number.
pub(super) fn check(
    count: usize,
    weather: Weather,
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let told = trusted_variable("INTERLEAVE");
    let told = told.and_then(|told| told.to_str()?.parse().ok());
    let count = told.unwrap_or(count);
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::Print;
    // One that goes on for ever is a failure, not a hang.
    config.max_steps = MaxSteps::FailAfter(100_000);
    let prepared = move || {
        set_weather(weather);
        reset_process_lock();
        body();
    };
    let random = Runner::new(RandomScheduler::new(count / 2 + 1), config.clone());
    random.run(prepared.clone());
    let pct = Runner::new(PctScheduler::new(3, count / 2 + 1), config);
    pct.run(prepared);
}

/// What must be true of a store, whatever happens in which order.
#[derive(Default)]
pub(super) struct Watch {
    /// Runs under way, of all that are this store.
    running: Mutex<usize>,
    /// Whether there were ever two.
    overlapped: Mutex<bool>,
    /// The requests that were accepted, with how often each was told, and what.
    pub(super) told: Mutex<Vec<(usize, HRESULT)>>,
}

/// A store of one or more engines.
#[derive(Clone)]
pub(super) struct Stage {
    line: Arc<Line>,
    sections: Arc<Open<&'static str, &'static str>>,
    pub(super) watch: Arc<Watch>,
}

/// What logic does in a run.
pub(super) type Play = Arc<dyn Fn(&Batch) + Send + Sync>;

struct Logic {
    watch: Arc<Watch>,
    play: Play,
    crew: Crew,
}

impl Joinable for Logic {
    type Part = bool;
    type Logon = Logon;

    fn join(self: &Arc<Self>, is_spooler: bool) -> Result<Logon, bool> {
        let logon = self.crew.line.log_on(self.crew.engine, is_spooler);
        logon.map(|number| self.logon(number)).ok_or(is_spooler)
    }
}

impl Logic {
    fn logon(self: &Arc<Self>, number: Number) -> Logon {
        Logon {
            crew: self.crew.clone(),
            logic: Arc::clone(self),
            number,
            watch: Arc::clone(&self.watch),
        }
    }
}

impl Service for Logic {
    fn serve(&self, batch: Batch, events: &mut LastWords) {
        let result = {
            let _running = Running::begin(&self.watch);
            (self.play)(&batch);
            if batch.token().is_cancelled() {
                MAPI_E_USER_CANCEL
            } else {
                S_OK
            }
        };
        batch.end(result, events);
    }
}

/// A run under way, until it is dropped.
struct Running<'a>(&'a Watch);

impl<'a> Running<'a> {
    fn begin(watch: &'a Watch) -> Self {
        let mut running = lock(&watch.running);
        *running += 1;
        // Noted and not asserted: a panic here would be taken for the logic's own.
        if *running > 1 {
            *lock(&watch.overlapped) = true;
        }
        Self(watch)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *lock(&self.0.running) -= 1;
    }
}

/// A logon to the store.
#[derive(Clone)]
pub(super) struct Logon {
    crew: Crew,
    logic: Arc<Logic>,
    number: Number,
    watch: Arc<Watch>,
}

/// A request that was accepted.
pub(super) struct Asked {
    pub(super) number: usize,
    pub(super) event: Event,
}

type Hook = Box<dyn FnOnce() + Send>;

/// Notes each Done; then does what the check wants done within it.
struct Notes {
    number: usize,
    watch: Arc<Watch>,
    hook: std::sync::Mutex<Option<Hook>>,
}

impl Callback for Notes {
    fn progress(&self, _: &str, _: u32, _: u32) -> HRESULT {
        S_OK
    }

    fn error(&self, _: HRESULT, _: &str) {}

    fn done(&self, _: CallerHandle, result: HRESULT) {
        lock(&self.watch.told).push((self.number, result));
        let hook = self.hook.lock().map(|mut hook| hook.take());
        if let Ok(Some(hook)) = hook {
            hook();
        }
    }
}

impl Stage {
    /// A store that other processes may have, too.
    pub(super) fn new() -> Self {
        Self {
            line: Arc::new(Line::new(Some("store".to_owned()))),
            sections: Arc::new(Open::new()),
            watch: Arc::default(),
        }
    }

    /// Opens it: a new engine, with its first logon.
    pub(super) fn open(&self, overlap: Overlap, play: Play) -> Logon {
        self.open_on(&self.line, overlap, play)
    }

    fn open_on(&self, line: &Arc<Line>, overlap: Overlap, play: Play) -> Logon {
        let (engine, number) = line.open(overlap, false);
        let crew = Crew {
            line: Arc::clone(line),
            engine,
            unload: Unload::Never,
            logoff_wait: Duration::from_secs(5),
            is_service: false,
        };
        let logic = Logic {
            watch: Arc::clone(&self.watch),
            play,
            crew,
        };
        Arc::new(logic).logon(number)
    }

    /// Logs on to a section: to its engine, or to a new one.
    pub(super) fn log_on(&self, section: &'static str, play: Play) -> Logon {
        let part = match self.sections.find::<Logic>(&section, false) {
            Ok(logon) => return logon,
            Err(part) => part,
        };
        // The sync logic is opened here, with no lock held.
        thread::yield_now();
        let new_line = || Line::new(Some("store".to_owned()));
        self.sections
            .claim(section, &"store", new_line, part, |line, _| {
                let logon = self.open_on(&line, Overlap::Merge, play);
                (Arc::clone(&logon.logic), logon)
            })
    }

    /// No run goes on.
    pub(super) fn assert_still(&self) {
        assert_eq!(*lock(&self.watch.running), 0);
    }

    /// How a request was told; each once.
    pub(super) fn result(&self, asked: &Asked) -> HRESULT {
        let told = lock(&self.watch.told);
        let of: Vec<HRESULT> = told
            .iter()
            .filter(|(number, _)| *number == asked.number)
            .map(|(_, result)| *result)
            .collect();
        assert_eq!(of.len(), 1, "Done is called once (SYNC-10)");
        of[0]
    }

    /// Waits until a request has ended, however that is.
    pub(super) fn await_end(&self, asked: &Asked) {
        let _ = self.end(asked);
    }

    /// Waits until a request has ended, and answers how.
    pub(super) fn end(&self, asked: &Asked) -> HRESULT {
        asked.event.wait();
        self.result(asked)
    }

    /// Nothing is left of anybody.
    pub(super) fn assert_idle(&self, logons: &[&Logon]) {
        for logon in logons {
            // Without an end: what is left for ever is a deadlock.
            logon.crew.line.wait(logon.number, logon.mark(), None);
        }
        self.assert_still();
        let overlapped = *lock(&self.watch.overlapped);
        assert!(!overlapped, "one run of a store at a time (SYNC-15)");
    }
}

impl Logon {
    /// The spooler's logon, or another session's, to the same engine.
    pub(super) fn beside(&self) -> Option<Self> {
        let crew = self.crew.clone();
        let number = crew.line.log_on(crew.engine, true)?;
        Some(Self {
            crew,
            number,
            ..self.clone()
        })
    }

    /// Runs use its store from now on, as those of a wrapped store do.
    pub(super) fn lend(&self) {
        self.crew.line.lend(self.number);
    }

    /// The logon, as a provider object keeps it.
    pub(super) fn handle(&self) -> LogonHandle {
        LogonHandle {
            crew: self.crew.clone(),
            logon: self.number,
        }
    }

    /// Asks for a run.
    pub(super) fn ask(&self, number: usize) -> Result<Asked, Refusal> {
        self.ask_and(number, || ())
    }

    /// Asks for a run, and does something within its Done.
    pub(super) fn ask_and(
        &self,
        number: usize,
        hook: impl FnOnce() + Send + 'static,
    ) -> Result<Asked, Refusal> {
        let event = Event::default();
        let notes = Notes {
            number,
            watch: Arc::clone(&self.watch),
            hook: std::sync::Mutex::new(Some(Box::new(hook))),
        };
        let handle = CallerHandle::new(std::ptr::null_mut());
        let callback: Box<dyn Callback> = Box::new(notes);
        let flags = SyncFlags::empty();
        let request = Request::new(flags, None, Some(callback), handle, event.clone());
        self.crew.submit(&self.logic, self.number, request)?;
        Ok(Asked { number, event })
    }

    fn mark(&self) -> Mark {
        self.crew.cancel(self.number, false)
    }

    /// StoreLogoff, or Logoff: waits until what was asked for has ended, whenever that is.
    pub(super) fn end(&self, leave: bool) {
        let mark = self.crew.cancel(self.number, leave);
        self.crew.line.wait(self.number, mark, None);
    }

    /// The store's last Release: waits for nothing.
    pub(super) fn release(&self) {
        self.crew.cancel(self.number, true);
    }
}

/// Does something on so many threads at once, each with its number, and waits for all of them.
pub(super) fn at_once(count: usize, body: impl Fn(usize) + Clone + Send + 'static) {
    let threads = (0..count).map(|number| {
        let body = body.clone();
        spawn(move || body(number))
    });
    // All are started before any is waited for.
    let threads: Vec<_> = threads.collect();
    join(threads);
}

/// A thread of the check's.
pub(super) fn spawn(body: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(body)
}

/// Waits for threads, which must not have panicked.
pub(super) fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("no panic");
    }
}

/// Logic that is done at once, but for a moment in which others run.
pub(super) fn quick() -> Play {
    Arc::new(|batch| {
        thread::yield_now();
        batch.attend();
    })
}

/// Logic that goes on until it is cancelled, and looks meanwhile who has left.
pub(super) fn until_cancelled() -> Play {
    Arc::new(|batch| {
        while batch.token().wait_for_anything(None) != Woken::Cancelled {
            batch.attend();
        }
    })
}
