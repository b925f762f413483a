//! A row of a list of rows, in twelve bytes (STORE-20).

use super::source::RowId;

/// A row: one of the source's, or one of its instances, or the heading of a category.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry([u32; 3]);

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Leaf {
        row: RowId,
        /// The number of the value that this row is of (STORE-18).
        instance: usize,
        unread: bool,
    },
    Heading {
        /// Tells the category from others of the table.
        category: u64,
        level: usize,
        expanded: bool,
        /// How many entries follow that are part of it, shown or not.
        below: usize,
    },
}

/// What tells an entry from others of its table, at any time (STORE-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Name {
    Leaf(RowId, usize),
    Heading(u64),
}

const HEADING: u32 = 1 << 31;
/// Of a leaf: it is unread. Of a heading: it is open.
const FLAG: u32 = 1 << 30;
const LEVEL_SHIFT: u32 = 27;
const INSTANCE: u32 = FLAG - 1;
const BELOW: u32 = (1 << LEVEL_SHIFT) - 1;

impl Entry {
    pub(super) fn leaf(row: RowId, instance: usize, unread: bool) -> Self {
        let instance = instance as u32 & INSTANCE;
        let flag = if unread { FLAG } else { 0 };
        Self::of(row, instance | flag)
    }

    /// A heading with nothing below it. There are at most eight levels, for an order has no more columns.
    pub(super) fn heading(category: u64, level: usize, expanded: bool) -> Self {
        let flag = if expanded { FLAG } else { 0 };
        let level = (level as u32 & 7) << LEVEL_SHIFT;
        Self::of(category, HEADING | flag | level)
    }

    fn of(number: u64, rest: u32) -> Self {
        Self([number as u32, (number >> 32) as u32, rest])
    }

    fn number(self) -> u64 {
        u64::from(self.0[1]) << 32 | u64::from(self.0[0])
    }

    pub(super) fn is_heading(self) -> bool {
        self.0[2] & HEADING != 0
    }

    /// How many entries are part of a heading; of a leaf none.
    pub(super) fn below(self) -> usize {
        match self.is_heading() {
            true => (self.0[2] & BELOW) as usize,
            false => 0,
        }
    }

    /// Whether a heading is closed.
    pub(super) fn is_collapsed(self) -> bool {
        self.0[2] & (HEADING | FLAG) == HEADING
    }

    pub(super) fn with_below(self, below: usize) -> Self {
        let [low, high, rest] = self.0;
        Self([low, high, rest & !BELOW | below as u32 & BELOW])
    }

    pub(super) fn with_expanded(self, expanded: bool) -> Self {
        let [low, high, rest] = self.0;
        let flag = if expanded { FLAG } else { 0 };
        Self([low, high, rest & !FLAG | flag])
    }

    pub(super) fn kind(self) -> Kind {
        let rest = self.0[2];
        if self.is_heading() {
            Kind::Heading {
                category: self.number(),
                level: (rest >> LEVEL_SHIFT & 7) as usize,
                expanded: rest & FLAG != 0,
                below: self.below(),
            }
        } else {
            Kind::Leaf {
                row: self.number(),
                instance: (rest & INSTANCE) as usize,
                unread: rest & FLAG != 0,
            }
        }
    }

    pub(super) fn name(self) -> Name {
        match self.kind() {
            Kind::Leaf { row, instance, .. } => Name::Leaf(row, instance),
            Kind::Heading { category, .. } => Name::Heading(category),
        }
    }
}

impl Name {
    /// The row's `PR_INSTANCE_KEY`. Its length tells what it is of, so that no two are alike.
    pub(super) fn instance_key(self, has_instances: bool) -> Vec<u8> {
        match self {
            Self::Leaf(row, instance) if has_instances => {
                let instance = (instance as u32).to_le_bytes();
                [&row.to_le_bytes()[..], &instance].concat()
            }
            Self::Leaf(row, _) => row.to_le_bytes().to_vec(),
            Self::Heading(category) => [&category.to_le_bytes()[..], &[0]].concat(),
        }
    }

    /// Whose `PR_INSTANCE_KEY` these bytes are; none if no row's.
    pub(super) fn from_instance_key(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let number = u64::from_le_bytes(*number);
        match *rest {
            [] => Some(Self::Leaf(number, 0)),
            [0] => Some(Self::Heading(number)),
            [a, b, c, d] => {
                let instance = u32::from_le_bytes([a, b, c, d]);
                Some(Self::Leaf(number, instance as usize))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_20_a_row_takes_twelve_bytes() {
        assert_eq!(size_of::<Entry>(), 12);
    }

    #[test]
    fn an_entry_keeps_what_it_is() {
        let leaf = Entry::leaf(u64::MAX - 1, 77, true);
        let expected = Kind::Leaf {
            row: u64::MAX - 1,
            instance: 77,
            unread: true,
        };
        assert_eq!(leaf.kind(), expected);
        let heading = Entry::heading(1 << 40, 7, true).with_below(100_000);
        let kind = |expanded| Kind::Heading {
            category: 1 << 40,
            level: 7,
            expanded,
            below: 100_000,
        };
        assert_eq!(heading.kind(), kind(true));
        assert_eq!(heading.with_expanded(false).kind(), kind(false));
        assert!(heading.with_expanded(false).is_collapsed() && !heading.is_collapsed());
    }

    #[test]
    fn store_06_instance_keys_come_back_and_never_meet() {
        let names = [
            (Name::Leaf(7, 0), false),
            (Name::Leaf(7, 0), true),
            (Name::Leaf(7, 1), true),
            (Name::Heading(7), true),
        ];
        let keys = names.map(|(name, has_instances)| name.instance_key(has_instances));
        for (key, (name, _)) in keys.iter().zip(names) {
            assert_eq!(Name::from_instance_key(key), Some(name));
            assert_eq!(keys.iter().filter(|other| *other == key).count(), 1);
        }
        assert_eq!(Name::from_instance_key(&[1, 2, 3]), None);
    }
}
