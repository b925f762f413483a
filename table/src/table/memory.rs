//! Rows in memory: recipients, attachments, receive folders, an address book's entries; and tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mapi_provider_abi::mapi::PropTag;
use mapi_provider_abi::view::{PropValue, SortOrderSet};

use super::facts::RowFacts;
use super::fault::Result;
use super::order::Order;
use super::source::{
    Abilities, Change, ChangeKind, Changes, Direction, Index, Key, Parts, Place, PropId, RowId,
    Rows, SortColumn, Source, Values, Watcher,
};
use crate::text::loose;

/// How many changes are remembered for tables that have not taken them in yet.
const MOST_CHANGES: usize = 1024;

/// A row in memory: its properties, and its recipients and attachments if it has any.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemoryRow {
    properties: BTreeMap<PropId, PropValue<'static>>,
    /// Of values that are here only in part.
    sizes: BTreeMap<PropId, u64>,
    recipients: Vec<BTreeMap<PropId, PropValue<'static>>>,
    attachments: Vec<BTreeMap<PropId, PropValue<'static>>>,
}

impl MemoryRow {
    /// A row without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property.
    #[must_use]
    pub fn with(mut self, tag: PropTag, value: impl Into<PropValue<'static>>) -> Self {
        self.properties.insert(tag.id(), value.into());
        self
    }

    /// Says how many bytes a value has of which only the beginning is here.
    #[must_use]
    pub fn with_size(mut self, tag: PropTag, bytes: u64) -> Self {
        self.sizes.insert(tag.id(), bytes);
        self
    }

    /// Adds a recipient with these properties.
    #[must_use]
    pub fn with_recipient(mut self, properties: Vec<(PropTag, PropValue<'static>)>) -> Self {
        self.recipients.push(by_id(properties));
        self
    }

    /// Adds an attachment with these properties.
    #[must_use]
    pub fn with_attachment(mut self, properties: Vec<(PropTag, PropValue<'static>)>) -> Self {
        self.attachments.push(by_id(properties));
        self
    }

    /// The value of a property.
    pub fn get(&self, property: PropId) -> Option<&PropValue<'static>> {
        self.properties.get(&property)
    }

    fn values(&self, properties: &[PropId]) -> Values {
        values_of(&self.properties, properties)
    }
}

fn by_id(properties: Vec<(PropTag, PropValue<'static>)>) -> BTreeMap<PropId, PropValue<'static>> {
    let properties = properties.into_iter();
    properties.map(|(tag, value)| (tag.id(), value)).collect()
}

fn values_of(of: &BTreeMap<PropId, PropValue<'static>>, properties: &[PropId]) -> Values {
    let values = properties.iter().map(|property| of.get(property).cloned());
    values.collect()
}

/// Rows in memory, as a source of tables. Who makes tables of it and who changes it may be different threads.
pub struct MemoryRows {
    state: Mutex<State>,
    watchers: Mutex<Vec<Weak<dyn Watcher>>>,
    columns: Vec<PropTag>,
    order: SortOrderSet,
    abilities: Abilities,
    indexes: Vec<Vec<SortColumn>>,
    has_text_index: bool,
}

/// Cheap to share: a snapshot is one more reference to the rows, and who changes them then copies the map, not the rows.
#[derive(Debug, Clone, Default)]
struct State {
    rows: Arc<BTreeMap<RowId, Arc<MemoryRow>>>,
    version: u64,
    /// The changes since some version, each with the version that it made.
    log: Arc<Vec<(u64, Change)>>,
    /// Changes up to this version are forgotten.
    forgotten: u64,
}

impl MemoryRows {
    /// No rows yet, for tables with these columns.
    pub fn new(columns: Vec<PropTag>) -> Self {
        Self {
            state: Mutex::default(),
            watchers: Mutex::default(),
            columns,
            order: SortOrderSet::default(),
            abilities: Abilities::default(),
            indexes: Vec::new(),
            has_text_index: false,
        }
    }

    /// Sets the order of a table that was not told which.
    #[must_use]
    pub fn with_order(mut self, order: SortOrderSet) -> Self {
        self.order = order;
        self
    }

    /// Sets what tables can do.
    #[must_use]
    pub fn with_abilities(mut self, abilities: Abilities) -> Self {
        self.abilities = abilities;
        self
    }

    /// Says that the rows are in an order already, or can be gone through in it: tables keep no list of them then.
    #[must_use]
    pub fn with_index(mut self, columns: Vec<SortColumn>) -> Self {
        self.indexes.push(columns);
        self
    }

    /// Says that text is looked for in an index, as a database does.
    #[must_use]
    pub fn with_text_index(mut self) -> Self {
        self.has_text_index = true;
        self
    }

    /// Puts in new rows, replaces and takes out others, all at once; none takes a row out. Whoever watches is told.
    pub fn change(&self, rows: impl IntoIterator<Item = (RowId, Option<MemoryRow>)>) {
        self.change_silently(rows);
        self.tell();
    }

    /// The same, but nobody is told before [`tell`](Self::tell): for who has something locked.
    pub fn change_silently(&self, rows: impl IntoIterator<Item = (RowId, Option<MemoryRow>)>) {
        let mut state = lock(&self.state);
        state.version += 1;
        let mut changes = Vec::new();
        let all = Arc::make_mut(&mut state.rows);
        for (row, new) in rows {
            let old = match new {
                Some(new) => (all.insert(row, Arc::new(new)), true),
                None => (all.remove(&row), false),
            };
            let kind = match old {
                (None, true) => ChangeKind::Added,
                (Some(_), true) => ChangeKind::Modified,
                (Some(_), false) => ChangeKind::Deleted,
                (None, false) => continue,
            };
            changes.push(Change { row, kind });
        }
        state.remember(changes);
    }

    /// Puts in a new row, or replaces one.
    pub fn put(&self, row: RowId, new: MemoryRow) {
        self.change([(row, Some(new))]);
    }

    /// Takes a row out.
    pub fn remove(&self, row: RowId) {
        self.change([(row, None)]);
    }

    /// Forgets what has changed, as a database does whose log was cut: tables that have not taken it in look at all rows.
    pub fn forget_changes(&self) {
        let mut state = lock(&self.state);
        state.forgotten = state.version;
        state.log = Arc::default();
    }

    /// Tells whoever watches that rows may have changed. Nothing may be locked.
    pub fn tell(&self) {
        let mut watchers = lock(&self.watchers);
        let all: Vec<Arc<dyn Watcher>> = watchers.iter().filter_map(Weak::upgrade).collect();
        watchers.retain(|watcher| watcher.strong_count() > 0);
        drop(watchers);
        all.iter().for_each(|watcher| watcher.changed());
    }
}

impl State {
    fn remember(&mut self, changes: Vec<Change>) {
        let version = self.version;
        let log = Arc::make_mut(&mut self.log);
        log.extend(changes.into_iter().map(|change| (version, change)));
        if let Some(more) = log.len().checked_sub(MOST_CHANGES).filter(|more| *more > 0) {
            let forgotten = log.drain(..more).map(|(version, _)| version).next_back();
            self.forgotten = forgotten.unwrap_or(self.forgotten);
        }
    }
}

impl std::fmt::Debug for MemoryRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryRows")
            .field("rows", &lock(&self.state).rows.len())
            .finish_non_exhaustive()
    }
}

impl Source for MemoryRows {
    fn look(&self, work: &mut dyn FnMut(&dyn Rows) -> Result<()>) -> Result<()> {
        let state = lock(&self.state).clone();
        work(&Snapshot {
            source: self,
            state,
        })
    }

    fn watch(&self, watcher: Weak<dyn Watcher>) {
        lock(&self.watchers).push(watcher);
    }

    fn columns(&self) -> Vec<PropTag> {
        self.columns.clone()
    }

    fn default_order(&self) -> SortOrderSet {
        self.order.clone()
    }

    fn abilities(&self) -> Abilities {
        self.abilities
    }
}

/// The rows as they were at some moment.
struct Snapshot<'s> {
    source: &'s MemoryRows,
    state: State,
}

impl Snapshot<'_> {
    /// All rows in the order of an index, each with its key.
    fn in_order(&self, index: Index) -> BTreeSet<(Vec<u8>, RowId)> {
        let columns = self.source.indexes.get(index.0 as usize);
        let columns = columns.map_or(&[][..], |columns| columns);
        let rows = self.state.rows.iter();
        rows.map(|(id, row)| {
            let values = row.values(&properties_of(columns));
            (self.sort_key(columns, *id, values), *id)
        })
        .collect()
    }

    fn sort_key(&self, columns: &[SortColumn], row: RowId, values: Values) -> Vec<u8> {
        let properties = properties_of(columns);
        let facts = RowFacts::new(self, row, &properties, values);
        Order::of_columns(columns).key(&facts, row, 0).bytes
    }
}

fn properties_of(columns: &[SortColumn]) -> Vec<PropId> {
    columns.iter().map(|column| column.property).collect()
}

impl Rows for Snapshot<'_> {
    fn version(&self) -> u64 {
        self.state.version
    }

    fn changes(&self, since: u64) -> Result<Changes> {
        if since < self.state.forgotten {
            return Ok(Changes::Unknown);
        }
        let first = self
            .state
            .log
            .partition_point(|(version, _)| *version <= since);
        let changes = self.state.log[first..].iter().map(|(_, change)| *change);
        Ok(Changes::Rows(changes.collect()))
    }

    fn count(&self) -> Result<usize> {
        Ok(self.state.rows.len())
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        let row = self.state.rows.get(&row);
        Ok(row.map(|row| row.values(properties)))
    }

    fn whole_size(&self, row: RowId, property: PropId) -> Result<Option<u64>> {
        let row = self.state.rows.get(&row);
        Ok(row.and_then(|row| row.sizes.get(&property).copied()))
    }

    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let rows = &self.state.rows;
        match among {
            Some(among) => among
                .iter()
                .filter_map(|id| Some((*id, rows.get(id)?.values(properties))))
                .try_for_each(|(id, values)| visit(id, values)),
            None => rows
                .iter()
                .try_for_each(|(id, row)| visit(*id, row.values(properties))),
        }
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        let rows = self.state.rows.values().flat_map(|row| &row.properties);
        let tags = rows.map(|(id, value)| PropTag::new(*id, value.prop_type()));
        let mut tags: Vec<PropTag> = tags.chain(self.source.columns.iter().copied()).collect();
        tags.sort_unstable();
        tags.dedup();
        Ok(tags)
    }

    fn index(&self, order: &[SortColumn]) -> Option<Index> {
        let place = self.source.indexes.iter().position(|index| index == order);
        place.map(|place| Index(place as u32))
    }

    fn page(
        &self,
        index: Index,
        from: &Place,
        direction: Direction,
        count: usize,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let all = self.in_order(index);
        let at = match from {
            Place::Start => 0,
            Place::End => all.len(),
            Place::Before(key) => self.position(index, key)?,
        };
        let ids = || all.iter().map(|(_, id)| *id);
        let page: Vec<RowId> = match direction {
            Direction::Forwards => ids().skip(at).take(count).collect(),
            Direction::Backwards => ids().rev().skip(all.len() - at).take(count).collect(),
        };
        let row = |id| Some((id, self.state.rows.get(&id)?.values(properties)));
        let mut rows = page.into_iter().filter_map(row);
        rows.try_for_each(|(id, values)| visit(id, values))
    }

    fn position(&self, index: Index, place: &Key) -> Result<usize> {
        let columns = self.source.indexes.get(index.0 as usize);
        let columns = columns.map_or(&[][..], |columns| columns);
        let key = self.sort_key(columns, place.row, place.values.clone());
        let all = self.in_order(index);
        Ok(all.range(..(key, place.row)).count())
    }

    fn candidates(&self, property: PropId, text: &str) -> Result<Option<Vec<RowId>>> {
        if !self.source.has_text_index {
            return Ok(None);
        }
        let may_contain = |row: &MemoryRow| {
            let value = row.get(property);
            // A list is in no index.
            value.is_some_and(|value| match value.to_text() {
                Some(value) => loose(&value).contains(text),
                None => true,
            })
        };
        let rows = self.state.rows.iter();
        let found = rows.filter(|(_, row)| may_contain(row));
        Ok(Some(found.map(|(id, _)| *id).collect()))
    }

    fn parts(
        &self,
        row: RowId,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        let Some(row) = self.state.rows.get(&row) else {
            return Ok(());
        };
        let all = match parts {
            Parts::Recipients => &row.recipients,
            Parts::Attachments => &row.attachments,
        };
        for part in all {
            if !visit(values_of(part, properties))? {
                break;
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
