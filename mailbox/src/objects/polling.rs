//! The thread that looks for what other processes have done (STORE-41).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::shared::lock;
use super::teller::Teller;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// The thread, once somebody wants to hear of changes. It ends with this.
#[derive(Default)]
pub(super) struct Polling(Mutex<Option<Running>>);

struct Running {
    end: Arc<End>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct End {
    state: Mutex<State>,
    told: Condvar,
}

#[derive(Default)]
struct State {
    is_over: bool,
    /// The thread is telling others, which are foreign code.
    is_busy: bool,
}

impl Polling {
    /// Begins, if it has not.
    pub(super) fn begin(&self, teller: &Arc<Teller>) {
        let mut running = lock(&self.0);
        if running.is_some() {
            return;
        }
        let end = Arc::<End>::default();
        let (teller, until) = (Arc::clone(teller), Arc::clone(&end));
        let thread = thread::Builder::new().name("mailbox changes".to_owned());
        // Without a thread nobody hears of other processes at once; each call of this one still looks.
        *running = thread
            .spawn(move || run(&teller, &until))
            .ok()
            .map(|thread| Running { end, thread });
    }
}

fn run(teller: &Teller, end: &End) {
    loop {
        let state = lock(&end.state);
        let waited = end
            .told
            .wait_timeout_while(state, INTERVAL, |state| !state.is_over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return;
        }
        state.is_busy = true;
        drop(state);
        teller.tell();
        lock(&end.state).is_busy = false;
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        let Some(Running { end, thread }) = lock(&self.0).take() else {
            return;
        };
        let is_busy = {
            let mut state = lock(&end.state);
            state.is_over = true;
            state.is_busy
        };
        end.told.notify_all();
        // A sink that the thread is calling may be who lets us go, or wait for him: then nobody waits for the thread.
        if !is_busy {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}
