//! What a submission has to do with the queue (XP-19).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::delivery::{Fate, Journal};
use super::envelope::{Envelope, Key};
use super::error::Kind;
use super::job::{Ended, Job};
use super::logic::MailTransport;
use super::queue::{About, Kept, QueueError};
use super::submit::{Answer, Spooler, Submission};
use crate::log;
use mapi_provider_abi::mapi::{MAPI_E_BUSY, MAPI_E_CALL_FAILED, PR_SUBJECT_W};

impl<L: MailTransport, S: Spooler> Submission<'_, L, S> {
    /// What the queue knows of the message, and where it writes down what becomes of it; nothing without a queue.
    pub(super) fn written(
        &self,
        search_key: &[u8],
        class: &str,
        envelope: &Envelope,
    ) -> Result<(Option<Journal>, HashMap<Key, Fate>), Answer> {
        let Some(queue) = &self.session.queue else {
            return Ok((None, HashMap::new()));
        };
        let to = envelope.addressees.iter().map(|one| &one.recipient);
        // A report names it, if there is to be one.
        let subject = self.message.text(PR_SUBJECT_W).ok().flatten();
        let what = About {
            search_key,
            class,
            subject: subject.as_deref().unwrap_or_default(),
        };
        match queue.begin(&what, to) {
            Ok((message, known)) => {
                let queue = Arc::clone(queue);
                Ok((Some(Journal { queue, message }), known))
            }
            // Another logon sends what is in it: nothing is touched.
            Err(QueueError::Busy) => Err(Answer::of(MAPI_E_BUSY)),
            // Who is told to wait does not come again for long (KB916874), and a file that is broken does not mend itself.
            Err(error) => {
                log::error!(%error, "a message stays in the Outbox");
                Err(Answer::of(MAPI_E_CALL_FAILED))
            }
        }
    }

    /// XP-19: takes the message into the queue, for those of whom nothing is known.
    pub(super) fn keep(
        &self,
        envelope: &Envelope,
        job: &Arc<Job>,
        fates: &mut HashMap<Key, Fate>,
        ended: Option<&Ended>,
        after: Option<Duration>,
    ) -> Keeping {
        let Some(Journal { queue, message }) = &job.fates.journal else {
            return Keeping::Left;
        };
        let rest = envelope.open(fates);
        let Ok(octets) = job.mail().to_mime() else {
            let Some(refused) = too_large(ended) else {
                return Keeping::Left;
            };
            fates.extend(rest.into_iter().map(|to| (to.key, refused.clone())));
            return Keeping::Taken;
        };
        let kept = queue.keep(
            *message,
            &Kept {
                mail: job.mail(),
                octets: &octets,
                fates,
                after,
            },
        );
        if let Err(error) = kept {
            log::error!(%error, "a message that can't be sent now stays in the Outbox");
            return Keeping::Failed;
        }
        fates.extend(rest.into_iter().map(|to| (to.key, Fate::Queued)));
        // It may be on its way still.
        if let Some(ended) = job.hand_over()
            && !matches!(ended, Ended::Failed(Kind::Later { .. }, _))
        {
            self.session.worker.tried(job, &ended);
        }
        let wait = after.unwrap_or(self.session.spec.retry_after);
        if let Some(at) = Instant::now().checked_add(wait) {
            self.session.worker.queued(at);
        }
        Keeping::Taken
    }
}

/// Whether the queue has taken a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    Taken,
    /// It stays with the spooler: there is no queue, or it may be on its way still.
    Left,
    /// The queue can't be written.
    Failed,
}

/// Whether it may be sent later; and in what time, if the logic says.
pub(super) fn temporary(ended: Option<&Ended>) -> Option<Option<Duration>> {
    match ended {
        None => Some(None),
        Some(Ended::Failed(Kind::Later { after, .. }, _)) => Some(*after),
        Some(_) => None,
    }
}

/// What becomes of those who are left where the message is too large for the queue. Nothing yet while it may be on its way
/// still: whom the logic accepts is not told of as refused.
fn too_large(ended: Option<&Ended>) -> Option<Fate> {
    ended.map(|_| Fate::Refused("the message is too large".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Ended, Fate, too_large};

    #[test]
    fn xp_19_what_is_on_its_way_is_not_refused() {
        assert_eq!(too_large(None), None);
        let refused = too_large(Some(&Ended::Panicked));
        assert!(matches!(refused, Some(Fate::Refused(_))));
    }
}
