//! What a run amounts to.

use std::process::ExitStatus;

use super::protocol::Message;
use crate::failure::Failure;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// What was heard of a run that matters in the end.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: Option<Done>,
    failure: Option<String>,
    left_behind: Option<usize>,
    pub(super) interrupted: bool,
}

#[derive(Debug)]
struct Done {
    ok: bool,
    cancelled: bool,
    status: String,
}

impl Tally {
    pub(super) fn note(&mut self, message: &Message) {
        match message {
            Message::Done {
                ok,
                cancelled,
                status,
            } => {
                self.done = Some(Done {
                    ok: *ok,
                    cancelled: *cancelled,
                    status: status.clone(),
                });
            }
            Message::Failure { text, .. } => self.failure = Some(text.clone()),
            Message::Report { lines } => self.left_behind = Some(lines.len()),
            _ => {}
        }
    }

    /// Whether the runner has said all that it had to say.
    fn is_complete(&self) -> bool {
        self.failure.is_some() || self.done.is_some()
    }

    /// How the command ends, after the runner's process has ended like this.
    pub(super) fn verdict(self, status: ExitStatus) -> Result<(), Failure> {
        if !status.success() {
            return Err(Failure::new(format!("the provider crashed ({status})")));
        }
        if !self.is_complete() {
            return Err(Failure::new("the provider ended the process it ran in"));
        }
        if let Some(failure) = self.failure {
            return Err(Failure::new(failure));
        }
        let Some(done) = self.done else { return Ok(()) };
        let clean = self.left_behind == Some(0);
        match done {
            Done { ok: true, .. } if clean => Ok(()),
            Done { ok: true, .. } => Err(Failure::new(
                "the run ended well, but the provider left something behind",
            )),
            Done {
                cancelled: true, ..
            } if self.interrupted && clean => Err(Failure::Exit {
                code: INTERRUPTED,
                sentence: "cancelled".to_owned(),
            }),
            Done { status, .. } => Err(Failure::new(format!("the run ended with {status}"))),
        }
    }
}
