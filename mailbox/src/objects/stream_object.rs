//! The stream object: IStream, a position in what a [`StreamState`] holds.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::{
    FILETIME, GUID, HRESULT, ISequentialStream, ISequentialStream_Impl, IStream, IStream_Impl,
    Interface, S_OK, STATFLAG_NONAME, STATSTG, STG_E_ACCESSDENIED, STG_E_INVALIDFLAG,
    STG_E_INVALIDFUNCTION, STG_E_INVALIDPOINTER, STG_E_MEDIUMFULL, STG_E_READFAULT,
    STG_E_WRITEFAULT, STGM_READ, STGM_READWRITE, STGM_TRANSACTED, STGTY_STREAM, STREAM_SEEK_CUR,
    STREAM_SEEK_END, STREAM_SEEK_SET, StreamCommitFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};

use super::shared::lock;
use super::stream::StreamState;
use super::stream_bytes::PIECE;
use crate::database::{self, Error};

/// The bytes of a property, with a place in them.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IStream)))]
struct StreamObject {
    state: Arc<StreamState>,
    position: Mutex<u64>,
}
include!("objects/stream_object.rs");

/// A stream at its start.
pub(super) fn new(state: Arc<StreamState>) -> IStream {
    at(state, 0)
}

fn at(state: Arc<StreamState>, position: u64) -> IStream {
    let position = Mutex::new(position);
    ObjectRef::new(StreamObject { state, position }).into_interface()
}

impl StreamObject {
    /// Reads from where the stream stands, and moves it on.
    fn read(&self, to: &mut [u8]) -> database::Result<usize> {
        let mut position = lock(&self.position);
        let mut content = lock(&self.state.content);
        let count = content.bytes.read(self.state.store(), *position, to)?;
        *position += count as u64;
        Ok(count)
    }

    /// How many bytes lie after the position.
    fn left(&self) -> u64 {
        let position = *lock(&self.position);
        lock(&self.state.content)
            .bytes
            .size()
            .saturating_sub(position)
    }

    /// Writes where the stream stands, and moves it on.
    fn write(&self, bytes: &[u8]) -> database::Result<()> {
        let mut position = lock(&self.position);
        let end = position.checked_add(bytes.len() as u64);
        let too_far = Error::Invalid("a stream does not reach that far");
        let end = end.ok_or(too_far)?;
        // Nothing is written by writing nothing, wherever the stream stands.
        if !bytes.is_empty() {
            let mut content = lock(&self.state.content);
            content.changed();
            content.bytes.write(self.state.store(), *position, bytes)?;
        }
        *position = end;
        Ok(())
    }

    fn resize(&self, size: u64) -> database::Result<()> {
        let mut content = lock(&self.state.content);
        content.changed();
        content.bytes.resize(self.state.store(), size)
    }

    /// Where the stream would stand; none where that is before its start.
    fn sought(&self, from: u64, by: i64, origin: u32) -> Option<u64> {
        match origin {
            // From the start the number has no sign.
            STREAM_SEEK_SET => Some(by.cast_unsigned()),
            STREAM_SEEK_CUR => from.checked_add_signed(by),
            STREAM_SEEK_END => {
                let size = lock(&self.state.content).bytes.size();
                size.checked_add_signed(by)
            }
            _ => None,
        }
    }
}

/// What a stream says of a failure; `other` where there is no code for it.
fn failure(error: &Error, other: HRESULT) -> HRESULT {
    match error {
        Error::DiskFull | Error::Invalid(_) | Error::OutOfMemory => STG_E_MEDIUMFULL,
        _ => other,
    }
}

/// Writes to an out parameter, if there is one. One of 64 bits need not be aligned.
///
/// # Safety
///
/// NULL, or valid for a write.
unsafe fn tell<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not NULL, so valid by the caller's word.
        unsafe { out.write_unaligned(value) };
    }
}

impl ISequentialStream_Impl for StreamObject {
    unsafe fn Read(this: &Object<Self>, pv: *mut c_void, cb: u32, pcbRead: *mut u32) -> HRESULT {
        // No more room is touched than is needed: callers ask for more than there is.
        let count = this.left().min(u64::from(cb)).min(isize::MAX as u64) as usize;
        // SAFETY: the thunk has checked that it is not NULL, and there is room for as many bytes as the caller asks for. They are written before they are borrowed.
        let to = unsafe {
            pv.cast::<u8>().write_bytes(0, count);
            std::slice::from_raw_parts_mut(pv.cast::<u8>(), count)
        };
        let read = this.read(to);
        // SAFETY: NULL or the caller's to be written to.
        unsafe { tell(pcbRead, *read.as_ref().unwrap_or(&0) as u32) };
        read.map_or(STG_E_READFAULT, |_| S_OK)
    }

    unsafe fn Write(
        this: &Object<Self>,
        pv: *const c_void,
        cb: u32,
        pcbWritten: *mut u32,
    ) -> HRESULT {
        if !this.state.is_writable {
            return STG_E_ACCESSDENIED;
        }
        let Some(count) = usize::try_from(cb)
            .ok()
            .filter(|count| isize::try_from(*count).is_ok())
        else {
            return STG_E_MEDIUMFULL;
        };
        // SAFETY: the caller's word.
        let bytes = unsafe { std::slice::from_raw_parts(pv.cast::<u8>(), count) };
        match this.write(bytes) {
            Ok(()) => {
                // SAFETY: NULL or the caller's to be written to.
                unsafe { tell(pcbWritten, cb) };
                S_OK
            }
            Err(error) => failure(&error, STG_E_WRITEFAULT),
        }
    }
}

impl IStream_Impl for StreamObject {
    unsafe fn Seek(
        this: &Object<Self>,
        dlibMove: i64,
        dwOrigin: u32,
        plibNewPosition: *mut u64,
    ) -> HRESULT {
        let mut position = lock(&this.position);
        let Some(sought) = this.sought(*position, dlibMove, dwOrigin) else {
            return STG_E_INVALIDFUNCTION;
        };
        *position = sought;
        // SAFETY: NULL or the caller's to be written to.
        unsafe { tell(plibNewPosition, sought) };
        S_OK
    }

    unsafe fn SetSize(this: &Object<Self>, libNewSize: u64) -> HRESULT {
        if !this.state.is_writable {
            return STG_E_ACCESSDENIED;
        }
        match this.resize(libNewSize) {
            Ok(()) => S_OK,
            Err(error) => failure(&error, STG_E_WRITEFAULT),
        }
    }

    unsafe fn CopyTo(
        this: &Object<Self>,
        pstm: *mut c_void,
        cb: u64,
        pcbRead: *mut u64,
        pcbWritten: *mut u64,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let Some(to) = (unsafe { ISequentialStream::from_raw_borrowed(&pstm) }) else {
            return STG_E_INVALIDPOINTER;
        };
        // What there is now: a stream that is copied to its own end would have no end.
        let mut left = this.left().min(cb);
        let (mut all_read, mut all_written) = (0_u64, 0_u64);
        let mut status = S_OK;
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(PIECE));
            let count = match this.read(&mut piece[..most]) {
                Ok(0) => break,
                Ok(count) => count,
                Err(_) => {
                    status = STG_E_READFAULT;
                    break;
                }
            };
            all_read += count as u64;
            left -= count as u64;
            let mut written = 0;
            // SAFETY: as many bytes as there are, and a live variable. Nothing is locked.
            status = unsafe { to.Write(piece.as_ptr().cast(), count as u32, &mut written) };
            all_written += u64::from(written);
            if status.is_err() || (written as usize) < count {
                break;
            }
        }
        // SAFETY: NULL or the caller's to be written to.
        unsafe {
            tell(pcbRead, all_read);
            tell(pcbWritten, all_written);
        }
        status
    }

    unsafe fn Commit(this: &Object<Self>, _grfCommitFlags: StreamCommitFlags) -> HRESULT {
        match this.state.write_back() {
            Ok(()) => S_OK,
            Err(fault) => fault.status,
        }
    }

    unsafe fn Revert(this: &Object<Self>) -> HRESULT {
        match this.state.revert() {
            Ok(()) => S_OK,
            Err(fault) => fault.status,
        }
    }

    unsafe fn LockRegion(_: &Object<Self>, _libOffset: u64, _cb: u64, _dwLockType: u32) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }

    unsafe fn UnlockRegion(
        _: &Object<Self>,
        _libOffset: u64,
        _cb: u64,
        _dwLockType: u32,
    ) -> HRESULT {
        STG_E_INVALIDFUNCTION
    }

    unsafe fn Stat(this: &Object<Self>, pstatstg: *mut STATSTG, grfStatFlag: u32) -> HRESULT {
        if grfStatFlag > STATFLAG_NONAME {
            return STG_E_INVALIDFLAG;
        }
        let none = FILETIME {
            dwLowDateTime: 0,
            dwHighDateTime: 0,
        };
        let access = if this.state.is_writable {
            STGM_READWRITE
        } else {
            STGM_READ
        };
        let transacted = if this.state.is_transacted {
            STGM_TRANSACTED
        } else {
            0
        };
        let stat = STATSTG {
            pwcsName: ptr::null_mut(),
            r#type: STGTY_STREAM,
            cbSize: lock(&this.state.content).bytes.size(),
            mtime: none,
            ctime: none,
            atime: none,
            grfMode: access | transacted,
            grfLocksSupported: 0,
            clsid: GUID::zeroed(),
            grfStateBits: 0,
            reserved: 0,
        };
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { pstatstg.write_unaligned(stat) };
        S_OK
    }

    unsafe fn Clone(this: &Object<Self>, ppstm: *mut *mut c_void) -> HRESULT {
        let clone = at(Arc::clone(&this.state), *lock(&this.position));
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *ppstm = clone.into_raw() };
        S_OK
    }
}
