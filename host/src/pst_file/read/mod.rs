//! Reads PST files, of both formats (\[MS-PST\]): nodes and blocks, heaps and trees in them, properties and tables.
//!
//! It reads what other programs wrote, and trusts none of it: each offset and count is checked, each tree has a maximum
//! depth, and no value is longer than its file. Damage is an error of the thing that was asked for, never of the whole
//! file. Rules that real files break without harm are not checked, for example `cFree` of a heap's page.

mod blocks;
mod bytes;
mod crypt;
mod file;
mod heap;
mod pages;
mod properties;
mod table;
mod tree;
mod values;

use std::io;

pub(super) use self::blocks::SubNodes;
pub(super) use self::file::{File, Refusal};
pub(super) use self::pages::Node;
pub(super) use self::properties::Properties;
pub(super) use self::table::{Row, Table};
pub(super) use self::values::guid;

/// Why something can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The system says so.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
    /// The file is not as it should be.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

pub(super) type Result<T> = std::result::Result<T, ReadError>;

fn damaged(what: impl Into<String>) -> ReadError {
    ReadError::Damaged(what.into())
}
