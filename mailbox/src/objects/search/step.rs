//! One step of a search: some messages are looked at, and how far the search is by it.
//!
//! Nothing is written here, and nobody waits but for readers of a store in memory. What was found holds for the moment that
//! was looked at; what has changed since then is in the log behind it, and is looked at in a later step.

use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use mapi_provider_abi::mapi::{
    MAPI_E_CORRUPT_STORE, MAPI_E_NOT_ENOUGH_MEMORY, PR_PARENT_DISPLAY_W, SearchState,
};

use super::super::fault::{Fault, Result};
use super::super::identity::Identity;
use super::super::rows::MessageRows;
use crate::database::{
    Advance, Change, Direction, FolderId, MessageId, ObjectId, Order, Phase, Place, Progress,
    Reader, Search, What, decode_restriction,
};
use mapi_provider_table::table::Matcher;

/// How many messages a step looks at, at most.
const MOST: usize = 256;
/// How many changes a step looks at: of many messages there are several.
const AT_ONCE: usize = 4 * MOST;
/// How long it does so, if they take long. A single message may take longer: one whose body is a gigabyte.
const LONGEST: Duration = Duration::from_millis(20);

/// A search folder, looked at.
pub(super) struct Step<'s> {
    reader: &'s Reader<'s>,
    folder: FolderId,
    matcher: Matcher,
    rows: MessageRows<'s>,
    scope: BTreeSet<FolderId>,
    is_recursive: bool,
    end: Instant,
    left: usize,
    found: Advance,
}

impl<'s> Step<'s> {
    /// A step of a search that is running.
    ///
    /// # Errors
    ///
    /// The store can't be read, or its criteria make no sense.
    pub(super) fn new(
        reader: &'s Reader<'s>,
        identity: &'s Identity,
        folder: FolderId,
        search: &Search,
        progress: &Progress,
    ) -> Result<Self> {
        let matcher = Matcher::new(&decode_restriction(&search.restriction)?)?;
        let state = SearchState::from_bits_retain(search.state);
        let is_recursive = state.contains(SearchState::SEARCH_RECURSIVE);
        Ok(Self {
            reader,
            folder,
            matcher,
            rows: MessageRows::new(reader, identity),
            scope: reader.folders_within(&search.scope, is_recursive)?,
            is_recursive,
            end: Instant::now() + LONGEST,
            left: MOST,
            found: Advance {
                add: Vec::new(),
                remove: Vec::new(),
                phase: progress.phase.clone(),
                seq: progress.seq,
            },
        })
    }

    /// Looks at what has changed, and then at some of what the search still has to come to.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn take(mut self) -> Result<Advance> {
        self.follow()?;
        // What changes all the time does not keep the search from its end.
        self.end = Instant::now() + LONGEST;
        self.left = MOST;
        match self.found.phase.clone() {
            Phase::Following => {}
            Phase::Pruning(after) => self.prune(after)?,
            Phase::Sweeping(at) => self.sweep(at)?,
        }
        Ok(self.found)
    }

    /// Whether there is time for another message.
    fn spend(&mut self) -> bool {
        let is_left = self.left > 0 && Instant::now() < self.end;
        // However slow it is, each step comes further.
        let is_first = self.left == MOST;
        self.left = self.left.saturating_sub(1);
        is_left || is_first
    }

    fn follow(&mut self) -> Result<()> {
        // What is left is for the next step.
        let changes = self.reader.first_changes_since(self.found.seq, AT_ONCE)?;
        if changes.lost || changes.list.iter().any(|change| self.moves_folders(change)) {
            // Nobody knows any more what has changed: all is looked at again.
            self.found.phase = Phase::Pruning(None);
            self.found.seq = changes.last;
            return Ok(());
        }
        let mut seen = HashSet::new();
        for change in &changes.list {
            if let Some(id) = changed_message(change)
                && seen.insert(id)
            {
                if !self.spend() {
                    return Ok(());
                }
                self.look_at(id)?;
            }
            self.found.seq = change.seq;
        }
        self.found.seq = changes.last;
        Ok(())
    }

    /// Whether messages may have come into the scope or left it, or look different in it, without being told one by one.
    fn moves_folders(&self, change: &Change) -> bool {
        let is_folder = matches!(change.object, Some(ObjectId::Folder(_)));
        let shows_folders = self
            .matcher
            .properties()
            .contains(&PR_PARENT_DISPLAY_W.id());
        match change.what {
            What::Moved { .. } => is_folder && self.is_recursive,
            What::Saved => is_folder && shows_folders,
            _ => false,
        }
    }

    /// Looks at hits again: criteria or the scope are others than when they were found.
    fn prune(&mut self, after: Option<MessageId>) -> Result<()> {
        let hits = self.reader.hits_after(self.folder, after, MOST)?;
        let is_last = hits.len() < MOST;
        let mut last = after;
        for id in hits {
            if !self.spend() {
                self.found.phase = Phase::Pruning(last);
                return Ok(());
            }
            self.look_at(id)?;
            last = Some(id);
        }
        self.found.phase = match is_last {
            true => Phase::Sweeping(None),
            false => Phase::Pruning(last),
        };
        Ok(())
    }

    /// Looks through the folders, in the order of their IDs, the messages that came last first.
    fn sweep(&mut self, from: Option<(FolderId, Option<Place>)>) -> Result<()> {
        let (first, mut place) = from.unzip();
        let ahead: Vec<FolderId> = match first {
            Some(first) => self.scope.range(first..).copied().collect(),
            None => self.scope.iter().copied().collect(),
        };
        for folder in ahead {
            // The folder where it stood may be gone.
            let here = place.take().flatten().filter(|_| first == Some(folder));
            if let Some(place) = self.sweep_folder(folder, here)? {
                self.found.phase = Phase::Sweeping(Some((folder, place)));
                return Ok(());
            }
        }
        self.found.phase = Phase::Following;
        Ok(())
    }

    /// Looks through a folder from a place on. Tells how far it came if that was not the end.
    fn sweep_folder(
        &mut self,
        folder: FolderId,
        mut after: Option<Place>,
    ) -> Result<Option<Option<Place>>> {
        let reader = self.reader;
        let contents = reader.contents(folder, false)?;
        let (order, newest) = (Order::Delivered, Direction::Descending);
        loop {
            let page = reader.places(contents, order, newest, after.as_ref(), false, MOST)?;
            let is_last = page.len() < MOST;
            for place in page {
                if !self.spend() {
                    return Ok(Some(after));
                }
                self.look_at(place.id)?;
                after = Some(place);
            }
            if is_last {
                return Ok(None);
            }
        }
    }

    /// Finds out whether a message belongs into the search folder, and whether it is in it.
    fn look_at(&mut self, id: MessageId) -> Result<()> {
        let belongs = self.belongs(id).or_else(unreadable)?;
        let is_in = self.reader.is_hit(self.folder, id)?;
        if is_in == belongs {
            return Ok(());
        }
        // The same message may be looked at twice in a step, and is the same both times.
        let list = match belongs {
            true => &mut self.found.add,
            false => &mut self.found.remove,
        };
        list.push(id);
        Ok(())
    }

    fn belongs(&self, id: MessageId) -> Result<bool> {
        let Some(info) = self.reader.message_info(id)? else {
            return Ok(false);
        };
        if info.associated || !self.scope.contains(&info.folder) {
            return Ok(false);
        }
        let holds = self.matcher.holds(&self.rows, id.number())?;
        Ok(holds == Some(true))
    }
}

/// One message that is damaged, or too large for the memory, must not end the search of all others.
fn unreadable(fault: Fault) -> Result<bool> {
    match fault.status {
        MAPI_E_CORRUPT_STORE | MAPI_E_NOT_ENOUGH_MEMORY => Ok(false),
        _ => Err(fault),
    }
}

/// The message that a change may have brought into a search folder or taken out of it.
fn changed_message(change: &Change) -> Option<MessageId> {
    let Some(ObjectId::Message(id)) = change.object else {
        return None;
    };
    let matters = matches!(
        change.what,
        What::Created
            | What::Copied { .. }
            | What::Saved
            | What::Read
            | What::Moved { .. }
            | What::Marked
    );
    (matters && !change.associated).then_some(id)
}
