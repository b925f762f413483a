//! An item that is worked on, as both sides have it.

use crate::item::{LocalKey, Version};
use crate::local::LocalEntry;
use crate::plan::Content;
use crate::remote::Placed;
use crate::state::{FolderId, NewPair, Pair, ToldLocal, ToldRemote};

/// An item as both sides have it, kept up to date while it is worked on.
pub(super) struct Item {
    pub(super) pair: Pair,
    pub(super) remote: ToldRemote,
    pub(super) local: ToldLocal,
    /// As it was told: the local side compares with that.
    pub(super) before: LocalEntry,
    pub(super) was_told_here: bool,
    /// What was told to be edited, and was looked at.
    pub(super) is_settled_there: bool,
    pub(super) is_settled_here: bool,
    /// What is in the journal of its change here.
    pub(super) updating: Option<i64>,
}

impl Item {
    /// The contents were looked at, and what comes of it is going to be done.
    pub(super) fn settle(&mut self, content: Content) {
        self.is_settled_there |= matches!(content, Content::Remote | Content::Both);
        self.is_settled_here |= matches!(content, Content::Local | Content::Both);
    }

    /// The folder at the server that stands for the one here.
    pub(super) fn home_there(&self) -> FolderId {
        self.remote.home(self.pair.facts.folder)
    }

    pub(super) fn place(&mut self, placed: Placed, feed: FolderId) {
        if let Some(key) = placed.key {
            self.remote.item = key.clone();
            self.remote.feed = feed;
            self.pair.facts.item = key;
            self.pair.facts.feed = feed;
        }
        if placed.version.is_some() && self.is_settled_there {
            self.remote.version = placed.version;
            self.pair.facts.version.clone_from(&self.remote.version);
        }
    }

    pub(super) fn rename_here(&mut self, key: LocalKey) {
        self.pair.facts.local = key.clone();
        self.local.key = key;
    }
}

/// What the server has of an item of which it told nothing.
pub(super) fn remote_of(facts: &NewPair) -> ToldRemote {
    ToldRemote {
        feed: facts.feed,
        item: facts.item.clone(),
        is_gone: false,
        folders: vec![facts.folder],
        flags: facts.flags.clone(),
        date: facts.date,
        size: None,
        version: facts.version.clone(),
        identity: facts.identity.clone(),
        title: facts.title.clone(),
        listing: 0,
    }
}

/// The same for the local side.
pub(super) fn local_of(facts: &NewPair) -> ToldLocal {
    ToldLocal {
        key: facts.local.clone(),
        is_gone: false,
        folder: facts.folder,
        flags: facts.flags.clone(),
        date: facts.date,
        revision: Version::new(facts.revision.as_str()),
        identity: facts.identity.clone(),
        pair: Some(facts.pair.clone()),
        title: facts.title.clone(),
        print: facts.print,
    }
}
