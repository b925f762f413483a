//! The stream object: IStream over the bytes of a property.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, Weak};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    FILETIME, GUID, HRESULT, ISequentialStream, ISequentialStream_Impl, IStream, IStream_Impl,
    Interface, MAPI_E_COMPUTED, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND,
    OpenPropertyFlags, PT_BINARY, PT_STRING8, PT_UNICODE, PropTag, S_OK, STATSTG,
    STG_E_ACCESSDENIED, STG_E_INVALIDFUNCTION, STG_E_INVALIDPOINTER, STG_E_MEDIUMFULL, STGM_READ,
    STGM_READWRITE, STGM_TRANSACTED, STGTY_STREAM, STREAM_SEEK_CUR, STREAM_SEEK_END,
    STREAM_SEEK_SET, StreamCommitFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::PropValue;

use super::shared::lock;
use crate::db::converted;
use crate::fault::{Fault, Result};

/// An object whose properties are opened as streams.
pub(super) trait Owner: Send + Sync {
    /// The value of a property.
    fn value(&self, id: u16) -> Result<Option<PropValue<'static>>>;

    /// Whether a property is computed.
    fn is_computed(&self, id: u16) -> bool;

    /// Whether the object may be changed.
    fn is_writable(&self) -> bool;

    /// Makes what a stream holds the value of a property.
    fn set_value(&self, tag: PropTag, value: PropValue<'static>) -> Result<()>;

    /// Registers a stream to be written back before the object is saved.
    fn add_pending(&self, stream: Weak<dyn Pending>) {
        let _ = stream;
    }
}

/// Changes that are elsewhere until the object is saved: those of streams.
pub(super) trait Pending: Send + Sync {
    /// Adds them to the object.
    fn flush(&self);
}

/// The maximum size of a stream, in bytes.
const LARGEST: u64 = 1 << 30;

/// How many bytes `CopyTo` takes at a time.
const PIECE: usize = 64 << 10;

/// What a stream and its clones share.
struct StreamState {
    owner: Arc<dyn Owner>,
    tag: PropTag,
    is_writable: bool,
    /// Only `Commit` writes back.
    is_transacted: bool,
    content: Mutex<Content>,
}

struct Content {
    bytes: Vec<u8>,
    is_changed: bool,
}

/// The bytes of a property, with a place in them.
#[derive(MapiObject)]
#[mapi(implements(IStream))]
struct StreamObject {
    state: Arc<StreamState>,
    position: Mutex<u64>,
}

/// `OpenProperty` of a string or binary property, by IStream.
pub(super) fn open(
    owner: Arc<dyn Owner>,
    tag: PropTag,
    iid: &GUID,
    options: u32,
    flags: OpenPropertyFlags,
) -> Result<*mut c_void> {
    let is_of_bytes = matches!(tag.prop_type(), PT_STRING8 | PT_UNICODE | PT_BINARY);
    let is_stream = [IStream::IID, ISequentialStream::IID].contains(iid);
    if !is_of_bytes || !is_stream {
        let text = format!("the property {tag} has no interface {iid:?}");
        return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
    }
    let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
    let writes = creates || flags.contains(OpenPropertyFlags::MAPI_MODIFY);
    if writes && owner.is_computed(tag.id()) {
        return Err(Fault::new(MAPI_E_COMPUTED, "the property is computed"));
    }
    if writes && !owner.is_writable() {
        let text = "the object is open for reading only";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text));
    }
    let bytes = if creates {
        Vec::new()
    } else {
        let value = owner.value(tag.id())?;
        let value = value.and_then(|value| converted(value, tag.prop_type()));
        bytes_of(value.ok_or(MAPI_E_NOT_FOUND)?)
    };
    let content = Content {
        bytes,
        // A created property exists even if nothing is written.
        is_changed: creates,
    };
    let state = Arc::new(StreamState {
        owner,
        tag,
        is_writable: writes,
        is_transacted: options & STGM_TRANSACTED != 0,
        content: Mutex::new(content),
    });
    if writes {
        let pending: Arc<dyn Pending> = state.clone();
        state.owner.add_pending(Arc::downgrade(&pending));
    }
    let stream = ObjectRef::new(StreamObject {
        state,
        position: Mutex::default(),
    });
    Ok(stream.into_interface::<IStream>().into_raw())
}

/// The bytes of a value, as a stream has them.
fn bytes_of(value: PropValue<'_>) -> Vec<u8> {
    match value {
        PropValue::Unicode(units) => units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        PropValue::String8(bytes) | PropValue::Binary(bytes) => bytes.into_owned(),
        _ => Vec::new(),
    }
}

/// The value of some bytes. A string ends at a NUL, as everywhere else.
fn value_of(tag: PropTag, bytes: &[u8]) -> PropValue<'static> {
    match tag.prop_type() {
        PT_UNICODE => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
            PropValue::Unicode(units.into())
        }
        PT_STRING8 => {
            let text = bytes.iter().copied().take_while(|byte| *byte != 0);
            PropValue::String8(text.collect::<Vec<u8>>().into())
        }
        _ => PropValue::from(bytes.to_vec()),
    }
}

impl StreamState {
    /// Makes the bytes the value of the property, if they have changed.
    fn write_back(&self) -> Result<()> {
        let value = {
            let mut content = lock(&self.content);
            if !content.is_changed {
                return Ok(());
            }
            content.is_changed = false;
            value_of(self.tag, &content.bytes)
        };
        self.owner.set_value(self.tag, value).inspect_err(|_| {
            lock(&self.content).is_changed = true;
        })
    }
}

impl Pending for StreamState {
    fn flush(&self) {
        if !self.is_transacted {
            // The object itself is being saved, and reports problems.
            let _ = self.write_back();
        }
    }
}

impl Drop for StreamState {
    fn drop(&mut self) {
        if self.is_writable {
            self.flush();
        }
    }
}

impl Content {
    /// Makes room for that many bytes.
    fn resize(&mut self, size: u64) -> Result<(), HRESULT> {
        let size = usize::try_from(size.min(LARGEST + 1)).unwrap_or(usize::MAX);
        if size as u64 > LARGEST {
            return Err(STG_E_MEDIUMFULL);
        }
        let more = size.saturating_sub(self.bytes.len());
        self.bytes.try_reserve(more).map_err(|_| STG_E_MEDIUMFULL)?;
        self.bytes.resize(size, 0);
        self.is_changed = true;
        Ok(())
    }

    fn write(&mut self, position: u64, bytes: &[u8]) -> Result<u64, HRESULT> {
        let end = position
            .checked_add(bytes.len() as u64)
            .ok_or(STG_E_MEDIUMFULL)?;
        if end > self.bytes.len() as u64 {
            self.resize(end)?;
        }
        // The end is within the bytes, and so within what can be addressed.
        self.bytes[position as usize..end as usize].copy_from_slice(bytes);
        self.is_changed = true;
        Ok(end)
    }

    /// The bytes from a place on, at most that many.
    fn part(&self, position: u64, count: usize) -> &[u8] {
        let from = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let to = from.saturating_add(count).min(self.bytes.len());
        &self.bytes[from..to]
    }
}

/// Writes to an out parameter, if there is one.
///
/// # Safety
///
/// NULL, or valid for a write.
unsafe fn tell<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not NULL, so valid by the caller's word.
        unsafe { *out = value };
    }
}

impl ISequentialStream_Impl for StreamObject {
    unsafe fn Read(this: &Object<Self>, pv: *mut c_void, cb: u32, pcbRead: *mut u32) -> HRESULT {
        if pv.is_null() {
            return STG_E_INVALIDPOINTER;
        }
        let mut position = lock(&this.position);
        let content = lock(&this.state.content);
        let part = content.part(*position, cb as usize);
        // SAFETY: the caller has room for as many bytes as it asks for. No more than that, so it fits.
        unsafe {
            ptr::copy_nonoverlapping(part.as_ptr(), pv.cast(), part.len());
            tell(pcbRead, part.len() as u32);
        }
        *position += part.len() as u64;
        S_OK
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
        if pv.is_null() {
            return STG_E_INVALIDPOINTER;
        }
        // SAFETY: the caller's word.
        let bytes = unsafe { std::slice::from_raw_parts(pv.cast::<u8>(), cb as usize) };
        let mut position = lock(&this.position);
        let written = lock(&this.state.content).write(*position, bytes);
        match written {
            Ok(end) => {
                *position = end;
                // SAFETY: NULL or the caller's to be written to.
                unsafe { tell(pcbWritten, cb) };
                S_OK
            }
            Err(status) => status,
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
        let sought = match dwOrigin {
            // From the beginning the number has no sign.
            STREAM_SEEK_SET => Some(dlibMove as u64),
            STREAM_SEEK_CUR => position.checked_add_signed(dlibMove),
            STREAM_SEEK_END => {
                let size = lock(&this.state.content).bytes.len() as u64;
                size.checked_add_signed(dlibMove)
            }
            _ => None,
        };
        let Some(sought) = sought else {
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
        match lock(&this.state.content).resize(libNewSize) {
            Ok(()) => S_OK,
            Err(status) => status,
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
        let mut left = cb;
        let (mut read, mut all_written) = (0_u64, 0_u64);
        let mut status = S_OK;
        while left > 0 {
            let count = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
            // Nothing is locked while the other stream is called.
            let piece = {
                let mut position = lock(&this.position);
                let piece = lock(&this.state.content).part(*position, count).to_vec();
                *position += piece.len() as u64;
                piece
            };
            if piece.is_empty() {
                break;
            }
            read += piece.len() as u64;
            left -= piece.len() as u64;
            let mut written = 0;
            // SAFETY: as many bytes as there are, and a live variable.
            status = unsafe { to.Write(piece.as_ptr().cast(), piece.len() as u32, &mut written) };
            all_written += u64::from(written);
            if status.is_err() || (written as usize) < piece.len() {
                break;
            }
        }
        // SAFETY: NULL or the caller's to be written to.
        unsafe {
            tell(pcbRead, read);
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

    unsafe fn Stat(this: &Object<Self>, pstatstg: *mut STATSTG, _grfStatFlag: u32) -> HRESULT {
        if pstatstg.is_null() {
            return STG_E_INVALIDPOINTER;
        }
        let none = FILETIME {
            dwLowDateTime: 0,
            dwHighDateTime: 0,
        };
        let stat = STATSTG {
            pwcsName: ptr::null_mut(),
            r#type: STGTY_STREAM,
            cbSize: lock(&this.state.content).bytes.len() as u64,
            mtime: none,
            ctime: none,
            atime: none,
            grfMode: if this.state.is_writable {
                STGM_READWRITE
            } else {
                STGM_READ
            },
            grfLocksSupported: 0,
            clsid: GUID::zeroed(),
            grfStateBits: 0,
            reserved: 0,
        };
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { pstatstg.write_unaligned(stat) };
        S_OK
    }

    unsafe fn Clone(this: &Object<Self>, ppstm: *mut *mut c_void) -> HRESULT {
        if ppstm.is_null() {
            return STG_E_INVALIDPOINTER;
        }
        let clone = ObjectRef::new(Self {
            state: Arc::clone(&this.state),
            position: Mutex::new(*lock(&this.position)),
        });
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *ppstm = clone.into_interface::<IStream>().into_raw() };
        S_OK
    }
}
