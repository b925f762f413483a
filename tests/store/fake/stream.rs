//! Streams of properties. They read in small pieces, so nobody can rely on getting everything at
//! once.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, ISequentialStream_Impl, IStream, IStream_Impl, PropTag, S_OK, STATSTG,
    STG_E_ACCESSDENIED, STG_E_INVALIDFUNCTION, STREAM_SEEK_CUR, STREAM_SEEK_END, StreamCommitFlags,
};
use mapi_provider::object::Object;
use mapi_provider::view::{PropValue, Property};

use super::{Lie, State, World, lock};

/// The most that one call reads or writes.
const PIECE: usize = 5000;

#[derive(MapiObject)]
#[mapi(implements(IStream))]
pub(super) struct Stream {
    world: Arc<World>,
    /// Where the property is; `None` for a stream that is only read.
    to: Option<Arc<Mutex<State>>>,
    tag: PropTag,
    inner: Mutex<(Vec<u8>, usize)>,
}

impl Stream {
    pub(super) fn reading(world: &Arc<World>, tag: PropTag, bytes: Vec<u8>) -> Self {
        Self::new(world, tag, bytes, None)
    }

    pub(super) fn writing(world: &Arc<World>, tag: PropTag, to: &Arc<Mutex<State>>) -> Self {
        Self::new(world, tag, Vec::new(), Some(Arc::clone(to)))
    }

    fn new(
        world: &Arc<World>,
        tag: PropTag,
        bytes: Vec<u8>,
        to: Option<Arc<Mutex<State>>>,
    ) -> Self {
        world.object_made();
        Self {
            world: Arc::clone(world),
            to,
            tag,
            inner: Mutex::new((bytes, 0)),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.world.object_gone();
    }
}

impl ISequentialStream_Impl for Stream {
    unsafe fn Read(this: &Object<Self>, pv: *mut c_void, cb: u32, count: *mut u32) -> HRESULT {
        match this.world.called("Read") {
            Some(Lie::Fail(status)) => return status,
            Some(Lie::Nothing) => return S_OK,
            Some(Lie::More) => {
                // SAFETY: the caller's variable.
                unsafe { count.write_unaligned(cb + 1) };
                return S_OK;
            }
            None => {}
        }
        let mut inner = lock(&this.inner);
        let (bytes, position) = &mut *inner;
        let rest = bytes.get(*position..).unwrap_or_default();
        let piece = &rest[..rest.len().min(cb as usize).min(PIECE)];
        // SAFETY: the caller has room for as many bytes, and a variable.
        unsafe {
            pv.cast::<u8>()
                .copy_from_nonoverlapping(piece.as_ptr(), piece.len());
            count.write_unaligned(piece.len() as u32);
        }
        *position += piece.len();
        S_OK
    }

    unsafe fn Write(this: &Object<Self>, pv: *const c_void, cb: u32, count: *mut u32) -> HRESULT {
        match this.world.called("Write") {
            Some(Lie::Fail(status)) => return status,
            Some(Lie::Nothing) => return S_OK,
            Some(Lie::More) => {
                // SAFETY: the caller's variable.
                unsafe { count.write_unaligned(cb + 1) };
                return S_OK;
            }
            None => {}
        }
        if this.to.is_none() {
            return STG_E_ACCESSDENIED;
        }
        let length = (cb as usize).min(PIECE);
        // SAFETY: the caller's bytes.
        let piece = unsafe { std::slice::from_raw_parts(pv.cast::<u8>(), length) };
        let mut inner = lock(&this.inner);
        let (bytes, position) = &mut *inner;
        let end = *position + length;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[*position..end].copy_from_slice(piece);
        *position = end;
        // SAFETY: the caller's variable.
        unsafe { count.write_unaligned(length as u32) };
        S_OK
    }
}

impl IStream_Impl for Stream {
    unsafe fn Seek(this: &Object<Self>, by: i64, origin: u32, new: *mut u64) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("Seek") {
            return status;
        }
        let mut inner = lock(&this.inner);
        let from = match origin {
            STREAM_SEEK_CUR => inner.1 as i64,
            STREAM_SEEK_END => inner.0.len() as i64,
            _ => 0,
        };
        let Ok(position) = usize::try_from(from + by) else {
            return STG_E_INVALIDFUNCTION;
        };
        inner.1 = position;
        // SAFETY: the caller's variable.
        unsafe { new.write_unaligned(position as u64) };
        S_OK
    }

    unsafe fn SetSize(this: &Object<Self>, size: u64) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("SetSize") {
            return status;
        }
        lock(&this.inner).0.resize(size as usize, 0);
        S_OK
    }

    unsafe fn Commit(this: &Object<Self>, _: StreamCommitFlags) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("Commit") {
            return status;
        }
        let Some(to) = &this.to else {
            return STG_E_ACCESSDENIED;
        };
        let bytes = lock(&this.inner).0.clone();
        let value = match this.tag.prop_type() {
            mapi_provider::abi::PT_UNICODE => {
                let units = bytes.chunks_exact(2);
                let units = units.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                PropValue::Unicode(units.collect())
            }
            mapi_provider::abi::PT_STRING8 => PropValue::String8(bytes.into()),
            _ => PropValue::Binary(bytes.into()),
        };
        lock(to).set(Property::new(this.tag, value));
        S_OK
    }

    unsafe fn Stat(this: &Object<Self>, stat: *mut STATSTG, _: u32) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("Stat") {
            return status;
        }
        let size = lock(&this.inner).0.len() as u64;
        // SAFETY: the caller's structure.
        unsafe { (&raw mut (*stat).cbSize).write_unaligned(size) };
        S_OK
    }
}

/// The bytes of a value.
pub(super) fn bytes_of(value: &PropValue<'_>) -> Option<Vec<u8>> {
    match value {
        PropValue::String8(text) => Some(text.to_vec()),
        PropValue::Unicode(text) => Some(text.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        PropValue::Binary(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}
