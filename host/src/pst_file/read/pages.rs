//! The two trees of pages: of nodes, and of blocks.

use super::bytes::{part, u8_at, u16_at, word_at};
use super::{File, Result, damaged};

/// A node: the blocks that its data and its sub-nodes are in. No block is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pst_file) struct Node {
    pub(in crate::pst_file) data: u64,
    pub(in crate::pst_file) sub_nodes: u64,
}

/// Where a block is, and how long its data are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) length: u16,
}

const PAGE: usize = 512;
/// `ptype` of the pages of the two trees.
const OF_BLOCKS: u8 = 0x80;
const OF_NODES: u8 = 0x81;
/// No tree is that high.
const HIGHEST: u8 = 16;

impl File {
    /// A node, if there is one with this ID.
    pub(in crate::pst_file) fn find_node(&self, id: u32) -> Result<Option<Node>> {
        let entry = self.find(self.nodes, OF_NODES, id.into())?;
        let node = |entry: Vec<u8>| {
            Ok(Node {
                data: word_at(&entry, self.word, self.word)?,
                sub_nodes: word_at(&entry, 2 * self.word, self.word)?,
            })
        };
        entry.map(node).transpose()
    }

    /// A node that must exist.
    pub(in crate::pst_file) fn node(&self, id: u32) -> Result<Node> {
        let node = self.find_node(id)?;
        node.ok_or_else(|| damaged(format!("there is no node 0x{id:X}")))
    }

    pub(super) fn place(&self, block: u64) -> Result<Place> {
        let missing = || damaged(format!("there is no block 0x{block:X}"));
        let entry = self.find(self.blocks, OF_BLOCKS, block)?;
        let entry = entry.ok_or_else(missing)?;
        Ok(Place {
            at: word_at(&entry, self.word, self.word)?,
            length: u16_at(&entry, 2 * self.word)?,
        })
    }

    /// The entry of a key in one of the trees.
    fn find(&self, root: u64, kind: u8, key: u64) -> Result<Option<Vec<u8>>> {
        let (mut at, mut below) = (root, HIGHEST);
        loop {
            let page = self.bytes(at, PAGE)?;
            let counts = if self.word == 8 { 488 } else { 496 };
            let trailer = if self.word == 8 { 496 } else { 500 };
            let (count, size) = (u8_at(&page, counts)?, u8_at(&page, counts + 2)?);
            let (level, is) = (u8_at(&page, counts + 3)?, u8_at(&page, trailer)?);
            // Each page must be lower than the one before it, so a cycle ends here.
            if is != kind || level >= below {
                return Err(damaged("a page doesn't belong in the tree that it is in"));
            }
            let size = usize::from(size);
            let entry = |number: usize| part(&page, number * size, size);
            let mut found = None;
            for number in 0..usize::from(count) {
                let entry = entry(number)?;
                let its_key = word_at(entry, 0, self.word)?;
                let fits = if level > 0 {
                    its_key <= key
                } else {
                    its_key == key
                };
                if fits {
                    found = Some(entry);
                }
            }
            match found {
                Some(entry) if level > 0 => {
                    at = word_at(entry, 2 * self.word, self.word)?;
                    below = level;
                }
                found => return Ok(found.map(<[u8]>::to_vec)),
            }
        }
    }
}
