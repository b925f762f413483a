//! What was listed in a run, and when: what is not where it was may be where nobody has looked since.
//!
//! Somebody may move an item while the server is listed: out of a folder that is listed later into one that was listed
//! before. It is in no listing then, and is not gone. In the same way it is in two listings, and there is only one of it.
//! So listings have numbers, and what was told by one listing is believed once everything else was listed after it. This is
//! the one place that says so; whoever asks does nothing with the item meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use crate::state::FolderId;

/// Whether what is looked for would have been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Everything was listed after it.
    Clear,
    /// Something is listed once more before the next round, and shows it then.
    NextRound,
    /// Something can't be listed in this run.
    Blocked,
}

/// Which feeds were listed in a run, and when.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Feeds that were listed in full, as far as the server tells, with the numbers of their last listings.
    feeds: BTreeMap<FolderId, i64>,
    /// The number of the last listing of the folders themselves.
    folders: i64,
    /// The last listing after which something left its folder before it was looked at: it may be what is looked for.
    left: i64,
    /// Feeds that are to be listed once more.
    wanted: BTreeSet<FolderId>,
    /// Whether the folders are to be listed once more.
    wants_folders: bool,
    /// Feeds that were listed once more, or could not be. None is a third time.
    again: BTreeSet<FolderId>,
    /// The folders were listed once more.
    has_folders_again: bool,
    /// The last listing of the time when everything was listed first.
    first: i64,
}

impl Heard {
    /// Whether a feed was listed.
    pub(crate) fn contains(&self, feed: FolderId) -> bool {
        self.feeds.contains_key(&feed)
    }

    /// The number of a feed's last listing.
    pub(crate) fn at(&self, feed: FolderId) -> Option<i64> {
        self.feeds.get(&feed).copied()
    }

    /// A feed was listed, by the listing of this number.
    pub(crate) fn hear(&mut self, feed: FolderId, listing: i64) {
        self.feeds.insert(feed, listing);
    }

    /// The folders were listed.
    pub(crate) fn hear_folders(&mut self, listing: i64) {
        self.folders = listing;
    }

    /// The number of the last listing of the folders.
    pub(crate) fn folders_at(&self) -> i64 {
        self.folders
    }

    /// Something that nobody had looked at has left its folder, as a listing says, or since that.
    pub(crate) fn leave(&mut self, listing: i64) {
        self.left = self.left.max(listing);
    }

    /// Whether a feed was listed after a listing. If it was not, it is once more, as it is once a run.
    pub(crate) fn feed_since(&mut self, feed: FolderId, listing: i64) -> Sight {
        if self.at(feed).is_some_and(|at| at > listing) {
            Sight::Clear
        } else if self.again.contains(&feed) {
            Sight::Blocked
        } else {
            self.wanted.insert(feed);
            Sight::NextRound
        }
    }

    /// Whether all of some feeds, and the folders themselves, were listed after a listing, and after the last thing that
    /// left its folder unseen.
    pub(crate) fn all_since(
        &mut self,
        feeds: impl IntoIterator<Item = FolderId>,
        listing: i64,
    ) -> Sight {
        let listing = listing.max(self.left);
        let mut worst = if self.folders > listing {
            Sight::Clear
        } else if self.has_folders_again {
            Sight::Blocked
        } else {
            self.wants_folders = true;
            Sight::NextRound
        };
        for feed in feeds {
            let sight = self.feed_since(feed, listing);
            worst = match (worst, sight) {
                // What is listed once more may show it, whatever can't be listed.
                (Sight::NextRound, _) | (_, Sight::NextRound) => Sight::NextRound,
                (Sight::Blocked, _) | (_, Sight::Blocked) => Sight::Blocked,
                _ => Sight::Clear,
            };
        }
        worst
    }

    /// Everything was listed once; this is the last listing of it.
    pub(crate) fn end_first(&mut self, listing: i64) {
        self.first = listing;
    }

    /// The same, and all of them once more after everything was listed in this run. A message that is
    /// moved during a listing, from a folder that comes later to one that was listed, is in neither; listing again shows it.
    pub(crate) fn all_twice_since(
        &mut self,
        feeds: impl IntoIterator<Item = FolderId>,
        listing: i64,
    ) -> Sight {
        self.all_since(feeds, listing.max(self.first))
    }

    /// Whether anything is to be listed once more. Nothing that rests on what is not there is done before.
    pub(crate) fn is_waiting(&self) -> bool {
        self.wants_folders || !self.wanted.is_empty()
    }

    /// The folders are listed once more now.
    pub(crate) fn begin_again(&mut self) {
        self.has_folders_again = true;
        self.wants_folders = false;
    }

    /// The feeds that are to be listed once more, now that `all` are there. Each is once only.
    pub(crate) fn take_wanted(&mut self, all: &BTreeSet<FolderId>) -> BTreeSet<FolderId> {
        let mut wanted = std::mem::take(&mut self.wanted);
        // A folder is new, or has another name since it could not be listed.
        wanted.extend(all.iter().filter(|feed| !self.contains(**feed)));
        wanted.retain(|feed| self.again.insert(*feed) && all.contains(feed));
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(feeds: &[(FolderId, i64)]) -> Heard {
        let mut heard = Heard::default();
        heard.hear_folders(1);
        for (feed, listing) in feeds {
            heard.hear(*feed, *listing);
        }
        heard
    }

    #[test]
    fn twoway_13_what_an_earlier_run_told_is_believed_once_everything_is_listed() {
        let mut heard = heard(&[(5, 12), (6, 13)]);
        heard.hear_folders(11);
        assert_eq!(heard.all_since([5, 6], 10), Sight::Clear);
        assert!(!heard.is_waiting());
    }

    #[test]
    fn twoway_13_what_was_listed_before_is_listed_once_more_and_not_a_third_time() {
        let mut heard = heard(&[(5, 2), (6, 3), (7, 4)]);
        assert_eq!(heard.all_since([5, 7], 3), Sight::NextRound);
        heard.begin_again();
        heard.hear_folders(5);
        assert_eq!(heard.take_wanted(&[5, 6, 7].into()), [5].into());
        assert!(!heard.is_waiting());
        heard.hear(5, 6);
        assert_eq!(heard.all_since([5, 7], 3), Sight::Clear);
        // What the second listing told waits for the next run.
        assert_eq!(heard.feed_since(5, 6), Sight::Blocked);
        assert!(!heard.is_waiting());
    }

    #[test]
    fn twoway_13_what_could_not_be_listed_is_tried_once_more() {
        let mut heard = heard(&[(5, 2)]);
        assert_eq!(heard.all_since([6], 0), Sight::NextRound);
        assert_eq!(heard.take_wanted(&[5, 6].into()), [6].into());
        assert_eq!(heard.all_since([6], 0), Sight::Blocked);
    }

    #[test]
    fn twoway_29_what_left_its_folder_unseen_may_be_anywhere() {
        let mut heard = heard(&[(5, 12), (6, 13)]);
        heard.hear_folders(11);
        heard.leave(13);
        assert_eq!(heard.all_since([5, 6], 10), Sight::NextRound);
        assert_eq!(heard.take_wanted(&[5, 6].into()), [5, 6].into());
    }
}
