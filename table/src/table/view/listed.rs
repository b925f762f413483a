//! A view that has a list of its rows, with a cursor and bookmarks in it.

use std::collections::BTreeMap;

use mapi_provider_abi::mapi::MAPI_E_INVALID_BOOKMARK;

use super::super::diff::followed;
use super::super::fault::Result;
use super::super::outline::Outline;

/// A list of rows, with a cursor and bookmarks.
pub(super) struct Listed {
    outline: Outline,
    cursor: usize,
    bookmarks: BTreeMap<usize, Bookmark>,
}

/// A place in the list: before a row, or at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bookmark {
    position: usize,
    /// The row that it stood before is gone or hidden, and nobody was told.
    has_moved: bool,
}

impl Listed {
    pub(super) fn new(outline: Outline) -> Self {
        Self {
            outline,
            cursor: 0,
            bookmarks: BTreeMap::new(),
        }
    }

    pub(super) fn outline(&self) -> &Outline {
        &self.outline
    }

    pub(super) fn outline_mut(&mut self) -> &mut Outline {
        &mut self.outline
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn set_cursor(&mut self, cursor: usize) {
        self.cursor = cursor.min(self.outline.len());
    }

    /// So many positions from the cursor on, or up to it.
    pub(super) fn range(&self, backwards: bool, count: usize) -> (usize, usize) {
        match backwards {
            true => (self.cursor.saturating_sub(count), self.cursor),
            false => {
                let end = self.cursor.saturating_add(count);
                (self.cursor, end.min(self.outline.len()))
            }
        }
    }

    pub(super) fn bookmark_count(&self) -> usize {
        self.bookmarks.len()
    }

    pub(super) fn add_bookmark(&mut self, number: usize, position: usize) {
        let bookmark = Bookmark {
            position,
            has_moved: false,
        };
        self.bookmarks.insert(number, bookmark);
    }

    /// Where a bookmark is, and whether its row has gone, which is told once (STORE-16).
    ///
    /// # Errors
    ///
    /// There is no such bookmark.
    pub(super) fn bookmark(&mut self, number: usize) -> Result<(usize, bool)> {
        let bookmark = self.bookmarks.get_mut(&number);
        let bookmark = bookmark.ok_or(MAPI_E_INVALID_BOOKMARK)?;
        let has_moved = std::mem::take(&mut bookmark.has_moved);
        Ok((bookmark.position, has_moved))
    }

    /// # Errors
    ///
    /// There is no such bookmark.
    pub(super) fn free_bookmark(&mut self, number: usize) -> Result<()> {
        let freed = self.bookmarks.remove(&number);
        freed
            .map(drop)
            .ok_or_else(|| MAPI_E_INVALID_BOOKMARK.into())
    }

    /// Whether something other than the beginning is to be kept in its place.
    pub(super) fn has_places(&self) -> bool {
        self.cursor > 0 || !self.bookmarks.is_empty()
    }

    /// Cursor and bookmarks follow from another state of the list. At the beginning the cursor stays there.
    pub(super) fn follow_from(&mut self, old: &Outline) {
        if !self.has_places() {
            return;
        }
        let bookmarks = self.bookmarks.values().map(|bookmark| bookmark.position);
        let positions: Vec<usize> = bookmarks.chain([self.cursor]).collect();
        let followed = followed(old, &self.outline, &positions);
        for (bookmark, (position, has_moved)) in self.bookmarks.values_mut().zip(&followed) {
            bookmark.position = *position;
            bookmark.has_moved |= has_moved;
        }
        if let (true, Some((position, _))) = (self.cursor > 0, followed.last()) {
            self.cursor = *position;
        }
    }

    /// Opens or closes a heading, and tells how many rows came or went (STORE-17). What stood before a row that has gone
    /// stands before the next one that is shown.
    pub(super) fn set_expanded(&mut self, at: usize, position: usize, expanded: bool) -> usize {
        let count = self.outline.set_expanded(at, expanded);
        let first = position + 1;
        let moved = |place: usize| match expanded {
            _ if place < first => (place, false),
            true => (place + count, false),
            false if place >= first + count => (place - count, false),
            false => (first, true),
        };
        self.cursor = moved(self.cursor).0;
        for bookmark in self.bookmarks.values_mut() {
            let (place, has_moved) = moved(bookmark.position);
            bookmark.position = place;
            bookmark.has_moved |= has_moved;
        }
        count
    }
}
