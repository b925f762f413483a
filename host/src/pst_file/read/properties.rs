//! The properties of an object.

use std::borrow::Cow;

use mapi_provider::view::PropValue;

use super::bytes::{u16_at, u32_at};
use super::values::{Values, fixed_size, value};
use super::{File, Node, Result, SubNodes, damaged, tree};

const KIND: u8 = 0xBC;
/// `PtypObject`
const OBJECT: u16 = 0x000D;

/// The properties of an object, by their IDs.
#[derive(Debug)]
pub(in crate::pst_file) struct Properties {
    values: Values,
    records: Vec<Record>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    id: u16,
    prop_type: u16,
    /// The value itself if it is short, otherwise its place.
    word: [u8; 4],
}

impl Properties {
    /// The properties of a node.
    pub(in crate::pst_file) fn read(file: &File, node: Node) -> Result<Self> {
        let values = Values::read(file, node)?;
        if values.heap.kind != KIND {
            return Err(damaged("there are no properties where some should be"));
        }
        let record = |(key, value): (&[u8], &[u8])| {
            Ok(Record {
                id: u16_at(key, 0)?,
                prop_type: u16_at(value, 0)?,
                word: u32_at(value, 2)?.to_le_bytes(),
            })
        };
        let records = tree::records(&values.heap, values.heap.root)?;
        let records = records.into_iter().map(record).collect::<Result<_>>()?;
        Ok(Self { values, records })
    }

    /// All of them, with `None` for values that could not be set. Together they are no longer than the file: in a
    /// damaged one, many may refer to the same long value.
    pub(in crate::pst_file) fn all<'a>(
        &'a self,
        file: &'a File,
    ) -> impl Iterator<Item = (u16, Result<Option<PropValue<'static>>>)> + 'a {
        let mut left = file.length;
        self.records.iter().map(move |record| {
            let bytes = self.bytes(file, *record).and_then(|bytes| {
                left = left
                    .checked_sub(bytes.len() as u64)
                    .ok_or_else(|| damaged("an object is longer than the file"))?;
                Ok(bytes)
            });
            let value = bytes.and_then(|bytes| value(record.prop_type, &bytes));
            (record.id, value)
        })
    }

    /// The value of a property, if there is such a property and it can be read.
    pub(in crate::pst_file) fn get(&self, file: &File, id: u16) -> Option<PropValue<'static>> {
        let record = self.record(id)?;
        let bytes = self.bytes(file, record).ok()?;
        value(record.prop_type, &bytes).ok().flatten()
    }

    /// The sub-node of a property of type object.
    pub(in crate::pst_file) fn object(&self, file: &File, id: u16) -> Result<Option<Node>> {
        let Some(record) = self.record(id).filter(|record| record.prop_type == OBJECT) else {
            return Ok(None);
        };
        let object = self.values.bytes(file, u32::from_le_bytes(record.word))?;
        let node = u32_at(&object, 0)?;
        let found = self.values.sub_nodes.get(&node).copied();
        found
            .map(Some)
            .ok_or_else(|| damaged(format!("there is no sub-node 0x{node:X}")))
    }

    /// The nodes within the object's node.
    pub(in crate::pst_file) fn sub_nodes(&self) -> &SubNodes {
        &self.values.sub_nodes
    }

    fn record(&self, id: u16) -> Option<Record> {
        self.records.iter().find(|record| record.id == id).copied()
    }

    /// The bytes of a value; none for an object, which is not a value.
    fn bytes(&self, file: &File, record: Record) -> Result<Cow<'_, [u8]>> {
        match fixed_size(record.prop_type) {
            Some(..=4) => Ok(Cow::Owned(record.word.to_vec())),
            _ if record.prop_type == OBJECT => Ok(Cow::Borrowed(&[])),
            _ => self.values.bytes(file, u32::from_le_bytes(record.word)),
        }
    }
}
