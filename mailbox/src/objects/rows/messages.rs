//! All messages of a store, wherever they lie: what searches look at. Nothing is listed or sorted here.

use mapi_provider_abi::mapi::PropTag;

use super::super::fault::Result;
use super::super::identity::Identity;
use super::message_values::{MessageRow, whole_size};
use super::{columns, parts};
use crate::database::{self, MessageId, Reader, Row};
use mapi_provider_table::table::{Changes, Parts, PropId, RowId, Rows, Values};

/// The messages of a store at one moment, as rows of a search folder.
pub(in super::super) struct MessageRows<'s> {
    reader: &'s Reader<'s>,
    identity: &'s Identity,
}

impl<'s> MessageRows<'s> {
    pub(in super::super) fn new(reader: &'s Reader<'s>, identity: &'s Identity) -> Self {
        Self { reader, identity }
    }

    fn row(&self, row: RowId) -> database::Result<Option<Row>> {
        let Some(id) = MessageId::from_number(row) else {
            return Ok(None);
        };
        Ok(self.reader.rows(&[id])?.pop().flatten())
    }
}

impl Rows for MessageRows<'_> {
    fn version(&self) -> u64 {
        0
    }

    fn changes(&self, _since: u64) -> Result<Changes> {
        Ok(Changes::Unknown)
    }

    fn count(&self) -> Result<usize> {
        Ok(0)
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        let Some(row) = self.row(row)? else {
            return Ok(None);
        };
        let row = MessageRow {
            reader: self.reader,
            identity: self.identity,
            row: &row,
            is_hit: true,
        };
        Ok(Some(row.values(properties, None)?))
    }

    fn whole_size(&self, row: RowId, property: PropId) -> Result<Option<u64>> {
        let Some(id) = MessageId::from_number(row) else {
            return Ok(None);
        };
        Ok(whole_size(self.reader, id, property)?)
    }

    fn scan(
        &self,
        _among: Option<&[RowId]>,
        _properties: &[PropId],
        _visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        Ok(())
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        Ok(columns::CONTENTS.to_vec())
    }

    fn parts(
        &self,
        row: RowId,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        parts::visit(self.reader, self.identity, row, parts, properties, visit)
    }
}
