//! The thread that looks for what other processes, and the searches of this one, have done (STORE-41).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use mapi_provider_abi::internal::OwnThread;

use super::shared::lock;
use super::teller::Teller;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(250);
/// How long its end waits for sinks that it is calling.
const PATIENCE: Duration = Duration::from_millis(500);

/// The thread, once somebody wants to hear of changes. It ends with this.
#[derive(Default)]
pub(super) struct Polling {
    bell: Arc<Bell>,
    thread: Mutex<Option<OwnThread>>,
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

    /// Waits until the thread tells nobody anything, but not for long. False if it still does.
    fn rests_soon(&self) -> bool {
        let state = lock(&self.state);
        let is_busy = |state: &mut State| state.is_busy;
        let waited = self.rung.wait_timeout_while(state, PATIENCE, is_busy);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.is_busy
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
        // Without a thread nobody hears of other processes at once; each call of this one still looks.
        *running = OwnThread::spawn("mailbox changes", move || run(&teller, &bell)).ok();
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
        teller.tell_ended_locks();
        lock(&bell.state).is_busy = false;
        bell.rung.notify_all();
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        let Some(thread) = lock(&self.thread).take() else {
            return;
        };
        lock(&self.bell.state).is_over = true;
        self.bell.rung.notify_all();
        // A sink that the thread is calling may be who lets us go, or wait for him: then nobody waits for the thread. It
        // keeps the library loaded until it has left (SYNC-18).
        if !thread.is_current() && self.bell.rests_soon() {
            thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::database::{MessageData, Options, Save, Special, Store};
    use mapi_provider_table::table::Watcher;

    /// Whoever is told of a commit does this.
    struct Told(Box<dyn Fn() + Send + Sync>);

    impl Watcher for Told {
        fn changed(&self) {
            (self.0)();
        }
    }

    /// Has a polling thread tell something to whoever does this.
    fn telling(then: impl Fn() + Send + Sync + 'static) -> (Polling, Arc<Told>) {
        let store = Store::in_memory(Options::new()).expect("memory");
        let teller = Arc::new(Teller::new(&store).expect("a teller"));
        let told = Arc::new(Told(Box::new(then)));
        let watcher: Arc<dyn Watcher> = Arc::<Told>::clone(&told);
        teller.add_watcher(Arc::downgrade(&watcher));
        let polling = Polling::default();
        polling.begin(&teller);
        store
            .write(|tx| {
                let (id, folder) = (tx.new_message_id(), tx.special(Special::Inbox)?);
                tx.save_message(&Save {
                    id,
                    folder,
                    associated: false,
                    base: None,
                    force: false,
                    read: false,
                    keep_time: false,
                    data: &MessageData::default(),
                })
            })
            .expect("written");
        polling.bell().ring();
        (polling, told)
    }

    #[test]
    fn store_41_it_looks_several_times_a_second() {
        // A change just after a look is told by the next one, and telling takes some time too.
        assert!(INTERVAL * 3 < Duration::from_secs(1));
    }

    #[test]
    fn sync_18_who_is_told_something_that_ends_is_waited_for() {
        let (told, is_told) = mpsc::channel();
        let (give, given) = mpsc::channel::<Arc<Bell>>();
        let given = Mutex::new(given);
        let done = Arc::new(Mutex::new(false));
        let is_done = Arc::clone(&done);
        let (polling, _told) = telling(move || {
            told.send(()).expect("heard");
            // Until somebody waits for its end.
            let bell = lock(&given).recv().expect("given");
            while !lock(&bell.state).is_over {
                thread::yield_now();
            }
            *lock(&done) = true;
        });
        give.send(Arc::clone(polling.bell())).expect("it waits");
        is_told.recv().expect("it tells");
        drop(polling);
        assert!(*lock(&is_done), "the thread has left");
    }

    #[test]
    fn sync_19_who_waits_for_the_end_does_not_keep_it() {
        let (told, is_told) = mpsc::channel();
        let (end, is_ended) = mpsc::channel::<()>();
        let is_ended = Mutex::new(is_ended);
        let (left, has_left) = mpsc::channel();
        let (polling, _told) = telling(move || {
            told.send(()).expect("heard");
            let ended = lock(&is_ended).recv_timeout(Duration::from_secs(60));
            left.send(ended.is_ok()).expect("heard");
        });
        is_told.recv().expect("it tells");
        let begun = Instant::now();
        drop(polling);
        assert!(begun.elapsed() < Duration::from_secs(30));
        end.send(()).expect("it waits");
        assert_eq!(has_left.recv(), Ok(true));
    }

    #[test]
    fn sync_19_the_thread_itself_may_let_it_go() {
        let held: Arc<Mutex<Option<Polling>>> = Arc::default();
        let to_let_go = Arc::clone(&held);
        let (done, is_done) = mpsc::channel();
        let (go, goes) = mpsc::channel::<()>();
        let goes = Mutex::new(goes);
        let (polling, _told) = telling(move || {
            lock(&goes).recv().expect("it is there");
            let polling = lock(&to_let_go).take();
            done.send(polling.is_some()).expect("heard");
        });
        *lock(&held) = Some(polling);
        go.send(()).expect("it waits");
        assert_eq!(is_done.recv(), Ok(true));
    }
}
