//! Where the rows of a table come from. A database, a list in memory, an address book: the table asks for no more than
//! this.

use std::sync::{Arc, Weak};

use mapi_provider_abi::mapi::PropTag;
use mapi_provider_abi::view::{PropValue, Restriction, SortOrderSet};

use super::fault::Result;

/// What tells a row from the others of its source. It is never used again for another one (STORE-06).
pub type RowId = u64;

/// The ID of a property: the upper half of its tag.
pub type PropId = u16;

/// A property that a source may have for its own default order and that no client can see or name: a path in a tree, say.
pub const SOURCE_ORDER: PropId = 0xFFFF;

/// A source gives values of up to so many bytes whole. Of a larger one it may give the beginning: [`Rows::whole_size`] says
/// how large it is.
pub const NEVER_CUT: usize = 64 * 1024;

/// What a table is of: a folder's messages, the folders below one, recipients, attachments.
///
/// All threads use it at once.
pub trait Source: Send + Sync + 'static {
    /// Shows the rows as they are now: one state of them, from the beginning of `work` to its end, whatever is committed
    /// meanwhile. The table calls nobody else in it. `work` is called once.
    ///
    /// # Errors
    ///
    /// Those of `work`, or the rows can't be read.
    fn look(&self, work: &mut dyn FnMut(&dyn Rows) -> Result<()>) -> Result<()>;

    /// Calls [`Watcher::changed`] after each commit that may have changed rows, on any thread, with nothing locked, for as
    /// long as the watcher is there.
    fn watch(&self, watcher: Weak<dyn Watcher>);

    /// The columns of a table that was not told which (STORE-10). Strings have their wide tags.
    fn columns(&self) -> Vec<PropTag>;

    /// The order of a table that was not told which; empty is that of the IDs. It has no categories.
    fn default_order(&self) -> SortOrderSet {
        SortOrderSet::default()
    }

    /// Called before rows are looked at, with nothing locked: for who has to ask others for them.
    ///
    /// # Errors
    ///
    /// The rows can't be had.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// What is looked through instead while a restriction holds; none where the source has all that it may find. Nothing is
    /// locked, and the source that is given is ready.
    ///
    /// # Errors
    ///
    /// The rows can't be had.
    fn narrowed(&self, restriction: &Restriction<'_>) -> Result<Option<Arc<dyn Source>>> {
        let _ = restriction;
        Ok(None)
    }

    /// What a table of this kind can't do, or does besides.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }
}

/// What a table of some kind can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// It has bookmarks; tables of attachments have none (STORE-16).
    pub bookmarks: bool,
    /// It tells changes; tables of an address book don't (AB-31).
    pub notifications: bool,
    /// Rows can be grouped (STORE-17).
    pub categories: bool,
    /// It is of an address book: a restriction on `PR_ANR` finds whom a name may mean (AB-17), and the table says that it
    /// knows Unicode (AB-02).
    pub names: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self {
            bookmarks: true,
            notifications: true,
            categories: true,
            names: false,
        }
    }
}

/// Who wants to hear that rows may have changed.
pub trait Watcher: Send + Sync {
    /// Something was committed.
    fn changed(&self);
}

/// The rows of a source at one moment.
///
/// Properties are asked for by their IDs; a value is told whole, and in the type that it is kept in. Whoever asks looks
/// whether that is the one that he wants.
pub trait Rows {
    /// The moment: it grows with every change.
    fn version(&self) -> u64;

    /// What has changed since a version, in the order of the commits.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn changes(&self, since: u64) -> Result<Changes>;

    /// How many rows there are; no row is read for it.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn count(&self) -> Result<usize>;

    /// Properties of a row, in the order asked for; none where there is no such row.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>>;

    /// Properties of all rows, or of those of some that are there, in the order of the IDs. `among` is in that order.
    ///
    /// # Errors
    ///
    /// They can't be read, or `visit` fails: then no more are visited.
    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()>;

    /// How many bytes a value has of which [`read`](Self::read) gives the beginning; none where it gives all of it.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn whole_size(&self, row: RowId, property: PropId) -> Result<Option<u64>> {
        let (_, _) = (row, property);
        Ok(None)
    }

    /// All columns that a row may have a value for.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn tags(&self) -> Result<Vec<PropTag>>;

    /// An index that has the rows in an order; none where they would have to be sorted. An order without columns is that of
    /// the IDs. The index has all rows, those without the property last, and ties as [`SortColumn`] says.
    fn index(&self, order: &[SortColumn]) -> Option<Index> {
        let _ = order;
        None
    }

    /// The IDs of all rows in an order, where the source sorts faster than the table would by reading them; in the order
    /// that an index would have.
    ///
    /// # Errors
    ///
    /// They can't be read.
    fn in_order(&self, order: &[SortColumn]) -> Result<Option<Vec<RowId>>> {
        let _ = order;
        Ok(None)
    }

    /// Visits up to `count` rows of an index from a place on, with properties of each in the order asked for: forwards with
    /// the row at it, backwards from the one before it, the nearest first.
    ///
    /// # Errors
    ///
    /// They can't be read.
    fn page(
        &self,
        index: Index,
        from: &Place,
        direction: Direction,
        count: usize,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let (_, _, _, _, _, _) = (index, from, direction, count, properties, visit);
        Ok(())
    }

    /// How many rows of an index are before a place.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn position(&self, index: Index, place: &Key) -> Result<usize> {
        let (_, _) = (index, place);
        Ok(0)
    }

    /// The rows whose text may contain another one, by an index of the text, in the order of the IDs; none where there is
    /// no such index. There may be too many of them, never too few. `text` is [`loose`](crate::text::loose).
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn candidates(&self, property: PropId, text: &str) -> Result<Option<Vec<RowId>>> {
        let (_, _) = (property, text);
        Ok(None)
    }

    /// Visits the recipients or attachments of a row until `visit` answers false.
    ///
    /// # Errors
    ///
    /// They can't be read, or `visit` fails.
    fn parts(
        &self,
        row: RowId,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        let (_, _, _, _) = (row, parts, properties, visit);
        Ok(())
    }
}

/// Values of some properties, none for those that are not there.
pub type Values = Vec<Option<PropValue<'static>>>;

/// A part of a message that has rows of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// `PR_MESSAGE_RECIPIENTS`.
    Recipients,
    /// `PR_MESSAGE_ATTACHMENTS`.
    Attachments,
}

/// The number of an index of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index(pub u32);

/// A column to sort by. Text sorts by its [`folded`](crate::text::folded) form, as UTF-8. Rows without the property are
/// last in both directions; those that are alike are in the order of their IDs, in the direction of the first column
/// (STORE-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SortColumn {
    /// The property.
    pub property: PropId,
    /// The largest comes first.
    pub descending: bool,
}

/// A row's place in an index: its values of the index's columns, and its ID.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The values, whole.
    pub values: Values,
    /// The row.
    pub row: RowId,
}

/// A place in an index.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Before the first row.
    Start,
    /// Before the row of this key, or where it would be.
    Before(Key),
    /// After the last row.
    End,
}

/// Which way through an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As it is in order.
    Forwards,
    /// Against it.
    Backwards,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// These rows, in the order of the commits.
    Rows(Vec<Change>),
    /// Too much, or nobody knows.
    Unknown,
}

/// A change of a row. A row whose values in the table are computed of something else changes with that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub row: RowId,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It has come: it was made, or moved here.
    Added,
    /// It is not as it was.
    Modified,
    /// It has gone: it was deleted, or moved away.
    Deleted,
}
