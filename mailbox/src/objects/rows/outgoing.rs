//! What waits to be sent (STORE-35).

use std::collections::BTreeMap;

use mapi_provider_abi::mapi::{PR_CLIENT_SUBMIT_TIME, PR_SUBMIT_FLAGS, PropTag};
use mapi_provider_abi::view::{PropValue, SortDirection, SortOrder, SortOrderSet};

use super::super::fault::Result;
use super::super::identity::Identity;
use super::columns;
use super::message_values::MessageRow;
use crate::database::{self, MessageId, ObjectId, Queued, Reader, Row, What};
use mapi_provider_table::table::{Change, ChangeKind, Changes, PropId, RowId, Rows, Values};

/// The order of the queue.
pub(super) fn oldest_first() -> SortOrderSet {
    SortOrderSet {
        orders: vec![SortOrder {
            tag: PR_CLIENT_SUBMIT_TIME,
            direction: SortDirection::Ascend,
        }],
        ..SortOrderSet::default()
    }
}

/// What waits to be sent at one moment.
pub(super) struct OutgoingRows<'s> {
    reader: &'s Reader<'s>,
    identity: &'s Identity,
    queue: BTreeMap<RowId, Queued>,
    version: u64,
}

impl<'s> OutgoingRows<'s> {
    pub(super) fn new(reader: &'s Reader<'s>, identity: &'s Identity) -> Result<Self> {
        let version = reader.last_change()?;
        let queue = reader.queue()?.into_iter();
        let queue = queue
            .map(|queued| (queued.message.number(), queued))
            .collect();
        Ok(Self {
            reader,
            identity,
            queue,
            version,
        })
    }

    fn values(&self, queued: &Queued, properties: &[PropId]) -> database::Result<Option<Values>> {
        let reader = self.reader;
        let row: Option<Row> = reader.rows(&[queued.message])?.pop().flatten();
        let Some(row) = &row else {
            return Ok(None);
        };
        let message = MessageRow {
            reader,
            identity: self.identity,
            row,
            is_hit: false,
        };
        let mut values = message.values(properties, None)?;
        for (property, value) in properties.iter().zip(&mut values) {
            if *property == PR_SUBMIT_FLAGS.id() {
                *value = Some(PropValue::Long(queued.flags.cast_signed()));
            } else if *property == PR_CLIENT_SUBMIT_TIME.id() {
                *value = Some(PropValue::SysTime(queued.submitted));
            }
        }
        Ok(Some(values))
    }

    fn kind(&self, change: &database::Change, id: MessageId) -> Option<ChangeKind> {
        match change.what {
            What::Queued => Some(ChangeKind::Added),
            What::Unqueued => Some(ChangeKind::Deleted),
            What::QueueChanged | What::Saved | What::Read | What::Marked | What::Moved { .. }
                if self.queue.contains_key(&id.number()) =>
            {
                Some(ChangeKind::Modified)
            }
            _ => None,
        }
    }
}

impl Rows for OutgoingRows<'_> {
    fn version(&self) -> u64 {
        self.version
    }

    fn changes(&self, since: u64) -> Result<Changes> {
        let changes = self.reader.changes_since(since)?;
        if changes.lost {
            return Ok(Changes::Unknown);
        }
        let row = |change: &database::Change| match change.object {
            Some(ObjectId::Message(id)) => Some(Change {
                row: id.number(),
                kind: self.kind(change, id)?,
            }),
            _ => None,
        };
        Ok(Changes::Rows(changes.list.iter().filter_map(row).collect()))
    }

    fn count(&self) -> Result<usize> {
        Ok(self.queue.len())
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        match self.queue.get(&row) {
            None => Ok(None),
            Some(queued) => Ok(self.values(queued, properties)?),
        }
    }

    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let is_wanted = |row: &RowId| among.is_none_or(|among| among.contains(row));
        for (row, queued) in self.queue.iter().filter(|(row, _)| is_wanted(row)) {
            if let Some(values) = self.values(queued, properties)? {
                visit(*row, values)?;
            }
        }
        Ok(())
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        Ok(columns::OUTGOING.to_vec())
    }
}
