//! A run: lists both sides, makes a plan, carries it out.
//!
//! # The order of things
//!
//! The process may end at any moment, and that must not lose or duplicate anything. Every change to the store or to the
//! Maildir is atomic, but no two of them are atomic together. So each pair has an order in which the next run can
//! complete the first change without the second:
//!
//! | what | first | then | after the first alone the next run |
//! |---|---|---|---|
//! | download | the message with its key and flags, in one save | the roster | sees the same key on both sides: nothing to copy |
//! | upload | the key, saved in the message | the file, under that key; the roster | sees a key that is neither on the server nor in the roster: it delivers |
//! | flags | the file's name | the message, with the flags agreed on | sees them changed there, or there and here alike: the same result |
//! | deletion on the server | the roster: it is leaving | the file; the roster | deletes the file, or has nothing to do |
//! | deletion here | the message | the roster | finds it nowhere: nothing to do |
//!
//! *Leaving* matters if the user takes a message back, out of Deleted Items, before the run could end: a message that
//! was leaving and is here again was not deleted on the server, so it has to be delivered.
//!
//! The roster is written every few messages. If a message was brought here and deleted again before that, and the
//! process ended in between, it comes once more: when in doubt, a message is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use mapi_provider::{SyncError, SyncJob};

use crate::mailbox::{Item, Mailbox, Stamp};
use crate::maildir::{self, Maildir, Messages};
use crate::plan::{Action, Known, Memory, Side, Step, agreed, plan};
use crate::roster::Roster;
use crate::{header, key};

/// After this many steps the roster is kept.
const OFTEN: usize = 50;

/// Synchronises the server's Maildir with a folder of the store.
///
/// # Errors
///
/// A side can't be used, the disk is full, or the run is cancelled. What was done until then is kept. A single message
/// that can't be read or written is not an error: it is left for the next run, with a warning.
pub fn synchronize<M: Mailbox>(server: &Path, mailbox: &M, job: &SyncJob) -> Result<(), SyncError> {
    let server = Maildir::new(server);
    server.check()?;
    if job.uploads() {
        server.create()?; // It may lack the folders that only deliveries need.
    }
    let theirs = server.messages(|path: &Path| {
        job.warn(format!("Left out, for its name: {}", path.display()));
    })?;
    let (ours, useless) = by_key(mailbox.list()?);
    let mut roster = Roster::parse(&mailbox.roster()?, server.root());
    remember(&mut roster, &theirs, &ours);
    let steps = plan(&theirs, &ours, &mut roster, job);
    let mut run = Run {
        server,
        mailbox,
        theirs,
        ours,
        roster,
        job,
    };
    let result = run.clear_away(&useless).and_then(|()| run.carry_out(steps));
    // The next run knows what was done, even if this run ends early.
    result.and(run.keep().map_err(SyncError::from))
}

/// The messages by their keys, and the useless headers: of messages that are here in full, or twice.
///
/// Gives a key to messages without one, and to copies, which have their original's.
fn by_key<Id>(mut items: Vec<Item<Id>>) -> (BTreeMap<String, Item<Id>>, Vec<Item<Id>>) {
    let (mut ours, mut useless) = (BTreeMap::new(), Vec::new());
    items.sort_by_key(|item| item.partial);
    for mut item in items {
        match item.key.take() {
            Some(key) if !ours.contains_key(&key) => {
                item.key = Some(key.clone());
                ours.insert(key, item);
            }
            Some(_) if item.partial => useless.push(item),
            _ => {
                ours.insert(key::new(), item);
            }
        }
    }
    (ours, useless)
}

/// Updates the roster from the messages' stamps, which are newer.
fn remember<Id>(roster: &mut Roster, theirs: &Messages, ours: &BTreeMap<String, Item<Id>>) {
    for (key, item) in ours {
        let both_had_it = roster.get(key).is_some() && !roster.is_leaving(key);
        if item.key.is_some() && (both_had_it || theirs.contains_key(key)) {
            roster.set(key, Known::new(item.agreed, item.partial));
        } else {
            // Not delivered yet, or taken back: it was not deleted on the server.
            roster.forget(key);
        }
    }
}

/// A current run.
struct Run<'a, M: Mailbox> {
    server: Maildir,
    mailbox: &'a M,
    theirs: Messages,
    ours: BTreeMap<String, Item<M::Id>>,
    roster: Roster,
    job: &'a SyncJob<'a>,
}

impl<M: Mailbox> Run<'_, M> {
    fn carry_out(&mut self, steps: Vec<Step>) -> Result<(), SyncError> {
        let total = steps.len();
        self.restamp(&steps)?;
        let (deletions, others): (Vec<_>, Vec<_>) = steps
            .into_iter()
            .partition(|step| matches!(step.action, Action::Delete(_)));
        for (done, step) in others.iter().enumerate() {
            self.carry_out_one(step, done, total)?;
        }
        // Deletions come last, and not before a second look.
        let deletions = self.confirmed(deletions)?;
        for step in &deletions {
            if matches!(step.action, Action::Delete(Side::Server)) {
                self.roster.leave(&step.name);
            }
        }
        self.keep()?;
        for (done, step) in deletions.iter().enumerate() {
            self.carry_out_one(step, others.len() + done, total)?;
        }
        self.job.progress("Finished", total, total)
    }

    fn clear_away(&self, useless: &[Item<M::Id>]) -> Result<(), SyncError> {
        if self.job.downloads() {
            for item in useless {
                self.judge(self.mailbox.delete(&item.id), &item.subject)?;
            }
        }
        Ok(())
    }

    /// Stamps the messages whose flags are the same on both sides, but are not the agreed ones.
    fn restamp(&mut self, steps: &[Step]) -> Result<(), SyncError> {
        let planned: BTreeSet<&String> = steps.iter().map(|step| &step.name).collect();
        for (key, item) in &self.ours {
            let known = self.roster.get(key).filter(|_| !planned.contains(key));
            let Some(known) = known.filter(|known| known.flags != item.agreed) else {
                continue;
            };
            let stamp = Stamp {
                key,
                agreed: known.flags,
                partial: item.partial,
            };
            self.judge(self.mailbox.stamp(&item.id, &stamp), &item.subject)?;
        }
        Ok(())
    }

    fn carry_out_one(&mut self, step: &Step, done: usize, total: usize) -> Result<(), SyncError> {
        let text = format!("{}: {}", step.action.verb(), self.subject(step));
        self.job.progress(&text, done, total)?;
        let done_it = self.act(step);
        self.judge(done_it, &text)?;
        if (done + 1).is_multiple_of(OFTEN) {
            self.keep()?;
        }
        Ok(())
    }

    /// A failure that concerns one message is a warning.
    fn judge(&self, result: io::Result<()>, text: &str) -> Result<(), SyncError> {
        match result {
            Err(error) if concerns_all(&error) => Err(error.into()),
            Err(error) => {
                self.job.warn(format!("{text}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Does a step; the roster notes it when it is done.
    fn act(&mut self, Step { name, action }: &Step) -> io::Result<()> {
        let (their, our) = (self.theirs.get(name), self.ours.get(name));
        match (action, their, our) {
            (Action::Copy(Side::Local), Some(their), _) => {
                let known = Known::new(their.flags, self.job.headers_only());
                let text = std::fs::read(their.path())?;
                self.mailbox
                    .create(&stamp(name, known), &text, arrival(their))?;
                self.roster.set(name, known);
            }
            (Action::Copy(Side::Server), _, Some(our)) => {
                let known = Known::new(our.flags, false);
                self.upload(name, our, known)?;
                self.roster.set(name, known);
            }
            (Action::Complete, Some(their), Some(our)) => {
                let known = Known::new(our.agreed, false);
                let text = std::fs::read(their.path())?;
                self.mailbox.complete(&our.id, &stamp(name, known), &text)?;
                self.roster.set(name, known);
            }
            (Action::Mark(flags), Some(their), Some(our)) => {
                let partial = self.roster.get(name).is_some_and(|known| known.partial);
                let agreed = agreed(*flags, their.flags, our.flags, self.job);
                let known = Known::new(agreed, partial);
                if self.job.uploads() {
                    self.server.mark(name, their, *flags)?;
                }
                if self.job.downloads() {
                    self.mailbox.mark(&our.id, *flags, &stamp(name, known))?;
                } else {
                    self.mailbox.stamp(&our.id, &stamp(name, known))?;
                }
                self.roster.set(name, known);
            }
            (Action::Delete(Side::Server), Some(their), None) => {
                their.remove()?;
                self.roster.forget(name);
            }
            (Action::Delete(Side::Local), None, Some(our)) => {
                self.mailbox.delete(&our.id)?;
                self.roster.forget(name);
            }
            // The plan was made from these messages.
            _ => {}
        }
        Ok(())
    }

    fn upload(&self, key: &str, our: &Item<M::Id>, known: Known) -> io::Result<()> {
        let stamp = stamp(key, known);
        let has_key = our.key.is_some();
        if !has_key {
            self.mailbox.stamp(&our.id, &stamp)?;
        }
        let text = self.mailbox.text(&our.id, key)?;
        self.server.deliver_text(key, our.flags, &text)?;
        // Not before: it would look as if both sides had agreed and the server had then deleted it.
        if has_key && our.agreed != known.flags {
            self.mailbox.stamp(&our.id, &stamp)?;
        }
        Ok(())
    }

    /// The deletions whose other copy is still gone at a second look, because a mail program that renames a file while
    /// the folder is read can hide it for a moment, and a user can take a message back.
    fn confirmed(&self, mut deletions: Vec<Step>) -> io::Result<Vec<Step>> {
        if !deletions.is_empty() {
            self.server.check()?;
            let theirs = self.server.messages(|_| {})?;
            let ours = self.mailbox.list()?;
            let ours: BTreeSet<String> = ours.into_iter().filter_map(|item| item.key).collect();
            deletions.retain(|step| match step.action {
                Action::Delete(Side::Server) => !ours.contains(&step.name),
                _ => !theirs.contains_key(&step.name),
            });
        }
        Ok(deletions)
    }

    /// Keeps the roster, if there is anything new in it.
    fn keep(&mut self) -> io::Result<()> {
        if self.roster.is_changed() {
            self.mailbox.save_roster(&self.roster.to_text())?;
            self.roster.is_kept();
        }
        Ok(())
    }

    fn subject(&self, step: &Step) -> String {
        let here = self.ours.get(&step.name);
        let there = || {
            let header = header::read(self.theirs.get(&step.name)?.path()).ok()?;
            header::field(&header, "Subject")
        };
        here.map(|item| item.subject.clone())
            .or_else(there)
            .filter(|subject| !subject.is_empty())
            .unwrap_or_else(|| "(no subject)".to_owned())
    }
}

fn stamp(key: &str, known: Known) -> Stamp<'_> {
    Stamp {
        key,
        agreed: known.flags,
        partial: known.partial,
    }
}

/// When a message arrived, which in a Maildir is the file's time.
fn arrival(message: &maildir::Message) -> SystemTime {
    let file = std::fs::metadata(message.path());
    file.and_then(|file| file.modified())
        .unwrap_or_else(|_| SystemTime::now())
}

/// Whether an error would happen with every other message as well.
fn concerns_all(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        StorageFull | QuotaExceeded | ReadOnlyFilesystem
    )
}
