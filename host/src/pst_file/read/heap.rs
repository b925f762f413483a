//! A heap in the data of a node: small pieces with IDs.

use super::bytes::{part, u8_at, u16_at, u32_at};
use super::{File, Result, damaged};

/// A heap.
#[derive(Debug)]
pub(super) struct Heap {
    blocks: Vec<Vec<u8>>,
    /// `bClientSig`: what is in it.
    pub(super) kind: u8,
    /// `hidUserRoot`: where that begins.
    pub(super) root: u32,
}

const SIGNATURE: u8 = 0xEC;

/// The lower five bits of an ID are the type; 0 is a piece of a heap, anything else a sub-node.
pub(super) fn is_piece(id: u32) -> bool {
    id & 0x1F == 0
}

impl Heap {
    /// The heap in the data of a node.
    pub(super) fn read(file: &File, block: u64) -> Result<Self> {
        Self::of(file.data_blocks(block)?)
    }

    fn of(blocks: Vec<Vec<u8>>) -> Result<Self> {
        let first = blocks.first().map(Vec::as_slice).unwrap_or_default();
        if u8_at(first, 2)? != SIGNATURE {
            return Err(damaged("there is no heap where one should be"));
        }
        Ok(Self {
            kind: u8_at(first, 3)?,
            root: u32_at(first, 4)?,
            blocks,
        })
    }

    /// A piece. That of ID 0 is empty.
    pub(super) fn piece(&self, id: u32) -> Result<&[u8]> {
        if id == 0 {
            return Ok(&[]);
        }
        let missing = || damaged(format!("there is no piece 0x{id:X} in a heap"));
        let number = usize::try_from((id >> 5) & 0x7FF).map_err(|_| missing())?;
        let block = usize::try_from(id >> 16).map_err(|_| missing())?;
        let block = self.blocks.get(block).ok_or_else(missing)?;
        // Each block begins with the place of its map, whatever else its header has: cAlloc, cFree, and the offsets of
        // all pieces and of the end. Programs disagree about what cFree counts, and nobody needs it, so it is ignored.
        let map = usize::from(u16_at(block, 0)?);
        let count = usize::from(u16_at(block, map)?);
        if !is_piece(id) || number == 0 || number > count {
            return Err(missing());
        }
        let offset = |number: usize| u16_at(block, map + 4 + 2 * number).map(usize::from);
        let (begin, end) = (offset(number - 1)?, offset(number)?);
        let length = end.checked_sub(begin).ok_or_else(missing)?;
        part(block, begin, length)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A heap of one block, with these pieces and this `cFree`.
    pub(in crate::pst_file::read) fn block(
        kind: u8,
        pieces: &[&[u8]],
        root: u32,
        free: u16,
    ) -> Vec<u8> {
        let mut block = vec![0, 0, SIGNATURE, kind];
        block.extend(root.to_le_bytes());
        block.extend([0; 4]);
        let mut offsets = vec![block.len() as u16];
        for piece in pieces {
            block.extend(*piece);
            offsets.push(block.len() as u16);
        }
        let map = block.len() as u16;
        block[..2].copy_from_slice(&map.to_le_bytes());
        block.extend((pieces.len() as u16).to_le_bytes());
        block.extend(free.to_le_bytes());
        block.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        block
    }

    fn heap(pieces: &[&[u8]], free: u16) -> Heap {
        Heap::of(vec![block(0xBC, pieces, 0x20, free)]).expect("a heap")
    }

    #[test]
    fn pieces_are_found_whatever_is_said_to_be_free() {
        // The second is empty, which some programs count as free and some don't.
        for free in [0, 1, 7] {
            let heap = heap(&[b"one", b"", b"three"], free);
            assert_eq!((heap.kind, heap.root), (0xBC, 0x20));
            assert_eq!(heap.piece(0x20).expect("there"), b"one");
            assert_eq!(heap.piece(0x40).expect("there"), b"");
            assert_eq!(heap.piece(0x60).expect("there"), b"three");
            assert_eq!(heap.piece(0).expect("there"), b"");
        }
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let heap = heap(&[b"one"], 0);
        for id in [0x40, 0x1_0020, 0x21, 0xFFE0] {
            let error = heap.piece(id).expect_err("not there");
            assert!(error.to_string().contains("there is no piece"), "{error}");
        }
        let mut backwards = block(0xBC, &[b"one"], 0x20, 0);
        let end = backwards.len() - 2;
        backwards[end..].copy_from_slice(&3_u16.to_le_bytes());
        assert!(
            Heap::of(vec![backwards])
                .expect("a heap")
                .piece(0x20)
                .is_err()
        );
        for wrong in [vec![], vec![vec![0; 12]]] {
            assert!(Heap::of(wrong).is_err());
        }
    }
}
