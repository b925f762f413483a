//! Which rows are as a restriction says (STORE-15).

mod compile;
mod evaluate;
mod names;
mod needle;

use mapi_provider_abi::view::{PropValue, RelOp};

use self::needle::Needle;
use super::source::{Parts, PropId};

pub use self::names::NameWords;

pub(super) use self::compile::compile;

/// A restriction that was checked and made ready: it is asked of every row.
#[derive(Debug)]
pub(super) struct Condition {
    root: Node,
    /// The restrictions of `RES_COUNT`, the inner ones first.
    counts: Vec<Counted>,
    /// The properties that a row has to be read for.
    properties: Vec<PropId>,
}

/// No more than so many rows, by their IDs, for which it holds.
#[derive(Debug)]
struct Counted {
    most: u32,
    node: Node,
}

/// A restriction that can be decided.
#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Content {
        column: Column,
        needle: Needle,
    },
    Compare {
        column: Column,
        relop: RelOp,
        with: PropValue<'static>,
    },
    Columns {
        relop: RelOp,
        left: Column,
        right: Column,
    },
    Bits {
        column: Column,
        mask: u32,
        set: bool,
    },
    Size {
        column: Column,
        relop: RelOp,
        bytes: usize,
    },
    Exists(Column),
    Part {
        parts: Parts,
        condition: Box<Condition>,
    },
    /// Whether the row is among those of a count.
    Count(usize),
    /// All of these words begin a word of the row's names (AB-17).
    Names(NameWords),
}

/// A property of some type. What is of another type is not there.
#[derive(Debug, Clone, Copy)]
struct Column {
    property: PropId,
    prop_type: u32,
}

/// How far a count has come, while rows are visited in the order of their IDs.
#[derive(Debug)]
pub(super) struct Counters {
    seen: Vec<u32>,
    holds: Vec<bool>,
}

impl Condition {
    /// The properties that a row has to be read for.
    pub(super) fn properties(&self) -> &[PropId] {
        &self.properties
    }

    /// Whether what holds for a row depends on other rows.
    pub(super) fn depends_on_others(&self) -> bool {
        !self.counts.is_empty()
    }

    /// A text that every row that it holds for has in a property, if there is one: what a text index can look for. It is
    /// as loose as an index has it.
    pub(super) fn text(&self) -> Option<(PropId, String)> {
        self.root.text()
    }
}

impl Node {
    fn text(&self) -> Option<(PropId, String)> {
        match self {
            Self::All(parts) => parts
                .iter()
                .filter_map(Self::text)
                .max_by_key(|(_, text)| text.len()),
            Self::Content { column, needle } => Some((column.property, needle.as_loose_text()?)),
            _ => None,
        }
    }
}
