//! Where one is in a view: the cursor and bookmarks (STORE-13, STORE-16).

use mapi_provider_abi::mapi::{
    BOOKMARK_BEGINNING, BOOKMARK_CURRENT, BOOKMARK_END, MAPI_E_INVALID_BOOKMARK,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, MAPI_E_UNABLE_TO_COMPLETE,
};

use super::super::fault::{Fault, Result};
use super::super::source::{Direction, Rows};
use super::paged::{Cursor, Paged};
use super::{Body, View};

/// The first number that a bookmark can have.
pub(super) const FIRST_BOOKMARK: usize = BOOKMARK_END as usize + 1;
/// The most bookmarks of a table (STORE-16).
const MOST_BOOKMARKS: usize = 1000;
/// Further away than this a list of the rows is better than pages of them.
pub(super) const NEAR: usize = 1024;

/// Where a seek has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sought {
    /// By how many rows, negative if backwards.
    pub rows: i32,
    /// The bookmark that it began at had lost its row (`MAPI_W_POSITION_CHANGED`).
    pub has_moved: bool,
}

/// Where the cursor is, as `QueryPosition` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// How many rows are before it.
    pub row: usize,
    /// How many rows there are; never 0.
    pub of: usize,
}

impl View {
    /// `SeekRow`: so many rows from a bookmark, no further than there are rows.
    ///
    /// # Errors
    ///
    /// There is no such bookmark, or the rows can't be read.
    pub(in super::super) fn seek_row(
        &mut self,
        origin: usize,
        count: i32,
        rows: &dyn Rows,
    ) -> Result<Sought> {
        self.settle_columns()?;
        self.settle(rows)?;
        let steps = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let direction = match count < 0 {
            true => Direction::Backwards,
            false => Direction::Forwards,
        };
        if let Body::Paged(paged) = &mut self.body
            && steps <= NEAR
        {
            let from = origin_of(paged, origin)?;
            let (cursor, moved) = paged.step(&from, direction, steps, rows)?;
            paged.set_cursor(cursor);
            return Ok(sought(moved, direction, false));
        }
        let (from, has_moved) = self.place(origin, rows)?;
        let listed = self.list(rows)?;
        let to = match direction {
            Direction::Backwards => from.saturating_sub(steps),
            Direction::Forwards => from.saturating_add(steps).min(listed.outline().len()),
        };
        listed.set_cursor(to);
        Ok(sought(from.abs_diff(to), direction, has_moved))
    }

    /// `SeekRowApprox`: a part of the way through the table.
    ///
    /// # Errors
    ///
    /// The denominator is 0: `MAPI_E_INVALID_PARAMETER`. The rows can't be read.
    pub(in super::super) fn seek_row_approx(
        &mut self,
        numerator: u32,
        denominator: u32,
        rows: &dyn Rows,
    ) -> Result<()> {
        self.settle_columns()?;
        if denominator == 0 {
            let text = "a part of the table has a denominator";
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
        self.settle(rows)?;
        let edge = match numerator {
            0 => Some(Cursor::START),
            all if all >= denominator => Some(Cursor::END),
            _ => None,
        };
        if let (Body::Paged(paged), Some(edge)) = (&mut self.body, edge) {
            paged.set_cursor(edge);
            return Ok(());
        }
        let listed = self.list(rows)?;
        // AB-20: no two numbers are too large.
        let part = u128::from(numerator.min(denominator)) * listed.outline().len() as u128;
        listed.set_cursor((part / u128::from(denominator)) as usize);
        Ok(())
    }

    /// `QueryPosition`.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub(in super::super) fn query_position(&mut self, rows: &dyn Rows) -> Result<Position> {
        self.settle_columns()?;
        let of = self.len(rows)?.max(1);
        let row = self.cursor(rows)?;
        Ok(Position { row, of })
    }

    fn cursor(&mut self, rows: &dyn Rows) -> Result<usize> {
        match &mut self.body {
            Body::Unread => Ok(0),
            Body::Paged(paged) => paged.position(rows),
            Body::Listed(listed) => Ok(listed.cursor()),
        }
    }

    /// Where a bookmark is in a list, and whether it has lost its row.
    ///
    /// # Errors
    ///
    /// There is no such bookmark.
    pub(super) fn place(&mut self, bookmark: usize, rows: &dyn Rows) -> Result<(usize, bool)> {
        match u32::try_from(bookmark) {
            Ok(BOOKMARK_BEGINNING) => return Ok((0, false)),
            Ok(BOOKMARK_CURRENT) => return Ok((self.cursor(rows)?, false)),
            Ok(BOOKMARK_END) => return Ok((self.len(rows)?, false)),
            _ => {}
        }
        self.check_bookmarks()?;
        match &mut self.body {
            Body::Listed(listed) => listed.bookmark(bookmark),
            Body::Unread | Body::Paged(_) => Err(MAPI_E_INVALID_BOOKMARK.into()),
        }
    }

    fn check_bookmarks(&self) -> Result<()> {
        match self.abilities.bookmarks {
            true => Ok(()),
            false => Err(Fault::new(MAPI_E_NO_SUPPORT, "this table has no bookmarks")),
        }
    }

    /// `CreateBookmark`: at the cursor.
    ///
    /// # Errors
    ///
    /// The table has none (`MAPI_E_NO_SUPPORT`), or too many (`MAPI_E_UNABLE_TO_COMPLETE`); or the rows can't be read.
    pub(in super::super) fn create_bookmark(&mut self, rows: &dyn Rows) -> Result<usize> {
        self.settle_columns()?;
        self.check_bookmarks()?;
        let cursor = self.list(rows)?.cursor();
        self.add_bookmark(cursor, rows)
    }

    /// Whether there may be one more bookmark.
    pub(super) fn check_room(&mut self, rows: &dyn Rows) -> Result<()> {
        if self.list(rows)?.bookmark_count() >= MOST_BOOKMARKS {
            let text = format!("a table has at most {MOST_BOOKMARKS} bookmarks");
            return Err(Fault::new(MAPI_E_UNABLE_TO_COMPLETE, text));
        }
        Ok(())
    }

    pub(super) fn add_bookmark(&mut self, position: usize, rows: &dyn Rows) -> Result<usize> {
        self.check_room(rows)?;
        let number = self.next_bookmark;
        self.list(rows)?.add_bookmark(number, position);
        // A number that was freed is not another bookmark's later.
        self.next_bookmark += 1;
        Ok(number)
    }

    /// `FreeBookmark`. The three that are always there stay.
    ///
    /// # Errors
    ///
    /// There is none of this number: `MAPI_E_INVALID_BOOKMARK`.
    pub(in super::super) fn free_bookmark(&mut self, number: usize) -> Result<()> {
        self.settle_columns()?;
        self.check_bookmarks()?;
        match &mut self.body {
            _ if number < FIRST_BOOKMARK => Ok(()),
            Body::Listed(listed) => listed.free_bookmark(number),
            Body::Unread | Body::Paged(_) => Err(MAPI_E_INVALID_BOOKMARK.into()),
        }
    }
}

/// Where a bookmark is in pages, which have only the three that are always there.
pub(super) fn origin_of(paged: &Paged, bookmark: usize) -> Result<Cursor> {
    match u32::try_from(bookmark) {
        Ok(BOOKMARK_BEGINNING) => Ok(Cursor::START),
        Ok(BOOKMARK_CURRENT) => Ok(paged.cursor().clone()),
        Ok(BOOKMARK_END) => Ok(Cursor::END),
        _ => Err(MAPI_E_INVALID_BOOKMARK.into()),
    }
}

fn sought(rows: usize, direction: Direction, has_moved: bool) -> Sought {
    let rows = i32::try_from(rows).unwrap_or(i32::MAX);
    Sought {
        rows: match direction {
            Direction::Forwards => rows,
            Direction::Backwards => -rows,
        },
        has_moved,
    }
}
