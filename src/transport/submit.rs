//! SubmitMessage: a message of MAPI's is read, sent, and told what became of it (XP-13 to XP-20).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use windows_core::HRESULT;

use super::delivery::{Fate, Fates, Journal};
use super::envelope::{Envelope, Key, address_problem};
use super::error::Kind;
use super::job::{Ended, Job};
use super::keeping::{Keeping, temporary};
use super::logic::MailTransport;
use super::mail::{Line, Mail};
use super::sender::sign;
use super::session::{Running, Session};
use crate::log;
use crate::mime::{self, MimeError};
use crate::status::Status;
use crate::store::{Message, Row, StoreError};
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, MAPI_E_BUSY, MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_NOT_ME, MAPI_E_TOO_BIG, MAPI_E_USER_CANCEL, MAPI_E_WAIT,
    PR_MESSAGE_CLASS_W, PR_SEARCH_KEY, S_OK, StatusFlags,
};
use mapi_provider_abi::view::{self, FileTime};

/// What a submission asks of MAPI besides the message.
pub(crate) trait Spooler {
    /// `SpoolerYield`: whether the message is to be cancelled.
    fn yields_to_cancel(&self) -> bool;
    /// One `StatusRecips` for all reports of the message.
    fn report(&self, reports: Vec<view::Row<'static>>) -> Result<(), HRESULT>;
    /// `SpoolerNotify(NOTIFY_CRITICAL_ERROR)`
    fn critical_error(&self);
    /// Changes the status row.
    fn status(&self, clear: StatusFlags, set: StatusFlags);
}

/// What SubmitMessage answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: HRESULT,
    /// In how many seconds to come again; 0 where the answer says nothing of it.
    pub(crate) seconds: usize,
}

impl Answer {
    pub(super) fn of(status: HRESULT) -> Self {
        Self { status, seconds: 0 }
    }
}

/// Between two calls of SpoolerYield (XP-20).
const YIELD_EVERY: Duration = Duration::from_millis(100);

/// Sends a message. `put_reference` is told its reference before the message is touched.
pub(crate) fn submit<L: MailTransport>(
    session: &Session<L>,
    message: &Message<'_>,
    spooler: &impl Spooler,
    put_reference: impl FnOnce(u32),
) -> Answer {
    if session.is_closed() {
        return Answer::of(MAPI_E_NO_SUPPORT); // XP-33
    }
    // XP-05, XP-06: nothing is touched while this direction is off.
    if !session.sends() {
        return Answer::of(MAPI_E_BUSY);
    }
    // XP-14
    let Some(running) = session.begin() else {
        return Answer::of(MAPI_E_BUSY);
    };
    put_reference(running.reference); // XP-13
    let submission = Submission {
        session,
        message,
        spooler,
        running: &running,
    };
    submission.run().unwrap_or_else(|error| {
        log::warn!(%error, "a message can't be read or written");
        submission.failed(error.status())
    })
}

pub(super) struct Submission<'a, L: MailTransport, S> {
    pub(super) session: &'a Session<L>,
    pub(super) message: &'a Message<'a>,
    spooler: &'a S,
    running: &'a Running<'a, L>,
}

impl<L: MailTransport, S: Spooler> Submission<'_, L, S> {
    fn run(&self) -> Result<Answer, StoreError> {
        let spec = self.session.spec;
        let class = self.message.text(PR_MESSAGE_CLASS_W)?.unwrap_or_default();
        if !is_of_class(&class, spec.classes) {
            return Ok(Answer::of(MAPI_E_NOT_ME)); // XP-15
        }
        let rows = self.message.recipient_table().all_columns().rows()?;
        let rows: Vec<Row> = rows.collect::<Result<_, StoreError>>()?;
        let envelope = Envelope::new(rows, spec.address_types);
        if envelope.addressees.is_empty() {
            return Ok(Answer::of(MAPI_E_NOT_ME)); // XP-15
        }
        if self.running.cancel.is_cancelled() {
            return Ok(Answer::of(MAPI_E_USER_CANCEL));
        }
        let search_key = self.message.binary(PR_SEARCH_KEY)?.unwrap_or_default();
        // XP-16, XP-20: what became of it when it came before, and could not be written into it.
        let remembered = match self.session.remembered(&search_key) {
            Some(job) if job.ended().is_none() => return Ok(self.wait_answer(false, None)),
            Some(job) => job.fates.now(),
            None => HashMap::new(),
        };
        // XP-19: and in another session.
        let (journal, mut known) = match self.written(&search_key, &class, &envelope) {
            Ok(written) => written,
            Err(answer) => return Ok(answer),
        };
        known.extend(remembered);
        let job = self.begin(class, &envelope, known, journal, &search_key)?;
        // XP-16: it is remembered before anybody is sent to.
        self.session.remember(&search_key, &job);
        let ended = match job.ended() {
            Some(ended) => Some(ended),
            None if !self.session.worker.send(&job) => {
                self.session.forget(&search_key);
                return Ok(Answer::of(MAPI_E_NOT_ENOUGH_RESOURCES));
            }
            None => self.wait(&job),
        };
        // Before the token says so because nobody waits any more.
        let cancelled = self.running.cancel.is_cancelled();
        let mut fates = job.fates.now();
        let after = temporary(ended.as_ref()).filter(|_| !cancelled);
        let kept = after.map_or(Keeping::Left, |after| {
            self.keep(&envelope, &job, &mut fates, ended.as_ref(), after)
        });
        let is_kept = kept == Keeping::Taken;
        if ended.is_none() && !is_kept {
            job.cancel.cancel();
        }
        self.settle(&envelope, &job, &fates, is_kept, &search_key)?;
        Ok(match kept {
            Keeping::Taken => Answer::of(S_OK),
            Keeping::Failed => Answer::of(MAPI_E_CALL_FAILED),
            Keeping::Left => self.answer(ended, cancelled),
        })
    }

    /// The message as it is sent, signed; those of whom all is known are not in its envelope.
    fn begin(
        &self,
        class: String,
        envelope: &Envelope,
        mut known: HashMap<Key, Fate>,
        journal: Option<Journal>,
        search_key: &[u8],
    ) -> Result<Arc<Job>, StoreError> {
        for one in &envelope.addressees {
            let to = &one.recipient;
            if let Some(problem) = address_problem(&to.person.address.value) {
                known
                    .entry(to.key.clone())
                    .or_insert_with(|| Fate::Refused(problem.to_owned()));
            }
        }
        let sender = self.session.identity();
        let id = message_id(search_key, &sender.address.value);
        sign(self.message, sender, now(), &id)?; // XP-17
        let content = match envelope.open(&known).is_empty() {
            true => mime::Mail::default(),
            false => match self.content(envelope, id) {
                Ok(content) => content,
                Err(error) => {
                    // However often it came, it would be as large.
                    let text = unsendable(error)?;
                    let all = envelope.open(&known).into_iter();
                    known.extend(all.map(|to| (to.key, Fate::Refused(text.clone()))));
                    mime::Mail::default()
                }
            },
        };
        let open = envelope.open(&known);
        let is_over = open.is_empty();
        let mail = Mail {
            class,
            sender: sender.clone(),
            envelope: open,
            content,
            octets: None,
        };
        let fates = Fates::of(known, journal);
        Ok(match is_over {
            true => Job::over(mail, fates),
            false => Job::new(mail, fates, self.running.cancel.clone()),
        })
    }

    /// Header, texts and attachments, read whole. Who sends it, and whom readers see, is ours to say.
    fn content(&self, envelope: &Envelope, id: String) -> Result<mime::Mail, MimeError> {
        let mut content = self.message.to_mail()?;
        let sender = self.session.identity();
        let represented = content.from.take().filter(|from| !from.address.is_empty());
        // RFC 5322: From is whom the message is from, Sender who sends it in another's name.
        let from = represented.unwrap_or_else(|| sender.who());
        let is_another = !from.address.eq_ignore_ascii_case(&sender.address.value);
        content.sender = is_another.then(|| sender.who());
        content.from = Some(from);
        let shown = envelope.shown().into_iter();
        content.recipients = shown
            .map(|(line, person)| mime::Recipient {
                line: if line == Line::Cc { Line::Cc } else { Line::To },
                who: person.who(),
            })
            .collect();
        if content.message_id.is_empty() {
            content.message_id = id;
        }
        Ok(content)
    }

    /// Waits for the worker, and lets the spooler do other things meanwhile (XP-20). `None` if it took too long.
    fn wait(&self, job: &Arc<Job>) -> Option<Ended> {
        let spec = self.session.spec;
        let mut end = Instant::now().checked_add(spec.send_timeout);
        let mut cancelled = false;
        loop {
            if let Some(ended) = job.wait(YIELD_EVERY) {
                return Some(ended);
            }
            if self.spooler.yields_to_cancel() {
                job.cancel.cancel();
            }
            if job.cancel.is_cancelled() && !cancelled {
                // Who is cancelled gets a moment to notice, and not all the time there is.
                cancelled = true;
                let soon = Instant::now().checked_add(self.session.spec.logoff_wait);
                end = end.min(soon).or(end);
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                self.session.worker.withdraw(job);
                return job.ended();
            }
        }
    }

    /// Writes into the message who was accepted or refused, saves it, and reports (XP-16, XP-18).
    fn settle(
        &self,
        envelope: &Envelope,
        job: &Arc<Job>,
        fates: &HashMap<Key, Fate>,
        is_kept: bool,
        search_key: &[u8],
    ) -> Result<(), StoreError> {
        let settled = envelope.settled(fates);
        if !settled.is_empty() {
            self.message.modify_rows(settled)?;
            self.message.save_changes()?;
        }
        let reported = self.report(envelope, job, fates);
        // Somebody may still be accepted by a worker that nobody waits for: that stays remembered.
        if is_kept || job.ended().is_some() {
            self.session.forget(search_key);
            let journal = job.fates.journal.as_ref();
            let settled = journal.map(|journal| journal.queue.settled(journal.message));
            if let Some(Err(error)) = settled {
                log::warn!(%error, "what is in the message can't be struck out of the queue");
            }
        }
        reported
    }

    /// XP-18: tells the spooler who was refused, and who has the message. What it does not take comes in as a report of the
    /// queue's, if there is a queue.
    fn report(
        &self,
        envelope: &Envelope,
        job: &Job,
        fates: &HashMap<Key, Fate>,
    ) -> Result<(), StoreError> {
        let reports = envelope.reports(fates, now());
        if reports.is_empty() {
            return Ok(());
        }
        let Err(status) = self.spooler.report(reports) else {
            return Ok(());
        };
        if let Some(Journal { queue, message }) = &job.fates.journal {
            match queue.untold(*message, &envelope.refused(fates)) {
                Ok(Some(report)) => {
                    log::warn!(status = %Status(status), "StatusRecips failed: a report comes in instead");
                    self.session.worker.come_in(&report);
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) => log::error!(%error, "no report can be made"),
            }
        }
        log::error!(status = %Status(status), "StatusRecips failed: the sender hears of no refusal");
        Err(StoreError::new("report refused recipients", status, None))
    }

    fn answer(&self, ended: Option<Ended>, cancelled: bool) -> Answer {
        let (kind, text) = match ended {
            Some(Ended::Done) => return Answer::of(S_OK),
            Some(Ended::Panicked) => return Answer::of(E_UNEXPECTED), // XP-36
            Some(Ended::Failed(kind, text)) => (kind, text),
            // The logic has not come back in time, or does not notice that it is cancelled.
            None => {
                let text = "it takes longer than `send-timeout`".to_owned();
                let kind = Kind::Later {
                    network: false,
                    after: None,
                };
                (kind, text)
            }
        };
        log::warn!(text, "a message was not sent to everybody");
        if cancelled {
            return Answer::of(MAPI_E_USER_CANCEL); // XP-12
        }
        match kind {
            Kind::Cancelled => Answer::of(MAPI_E_USER_CANCEL),
            Kind::Later { network, after } => self.wait_answer(network, after),
            Kind::Broken => {
                // XP-21: once, and at once.
                if self.session.dies() {
                    self.spooler
                        .status(StatusFlags::AVAILABLE, StatusFlags::FAILURE);
                    self.spooler.critical_error();
                }
                Answer::of(MAPI_E_CALL_FAILED)
            }
            // Everybody is settled: that is no failure of the call.
            Kind::Refused => Answer::of(S_OK),
        }
    }

    /// The answer to an error of the message's own: it must not say what it does not mean here.
    fn failed(&self, status: HRESULT) -> Answer {
        match status {
            MAPI_E_WAIT | MAPI_E_NETWORK_ERROR => {
                self.wait_answer(status == MAPI_E_NETWORK_ERROR, None)
            }
            // To the spooler they mean that nothing was touched, or that another transport is to try.
            MAPI_E_BUSY | MAPI_E_NOT_ME => Answer::of(MAPI_E_CALL_FAILED),
            status => Answer::of(status),
        }
    }

    /// XP-13, XP-19: the message stays with the spooler, which comes again in so many seconds.
    pub(super) fn wait_answer(&self, network: bool, after: Option<Duration>) -> Answer {
        let wait = after.unwrap_or(self.session.spec.retry_after);
        let most = u32::MAX as u64;
        let seconds = wait.as_secs().clamp(1, most);
        Answer {
            status: match network {
                true => MAPI_E_NETWORK_ERROR,
                false => MAPI_E_WAIT,
            },
            seconds: seconds as usize,
        }
    }
}

/// Why a message can't be sent at all, for its sender; else the error with which it was not read.
fn unsendable(error: MimeError) -> Result<String, StoreError> {
    match error {
        MimeError::Store(error) if error.status() != MAPI_E_TOO_BIG => Err(error),
        MimeError::Store(_) => Ok("the message is too large to be sent".to_owned()),
        other => Ok(other.to_string()),
    }
}

/// Whether a class is one of these, or a class below.
fn is_of_class(class: &str, classes: &[&str]) -> bool {
    classes.iter().any(|known| {
        let Some((head, rest)) = class.split_at_checked(known.len()) else {
            return false;
        };
        head.eq_ignore_ascii_case(known) && (rest.is_empty() || rest.starts_with('.'))
    })
}

/// A Message-ID that is the same at each try; none of a message that nothing tells from others.
fn message_id(search_key: &[u8], sender: &str) -> String {
    if search_key.is_empty() {
        return String::new();
    }
    let hex: String = search_key
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let host = sender
        .rsplit_once('@')
        .map_or("localhost", |(_, host)| host);
    format!("{hex}@{host}")
}

fn now() -> FileTime {
    FileTime::try_from(SystemTime::now()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_of_class;

    #[test]
    fn a_class_stands_for_those_below_it() {
        let classes = ["IPM.Note"];
        for class in ["IPM.Note", "ipm.note", "IPM.Note.SMIME"] {
            assert!(is_of_class(class, &classes), "{class}");
        }
        for class in ["", "IPM", "IPM.Notes", "IPM.Schedule.Meeting.Request"] {
            assert!(!is_of_class(class, &classes), "{class}");
        }
    }
}
