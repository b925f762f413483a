//! The stream of a property that no computer would like to have in memory.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ISequentialStream_Impl, IStream, IStream_Impl, S_OK, STATSTG, STG_E_ACCESSDENIED,
    STG_E_INVALIDFUNCTION, STREAM_SEEK_SET, StreamCommitFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::HRESULT;

use super::message::State;
use crate::locks::lock;

/// The object: so many bytes, and how many of them were read.
#[derive(MapiObject)]
#[mapi(implements(IStream))]
pub(super) struct LargeStream {
    owner: Arc<Mutex<State>>,
    size: u64,
    position: Mutex<u64>,
}

impl LargeStream {
    pub(super) fn open(owner: &Arc<Mutex<State>>, size: u64) -> IStream {
        let stream = ObjectRef::new(Self {
            owner: Arc::clone(owner),
            size,
            position: Mutex::new(0),
        });
        stream.into_interface()
    }
}

impl ISequentialStream_Impl for LargeStream {
    unsafe fn Read(this: &Object<Self>, to: *mut c_void, most: u32, read: *mut u32) -> HRESULT {
        let mut position = lock(&this.position);
        let count = u64::from(most).min(this.size.saturating_sub(*position));
        *position += count;
        lock(&this.owner).streamed += count;
        // SAFETY: the caller answers for the room, and for the place for the number, which may be NULL.
        unsafe {
            to.cast::<u8>().write_bytes(b'a', count as usize);
            if let Some(read) = read.as_mut() {
                *read = count as u32;
            }
        }
        S_OK
    }

    unsafe fn Write(
        _: &Object<Self>,
        _bytes: *const c_void,
        _count: u32,
        _written: *mut u32,
    ) -> HRESULT {
        STG_E_ACCESSDENIED
    }
}

impl IStream_Impl for LargeStream {
    unsafe fn Seek(this: &Object<Self>, to: i64, origin: u32, new: *mut u64) -> HRESULT {
        let Some(to) = u64::try_from(to).ok().filter(|_| origin == STREAM_SEEK_SET) else {
            return STG_E_INVALIDFUNCTION;
        };
        *lock(&this.position) = to;
        // SAFETY: the place is NULL or the caller's.
        if let Some(new) = unsafe { new.as_mut() } {
            *new = to;
        }
        S_OK
    }

    unsafe fn SetSize(_: &Object<Self>, _size: u64) -> HRESULT {
        STG_E_ACCESSDENIED
    }

    unsafe fn CopyTo(
        _: &Object<Self>,
        _to: *mut c_void,
        _count: u64,
        _read: *mut u64,
        _written: *mut u64,
    ) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }

    unsafe fn Commit(_: &Object<Self>, _flags: StreamCommitFlags) -> HRESULT {
        S_OK
    }

    unsafe fn Revert(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn LockRegion(_: &Object<Self>, _at: u64, _count: u64, _kind: u32) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }

    unsafe fn UnlockRegion(_: &Object<Self>, _at: u64, _count: u64, _kind: u32) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }

    unsafe fn Stat(this: &Object<Self>, about: *mut STATSTG, _flags: u32) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL; all zeros is a value of every field.
        unsafe {
            about.write_bytes(0, 1);
            (*about).cbSize = this.size;
        }
        S_OK
    }

    unsafe fn Clone(_: &Object<Self>, _out: *mut *mut c_void) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }
}
