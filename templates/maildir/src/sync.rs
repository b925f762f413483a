//! A run: lists both folders, makes a plan, carries it out, and keeps what the next run needs to know.

use std::io;
use std::path::Path;

use mapi_provider::{SyncError, SyncJob};

use crate::header;
use crate::maildir::{Flags, Maildir, Messages, Part};
use crate::plan::{Action, Known, Memory, Side, Step, agreed, is_partial, plan};
use crate::state::State;

/// Synchronises the server's Maildir with the local one.
///
/// # Errors
///
/// A folder can't be used, the disk is full, or the run is cancelled. What was done until then is kept. A
/// single message that can't be read or written is not an error: it is left for the next run, with a
/// warning.
pub fn synchronize(server: &Path, local: &Path, job: &SyncJob) -> Result<(), SyncError> {
    let (server, local) = (Maildir::new(server), Maildir::new(local));
    server.check()?;
    local.create()?;
    if job.uploads() {
        server.create()?; // It may lack the folders that only deliveries need.
    }
    let mut state = State::load(local.root(), server.root(), job.cursor());
    let skip = |path: &Path| job.warn(format!("Left out, for its name: {}", path.display()));
    let theirs = server.messages(skip)?;
    let ours = local.messages(skip)?;

    let steps = plan(&theirs, &ours, &mut state, job);
    let result = Run {
        server,
        local,
        theirs,
        ours,
        state: &mut state,
        job,
    }
    .carry_out(steps);
    if state.is_changed() {
        let saved = state.save().map_err(SyncError::from);
        let saved = saved.and_then(|cursor| job.save_cursor(cursor.as_bytes()));
        return result.and(saved);
    }
    result
}

/// What a run would do: a line for each message. Nothing is changed.
///
/// # Errors
///
/// A folder can't be used.
pub fn planned(server: &Path, local: &Path, job: &SyncJob) -> Result<String, SyncError> {
    let (server, local) = (Maildir::new(server), Maildir::new(local));
    server.check()?;
    let mut state = State::load(local.root(), server.root(), job.cursor());
    let theirs = server.messages(|_| {})?;
    // The first run makes it.
    let ours = match local.check() {
        Ok(()) => local.messages(|_| {})?,
        Err(_) => Messages::new(),
    };
    let steps = plan(&theirs, &ours, &mut state, job);
    let state = &mut state;
    let run = Run {
        server,
        local,
        theirs,
        ours,
        state,
        job,
    };
    let line = |step: &Step| format!("{}: {}\n", step.action.verb(), run.subject(step));
    let lines: String = steps.iter().map(line).collect();
    Ok(if lines.is_empty() {
        "nothing to do\n".to_owned()
    } else {
        lines
    })
}

/// A run under way.
struct Run<'a> {
    server: Maildir,
    local: Maildir,
    theirs: Messages,
    ours: Messages,
    state: &'a mut State,
    job: &'a SyncJob<'a>,
}

impl Run<'_> {
    fn carry_out(&mut self, steps: Vec<Step>) -> Result<(), SyncError> {
        let total = steps.len();
        let (deletions, others): (Vec<_>, Vec<_>) = steps
            .into_iter()
            .partition(|step| matches!(step.action, Action::Delete(_)));
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
                self.job.warn(format!("{text}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Does a step; the state notes it when it is done.
    fn act(&mut self, Step { name, action }: &Step) -> io::Result<()> {
        let (their, our) = (self.theirs.get(name), self.ours.get(name));
        let known = self.state.get(name);
        match (action, their, our) {
            (Action::Copy(Side::Local), Some(their), _) => {
                let partial = self.job.headers_only();
                let part = if partial { Part::Header } else { Part::Whole };
                self.local.deliver(name, their, part)?;
                self.state.set(name, Known::new(their.flags, partial));
            }
            (Action::Copy(Side::Server), _, Some(our)) => {
                self.server.deliver(name, our, Part::Whole)?;
                self.state.set(name, Known::new(our.flags, false));
            }
            (Action::Complete, Some(their), Some(our)) => {
                self.local.complete(name, our, their)?;
                // If nobody knows the old flags, all count, as if there had been none.
                let flags = known.map_or(Flags::default(), |known| known.flags);
                self.state.set(name, Known::new(flags, false));
            }
            (Action::Mark(flags), Some(their), Some(our)) => {
                let partial = is_partial(known, our);
                if self.job.uploads() {
                    self.server.mark(name, their, *flags)?;
                }
                if self.job.downloads() {
                    self.local.mark(name, our, *flags)?;
                }
                let flags = agreed(*flags, their.flags, our.flags, self.job);
                self.state.set(name, Known::new(flags, partial));
            }
            (Action::Delete(Side::Server), Some(message), None)
            | (Action::Delete(Side::Local), None, Some(message)) => {
                message.remove()?;
                self.state.forget(name);
            }
            // The plan was made from these messages.
            _ => {}
        }
        Ok(())
    }

    /// The deletions whose other copy is still gone at a second look, because a mail program that renames
    /// a file while the folder is read can hide it for a moment.
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
        let message = self
            .theirs
            .get(&step.name)
            .or_else(|| self.ours.get(&step.name));
        let header = message.and_then(|message| header::read(message.path()).ok());
        let subject = header.and_then(|header| header::field(&header, "Subject"));
        subject
            .filter(|subject| !subject.is_empty())
            .unwrap_or_else(|| "(no subject)".to_owned())
    }
}

/// Whether an error would happen with every other message as well.
fn concerns_all(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        StorageFull | QuotaExceeded | ReadOnlyFilesystem
    )
}
