//! The worker and the queue: what lies there is sent again when its time has come (XP-19).

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::delivery::{Fates, Journal};
use super::error::Kind;
use super::job::{Ended, Job};
use super::logic::MailTransport;
use super::mail::Person;
use super::queue::{Next, Queue, QueueError, Report};
use super::receiving::Ready;
use super::worker::Line;
use crate::log;
use crate::sync::CancelToken;

/// In what time a queue is tried again that can't be used: another logon may have it until then.
pub(super) const UNUSABLE: Duration = Duration::from_secs(1);

/// The queue as the worker has it.
#[derive(Debug)]
pub(super) struct Retrying {
    pub(super) queue: Arc<Queue>,
    /// Where reports come in.
    ready: Arc<Ready>,
    sender: Person,
    /// The provider's name, for reports.
    name: &'static str,
    is_recovered: AtomicBool,
    is_told: AtomicBool,
    /// Nothing waits for its time, as soon as the queue can be written (XP-30).
    is_hurried: AtomicBool,
    /// Tries that are over, and could not be written down yet.
    unwritten: Mutex<VecDeque<(Arc<Job>, Ended)>>,
}

impl Retrying {
    pub(super) fn new(
        queue: Arc<Queue>,
        ready: Arc<Ready>,
        sender: Person,
        name: &'static str,
    ) -> Self {
        Self {
            queue,
            ready,
            sender,
            name,
            is_recovered: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
            is_hurried: AtomicBool::new(false),
            unwritten: Mutex::default(),
        }
    }

    /// Sends one message again, if one is due. True if none is.
    pub(super) fn turn<L: MailTransport>(&self, logic: &L, line: &Line, is_hurried: bool) -> bool {
        self.is_hurried.fetch_or(is_hurried, Ordering::Relaxed);
        match self.next() {
            Ok(Ok(next)) => {
                self.send(logic, line, next);
                line.due(Instant::now());
                false
            }
            Ok(Err(left)) => {
                if let Some(at) = left.and_then(|left| Instant::now().checked_add(left)) {
                    line.due(at);
                }
                true
            }
            Err(error) => {
                // Once: it may go on for long.
                if !self.is_told.swap(true, Ordering::Relaxed) {
                    log::error!(%error, "what waits in the queue is not sent now");
                }
                line.due(Instant::now() + UNUSABLE);
                false
            }
        }
    }

    fn next(&self) -> Result<Result<Next, Option<Duration>>, QueueError> {
        self.write_down()?;
        if !self.is_recovered.load(Ordering::Relaxed) {
            self.queue.recover()?;
            self.come_in(&self.queue.reports()?);
            self.is_recovered.store(true, Ordering::Relaxed);
        }
        if self.is_hurried.load(Ordering::Relaxed) {
            self.queue.hurry()?;
            self.is_hurried.store(false, Ordering::Relaxed);
        }
        self.queue.next(&self.sender)
    }

    fn send<L: MailTransport>(&self, logic: &L, line: &Line, next: Next) {
        let journal = Journal {
            queue: Arc::clone(&self.queue),
            message: next.id,
        };
        let fates = Fates::of(HashMap::new(), Some(journal));
        let job = Job::new(next.mail, fates, CancelToken::default());
        line.run(&job);
        let ended = match job.mail().envelope().is_empty() {
            true => Ended::Done,
            false => job.run(logic),
        };
        self.tried(&job, &ended);
    }

    /// Notes how a try ended of a message that is the queue's: at once, or before the next one of any begins.
    pub(super) fn tried(&self, job: &Arc<Job>, ended: &Ended) {
        if let Err(error) = self.note(job, ended) {
            log::error!(%error, "what became of a message can't be written down now");
            self.lock().push_back((Arc::clone(job), ended.clone()));
        }
    }

    /// Writes down what could not be.
    pub(super) fn write_down(&self) -> Result<(), QueueError> {
        loop {
            let Some((job, ended)) = self.lock().pop_front() else {
                return Ok(());
            };
            if let Err(error) = self.note(&job, &ended) {
                self.lock().push_front((job, ended));
                return Err(error);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Arc<Job>, Ended)>> {
        let unwritten = self.unwritten.lock();
        unwritten.unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, job: &Job, ended: &Ended) -> Result<(), QueueError> {
        let Some(journal) = &job.fates.journal else {
            return Ok(());
        };
        let fates = job.fates.now();
        let (why, after) = match ended {
            Ended::Done => ("", None),
            // It comes again when the next session begins, as if nothing had been.
            Ended::Failed(Kind::Cancelled, _) if job.cancel.is_cancelled() => {
                return self.queue.put_back(journal.message, &fates);
            }
            Ended::Failed(Kind::Later { after, .. }, text) => (&**text, *after),
            Ended::Failed(_, text) => (&**text, None),
            Ended::Panicked => ("the transport panicked", None),
        };
        let reports = self.queue.tried(journal.message, &fates, why, after)?;
        self.come_in(&reports);
        Ok(())
    }

    /// Reports are ready for the spooler.
    pub(super) fn come_in(&self, reports: &[Report]) {
        for report in reports {
            self.ready.add_report(report.id, report.received(self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{Line, Queue, Ready, Retrying};
    use crate::error::LogonError;
    use crate::mime;
    use crate::transport::envelope::Key;
    use crate::transport::mail::{Address, Line as Of, Person, Recipient};
    use crate::transport::queue::{About, Kept, Patience};
    use crate::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};

    /// It notes how often it was called.
    struct Counts(Mutex<usize>);

    impl MailTransport for Counts {
        type Settings = ();

        fn open((): (), _: &Link) -> Result<Self, LogonError> {
            Ok(Self(Mutex::default()))
        }

        fn identity(&self) -> Identity {
            Identity::smtp("Ann", "ann@x")
        }

        fn send(&self, _: &Mail, _: &Delivery<'_>) -> Result<(), SendError> {
            *self.0.lock().expect("no panic") += 1;
            Ok(())
        }
    }

    fn person() -> Person {
        Person {
            name: String::new(),
            address: Address::smtp("bob@x"),
        }
    }

    /// Puts a message into the queue, for later.
    fn fill(queue: &Queue) {
        let to = Recipient {
            key: Key::of(&person().address),
            person: person(),
            line: Of::To,
            report_delivery: false,
        };
        let about = About {
            search_key: b"key",
            class: "IPM.Note",
            subject: "Hello",
        };
        let (message, fates) = queue.begin(&about, [&to].into_iter()).expect("begin");
        let mail = Mail {
            class: "IPM.Note".to_owned(),
            sender: person(),
            envelope: vec![to],
            content: mime::Mail::default(),
            octets: None,
        };
        let kept = Kept {
            mail: &mail,
            octets: b"Subject: Hello\r\n\r\nHello\r\n",
            fates: &fates,
            after: None,
        };
        queue.keep(message, &kept).expect("keep");
    }

    #[test]
    fn xp_30_a_flush_is_not_forgotten_where_the_queue_can_t_be_used_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            let patience = Patience {
                retry_after: Duration::from_secs(600),
                give_up_after: Duration::from_secs(6000),
            };
            Queue::new(folder.path().join("one.queue"), patience)
        };
        let other = open();
        fill(&other);
        let retrying = Retrying::new(
            Arc::new(open()),
            Arc::new(Ready::new(false, 0)),
            person(),
            "Test",
        );
        let (logic, line) = (Counts(Mutex::default()), Line::on());
        // Another logon has it: nothing is over.
        assert!(!retrying.turn(&logic, &line, true));
        drop(other);
        // The message does not wait for its time.
        assert!(!retrying.turn(&logic, &line, false));
        assert_eq!(*logic.0.lock().expect("no panic"), 1);
        assert!(retrying.turn(&logic, &line, false));
    }
}
