//! The bytes of values, and what they are.

use std::borrow::Cow;

use mapi_provider::abi::GUID;
use mapi_provider::view::{Currency, FileTime, PropValue};

use super::bytes::{array, part, u32_at};
use super::heap::{Heap, is_piece};
use super::{File, Node, Result, SubNodes, damaged};

/// Where values are that are not beside their tags.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) heap: Heap,
    pub(super) sub_nodes: SubNodes,
}

impl Values {
    pub(super) fn read(file: &File, node: Node) -> Result<Self> {
        Ok(Self {
            heap: Heap::read(file, node.data)?,
            sub_nodes: file.sub_nodes(node.sub_nodes)?,
        })
    }

    /// The bytes under an ID: a piece of the heap, or the data of a sub-node.
    pub(super) fn bytes(&self, file: &File, id: u32) -> Result<Cow<'_, [u8]>> {
        if is_piece(id) {
            return self.heap.piece(id).map(Cow::Borrowed);
        }
        let node = self.sub_nodes.get(&id);
        let node = node.ok_or_else(|| damaged(format!("there is no sub-node 0x{id:X}")))?;
        file.data(node.data).map(Cow::Owned)
    }
}

/// How long values of a type are; `None` if each value says so itself.
pub(super) fn fixed_size(prop_type: u16) -> Option<usize> {
    Some(match prop_type {
        0x000B => 1,
        0x0002 => 2,
        0x0003 | 0x0004 | 0x000A => 4,
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
        0x0048 => 16,
        _ => return None,
    })
}

/// A value of a type; `None` if it can't be set: an object, an error, nothing.
pub(super) fn value(prop_type: u16, bytes: &[u8]) -> Result<Option<PropValue<'static>>> {
    Ok(Some(match prop_type {
        0x0002 => PropValue::I2(array(bytes, 0).map(i16::from_le_bytes)?),
        0x0003 => PropValue::Long(array(bytes, 0).map(i32::from_le_bytes)?),
        0x0004 => PropValue::R4(array(bytes, 0).map(f32::from_le_bytes)?),
        0x0005 => PropValue::Double(array(bytes, 0).map(f64::from_le_bytes)?),
        0x0006 => PropValue::Currency(array(bytes, 0).map(money)?),
        0x0007 => PropValue::AppTime(array(bytes, 0).map(f64::from_le_bytes)?),
        0x000B => PropValue::Boolean(array(bytes, 0).map(|[byte]| byte != 0)?),
        0x0014 => PropValue::I8(array(bytes, 0).map(i64::from_le_bytes)?),
        0x001E => PropValue::String8(until_nul(bytes.to_vec())),
        0x001F => PropValue::Unicode(until_nul(units(bytes))),
        0x0040 => PropValue::SysTime(array(bytes, 0).map(time)?),
        0x0048 => PropValue::Clsid(array(bytes, 0).map(guid)?),
        0x0102 => PropValue::from(bytes.to_vec()),
        0x1002 => PropValue::MvI2(each(bytes, i16::from_le_bytes).into()),
        0x1003 => PropValue::MvLong(each(bytes, i32::from_le_bytes).into()),
        0x1004 => PropValue::MvR4(each(bytes, f32::from_le_bytes).into()),
        0x1005 => PropValue::MvDouble(each(bytes, f64::from_le_bytes).into()),
        0x1006 => PropValue::MvCurrency(each(bytes, money).into()),
        0x1007 => PropValue::MvAppTime(each(bytes, f64::from_le_bytes).into()),
        0x1014 => PropValue::MvI8(each(bytes, i64::from_le_bytes).into()),
        0x1040 => PropValue::MvSysTime(each(bytes, time).into()),
        0x1048 => PropValue::MvClsid(each(bytes, guid).into()),
        0x101E => {
            let all = several(bytes)?.into_iter();
            PropValue::MvString8(all.map(|part| until_nul(part.to_vec())).collect())
        }
        0x101F => {
            let all = several(bytes)?.into_iter();
            PropValue::MvUnicode(all.map(|part| until_nul(units(part))).collect())
        }
        0x1102 => {
            let all = several(bytes)?.into_iter();
            PropValue::MvBinary(all.map(|part| Cow::Owned(part.to_vec())).collect())
        }
        _ => return Ok(None),
    }))
}

/// Values of equal length, one after the other.
fn each<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (all, _) = bytes.as_chunks::<N>();
    all.iter().map(|value| read(*value)).collect()
}

/// Values of any length: how many, where each begins, and then the values themselves.
fn several(bytes: &[u8]) -> Result<Vec<&[u8]>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let count = u32_at(bytes, 0)? as usize;
    // Each takes at least four bytes, so a damaged count is not believed.
    if count > bytes.len() / 4 {
        return Err(damaged("a list claims more values than fit into it"));
    }
    let begin = |number: usize| u32_at(bytes, 4 + 4 * number).map(|at| at as usize);
    let value = |number: usize| {
        let first = begin(number)?;
        let end = if number + 1 < count {
            begin(number + 1)?
        } else {
            bytes.len()
        };
        let length = end.checked_sub(first);
        part(
            bytes,
            first,
            length.ok_or_else(|| damaged("a list is out of order"))?,
        )
    };
    (0..count).map(value).collect()
}

fn units(bytes: &[u8]) -> Vec<u16> {
    each(bytes, u16::from_le_bytes)
}

/// A string ends at its NUL, wherever that is.
fn until_nul<T: Copy + Default + PartialEq>(mut text: Vec<T>) -> Cow<'static, [T]> {
    let end = text.iter().position(|unit| *unit == T::default());
    text.truncate(end.unwrap_or(text.len()));
    Cow::Owned(text)
}

fn time(bytes: [u8; 8]) -> FileTime {
    FileTime::from_ticks(u64::from_le_bytes(bytes))
}

fn money(bytes: [u8; 8]) -> Currency {
    Currency::from_ten_thousandths(i64::from_le_bytes(bytes))
}

/// A GUID as it is in files.
pub(in crate::pst_file) fn guid(bytes: [u8; 16]) -> GUID {
    GUID::from_u128(u128::from_be_bytes([
        bytes[3], bytes[2], bytes[1], bytes[0], bytes[5], bytes[4], bytes[7], bytes[6], bytes[8],
        bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15],
    ]))
}
