//! What a run comes to.

use mapi_provider_host::untrusted::Untrusted;

use super::drive::End;
use super::protocol::Message;
use crate::failure::Failure;
use crate::install::helped;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// What was heard about a run and matters in the end.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: Option<Done>,
    shown: bool,
    failure: Option<Untrusted>,
    left_behind: Option<Vec<Untrusted>>,
    filled: Option<Filled>,
}

/// What happened with a PST file.
#[derive(Debug)]
struct Filled {
    messages: u64,
    left_out: u64,
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
                ..
            } => {
                self.done = Some(Done {
                    ok: *ok,
                    cancelled: *cancelled,
                    status: status.clone(),
                });
            }
            Message::Failure { text, .. } => self.failure = Some(text.clone()),
            Message::Filled {
                messages, left_out, ..
            } => {
                self.filled = Some(Filled {
                    messages: *messages,
                    left_out: *left_out,
                });
            }
            Message::Report { lines } => self.left_behind = Some(lines.clone()),
            Message::Shown => self.shown = true,
            _ => {}
        }
    }

    /// Whether the whole store has been shown.
    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    /// Whether the runner has told why it can't do what was asked for.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// What was left behind, if no run reports it.
    fn not_clean(&self) -> Failure {
        let lines = self.left_behind.iter().flatten();
        let lines: Vec<String> = lines.map(Untrusted::to_string).collect();
        Failure::new(lines.join("\n"))
    }

    /// Whether the runner has said everything that it had to say.
    fn is_complete(&self) -> bool {
        self.failure.is_some() || self.done.is_some() || self.shown
    }

    /// Says again at the end that something in the PST file is missing, because a run's lines may be in between.
    pub(super) fn left_out(&self) -> Option<String> {
        let left_out = self.filled.as_ref()?.left_out;
        (left_out > 0).then(|| {
            format!("the PST file was read in part: see the lines “left out” ({left_out})")
        })
    }

    /// How the command ends, after the runner's process has ended like this.
    pub(super) fn verdict(self, end: &End) -> Result<(), Failure> {
        if !end.status.success() {
            let status = end.status;
            return Err(Failure::new(format!("the provider crashed ({status})")));
        }
        if !self.is_complete() {
            return Err(Failure::new("the provider ended the process it ran in"));
        }
        if let Some(failure) = self.failure {
            return Err(explained(failure.to_string()));
        }
        let clean = self.left_behind.as_ref().is_some_and(Vec::is_empty);
        let Some(done) = self.done else {
            return if clean { Ok(()) } else { Err(self.not_clean()) };
        };
        match done {
            Done { ok: true, .. } if clean => self.filled.map_or(Ok(()), Filled::verdict),
            Done { ok: true, .. } => Err(Failure::new(
                "the run ended well, but the provider left something behind",
            )),
            Done {
                cancelled: true, ..
            } if end.interrupted && clean => Err(Failure::Exit {
                code: INTERRUPTED,
                sentence: "cancelled".to_owned(),
            }),
            Done { status, .. } => Err(Failure::new(format!("the run ended with {status}"))),
        }
    }
}

/// Why there was no run; where settings are missing, also how they are given.
fn explained(text: String) -> Failure {
    if !text.contains("MAPI_E_UNCONFIGURED") {
        return Failure::new(text);
    }
    helped(
        text,
        "settings are given by `--set NAME=VALUE`, and kept for the next time in a profile, `--profile FILE`",
    )
}

impl Filled {
    /// A store with less than the file is fine, if it has anything: the lines before say what is missing.
    fn verdict(self) -> Result<(), Failure> {
        match self {
            Self {
                messages: 0,
                left_out: 1..,
            } => Err(Failure::new(
                "the run ended well, but nothing of the PST file could be read",
            )),
            _ => Ok(()),
        }
    }
}
