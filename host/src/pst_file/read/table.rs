//! A table: rows of properties.

use mapi_provider::view::PropValue;

use super::bytes::{part, u8_at, u16_at, u32_at};
use super::heap::is_piece;
use super::values::{Values, fixed_size, value};
use super::{File, Node, Result, damaged, tree};

const KIND: u8 = 0x7C;
/// What lists show is short.
const LONGEST_CELL: usize = 1 << 20;

/// A table.
#[derive(Debug)]
pub(in crate::pst_file) struct Table {
    values: Values,
    columns: Vec<Column>,
    /// The position in a row of the bits that say which columns have values.
    bits: usize,
    rows: Vec<Row>,
    missing: usize,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    id: u16,
    prop_type: u16,
    at: usize,
    size: usize,
    bit: usize,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(in crate::pst_file) struct Row {
    /// The node that it represents, if any.
    pub(in crate::pst_file) id: u32,
    bytes: Vec<u8>,
}

impl Table {
    /// The table of a node.
    pub(in crate::pst_file) fn read(file: &File, node: Node) -> Result<Self> {
        let values = Values::read(file, node)?;
        let header = values.heap.piece(values.heap.root)?;
        if values.heap.kind != KIND || u8_at(header, 0)? != KIND {
            return Err(damaged("there is no table where one should be"));
        }
        let (bits, size) = (u16_at(header, 6)?.into(), u16_at(header, 8)?.into());
        let (index, matrix) = (u32_at(header, 10)?, u32_at(header, 14)?);
        let column = |number: usize| {
            let column = part(header, 22 + 8 * number, 8)?;
            Ok(Column {
                prop_type: u16_at(column, 0)?,
                id: u16_at(column, 2)?,
                at: u16_at(column, 4)?.into(),
                size: u8_at(column, 6)?.into(),
                bit: u8_at(column, 7)?.into(),
            })
        };
        let count = usize::from(u8_at(header, 1)?);
        let columns = (0..count).map(column).collect::<Result<_>>()?;
        let (rows, missing) = rows(file, &values, index, matrix, size)?;
        Ok(Self {
            values,
            columns,
            bits,
            rows,
            missing,
        })
    }

    pub(in crate::pst_file) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many rows should be there and aren't.
    pub(in crate::pst_file) fn missing(&self) -> usize {
        self.missing
    }

    /// The properties of a row, those that can be read.
    pub(in crate::pst_file) fn properties(
        &self,
        file: &File,
        row: &Row,
    ) -> Vec<(u16, PropValue<'static>)> {
        let columns = self.columns.iter();
        let value = |column: &Column| {
            let value = self.cell(file, row, column).ok().flatten();
            Some((column.id, value?))
        };
        columns.filter_map(value).collect()
    }

    fn cell(&self, file: &File, row: &Row, column: &Column) -> Result<Option<PropValue<'static>>> {
        let bits = u8_at(&row.bytes, self.bits + column.bit / 8)?;
        if bits & (0x80 >> (column.bit % 8)) == 0 {
            return Ok(None);
        }
        let cell = part(&row.bytes, column.at, column.size)?;
        match fixed_size(column.prop_type) {
            Some(..=8) => value(column.prop_type, cell),
            _ => {
                let bytes = self.values.bytes(file, u32_at(cell, 0)?)?;
                if bytes.len() > LONGEST_CELL {
                    return Err(damaged("a list has a value that is too long"));
                }
                value(column.prop_type, &bytes)
            }
        }
    }
}

/// The rows, in the order in which they are stored, and how many are missing: the index says which is
/// where.
fn rows(
    file: &File,
    values: &Values,
    index: u32,
    matrix: u32,
    size: usize,
) -> Result<(Vec<Row>, usize)> {
    if matrix == 0 {
        return Ok((Vec::new(), 0));
    }
    // No row spans two blocks. All blocks but the last are full, each as long as the first.
    let blocks = if is_piece(matrix) {
        vec![values.heap.piece(matrix)?.to_vec()]
    } else {
        let node = values.sub_nodes.get(&matrix);
        let node = node.ok_or_else(|| damaged("the rows of a table are not there"))?;
        file.data_blocks(node.data)?
    };
    let in_block = blocks.first().map_or(0, Vec::len).checked_div(size);
    let in_block = in_block.filter(|count| *count > 0);
    let mut places = Vec::new();
    for (key, value) in tree::records(&values.heap, index)? {
        let number = match value.len() {
            2 => u16_at(value, 0)?.into(),
            _ => u32_at(value, 0)? as usize,
        };
        places.push((number, u32_at(key, 0)?));
    }
    places.sort_unstable();
    let count = places.len();
    // No two rows are the same, so a damaged index is no longer than its rows.
    places.dedup_by_key(|(number, _)| *number);
    let row = |(number, id): (usize, u32)| {
        let in_block = in_block?;
        let block = blocks.get(number / in_block)?;
        let bytes = part(block, number % in_block * size, size).ok()?.to_vec();
        Some(Row { id, bytes })
    };
    let rows: Vec<Row> = places.into_iter().filter_map(row).collect();
    let missing = count - rows.len();
    Ok((rows, missing))
}
