//! The world as the model checker has it: its threads, its locks, and events that it can see.
//!
//! A deadline is not a time here: a wait with one may be over at any moment, or never, as the checker likes. A
//! wait without one ends only by a ring, so a missing ring is a deadlock, which the checker reports.

use std::cell::RefCell;
use std::io;
use std::sync::PoisonError;
use std::time::Instant;

pub(super) use shuttle::sync::atomic::AtomicBool;
pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard};

use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use crate::manifest::Unload;

pub(super) type ThreadId = thread::ThreadId;

pub(super) fn current_thread() -> ThreadId {
    thread::current().id()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn wait_until<'a, T>(
    mutex: &'a Mutex<T>,
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Option<Instant>,
) -> MutexGuard<'a, T> {
    match deadline {
        None => wait(changed, guard),
        Some(_) => let_others(mutex, guard),
    }
}

/// Another process tells nobody: whoever waits for it looks again and again.
pub(super) fn doze<'a, T>(
    mutex: &'a Mutex<T>,
    _: &Condvar,
    guard: MutexGuard<'a, T>,
) -> MutexGuard<'a, T> {
    let_others(mutex, guard)
}

/// A sleep that is over at some time or other: everybody else may come first.
fn let_others<'a, T>(mutex: &'a Mutex<T>, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    drop(guard);
    thread::yield_now();
    lock(mutex)
}

/// Whether time is over: sometimes.
pub(super) fn is_past(deadline: Option<Instant>) -> bool {
    deadline.is_some() && thread_rng().gen_bool(0.5)
}

/// Rung when something has changed.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn ring(&self) {
        *lock(&self.rung) = true;
        self.changed.notify_one();
    }

    pub(super) fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let mut rung = lock(&self.rung);
        while !*rung {
            if deadline.is_some() && is_past(deadline) {
                return false;
            }
            rung = wait_until(&self.rung, &self.changed, rung, deadline);
        }
        *rung = false;
        true
    }
}

/// An event that the checker's threads can wait for.
#[derive(Debug, Clone, Default)]
pub(super) struct Event(std::sync::Arc<(Mutex<bool>, Condvar)>);

impl Event {
    pub(super) fn signal(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    pub(super) fn is_signalled(&self) -> bool {
        *lock(&self.0.0)
    }

    pub(super) fn wait(&self) {
        let mut signalled = lock(&self.0.0);
        while !*signalled {
            signalled = wait(&self.0.1, signalled);
        }
    }
}

/// As `platform::LastWords`, of such events.
#[derive(Debug, Default)]
pub(super) struct LastWords(Vec<Event>);

impl LastWords {
    pub(super) fn push(&mut self, event: Option<Event>) {
        self.0.extend(event);
    }

    pub(super) fn signal(&mut self) {
        self.0.drain(..).for_each(|event| event.signal());
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        self.signal();
    }
}

/// What a check wants of its world. A run of the checker has one system thread for all of its own.
#[derive(Clone, Copy, Default)]
pub(super) struct Weather {
    /// Now and then no thread is available.
    pub(super) threads_are_scarce: bool,
}

thread_local! {
    static WEATHER: RefCell<Weather> = const { RefCell::new(Weather { threads_are_scarce: false }) };
}

pub(super) fn set_weather(weather: Weather) {
    WEATHER.set(weather);
}

/// Starts a worker, unless threads are scarce.
pub(super) fn spawn_worker(
    _: Unload,
    body: impl FnOnce() -> LastWords + Send + 'static,
) -> io::Result<()> {
    if WEATHER.with_borrow(|weather| weather.threads_are_scarce) && thread_rng().gen_bool(0.4) {
        // What the loader does takes a while, and others get their turn.
        thread::yield_now();
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // As with a real thread's start: the caller does not know how far it is.
    thread::spawn(move || drop(body()));
    Ok(())
}

/// COM and MAPI: nothing, but a moment in which others run.
pub(super) struct WorkerScope;

impl WorkerScope {
    pub(super) fn enter(_: bool) -> Self {
        thread::yield_now();
        Self
    }

    pub(super) fn leave(self) {
        thread::yield_now();
    }
}

/// The lock that other processes see: one name, for there is one store.
#[derive(Debug)]
pub(super) struct ProcessLock(std::sync::Arc<Mutex<bool>>);

thread_local! {
    static HELD: RefCell<Option<std::sync::Arc<Mutex<bool>>>> = const { RefCell::new(None) };
}

/// A new machine, on which nobody holds the lock.
pub(super) fn reset_process_lock() {
    HELD.set(Some(std::sync::Arc::new(Mutex::new(false))));
}

impl ProcessLock {
    pub(super) fn try_take(_: &str) -> io::Result<Option<Self>> {
        let held = HELD.with_borrow(Clone::clone);
        let held = held.ok_or(io::ErrorKind::NotFound)?;
        let was_held = std::mem::replace(&mut *lock(&held), true);
        thread::yield_now();
        Ok((!was_held).then(|| Self(held)))
    }
}

impl Drop for ProcessLock {
    fn drop(&mut self) {
        *lock(&self.0) = false;
    }
}
