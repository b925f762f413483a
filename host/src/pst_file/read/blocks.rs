//! Blocks: data, trees of data, and trees of sub-nodes.

use std::collections::BTreeMap;

use super::bytes::{part, u8_at, u16_at, u32_at, word_at};
use super::{File, Node, Result, damaged};

/// The nodes within a node.
pub(in crate::pst_file) type SubNodes = BTreeMap<u32, Node>;

/// The bits of a block's ID that don't identify it, and the bit that says that it has blocks below it.
const RESERVED: u64 = 1;
const INTERNAL: u64 = 2;

/// `btype` of internal blocks.
const OF_DATA: u8 = 1;
const OF_SUB_NODES: u8 = 2;

/// Blocks are at multiples of this many bytes.
const ALIGNMENT: usize = 64;

impl File {
    /// The data of a node, block by block.
    pub(super) fn data_blocks(&self, block: u64) -> Result<Vec<Vec<u8>>> {
        let mut blocks = Vec::new();
        if block != 0 {
            let mut left = self.length;
            self.gather_data(block, 3, &mut left, &mut blocks)?;
        }
        Ok(blocks)
    }

    /// The data of a node in one piece.
    pub(in crate::pst_file) fn data(&self, block: u64) -> Result<Vec<u8>> {
        Ok(self.data_blocks(block)?.concat())
    }

    /// `left` is how many more bytes there may be: if a damaged file names a block again and again, it would be more
    /// than the whole file.
    fn gather_data(
        &self,
        block: u64,
        below: u8,
        left: &mut u64,
        blocks: &mut Vec<Vec<u8>>,
    ) -> Result<()> {
        let data = self.block(block)?;
        let Some(rest) = left.checked_sub(data.len() as u64) else {
            return Err(damaged("a value is longer than the file"));
        };
        *left = rest;
        if block & INTERNAL == 0 {
            blocks.push(data);
            return Ok(());
        }
        let level = u8_at(&data, 1)?;
        if u8_at(&data, 0)? != OF_DATA || level >= below || level == 0 {
            return Err(damaged(
                "a block doesn't belong in the tree of data that it is in",
            ));
        }
        for number in 0..usize::from(u16_at(&data, 2)?) {
            let block = word_at(&data, 8 + number * self.word, self.word)?;
            self.gather_data(block, level, left, blocks)?;
        }
        Ok(())
    }

    /// The nodes within a node.
    pub(in crate::pst_file) fn sub_nodes(&self, block: u64) -> Result<SubNodes> {
        let mut found = SubNodes::new();
        if block != 0 {
            self.gather_sub_nodes(block, 2, &mut found)?;
        }
        Ok(found)
    }

    fn gather_sub_nodes(&self, block: u64, below: u8, found: &mut SubNodes) -> Result<()> {
        let word = self.word;
        let data = self.block(block)?;
        let level = u8_at(&data, 1)?;
        if block & INTERNAL == 0 || u8_at(&data, 0)? != OF_SUB_NODES || level >= below {
            return Err(damaged(
                "a block doesn't belong in the tree of sub-nodes that it is in",
            ));
        }
        let size = if level == 0 { 3 * word } else { 2 * word };
        for number in 0..usize::from(u16_at(&data, 2)?) {
            let entry = part(&data, word + number * size, size)?;
            let second = word_at(entry, word, word)?;
            if level > 0 {
                self.gather_sub_nodes(second, level, found)?;
                continue;
            }
            let node = Node {
                data: second,
                sub_nodes: word_at(entry, 2 * word, word)?,
            };
            // The lower half of a node's ID is all of it.
            found.insert(u32_at(entry, 0)?, node);
        }
        Ok(())
    }

    /// The data of one block, decoded if they are encoded.
    fn block(&self, block: u64) -> Result<Vec<u8>> {
        let id = block & !RESERVED;
        let place = self.place(id)?;
        let length = usize::from(place.length);
        let trailer = if self.word == 8 { 16 } else { 12 };
        let whole = (length + trailer).next_multiple_of(ALIGNMENT);
        let mut data = self.bytes(place.at, whole)?;
        let trailer = data.split_off(whole - trailer);
        data.truncate(length);
        let (its_id, its_sum) = if self.word == 8 { (8, 4) } else { (4, 8) };
        let is_whole = usize::from(u16_at(&trailer, 0)?) == length
            && word_at(&trailer, its_id, self.word)? & !RESERVED == id
            && u32_at(&trailer, its_sum)? == sum(&data);
        if !is_whole {
            return Err(damaged(format!("block 0x{id:X} is not as it was written")));
        }
        if block & INTERNAL == 0 {
            // The ID as given.
            self.crypt
                .decode(&mut data, word_at(&trailer, its_id, self.word)?);
        }
        Ok(data)
    }
}

/// `dwCRC`: the polynomial of CRC-32 with nothing before or after it.
pub(super) fn sum(data: &[u8]) -> u32 {
    data.iter().fold(0, |sum, byte| {
        let [low, ..] = (sum ^ u32::from(*byte)).to_le_bytes();
        let of_byte = SUMS.get(usize::from(low)).copied().unwrap_or_default();
        (sum >> 8) ^ of_byte
    })
}

/// The sums of all bytes.
const SUMS: [u32; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn the_sum_is_that_of_the_specification() {
        // CRC-32 of the same bytes is 0xCBF43926: it begins and ends with all bits.
        let begun = [0xFF_u8; 4].into_iter();
        let mut bytes = b"123456789".to_vec();
        for (byte, ones) in bytes.iter_mut().zip(begun) {
            *byte ^= ones;
        }
        assert_eq!(!sum(&bytes), 0xCBF4_3926);
        assert_eq!(sum(b""), 0);
    }
}
