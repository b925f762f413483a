//! The logic: compares both folders with what the last run left behind, and evens out the differences.
//!
//! | since the last run | what is done |
//! |---|---|
//! | a message came on one side | it is copied to the other |
//! | flags changed, on one side or both | each flag that changed anywhere is changed everywhere |
//! | a message was deleted on one side | it is deleted on the other |
//! | deleted on one side, flags changed on the other | it is kept, and copied back |
//!
//! Where nothing is known of the last run nothing is deleted.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use mapi_provider::SyncError;

use crate::header;
use crate::job::Job;
use crate::maildir::{Flags, Maildir, Message, Messages, Part};
use crate::state::{Known, State};

/// Synchronises the server's Maildir with the local one.
///
/// # Errors
///
/// A folder can't be used, the disk is full, or the run is cancelled. What was done until then is kept. A
/// single message that can't be read or written is no error: it is left for the next run, with a warning.
pub fn synchronize(server: &Path, local: &Path, job: &impl Job) -> Result<(), SyncError> {
    let (server, local) = (Maildir::new(server), Maildir::new(local));
    server.check()?;
    local.create()?;
    if job.uploads() {
        server.create()?; // It may lack the folders that only deliveries need.
    }
    let mut state = State::load(local.root(), server.root(), job.cursor());
    let skip = |path: &Path| job.warn(&format!("Left out, for its name: {}", path.display()));
    let theirs = server.messages(skip)?;
    let ours = local.messages(skip)?;

    let steps = plan(&theirs, &ours, &mut state, job);
    let result = Run { server, local, theirs, ours, state: &mut state, job }.carry_out(steps);
    if state.is_changed() {
        let saved = state.save().map_err(SyncError::from);
        let saved = saved.and_then(|cursor| job.save_cursor(cursor.as_bytes()));
        return result.and(saved);
    }
    result
}

/// One of the two folders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Local,
}

/// Something to do with one message.
struct Step {
    name: String,
    action: Action,
}

enum Action {
    /// Copy it to this side, from the other.
    Copy(Side),
    /// Fetch the rest of a message of which only the header is here.
    Complete,
    /// Give it these flags on both sides.
    Mark(Flags),
    /// Delete it on this side: it is gone on the other.
    Delete(Side),
}

/// What to do. The state forgets what is gone everywhere, and learns what is the same everywhere.
fn plan(theirs: &Messages, ours: &Messages, state: &mut State, job: &impl Job) -> Vec<Step> {
    let mut steps = Vec::new();
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    state.forget_all_but(|name| theirs.contains_key(name) || ours.contains_key(name));
    for name in names {
        let known = state.get(name);
        let mut add = |action| steps.push(Step { name: name.clone(), action });
        match (theirs.get(name), ours.get(name)) {
            (Some(their), Some(our)) => {
                let partial = is_partial(known, our);
                if partial && job.downloads() && !job.headers_only() {
                    add(Action::Complete);
                }
                let base = known.map(|known| known.flags);
                let flags = Flags::merge(base, their.flags, our.flags);
                let uploads = job.uploads() && flags != their.flags;
                if uploads || (job.downloads() && flags != our.flags) {
                    add(Action::Mark(flags));
                } else {
                    state.set(name, Known { flags: agreed(flags, their, our, job), partial });
                }
            }
            (Some(their), None) => copy_or_delete(Side::Server, their, known, job).into_iter().for_each(add),
            (None, Some(our)) => copy_or_delete(Side::Local, our, known, job).into_iter().for_each(add),
            (None, None) => {}
        }
    }
    steps
}

/// What to do with a message that is on one `side` only.
fn copy_or_delete(side: Side, message: &Message, known: Option<Known>, job: &impl Job) -> Option<Action> {
    let (other, may_copy, may_delete) = match side {
        Side::Server => (Side::Local, job.downloads(), job.uploads()),
        Side::Local => (Side::Server, job.uploads(), job.downloads()),
    };
    match known {
        // A header without its message: nobody is helped by a copy of it.
        None if side == Side::Local && message.is_partial() => None,
        None => may_copy.then_some(Action::Copy(other)),
        Some(known) if known.flags == message.flags || (side == Side::Local && known.partial) => {
            may_delete.then_some(Action::Delete(side))
        }
        Some(_) => may_copy.then_some(Action::Copy(other)),
    }
}

/// Whether only the header of a message is here.
fn is_partial(known: Option<Known>, our: &Message) -> bool {
    known.map_or_else(|| our.is_partial(), |known| known.partial)
}

/// The flags to compare with next time. A side that must not be changed now has changes of its own to
/// pass on later, or lacks the other's: they must still look like changes then.
fn agreed(merged: Flags, their: &Message, our: &Message, job: &impl Job) -> Flags {
    match (job.uploads(), job.downloads()) {
        (true, false) => our.flags,
        (false, true) => their.flags,
        _ => merged,
    }
}

/// A run under way.
struct Run<'a, J> {
    server: Maildir,
    local: Maildir,
    theirs: Messages,
    ours: Messages,
    state: &'a mut State,
    job: &'a J,
}

impl<J: Job> Run<'_, J> {
    fn carry_out(&mut self, steps: Vec<Step>) -> Result<(), SyncError> {
        let total = steps.len();
        let (deletions, others): (Vec<_>, Vec<_>) =
            steps.into_iter().partition(|step| matches!(step.action, Action::Delete(_)));
        for (done, step) in others.iter().enumerate() {
            self.carry_out_one(step, done, total)?;
        }
        // Deletions come last, and not before a second look.
        let deletions = self.confirmed(deletions)?;
        for (done, step) in deletions.iter().enumerate() {
            self.carry_out_one(step, others.len() + done, total)?;
        }
        self.job.progress("Finished", total, total)
    }

    fn carry_out_one(&mut self, step: &Step, done: usize, total: usize) -> Result<(), SyncError> {
        let text = format!("{}: {}", step.action.verb(), self.subject(step));
        self.job.progress(&text, done, total)?;
        match self.act(step) {
            Err(error) if concerns_all(&error) => Err(error.into()),
            Err(error) => {
                self.job.warn(&format!("{text}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Does a step; the state learns of it when it is done.
    fn act(&mut self, Step { name, action }: &Step) -> io::Result<()> {
        let (their, our, known) = (self.theirs.get(name), self.ours.get(name), self.state.get(name));
        match (action, their, our) {
            (Action::Copy(Side::Local), Some(their), _) => {
                let part = if self.job.headers_only() { Part::Header } else { Part::Whole };
                self.local.deliver(name, their, part)?;
                self.state.set(name, Known { flags: their.flags, partial: part == Part::Header });
            }
            (Action::Copy(Side::Server), _, Some(our)) => {
                self.server.deliver(name, our, Part::Whole)?;
                self.state.set(name, Known { flags: our.flags, partial: false });
            }
            (Action::Complete, Some(their), Some(our)) => {
                self.local.complete(our, their)?;
                // Of flags that nobody knows all count: as if there had been none.
                let flags = known.map_or(Flags::default(), |known| known.flags);
                self.state.set(name, Known { flags, partial: false });
            }
            (Action::Mark(flags), Some(their), Some(our)) => {
                let partial = is_partial(known, our);
                if self.job.uploads() {
                    self.server.mark(name, their, *flags)?;
                }
                if self.job.downloads() {
                    self.local.mark(name, our, *flags)?;
                }
                let flags = agreed(*flags, their, our, self.job);
                self.state.set(name, Known { flags, partial });
            }
            (Action::Delete(Side::Server), Some(message), None) | (Action::Delete(Side::Local), None, Some(message)) => {
                message.remove()?;
                self.state.forget(name);
            }
            // The plan was made of these very messages.
            _ => {}
        }
        Ok(())
    }

    /// The deletions whose other copy is gone at a second look, too: a mail program that renames a file
    /// while the folder is read can hide it for a moment.
    fn confirmed(&self, mut deletions: Vec<Step>) -> io::Result<Vec<Step>> {
        if !deletions.is_empty() {
            self.server.check()?;
            let (theirs, ours) = (self.server.messages(|_| {})?, self.local.messages(|_| {})?);
            deletions.retain(|step| match step.action {
                Action::Delete(Side::Server) => !ours.contains_key(&step.name),
                _ => !theirs.contains_key(&step.name),
            });
        }
        Ok(deletions)
    }

    fn subject(&self, step: &Step) -> String {
        let message = self.theirs.get(&step.name).or_else(|| self.ours.get(&step.name));
        let header = message.and_then(|message| header::read(message.path()).ok());
        let subject = header.and_then(|header| header::field(&header, "Subject"));
        subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| "(no subject)".to_owned())
    }
}

impl Action {
    fn verb(&self) -> &'static str {
        match self {
            Action::Copy(Side::Local) => "Downloading",
            Action::Copy(Side::Server) => "Uploading",
            Action::Complete => "Completing",
            Action::Mark(_) => "Marking",
            Action::Delete(Side::Server) => "Deleting on the server",
            Action::Delete(Side::Local) => "Deleting",
        }
    }
}

/// Whether an error would happen with every other message as well.
fn concerns_all(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem)
}
