//! What a team chooses.

use std::fmt;
use std::sync::Arc;

/// Both sides have edited the same item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edits {
    /// Both are kept, as two items.
    #[default]
    KeepBoth,
    /// The server's edit holds.
    ServerWins,
    /// The local edit holds.
    LocalWins,
}

/// Which part of the work a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Changes go to the server.
    pub upload: bool,
    /// Changes come from the server.
    pub download: bool,
    /// New items come without their contents; a later run without this fetches the rest.
    pub headers_only: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            upload: true,
            download: true,
            headers_only: false,
        }
    }
}

/// Says of a folder's path, names with `/` between them, whether it is synchronised.
type Folders = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a run is to do, and its limits.
#[derive(Clone)]
pub struct Options {
    /// Both sides have edited the same item.
    pub edits: Edits,
    /// Which part of the work is done.
    pub scope: Scope,
    /// New items that arrived before this, in seconds since 1970, are left at the server. What is here already stays.
    pub since: Option<i64>,
    /// Larger items, in bytes, are left at the server.
    pub largest: Option<u64>,
    /// Which folders are synchronised, by their paths at the server; none: all.
    pub folders: Option<Folders>,
    /// How many items are worked on at once.
    pub batch: usize,
    /// How many bytes of content are in memory at once, beside one item that is larger.
    pub batch_bytes: usize,
    /// How often a run connects again.
    pub reconnects: u32,
    /// A side that has lost all of at least so many items is not believed (TWOWAY-08).
    pub empty_from: u64,
    /// A side that has lost more than half of at least so many items is not believed (TWOWAY-08).
    pub most_from: u64,
    /// Believes such a side all the same: for one run, after somebody was asked.
    pub allow_mass_deletion: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            edits: Edits::default(),
            scope: Scope::default(),
            since: None,
            largest: None,
            folders: None,
            batch: 100,
            batch_bytes: 8 * 1024 * 1024,
            reconnects: 3,
            empty_from: 4,
            most_from: 10,
            allow_mass_deletion: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("edits", &self.edits)
            .field("scope", &self.scope)
            .field("since", &self.since)
            .field("largest", &self.largest)
            .field("folders", &self.folders.is_some())
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Synchronises only folders whose path matches a pattern: `*` stands for anything, `%` for anything but `/`, and
    /// several patterns have commas between them.
    pub fn folders_matching(mut self, patterns: &str) -> Self {
        let patterns: Vec<Vec<char>> = patterns
            .split(',')
            .map(|pattern| pattern.trim().chars().collect())
            .collect();
        self.folders = Some(Arc::new(move |path| {
            let path: Vec<char> = path.chars().collect();
            patterns.iter().any(|pattern| matches(pattern, &path))
        }));
        self
    }

    pub(crate) fn takes_folder(&self, path: &str) -> bool {
        self.folders.as_ref().is_none_or(|takes| takes(path))
    }

    /// Why a new item is left at the server.
    pub(crate) fn leaves_out(&self, date: i64, size: Option<u64>) -> Option<&'static str> {
        if self.since.is_some_and(|since| date < since) {
            Some("older than the limit")
        } else if self
            .largest
            .is_some_and(|most| size.is_some_and(|size| size > most))
        {
            Some("larger than the limit")
        } else {
            None
        }
    }
}

/// Whether a pattern covers a path, in time that is at most the product of their lengths.
fn matches(pattern: &[char], path: &[char]) -> bool {
    // `reached[n]`: the pattern so far can cover the first `n` characters.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        match part {
            '*' | '%' => {
                let mut open = false;
                for at in 0..=path.len() {
                    let is_barred = at > 0 && *part == '%' && path[at - 1] == '/';
                    open = reached[at] || open && !is_barred;
                    next[at] = open;
                }
            }
            letter => {
                for at in 0..path.len() {
                    next[at + 1] = reached[at] && path[at] == *letter;
                }
            }
        }
        reached = next;
    }
    reached[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_chooses_folders() {
        let options = Options::default().folders_matching("Inbox, Work/%, Old*");
        for (path, is_taken) in [
            ("Inbox", true),
            ("Inbox/x", false),
            ("Work", false),
            ("Work/a", true),
            ("Work/a/b", false),
            ("Old", true),
            ("Old/a/b", true),
        ] {
            assert_eq!(options.takes_folder(path), is_taken, "{path}");
        }
        assert!(Options::default().takes_folder("anything"));
    }

    #[test]
    fn limits_leave_out_what_is_old_or_large() {
        let options = Options {
            since: Some(100),
            largest: Some(10),
            ..Options::default()
        };
        assert_eq!(options.leaves_out(100, Some(10)), None);
        assert_eq!(options.leaves_out(100, None), None);
        assert!(options.leaves_out(99, None).is_some());
        assert!(options.leaves_out(100, Some(11)).is_some());
    }
}
