//! A tree in a heap: records by key.

use super::bytes::{part, u8_at, u32_at};
use super::heap::Heap;
use super::{Result, damaged};

const SIGNATURE: u8 = 0xB5;
/// No tree has this many records.
const MOST: usize = 1 << 22;

/// The records of a tree, each with its key, in order.
pub(super) fn records(heap: &Heap, tree: u32) -> Result<Vec<(&[u8], &[u8])>> {
    let header = heap.piece(tree)?;
    if u8_at(header, 0)? != SIGNATURE {
        return Err(damaged("there is no tree where one should be"));
    }
    let key = usize::from(u8_at(header, 1)?);
    let value = usize::from(u8_at(header, 2)?);
    let levels = u8_at(header, 3)?;
    if key == 0 {
        return Err(damaged("a tree has no keys"));
    }
    // Level by level: an entry of the upper ones is a key and where the lower one begins.
    let mut pieces = vec![u32_at(header, 4)?];
    for _ in 0..levels {
        let mut below = Vec::new();
        for piece in &pieces {
            let piece = heap.piece(*piece)?;
            for entry in piece.chunks_exact(key + 4) {
                below.push(u32_at(entry, key)?);
                if below.len() > MOST {
                    return Err(damaged("a tree has more records than there can be"));
                }
            }
        }
        pieces = below;
    }
    let mut records = Vec::new();
    for piece in pieces {
        for entry in heap.piece(piece)?.chunks_exact(key + value) {
            records.push((part(entry, 0, key)?, part(entry, key, value)?));
            if records.len() > MOST {
                return Err(damaged("a tree has more records than there can be"));
            }
        }
    }
    Ok(records)
}
