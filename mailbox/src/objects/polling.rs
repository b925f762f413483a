//! The thread that looks for what other processes, and the searches of this one, have done (STORE-41).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::shared::lock;
use super::teller::Teller;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// The thread, once somebody wants to hear of changes. It ends with this.
#[derive(Default)]
pub(super) struct Polling {
    bell: Arc<Bell>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Wakes the thread before its time.
#[derive(Default)]
pub(super) struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    is_over: bool,
    /// There is something to tell.
    is_rung: bool,
    /// The thread is telling others, which are foreign code.
    is_busy: bool,
}

impl Bell {
    /// Has the thread tell what has happened, if anybody wants to hear. Nobody is called here.
    pub(super) fn ring(&self) {
        lock(&self.state).is_rung = true;
        self.rung.notify_all();
    }
}

impl Polling {
    /// Begins, if it has not.
    pub(super) fn begin(&self, teller: &Arc<Teller>) {
        let mut running = lock(&self.thread);
        if running.is_some() {
            return;
        }
        let (teller, bell) = (Arc::clone(teller), Arc::clone(&self.bell));
        let thread = thread::Builder::new().name("mailbox changes".to_owned());
        // Without a thread nobody hears of other processes at once; each call of this one still looks.
        *running = thread.spawn(move || run(&teller, &bell)).ok();
    }

    /// What wakes the thread.
    pub(super) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

fn run(teller: &Teller, bell: &Bell) {
    loop {
        let state = lock(&bell.state);
        let rests = |state: &mut State| !state.is_over && !state.is_rung;
        let waited = bell.rung.wait_timeout_while(state, INTERVAL, rests);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return;
        }
        state.is_rung = false;
        state.is_busy = true;
        drop(state);
        teller.tell();
        lock(&bell.state).is_busy = false;
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        let Some(thread) = lock(&self.thread).take() else {
            return;
        };
        let is_busy = {
            let mut state = lock(&self.bell.state);
            state.is_over = true;
            state.is_busy
        };
        self.bell.rung.notify_all();
        // A sink that the thread is calling may be who lets us go, or wait for him: then nobody waits for the thread.
        if !is_busy {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}
