//! Tables done naively: all rows cloned, filtered, sorted, grouped. Nothing here shares code with the table room.

#![allow(dead_code, reason = "each test uses its part")]

#[path = "../table_client/mod.rs"]
mod client;
pub(crate) mod rows;

pub(crate) use self::client::{Client, key_of};

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use mapi_provider_abi::mapi::{
    FL_IGNORECASE, FL_SUBSTRING, MV_INSTANCE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH,
    PR_IMPORTANCE, PR_INSTANCE_KEY, PR_MESSAGE_FLAGS, PR_ROW_TYPE, PR_SUBJECT_W, PT_MV_UNICODE,
    PropTag,
};
use mapi_provider_abi::view::{
    PropValue, Property, RelOp, Restriction, Row, SortDirection, SortOrder, SortOrderSet,
};
use mapi_provider_table::table::{MemoryRow, RowId};

/// A property with several values.
pub(crate) const KEYWORDS: PropTag = PropTag::new(0x8001, PT_MV_UNICODE);
/// The same, with a row for each.
pub(crate) const KEYWORD: PropTag = PropTag(KEYWORDS.0 | MV_INSTANCE);

/// The columns that the model knows.
pub(crate) const COLUMNS: [PropTag; 8] = [
    PR_INSTANCE_KEY,
    PR_ROW_TYPE,
    PR_SUBJECT_W,
    PR_IMPORTANCE,
    KEYWORD,
    PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD,
    PR_DEPTH,
];

/// The same without a row for each keyword.
pub(crate) const PLAIN_COLUMNS: [PropTag; 8] = [
    PR_INSTANCE_KEY,
    PR_ROW_TYPE,
    PR_SUBJECT_W,
    PR_IMPORTANCE,
    KEYWORDS,
    PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD,
    PR_DEPTH,
];

/// A message, as far as the model knows any.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Mail {
    pub(crate) subject: Option<String>,
    pub(crate) importance: Option<i32>,
    pub(crate) keywords: Vec<String>,
    pub(crate) read: bool,
}

impl Mail {
    pub(crate) fn row(&self) -> MemoryRow {
        let flags = i32::from(self.read);
        let mut row = MemoryRow::new().with(PR_MESSAGE_FLAGS, flags);
        if let Some(subject) = &self.subject {
            row = row.with(PR_SUBJECT_W, &**subject);
        }
        if let Some(importance) = self.importance {
            row = row.with(PR_IMPORTANCE, importance);
        }
        if !self.keywords.is_empty() {
            let words = self.keywords.iter();
            let words = words.map(|word| word.encode_utf16().collect::<Vec<u16>>().into());
            row = row.with(KEYWORDS, PropValue::MvUnicode(words.collect()));
        }
        row
    }
}

/// A value of the model; text compares without case, and what is missing is last.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    Number(i32),
    Text(String),
    Missing,
}

impl Cell {
    fn order(&self, other: &Self, descending: bool) -> Ordering {
        let ordering = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(one), Self::Number(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
            _ => panic!("values of one property are of one type"),
        };
        if descending {
            ordering.reverse()
        } else {
            ordering
        }
    }

    fn folded(&self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.to_lowercase()),
            other => other.clone(),
        }
    }
}

/// A row of the model's source, or one of its instances.
#[derive(Debug, Clone)]
struct Leaf {
    id: RowId,
    instance: usize,
    mail: Mail,
    has_instances: bool,
}

impl Leaf {
    fn cell(&self, tag: PropTag) -> Cell {
        let text = |text: &Option<String>| text.clone().map_or(Cell::Missing, Cell::Text);
        match tag {
            PR_SUBJECT_W => text(&self.mail.subject),
            PR_IMPORTANCE => self.mail.importance.map_or(Cell::Missing, Cell::Number),
            KEYWORD => text(&self.mail.keywords.get(self.instance).cloned()),
            other => panic!("{other} is not in the model"),
        }
    }
}

/// A category: the values of its columns and of those that it is in.
pub(crate) type Path = Vec<Cell>;

/// What is asked of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Filter {
    None,
    ImportanceAtLeast(i32),
    SubjectContains(&'static str),
    NoSubject,
    Keyword(&'static str),
    FirstOf(u32, i32),
}

impl Filter {
    pub(crate) fn restriction(self) -> Option<Restriction<'static>> {
        let importance =
            |least: i32| Restriction::property(RelOp::Ge, Property::new(PR_IMPORTANCE, least));
        Some(match self {
            Self::None => return None,
            Self::ImportanceAtLeast(least) => importance(least),
            Self::SubjectContains(text) => Restriction::Content {
                fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
                tag: PR_SUBJECT_W,
                property: Property::new(PR_SUBJECT_W, text),
            },
            Self::NoSubject => Restriction::Not(Box::new(Restriction::Exist(PR_SUBJECT_W))),
            Self::Keyword(word) => Restriction::Property {
                relop: RelOp::Eq,
                tag: KEYWORDS,
                property: Property::with_id(KEYWORDS.id(), word),
            },
            Self::FirstOf(count, least) => Restriction::Count {
                count,
                restriction: Box::new(importance(least)),
            },
        })
    }

    fn passes(self, mails: &BTreeMap<RowId, Mail>) -> BTreeMap<RowId, Mail> {
        let holds = |mail: &Mail| match self {
            Self::None => true,
            Self::ImportanceAtLeast(least) | Self::FirstOf(_, least) => mail
                .importance
                .is_some_and(|importance| importance >= least),
            Self::SubjectContains(text) => {
                let subject = mail.subject.as_ref();
                subject.is_some_and(|subject| subject.to_lowercase().contains(text))
            }
            Self::NoSubject => mail.subject.is_none(),
            Self::Keyword(word) => mail.keywords.iter().any(|one| one.to_lowercase() == word),
        };
        let most = match self {
            Self::FirstOf(count, _) => count as usize,
            _ => usize::MAX,
        };
        let passing = mails.iter().filter(|(_, mail)| holds(mail)).take(most);
        passing.map(|(id, mail)| (*id, mail.clone())).collect()
    }
}

/// An order with its categories: columns of each level, then what sorts within.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sorting {
    pub(crate) levels: Vec<Vec<(PropTag, bool)>>,
    /// Which level has its categories by the largest value of a column.
    pub(crate) largest: Option<(usize, PropTag)>,
    pub(crate) expanded: usize,
    pub(crate) keys: Vec<(PropTag, bool)>,
}

impl Sorting {
    pub(crate) fn set(&self) -> SortOrderSet {
        let direction = |descending| match descending {
            true => SortDirection::Descend,
            false => SortDirection::Ascend,
        };
        let mut orders = Vec::new();
        let mut add = |tag, direction| orders.push(SortOrder { tag, direction });
        for (place, level) in self.levels.iter().enumerate() {
            for (number, (tag, descending)) in level.iter().enumerate() {
                let combined = number > 0;
                let own = direction(*descending);
                add(
                    *tag,
                    if combined {
                        SortDirection::Combine
                    } else {
                        own
                    },
                );
            }
            match self.largest {
                Some((of, tag)) if of == place => add(tag, SortDirection::CategoryMax),
                _ => {}
            }
        }
        for (tag, descending) in &self.keys {
            add(*tag, direction(*descending));
        }
        let columns = |levels: usize| {
            let own = self.levels[..levels].iter().map(Vec::len).sum::<usize>();
            let is_counted = self.largest.is_some_and(|(of, _)| of < levels);
            (own + usize::from(is_counted)) as u32
        };
        SortOrderSet {
            orders,
            categories: columns(self.levels.len()),
            expanded: columns(self.expanded),
        }
    }

    pub(crate) fn has_instances(&self) -> bool {
        let all = self.levels.iter().flatten().chain(&self.keys);
        all.into_iter().any(|(tag, _)| *tag == KEYWORD)
    }

    fn leaves(&self, mails: BTreeMap<RowId, Mail>) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for (id, mail) in mails {
            let count = match self.has_instances() {
                true => mail.keywords.len().max(1),
                false => 1,
            };
            for instance in 0..count {
                leaves.push(Leaf {
                    id,
                    instance,
                    mail: mail.clone(),
                    has_instances: self.has_instances(),
                });
            }
        }
        let columns = || self.levels.iter().flatten().chain(&self.keys);
        let is_descending = columns().next().is_some_and(|(_, descending)| *descending);
        leaves.sort_by(|one, other| {
            let by_columns = columns()
                .map(|(tag, descending)| one.cell(*tag).order(&other.cell(*tag), *descending));
            let by_id = match is_descending {
                true => other.id.cmp(&one.id),
                false => one.id.cmp(&other.id),
            };
            let mut all = by_columns.chain([by_id, one.instance.cmp(&other.instance)]);
            all.find(|ordering| ordering.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        leaves
    }
}

/// A table done naively.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) mails: BTreeMap<RowId, Mail>,
    pub(crate) filter: Filter,
    pub(crate) sorting: Sorting,
    pub(crate) open: HashMap<Path, bool>,
}

/// A row as the model shows it, without an instance key: headings have their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) depth: usize,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Heading {
        path: Path,
        count: usize,
        unread: usize,
        open: bool,
    },
    Leaf {
        id: RowId,
        instance: usize,
    },
}

impl Model {
    /// All rows that are shown.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let leaves = self.sorting.leaves(self.filter.passes(&self.mails));
        let mut lines = Vec::new();
        self.group(leaves, &Vec::new(), 0, &mut lines);
        lines
    }

    fn group(&self, leaves: Vec<Leaf>, path: &Path, level: usize, lines: &mut Vec<Line>) {
        let Some(columns) = self.sorting.levels.get(level) else {
            lines.extend(leaves.into_iter().map(|leaf| Line {
                depth: level,
                what: What::Leaf {
                    id: leaf.id,
                    instance: leaf.instance,
                },
            }));
            return;
        };
        let key = |leaf: &Leaf| -> Path {
            let cells = columns.iter().map(|(tag, _)| leaf.cell(*tag).folded());
            path.iter().cloned().chain(cells).collect()
        };
        let mut groups: Vec<(Path, Vec<Leaf>)> = Vec::new();
        for leaf in leaves {
            match groups.last_mut() {
                Some((path, group)) if *path == key(&leaf) => group.push(leaf),
                _ => groups.push((key(&leaf), vec![leaf])),
            }
        }
        if let Some((_, tag)) = self.sorting.largest.filter(|(of, _)| *of == level) {
            let descending = columns[0].1;
            let largest = |group: &[Leaf]| {
                let cells = group.iter().map(|leaf| leaf.cell(tag));
                let there = cells.filter(|cell| *cell != Cell::Missing);
                let best = there.reduce(|one, other| match one.order(&other, false) {
                    Ordering::Less => other,
                    _ => one,
                });
                best.unwrap_or(Cell::Missing)
            };
            groups.sort_by(|(_, one), (_, other)| largest(one).order(&largest(other), descending));
        }
        for (path, group) in groups {
            let at_first = level < self.sorting.expanded;
            let open = self.open.get(&path).copied().unwrap_or(at_first);
            lines.push(Line {
                depth: level,
                what: What::Heading {
                    path: path.clone(),
                    count: group.len(),
                    unread: group.iter().filter(|leaf| !leaf.mail.read).count(),
                    open,
                },
            });
            if open {
                self.group(group, &path, level + 1, lines);
            }
        }
    }

    /// Categories that are there no more are forgotten.
    pub(crate) fn settle(&mut self) {
        let all = Self {
            open: self.open.keys().map(|path| (path.clone(), true)).collect(),
            sorting: Sorting {
                expanded: self.sorting.levels.len(),
                ..self.sorting.clone()
            },
            ..self.clone()
        };
        let there: Vec<Path> = all
            .lines()
            .into_iter()
            .filter_map(|line| match line.what {
                What::Heading { path, .. } => Some(path),
                What::Leaf { .. } => None,
            })
            .collect();
        self.open.retain(|path, _| there.contains(path));
    }

    /// Whether a row of a table is what the model shows.
    pub(crate) fn is_shown_as(&self, line: &Line, row: &Row<'_>) -> bool {
        let long = |tag| match row.get(tag) {
            Some(PropValue::Long(number)) => Some(*number as usize),
            _ => None,
        };
        match &line.what {
            What::Heading {
                count,
                unread,
                open,
                path,
            } => {
                let text = |tag| {
                    row.get(tag)
                        .and_then(|value: &PropValue<'_>| value.to_text())
                };
                let columns = self.sorting.levels.iter().take(line.depth + 1).flatten();
                let keys_agree = columns.zip(path).all(|((tag, _), cell)| match cell {
                    Cell::Number(number) => long(*tag) == Some(*number as usize),
                    Cell::Text(wanted) => {
                        text(*tag).is_some_and(|text| text.to_lowercase() == *wanted)
                    }
                    Cell::Missing => row.get(*tag).is_none(),
                });
                let row_type = if *open { 3 } else { 4 };
                long(PR_ROW_TYPE) == Some(row_type)
                    && long(PR_CONTENT_COUNT) == Some(*count)
                    && long(PR_CONTENT_UNREAD) == Some(*unread)
                    && long(PR_DEPTH) == Some(line.depth)
                    && keys_agree
            }
            What::Leaf { id, instance } => {
                let mail = &self.mails[id];
                let key = match self.sorting.has_instances() {
                    true => [&id.to_le_bytes()[..], &(*instance as u32).to_le_bytes()].concat(),
                    false => id.to_le_bytes().to_vec(),
                };
                let subject = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
                let keyword = row.get(KEYWORD).and_then(PropValue::to_text);
                let wanted = mail
                    .keywords
                    .get(*instance)
                    .filter(|_| self.sorting.has_instances());
                long(PR_ROW_TYPE) == Some(1)
                    && row.get(PR_INSTANCE_KEY) == Some(&PropValue::from(key))
                    && subject == mail.subject
                    && long(PR_IMPORTANCE) == mail.importance.map(|number| number as usize)
                    && keyword.as_ref() == wanted
                    && row.get(PR_CONTENT_COUNT).is_none()
            }
        }
    }
}
