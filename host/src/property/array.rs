//! Properties in memory, in MAPI's form.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use mapi_provider::abi::SPropValue;
use windows_core::HRESULT;

use super::Property;
use crate::memory::Ledger;

/// Properties in the host's own memory, in MAPI's form: what a client passes to `SetProps`.
pub struct PropertyArray {
    values: Vec<SPropValue>,
    /// What the values point to; in units of eight bytes, so everything in it is aligned.
    _buffers: Vec<Vec<u64>>,
}

// SAFETY: the pointers are to buffers that the array owns.
unsafe impl Send for PropertyArray {}

impl PropertyArray {
    /// The properties in MAPI's form.
    pub fn new(properties: &[Property]) -> Self {
        let mut buffers = Vec::new();
        let mut place = |bytes: &[u8]| {
            let mut buffer = vec![0_u64; bytes.len() / 8 + 1];
            let start = NonNull::from(buffer.as_mut_slice()).cast::<u8>();
            // SAFETY: the buffer has room for the bytes, and is not the one they are in.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start.as_ptr(), bytes.len()) };
            buffers.push(buffer);
            Ok(start)
        };
        let values = properties.iter().filter_map(|property| {
            let value = property.value.write(&mut place).ok()?;
            Some(SPropValue {
                ulPropTag: property.tag(),
                dwAlignPad: 0,
                Value: value,
            })
        });
        Self {
            values: values.collect(),
            _buffers: buffers,
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.values.len() as u32
    }

    /// The first of them, as MAPI's methods want it; NULL if there is none.
    pub fn as_mut_ptr(&mut self) -> *mut SPropValue {
        if self.values.is_empty() {
            ptr::null_mut()
        } else {
            self.values.as_mut_ptr()
        }
    }
}

/// Writes properties into one buffer of MAPI's allocators.
pub(crate) fn allocate_properties(
    ledger: &Ledger,
    origin: &'static str,
    properties: &[Property],
) -> Result<NonNull<SPropValue>, HRESULT> {
    let root = ledger.host_buffer(size_of::<SPropValue>() * properties.len(), origin)?;
    let write = |index: usize, property: &Property| {
        let value = property.value.write(|bytes| {
            let child = ledger.host_more(bytes.len(), root)?;
            // SAFETY: a buffer of just that many bytes was allocated.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), child.as_ptr(), bytes.len()) };
            Ok(child)
        })?;
        let value = SPropValue {
            ulPropTag: property.tag(),
            dwAlignPad: 0,
            Value: value,
        };
        // SAFETY: the root has room for as many as there are properties.
        unsafe { root.cast::<SPropValue>().add(index).write(value) };
        Ok(())
    };
    for (index, property) in properties.iter().enumerate() {
        if let Err(status) = write(index, property) {
            // A root that was just made can be freed.
            let _ = ledger.free(root.as_ptr().cast::<c_void>());
            return Err(status);
        }
    }
    Ok(root.cast())
}
