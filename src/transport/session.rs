//! What a logon is: directions, references, what is remembered of messages that could not be saved.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::job::Job;
use super::logic::{Identity, MailTransport};
use super::mail::Person;
use super::queue::{Queue, QueueError, ReportId};
use super::receiving::{Ready, Receiver, Teller};
use super::retrying::Retrying;
use super::status::StatusRow;
use super::worker::Worker;
use crate::log;
use crate::manifest::TransportSpec;
use crate::sync::CancelToken;
use mapi_provider_abi::mapi::{FlushQueuesFlags, StatusFlags, TransportNotifyFlags};

/// How a session begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// `LOGON_NO_CONNECT`
    pub(crate) offline: bool,
    /// Not `LOGON_NO_OUTBOUND`
    pub(crate) outbound: bool,
    /// Not `LOGON_NO_INBOUND`
    pub(crate) inbound: bool,
    pub(crate) is_service: bool,
}

/// A logon of a transport. It has nothing of MAPI's.
#[derive(Debug)]
pub(crate) struct Session<L> {
    pub(super) spec: &'static TransportSpec,
    pub(super) identity: Identity,
    pub(super) worker: Worker<L>,
    pub(super) receiver: Receiver<L>,
    /// What can't be sent now; none with `on-temporary = "wait"`.
    pub(super) queue: Option<Arc<Queue>>,
    pub(super) offline: bool,
    pub(crate) row: StatusRow,
    outbound: AtomicBool,
    closed: AtomicBool,
    /// The queue is another logon's from now on.
    is_queue_closed: AtomicBool,
    dead: AtomicBool,
    last_reference: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The call of SubmitMessage that runs.
    running: Option<(u32, CancelToken)>,
    /// The call of StartMessage that runs.
    incoming: Option<(u32, CancelToken)>,
    /// Messages whose outcome is not in a saved message yet, by their search keys.
    remembered: HashMap<Vec<u8>, Arc<Job>>,
}

impl<L: MailTransport> Session<L> {
    pub(crate) fn new(
        spec: &'static TransportSpec,
        name: &'static str,
        logic: L,
        identity: Identity,
        queue: Option<Queue>,
        link: Link,
    ) -> Self {
        // XP-05, XP-06
        let outbound = link.outbound && !link.offline;
        let mut flags = match link.offline {
            true => StatusFlags::OFFLINE,
            false => StatusFlags::AVAILABLE,
        };
        if outbound {
            flags |= StatusFlags::OUTBOUND_ENABLED;
        }
        let inbound = link.inbound && !link.offline && spec.receives();
        if inbound {
            flags |= StatusFlags::INBOUND_ENABLED;
        }
        let logic = Arc::new(logic);
        let every = spec.receive_every.filter(|_| !link.offline);
        let ready = Arc::new(Ready::new(inbound, spec.retries));
        let receiver = Receiver::new(
            &logic,
            Arc::clone(&ready),
            spec.receives() && !link.offline,
            every,
            spec.unload,
            link.is_service,
        );
        let queue = queue.map(Arc::new);
        let retrying = queue.as_ref().map(|queue| {
            let (queue, sender) = (Arc::clone(queue), identity.person().clone());
            Arc::new(Retrying::new(queue, ready, sender, name))
        });
        let worker = Worker::new(logic, retrying, outbound, spec.unload, link.is_service);
        Self {
            spec,
            identity,
            worker,
            queue,
            receiver,
            offline: link.offline,
            row: StatusRow::new(flags),
            outbound: AtomicBool::new(outbound),
            closed: AtomicBool::new(false),
            is_queue_closed: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            last_reference: AtomicU32::new(0),
            state: Mutex::default(),
        }
    }

    /// Who sends.
    pub(crate) fn identity(&self) -> &Person {
        self.identity.person()
    }

    /// Whether TransportLogoff has come.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether messages may go out now (XP-05, XP-06).
    pub(super) fn sends(&self) -> bool {
        self.outbound.load(Ordering::Acquire)
    }

    /// Notes that the logic has given up altogether. True the first time (XP-21).
    pub(super) fn dies(&self) -> bool {
        !self.dead.swap(true, Ordering::AcqRel)
    }

    /// A reference for a message: neither 0 nor 1, and none that is still in use (XP-13).
    fn next_reference(&self) -> u32 {
        loop {
            let last = self.last_reference.fetch_add(1, Ordering::Relaxed);
            let next = last.wrapping_add(1);
            if next > 1 {
                return next;
            }
        }
    }

    /// Begins a call of SubmitMessage; `None` while another runs (XP-14).
    pub(super) fn begin(&self) -> Option<Running<'_, L>> {
        let reference = self.next_reference();
        let mut state = self.lock();
        if state.running.is_some() {
            return None;
        }
        let cancel = CancelToken::default();
        state.running = Some((reference, cancel.clone()));
        Some(Running {
            session: self,
            reference,
            cancel,
            is_incoming: false,
        })
    }

    /// Begins a call of StartMessage; `None` while another runs.
    pub(super) fn begin_incoming(&self) -> Option<Running<'_, L>> {
        let reference = self.next_reference();
        let mut state = self.lock();
        if state.incoming.is_some() {
            return None;
        }
        let cancel = CancelToken::default();
        state.incoming = Some((reference, cancel.clone()));
        Some(Running {
            session: self,
            reference,
            cancel,
            is_incoming: true,
        })
    }

    /// Begins to receive, and to send what lies in the queue: from now on the workers tell MAPI what there is.
    pub(crate) fn work(&self, teller: Arc<dyn Teller>) {
        if !self.offline {
            self.worker.begin(&teller);
        }
        self.receiver.begin(teller);
    }

    /// A report of the queue's is in the store.
    pub(super) fn report_saved(&self, report: ReportId) {
        self.note_report(|queue| queue.report_saved(report));
    }

    /// A report of the queue's can't be put into the store.
    pub(super) fn report_set_aside(&self, report: ReportId) {
        self.note_report(|queue| queue.report_set_aside(report));
    }

    fn note_report(&self, note: impl FnOnce(&Queue) -> Result<(), QueueError>) {
        let noted = self.queue.as_deref().map(note);
        if let Some(Err(error)) = noted {
            log::warn!(%error, "a report may come a second time");
        }
    }

    /// XP-25: how many messages are ready.
    pub(crate) fn ready(&self) -> u32 {
        self.receiver.ready.count()
    }

    /// What is known of a message that came before.
    /// Nothing, if it has no search key: then nothing tells it from others.
    pub(super) fn remembered(&self, search_key: &[u8]) -> Option<Arc<Job>> {
        self.lock().remembered.get(search_key).cloned()
    }

    /// Remembers what becomes of a message, until it is saved in it.
    pub(super) fn remember(&self, search_key: &[u8], job: &Arc<Job>) {
        if search_key.is_empty() {
            return;
        }
        let old = self
            .lock()
            .remembered
            .insert(search_key.to_vec(), Arc::clone(job));
        drop(old);
    }

    /// What became of a message is in it, or nothing did.
    pub(super) fn forget(&self, search_key: &[u8]) {
        let old = self.lock().remembered.remove(search_key);
        drop(old);
    }

    /// TransportNotify (XP-06, XP-11, XP-12): what is told goes into the row; the datum is that of a cancellation.
    pub(crate) fn notified(
        &self,
        flags: TransportNotifyFlags,
        datum: Option<usize>,
    ) -> (StatusFlags, StatusFlags) {
        if flags.contains(TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE) {
            self.cancel(datum);
        }
        let (mut clear, mut set) = (StatusFlags::empty(), StatusFlags::empty());
        if self.offline || self.is_closed() {
            return (clear, set);
        }
        if flags.contains(TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND) {
            self.outbound.store(true, Ordering::Release);
            self.worker.turn(true);
            set |= StatusFlags::OUTBOUND_ENABLED;
        }
        if flags.contains(TransportNotifyFlags::NOTIFY_END_OUTBOUND) {
            self.outbound.store(false, Ordering::Release);
            self.worker.turn(false);
            clear |= StatusFlags::OUTBOUND_ENABLED;
            set &= !StatusFlags::OUTBOUND_ENABLED;
        }
        if self.spec.receives() {
            if flags.contains(TransportNotifyFlags::NOTIFY_BEGIN_INBOUND) {
                self.receiver.ready.turn(true);
                set |= StatusFlags::INBOUND_ENABLED;
            }
            if flags.contains(TransportNotifyFlags::NOTIFY_END_INBOUND) {
                self.receiver.ready.turn(false);
                clear |= StatusFlags::INBOUND_ENABLED;
                set &= !StatusFlags::INBOUND_ENABLED;
            }
        }
        for (begin, end, bit) in FLUSHES {
            if flags.contains(begin) {
                set |= bit;
            }
            if flags.contains(end) {
                clear |= bit;
                set &= !bit;
            }
        }
        (clear, set)
    }

    /// XP-30: what FlushQueues sets.
    pub(crate) fn flushed(&self, flags: FlushQueuesFlags) -> StatusFlags {
        let mut set = StatusFlags::empty();
        if flags.contains(FlushQueuesFlags::FLUSH_UPLOAD) {
            set |= StatusFlags::OUTBOUND_FLUSH;
        }
        if flags.contains(FlushQueuesFlags::FLUSH_DOWNLOAD) {
            set |= StatusFlags::INBOUND_FLUSH;
        }
        set
    }

    /// XP-30: wakes the workers whose flush has begun, once the row says so: they clear it when nothing is left. Answers what
    /// no worker clears, because there is none: that is over at once.
    pub(crate) fn flush(&self, begun: StatusFlags) -> StatusFlags {
        let mut over = StatusFlags::empty();
        if begun.contains(StatusFlags::OUTBOUND_FLUSH) {
            self.worker.hurry();
            if self.queue.is_none() || !self.sends() {
                over |= StatusFlags::OUTBOUND_FLUSH;
            }
        }
        if begun.contains(StatusFlags::INBOUND_FLUSH) {
            self.receiver.ready.ask();
            if !self.receiver.has_rounds() {
                over |= StatusFlags::INBOUND_FLUSH;
            }
        }
        over
    }

    fn cancel(&self, datum: Option<usize>) {
        let tokens: Vec<CancelToken> = {
            let state = self.lock();
            let running = state.running.iter().chain(&state.incoming);
            // 0 and 1 mean that no reference was put yet: the call that runs is meant.
            let meant = running.filter(|(reference, _)| match datum {
                None => false,
                Some(0 | 1) => true,
                Some(datum) => datum == *reference as usize,
            });
            meant.map(|(_, token)| token.clone()).collect()
        };
        tokens.iter().for_each(CancelToken::cancel);
    }

    /// XP-33: cancels and waits, at most `logoff-wait`. True the first time.
    pub(crate) fn close(&self) -> bool {
        if self.closed.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.outbound.store(false, Ordering::Release);
        self.cancel(Some(0));
        let most = self.spec.logoff_wait;
        let end = Instant::now().checked_add(most);
        // Both are told before one is waited for.
        self.receiver.ready.close();
        let is_over = self.worker.close(most);
        self.receiver.wait(end);
        // A worker that nobody waits for keeps the queue, so that no other sends what it may be sending.
        if is_over {
            self.is_queue_closed.store(true, Ordering::SeqCst);
            self.close_queue();
        }
        true
    }

    /// Closes the queue's file, if it is to be closed: a call that was on its way at the logoff may have opened it again.
    fn close_queue(&self) {
        let is_closed = self.is_queue_closed.load(Ordering::SeqCst);
        if let Some(queue) = self.queue.as_ref().filter(|_| is_closed) {
            queue.close();
        }
    }

    /// ENTRY-10: what is being sent is cancelled, and nobody waits.
    pub(crate) fn stop(&self) {
        self.cancel(Some(0));
        self.receiver.ready.close();
        self.worker.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const FLUSHES: [(TransportNotifyFlags, TransportNotifyFlags, StatusFlags); 2] = [
    (
        TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND_FLUSH,
        TransportNotifyFlags::NOTIFY_END_OUTBOUND_FLUSH,
        StatusFlags::OUTBOUND_FLUSH,
    ),
    (
        TransportNotifyFlags::NOTIFY_BEGIN_INBOUND_FLUSH,
        TransportNotifyFlags::NOTIFY_END_INBOUND_FLUSH,
        StatusFlags::INBOUND_FLUSH,
    ),
];

/// A call of SubmitMessage or StartMessage, until it returns.
pub(super) struct Running<'a, L: MailTransport> {
    session: &'a Session<L>,
    pub(super) reference: u32,
    pub(super) cancel: CancelToken,
    is_incoming: bool,
}

impl<L: MailTransport> Drop for Running<'_, L> {
    fn drop(&mut self) {
        let old = {
            let mut state = self.session.lock();
            match self.is_incoming {
                true => state.incoming.take(),
                false => state.running.take(),
            }
        };
        drop(old);
        self.session.close_queue();
    }
}
