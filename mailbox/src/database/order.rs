//! In which order the messages of a folder are, and what of the order lies after a place.
//!
//! A row without the sort property is last, in both directions; ties are in the order of the IDs, in the direction of
//! the key (STORE-14). So an order is two runs: what has the key, then what has not.

use rusqlite::types::Value;

use super::id::{FolderId, MessageId};

/// What a contents table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Contents {
    /// The folder.
    pub folder: FolderId,
    /// Its associated messages, or the others.
    pub associated: bool,
    pub(super) is_search: bool,
}

/// The orders that an index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The order of the IDs.
    Id,
    /// `PR_MESSAGE_DELIVERY_TIME`.
    Delivered,
    /// `PR_LAST_MODIFICATION_TIME`.
    Modified,
    /// `PR_CLIENT_SUBMIT_TIME`.
    Submitted,
    /// `PR_NORMALIZED_SUBJECT`, without regard to case.
    Subject,
    /// `PR_SENT_REPRESENTING_NAME`, without regard to case.
    Sender,
    /// `PR_MESSAGE_SIZE`.
    Size,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Where a row stands in an order. It is a place even when its row is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What it is sorted by; none where it has no such property, or where the order is that of the IDs.
    pub key: Option<Key>,
    /// The message.
    pub id: MessageId,
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A number, or a time in steps of 100 ns since 1601.
    Number(i64),
    /// A folded text.
    Text(String),
}

impl Order {
    /// The column of the key; none where the ID is it.
    pub(super) fn column(self) -> Option<&'static str> {
        match self {
            Self::Id => None,
            Self::Delivered => Some("m.delivered"),
            Self::Modified => Some("m.modified"),
            Self::Submitted => Some("m.submitted"),
            Self::Subject => Some("m.subject_key"),
            Self::Sender => Some("m.sender_key"),
            Self::Size => Some("m.size"),
        }
    }
}

impl Direction {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }

    /// How what comes later compares.
    fn sign(self) -> char {
        match self {
            Self::Ascending => '>',
            Self::Descending => '<',
        }
    }

    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

impl Contents {
    /// Whether the folder is a search folder, whose messages lie elsewhere.
    pub fn is_search(self) -> bool {
        self.is_search
    }

    /// `FROM … WHERE …` with the folder as `?1` and associated or not as `?2`.
    pub(super) fn source(self) -> &'static str {
        if self.is_search {
            "FROM hit h CROSS JOIN message m ON m.id = h.message WHERE h.folder = ?1 AND m.assoc = ?2"
        } else {
            "FROM message m WHERE m.folder = ?1 AND m.assoc = ?2"
        }
    }

    /// The same of all messages, read in the order of their IDs: `FROM …`, without `WHERE`.
    ///
    /// In that order they lie in the file. By an index of another order each is on another page than the one before: of
    /// 100,000 messages that takes four times as long. `LIMIT -1` is no limit, and keeps SQLite from mixing the two parts.
    pub(super) fn source_by_id(self) -> &'static str {
        if self.is_search {
            // Hits are in the order of the IDs.
            "FROM hit h CROSS JOIN message m ON m.id = h.message AND h.folder = ?1 AND m.assoc = ?2"
        } else {
            "FROM (SELECT id AS one FROM message WHERE folder = ?1 AND assoc = ?2 ORDER BY id LIMIT -1)
             CROSS JOIN message m ON m.id = one"
        }
    }

    pub(super) fn values(self) -> Vec<Value> {
        vec![
            Value::Integer(self.folder.raw()),
            Value::Integer(i64::from(self.associated)),
        ]
    }
}

impl From<&Key> for Value {
    fn from(key: &Key) -> Self {
        match key {
            Key::Number(number) => Self::Integer(*number),
            Key::Text(text) => Self::Text(text.clone()),
        }
    }
}

/// One of the two runs of an order, or a part of it.
pub(super) struct Run {
    pub(super) condition: String,
    pub(super) order: String,
    pub(super) more: Vec<Value>,
}

impl Run {
    /// The rows of the run, `?3` of them at most: what `shown` says, then the key.
    pub(super) fn page_sql(&self, contents: Contents, order: Order, shown: &str) -> String {
        format!(
            "SELECT {shown}, {} {} AND {} ORDER BY {} LIMIT ?3",
            order.column().unwrap_or("NULL"),
            contents.source(),
            self.condition,
            self.order,
        )
    }
}

pub(super) fn key_of(value: Value) -> Option<Key> {
    match value {
        Value::Integer(number) => Some(Key::Number(number)),
        Value::Text(text) => Some(Key::Text(text)),
        _ => None,
    }
}

/// `PR_MESSAGE_SIZE` says no more, so all messages that are larger are alike.
pub(super) const LARGEST_SHOWN: i64 = 0x7FFF_FFFF;

/// The runs by size: what has a size of its own, and what is larger than can be said, in the order of the IDs (STORE-14).
fn runs_by_size(towards: Direction, from: Option<&Place>) -> Vec<Run> {
    let (sql, sign) = (towards.sql(), towards.sign());
    let small = |condition: String, more| Run {
        condition,
        order: format!("m.size {sql}, m.id {sql}"),
        more,
    };
    let large = |condition: &str, more| Run {
        condition: format!("m.size >= {LARGEST_SHOWN}{condition}"),
        order: format!("m.id {sql}"),
        more,
    };
    let all_small = || small(format!("m.size < {LARGEST_SHOWN}"), Vec::new());
    let all_large = || large("", Vec::new());
    let Some(from) = from else {
        return match towards {
            Direction::Ascending => vec![all_small(), all_large()],
            Direction::Descending => vec![all_large(), all_small()],
        };
    };
    let size = match from.key {
        Some(Key::Number(size)) => size,
        _ => 0,
    };
    let place = vec![Value::Integer(size), Value::Integer(from.id.raw())];
    match (size < LARGEST_SHOWN, towards) {
        (true, Direction::Ascending) => {
            let near = format!("(m.size, m.id) {sign} (?4, ?5) AND m.size < {LARGEST_SHOWN}");
            vec![small(near, place), all_large()]
        }
        (true, Direction::Descending) => {
            vec![small(format!("(m.size, m.id) {sign} (?4, ?5)"), place)]
        }
        (false, _) => {
            let near = large(&format!(" AND m.id {sign} ?5 AND ?4 IS NOT NULL"), place);
            match towards {
                Direction::Ascending => vec![near],
                Direction::Descending => vec![near, all_small()],
            }
        }
    }
}

/// The runs that lie after a place, or before it, nearest first. The key is `?4` and the ID `?5`.
pub(super) fn runs(
    order: Order,
    direction: Direction,
    from: Option<&Place>,
    backward: bool,
) -> Vec<Run> {
    let towards = if backward {
        direction.reversed()
    } else {
        direction
    };
    if order == Order::Size {
        return runs_by_size(towards, from);
    }
    let (sql, sign) = (towards.sql(), towards.sign());
    let Some(column) = order.column() else {
        let (condition, more) = match from {
            None => ("1".to_owned(), Vec::new()),
            Some(place) => (
                format!("m.id {sign} ?5 AND ?4 IS NULL"),
                vec![Value::Null, Value::Integer(place.id.raw())],
            ),
        };
        let order = format!("m.id {sql}");
        return vec![Run {
            condition,
            order,
            more,
        }];
    };
    let keyed = |condition: String, more| Run {
        condition,
        order: format!("{column} {sql}, m.id {sql}"),
        more,
    };
    let keyless = |condition: &str, more| Run {
        condition: format!("{column} IS NULL{condition}"),
        order: format!("m.id {sql}"),
        more,
    };
    let all_keyed = || keyed(format!("{column} IS NOT NULL"), Vec::new());
    let all_keyless = || keyless("", Vec::new());
    let place = |place: &Place| {
        let key = place.key.as_ref().map_or(Value::Null, Value::from);
        vec![key, Value::Integer(place.id.raw())]
    };
    match (from, backward) {
        (None, false) => vec![all_keyed(), all_keyless()],
        (None, true) => vec![all_keyless(), all_keyed()],
        (Some(from), backward) if from.key.is_some() => {
            let near = keyed(format!("({column}, m.id) {sign} (?4, ?5)"), place(from));
            if backward {
                vec![near]
            } else {
                vec![near, all_keyless()]
            }
        }
        (Some(from), backward) => {
            let near = keyless(&format!(" AND m.id {sign} ?5 AND ?4 IS NULL"), place(from));
            if backward {
                vec![near, all_keyed()]
            } else {
                vec![near]
            }
        }
    }
}
