//! The logic: compares both folders with what the last run left behind, and says what to do.
//!
//! | since the last run | what is done |
//! |---|---|
//! | a message came on one side | it is copied to the other |
//! | flags changed, on one side or both | each flag that changed anywhere is changed everywhere |
//! | a message was deleted on one side | it is deleted on the other |
//! | deleted on one side, flags changed on the other | it is kept, and copied back |
//!
//! If nothing is known about the last run, nothing is deleted.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider::SyncJob;

use crate::maildir::{Flags, Message, Messages};

/// What is known of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The flags that both sides agreed on.
    pub flags: Flags,
    /// Only its header is here.
    pub partial: bool,
}

impl Known {
    /// What is known about a message with these flags, of which only the header may be here.
    pub fn new(flags: Flags, partial: bool) -> Self {
        Self { flags, partial }
    }
}

/// What the last run left behind: the messages that both sides had.
pub trait Memory {
    /// What is known of a message.
    fn get(&self, name: &str) -> Option<Known>;
    /// Notes that both sides have a message.
    fn set(&mut self, name: &str, known: Known);
    /// Forgets a message.
    fn forget(&mut self, name: &str);
    /// Forgets the messages that aren't needed any more.
    fn forget_all_but(&mut self, wanted: impl Fn(&str) -> bool);
}

/// A message that is here.
pub trait Our {
    /// Its flags.
    fn flags(&self) -> Flags;
    /// Whether only its header is here.
    fn is_partial(&self) -> bool;
}

impl Our for Message {
    fn flags(&self) -> Flags {
        self.flags
    }
    fn is_partial(&self) -> bool {
        self.is_partial()
    }
}

/// One of the two folders.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server's.
    Server,
    /// Ours.
    Local,
}

/// Something to do with one message.
pub struct Step {
    /// Its name.
    pub name: String,
    /// What to do with it.
    pub action: Action,
}

impl Step {
    fn new(name: &str, action: Action) -> Self {
        let name = name.to_owned();
        Self { name, action }
    }
}

/// What to do with a message.
pub enum Action {
    /// Copy it to this side, from the other.
    Copy(Side),
    /// Fetch the rest of a message of which only the header is here.
    Complete,
    /// Give it these flags on both sides.
    Mark(Flags),
    /// Delete it on this side: it is gone on the other.
    Delete(Side),
}

impl Action {
    /// What progress displays say.
    pub fn verb(&self) -> &'static str {
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

/// What to do. The memory forgets what is gone everywhere, and notes what is the same everywhere.
pub fn plan(
    theirs: &Messages,
    ours: &BTreeMap<String, impl Our>,
    memory: &mut impl Memory,
    job: &SyncJob,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    memory.forget_all_but(|name| theirs.contains_key(name) || ours.contains_key(name));
    for name in names {
        let known = memory.get(name);
        let mut add = |action| steps.push(Step::new(name, action));
        match (theirs.get(name), ours.get(name)) {
            (Some(their), Some(our)) => {
                let partial = is_partial(known, our);
                if partial && job.downloads() && !job.headers_only() {
                    add(Action::Complete);
                }
                let base = known.map(|known| known.flags);
                let flags = Flags::merge(base, their.flags, our.flags());
                let uploads = job.uploads() && flags != their.flags;
                if uploads || (job.downloads() && flags != our.flags()) {
                    add(Action::Mark(flags));
                } else {
                    let flags = agreed(flags, their.flags, our.flags(), job);
                    memory.set(name, Known::new(flags, partial));
                }
            }
            (Some(their), None) => {
                copy_or_delete(Side::Server, their.flags, known, job).map(add);
            }
            // A header without its message: a copy of it would help nobody.
            (None, Some(our)) if known.is_none() && our.is_partial() => {}
            (None, Some(our)) => {
                copy_or_delete(Side::Local, our.flags(), known, job).map(add);
            }
            (None, None) => {}
        }
    }
    steps
}

/// What to do with a message that is on one `side` only.
fn copy_or_delete(side: Side, flags: Flags, known: Option<Known>, job: &SyncJob) -> Option<Action> {
    let (other, may_copy, may_delete) = match side {
        Side::Server => (Side::Local, job.downloads(), job.uploads()),
        Side::Local => (Side::Server, job.uploads(), job.downloads()),
    };
    match known {
        None => may_copy.then_some(Action::Copy(other)),
        Some(known) if known.flags == flags || (side == Side::Local && known.partial) => {
            may_delete.then_some(Action::Delete(side))
        }
        Some(_) => may_copy.then_some(Action::Copy(other)),
    }
}

/// Whether only the header of a message is here.
pub fn is_partial(known: Option<Known>, our: &impl Our) -> bool {
    known.map_or_else(|| our.is_partial(), |known| known.partial)
}

/// The flags to compare with next time. If a side must not be changed now, its own changes may
/// have to be passed on later, or it lacks the other side's: they must still look like changes
/// then.
pub fn agreed(merged: Flags, their: Flags, our: Flags, job: &SyncJob) -> Flags {
    match (job.uploads(), job.downloads()) {
        (true, false) => our,
        (false, true) => their,
        _ => merged,
    }
}
